"""One session with one meter: is it the right one, commands, what is due, its clock.

Whatever happens ends in a SessionResult: what was read before stays read. The edge of the room:
nothing here knows the database; counters are asked for through `Means`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from faza.collection.collector import orders, tasks
from faza.collection.collector.found import Found
from faza.collection.drivers import NoSuchDriver, Opening, Session, driver
from faza.collection.drivers.dialogue import Dialogue, Listener, Tracer
from faza.collection.drivers.link import Link, connect
from faza.collection.drivers.troubles import Dropped, NotDone, Overtime, Trouble, Unable
from faza.collection.polling import clock
from faza.collection.polling.dialogues import Id
from faza.collection.polling.work import (
    Access,
    ClockRead,
    CommandResult,
    CommandWork,
    Counter,
    DeviceWork,
    LineWork,
    Order,
    Problem,
    SessionResult,
    Task,
)
from faza.core.clock import Now
from faza.core.logs import within
from faza.core.words import gettext_noop as _

LONGEST = 900.0
"""Seconds of one session at most: others on the line wait. The rest is asked for next time."""
CONNECTING = 30.0
"""Seconds that a connection may take to come about, however patient the line is."""
TRIES, AGAIN = 3, 1.0
"""How often a connection is tried that ends before a byte came, and seconds in between."""
GOODBYE = 5.0
TOO_LATE = "It was not done in time."
RIGHT, FAST, SLOW = _("right to the second"), _("%(size)s s fast"), _("%(size)s s slow")
log = logging.getLogger(__name__)


async def no_more_counters(device: int, key: str, count: int, at_least: int) -> Counter:
    """Where nobody keeps counters, at a desk: whatever the meter takes."""
    return Counter(at_least, at_least + count)


@dataclass(frozen=True, slots=True)
class Means:
    """What a session has besides its work.

    reserve: (device, key of access, how many, at least) → invocation counters put down as used.
    is_ending: whether it is to end as soon as what is being asked is answered. may_speak: whether
    the line is still ours: a process that was stopped for a while may have lost it.
    """

    now: Now
    reserve: Callable[[int, str, int, int], Awaitable[Counter]] = no_more_counters
    is_ending: Callable[[], bool] = lambda: False
    may_speak: Callable[[], bool] = lambda: True
    longest: float = LONGEST
    listener: Listener | None = None
    tracer: Tracer | None = None


async def visit(line: LineWork, device: DeviceWork, means: Means) -> SessionResult:
    """Talk to a meter. Never raises; a cancelled one tells what it has, as interrupted."""
    with within(session=f"{device.id}-{device.ticket}"):
        return await Visit(line, device, means).run()


class Visit:
    def __init__(self, line: LineWork, device: DeviceWork, means: Means) -> None:
        self.line, self.device, self.means = line, device, means
        self.found = Found(device, means.now())
        self.dialogue = Dialogue(time.monotonic, listener=means.listener, tracer=means.tracer)
        self.link: Link | None = None
        self.advice = ""
        """What a person may try, where the session came to nothing."""
        self._session: Session | None = None
        self._as: Access | None = None

    async def run(self) -> SessionResult:
        try:
            async with asyncio.timeout(self.means.longest):
                await self._talk()
        except TimeoutError:
            self._fail(Overtime(f"The session took more than {self.means.longest:.0f} seconds."))
        except Trouble as trouble:
            self._fail(trouble)
        except (NotDone, Unable, NoSuchDriver) as problem:
            self.found.fail(getattr(problem, "problem", Problem.UNABLE), str(problem))
            self._end(str(problem))
        except asyncio.CancelledError:
            self.found.fail(Problem.INTERRUPTED, "The collector was stopped.")
            self.dialogue.note(_("the collector was stopped"))
        except Exception as problem:
            log.exception("meter %s", self.device.number)
            self.found.fail(Problem.INTERNAL, f"{type(problem).__name__}: {problem}")
        await self._hang_up()
        return self.found.result(
            self.line, self.link, at=self.means.now(), dialogue=self.dialogue.lines()
        )

    def _fail(self, trouble: Trouble) -> None:
        self.found.fail(trouble.problem, trouble.told)
        self.advice = trouble.advice
        self._end(trouble.told)

    def _end(self, words: str) -> None:
        self.dialogue.note(words, f"!{self.found.problem}")

    async def _hang_up(self) -> None:
        """Learn, close the link. Taking leave of the meter is only for sessions that went well."""
        self._learn()
        if self.link is None:
            return
        if self.found.problem is Problem.NONE:
            await self.link.close()
        else:
            self.link.abort()

    async def _talk(self) -> None:
        await self._begin()
        if await self._is_other():
            return
        for command in self._to_do:
            await self._order(command)
        if self.device.tasks:
            await self._read_all()
        for command in self.device.commands:
            if command.order is Order.READ_NOW:
                self._tell_read(command)
        await self._leave()

    async def _begin(self) -> None:
        """Connect and open the first session.

        A gateway with room for one connection may not have noticed yet that the last one is
        over, and hangs up at once: it is asked again after a moment.
        """
        first = self.device.control if self._to_do else self.device.access
        for left in reversed(range(TRIES)):
            self.link = await self._connect()
            try:
                await self._enter(first)
            except Dropped:
                if self.link.received or not left:
                    raise
                self.link.abort()
                self.dialogue.note(_("the other side hung up at once; tries again"))
                await asyncio.sleep(AGAIN)
            else:
                return

    async def _connect(self) -> Link:
        link = await connect(
            self.line.host,
            self.line.port,
            timeout=min(self.line.timeout, CONNECTING),
            dialogue=self.dialogue,
            may_speak=self.means.may_speak,
        )
        link.timeout = self.line.timeout
        return link

    @property
    def _to_do(self) -> list[CommandWork]:
        return [one for one in self.device.commands if one.order is not Order.READ_NOW]

    # Associations

    async def _enter(self, access: Access) -> Session:
        """The session as whom we have to be; an open one is kept if it is the same."""
        if self._session is not None and access == self._as:
            return self._session
        await self._leave()
        assert self.link is not None  # `_talk` opens it first
        device, found = self.device, self.found

        async def reserve(count: int, at_least: int) -> Counter:
            return await self.means.reserve(device.id, access.key, count, at_least)

        opening = Opening(
            access=access,
            now=self.means.now,
            address=device.address,
            offset=self._offset(),
            counter=found.counters.get(access.key) or device.counters.get(access.key),
            reserve=reserve if self.means.reserve is not no_more_counters else None,
            layouts=device.layouts if found.layouts is None else found.layouts,
            habits=device.habits if found.habits is None else found.habits,
            intervals=device.intervals,
            settings=self.line.settings,
        )
        self._session, self._as = await driver(device.driver)(self.link, opening), access
        return self._session

    def _offset(self) -> int:
        """Minutes east of UTC where the meter stands, now."""
        there = self.means.now().astimezone(ZoneInfo(self.device.zone))
        return (there.utcoffset() or timedelta()) // timedelta(minutes=1)

    async def _leave(self) -> None:
        if self._session is not None:
            with contextlib.suppress(TimeoutError):  # what was read is read
                async with asyncio.timeout(GOODBYE):
                    await self._session.close()
        self._learn()

    def _learn(self) -> None:
        if self._session is not None and self._as is not None:
            self.found.learn(self._session.learned(), self._as.key)
        self._session = self._as = None

    async def _is_other(self) -> bool:
        """Whether another meter answers than the one that is expected; then nothing is read."""
        assert self._session is not None  # asked right after entering
        said = await self._session.number()
        if not said or not self.device.number or alike(said, self.device.number):
            return False
        words = f"The meter says its number is {said}, and not {self.device.number}."
        self.found.fail(Problem.OTHER_METER, words)
        self.advice = "Was the meter replaced, or are address or line those of another one?"
        self._end(words)
        await self._leave()
        return True

    # Commands

    async def _order(self, command: CommandWork) -> None:
        if command.expires_at is not None and self.means.now() >= command.expires_at:
            self.found.commands.append(CommandResult(command.id, Problem.TIMEOUT, TOO_LATE))
            self.dialogue.note(f"{command.order}: {TOO_LATE}")
            return
        session = await self._enter(self.device.control)
        problem, words, result = Problem.NONE, "", {}
        try:
            result = await orders.do(
                session, command.order, command.arguments, self.found, self.means.now
            )
        except Unable as lack:
            problem, words = Problem.UNABLE, str(lack)
        except NotDone as refusal:
            problem, words = refusal.problem, refusal.told
        except ValueError as wrong:
            problem, words = Problem.UNABLE, str(wrong)
        except (Trouble, asyncio.CancelledError) as end:
            # Whether it was done is not known: it may be, and only the answer was lost.
            told = f"Whether it was done is not known: {end}"
            self.found.commands.append(CommandResult(command.id, Problem.INTERRUPTED, told))
            raise
        self.found.commands.append(CommandResult(command.id, problem, words, result))
        self.dialogue.note(f"{command.order}: {words or 'done, and read back'}")

    def _tell_read(self, command: CommandWork) -> None:
        """What became of «read now»: the first problem of what was read for it."""
        own = [(problem, words) for task, problem, words in self.found.done if not task.id]
        read = sum(problem is Problem.NONE for problem, _ in own)
        bad = next(((p, words) for p, words in own if p is not Problem.NONE), None)
        problem, words = bad or (Problem.NONE, "")
        result = CommandResult(command.id, problem, words, {"read": read, "asked": len(own)})
        self.found.commands.append(result)

    # Reading

    async def _read_all(self) -> None:
        session = await self._enter(self.device.access)
        await self._read_clock(session)
        for task in tasks.in_order(self.device.tasks):
            if self.means.is_ending():
                self.dialogue.note(_("ends early: the collector stops"))
                return
            await self._read(session, task)
        await self._correct()

    async def _read_clock(self, session: Session) -> None:
        """First of all: what the meter's stamps are worth depends on it."""
        try:
            self.found.clock = await tasks.read_clock(session, self.means.now)
        except Unable:
            return
        except NotDone as refusal:
            self.dialogue.note(refusal.told)
            return
        self.dialogue.note(_("its clock is %(off)s"), "CLOCK", off=_off(self.found.clock))

    async def _read(self, session: Session, task: Task) -> None:
        goes_on = lambda: not self.means.is_ending()  # noqa: E731 - one question
        try:
            is_whole = await tasks.read(session, task, self.found, self.means.now, goes_on)
        except Unable as lack:
            self.found.done.append((task, Problem.UNABLE, str(lack)))
            self.dialogue.note(str(lack))
        except NotDone as refusal:
            self.found.done.append((task, refusal.problem, refusal.told))
            self.dialogue.note(refusal.told)
        else:
            if is_whole:
                self.found.done.append((task, Problem.NONE, ""))

    async def _correct(self) -> None:
        """Correct the clock if the plan says so; see `polling.clock`."""
        read, device = self.found.clock, self.device
        if read is None or self.found.clock_change is not None:
            return
        said = clock.verdict(
            read.offset,
            device.clock,
            at=self.means.now(),
            corrections=device.corrections,
            interval=min(device.intervals.values(), default=30),
        )
        if said.act not in (clock.Act.SHIFT, clock.Act.SET):
            return
        seconds = said.seconds if said.act is clock.Act.SHIFT else None
        try:
            session = await self._enter(device.control)
            self.dialogue.note(_("corrects the clock by %(size)s s"), size=f"{-read.offset:+.0f}")
            change = await orders.change_clock(session, read, seconds, self.means.now)
        except (Unable, NotDone) as problem:
            self.dialogue.note(_("the clock stays as it is: %(why)s"), why=problem)
            return
        self.found.clock_change = change
        self.dialogue.note(_("its clock is now %(off)s"), "CLOCK", off=_off(change.after))


def alike(said: str, known: str) -> bool:
    """Whether two numbers of meters are the same: leading zeros and blanks mean nothing."""
    return said.strip().lstrip("0").casefold() == known.strip().lstrip("0").casefold()


def _off(read: ClockRead) -> str:
    size = abs(read.offset)
    if size < 1:
        return Id(RIGHT)
    return Id(FAST if read.offset > 0 else SLOW) % {"size": f"{size:.0f}"}
