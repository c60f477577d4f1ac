"""What is asked of a meter for each kind of reading, and where the answer goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from faza.collection.collector.found import Found
from faza.collection.drivers import Session
from faza.collection.polling.work import (
    PROFILES,
    ClockRead,
    Kind,
    ProfileRead,
    Stretch,
    Task,
)
from faza.core.clock import Now
from faza.core.periods import start_of_day

FIRST_DAYS, MOST_DAYS = 2, 32
"""Days of profile asked for at once, at first and at most. What breaks off in the middle of an
answer is lost, so a slow meter is asked for less at once, a fast one for more."""
QUICK, SLOW = 8.0, 30.0
"""Seconds of an answer under which twice as much is asked for next, above which half as much."""
BACK = timedelta(days=30)
"""How far back registers of days, months and events are asked for where nothing tells."""
LONGEST_BACK = {Kind.DAYS: BACK, Kind.MONTHS: timedelta(days=366), Kind.EVENTS: BACK}
FIRST_REGISTERS = 4
"""Days whose registers are asked for at once, at first; more than the two that are always read
again (`loading.OVERLAP`), so that each session gets on."""
ORDER = {kind: number for number, kind in enumerate(Kind)}


def in_order(tasks: Sequence[Task]) -> list[Task]:
    """By priority, then by kind: what is cheap and tells much comes first."""
    return sorted(tasks, key=lambda task: (task.priority, ORDER[task.kind]))


async def read_clock(session: Session, now: Now) -> ClockRead:
    """The meter's clock, with the true moment half-way between question and answer."""
    before = now()
    shown = await session.clock()
    return ClockRead(shown, before + (now() - before) / 2)


async def read(
    session: Session, task: Task, found: Found, now: Now, goes_on: Callable[[], bool]
) -> bool:
    """Read what a task asks for; whether all of it was, or `goes_on` said no in between.

    Raises NotDone, Unable, Trouble; what was read before is in `found`.
    """
    if task.kind in PROFILES:
        return await _profile(session, task, found, now, goes_on)
    if task.kind in LONGEST_BACK:
        at = now()
        first = task.since or at - LONGEST_BACK[task.kind]
        if task.kind is Kind.DAYS:
            return await _days(session, task, found, (first, at), goes_on)
        await _kept(session, task, found, first, at)
        return True
    await SIMPLE[task.kind](session, found, now)
    return True


async def _kept(
    session: Session, task: Task, found: Found, first: datetime, last: datetime
) -> None:
    if task.kind is Kind.EVENTS:
        found.events = await session.events(first, last)
    else:
        found.registers.append(await session.captured("month", first, last))


async def _days(
    session: Session,
    task: Task,
    found: Found,
    span: tuple[datetime, datetime],
    goes_on: Callable[[], bool],
) -> bool:
    """Registers of days, oldest first: where the line breaks, the next session goes on there."""
    first, last = span
    days = FIRST_REGISTERS
    tick = asyncio.get_running_loop().time
    while first < last:
        if not goes_on():
            return False
        end = min(first + timedelta(days=days), last)
        begun = tick()
        found.registers.append(await session.captured("day", first, end))
        found.reached[task.id] = first = end
        if tick() - begun < QUICK:
            days = min(days * 2, MOST_DAYS)
    return True


async def _profile(
    session: Session, task: Task, found: Found, now: Now, goes_on: Callable[[], bool]
) -> bool:
    which, days = PROFILES[task.kind], FIRST_DAYS
    tick = asyncio.get_running_loop().time
    for stretch in task.stretches:
        rest: Stretch | None = stretch
        while rest is not None:
            if not goes_on():
                return False
            part, rest = youngest(rest, days, found.device.zone)
            begun = tick()
            rows = await session.profile(which, part.start, part.end)
            found.profiles.append(ProfileRead(which, part, rows, now()))
            took = tick() - begun
            if took < QUICK:
                days = min(days * 2, MOST_DAYS)
            elif took > SLOW:
                days = max(days // 2, 1)
    return True


def youngest(stretch: Stretch, days: int, zone: str) -> tuple[Stretch, Stretch | None]:
    """The last so many local days of a stretch, and what is left of it before them."""
    last = stretch.end.astimezone(ZoneInfo(zone))
    day = (last - timedelta(microseconds=1)).date() - timedelta(days=days - 1)
    cut = start_of_day(day, zone)
    if cut <= stretch.start:
        return stretch, None
    return Stretch(cut, stretch.end), Stretch(stretch.start, cut)


async def _identity(session: Session, found: Found, now: Now) -> None:
    found.identity = await session.identity()


async def _clock(session: Session, found: Found, now: Now) -> None:
    if found.clock is None:
        found.clock = await read_clock(session, now)


async def _registers(session: Session, found: Found, now: Now) -> None:
    found.registers.append(await session.registers())


async def _instant(session: Session, found: Found, now: Now) -> None:
    found.instant = await session.instant()


async def _quality(session: Session, found: Found, now: Now) -> None:
    found.quality = await session.quality()


async def _configuration(session: Session, found: Found, now: Now) -> None:
    found.configuration = await session.configuration()


async def _calendar(session: Session, found: Found, now: Now) -> None:
    found.calendar = await session.calendar()


SIMPLE: dict[Kind, Callable[[Session, Found, Now], Awaitable[None]]] = {
    Kind.IDENTITY: _identity,
    Kind.CLOCK: _clock,
    Kind.REGISTERS: _registers,
    Kind.INSTANT: _instant,
    Kind.QUALITY: _quality,
    Kind.CONFIGURATION: _configuration,
    Kind.CALENDAR: _calendar,
}
