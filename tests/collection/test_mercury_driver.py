"""The driver of Mercury 230 over a real connection with simulated meters, on good and bad lines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np
import pytest

from faza.collection.drivers import Learned, Opening, Session, driver
from faza.collection.drivers.dialogue import Dialogue
from faza.collection.drivers.link import Link, connect
from faza.collection.drivers.troubles import Denied, NoAnswer, NotDone, Unable
from faza.collection.polling.work import Access, Problem
from faza.core.clock import Now
from faza.protocols.metered import Limiter
from faza.simulator.faults import Faults, Line
from faza.simulator.meter import Meter
from faza.simulator.serving import Place, Serving, running
from faza.simulator.spec import MeterSpec

T = TypeVar("T")
AT = datetime(2026, 3, 2, 7, 10, 20, tzinfo=UTC)
ACCESS = Access(password=b"111111")
OWNER = Access(password=b"111111", level=2)
SPEC = MeterSpec(number="40111122", driver="mercury230", address=90, register_step=1, seed=5)


class Port:
    """A line that takes one connection at a time."""

    def __init__(self, serving: Serving, number: int) -> None:
        self.serving, self.number = serving, number

    def wait(self) -> None:
        """Until it has noticed that the last one was ended."""
        until = time.monotonic() + 10
        while self.serving._talks and time.monotonic() < until:
            time.sleep(0.002)


@contextmanager
def line(*specs: MeterSpec, now: Now = lambda: AT) -> Iterator[tuple[Port, list[Meter]]]:
    """A port with meters behind it, whose time stands still."""
    meters = [Meter(spec) for spec in specs]
    serving = Serving([Place("mercury230", meters)], now=now)
    with running(serving) as (number,):
        yield Port(serving, number), meters


def ask(
    port: Port,
    do: Callable[[Session], Awaitable[T]],
    *,
    address: int = 90,
    access: Access = ACCESS,
    timeout: float = 5,
    said: list[str] | None = None,
    **more: object,
) -> tuple[T, Learned]:
    """What a session of its own brings, and what was learned."""

    async def talk() -> tuple[T, Learned]:
        dialogue = Dialogue(time.monotonic, listener=(said if said is not None else []).append)
        link: Link = await connect("127.0.0.1", port.number, timeout=timeout, dialogue=dialogue)
        try:
            opening = Opening(
                access, lambda: AT, {"address": address, **more.pop("place", {})}, **more
            )
            session = await driver("mercury230")(link, opening)
            try:
                return await do(session), session.learned()
            finally:
                await session.close()
        finally:
            await link.close()

    try:
        return asyncio.run(talk())
    finally:
        port.wait()


async def everything(session: Session) -> list[object]:
    day = AT - timedelta(days=1)
    return [
        await session.number(),
        await session.identity(),
        await session.clock(),
        await session.registers(),
        await session.profile(1, day, AT),
        await session.captured("day", AT - timedelta(days=5), AT),
        await session.instant(),
        await session.events(day, AT),
        await session.configuration(),
        await session.relay(),
        await session.limiters(),
    ]


def check(found: list[object], meter: Meter) -> None:
    number, identity, clock, registers, rows, days, *_ = found
    held = meter.profile(1, AT, AT - timedelta(days=1) + timedelta(minutes=30), AT)

    assert number == identity.number == meter.spec.number
    assert clock == AT
    assert np.array_equal(registers.values[0, :, :5], meter.registers(AT)[:, :5])
    assert len(rows) == 47
    assert np.array_equal(rows.values, held.values)
    assert np.array_equal(rows.ends, held.ends)
    assert len(days) == 5


def test_everything_of_a_meter() -> None:
    said: list[str] = []
    with line(SPEC) as (port, (meter,)):
        found, learned = ask(port, everything, said=said)

    check(found, meter)
    assert learned.layouts is not None
    assert learned.layouts["passport"]["number"] == "40111122"
    assert learned.habits == {"unit": 16, "long": True}
    assert any("opens the channel at level 1" in words for words in said)
    assert not any("111111" in words for words in said)


def test_what_was_learned_saves_questions() -> None:
    async def profile(session: Session) -> object:
        return await session.profile(1, AT - timedelta(hours=8), AT)

    first: list[str] = []
    again: list[str] = []
    with line(SPEC) as (port, _):
        _, learned = ask(port, profile, said=first)
        _, nothing = ask(port, profile, said=again, layouts=learned.layouts, habits=learned.habits)

    assert len(again) < len(first)
    assert nothing == Learned()


@pytest.mark.parametrize("bad", [Line(garbage=1), Line(slow=1), Line(garbage=1, slow=1)])
def test_bad_lines(bad: Line) -> None:
    with line(replace(SPEC, faults=Faults(line=bad))) as (port, (meter,)):
        found, _ = ask(port, everything)

    check(found, meter)


def test_two_meters_of_a_line() -> None:
    other = replace(SPEC, number="40222233", address=91, seed=8)
    with line(SPEC, other) as (port, meters):
        for meter in meters:
            found, _ = ask(port, everything, address=meter.spec.address)
            check(found, meter)


def test_nobody_at_the_address() -> None:
    async def nothing(session: Session) -> None:
        pass

    with line(SPEC) as (port, _), pytest.raises(NoAnswer):
        ask(port, nothing, address=17, timeout=0.1)


@pytest.mark.parametrize("password", [b"999999", b"111112"])
def test_a_wrong_password(password: bytes) -> None:
    async def nothing(session: Session) -> None:
        pass

    with line(SPEC) as (port, _), pytest.raises(Denied) as caught:
        ask(port, nothing, access=Access(password=password))
    assert "ascii" in caught.value.advice


@pytest.mark.parametrize("password", [b"", b"12345", b"secret"])
def test_a_password_that_cannot_be_one(password: bytes) -> None:
    async def nothing(session: Session) -> None:
        pass

    with line(SPEC) as (port, _), pytest.raises(Unable):
        ask(port, nothing, access=Access(password=password))


def test_commands() -> None:
    async def command(session: Session) -> list[object]:
        await session.shift_clock(9)
        off = await session.switch("off")
        limit = await session.set_limiter(Limiter("power", 5000, 0, True))
        return [off.is_on, limit.threshold]

    with line(SPEC) as (port, (meter,)):
        found, _ = ask(port, command, access=OWNER)
        assert found == [False, 5000]
        assert meter.shown(AT) == AT + timedelta(seconds=9)

        async def back(session: Session) -> object:
            await session.set_clock(AT)
            return await session.clock()

        assert ask(port, back, access=OWNER)[0] == AT


def test_what_is_refused_leaves_the_session() -> None:
    async def refused(session: Session) -> object:
        for asked in (session.switch("off"), session.set_clock(AT)):
            with pytest.raises(NotDone) as caught:
                await asked
            assert caught.value.problem is Problem.REFUSED
        for lacking in (
            session.quality(), session.calendar(), session.profile(2, AT, AT),
            session.switch("permit"), session.shift_clock(900),
            session.set_limiter(Limiter("current", 1, 0, True)),
        ):  # fmt: skip
            with pytest.raises(Unable):
                await lacking
        return await session.number()

    with line(SPEC) as (port, _):
        assert ask(port, refused)[0] == "40111122"


def test_a_channel_that_closed_itself_is_opened_again() -> None:
    moment = [AT]

    async def later(session: Session) -> object:
        moment[0] += timedelta(minutes=10)
        return await session.clock()

    with line(SPEC, now=lambda: moment[0]) as (port, _):
        assert ask(port, later)[0] == moment[0]
