"""The civil buckets of a stretch of days: hours, days or months, in one zone or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.readings.queries.grid import Span, day_starts

I64 = npt.NDArray[np.int64]
Labels = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """A zone's days cut into pieces that lie in one bucket each: into hours, or not at all.

    days (d + 1,) int64: unix seconds at which the days begin, and the last one's end.
    first_piece, n_pieces (d,): the pieces of each day. pieces, ends (p,): from when to when.
    columns (p,): the bucket of each piece. day_of (p,): its day.
    """

    days: I64
    first_piece: I64
    n_pieces: I64
    pieces: I64
    ends: I64
    columns: I64
    day_of: I64

    def starts(self, n_buckets: int) -> I64:
        """(b,) unix seconds at which each bucket begins in the zone; -1 where it does not exist."""
        starts = np.full(n_buckets, -1, np.int64)
        starts[self.columns[::-1]] = self.pieces[::-1]
        return starts

    def expected(self, span: Span, intervals: I64, n_buckets: int) -> I64:
        """(b,) how many intervals lie wholly in a span, of days with intervals (d,) in minutes."""
        step = intervals[self.day_of] * 60
        length = self.ends - self.pieces
        low = -((self.pieces - span.low).clip(-length, 0) // step)
        high = (span.high - self.pieces).clip(0, length) // step
        counts = np.zeros(n_buckets, np.int64)
        np.add.at(counts, self.columns, (high - low).clip(min=0))
        return counts


def axes_of(zones: set[str], first: date, end: date, by: str) -> tuple[Labels, dict[str, Axis]]:
    """The labels of the buckets of [first, end), and each zone's days cut into them."""
    days = np.arange(np.datetime64(first), np.datetime64(end))
    if by == "hour":
        return _hours(zones, first, end)
    labels, columns = (days, np.arange(len(days)))
    if by == "month":
        labels, columns = np.unique(days.astype("datetime64[M]"), return_inverse=True)
    each, one = np.arange(len(days)), np.ones(len(days), np.int64)
    starts = {zone: day_starts(first, end, zone) for zone in zones}
    return labels, {
        zone: Axis(at, each, one, at[:-1], at[1:], columns, each) for zone, at in starts.items()
    }


def _hours(zones: set[str], first: date, end: date) -> tuple[Labels, dict[str, Axis]]:
    """Hours elapsed since the day's start; several zones share the union of their labels."""
    cut: dict[str, tuple[I64, I64, I64, I64, I64, I64]] = {}
    for zone in zones:
        days = day_starts(first, end, zone)
        number = -((days[:-1] - days[1:]) // 3600)
        day_of = np.repeat(np.arange(len(number)), number)
        first_piece = np.cumsum(number) - number
        pieces = days[day_of] + (np.arange(len(day_of)) - first_piece[day_of]) * 3600
        ends = np.minimum(pieces + 3600, days[day_of + 1])
        cut[zone] = days, first_piece, number, pieces, ends, day_of
    keys = {zone: _civil(zone, first, *parts) for zone, parts in _to_label(cut).items()}
    union = np.unique(np.concatenate([*keys.values(), np.zeros(0, np.int64)]))
    axes = {
        zone: Axis(
            days, first_piece, number, pieces, ends, np.searchsorted(union, keys[zone]), day_of
        )
        for zone, (days, first_piece, number, pieces, ends, day_of) in cut.items()
    }
    return (union // 2).astype("datetime64[s]"), axes


def _to_label(
    cut: Mapping[str, tuple[I64, I64, I64, I64, I64, I64]],
) -> dict[str, tuple[I64, I64, I64]]:
    return {
        zone: (pieces, day_of, number) for zone, (_, _, number, pieces, _, day_of) in cut.items()
    }


def _civil(zone: str, first: date, pieces: I64, day_of: I64, number: I64) -> I64:
    """Civil seconds of each piece times two, plus its fold: ascending, each once."""
    midnight = np.datetime64(first, "s").astype(np.int64) + np.arange(len(number)) * 86400
    hour = np.arange(len(day_of)) - (np.cumsum(number) - number)[day_of]
    keys: I64 = (midnight[day_of] + hour * 3600) * 2
    tz = ZoneInfo(zone)
    # Where clocks change the label is asked for; there are two such days in a year at most.
    for piece in np.flatnonzero(number[day_of] != 24).tolist():
        local = datetime.fromtimestamp(int(pieces[piece]), tz)
        seconds = int(local.replace(tzinfo=UTC, fold=0).timestamp())
        keys[piece] = seconds * 2 + local.fold
    return keys
