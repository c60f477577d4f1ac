"""Meters of СПОДЭС over DLMS/COSEM, on a TCP wrapper or on HDLC.

address, wrapper: {"server": 1}: the wrapper port of the logical device.
address, HDLC: {"logical": 1, "physical": 17, "size": 0 | 1 | 2 | 4, "info": 512, "window": 1}:
`size` in bytes, 0 the least that fits; `info` and `window` are what we propose.
habits: {"counter": n}: the invocation counter is in 0.0.43.1.n.255 (0); {"general": true}:
requests go as general-glo; {"info": 128}: a link with proposals was not answered; others are
those of `spodes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from faza.collection.drivers import Captured, Learned, Opening, Switching
from faza.collection.drivers.link import Link
from faza.collection.drivers.talk import MORE, Talk, challenge
from faza.collection.drivers.troubles import CounterRefused, NoAnswer, NotDone, Unable
from faza.collection.polling.dialogues import Id
from faza.collection.polling.work import Access, Counter, Problem
from faza.core.words import gettext_noop as _
from faza.protocols import dlms, spodes
from faza.protocols.metered import (
    Configuration,
    EventRows,
    Identity,
    Instant,
    Json,
    Limiter,
    ProfileRows,
    QualityCounters,
    RegisterRows,
    Relay,
    TariffCalendar,
)
from faza.protocols.spodes import names
from faza.protocols.spodes.asking import Step, one
from faza.protocols.spodes.identity import text_of
from faza.protocols.spodes.names import attribute

T = TypeVar("T")

PUBLIC = 16
PROOFS = {
    "none": _("client %(number)s without a password"),
    "lls": _("client %(number)s with a password"),
    "hls5": _("client %(number)s with keys"),
}
TITLE = b"FZA\x00\x00\x00\x00\x01"
"""Our system title where the credentials have none."""
WIDE, NARROW = 512, 128
"""Bytes of an HDLC frame's information that we propose, and those that every meter takes."""
LAST_COUNTER = 0xFFFF_FFFF
MOST_COUNTER = 0xFFFF_0000
"""A meter that says it has seen more would leave us none: it is not believed."""


async def open_wrapper(link: Link, opening: Opening) -> DlmsSession:
    """As `drivers.Open`, over a TCP wrapper."""
    with _fitting():
        route = dlms.Ports(opening.access.client, _number(opening.address, "server", 1))
    return await _open(link, opening, route)


async def open_hdlc(link: Link, opening: Opening) -> DlmsSession:
    """As `drivers.Open`, over HDLC."""
    with _fitting():
        info = _number(opening.habits, "info", _number(opening.address, "info", WIDE))
        route = _hdlc(opening, info)
    try:
        return await _open(link, opening, route)
    except NoAnswer:
        if info == NARROW:
            raise
        if link.received:
            raise  # somebody is there, and is silent for another reason
    link.dialogue.note(_("tries again without proposals for the link"))
    session = await _open(link, opening, _hdlc(opening, NARROW))
    session.habits["info"] = NARROW
    return session


def _hdlc(opening: Opening, info: int) -> dlms.Hdlc:
    address = opening.address
    physical = address.get("physical")
    size = _number(address, "size", 0)
    window = _number(address, "window", 1)
    server = dlms.Address(
        _number(address, "logical", 1), None if physical is None else int(str(physical)), size
    )
    parameters = dlms.Parameters(info, info, window, window)
    return dlms.Hdlc(dlms.Address(opening.access.client), server, parameters)


async def _open(link: Link, opening: Opening, route: dlms.Route) -> DlmsSession:
    with _fitting():
        session = DlmsSession(Talk(link, opening, route), opening)
        await session.begin()
    return session


@contextmanager
def _fitting() -> Iterator[None]:
    """Turns what the codec says to numbers and keys that do not fit into Unable."""
    try:
        yield
    except (ValueError, OverflowError) as problem:
        raise Unable(f"Address or keys do not fit this driver: {problem}") from problem


