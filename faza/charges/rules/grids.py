"""Series of intervals, and the civil time in which they lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
DAY = 86400
EPOCH_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The intervals of a channel, ascending and without holes; all (n,).

    zone: IANA name, the point's. starts int64: unix seconds. minutes: of each interval. values:
    Wh, 0 where there is none. quality uint8: core.Quality. As readings.queries.Profile has them.
    """

    zone: str
    starts: I64
    minutes: npt.NDArray[np.int16]
    values: I64
    quality: U8

    def within(self, low: int, high: int) -> Series:
        """The intervals that lie wholly in [low, high), unix seconds."""
        inside = slice(
            int(np.searchsorted(self.starts, low)),
            int(np.searchsorted(self.starts + self.minutes * np.int64(60), high, "right")),
        )
        return Series(
            self.zone, self.starts[inside], self.minutes[inside], self.values[inside],
            self.quality[inside],
        )  # fmt: skip


def civil(starts: I64, zone: str) -> tuple[I64, I64]:
    """(n,) the civil day of each moment in a zone, since 1970, and the minute of its wall clock."""
    numbers = starts // DAY
    offsets = np.zeros(len(starts), np.int64)
    for number in np.unique(numbers).tolist():
        rows = slice(*np.searchsorted(numbers, [number, number + 1]).tolist())
        before, after = _offset(zone, number * DAY), _offset(zone, (number + 1) * DAY)
        if before == after:
            offsets[rows] = before
        else:
            offsets[rows] = [_offset(zone, moment) for moment in starts[rows].tolist()]
    local = starts + offsets
    return local // DAY, local % DAY // 60


def civil_of(series: Series, zone: str) -> tuple[I64, I64]:
    """`civil` of the starts of a series; kept for grids, which many series share. Read-only."""
    grid = grid_key(series)
    if grid is None or not len(series.starts):
        return civil(series.starts, zone)
    return _civil_of_grid(*grid[1:], zone)


@lru_cache(maxsize=512)
def _civil_of_grid(length: int, start: int, count: int, zone: str) -> tuple[I64, I64]:
    told = civil(start + np.arange(count) * (length * 60), zone)
    for array in told:
        array.flags.writeable = False
    return told


@lru_cache(maxsize=65536)
def _offset(zone: str, moment: int) -> int:
    told = datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return int(told.total_seconds()) if told else 0


def of_days(series: Series, first: date, end: date) -> Series:
    """The intervals that begin on the civil days [first, end)."""
    if not len(series.starts):
        return series
    days, _ = civil(series.starts[[0, -1]], series.zone)
    if days[0] >= number(first) and days[1] < number(end):
        return series
    days, _ = civil(series.starts, series.zone)
    inside = slice(*np.searchsorted(days, [number(first), number(end)]).tolist())
    return Series(
        series.zone, series.starts[inside], series.minutes[inside], series.values[inside],
        series.quality[inside],
    )  # fmt: skip


def grid_key(series: Series) -> tuple[str, int, int, int] | None:
    """What tells grids apart: zone, minutes, first start, number of intervals; None where they
    are of several lengths or have holes."""
    if not len(series.starts):
        return (series.zone, 0, 0, 0)
    length = int(series.minutes[0])
    start, last, n = int(series.starts[0]), int(series.starts[-1]), len(series.starts)
    if (series.minutes != length).any() or last - start != (n - 1) * length * 60:
        return None
    return (series.zone, length, start, n)


def number(day: date) -> int:
    return (day - EPOCH_DAY).days
