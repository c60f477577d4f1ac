"""BlockBatch: many civil days of many channels as a struct of NumPy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from faza.core.periods import INTERVALS, minutes_of_day, start_of_day
from faza.core.quality import Quality, is_present

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U8 = npt.NDArray[np.uint8]
Days = npt.NDArray[np.datetime64]


class WrongInterval(Exception):
    """A block's number of values does not fit its day and interval."""


@dataclass(frozen=True, slots=True, eq=False)
class BlockBatch:
    """Civil days of channels, a row each.

    usage_points: (n,) int64. reading_types: (n,) int16, codes of core.ReadingType.
    days: (n,) datetime64[D], civil days in the usage point's zone.
    intervals: (n,) int16, minutes. lengths: (n,) int16, how many intervals the day has.
    values: (n, k) int64 in the reading type's quantum, on the primary side; 0 where none.
    quality: (n, k) uint8 Quality; MISSING where the delivery says "no value", UNTOLD where it
    says nothing, and in the cells past a row's length.
    """

    usage_points: I64
    reading_types: I16
    days: Days
    intervals: I16
    lengths: I16
    values: I64
    quality: U8

    def __len__(self) -> int:
        return len(self.usage_points)

    @classmethod
    def from_series(
        cls,
        *,
        usage_points: npt.ArrayLike,
        reading_types: npt.ArrayLike,
        start: datetime,
        interval: int,
        values: npt.ArrayLike,
        quality: npt.ArrayLike | None = None,
        zone: str,
    ) -> BlockBatch:
        """Cut regular series into civil days; the one place where that is done.

        values: (n, t) integers, series of n channels that all begin at the moment `start` and
        step by `interval` minutes. quality: (n, t) or None for all valid. A row that says
        nothing of a day gets no block of it.

        Raises WrongInterval where the series' grid does not meet the zone's midnight.
        """
        values = np.atleast_2d(np.asarray(values, dtype=np.int64))
        if quality is None:
            quality = np.zeros(values.shape, np.uint8)
        quality = np.atleast_2d(np.asarray(quality, dtype=np.uint8))
        usage_points = np.atleast_1d(np.asarray(usage_points, dtype=np.int64))
        reading_types = np.atleast_1d(np.asarray(reading_types, dtype=np.int16))
        if not (values.shape == quality.shape and len(values) == len(usage_points)):
            raise WrongInterval(
                f"{values.shape} values, {quality.shape} qualities, {len(usage_points)} rows"
            )
        step = timedelta(minutes=interval)
        plan = _cuts(start, values.shape[1], interval, zone)
        width = max((length for *_, length in plan), default=0)
        parts = []
        for day, offset, length in plan:
            block = np.zeros((len(values), width), np.int64)
            told = np.full((len(values), width), Quality.UNTOLD, np.uint8)
            here, there = max(offset, 0), max(-offset, 0)
            count = min(length - there, values.shape[1] - here)
            block[:, there : there + count] = values[:, here : here + count]
            told[:, there : there + count] = quality[:, here : here + count]
            rows = (told != Quality.UNTOLD).any(axis=1)
            parts.append((day, length, block[rows], told[rows], rows))
        if step <= timedelta(0) or interval not in INTERVALS:
            raise WrongInterval(f"an interval of {interval} minutes")
        sizes = [int(rows.sum()) for *_, rows in parts]
        block = np.concatenate([p[2] for p in parts]) if parts else np.zeros((0, 0), np.int64)
        told = np.concatenate([p[3] for p in parts]) if parts else np.zeros((0, 0), np.uint8)
        block[~is_present(told)] = 0
        return cls(
            usage_points=_joined([usage_points[p[4]] for p in parts], np.int64),
            reading_types=_joined([reading_types[p[4]] for p in parts], np.int16),
            days=np.repeat(np.array([p[0] for p in parts], "datetime64[D]"), sizes),
            intervals=np.full(sum(sizes), interval, np.int16),
            lengths=np.repeat(np.array([p[1] for p in parts], np.int16), sizes),
            values=block,
            quality=told,
        )

    @classmethod
    def concatenate(cls, batches: list[BlockBatch]) -> BlockBatch:
        """Several batches as one; shorter rows are padded."""
        shape = (sum(map(len, batches)), max((b.values.shape[1] for b in batches), default=0))

        def padded(array: npt.NDArray, fill: int) -> npt.NDArray:
            missing = shape[1] - array.shape[1]
            return np.pad(array, ((0, 0), (0, missing)), constant_values=fill)

        return cls(
            usage_points=_joined([b.usage_points for b in batches], np.int64),
            reading_types=_joined([b.reading_types for b in batches], np.int16),
            days=_joined([b.days for b in batches], "datetime64[D]"),
            intervals=_joined([b.intervals for b in batches], np.int16),
            lengths=_joined([b.lengths for b in batches], np.int16),
            values=_joined([padded(b.values, 0) for b in batches], np.int64).reshape(shape),
            quality=_joined([padded(b.quality, Quality.UNTOLD) for b in batches], np.uint8)
            .reshape(shape),
        )  # fmt: skip

    def take(self, rows: npt.NDArray | slice) -> BlockBatch:
        """Some of the rows, by index or mask."""
        return BlockBatch(
            self.usage_points[rows], self.reading_types[rows], self.days[rows],
            self.intervals[rows], self.lengths[rows], self.values[rows], self.quality[rows],
        )  # fmt: skip

    def sorted(self) -> BlockBatch:
        """Rows in the order of their key."""
        order = np.lexsort((self.days, self.reading_types, self.usage_points))
        return self if (np.diff(order) == 1).all() else self.take(order)

    def check(self) -> None:
        """Raise WrongInterval, naming the first block that does not fit."""
        if self.values.shape != self.quality.shape or len(self.values) != len(self):
            raise WrongInterval(f"{self.values.shape} values, {self.quality.shape} qualities")
        minutes = self.lengths.astype(np.int32) * self.intervals
        # Days of 22 to 26 hours exist: half-hours 44 to 52 (rules, "Time").
        wrong = (minutes < 22 * 60) | (minutes > 26 * 60) | ~np.isin(self.intervals, INTERVALS)
        wrong |= self.lengths > (self.values.shape[1] if len(self) else 0)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise WrongInterval(
                f"{self.usage_points[row]}/{self.reading_types[row]}/{self.days[row]}: "
                f"{self.lengths[row]} intervals of {self.intervals[row]} minutes"
            )

    def check_once(self) -> None:
        """Raise WrongInterval, naming the first block that comes twice; rows are sorted."""
        ids = self.ids()
        twice = (ids[1:] == ids[:-1]).all(axis=1)
        if twice.any():
            raise WrongInterval(f"{ids[int(np.argmax(twice))].tolist()} comes twice in a batch")

    def ids(self) -> npt.NDArray:
        """(n, 3) int64: usage point, reading type, day; equal rows are the same block."""
        days = self.days.astype("datetime64[D]").astype(np.int64)
        return np.column_stack([self.usage_points, self.reading_types.astype(np.int64), days])


def _joined(arrays: list[npt.NDArray], dtype: npt.DTypeLike) -> npt.NDArray:
    return np.concatenate(arrays).astype(dtype, copy=False) if arrays else np.zeros(0, dtype)


@lru_cache(maxsize=4096)
def _cuts(start: datetime, count: int, interval: int, zone: str) -> list[tuple[date, int, int]]:
    """Civil days that a series touches: (day, index of the day's start in it, day's length)."""
    if start.tzinfo is None:
        raise WrongInterval("a series needs an aware start")
    step = timedelta(minutes=interval)
    start = start.astimezone(UTC)
    end = start + step * count
    day = _civil_day(start, zone)
    cuts = []
    while (begins := start_of_day(day, zone)) < end:
        offset, rest = divmod(begins - start, step)
        minutes = minutes_of_day(day, zone)
        if rest or minutes % interval:
            raise WrongInterval(f"{day} in {zone} does not begin on a step of {interval} minutes")
        if minutes:
            cuts.append((day, offset, minutes // interval))
        day += timedelta(days=1)
    return cuts


def _civil_day(moment: datetime, zone: str) -> date:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo(zone)).date()
