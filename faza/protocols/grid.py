"""Wall-clock times of a civil day and the true intervals behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from faza.core.periods import minutes_of_day, start_of_day

DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The true intervals of a civil day in a zone, in order of time.

    `start` is the day's first moment, UTC. `walls[i]` is the wall clock at the start of interval
    i, in minutes of the day; walls[count] is that at the day's end (0). Where clocks go back a
    wall time comes twice, where they go forward some never come.
    """

    start: datetime
    interval: int
    walls: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.walls) - 1

    def places(self, wall: int) -> list[int]:
        """Where intervals that begin at a wall time stand: none, one, or two."""
        return [n for n, at in enumerate(self.walls[:-1]) if at == wall]


@lru_cache(maxsize=4096)
def plan_of(day: date, zone: str, interval: int) -> DayPlan:
    """The plan of a civil day; `interval` minutes divide an hour."""
    start, step = start_of_day(day, zone), timedelta(minutes=interval)
    count = minutes_of_day(day, zone) // interval
    tz = ZoneInfo(zone)
    moments = [(start + n * step).astimezone(tz) for n in range(count + 1)]
    return DayPlan(start, interval, tuple(m.hour * 60 + m.minute for m in moments))


@dataclass(frozen=True, slots=True)
class Placing:
    """Where told periods fall in a day.

    places: the interval of each period; -1 where it has none. `repeats`: (period, earlier
    period) pairs of the same interval. `absent`: periods whose wall time that day does not
    have. `misfits`: periods whose end does not fit the interval.
    """

    places: tuple[int, ...]
    repeats: tuple[tuple[int, int], ...]
    absent: tuple[int, ...]
    misfits: tuple[int, ...]


def place(plan: DayPlan, starts: Sequence[int], ends: Sequence[int]) -> Placing:
    """Place periods told by wall time, in minutes of the day (end 0 or 1440 = midnight).

    Of periods with the same wall times the second is the second hour of the day on which the
    clocks go back. The end of a period may be the wall clock at its true end or the end as if
    the clocks did not change: both are in use.
    """
    found: dict[int, list[int]] = {}
    taken: dict[int, list[int]] = {}
    places, repeats, absent, misfits = [], [], [], []
    for n, (start, end) in enumerate(zip(starts, ends, strict=True)):
        candidates = found.setdefault(start, plan.places(start))
        used = taken.setdefault(start, [])
        if not candidates:
            absent.append(n)
            places.append(-1)
            continue
        if len(used) >= len(candidates):
            repeats.append((n, used[-1]))
            places.append(-1)
            continue
        at = candidates[len(used)]
        if end % DAY not in ((start + plan.interval) % DAY, plan.walls[at + 1]):
            misfits.append(n)
            places.append(-1)
            continue
        used.append(n)
        places.append(at)
    return Placing(tuple(places), tuple(repeats), tuple(absent), tuple(misfits))
