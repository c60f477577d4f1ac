"""Quality of the supply over a time: voltage out of bounds, interruptions. Pure, over arrays.

Official are the meter's own counters and averages over ten minutes or less; longer averages hide
what is short and are an estimate. Source: design rules, "Network quality"; ГОСТ 32144-2013, 4.2.2
(ten minutes, a week), 4.2.5 and 4.3.1 (an interruption up to three minutes is a short one).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

OFFICIAL = 10
"""Minutes of an average that still tells official figures."""
SHORT = timedelta(minutes=3)
LENGTHS = (SHORT, timedelta(minutes=30), timedelta(hours=2), timedelta(hours=24))
"""Upper ends of the classes of the histogram, included; the last class has none."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """The least or greatest voltage of a time: V, which phase, when its interval began."""

    value: float
    phase: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Voltages:
    """Voltages of a time by averages of `minutes`. known, expected: minutes with and in all.

    over, under: minutes in which any phase was above or below. is_official: see the module.
    """

    minutes: int
    known: int
    expected: int
    over: int
    under: int
    least: Extreme | None
    greatest: Extreme | None

    @property
    def outside(self) -> int:
        return self.over + self.under

    @property
    def is_official(self) -> bool:
        return self.minutes <= OFFICIAL


def voltages(
    of: Mapping[str, F64], starts: I64, minutes: int, agreed: float, tolerance: float
) -> Voltages:
    """Voltages of phases, (n,) each in V, NaN where there is none; starts (n,) unix seconds.

    An interval is known where any phase is; where one phase is above and another below it counts
    as above. tolerance: share of the agreed voltage that is permitted to either side.
    """
    letters = list(of)
    table = np.array([of[letter] for letter in letters], float).reshape(len(letters), len(starts))
    there = ~np.isnan(table)
    over = (there & (np.nan_to_num(table) > agreed * (1 + tolerance) + 1e-9)).any(axis=0)
    under = (there & (np.nan_to_num(table, nan=agreed) < agreed * (1 - tolerance) - 1e-9)).any(
        axis=0
    )
    known = there.any(axis=0)
    return Voltages(
        minutes,
        int(known.sum()) * minutes,
        len(starts) * minutes,
        int(over.sum()) * minutes,
        int((under & ~over).sum()) * minutes,
        _extreme(table, there, starts, letters, least=True),
        _extreme(table, there, starts, letters, least=False),
    )


def _extreme(
    table: F64, there: npt.NDArray[np.bool_], starts: I64, letters: list[str], *, least: bool
) -> Extreme | None:
    if not there.any():
        return None
    filled = np.where(there, table, np.inf if least else -np.inf)
    place = int(filled.argmin() if least else filled.argmax())
    row, column = divmod(place, table.shape[1])
    moment = datetime.fromtimestamp(int(starts[column]), UTC)
    return Extreme(float(table[row, column]), letters[row], moment)


@dataclass(frozen=True, slots=True)
class Interruption:
    """A time without supply; `end` None: it has not ended yet, or nothing tells that it did."""

    start: datetime
    end: datetime | None

    def length(self, *, at: datetime) -> timedelta:
        """How long it lasted; of an open one until `at`."""
        return max((self.end or at) - self.start, timedelta())

    @property
    def is_short(self) -> bool:
        """Up to three minutes; an open one is none."""
        return self.end is not None and self.end - self.start <= SHORT


@dataclass(frozen=True, slots=True)
class MonthOf:
    """Interruptions of a billing period: those that began in it, and the time lost in it."""

    month: date
    count: int
    short: int
    lost: timedelta


def merged(spells: Iterable[tuple[datetime, datetime | None]]) -> list[Interruption]:
    """Interruptions of spells that journals tell, several of one and the same made one.

    A spell without an end ends where another one that holds its start does.
    """
    found: list[Interruption] = []
    for start, end in sorted(spells, key=lambda one: (one[0], one[1] is None)):
        last = found[-1] if found else None
        if last is not None and _touch(last, start):
            found[-1] = Interruption(last.start, _later(last.end, end))
        else:
            found.append(Interruption(start, end))
    return found


def _touch(last: Interruption, start: datetime) -> bool:
    """Whether a spell that begins then is of the interruption before it."""
    if last.end is None:
        # Journals write the same loss within seconds; a later one tells that it had ended.
        return start - last.start <= timedelta(minutes=1)
    return start <= last.end


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def by_month(
    found: Sequence[Interruption], months: Sequence[date], zone: str, *, at: datetime
) -> list[MonthOf]:
    """Interruptions by billing period: civil months of a zone, given by their firsts, ascending.

    One that goes over a month's end is counted where it began; its time is parted.
    """
    tz = ZoneInfo(zone)
    made = []
    for month in months:
        start = datetime(month.year, month.month, 1, tzinfo=tz)
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        end = datetime(after.year, after.month, 1, tzinfo=tz)
        begun = [one for one in found if start <= one.start < end]
        lost = timedelta()
        for one in found:
            low, high = max(one.start, start), min(one.end or at, end, at)
            lost += max(high - low, timedelta())
        made.append(MonthOf(month, len(begun), sum(one.is_short for one in begun), lost))
    return made


def histogram(found: Sequence[Interruption], *, at: datetime) -> list[int]:
    """How many interruptions are of each length: up to each of LENGTHS, and longer."""
    counts = [0] * (len(LENGTHS) + 1)
    for one in found:
        length = one.length(at=at)
        place = next((n for n, most in enumerate(LENGTHS) if length <= most), len(LENGTHS))
        counts[place] += 1
    return counts
