"""A DLMS dialogue over a link: associations, requests and their answers, steps of СПОДЭС.

It gives a `Connection` what it does not have itself: bytes, patience, repeats on a serial line,
challenges, invocation counters that are put down before they are used, and words for people.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Generator
from typing import TypeVar

from faza.collection.drivers import Opening
from faza.collection.drivers.link import Link
from faza.collection.drivers.troubles import (
    Busy,
    CounterRefused,
    Denied,
    Dropped,
    Garbage,
    NoAnswer,
    NotDone,
    Trouble,
)
from faza.collection.polling.dialogues import Id
from faza.collection.polling.work import Problem
from faza.core.words import gettext_noop as _
from faza.protocols import dlms, spodes
from faza.protocols.dlms.events import Answer, Event
from faza.protocols.spodes import words

T = TypeVar("T")
MESSAGES: dict[type, str] = {
    dlms.Get: "GET", dlms.GetList: "GET", dlms.Set: "SET", dlms.SetList: "SET",
    dlms.Action: "ACTION", dlms.Done: "RESULT", dlms.DoneList: "RESULT", dlms.Acted: "RESULT",
    dlms.Refused: "REFUSED",
}  # fmt: skip
"""What requests and answers are called in the standard; data are DATA."""
UNASKED = (dlms.Pushed, dlms.Told)
TOLD = (dlms.Rejected, dlms.CounterSpent, dlms.Malformed, dlms.TryLater)
"""What the codec says that is Trouble; CounterTooLow is for the session to mend."""

REPEATS = 2
"""How often a frame is sent again on a serial line, before nobody is taken to be there."""
PATIENCE = 10
"""So many times `Link.timeout` one APDU may take, however steadily its bytes drip."""
SPARE = 4
"""Invocation counters left at which more are asked for: an exchange step uses one or two."""
MORE = 200
"""How many are asked for at once: a day of a profile in blocks of 100 bytes takes 22."""
GOODBYE = 3.0
"""Seconds that taking leave of a meter may take."""


class Talk:
    """One association at a time over a link. `route` says from which client to which meter."""

    def __init__(self, link: Link, opening: Opening, route: dlms.Route) -> None:
        self.link, self.opening, self.route = link, opening, route
        self.dialogue = link.dialogue
        self.security: dlms.Security | None = None
        self.associated: dlms.Associated | None = None
        self._end = 0
        """The first invocation counter that is not ours."""
        self._connection: dlms.Connection | None = None

    # Associations

    async def associate(self, connection: dlms.Connection, who: str) -> dlms.Associated:
        """Open the link and the association. Raises Trouble."""
        self._connection = connection
        try:
            if isinstance(self.route, dlms.Hdlc):
                self.dialogue.say(_("opens the HDLC link (SNRM)"), "SNRM")
            await self._exchange(dlms.Connect())
            if isinstance(self.route, dlms.Hdlc):
                self.dialogue.hear(_("the link is open (UA)"), "UA")
            self.dialogue.say(
                _("asks for an association as %(who)s"), "AARQ", is_secret=True, who=who
            )
            found = await self._exchange(dlms.Associate())
        except NoAnswer as problem:
            told = f"It was connected, but nobody answers at {self._address()}. {problem.told}"
            raise NoAnswer(told) from problem
        assert isinstance(found, dlms.Associated)  # the state table lets nothing else out
        self.dialogue.hear(
            _("associated; takes requests of %(size)s bytes at most"), "AARE", size=found.max_pdu
        )
        self.associated = found
        return found

    def _address(self) -> str:
        if isinstance(self.route, dlms.Ports):
            return f"server port {self.route.server}"
        server = self.route.server
        physical = "" if server.lower is None else f", physical {server.lower}"
        return f"HDLC address logical {server.upper}{physical}"

    async def leave(self) -> None:
        """Release and disconnect; what goes wrong now is of no interest."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            async with asyncio.timeout(GOODBYE):
                self._connection = connection
                if connection.state is dlms.State.READY:
                    await self._exchange(dlms.Release())
                if connection.state is dlms.State.CONNECTED:
                    await self._exchange(dlms.Disconnect())
                self.dialogue.note(_("takes leave"))
        except (Trouble, TimeoutError, dlms.WrongStep):
            self.dialogue.note(_("no answer to taking leave"))
        finally:
            self._connection = None

    # Requests

    async def run(self, step: Generator[dlms.Request, Answer, T]) -> T:
        """Run a step of СПОДЭС over the association. Raises NotDone, Trouble."""
        try:
            request = next(step)
            while True:
                self.dialogue.say(words.describe(request, Id), MESSAGES[type(request)])
                found = await self._exchange(request)
                told = words.describe_answer(found, Id)  # type: ignore[arg-type]
                self.dialogue.hear(told, MESSAGES.get(type(found), "DATA"))
                request = step.send(found)  # type: ignore[arg-type]
        except StopIteration as done:
            value: T = done.value
            return value
        except spodes.NotTaken as problem:
            raise NotDone(str(problem), Problem.NOT_TAKEN) from problem
        except spodes.Denied as problem:
            raise NotDone(str(problem)) from problem
        except dlms.TryLater as problem:
            raise Busy(str(problem)) from problem
        except dlms.Malformed as problem:
            raise NotDone(str(problem), Problem.GARBAGE) from problem

    async def ask(self, request: dlms.Request) -> Event:
        """One request by itself. Raises NotDone if it does not fit the meter, Trouble."""
        return await self._exchange(request)

    async def _exchange(self, request: dlms.Request) -> Event:
        try:
            return await self._heard(request)
        except TOLD as problem:
            raise _trouble(problem, self.link) from problem

    async def _heard(self, request: dlms.Request) -> Event:
        connection = self._connection
        assert connection is not None  # nobody asks before `associate`
        if self.security is not None:
            await self._count()
        try:
            out = connection.send(request)
        except ValueError as problem:
            raise NotDone(str(problem), Problem.UNABLE) from problem
        await self.link.write(out)
        wait = _Wait(self.link)
        # Over a wrapper nothing that was there before can be the answer to what we said.
        comes_first = isinstance(self.route, dlms.Ports)
        if comes_first and out:
            await self._receive(connection, wait)
        while True:
            if self.security is not None:
                await self._count()
            try:
                event = connection.next_event()
            except dlms.Damaged:
                self.dialogue.pause(_("a frame came damaged; asks for it again"))
                wait.repeat()
                await self.link.write(connection.repeat())
                continue
            if event is dlms.NEED_DATA:
                await self._receive(connection, wait)
            elif isinstance(event, dlms.Transmit):
                self.dialogue.part()
                await self.link.write(event.data)
                wait = _Wait(self.link)
                if comes_first:
                    await self._receive(connection, wait)
            elif isinstance(event, UNASKED):
                self.dialogue.hear(_("tells something unasked"), "PUSH")
            else:
                return event

    async def _receive(self, connection: dlms.Connection, wait: _Wait) -> None:
        try:
            connection.receive(await self.link.read(wait.left()))
        except NoAnswer:
            if not isinstance(self.route, dlms.Hdlc):
                raise
            wait.repeat()
            self.dialogue.pause(_("no answer; says it again"))
            await self.link.write(connection.repeat())

    # Invocation counters

    def keep_counter(self, security: dlms.Security, end: int) -> None:
        """Use this protection from now on; counters from `end` on are not ours."""
        self.security, self._end = security, end

    @property
    def counter_end(self) -> int:
        return self._end

    async def _count(self) -> None:
        """See that the next steps have invocation counters of ours."""
        security, reserve = self.security, self.opening.reserve
        if security is None or reserve is None or security.counter + SPARE <= self._end:
            return
        more = await reserve(MORE, security.counter)
        if more.first != self._end:  # somebody else took the next ones
            security.counter = max(more.first, security.counter)
        self._end = more.end


