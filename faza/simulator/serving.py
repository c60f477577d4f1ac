"""Simulated meters on TCP ports, in one event loop: many connections, bad lines on purpose.

    serving = Serving([Place("wrapper", [meter]), Place("hdlc", [one, other])], now=clock())
    ports = await serving.start()            # in the order of the places
    ...
    await serving.close()

A `Place` is a port. Behind it are meters of one driver: by server port of the wrapper, or by
address on the line of a gateway. A gateway has one line and takes one connection at a time:
another one is closed at once. Who is out of reach does not answer; where nobody is in reach, the
connection is closed. See `faults.Line` and `faults.Session` for what is bad about a line.

Here alone the simulator knows the machine's time, by which answers are late; what time it is for
the meters, `now` tells.
"""

from __future__ import annotations

import asyncio
import resource
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from faza.core.clock import Now
from faza.protocols.problems import Malformed
from faza.simulator import mercury
from faza.simulator.dlms.build import device_of
from faza.simulator.dlms.device import Device
from faza.simulator.dlms.link import Line
from faza.simulator.dlms.wrapper import Wrapped
from faza.simulator.faults import Session
from faza.simulator.meter import Meter

COUNTER_EPOCH, COUNTERS_PER_SECOND = 1_577_836_800, 8
"""Invocation counters begin with the age of 2020 in eighths of a second: so a meter's numbers go
on growing in a new process, and last until 2037."""
PIECE_PAUSE = 0.005
"""Seconds between pieces of an answer on a slow line."""
SETTLING = 5
"""Rounds of the event loop in which what was just let in gets there, to be sent away again."""
LEAST_PAUSE = 1e-6
"""Timers of the same moment would go off in any order."""


class Speaker(Protocol):
    """One connection's side of a protocol."""

    def hear(self, data: bytes, at: datetime) -> Iterator[tuple[int, bytes]]:
        """The address of a meter and what it says, for each question that has come whole.

        Raises Malformed to hang up.
        """
        ...


Speaking = Callable[[], Speaker]
"""A speaker for a new connection."""


class _Wrapper:
    def __init__(self, devices: Mapping[int, Device]) -> None:
        self._wrapped = Wrapped(devices)

    def hear(self, data: bytes, at: datetime) -> Iterator[tuple[int, bytes]]:
        self._wrapped.receive(data)
        for heard in self._wrapped.frames():
            found = self._wrapped.answer(heard, at)
            if found is not None:
                yield found


class _Gateway:
    def __init__(self, devices: Mapping[int, Device]) -> None:
        self._line = Line(devices)

    def hear(self, data: bytes, at: datetime) -> Iterator[tuple[int, bytes]]:
        self._line.receive(data)
        for frame in self._line.frames():
            found = self._line.answer(frame, at)
            if found is not None and found.data:
                yield found


def _dlms(speaker: Callable[[Mapping[int, Device]], Speaker]) -> Callable[..., Speaking]:
    def speaking(meters: Mapping[int, Meter], sent: int) -> Speaking:
        devices = {address: device_of(meter, sent=sent) for address, meter in meters.items()}
        return lambda: speaker(devices)

    return speaking


def _mercury(meters: Mapping[int, Meter], sent: int) -> Speaking:
    stations = mercury.stations_of(meters)
    return lambda: mercury.Speaker(stations)


SPEAKERS: dict[str, Callable[[Mapping[int, Meter], int], Speaking]] = {
    "wrapper": _dlms(_Wrapper),
    "hdlc": _dlms(_Gateway),
    "mercury230": _mercury,
}
"""By driver: from meters by address, and their first invocation counter."""
LINES = frozenset({"hdlc", "mercury230"})
"""Drivers whose meters share one line, so that one connection has it at a time."""


@dataclass(frozen=True)
class Place:
    """A port and the meters of one driver behind it. port 0: any that is free.

    Raises ValueError if two meters have one address.
    """

    driver: str
    meters: Sequence[Meter]
    port: int = 0

    def __post_init__(self) -> None:
        if len({meter.spec.address for meter in self.meters}) != len(self.meters):
            raise ValueError("Two meters have one address at a port.")


