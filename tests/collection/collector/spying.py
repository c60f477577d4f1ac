"""Looks at who speaks on lines: proxies in front of simulated meters that count connections."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Spy:
    """`most`: connections at a time by port, at most; `total`: all there were."""

    ports: dict[int, int]
    open: dict[int, int] = field(default_factory=dict)
    most: dict[int, int] = field(default_factory=dict)
    total: dict[int, int] = field(default_factory=dict)


@contextmanager
def spying(ports: list[int]) -> Iterator[Spy]:
    """Proxies in a thread of their own; `ports` of the spy: port of a proxy by port behind it."""
    loop, spy = asyncio.new_event_loop(), Spy({})
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers = []

    async def start() -> None:
        for behind in ports:
            server = await asyncio.start_server(_passer(spy, behind), "127.0.0.1", 0)
            servers.append(server)
            spy.ports[behind] = server.sockets[0].getsockname()[1]

    async def end() -> None:
        for server in servers:
            server.close()
        mine = asyncio.current_task()
        others = [one for one in asyncio.all_tasks() if one is not mine]
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield spy
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _passer(spy: Spy, behind: int):
    async def passing(reader, writer) -> None:
        spy.open[behind] = spy.open.get(behind, 0) + 1
        spy.total[behind] = spy.total.get(behind, 0) + 1
        spy.most[behind] = max(spy.most.get(behind, 0), spy.open[behind])
        is_open = True
        try:
            there, back = await asyncio.open_connection("127.0.0.1", behind)
            answering = asyncio.create_task(_pass(there, writer))
            await _pass(reader, back)
            spy.open[behind] -= 1  # who asked has hung up; the meter may not know yet
            is_open = False
            await answering
        except OSError:
            pass
        finally:
            spy.open[behind] -= is_open
            writer.close()

    return passing


async def _pass(reader, writer) -> None:
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
