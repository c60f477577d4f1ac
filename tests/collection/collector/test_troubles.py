"""Lines that are dead, noisy, slow or cut: each ends in a told problem, in bounded time."""

import asyncio
import os
import socket
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from faza.collection.collector import visit as module
from faza.collection.collector.visit import Means, visit
from faza.collection.drivers import talk
from faza.collection.polling.work import Kind, Outcome, Problem, Task
from tests.collection.collector.ends import (
    AT,
    READER,
    behaving,
    device,
    line,
    met,
    meter,
    served,
    talked,
    task,
)


async def silent(reader, writer):
    await reader.read()


async def deaf(reader, writer):
    await asyncio.sleep(30)


async def closing(reader, writer):
    await reader.read(1)


async def noisy(reader, writer):
    await reader.read(1)
    for _ in range(50):
        writer.write(os.urandom(400))
        await writer.drain()
    await reader.read()


async def dripping(reader, writer):
    """Half a frame, then a byte now and then, for ever."""
    await reader.read(1)
    writer.write(b"\x00\x01\x00\x01\x00\x20\x10\x00")
    while not reader.at_eof():
        writer.write(b"\x00")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(module, "AGAIN", 0.01)


def hdlc():
    return device(meter(driver="hdlc", address=17), tasks=(task(Kind.CLOCK),))


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (silent, Problem.TIMEOUT), (deaf, Problem.TIMEOUT), (closing, Problem.DROPPED),
        (noisy, Problem.GARBAGE),
    ],
)  # fmt: skip
@pytest.mark.parametrize("over", ["wrapper", "hdlc"])
def test_a_bad_line_ends_in_a_told_problem(behaviour, problem, over):
    begun = time.monotonic()
    found = met(behaviour, hdlc() if over == "hdlc" else None)

    assert found.outcome is Outcome.FAILED
    assert found.problem is problem, found.words
    assert found.words
    assert any(found.words in words for words in found.dialogue)
    assert time.monotonic() - begun < 10


def test_an_answer_that_never_gets_whole_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(talk, "PATIENCE", 2)
    found = met(dripping)
    assert found.problem is Problem.GARBAGE
    assert "never" in found.words or "no answer gets whole" in found.words


def test_a_gateway_that_hangs_up_at_once_is_asked_again():
    one, turned_away = meter(), [1, 1]

    async def full(reader, writer):
        if turned_away:
            turned_away.pop()
            return
        await spoiling(reader, writer, port_of["meter"], iter(lambda: False, True))

    port_of = {}

    async def session():
        async with served([one]) as port, behaving(full) as gateway:
            port_of["meter"] = port
            work = device(one, tasks=(task(Kind.CLOCK),))
            return await visit(line(gateway, work), work, Means(lambda: AT))

    found = asyncio.run(session())
    assert found.outcome is Outcome.DONE, found.words
    assert sum("hung up at once" in words for words in found.dialogue) == 2


def test_nobody_at_the_port_is_told_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    work = device(tasks=(task(Kind.CLOCK),))
    found = asyncio.run(visit(line(port, work), work, Means(lambda: AT)))
    assert (found.problem, found.trips) == (Problem.UNREACHABLE, 0)
    assert "refused" in found.words


def test_a_wrong_password_is_told_as_such():
    wrong = replace(READER, password=b"000000")
    found = talked(meter(), device(meter(), tasks=(task(Kind.CLOCK),), access=wrong))
    assert found.problem is Problem.DENIED
    assert "password" in found.words
    assert "000000" not in " ".join(found.dialogue)


def test_a_wrong_address_is_told_with_the_address():
    one = meter(driver="hdlc", address=17)
    work = device(one, tasks=(task(Kind.CLOCK),), address={"logical": 1, "physical": 99})
    found = talked(one, work, timeout=0.1)
    assert found.problem is Problem.TIMEOUT
    assert "physical 99" in found.words


