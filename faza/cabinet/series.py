"""Numbers of a page: cells of points and stretches of time, added up with what is missing in them.

Pure, over arrays. Energies are integers in the reading type's quantum; how much is expected,
missing, estimated or doubtful is counted in minutes, so that cells of any length add up alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import start_of_day
from faza.core.reading_types import ReadingType
from faza.ui.periods import Shown

I64 = npt.NDArray[np.int64]
DAY = 24 * 60
HOUR = 3600


class State(IntEnum):
    """How a shown value is known; the codes of frontend/src/charts/payloads.ts."""

    MEASURED = 0
    ESTIMATED = 1
    MISSING = 2
    NOT_YET = 3
    MANUAL = 4
    DOUBTFUL = 5
    PARTIAL = 6
    """In pictures: a sum of which some points are missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Points (p) by stretches of time (t) of one channel.

    start, end: (t,) epoch seconds. value: (p, t) quanta, the sum of what is present.
    minutes, expected, missing, estimated, doubtful, manual: (p, t) minutes. `minutes` is how
    long the reader's time with the point is in the cell; `expected` how much of it ought to have
    arrived; `missing` how much of that has not.
    """

    kind: ReadingType
    points: tuple[int, ...]
    start: I64
    end: I64
    value: I64
    minutes: I64
    expected: I64
    missing: I64
    estimated: I64
    doubtful: I64
    manual: I64

    def of(self, points: Sequence[int]) -> Cells:
        """Those of some points, in their order here."""
        wanted = set(points)
        rows = [i for i, point in enumerate(self.points) if point in wanted]
        return replace(
            self,
            points=tuple(self.points[i] for i in rows),
            **{name: getattr(self, name)[rows] for name in _SUMS},
        )

    def like(self, other: Cells) -> Cells:
        """The same points in the same order as other cells have; nothing of those not here."""
        rows = [self.points.index(p) if p in self.points else -1 for p in other.points]
        absent = np.array(rows) < 0
        sums = {name: getattr(self, name)[rows] for name in _SUMS}
        for values in sums.values():
            values[absent] = 0
        return Cells(self.kind, other.points, self.start, self.end, **sums)

    def heard(self) -> Cells:
        """Those of the points that have any value here; all of them where none has."""
        rows = np.flatnonzero((self.present > 0).any(axis=1)).tolist()
        return self.of([self.points[row] for row in rows]) if rows else self

    def within(self, start: datetime, end: datetime) -> Cells:
        """Those that lie wholly in a period."""
        columns = (self.start >= _seconds(start)) & (self.end <= _seconds(end))
        return replace(
            self,
            start=self.start[columns],
            end=self.end[columns],
            **{name: getattr(self, name)[:, columns] for name in _SUMS},
        )

    def together(self) -> Cells:
        """The points added up, as one row."""
        sums = {name: getattr(self, name).sum(axis=0, keepdims=True) for name in _SUMS}
        return replace(self, points=(0,), **sums)

    def by(self, edges: I64) -> Cells:
        """Cells between successive edges, (m,) epoch seconds, that hold these cells whole."""
        first = np.searchsorted(self.start, edges)
        spans: dict[str, I64] = {}
        for name in _SUMS:
            running = np.cumsum(getattr(self, name), axis=1)
            running = np.concatenate([np.zeros((len(running), 1), np.int64), running], axis=1)
            spans[name] = np.diff(running[:, first], axis=1)
        return Cells(self.kind, self.points, edges[:-1], edges[1:], **spans)

    def __len__(self) -> int:
        return len(self.start)

    @property
    def present(self) -> I64:
        return self.expected - self.missing

    def states(self, row: int = 0) -> npt.NDArray[np.uint8]:
        """(t,) State of each cell of a row."""
        states = np.full(len(self), State.MEASURED, np.uint8)
        states[self.manual[row] > 0] = State.MANUAL
        states[self.doubtful[row] > 0] = State.DOUBTFUL
        states[self.estimated[row] > 0] = State.ESTIMATED
        states[self.present[row] <= 0] = State.MISSING
        states[self.expected[row] <= 0] = State.NOT_YET
        return states

    def pictured(self, row: int = 0) -> npt.NDArray[np.uint8]:
        """(t,) State of each cell of a row as a picture shows it.

        A short cell of which a part is missing would look like little use; that of a day or a
        month has its completeness beside it.
        """
        states = self.states(row)
        is_short = self.end - self.start <= HOUR
        states[is_short & (self.missing[row] > 0) & (self.present[row] > 0)] = State.PARTIAL
        return states

    def daily(self) -> float | None:
        """What a day takes on average in quanta: each point over its own time with data."""
        present = self.present.sum(axis=1)
        known = present > 0
        if not known.any():
            return None
        return float((self.value.sum(axis=1)[known] * DAY / present[known]).sum())


_SUMS = ("value", "minutes", "expected", "missing", "estimated", "doubtful", "manual")


@dataclass(frozen=True, slots=True)
class Total:
    """A sum with its completeness; `value` is None where nothing is present.

    Minutes are counted for every point: two points without an hour are two hours.
    """

    value: int | None
    expected: int
    missing: int
    estimated: int
    doubtful: int = 0

    @property
    def share(self) -> float | None:
        """Percent of what ought to be there that is there."""
        return 100 * (self.expected - self.missing) / self.expected if self.expected else None

    @property
    def estimated_share(self) -> float:
        """Percent of what is there that nobody measured."""
        present = self.expected - self.missing
        return 100 * self.estimated / present if present else 0.0

    @property
    def estimated_shown(self) -> float:
        """The same where it is written with one decimal place: none of it reads as some."""
        return max(self.estimated_share, 0.1) if self.estimated else 0.0

    @property
    def gap(self) -> timedelta:
        return timedelta(minutes=self.missing)


def total(cells: Cells) -> Total:
    """The sum over all cells."""
    sums = {name: int(getattr(cells, name).sum()) for name in _SUMS}
    has_any = sums["expected"] > sums["missing"]
    return Total(
        sums["value"] if has_any else None,
        sums["expected"],
        sums["missing"],
        sums["estimated"],
        sums["doubtful"],
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """Two stretches over the cells that both have whole.

    `now` and `before` are sums in quanta over these; `hours` how much time that is, in percent
    of what the first has (100: all of it).
    """

    now: int
    before: int
    share: float

    @property
    def change(self) -> float | None:
        """Percent by which it is more (less: negative) than before."""
        return 100 * (self.now - self.before) / self.before if self.before else None

    @property
    def is_whole(self) -> bool:
        return self.share > 99.95


def compare(now: Cells, before: Cells, pairs: I64) -> Compared | None:
    """Compare cells with earlier ones; None where none is whole on both sides.

    pairs: (t,) which earlier cell stands beside each, -1 where none does.
    """
    if not len(now) or not len(before):
        return None
    beside = pairs >= 0
    both = _whole(now) & _whole(before)[:, pairs] & beside
    if not both.any():
        return None
    here = int(now.value[both].sum())
    there = int(before.value[:, pairs][both].sum())
    present = int(now.present.sum())
    return Compared(here, there, 100 * int(now.present[both].sum()) / present if present else 0.0)


def _whole(cells: Cells) -> npt.NDArray[np.bool_]:
    return (cells.expected > 0) & (cells.missing == 0) & (cells.expected == cells.minutes)


def pairs(now: Cells, before: Cells, zone: str, days: Mapping[date, date]) -> I64:
    """Which earlier cell begins as long after its midnight, on the day beside the cell's day.

    days: for a day shown, the earlier day it is compared with.
    """
    found = np.full(len(now), -1, np.int64)
    if not len(now) or not len(before) or not days:
        return found
    here = sorted(days)
    edges = day_edges(here[0], here[-1] + timedelta(days=1), zone)
    place = np.searchsorted(edges, now.start, side="right") - 1
    starts = np.full(len(edges), -1, np.int64)
    for day, other in days.items():
        starts[(day - here[0]).days] = _seconds(start_of_day(other, zone))
    # Cells before the first day have place -1, which is the last edge: it has no day beside it.
    wanted = starts[place] + now.start - edges[place]
    at = np.searchsorted(before.start, wanted).clip(max=len(before) - 1)
    is_there = (starts[place] >= 0) & (before.start[at] == wanted)
    found[is_there] = at[is_there]
    return found


def walls(seconds: I64, zone: str) -> list[datetime]:
    """Epoch seconds as moments on a zone's wall clock."""
    tz = ZoneInfo(zone)
    return [datetime.fromtimestamp(int(at), tz) for at in seconds]