class DlmsSession:
    """A session of `drivers`, by the steps of `spodes`."""

    def __init__(self, talk: Talk, opening: Opening) -> None:
        self.talk, self.opening = talk, opening
        self.meter = spodes.Meter.from_json(opening.layouts, offset=opening.offset)
        self.habits: dict[str, Json] = dict(opening.habits)

    # The association

    async def begin(self) -> None:
        """Associate as the access says. Raises Trouble."""
        access = self.opening.access
        if access.mechanism == "hls5":
            await self._protect(access)
        try:
            await self._associate(access)
        except dlms.CounterTooLow as problem:
            await self.talk.leave()
            await self._raise_counter(problem.expected)
            try:
                await self._associate(access)
            except dlms.CounterTooLow as again:
                raise CounterRefused(str(again)) from again

    async def _associate(self, access: Access) -> None:
        mechanisms = {"none": dlms.Mechanism.NONE, "lls": dlms.Mechanism.LLS}
        if access.mechanism == "hls5":
            connection = dlms.Connection(
                self.talk.route,
                mechanism=dlms.Mechanism.HLS_GMAC,
                challenge=challenge(),
                security=self.talk.security,
                ciphered=True,
            )
        else:
            connection = dlms.Connection(
                self.talk.route,
                mechanism=mechanisms[access.mechanism],
                password=access.password,
            )
        found = await self.talk.associate(connection, _who(access))
        self.meter.agreed(found, ciphered=access.mechanism == "hls5")

    async def _protect(self, access: Access) -> None:
        """Keys and counters; an unknown counter is asked of the meter's public client."""
        keys = dlms.Keys(access.encryption_key, access.authentication_key)
        counter = self.opening.counter
        if counter is None or not counter.is_known:
            first = await self._counter_of_meter()
            counter = await self._reserved(first, counter)
        security = dlms.Security(
            keys,
            access.system_title or TITLE,
            counter.first,
            -1 if counter.peer is None else counter.peer,
            general=bool(self.habits.get("general")),
        )
        self.talk.keep_counter(security, counter.end)

    async def _reserved(self, first: int, before: Counter | None) -> Counter:
        if self.opening.reserve is None:
            return Counter(first, LAST_COUNTER)
        more = await self.opening.reserve(MORE, first)
        peer = before.peer if before else None
        return Counter(max(more.first, first), more.end, peer)

    async def _raise_counter(self, expected: int) -> None:
        security = self.talk.security
        assert security is not None  # only what is ciphered is told a counter
        if not security.counter <= expected < MOST_COUNTER:
            raise CounterRefused(f"The meter refuses counter {security.counter}, wants {expected}.")
        self.talk.dialogue.note(_("goes on with invocation counter %(number)s"), number=expected)
        more = await self._reserved(expected, None)
        security.counter = more.first
        self.talk.keep_counter(security, more.end)

    async def _counter_of_meter(self) -> int:
        """The next invocation counter that the meter takes, read without any secret."""
        number = _number(self.habits, "counter", 0)
        talk = Talk(self.talk.link, self.opening, _as_client(self.talk.route, PUBLIC))
        await talk.associate(dlms.Connection(talk.route), Id(_("the public client 16")))
        try:
            talk.dialogue.say(_("asks for the invocation counter that it has seen last"), "GET")
            name = dlms.Attribute(1, bytes((0, 0, 43, 1, number, 255)), 2)
            found = await talk.ask(dlms.Get(name))
            if not isinstance(found, dlms.Got) or not isinstance(found.result, bytes):
                raise CounterRefused(f"The meter does not tell its counter 0.0.43.1.{number}.255.")
            seen = found.data().value
            if not isinstance(seen, int) or not 0 <= seen < MOST_COUNTER:
                raise CounterRefused(f"The meter says {seen!r} is its invocation counter.")
            talk.dialogue.hear(_("invocation counter %(number)s"), "DATA", number=seen)
            return seen + 1
        finally:
            await talk.leave()

    async def close(self) -> None:
        await self.talk.leave()

    def learned(self) -> Learned:
        layouts = self.meter.to_json()
        habits = self.habits
        security, counter = self.talk.security, None
        if security is not None:
            peer = security.peer_counter if security.peer_counter >= 0 else None
            counter = Counter(security.counter, self.talk.counter_end, peer)
        return Learned(
            layouts if layouts != dict(self.opening.layouts) else None,
            habits if habits != dict(self.opening.habits) else None,
            counter,
        )

    # What is read

    async def number(self) -> str:
        return await self.talk.run(_serial(self.meter))

    async def identity(self) -> Identity:
        return await self.talk.run(spodes.identity(self.meter))

    async def clock(self) -> datetime:
        found = await self.talk.run(spodes.clock(self.meter))
        if found.at is None:
            raise NotDone("The meter's clock shows no time: it is not set.", Problem.CLOCK)
        return found.at

    async def registers(self) -> RegisterRows:
        return await self.talk.run(spodes.registers(self.meter))

    async def profile(self, which: int, first: datetime, last: datetime) -> ProfileRows:
        return await self.talk.run(spodes.profile(self.meter, which, first, last))

    async def captured(self, kind: Captured, first: datetime, last: datetime) -> RegisterRows:
        return await self.talk.run(spodes.captured(self.meter, kind, first, last))

    async def instant(self) -> Instant:
        return _there(await self.talk.run(spodes.instant(self.meter)), "values of this moment")

    async def events(self, first: datetime, last: datetime) -> EventRows:
        return await self.talk.run(spodes.journals(self.meter, first, last))

    async def quality(self) -> QualityCounters:
        return _there(await self.talk.run(spodes.quality(self.meter)), "counters of quality")

    async def configuration(self) -> Configuration:
        return await self.talk.run(spodes.configuration(self.meter))

    async def relay(self) -> Relay:
        return _there(await self.talk.run(spodes.relay(self.meter)), "relay")

    async def limiters(self) -> tuple[Limiter, ...]:
        return await self.talk.run(spodes.limiters(self.meter))

    async def calendar(self) -> TariffCalendar:
        found = await self.talk.run(spodes.calendar(self.meter, "active"))
        return _there(found, "tariff calendar")

    # What is done

    async def switch(self, to: Switching) -> Relay:
        return await self.talk.run(spodes.switch(self.meter, to))

    async def set_limiter(self, limiter: Limiter) -> Limiter:
        return await self.talk.run(spodes.set_limiter(self.meter, limiter))

    async def write_calendar(
        self, calendar: TariffCalendar, activate_at: datetime | None
    ) -> TariffCalendar:
        written = await self.talk.run(spodes.write_calendar(self.meter, calendar, activate_at))
        return written if activate_at is not None else await self.activate_calendar()

    async def activate_calendar(self) -> TariffCalendar:
        return await self.talk.run(spodes.activate(self.meter))

    async def set_clock(self, at: datetime) -> None:
        await self.talk.run(spodes.set_clock(self.meter, at, self.opening.offset))

    async def shift_clock(self, seconds: int) -> None:
        await self.talk.run(spodes.shift_clock(self.meter, seconds))


def _number(told: Mapping[str, Json], name: str, default: int) -> int:
    """A number of an address or of habits. Raises ValueError if it is none."""
    found = told.get(name)
    return default if found is None else int(str(found))


def _who(access: Access) -> str:
    return Id(PROOFS[access.mechanism]) % {"number": access.client}


def _as_client(route: dlms.Route, client: int) -> dlms.Route:
    if isinstance(route, dlms.Ports):
        return dlms.Ports(client, route.server)
    return replace(route, client=dlms.Address(client))


def _serial(meter: spodes.Meter) -> Step[str]:
    """The serial number, alone: a part of `spodes.identity` that every session asks for."""
    return text_of((yield from one(meter, attribute(names.DATA, names.NUMBER, 2))))


def _there(found: T | None, what: str) -> T:
    if found is None:
        raise Unable(f"The meter has no {what}.")
    return found
