"""Opening the channel, the clock, the load relay, the power limit.

Each but opening reads back and returns what the meter now says; raises NotTaken if that is not
what was written, Refusal if the meter says no.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from faza.protocols.mercury230 import numbers, reading
from faza.protocols.mercury230.problems import NotTaken, Refusal, Status
from faza.protocols.mercury230.values import Ask, Meter, Step, asked
from faza.protocols.metered import Limiter, Relay

CONSUMER, OWNER = 1, 2
"""Levels of access: reading, and writing too."""
MOST_SHIFT = 240
"""Seconds by which the clock may be corrected in a day."""
SLACK = 30
"""Seconds between what was set and what is read back: the trip, and asking again."""
MOST_WATTS = 0x3FFFFF // 100
OPEN = 0x01
CLOSE = Ask(b"\x02", (), "closes the channel")
"""It closes itself after 240 s of silence."""
LIMIT = Ask(b"\x08\x19", (3,), "reads the power limit")


def open_channel(level: int, password: bytes) -> Step[None]:
    """Open the channel at a level with its password, six bytes. Raises Refusal, ValueError."""
    if len(password) != 6:
        raise ValueError(f"A password of {len(password)} bytes instead of 6.")
    if level not in (CONSUMER, OWNER):
        raise ValueError(f"Level {level} is neither 1 nor 2.")
    yield from asked(
        Ask(bytes((OPEN, level)) + password, (), f"opens the channel at level {level}")
    )


def set_clock(meter: Meter, at: datetime) -> Step[datetime]:
    """Set the clock to a moment (level 2); its summer flag stays. What it shows then."""
    _, season = yield from reading.clock_and_season(meter)
    second, minute, hour, day, month, year = numbers.written(at, meter.offset)
    weekday = numbers.bcd((at + timedelta(minutes=meter.offset)).isoweekday())
    payload = b"\x03\x0c" + second + minute + hour + weekday + day + month + year + bytes((season,))
    yield from asked(Ask(payload, (), "sets the clock", is_once=True))
    return (yield from _shows(meter, at))


def shift_clock(meter: Meter, seconds: int) -> Step[datetime]:
    """Correct the clock by up to 240 s, once a day (level 1 or 2). What it shows then.

    The time of day alone is written, so it is refused with Status.CLOCK where the date would
    change. Raises ValueError beyond the bound.
    """
    if abs(seconds) > MOST_SHIFT:
        raise ValueError(f"{seconds} s; the clock is corrected by up to {MOST_SHIFT} s.")
    shown = yield from reading.clock(meter)
    to = shown + timedelta(seconds=seconds)
    local, before = (moment + timedelta(minutes=meter.offset) for moment in (to, shown))
    told = f"corrects the clock by {seconds:+} s"
    if local.date() != before.date():
        raise Refusal(Status.CLOCK, f"{told} over midnight")
    second, minute, hour, *_ = numbers.written(to, meter.offset)
    yield from asked(Ask(b"\x03\x0d" + second + minute + hour, (), told, is_once=True))
    return (yield from _shows(meter, to))


def _shows(meter: Meter, sought: datetime) -> Step[datetime]:
    shown = yield from reading.clock(meter)
    if not -1 <= (shown - sought).total_seconds() <= SLACK:
        raise NotTaken(f"The clock shows {shown.isoformat()} instead of {sought.isoformat()}.")
    return shown


def relay(meter: Meter) -> Step[Relay]:
    """The load switch. Raises Refusal where the meter has none."""
    known = yield from reading.passport(meter)
    if not known.has_relay:
        raise Refusal(Status.ILLEGAL, reading.LOAD.told)
    raw = yield from asked(reading.LOAD)
    is_on = not raw[1] & 0x02
    is_held = bool(raw[0] & 0x08 or raw[1] & 0x40)
    return Relay(is_on, "on" if is_on else "off" if is_held else "ready", raw[0])


def switch(meter: Meter, to: str) -> Step[Relay]:
    """Switch the load "off" or "on" (level 2). Raises ValueError for anything else."""
    if to not in ("off", "on"):
        raise ValueError(f"The relay is switched off or on, not {to}.")
    yield from relay(meter)
    yield from asked(Ask(bytes((3, 0x31, int(to == "off"))), (), f"switches the load {to}"))
    found = yield from relay(meter)
    if found.is_on != (to == "on") and found.control != "ready":
        raise NotTaken(f"The relay is {'on' if found.is_on else 'off'}.")
    return found


def limiter(meter: Meter) -> Step[Limiter]:
    """The limit of active power, W; it has no delay that could be set here."""
    raw = yield from asked(LIMIT)
    (found,) = numbers.threes(raw, 1)
    state = yield from asked(reading.LOAD)
    return Limiter("power", found[0] // 100 if found else 0, 0, bool(state[0] & 0x02))


def set_limiter(meter: Meter, wanted: Limiter) -> Step[Limiter]:
    """Set the limit of active power and whether it is watched (level 2).

    Raises ValueError for another limit, one above 41,943 W, or one with a delay.
    """
    if wanted.what != "power" or wanted.seconds or not 0 <= wanted.threshold <= MOST_WATTS:
        raise ValueError(f"Not a limit of power up to {MOST_WATTS} W without a delay: {wanted}.")
    raw = (wanted.threshold * 100).to_bytes(3, "big")
    yield from asked(Ask(b"\x03\x2c" + raw, (), f"sets the power limit to {wanted.threshold} W"))
    watch = "on" if wanted.is_on else "off"
    yield from asked(
        Ask(bytes((3, 0x2D, wanted.is_on)), (), f"turns watching of the limit {watch}")
    )
    found = yield from limiter(meter)
    if found != wanted:
        raise NotTaken(f"The power limit is {found.threshold} W, watched: {found.is_on}.")
    return found