def _allow_files() -> None:
    """As many sockets as the system lets the process have: a fleet needs some thousands."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _first_counter() -> int:
    return int((time.time() - COUNTER_EPOCH) * COUNTERS_PER_SECOND)


@dataclass
class Serving:
    """See the module. `delay`: seconds that every answer takes, beside those of its line."""

    places: Sequence[Place]
    now: Now
    host: str = "127.0.0.1"
    delay: float = 0.0
    first_counter: int = field(default_factory=_first_counter)
    _servers: list[asyncio.Server] = field(default_factory=list, init=False)
    _talks: set[_Talk] = field(default_factory=set, init=False)

    async def start(self) -> list[int]:
        """Listen everywhere; the ports. Raises OSError if one is taken."""
        _allow_files()
        loop = asyncio.get_running_loop()
        for place in self.places:
            port = _Port(self, place)
            server = await loop.create_server(port.talk, self.host, place.port)
            self._servers.append(server)
        return [server.sockets[0].getsockname()[1] for server in self._servers]

    async def close(self) -> None:
        """Hang up and listen no more.

        First whoever stands at the door is let in, to be sent away: asyncio forgets connections
        that come in while a server closes, and leaves their sockets open.
        """
        await self._settle()
        for server in self._servers:
            server.close()
        await self._settle()
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    async def _settle(self) -> None:
        for _ in range(SETTLING):
            for talk in list(self._talks):
                talk.hang_up()
            await asyncio.sleep(0)


class _Port:
    """A place that is open."""

    def __init__(self, serving: Serving, place: Place) -> None:
        self.serving = serving
        self.meters = {meter.spec.address: meter for meter in place.meters}
        self.speaking = SPEAKERS[place.driver](self.meters, serving.first_counter)
        self.takes_one = place.driver in LINES
        self.talks: set[_Talk] = set()

    def talk(self) -> _Talk:
        return _Talk(self)

    def is_reachable(self, at: datetime) -> bool:
        return any(meter.is_reachable(at) for meter in self.meters.values())


class _Talk(asyncio.Protocol):
    """One connection: what comes in is answered in order, late and badly as the line is."""

    def __init__(self, port: _Port) -> None:
        self._port = port
        self._speaker = port.speaking()
        self._sessions: dict[int, Session] = {}
        self._sent: dict[int, int] = {}
        self._free_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        port = self._port
        is_busy = port.takes_one and bool(port.talks)
        port.talks.add(self)
        port.serving._talks.add(self)
        if is_busy or not port.is_reachable(port.serving.now()):
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._port.talks.discard(self)
        self._port.serving._talks.discard(self)

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        at = self._port.serving.now()
        try:
            for address, answer in self._speaker.hear(data, at):
                meter = self._port.meters[address]
                if meter.is_reachable(at):
                    self._say(meter, answer, at)
        except Malformed:
            self.hang_up()

    def _say(self, meter: Meter, data: bytes, at: datetime) -> None:
        """Answer after the line's delay, as this session goes."""
        address = meter.spec.address
        session = self._sessions.get(address)
        if session is None:
            session = self._sessions[address] = meter.new_session(at)
            data = session.garbage + data
        begun = self._sent.get(address, 0)
        self._sent[address] = begun + len(data)
        is_dropped = session.drop_after is not None and begun + len(data) >= session.drop_after
        if session.drop_after is not None and is_dropped:
            data = data[: max(session.drop_after - begun, 0)]
        size = session.piece or len(data) or 1
        pieces = [data[place : place + size] for place in range(0, len(data), size)]
        delay = self._port.serving.delay + meter.line().delay
        for place, piece in enumerate(pieces):
            self._write(piece, delay if not place else PIECE_PAUSE)
        if is_dropped:
            self._later(self.hang_up, 0)

    def _write(self, data: bytes, delay: float) -> None:
        self._later(lambda: self._send(data), delay)

    def _later(self, do: Callable[[], None], delay: float) -> None:
        """After all that is to come before it."""
        now = self._loop.time()
        if not delay and self._free_at <= now:
            do()
            return
        self._free_at = max(self._free_at, now) + max(delay, LEAST_PAUSE)
        self._loop.call_at(self._free_at, do)

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


@contextmanager
def running(serving: Serving) -> Iterator[list[int]]:
    """Serve in a thread of its own, for those who have no event loop; gives the ports."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    try:
        ports = asyncio.run_coroutine_threadsafe(serving.start(), loop).result(60)
        yield ports
    finally:
        asyncio.run_coroutine_threadsafe(serving.close(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()
