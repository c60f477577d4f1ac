"""What tables carry: interval series and register readings; and what may be forced on a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt

from faza.core.quality import U8, Quality
from faza.core.reading_types import ReadingType
from faza.core.units import I64

Stamps = Literal["start", "end"]
Bools = npt.NDArray[np.bool_]
Moments = npt.NDArray[np.datetime64]

SINGLE = ("WATER", "GAS", "HEAT")
"""Channels of meters with one register, T0."""
REGISTERS = ("A+", "A-", "R+", "R-", *SINGLE)
TARIFFS = 9
"""T0 (the sum) to T8 (СПОДЭС has up to 8 tariffs): the last axis of a register reading."""


class Layout(StrEnum):
    """How a table of interval values is laid out.

    LONG: a row per value. WIDE_POINTS: a row per moment, a column per point. WIDE_DAY: a row per
    point and day, a column per interval.
    """

    LONG = "long"
    WIDE_POINTS = "wide-points"
    WIDE_DAY = "wide-day"


@dataclass(frozen=True, slots=True)
class Options:
    """What is known beforehand; None is found out from the file.

    `zone` is the IANA zone of naive moments, and of the civil days that a carried remainder
    starts anew in. `stamped`: whether a value's moment is its interval's start or end;
    `stamped_default` is taken where the file does not tell, and a note says so. `channel` and
    `unit` are of files that name none. `unit`: "kWh", "MWh", "Wh", "kW", "MW", "W", and the
    reactive ones. `interval` in minutes. `sheet` is a name; None reads all of a workbook.
    """

    encoding: str | None = None
    separator: str | None = None
    zone: str = "Europe/Moscow"
    stamped: Stamps | None = None
    stamped_default: Stamps = "start"
    unit: str | None = None
    channel: str | None = None
    layout: Layout | None = None
    interval: int | None = None
    sheet: str | None = None
    point: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A regular series of one channel of one point, as the file names them.

    `start` is aware, UTC: the first interval's start; steps of `interval` minutes.
    values: (t,) int64 in the reading type's quantum, 0 where none. quality: (t,) uint8; UNTOLD
    between stretches that the file tells, MISSING where it says "no value". `rounded`: how many
    values were finer than the quantum; the remainder is carried within the civil day.
    `line`: the first of the file that tells of it, 0 if it was not read.
    """

    point: str
    reading_type: ReadingType
    start: datetime
    interval: int
    values: I64
    quality: U8
    rounded: int = 0
    line: int = 0

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.interval * len(self.values))


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Series that share a start, an interval and a length: one from_series call.

    points, reading_types: (n,). values: (n, t) int64. quality: (n, t) uint8.
    """

    start: datetime
    interval: int
    points: tuple[str, ...]
    reading_types: tuple[ReadingType, ...]
    values: I64
    quality: U8


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """All interval series of a file. A (point, channel) has several where it has a long gap."""

    series: tuple[Series, ...] = ()

    def stacks(self) -> list[Stack]:
        """Series by common interval, padded to a common span with UNTOLD where that is cheap."""
        stacks = []
        for interval in sorted({s.interval for s in self.series}):
            ours = [s for s in self.series if s.interval == interval]
            for group in _spans(ours):
                stacks.append(stack_of(group, interval))
        return stacks


PADDING = 4
"""A stack may have this many times the cells of its series."""


def _spans(series: list[Series]) -> list[list[Series]]:
    """One group of all if they share a grid and padding is cheap, else groups of equal spans."""
    step = timedelta(minutes=series[0].interval)
    first, last = min(s.start for s in series), max(s.end for s in series)
    cells = ((last - first) // step) * len(series)
    aligned = all(not (s.start - first) % step for s in series)
    if aligned and cells <= PADDING * sum(len(s.values) for s in series):
        return [series]
    groups: dict[tuple[datetime, int], list[Series]] = {}
    for s in series:
        groups.setdefault((s.start, len(s.values)), []).append(s)
    return list(groups.values())


def stack_of(series: list[Series], interval: int) -> Stack:
    step = timedelta(minutes=interval)
    start = min(s.start for s in series)
    width = (max(s.end for s in series) - start) // step
    values = np.zeros((len(series), width), np.int64)
    quality = np.full((len(series), width), Quality.UNTOLD, np.uint8)
    for row, s in enumerate(series):
        offset = (s.start - start) // step
        values[row, offset : offset + len(s.values)] = s.values
        quality[row, offset : offset + len(s.values)] = s.quality
    return Stack(
        start, interval, tuple(s.point for s in series), tuple(s.reading_type for s in series),
        values, quality,
    )  # fmt: skip


class ReadingKind(StrEnum):
    """Why a register was read."""

    START_OF_DAY = "day"
    START_OF_MONTH = "month"
    ON_DEMAND = "demand"
    MANUAL = "manual"
    CLOSING = "closing"
    OPENING = "opening"


@dataclass(frozen=True, slots=True, eq=False)
class Registers:
    """Register readings, a row each, as the meter shows them (before ratios).

    points, meters: (n,) texts of the file, "" where it has no such column. moments: (n,)
    datetime64[s], UTC. values: (n, 4, 9) int64, Wh or varh: A+, A-, R+, R- by T0 (sum) to T8.
    present: (n, 4, 9) bool. kinds: (n,). lines: (n,) line or row in the file, 0 if not read.
    """

    points: tuple[str, ...]
    meters: tuple[str, ...]
    moments: Moments
    values: I64
    present: Bools
    kinds: tuple[ReadingKind, ...]
    lines: tuple[int, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.points)
