"""Steps of languages that ask a meter, where the meter is anybody: its answers are the input."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from typing import Any

from faza.protocols import Malformed, spodes
from faza.protocols import mercury230 as mercury
from faza.protocols.dlms import (
    Acted,
    Action,
    ActionResult,
    DataAccessResult,
    Done,
    Get,
    GetList,
    GiveUp,
    Got,
    GotList,
    TryLater,
)
from faza.protocols.mercury230 import commands, energies, journals, profile, reading
from faza.protocols.mercury230.frames import wrap
from faza.protocols.metered import Limiter

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=2)
MOST_ASKED = 400
REFUSED = (
    Malformed, TryLater, GiveUp, mercury.Refusal, mercury.NotTaken, spodes.NotTaken, spodes.Denied,
)  # fmt: skip
PASSPORT = mercury.Passport("40111122", None, "9.0.0", bytes.fromhex("b463c2968040"))

MERCURY: tuple[Callable[[mercury.Meter], Generator[Any, Any, Any]], ...] = (
    reading.identity,
    reading.clock,
    reading.instant,
    reading.configuration,
    energies.registers,
    lambda meter: energies.captured(meter, "day", FIRST, LAST),
    lambda meter: energies.captured(meter, "month", FIRST, LAST),
    lambda meter: profile.profile(meter, FIRST, LAST),
    lambda meter: journals.events(meter, FIRST, LAST),
    commands.relay,
    lambda meter: commands.switch(meter, "off"),
    lambda meter: commands.set_clock(meter, FIRST),
    lambda meter: commands.shift_clock(meter, 7),
    lambda meter: commands.set_limiter(meter, Limiter("power", 5, 0, True)),
)


class Stream:
    """An input from whose front answers are taken."""

    def __init__(self, data: bytes) -> None:
        self.data, self.asked = data, 0

    def take(self, count: int) -> bytes:
        self.asked += 1
        found, self.data = self.data[:count], self.data[count:]
        return found

    @property
    def is_over(self) -> bool:
        return not self.data or self.asked > MOST_ASKED


def hear_mercury(data: bytes) -> None:
    """The first byte chooses the step, the second what is known of the meter."""
    if len(data) < 2:
        return
    stream = Stream(data[2:])
    known = PASSPORT if data[1] & 1 else None
    meter = mercury.Meter(180, known, mercury.Habits(16 * (data[1] >> 1 & 1), not data[1] & 4))

    def answer(ask: mercury.Ask) -> mercury.Answer:
        size = ask.sizes[stream.asked % len(ask.sizes)] if ask.sizes else 1
        connection = mercury.Connection(90)
        connection.send(ask)
        connection.receive(wrap(90, stream.take(size)))
        event = connection.next_event()
        return event if isinstance(event, mercury.Got | mercury.Refused) else NOTHING

    _run(MERCURY[data[0] % len(MERCURY)](meter), answer, stream)


NOTHING = mercury.Refused(mercury.Status.ILLEGAL)


def hear_line(data: bytes) -> None:
    """Bytes of a line, in pieces of which the first byte tells the size."""
    if not data:
        return
    connection = mercury.Connection(90)
    connection.send(reading.CLOCK)
    for at in range(1, len(data), data[0] + 1):
        connection.receive(data[at : at + data[0] + 1])
        with contextlib.suppress(Malformed):
            connection.next_event()


SPODES: tuple[Callable[[spodes.Meter], Generator[Any, Any, Any]], ...] = (
    spodes.identity,
    spodes.clock,
    spodes.registers,
    lambda meter: spodes.profile(meter, 1, FIRST, LAST),
    lambda meter: spodes.profile(meter, 2, FIRST, LAST),
    lambda meter: spodes.captured(meter, "day", FIRST, LAST),
    spodes.instant,
    lambda meter: spodes.journals(meter, FIRST, LAST),
    spodes.quality,
    spodes.configuration,
    spodes.relay,
    spodes.limiters,
    lambda meter: spodes.calendar(meter, "active"),
)


def hear_spodes(data: bytes) -> None:
    """The first byte chooses the step; each answer is a length, 255 for a refusal, and bytes."""
    if not data:
        return
    stream = Stream(data[1:])

    def result() -> bytes | DataAccessResult:
        head = stream.take(1)
        if not head or head[0] == 255:
            return DataAccessResult.OBJECT_UNDEFINED
        return stream.take(head[0])

    def answer(request: object) -> object:
        if isinstance(request, Get):
            return Got(result())
        if isinstance(request, GetList):
            return GotList(tuple(result() for _ in request.items))
        if isinstance(request, Action):
            return Acted(ActionResult.SUCCESS, None)
        return Done(DataAccessResult.SUCCESS)

    _run(SPODES[data[0] % len(SPODES)](spodes.Meter.from_json({}, offset=180)), answer, stream)


def _run(step: Generator[Any, Any, Any], answer: Callable[[Any], object], stream: Stream) -> None:
    try:
        ask = next(step)
        while not stream.is_over:
            ask = step.send(answer(ask))
        step.close()
    except (StopIteration, *REFUSED):
        return


def seeds_of_mercury() -> list[bytes]:
    """What a simulated meter says to each step."""
    from tests.protocols.mercury230.talking import Talk

    found = []
    for number, step in enumerate(MERCURY):
        talk, said = Talk(at=LAST), bytearray()

        def kept(_: bytes, data: bytes, said: bytearray = said) -> bytes:
            said += data
            return data

        talk.change = kept
        with contextlib.suppress(*REFUSED):
            talk.run(step(mercury.Meter(180, PASSPORT)))
        found.append(bytes((number, 3)) + bytes(said))
    return found


def seeds_of_lines() -> list[bytes]:
    clock = bytes.fromhex("4314160327020801")
    return [b"\xff" + wrap(90, clock), b"\0" + wrap(90, b"\5"), b"\5" + bytes(9) + wrap(90, clock)]


def seeds_of_spodes() -> list[bytes]:
    """Answers that are data: a stamp, a number, a structure, an array of rows."""
    parts = [
        "090c07ea03020118000000ff4c00", "060000abcd", "02020f fe16 1e", "0908 3430313131313232",
        "0101 0204 1200080906 0000010000ff 0f02 120000", "0100",
        "0102 0205 090c07ea0302010000000000ff4c00 12 0001 12 0002 12 0003 12 0004",
    ]  # fmt: skip
    raw = [bytes.fromhex(part) for part in parts]
    told = [bytes((len(part),)) + part for part in raw]
    every = b"".join(told)
    return [
        bytes((number,)) + piece for number in range(len(SPODES)) for piece in (every, told[1] * 9)
    ]
