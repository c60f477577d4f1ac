"""Work for a collector, meters to talk to, and servers that behave badly."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from faza.collection.collector.visit import Means, visit
from faza.collection.polling.work import (
    PROFILES,
    Access,
    ClockPolicy,
    CommandWork,
    DeviceWork,
    Kind,
    LineWork,
    SessionResult,
    Stretch,
    Task,
)
from faza.simulator.meter import Meter
from faza.simulator.serving import Place, Serving
from faza.simulator.spec import Access as Let
from faza.simulator.spec import MeterSpec

AT = datetime(2026, 11, 20, 9, 10, 5, tzinfo=UTC)
READER = Access(32, "lls", b"111111", key="reader")
WRITER = Access(48, "lls", b"111111", key="writer")
KEYS = Access(48, "hls5", b"", bytes(range(16)), bytes(range(16, 32)), key="keys")
LAST_DAYS = Stretch(AT - timedelta(days=3), AT)


def meter(number: str = "100001", *, keys: bool = False, **more) -> Meter:
    """A simulated meter, wrapper with a password unless told otherwise."""
    return Meter(MeterSpec(number, access=Let("hls5" if keys else "lls"), **more))


def task(kind: Kind, number: int = 1, *, stretch: Stretch = LAST_DAYS, priority: int = 5) -> Task:
    return Task(number, kind, priority, (stretch,) if kind in PROFILES else ())


def every_task(stretch: Stretch = LAST_DAYS) -> tuple[Task, ...]:
    return tuple(task(kind, number, stretch=stretch) for number, kind in enumerate(Kind, 1))


def device(of: Meter | None = None, *, tasks=(), commands=(), access=READER, **more) -> DeviceWork:
    """Work with a meter; `commands` are (order, arguments)."""
    spec = of.spec if of else MeterSpec("100001")
    is_hdlc = spec.driver == "hdlc"
    address = {"logical": 1, "physical": spec.address} if is_hdlc else {"server": spec.address}
    asked = {
        "id": 1, "meter": 1, "number": spec.number, "model": "", "usage_point": 1,
        "zone": "Europe/Moscow", "ratio": Fraction(1), "address": address, "access": access,
        "control": access, "driver": "dlms-hdlc" if is_hdlc else "dlms-wrapper", "tasks": tasks,
        "clock": ClockPolicy(is_automatic=False),
        "commands": tuple(
            CommandWork(number, order, arguments)
            for number, (order, arguments) in enumerate(commands, 1)
        ),
    }  # fmt: skip
    return DeviceWork(**(asked | more))


def line(port: int, *devices: DeviceWork, timeout: float = 5.0, number: int = 1) -> LineWork:
    return LineWork(number, f"line {number}", "127.0.0.1", port, timeout, 0.0, AT, devices)


def talked(
    one: Meter, work: DeviceWork, *, means: Means | None = None, timeout: float = 5.0, delay=0.0
) -> SessionResult:
    """The result of one session with a simulated meter."""

    async def session() -> SessionResult:
        async with served([one], delay=delay) as port:
            return await visit(line(port, work, timeout=timeout), work, means or Means(lambda: AT))

    return asyncio.run(session())


@asynccontextmanager
async def served(meters: Sequence[Meter], *, delay: float = 0.0):
    """The port of meters of one driver."""
    serving = Serving([Place(meters[0].spec.driver, meters)], now=lambda: AT, delay=delay)
    try:
        yield (await serving.start())[0]
    finally:
        await serving.close()


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def behaving(behaviour: Behaviour):
    """The port of a server that does what it is told with each connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behaviour(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def met(behaviour: Behaviour, work: DeviceWork | None = None, **more) -> SessionResult:
    """The result of one session with such a server."""
    work = work or device(tasks=(task(Kind.CLOCK),))
    timeout = more.pop("timeout", 0.2)

    async def session() -> SessionResult:
        async with behaving(behaviour) as port:
            means = Means(lambda: AT, **more)
            return await visit(line(port, work, timeout=timeout), work, means)

    return asyncio.run(session())
