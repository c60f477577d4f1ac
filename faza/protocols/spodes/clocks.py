"""The meter's clock: what it shows, setting it, shifting it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from faza.protocols.dlms import Data, DateTime, Malformed, Tag, date_time
from faza.protocols.dlms.clock import BAD_STATUS, DOUBTFUL, INVALID
from faza.protocols.spodes.asking import Step, acted, one, written
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import CLOCK, CLOCK_CLASS, attribute
from faza.protocols.spodes.problems import Denied, NotTaken

SHOWN, ZONE = 2, 3
SHIFT = 6
MOST_SHIFT = 900
"""Seconds that a clock may be shifted by. Source: Blue Book 12, 4.5.1.3.6."""
SLOWEST = timedelta(minutes=2)
"""So much later may a clock be read back than it was set."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a clock shows. at: in UTC, None if parts of it are not specified or make no date.

    offset: minutes east of UTC as the clock says it, None if it doesn't and the meter's zone was
    used. status: bits of the standard, None if not specified.
    """

    at: datetime | None
    offset: int | None = None
    status: int | None = None

    @property
    def is_valid(self) -> bool:
        """Whether the clock shows a moment and does not call itself invalid or doubtful."""
        bad = INVALID | DOUBTFUL | BAD_STATUS
        return self.at is not None and not (self.status is not None and self.status & bad)


def clock(meter: Meter) -> Step[Shown]:
    """What the meter's clock shows. Raises Denied if the meter does not tell it."""
    data = yield from one(meter, attribute(CLOCK_CLASS, CLOCK, SHOWN))
    if data is None:
        raise Denied("clock", "not told")
    return shown(meter, data)


def shown(meter: Meter, data: Data | None) -> Shown:
    """What a clock's value says; its offset is kept as the meter's."""
    try:
        found = None if data is None else date_time(data)
    except Malformed:
        found = None
    if found is None:
        return Shown(None)
    offset = None if found.deviation is None else -found.deviation
    at = found.find_moment(-meter.offset)
    if at is not None and offset is not None:
        meter.shown_offset = offset
    return Shown(at, offset, found.status)


def set_clock(meter: Meter, at: datetime, offset: int) -> Step[Shown]:
    """Set the clock to a moment, shown in a zone `offset` minutes east of UTC; then read it.

    Raises NotTaken if it shows an earlier moment or one later than the way there may have taken,
    Denied if the meter refuses.
    """
    yield from _set_zone(meter, offset)
    local = DateTime.of(at.astimezone(timezone(timedelta(minutes=offset))))
    yield from written(attribute(CLOCK_CLASS, CLOCK, SHOWN), local.data(), "clock")
    now = yield from clock(meter)
    set_to = at.astimezone(UTC).replace(microsecond=0)
    if now.at is None or not set_to - timedelta(seconds=1) <= now.at <= set_to + SLOWEST:
        raise NotTaken("clock", set_to, now.at)
    return now


def _set_zone(meter: Meter, offset: int) -> Step[None]:
    """The clock's own deviation, where it has one that is other; a refusal is no matter, for
    what is written to the clock tells it too."""
    where = attribute(CLOCK_CLASS, CLOCK, ZONE)
    zone = yield from one(meter, where)
    if zone is None or zone.value == -offset:
        return
    try:
        yield from written(where, Data(Tag.LONG, -offset), "time zone")
    except Denied:
        return


def shift_clock(meter: Meter, seconds: int) -> Step[Shown]:
    """Shift the clock by -900 to 900 s, then read it.

    Raises ValueError for more, Denied if the meter refuses, NotTaken if the clock stands where
    it stood: for a shift back, if it is not behind what the way there may have taken.
    """
    if not -MOST_SHIFT <= seconds <= MOST_SHIFT:
        raise ValueError(f"A shift of {seconds} s; at most {MOST_SHIFT}.")
    before = (yield from clock(meter)).at
    value = Data(Tag.LONG, seconds)
    yield from acted(CLOCK_CLASS, CLOCK, SHIFT, value, "shift of the clock")
    now = yield from clock(meter)
    if before is not None and now.at is not None:
        gone = now.at - before - timedelta(seconds=seconds)
        if not timedelta(seconds=-1) <= gone <= SLOWEST:
            raise NotTaken("clock", before + timedelta(seconds=seconds), now.at)
    return now