class _Wait:
    """How long an answer is waited for, and how often it was asked for again."""

    def __init__(self, link: Link) -> None:
        self._timeout = link.timeout
        self._until = time.monotonic() + PATIENCE * link.timeout
        self._repeats = 0

    def left(self) -> float:
        """Seconds to wait for the next bytes. Raises NoAnswer if it has taken too long."""
        if time.monotonic() > self._until:
            raise Garbage("Bytes come on and on, and no answer gets whole.")
        return self._timeout

    def repeat(self) -> None:
        self._repeats += 1
        if self._repeats > REPEATS:
            raise NoAnswer(f"No whole answer, although it was asked for {1 + REPEATS} times.")


def _trouble(problem: Exception, link: Link) -> Trouble:
    """What the codec says, as Trouble."""
    if isinstance(problem, dlms.Rejected):
        return Denied(_refusal(problem))
    if isinstance(problem, dlms.CounterSpent):
        advice = "Have new keys written into the meter."
        return CounterRefused("No invocation counter is left under this key.", advice)
    if isinstance(problem, dlms.Unproven):
        return Denied(
            f"What the meter sends does not fit the keys ({problem.reason})",
            "Check the encryption and the authentication key; somebody else's meter may answer.",
        )
    if isinstance(problem, dlms.Malformed):
        return Garbage(f"The answer makes no sense: {problem.reason}")
    if link.is_closed:
        return Dropped(f"The other side ended the connection. {problem}")
    return Busy(f"The meter does not serve now: {problem}")


def _refusal(problem: dlms.Rejected) -> str:
    if "AUTHENTICATION" in problem.diagnostic or "proof" in str(problem):
        return "The meter refuses the password or key."
    return f"The meter refuses the association: {problem}"


def challenge() -> bytes:
    """Fresh randomness for a proof."""
    return secrets.token_bytes(16)
