"""Which days have become other than they were: for reports and charges made from them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from faza.core.windows import Windows
from faza.readings import store

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
Days = npt.NDArray[np.datetime64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Changes of days, by usage point, reading type, day and moment; all (n,).

    changed_at int64: unix seconds. arrived bool: nothing was known of the day before; then there
    is neither reason nor anybody. reasons, by: why and by whom it was replaced.
    """

    usage_points: I64
    reading_types: I16
    days: Days
    changed_at: I64
    arrived: Mask
    reasons: tuple[str, ...]
    by: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.usage_points)


def changed_since(
    windows: Windows, reading_types: Collection[int], since: datetime, until: datetime
) -> Changes:
    """Days that share time with the windows and changed after `since`, up to `until`.

    Values or their quality are other, as `profiles` as of the two moments shows; a day that
    changed several times comes as often. Days of another origin and the same values do not come.
    One query.
    """
    bounds = [window.period.days(window.zone) for window in windows]
    if not bounds or not reading_types:
        return _changes([])
    rows = store.changes(
        windows.points, sorted(set(reading_types)), min(first for first, _ in bounds),
        max(end for _, end in bounds), (since, until),
    )  # fmt: skip
    # What began when something was replaced is told by that; what began by itself has arrived.
    replaced = {row[:4] for row in rows if not row[4]}
    found = _changes([row for row in rows if not (row[4] and row[:4] in replaced)])
    return _taken(found, _inside(found, windows, bounds))


def _changes(rows: list[tuple[Any, ...]]) -> Changes:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    return Changes(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.int16),
        np.array(columns[2], np.int64).astype("datetime64[D]"),
        np.array(columns[3], np.int64),
        np.array(columns[4], bool),
        tuple(columns[5]),
        tuple(columns[6]),
    )


def _inside(found: Changes, windows: Windows, bounds: list[tuple[date, date]]) -> Mask:
    """(n,) which changes are of days that a window of the point touches."""
    points = np.array([window.usage_point for window in windows], np.int64)
    first = np.array([b[0] for b in bounds], "datetime64[D]")
    end = np.array([b[1] for b in bounds], "datetime64[D]")
    place = np.searchsorted(points, found.usage_points, side="left")
    stop = np.searchsorted(points, found.usage_points, side="right")
    inside = np.zeros(len(found), bool)
    while len(rows := np.flatnonzero(place < stop)):
        at = place[rows]
        inside[rows] |= (found.days[rows] >= first[at]) & (found.days[rows] < end[at])
        place[rows] += 1
    return inside


def _taken(found: Changes, chosen: Mask) -> Changes:
    if chosen.all():
        return found
    places = np.flatnonzero(chosen).tolist()
    return Changes(
        found.usage_points[chosen], found.reading_types[chosen], found.days[chosen],
        found.changed_at[chosen], found.arrived[chosen],
        tuple(found.reasons[place] for place in places),
        tuple(found.by[place] for place in places),
    )  # fmt: skip
