"""Meters of Incotex that speak the language of Mercury 230, over a transparent TCP line.

address: {"address": 90, "code": "digits" | "ascii"}: 0 to 240, where 0 is whoever answers; how
the password is sent: as numbers (models without a "D", the usual) or as characters. A password
of six bytes below 10 is sent as it is.
access: `level` 1 reads, 2 commands; `password` is six characters.
layouts: {"passport": …}. habits: those of `mercury230.Habits`.
Unable: load profile 2, counters of quality, tariff calendars, permission to switch on.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import NoReturn, TypeVar

from faza.collection.drivers import Learned, Opening
from faza.collection.drivers.link import Link
from faza.collection.drivers.troubles import (
    Denied,
    Dropped,
    Garbage,
    NoAnswer,
    NotDone,
    Trouble,
    Unable,
)
from faza.collection.polling.work import Problem
from faza.core.words import gettext_noop as _
from faza.protocols import mercury230
from faza.protocols.mercury230 import commands, energies, journals, profile, reading
from faza.protocols.mercury230.problems import WORDS
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
from faza.protocols.problems import Malformed

T = TypeVar("T")

REPEATS = 2
"""How often a question is asked again before nobody is taken to be there."""
GAP = 1.0
"""Seconds of silence in the middle of an answer after which the rest will not come."""


async def open_session(link: Link, opening: Opening) -> MercurySession:
    """As `drivers.Open`: opens the channel. Raises Unable, Denied and other Trouble."""
    told = opening.address.get("address", 0)
    try:
        connection = mercury230.Connection(int(str(told)))
        password = _password(opening)
    except ValueError as problem:
        raise Unable(f"Address or password do not fit this driver: {problem}") from problem
    session = MercurySession(link, opening, connection, password)
    await session.begin()
    return session


def _password(opening: Opening) -> bytes:
    """The six bytes that are sent. Raises ValueError."""
    secret, code = opening.access.password, opening.address.get("code", "digits")
    if len(secret) != 6:
        raise ValueError("the password is not six characters")
    if code == "ascii" or max(secret) < 10:
        return secret
    if code != "digits" or not secret.isdigit():
        raise ValueError("the password is not six digits, and is not said to be ascii")
    return bytes(digit - ord("0") for digit in secret)


class MercurySession:
    """A session of `drivers`, by the steps of `mercury230`."""

    def __init__(
        self, link: Link, opening: Opening, connection: mercury230.Connection, password: bytes
    ) -> None:
        self.link, self.opening = link, opening
        self._connection, self._password = connection, password
        self._is_noisy = False
        """Whether an answer may still be on its way that belongs to an earlier question."""
        told = opening.layouts.get("passport")
        self.meter = mercury230.Meter(
            opening.offset,
            mercury230.Passport.from_json(told) if isinstance(told, dict) else None,
            mercury230.Habits.from_json(opening.habits),
        )

    async def begin(self) -> None:
        """Open the channel. Raises Trouble."""
        level = self.opening.access.level
        try:
            await self._run(commands.open_channel(level, self._password))
        except ValueError as problem:
            raise Unable(str(problem)) from problem
        except mercury230.Refusal as problem:
            raise Denied(
                f"The meter refuses the password of level {level}: {WORDS[problem.status]}.",
                'Check password and level; models with a "D" want it sent as characters ("ascii").',
            ) from problem

    async def close(self) -> None:
        """Close the channel, so that the next one does not find it open."""
        try:
            await self._asked(commands.CLOSE)
            self.link.dialogue.note(_("takes leave"))
        except (Trouble, NotDone):
            self.link.dialogue.note(_("no answer to taking leave"))

    def learned(self) -> Learned:
        layouts: dict[str, Json] = {}
        if self.meter.passport is not None:
            layouts["passport"] = self.meter.passport.to_json()
        habits = self.meter.habits.to_json()
        return Learned(
            layouts if layouts != dict(self.opening.layouts) else None,
            habits if habits != dict(self.opening.habits) else None,
        )

    # What is read

    async def number(self) -> str:
        return await self._do(reading.number(self.meter))

    async def identity(self) -> Identity:
        return await self._do(reading.identity(self.meter))

    async def clock(self) -> datetime:
        return await self._do(reading.clock(self.meter))

    async def registers(self) -> RegisterRows:
        return await self._do(energies.registers(self.meter))

    async def profile(self, which: int, first: datetime, last: datetime) -> ProfileRows:
        if which != 1:
            raise Unable("The second load profile is not read.")
        return await self._do(profile.profile(self.meter, first, last))

    async def captured(self, kind: str, first: datetime, last: datetime) -> RegisterRows:
        return await self._do(energies.captured(self.meter, kind, first, last))

    async def instant(self) -> Instant:
        return await self._do(reading.instant(self.meter))

    async def events(self, first: datetime, last: datetime) -> EventRows:
        return await self._do(journals.events(self.meter, first, last))

    async def quality(self) -> QualityCounters:
        _lacks("counters of supply quality")

    async def configuration(self) -> Configuration:
        return await self._do(reading.configuration(self.meter))

    async def relay(self) -> Relay:
        return await self._do(commands.relay(self.meter))

    async def limiters(self) -> tuple[Limiter, ...]:
        return (await self._do(commands.limiter(self.meter)),)

    async def calendar(self) -> TariffCalendar:
        _lacks("tariff calendar")

    # What is done

    async def switch(self, to: str) -> Relay:
        return await self._do(commands.switch(self.meter, to))

    async def set_limiter(self, limiter: Limiter) -> Limiter:
        return await self._do(commands.set_limiter(self.meter, limiter))

    async def write_calendar(
        self, calendar: TariffCalendar, activate_at: datetime | None
    ) -> TariffCalendar:
        _lacks("tariff calendar")

    async def activate_calendar(self) -> TariffCalendar:
        _lacks("tariff calendar")

    async def set_clock(self, at: datetime) -> None:
        await self._do(commands.set_clock(self.meter, at))

    async def shift_clock(self, seconds: int) -> None:
        await self._do(commands.shift_clock(self.meter, seconds))

    # Asking

    async def _do(self, step: Generator[mercury230.Ask, mercury230.Answer, T]) -> T:
        """Run a step and tell its failures as drivers do. Raises Unable, NotDone, Trouble."""
        try:
            return await self._run(step)
        except mercury230.Refusal as problem:
            if problem.status is mercury230.Status.ILLEGAL:
                raise Unable(str(problem)) from problem
            raise NotDone(str(problem)) from problem
        except mercury230.NotTaken as problem:
            raise NotDone(str(problem), Problem.NOT_TAKEN) from problem
        except Malformed as problem:
            raise NotDone(str(problem), Problem.GARBAGE) from problem
        except ValueError as problem:
            raise Unable(str(problem)) from problem

    async def _run(self, step: Generator[mercury230.Ask, mercury230.Answer, T]) -> T:
        try:
            ask = next(step)
            while True:
                ask = step.send(await self._answered(ask))
        except StopIteration as done:
            value: T = done.value
            return value

    async def _answered(self, ask: mercury230.Ask) -> mercury230.Answer:
        """An answer; the channel is opened again if it has closed itself meanwhile."""
        answer = await self._asked(ask)
        closed = mercury230.Refused(mercury230.Status.CLOSED)
        if answer != closed or ask.payload[0] == commands.OPEN:
            return answer
        self.link.dialogue.note(_("the channel has closed itself; opens it again"))
        await self.begin()
        return await self._asked(ask)

    async def _asked(self, ask: mercury230.Ask) -> mercury230.Answer:
        """The answer to one question, which is asked up to three times. Raises Trouble."""
        dialogue = self.link.dialogue
        is_secret = ask.payload[0] == commands.OPEN
        dialogue.say(ask.told, f"{ask.payload[0]:02X}", is_secret=is_secret)
        for left in range(0 if ask.is_once else REPEATS, -1, -1):
            if self._is_noisy:
                await self._drain()
            await self.link.write(self._connection.send(ask))
            try:
                answer = await self._heard()
            except (NoAnswer, mercury230.Damaged) as problem:
                self._is_noisy = True
                if not left:
                    if isinstance(problem, NoAnswer):
                        raise
                    raise Garbage(f"The answer makes no sense: {problem.reason}") from problem
                dialogue.pause(_("%(problem)s Asks again."), problem=problem)
                continue
            dialogue.hear(_told(answer))
            return answer
        raise AssertionError("left unasked")

    async def _heard(self) -> mercury230.Answer:
        while (answer := self._connection.next_event()) is mercury230.NEED_DATA:
            has_part = self._connection.has_part
            data = await self.link.read(min(GAP, self.link.timeout) if has_part else None)
            if not data:
                raise Dropped("The other side ended the connection.")
            self._connection.receive(data)
        assert not isinstance(answer, type(mercury230.NEED_DATA))
        return answer

    async def _drain(self) -> None:
        """Let go what has come of answers that were given up."""
        self._is_noisy = False
        try:
            while await self.link.read(0):
                pass
        except NoAnswer:
            return


def _lacks(what: str) -> NoReturn:
    raise Unable(f"This driver has no {what}.")


def _told(answer: mercury230.Answer) -> str:
    if isinstance(answer, mercury230.Refused):
        return f"refused: {WORDS[answer.status]}"
    return f"{len(answer.data)} bytes" if answer.data else "done"