def day_edges(first: date, end: date, zone: str) -> I64:
    """Starts of the civil days of [first, end), and the end of the last."""
    count = (end - first).days
    return np.array(
        [_seconds(start_of_day(first + timedelta(days=n), zone)) for n in range(count + 1)],
        np.int64,
    )


def month_edges(first: date, end: date, zone: str) -> I64:
    """Starts of the civil months that [first, end) touches, clipped to it; then its end."""
    edges, day = [first], next_month(first)
    while day < end:
        edges.append(day)
        day = next_month(day)
    return np.array([_seconds(start_of_day(day, zone)) for day in [*edges, end]], np.int64)


def hour_edges(first: date, end: date, zone: str) -> I64:
    """Starts of the hours of [first, end), and its end."""
    start, stop = (_seconds(start_of_day(day, zone)) for day in (first, end))
    return np.append(np.arange(start, stop, 3600, dtype=np.int64), np.int64(stop))


def next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without data of one point, in epoch seconds."""

    point: int
    start: int
    end: int

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.end - self.start)


def gaps(cells: Cells) -> list[Gap]:
    """The stretches that are missing, of each point, oldest first."""
    found = []
    for row, point in enumerate(cells.points):
        empty = np.flatnonzero(cells.missing[row] > 0)
        if not len(empty):
            continue
        # A stretch breaks where cells do not follow one another.
        breaks = np.flatnonzero(np.diff(empty) > 1) + 1
        for run in np.split(empty, breaks):
            found.append(Gap(point, int(cells.start[run[0]]), int(cells.end[run[-1]])))
    return sorted(found, key=lambda gap: gap.start)


def during(cells: Cells, shown: Shown, zone: str) -> Cells:
    """The cells of a shown period."""
    tz = ZoneInfo(zone)
    start, end = (
        datetime(day.year, day.month, day.day, tzinfo=tz) for day in (shown.first, shown.end)
    )
    return cells.within(start, end)


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())
