"""When what is due: regular times, windows, and trying again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from faza.collection.polling.work import Problem

HOPELESS = frozenset({Problem.DENIED, Problem.COUNTER, Problem.OTHER_METER, Problem.UNABLE})
"""Trying again soon would not help, and may lock the meter."""
MOST_DOUBLINGS = 8
MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a plan; see CollectionPlan. every: minutes by kind; back_off: minutes."""

    zone: str
    opens: time | None
    closes: time | None
    retries: int
    back_off: int
    every: Mapping[str, int]


def is_open(times: Times, at: datetime) -> bool:
    """Whether sessions may begin at a moment."""
    if times.opens is None or times.closes is None or times.opens == times.closes:
        return True
    now = at.astimezone(ZoneInfo(times.zone)).time()
    if times.opens < times.closes:
        return times.opens <= now < times.closes
    return now >= times.opens or now < times.closes


def opening(times: Times, at: datetime) -> datetime:
    """The moment itself where sessions may begin then, else when the window opens next."""
    if is_open(times, at):
        return at
    assert times.opens is not None
    day = at.astimezone(ZoneInfo(times.zone)).date()
    today = _moment(day, times.opens, times.zone)
    return today if today > at else _moment(day + timedelta(days=1), times.opens, times.zone)


def regular(times: Times, kind: str, after: datetime) -> datetime | None:
    """The next regular time of a kind after a moment; None where the plan has no such kind.

    Steps of `every` minutes from the window's beginning of each civil day (midnight without a
    window); what is rarer than daily is counted in whole days since 1970, so a month's drift
    of steps does not matter.
    """
    if (every := times.every.get(kind)) is None:
        return None
    zone = ZoneInfo(times.zone)
    start = times.opens or MIDNIGHT
    day = after.astimezone(zone).date() - timedelta(days=1)
    days = max(1, every // 1440)
    while True:
        begin = _moment(day, start, times.zone)
        if (day - date(1970, 1, 1)).days % days == 0:
            found = _step(begin, every if every < 1440 else 1440, after)
            if found < _moment(day + timedelta(days=1), start, times.zone):
                return opening(times, found)
        day += timedelta(days=1)


def again(times: Times, kind: str, failures: int, problem: str, at: datetime) -> datetime | None:
    """When to try after a failure, `failures` in a row so far; None as in `regular`.

    After back_off minutes, then twice as long each time; after so many retries, or where it is
    hopeless, at the next regular time. The regular time is not waited past.
    """
    usual = regular(times, kind, at)
    if usual is None or problem in HOPELESS or failures > times.retries:
        return usual
    wait = timedelta(minutes=times.back_off * 2 ** min(failures - 1, MOST_DOUBLINGS))
    return min(usual, opening(times, at + wait))


def _moment(day: date, wall: time, zone: str) -> datetime:
    return datetime.combine(day, wall, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _step(begin: datetime, every: int, after: datetime) -> datetime:
    """The first of `begin` and every so many minutes later that is after a moment."""
    step = timedelta(minutes=every)
    if after < begin:
        return begin
    return begin + ((after - begin) // step + 1) * step
