"""The СПОДЭС objects of a meter, asked for over DLMS/COSEM: no socket, no clock, no database.

Everything here is a step: a generator that yields requests of `faza.protocols.dlms`, is sent
their answers, and returns a value. Whoever has the connection runs it:

    def run(step, ask):                     # ask: Request -> Answer
        try:
            request = next(step)
            while True:
                request = step.send(ask(request))
        except StopIteration as done:
            return done.value

    meter = Meter(offset=180)               # what is known of it; kept between sessions as JSON
    meter.agreed(associated)                # after every Associate: what it can, how much it takes
    rows = run(profile(meter, 1, first, last), ask)
    keep(meter.to_json())                   # Meter.from_json(kept, offset=180)

Steps; moments given and returned are aware UTC, periods half-open unless said otherwise:

    identity(meter)                          -> Identity
    passport(meter)                          -> dict[str, Json] by OBIS; {} if it has none
    clock(meter)                             -> Shown(at: datetime | None, offset, status)
    registers(meter)                         -> RegisterRows "on_demand", one row
    layout(meter, profile_name)              -> Layout | None, cached in the meter
    renew_layouts(meter, names=())           -> names of cached layouts that are other now
    profile(meter, 1 | 2, first, last)       -> ProfileRows of intervals within [first, last)
    captured(meter, "day" | "month", first, last) -> RegisterRows, both ends included
    instant(meter)                           -> Instant | None
    journals(meter, first, last, numbers=()) -> EventRows, both ends included; () all it has
    quality(meter)                           -> QualityCounters | None
    configuration(meter)                     -> Configuration
    relay(meter)                             -> Relay | None
    switch(meter, "off" | "on" | "permit")   -> Relay
    limiters(meter)                          -> tuple[Limiter, ...]
    set_limiter(meter, limiter)              -> Limiter
    calendar(meter, "active" | "passive")    -> TariffCalendar | None
    write_calendar(meter, calendar, activate_at=None) -> TariffCalendar, the passive one
    activate(meter)                          -> TariffCalendar, the active one
    set_clock(meter, at, offset)             -> Shown
    shift_clock(meter, seconds)              -> Shown

Whoever sets or switches is read back: NotTaken if the meter then says another thing, Denied if
it refused. What a meter does not have is None, empty or not present, and is not asked for again
(`Meter.absent`). TryLater if it is busy. Malformed as the codec says it.

`words.describe(request)` and `words.describe_answer(answer)` tell the dialogue to people.

Source: ГОСТ Р 58940-2020; СТО 34.01-5.1-006-2021; Blue Book 12.
"""

from __future__ import annotations

from faza.protocols.spodes.asking import Quantity, Step
from faza.protocols.spodes.calendars import activate, calendar, write_calendar
from faza.protocols.spodes.captures import layout, renew_layouts
from faza.protocols.spodes.clocks import Shown, clock, set_clock, shift_clock
from faza.protocols.spodes.identity import identity, passport
from faza.protocols.spodes.instant import instant
from faza.protocols.spodes.journals import journals
from faza.protocols.spodes.layouts import Layout, Source
from faza.protocols.spodes.meter import Habits, Meter
from faza.protocols.spodes.problems import Denied, NotTaken
from faza.protocols.spodes.profiles import profile
from faza.protocols.spodes.registers import captured, registers
from faza.protocols.spodes.settings import configuration, quality
from faza.protocols.spodes.switching import limiters, relay, set_limiter, switch
from faza.protocols.spodes.words import describe, describe_answer

__all__ = [
    "Denied",
    "Habits",
    "Layout",
    "Meter",
    "NotTaken",
    "Quantity",
    "Shown",
    "Source",
    "Step",
    "activate",
    "calendar",
    "captured",
    "clock",
    "configuration",
    "describe",
    "describe_answer",
    "identity",
    "instant",
    "journals",
    "layout",
    "limiters",
    "passport",
    "profile",
    "quality",
    "registers",
    "relay",
    "renew_layouts",
    "set_clock",
    "set_limiter",
    "shift_clock",
    "switch",
    "write_calendar",
]
