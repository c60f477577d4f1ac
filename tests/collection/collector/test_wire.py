"""A wire: bytes in any pieces, nobody who is silent for ever, nobody who floods."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from faza.collection.drivers import wire as module
from faza.collection.drivers.wire import Wire
from tests.collection.collector.ends import Behaviour, behaving

PATIENCE = 5.0
T = TypeVar("T")


def with_wire(behaviour: Behaviour, deed: Callable[[Wire], Awaitable[T]]) -> T:
    """What comes of a deed with a wire to a server that behaves so."""

    async def session() -> T:
        async with behaving(behaviour) as port:
            loop = asyncio.get_running_loop()
            _, wire = await loop.create_connection(Wire, "127.0.0.1", port)
            try:
                return await deed(wire)
            finally:
                wire.abort()
                await asyncio.sleep(0)

    return asyncio.run(session())


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(100):
        writer.write(data)
        await writer.drain()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(PATIENCE)


def test_what_is_said_comes_back():
    async def deed(wire: Wire) -> bytes:
        await wire.write(b"hello", PATIENCE)
        return await wire.read(PATIENCE)

    assert with_wire(echo, deed) == b"hello"


def test_silence_ends_after_so_many_seconds_and_the_wire_still_serves():
    async def deed(wire: Wire) -> bytes:
        with pytest.raises(TimeoutError):
            await wire.read(0.05)
        await wire.write(b"again", PATIENCE)
        return await wire.read(PATIENCE)

    assert with_wire(echo, deed) == b"again"


def test_each_reading_has_its_own_patience_whatever_was_waited_before():
    """The alarm of a long wait is there when a short one begins, and the other way round."""

    async def deed(wire: Wire) -> tuple[float, float]:
        clock = asyncio.get_running_loop().time
        await wire.write(b"x", PATIENCE)
        await wire.read(PATIENCE)
        took = []
        for seconds in (0.1, 0.3):
            begun = clock()
            with pytest.raises(TimeoutError):
                await wire.read(seconds)
            took.append(clock() - begun)
        return took[0], took[1]

    short, long = with_wire(echo, deed)
    assert 0.1 <= short < 0.3 <= long < PATIENCE


def test_an_answer_in_time_does_not_let_the_next_wait_end_early():
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in (b"a", b"b", b"c"):
            await asyncio.sleep(0.15)
            writer.write(byte)

    async def deed(wire: Wire) -> bytes:
        return b"".join([await wire.read(0.4) for _ in range(3)])

    assert with_wire(drip, deed) == b"abc"


def test_the_end_is_told_after_what_came_before_it():
    async def farewell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")

    async def deed(wire: Wire) -> list[bytes]:
        await asyncio.sleep(0.1)
        return [await wire.read(PATIENCE) for _ in range(3)]

    assert with_wire(farewell, deed) == [b"bye", b"", b""]


def test_who_floods_has_to_wait_and_nothing_is_lost():
    size = 5_000_000

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(size))
        await writer.drain()

    async def deed(wire: Wire) -> tuple[int, int]:
        await asyncio.sleep(0.2)
        waiting, came = len(wire._came), 0
        while data := await wire.read(PATIENCE):
            came += len(data)
        return waiting, came

    waiting, came = with_wire(flood, deed)
    assert module.MOST < waiting < size / 4
    assert came == size


def test_who_takes_nothing_is_waited_for_and_no_longer():
    async def deed(wire: Wire) -> None:
        with pytest.raises(TimeoutError):
            await wire.write(bytes(20_000_000), 0.2)

    with_wire(silent, deed)


def test_a_connection_that_was_broken_off_is_told_by_reading_and_by_writing():
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async def deed(wire: Wire) -> None:
        await wire.write(b"two", PATIENCE)
        with contextlib.suppress(ConnectionError):
            assert await wire.read(PATIENCE) == b""
        wire.abort()
        await asyncio.sleep(0.05)
        with pytest.raises(ConnectionError):
            await wire.write(b"more", PATIENCE)

    with_wire(broken, deed)


def test_closing_sends_what_was_written():
    got: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read())

    async def deed(wire: Wire) -> None:
        await wire.write(b"last words", PATIENCE)
        await wire.close(PATIENCE)
        await asyncio.sleep(0.1)

    with_wire(listening, deed)
    assert got == [b"last words"]
