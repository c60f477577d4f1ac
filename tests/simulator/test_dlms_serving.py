"""Meters on TCP ports: many at once, late, in pieces, with garbage, dropped, out of reach."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from faza.protocols.dlms import (
    NEED_DATA,
    Associate,
    Connect,
    Connection,
    Get,
    Got,
    Mechanism,
    Release,
    Released,
    Request,
    Transmit,
    TryLater,
    columns,
)
from faza.protocols.dlms import events as e
from faza.protocols.mercury230.frames import wrap
from faza.simulator import serving as module
from faza.simulator.faults import Fault, Faults, Kind, Session
from faza.simulator.faults import Line as Way
from faza.simulator.meter import Meter
from faza.simulator.serving import Place, Serving, running
from tests.simulator.dlms_ends import ADDRESS, AT, attribute, of_day, route_of, spec

PROFILE = Get(attribute(7, "1.0.99.1.0"), of_day())
NUMBER = Get(attribute(1, "0.0.96.1.0"))


class Client:
    """A connection over a socket of asyncio."""

    def __init__(self, port: int, over: str = "wrapper") -> None:
        self.port = port
        self.connection = Connection(
            route_of(over, 32), mechanism=Mechanism.LLS, password=b"111111"
        )

    async def ask(self, request: Request) -> e.Event:
        out = self.connection.send(request)
        while True:
            if out:
                self.writer.write(out)
                out = b""
            event = self.connection.next_event()
            if event is NEED_DATA:
                self.connection.receive(await self.reader.read(65536))
            elif isinstance(event, Transmit):
                out = event.data
            else:
                return event

    async def __aenter__(self) -> Client:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await self.ask(Connect())
            await self.ask(Associate())
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def day(self) -> int:
        """Rows of a day, with all that belongs to a session."""
        async with self:
            got = await self.ask(PROFILE)
            assert await self.ask(Release()) == Released()
        assert isinstance(got, Got)
        assert isinstance(got.result, bytes)
        return columns(got.result).count


def serve(
    do: Callable[[list[int]], Awaitable[None]], *places: Place, delay: float = 0.0
) -> Serving:
    """Serve while `do` runs with the ports."""
    serving = Serving(places, lambda: AT, delay=delay, first_counter=1)

    async def whole() -> None:
        ports = await serving.start()
        try:
            await do(ports)
        finally:
            await serving.close()

    asyncio.run(whole())
    return serving


def meter(**more: object) -> Meter:
    return Meter(spec(**more))


def test_a_hundred_meters_are_read_at_once() -> None:
    """On ports of their own; each answer takes a tenth of a second, all together not much more."""
    places = [Place("wrapper", [meter(number=f"{n:08}")]) for n in range(100)]
    begun = time.monotonic()

    async def read(ports: list[int]) -> None:
        found = await asyncio.gather(*[Client(port).day() for port in ports])
        assert found == [48] * 100

    serve(read, *places, delay=0.1)
    assert time.monotonic() - begun < 20  # one after another: 40 s


def test_meters_of_one_port_and_a_line() -> None:
    numbers = [f"{n:08}" for n in range(3)]
    meters = [meter(number=number, address=17 + n) for n, number in enumerate(numbers)]

    async def read(ports: list[int]) -> None:
        for port, over in zip(ports, ("wrapper", "hdlc"), strict=True):
            async with Client(port, over) as client:
                got = await client.ask(NUMBER)
            assert isinstance(got, Got)
            assert got.data().value == b"00000000"

    serve(read, Place("wrapper", meters), Place("hdlc", meters))


def test_a_line_of_another_protocol() -> None:
    """Mercury's channel test: the address, 0 and a check sequence; it comes back."""

    async def read(ports: list[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        asked = wrap(ADDRESS, b"\x00")
        writer.write(asked)
        assert await asyncio.wait_for(reader.readexactly(len(asked)), 5) == asked
        writer.close()
        await writer.wait_closed()

    serve(read, Place("mercury230", [meter(driver="mercury230")]))


def test_as_many_sockets_as_may_be() -> None:
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, most), most))
    try:
        asyncio.run(Serving([], lambda: AT).start())
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, most)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))


def test_two_meters_of_one_address_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="one address"):
        Place("wrapper", [meter(), meter()])


def test_a_gateway_takes_one_connection_at_a_time() -> None:
    async def read(ports: list[int]) -> None:
        async with Client(ports[0], "hdlc") as first:
            with pytest.raises((TryLater, ConnectionError)):
                await Client(ports[0], "hdlc").day()
            assert isinstance(await first.ask(NUMBER), Got)
        assert await asyncio.wait_for(sooner_or_later(ports[0]), 10) == 48

    async def sooner_or_later(port: int) -> int:
        """Once the gateway has seen that the first one has gone."""
        while True:
            with suppress(TryLater, ConnectionError):
                return await Client(port, "hdlc").day()
            await asyncio.sleep(0.01)

    serve(read, Place("hdlc", [meter()]))


def bad(session: Session, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A meter whose every session goes like this."""
    monkeypatch.setattr(Meter, "new_session", lambda self, at: session)
    return Place("wrapper", [meter()])


def test_garbage_before_an_answer_is_gone_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(ports: list[int]) -> None:
        assert await Client(ports[0]).day() == 48

    serve(read, bad(Session(garbage=b"\r\nCONNECT 9600\r\n"), monkeypatch))


def test_answers_in_pieces_are_whole_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(ports: list[int]) -> None:
        assert await Client(ports[0]).day() == 48

    serve(read, bad(Session(piece=40), monkeypatch))


@pytest.mark.parametrize("after", [0, 30, 300])
def test_a_connection_is_dropped_in_the_middle(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    async def read(ports: list[int]) -> None:
        with pytest.raises((TryLater, ConnectionError)):
            await Client(ports[0]).day()

    serve(read, bad(Session(drop_after=after), monkeypatch))


def test_an_answer_takes_its_time() -> None:
    slow = meter(faults=Faults(line=Way(delay=0.15)))
    begun = time.monotonic()

    async def read(ports: list[int]) -> None:
        assert await Client(ports[0]).day() == 48

    serve(read, Place("wrapper", [slow]))
    assert time.monotonic() - begun >= 0.15 * 4  # AARE, two blocks, RLRE


def test_who_is_out_of_reach_is_silent() -> None:
    off = Fault(Kind.MODEM_OFF, AT - timedelta(hours=1), AT + timedelta(hours=1))
    away, there = meter(faults=Faults((off,))), meter(address=ADDRESS + 1)

    async def read(ports: list[int]) -> None:
        with pytest.raises((TryLater, ConnectionError)):
            await Client(ports[0]).day()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Client(ports[1]).day(), 0.2)

    serve(read, Place("wrapper", [away]), Place("wrapper", [away, there]))


def test_nonsense_is_hung_up_on() -> None:
    async def read(ports: list[int]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(1), 5) == b""
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    serve(read, Place("wrapper", [meter()]))


def test_serving_in_a_thread() -> None:
    serving = Serving([Place("wrapper", [meter()])], lambda: AT)
    with running(serving) as ports:
        assert asyncio.run(Client(ports[0]).day()) == 48
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", ports[0]), 1)


def test_counters_of_a_new_process_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Serving([], lambda: AT).first_counter
    moment = time.time()
    monkeypatch.setattr(module.time, "time", lambda: moment + 60)
    assert first + 60 * 8 <= Serving([], lambda: AT).first_counter < 1 << 32
