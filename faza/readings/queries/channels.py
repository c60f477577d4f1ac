"""The channels of an answer as rows of its arrays: usage points times reading types."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from faza.readings.queries.grid import Span, by_span, ranges
from faza.readings.store.reading import among, day_param, rows

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]


NEAR = timedelta(days=45)
"""How far from the days asked for a stored day still tells the length of intervals."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Where stored days belong, all (r,): channel, day counted from the first one, minutes.

    In the order of channels and days, as the store gives them.
    """

    channels: I64
    days: I64
    intervals: I64


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """p points x t reading types, both ascending: channel = place of the point x t + of the type.

    members: of each span the places of its points.
    """

    points: I64
    kinds: I16
    first: date
    members: dict[Span, I64]

    @classmethod
    def of(cls, spans: list[tuple[int, Span]], kinds: Sequence[int], first: date) -> Channels:
        points = np.unique(np.array([point for point, _ in spans], np.int64))
        members = {
            span: np.searchsorted(points, np.array(of_span, np.int64))
            for span, of_span in by_span(spans).items()
        }
        return cls(points, np.array(kinds, np.int16), first, members)

    def __len__(self) -> int:
        return len(self.points) * len(self.kinds)

    @property
    def usage_points(self) -> I64:
        """(channels,) the usage point of each."""
        return np.repeat(self.points, len(self.kinds))

    @property
    def reading_types(self) -> I16:
        """(channels,) the reading type of each."""
        return np.tile(self.kinds, len(self.points))

    def place(
        self, points: I64, kinds: I16, days: npt.NDArray[np.datetime64], intervals: I16
    ) -> Rows:
        """Where stored days belong."""
        width = len(self.kinds)
        return Rows(
            np.searchsorted(self.points, points) * width + np.searchsorted(self.kinds, kinds),
            (days - np.datetime64(self.first)).astype(np.int64),
            intervals.astype(np.int64),
        )

    def rows_of(self, rows: Rows, members: I64) -> I64:
        """Numbers of the rows of some points."""
        if len(members) == len(self.points):
            return np.arange(len(rows.channels))
        width = len(self.kinds)
        low = np.searchsorted(rows.channels, members * width)
        return ranges(low, np.searchsorted(rows.channels, (members + 1) * width))


def intervals_near(
    channels: Collection[tuple[int, int]], first: date, end: date
) -> dict[tuple[int, int], int]:
    """Minutes of the intervals of (usage point, reading type) that have no day in [first, end).

    Those of the nearest stored day; absent where none is near. One query, none for no channels.
    """
    if not channels:
        return {}
    of_points, point_param = among("usage_point_id", {point for point, _ in channels})
    of_types, type_param = among("reading_type", {kind for _, kind in channels})
    found = rows(
        "SELECT usage_point_id, reading_type, interval,"  # noqa: S608 (store's conditions)
        " max(CASE WHEN day < %s THEN day END), min(CASE WHEN day >= %s THEN day END)"
        f" FROM readings_block WHERE {of_points} AND {of_types} AND day >= %s AND day < %s"
        " GROUP BY usage_point_id, reading_type, interval",
        (
            day_param(first), day_param(end), point_param, type_param,
            day_param(first - NEAR), day_param(end + NEAR),
        ),
    )  # fmt: skip
    nearest: dict[tuple[int, int], tuple[int, int]] = {}
    for point, kind, interval, before, after in found:
        edges = ((before, first), (after, end - timedelta(days=1)))
        far = [abs((to_day(day) - edge).days) for day, edge in edges if day]
        candidate = (min(far, default=NEAR.days), interval)
        key = (point, kind)
        nearest[key] = min(nearest.get(key, candidate), candidate)
    return {key: interval for key, (_, interval) in nearest.items()}


def to_day(day: date | str) -> date:
    """A day as the engine's driver gives it."""
    return date.fromisoformat(day) if isinstance(day, str) else day
