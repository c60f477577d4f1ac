"""Delivered days of channels in a stretch of time, absent ones among them, as rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality, is_present
from faza.core.reading_types import BY_CODE
from faza.readings import store
from faza.readings.blocks import BlockBatch
from faza.readings.queries.grid import ranges
from faza.readings.vee.points import TOP, Point, midnights_of

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

NEVER = 10**6
STILL_READ = 42
"""Days after its last data in which a channel is still expected to bring some."""


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """Days as delivered, in the order of their key, without a break between a channel's days.

    batch: quality UNTOLD past a day's length, and in whole days of which nothing is stored;
    MISSING where a stored day has no value. stored (n,): there is a row of the day.
    arrived (n,): unix seconds at which the delivered day was recorded, 0 where there is none.
    """

    batch: BlockBatch
    stored: Mask
    arrived: I64

    def __len__(self) -> int:
        return len(self.batch)


def fetch(
    points: Mapping[int, Point],
    first: date,
    end: date,
    *,
    now: datetime,
    kinds: Collection[int] = tuple(BY_CODE),
) -> Delivered:
    """The days [first, end) of points. One query.

    A channel's days go from its first one in that time to its last one, or to yesterday where
    it is still read, or to the last one that something was laid over.
    """
    found = store.fetch_delivered(points, kinds, first, end)
    if not len(found):
        return _none(found)
    edge = _edges(found.usage_points, found.reading_types)
    of_row = np.repeat(np.arange(len(edge)), np.diff(np.append(edge, len(found))))
    number = found.days.astype(np.int64)
    # Days that were estimated, or told to have nothing, are stored too: they are not data.
    has = is_present(found.quality).any(axis=1)
    begins = np.minimum.reduceat(np.where(has, number, NEVER), edge)
    ends = np.maximum.reduceat(np.where(has, number, -1), edge)
    owners = found.usage_points[edge].tolist()
    tails = {point: _tail(points[point], end, now) for point in set(owners)}
    tail = np.array([tails[point] for point in owners], np.int64)
    ends = np.maximum(ends, np.minimum(tail, ends + STILL_READ))
    # What was estimated before a meter's removal was told is to be met again.
    ends = np.maximum(ends, np.maximum.reduceat(number, edge))
    counts = np.where(begins < NEVER, ends - begins + 1, 0)
    days = ranges(begins, begins + counts)
    offsets = np.cumsum(counts) - counts
    channel = np.repeat(np.arange(len(edge)), counts)
    rows = np.flatnonzero((number >= begins[of_row]) & (number <= ends[of_row]))
    places = (offsets - begins)[of_row[rows]] + number[rows]
    return _laid(found, points, edge, channel, days.astype("datetime64[D]"), rows, places)


def _laid(
    found: store.Fetched, points: Mapping[int, Point], edge: I64, channel: I64, days: Days,
    rows: I64, places: I64,
) -> Delivered:  # fmt: skip
    """Stored days `rows` at their places among all days (n,) of channels."""
    n = len(days)
    stored = np.zeros(n, bool)
    stored[places] = True
    # Of an absent day: as the last one before it, for each channel's first day is stored.
    before = np.maximum.accumulate(np.where(stored, np.arange(n), 0))
    source = np.zeros(n, np.int64)
    source[places] = rows
    usage_points = found.usage_points[edge][channel]
    reading_types = found.reading_types[edge][channel].astype(np.int16)
    intervals = found.intervals[source[before]].astype(np.int16)
    lengths = _lengths(usage_points, days, intervals, points)
    lengths[places] = found.lengths[rows]
    width = max(int(lengths.max(initial=0)), found.values.shape[1])
    values = np.zeros((n, width), np.int64)
    quality = np.full((n, width), Quality.UNTOLD, np.uint8)
    values[places, : found.values.shape[1]] = found.values[rows]
    quality[places, : found.values.shape[1]] = found.quality[rows]
    arrived = np.zeros(n, np.int64)
    if found.recorded_at is not None:
        arrived[places] = found.recorded_at[rows]
    batch = BlockBatch(usage_points, reading_types, days, intervals, lengths, values, quality)
    return Delivered(batch, stored, arrived)


def _none(found: store.Fetched) -> Delivered:
    empty = np.zeros(0, np.int64)
    batch = BlockBatch(
        found.usage_points, found.reading_types.astype(np.int16), found.days,
        found.intervals.astype(np.int16), found.lengths.astype(np.int16), found.values,
        found.quality,
    )  # fmt: skip
    return Delivered(batch, np.zeros(0, bool), empty)


def _edges(points: I64, kinds: I16) -> I64:
    """The first row of each channel."""
    return np.flatnonzero(np.append(True, (points[1:] != points[:-1]) | (kinds[1:] != kinds[:-1])))


def _tail(point: Point, end: date, now: datetime) -> int:
    """The last day, since 1970, of which a meter at the point is expected to tell."""
    yesterday = now.astimezone(ZoneInfo(point.zone)).date() - timedelta(days=1)
    last = min(yesterday, end - timedelta(days=1))
    if point.billing:
        stands = max(one.end for one in point.billing)
        if stands < TOP:
            closed = datetime.fromtimestamp(max(stands - 1, 0), UTC)
            last = min(last, closed.astimezone(ZoneInfo(point.zone)).date())
    return (last - date(1970, 1, 1)).days


def _lengths(usage_points: I64, days: Days, intervals: I16, points: Mapping[int, Point]) -> I16:
    """(n,) how many intervals civil days have in their points' zones."""
    minutes = np.full(len(days), 1440, np.int64)
    zones = np.array([points[point].zone for point in usage_points.tolist()])
    for zone in np.unique(zones).tolist():
        mine = zones == zone
        starts = midnights_of(days[mine], zone)
        ends = midnights_of(days[mine] + 1, zone)
        minutes[mine] = (ends - starts) // 60
    found: I16 = (minutes // intervals).astype(np.int16)
    return found
