"""What is done for each command, and what the meter says afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import cast, get_args

from faza.collection.collector.found import Found
from faza.collection.collector.tasks import read_clock
from faza.collection.drivers import Session, Switching
from faza.collection.drivers.troubles import NotDone
from faza.collection.polling import calendars, clock
from faza.collection.polling.work import ClockChange, ClockRead, Order, Problem
from faza.core.clock import Now
from faza.protocols.metered import Json, Limiter

Arguments = Mapping[str, Json]
CLOSE_ENOUGH = 3.0
"""Seconds by which a clock may be off after a correction: it shows whole seconds, and the link is
not always equally slow both ways."""


async def do(
    session: Session, order: Order, arguments: Arguments, found: Found, now: Now
) -> dict[str, Json]:
    """Do it and read it back; what the meter then says, JSON.

    Raises NotDone, Unable, Trouble; ValueError if the arguments are none of this order.
    """
    try:
        return await ORDERS[order](session, arguments, found, now)
    except (KeyError, TypeError) as problem:
        raise ValueError(f"The arguments of {order} are wrong: {problem}") from problem


async def change_clock(
    session: Session, before: ClockRead, seconds: int | None, now: Now
) -> ClockChange:
    """Shift the clock by `seconds`, or set it to the true time (None).

    What setting it over a slow link leaves is shifted away. Raises NotDone if the clock is not
    where it was to be afterwards.
    """
    if seconds is None:
        await session.set_clock(now())
    else:
        await session.shift_clock(seconds)
    after = await read_clock(session, now)
    if seconds is None and CLOSE_ENOUGH < abs(after.offset) <= clock.SHIFT_TO:
        await session.shift_clock(-round(after.offset))
        after = await read_clock(session, now)
    wanted = 0.0 if seconds is None else before.offset + seconds
    if abs(after.offset - wanted) > CLOSE_ENOUGH:
        told = f"The clock was to be {wanted:+.0f} s off, and is {after.offset:+.0f} s off."
        raise NotDone(told, Problem.NOT_TAKEN)
    return ClockChange(before, after, "set" if seconds is None else "shift")


async def _set_clock(
    session: Session, arguments: Arguments, found: Found, now: Now
) -> dict[str, Json]:
    return await _changed(session, None, found, now)


async def _shift_clock(
    session: Session, arguments: Arguments, found: Found, now: Now
) -> dict[str, Json]:
    return await _changed(session, int(str(arguments["seconds"])), found, now)


async def _changed(
    session: Session, seconds: int | None, found: Found, now: Now
) -> dict[str, Json]:
    before = await read_clock(session, now)
    found.clock_change = await change_clock(session, before, seconds, now)
    found.clock = after = found.clock_change.after
    return {"before": round(before.offset, 1), "after": round(after.offset, 1)}


async def _relay(session: Session, arguments: Arguments, found: Found, now: Now) -> dict[str, Json]:
    to = str(arguments["to"])
    if to not in get_args(Switching):
        raise ValueError(f"A relay is switched off, on or permit, not {to!r}.")
    found.relay = await session.switch(cast(Switching, to))
    return asdict(found.relay)


async def _limiter(
    session: Session, arguments: Arguments, found: Found, now: Now
) -> dict[str, Json]:
    wanted = Limiter(
        str(arguments["what"]),
        int(str(arguments["threshold"])),
        int(str(arguments["seconds"])),
        bool(arguments["is_on"]),
    )
    said = await session.set_limiter(wanted)
    found.limiters = (said,)
    return asdict(said)


async def _calendar(
    session: Session, arguments: Arguments, found: Found, now: Now
) -> dict[str, Json]:
    told, moment = arguments["calendar"], arguments.get("activate_at")
    if not isinstance(told, Mapping):
        raise TypeError("calendar")
    at = None if moment is None else datetime.fromisoformat(str(moment))
    said = await session.write_calendar(calendars.from_json(told), at)
    if at is None:
        found.calendar = said
    return {"calendar": calendars.to_json(said)}


async def _activate(
    session: Session, arguments: Arguments, found: Found, now: Now
) -> dict[str, Json]:
    found.calendar = await session.activate_calendar()
    return {"calendar": calendars.to_json(found.calendar)}


ORDERS: dict[Order, Callable[[Session, Arguments, Found, Now], Awaitable[dict[str, Json]]]] = {
    Order.SET_CLOCK: _set_clock,
    Order.SHIFT_CLOCK: _shift_clock,
    Order.RELAY: _relay,
    Order.LIMITER: _limiter,
    Order.CALENDAR: _calendar,
    Order.ACTIVATE_CALENDAR: _activate,
}
"""READ_NOW is none of these: its tasks are among those of the session."""
