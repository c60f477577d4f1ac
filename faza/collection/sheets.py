"""Stored days laid out on one line of time: what exports are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period, start_of_day
from faza.core.quality import Quality, is_present
from faza.core.reading_types import ReadingType
from faza.core.windows import Windows
from faza.readings.store.reading import Fetched, fetch

USUAL = 30
"""Minutes of an interval where nothing is stored that would tell."""
CELLS = 2_000_000
"""Cells of a sheet at most, as far as points can be parted: some 20 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Channels of usage points on one grid of time.

    points, kinds: (n,) of the rows. values (n, t) int64 in quanta; quality (n, t) uint8: MISSING
    where there is no value, UNTOLD where there is nothing to tell: outside the windows, and on
    days that have another interval.
    """

    start: datetime
    interval: int
    points: tuple[int, ...]
    kinds: tuple[ReadingType, ...]
    values: npt.NDArray[np.int64]
    quality: npt.NDArray[np.uint8]

    def column(self, moment: datetime) -> int:
        """The first column that begins at or after a moment; may lie outside."""
        return -((self.start - moment) // timedelta(minutes=self.interval))


def sheets(windows: Windows, kinds: Sequence[ReadingType], period: Period) -> list[Sheet]:
    """What is stored of channels within a period, a sheet for each interval that occurs.

    All sheets have the same rows: each point's kinds, points in order. One query for each zone.
    """
    points = windows.points
    zones = {window.usage_point: window.zone for window in windows}
    fetched = [
        (zone, fetch([p for p in points if zones[p] == zone], [k.code for k in kinds],
                     *period.days(zone)))
        for zone in sorted(set(zones.values()))
    ]  # fmt: skip
    found = [set(np.unique(days.intervals).tolist()) for _, days in fetched]
    intervals = sorted(set().union(*found)) or [USUAL]
    counts = {n: sum(int((d.intervals == n).sum()) for _, d in fetched) for n in intervals}
    main = max(intervals, key=lambda n: counts[n])
    return [
        _sheet(windows, kinds, period, fetched, interval, is_main=interval == main)
        for interval in intervals
    ]


def _sheet(
    windows: Windows,
    kinds: Sequence[ReadingType],
    period: Period,
    fetched: list[tuple[str, Fetched]],
    interval: int,
    *,
    is_main: bool,
) -> Sheet:
    points = windows.points
    step = timedelta(minutes=interval)
    shape = (len(points) * len(kinds), period.length // step)
    values = np.zeros(shape, np.int64)
    # Of a day that nobody has delivered the main sheet says that its values are missing.
    quality = np.full(shape, Quality.MISSING if is_main else Quality.UNTOLD, np.uint8)
    first = {point: n * len(kinds) for n, point in enumerate(points)}
    places = {kind.code: n for n, kind in enumerate(kinds)}
    for zone, days in fetched:
        rows = np.array(
            [first[p] + places[k] for p, k in zip(
                days.usage_points.tolist(), days.reading_types.tolist(), strict=True)],
            np.int64,
        )  # fmt: skip
        for day in np.unique(days.days):
            begins = start_of_day(day.astype(object), zone)
            offset, rest = divmod(begins - period.start, step)
            here = days.days == day
            for length in np.unique(days.lengths[here]).tolist():
                ours = here & (days.lengths == length)
                mine = ours & (days.intervals == interval)
                if is_main:
                    others = ours & ~mine & (days.intervals != interval)
                    for n in np.unique(days.intervals[others]).tolist():
                        span = length * n // interval
                        lo, hi = max(offset, 0), min(offset + span, shape[1])
                        quality[rows[others & (days.intervals == n)], lo:hi] = Quality.UNTOLD
                lo, hi = max(offset, 0), min(offset + length, shape[1])
                if mine.any() and lo < hi and not rest:
                    values[rows[mine], lo:hi] = days.values[mine, lo - offset : hi - offset]
                    quality[rows[mine], lo:hi] = days.quality[mine, lo - offset : hi - offset]
    quality[~_visible(windows, period, step, shape, len(kinds), first)] = Quality.UNTOLD
    values[~is_present(quality)] = 0
    return Sheet(
        period.start, interval, tuple(p for p in points for _ in kinds),
        tuple(kinds) * len(points), values, quality,
    )  # fmt: skip


def _visible(
    windows: Windows,
    period: Period,
    step: timedelta,
    shape: tuple[int, int],
    n_kinds: int,
    first: dict[int, int],
) -> npt.NDArray[np.bool_]:
    """Which cells lie wholly inside a window of their point."""
    visible = np.zeros(shape, bool)
    for window in windows:
        shared = window.period.intersect(period)
        if shared:
            lo = -((period.start - shared.start) // step)
            hi = (shared.end - period.start) // step
            row = first[window.usage_point]
            visible[row : row + n_kinds, lo:hi] = True
    return visible


def point_groups(windows: Windows, n_kinds: int, period: Period) -> Iterator[Windows]:
    """The windows in groups of points, few enough for one sheet."""
    per_point = max(1, n_kinds * (period.length // timedelta(minutes=USUAL)))
    size = max(1, CELLS // per_point)
    points = windows.points
    for start in range(0, len(points), size):
        yield windows.of_points(points[start : start + size])