def test_a_damaged_frame_on_a_serial_line_is_asked_for_again():
    one = meter(driver="hdlc", address=17)
    hits = iter([False, False, True] + [False] * 8 + [True] + [False] * 1000)

    async def session():
        async with served([one]) as port, behaving(lambda r, w: spoiling(r, w, port, hits)) as bad:
            work = device(one, tasks=(task(Kind.CLOCK), task(Kind.PROFILE, 2)))
            return await visit(line(bad, work, timeout=0.5), work, Means(lambda: AT))

    found = asyncio.run(session())
    assert found.outcome is Outcome.DONE, found.words
    assert sum("again" in words for words in found.dialogue) >= 2


async def spoiling(reader, writer, port, hits):
    """Passes everything on, and flips a bit in some of the answers."""
    there, back = await asyncio.open_connection("127.0.0.1", port)

    async def up():
        while data := await reader.read(4096):
            back.write(data)
        back.close()

    asking = asyncio.create_task(up())
    while data := await there.read(4096):
        if next(hits) and len(data) > 12:
            data = data[:11] + bytes((data[11] ^ 0x10,)) + data[12:]
        writer.write(data)
        await writer.drain()
    await asking


def test_what_was_read_before_a_line_broke_is_kept():
    one = meter(max_pdu=100)

    async def session():
        async with served([one]) as port, behaving(lambda r, w: cutting(r, w, port, 4000)) as bad:
            work = device(
                one, tasks=(task(Kind.CLOCK), task(Kind.REGISTERS, 2), task(Kind.PROFILE, 3))
            )
            return await visit(line(bad, work), work, Means(lambda: AT))

    found = asyncio.run(session())
    assert (found.outcome, found.problem) == (Outcome.PARTIAL, Problem.DROPPED)
    assert found.clock is not None
    assert [done.id for done in found.tasks] == [1, 2]
    assert len(found.registers) == 1


def test_days_that_never_come_whole_come_in_pieces():
    """A line that breaks after so many bytes: each session goes on where the last one ended."""
    one, since, sessions, moments = meter(max_pdu=100), AT - timedelta(days=29), 0, set()

    async def session(first):
        async with served([one]) as port, behaving(lambda r, w: cutting(r, w, port, 3500)) as bad:
            work = device(one, tasks=(Task(7, Kind.DAYS, 1, since=first),))
            return await visit(line(bad, work), work, Means(lambda: AT))

    reached = since
    while sessions < 20:
        found = asyncio.run(session(reached))
        sessions += 1
        moments |= {moment for rows in found.registers for moment in rows.moments.tolist()}
        (told,) = found.tasks
        if told.problem is Problem.NONE:
            break
        assert told.problem is Problem.DROPPED
        assert told.reached > reached
        reached = told.reached - timedelta(days=2)
    assert 1 < sessions < 20
    assert len(moments) == 29


async def cutting(reader, writer, port, most):
    """Passes everything on until so many bytes were answered."""
    there, back = await asyncio.open_connection("127.0.0.1", port)

    async def up():
        while data := await reader.read(4096):
            back.write(data)

    asking = asyncio.create_task(up())
    while most > 0 and (data := await there.read(4096)):
        most -= len(data)
        writer.write(data)
        await writer.drain()
    back.close()
    asking.cancel()


def test_a_session_that_takes_too_long_ends_and_keeps_what_it_has():
    one = meter(max_pdu=100)
    work = device(one, tasks=(task(Kind.CLOCK), task(Kind.PROFILE, 2)))
    found = talked(one, work, means=Means(lambda: AT, longest=1.0), delay=0.05)
    assert (found.outcome, found.problem) == (Outcome.PARTIAL, Problem.TIMEOUT)
    assert "1 seconds" in found.words


def test_a_fault_of_our_own_stops_no_other_meter(monkeypatch, caplog):
    async def wrong(*args):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(module.tasks, "read", wrong)
    found = talked(meter(), device(meter(), tasks=(task(Kind.REGISTERS),)))
    assert found.problem is Problem.INTERNAL
    assert "ZeroDivisionError" in found.words
    assert "100001" in caplog.text
