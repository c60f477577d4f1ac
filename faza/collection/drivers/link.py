"""An open TCP connection to a meter, a modem or a gateway: bytes, counted, and never for ever.

With `wire` the one place of the collector where a socket is touched. It knows no language.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable

from faza.collection.drivers.dialogue import Dialogue
from faza.collection.drivers.troubles import Dropped, NoAnswer, NotOurs, Unreachable
from faza.collection.drivers.wire import Wire
from faza.core.words import gettext_noop as _

GOODBYE = 1.0
"""Seconds that closing a connection may take."""


class Link:
    """Bytes out and in. `timeout`: seconds that the other side may be silent.

    `sent`, `received`: bytes. `trips`: how often we waited after having said something.
    `may_speak`: whether the line is still ours; asked before each write.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        timeout: float,
        dialogue: Dialogue,
        may_speak: Callable[[], bool] = lambda: True,
    ) -> None:
        self._may_speak = may_speak
        self._wire = wire
        self.timeout, self.dialogue = timeout, dialogue
        self.sent = self.received = self.trips = 0
        self.is_closed = False
        """Whether the other side has ended it."""
        self._is_asked = False

    async def write(self, data: bytes) -> None:
        """Send. Raises NotOurs if the line is not ours any more, Dropped if the connection has
        ended, NoAnswer if nobody takes it."""
        if not data:
            return
        if not self._may_speak():
            raise NotOurs("The lease of the line is over: another collector may speak on it.")
        self.dialogue.wrote(data)
        try:
            await self._wire.write(data, self.timeout)
        except TimeoutError:
            raise NoAnswer("The other side takes no bytes any more.") from None
        except OSError as problem:
            self.is_closed = True
            raise Dropped(f"The connection ended while we spoke ({_said(problem)}).") from None
        self.sent += len(data)
        self._is_asked = True

    async def read(self, timeout: float | None = None) -> bytes:
        """Some bytes that have come; b"" once the other side has ended the connection.

        Raises NoAnswer after `timeout` seconds without a byte.
        """
        if self._is_asked:
            self.trips += 1
            self._is_asked = False
        wait = self.timeout if timeout is None else timeout
        try:
            data = await self._wire.read(wait)
        except TimeoutError:
            raise NoAnswer(f"No answer within {wait:g} seconds.") from None
        except OSError as problem:
            self.is_closed = True
            raise Dropped(f"The connection was broken off ({_said(problem)}).") from None
        if not data:
            self.is_closed = True
        self.received += len(data)
        if data:
            self.dialogue.read(data)
        return data

    async def close(self) -> None:
        """End the connection; never fails, and takes a second at most."""
        with contextlib.suppress(OSError, TimeoutError):
            await self._wire.close(GOODBYE)

    def abort(self) -> None:
        """End it at once, for a session that is cancelled."""
        self._wire.abort()


async def connect(
    host: str,
    port: int,
    *,
    timeout: float,
    dialogue: Dialogue,
    may_speak: Callable[[], bool] = lambda: True,
) -> Link:
    """Open a connection. Raises Unreachable, which says why."""
    dialogue.note(_("connects to %(host)s, port %(port)s"), "TCP", host=host, port=port)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(timeout):
            loop = asyncio.get_running_loop()
            _transport, wire = await loop.create_connection(Wire, host, port)
    except TimeoutError:
        raise Unreachable(f"{host}:{port} does not answer within {timeout:g} seconds.") from None
    except socket.gaierror:
        raise Unreachable(
            f"There is no host {host}.", "Check the name for a typing error."
        ) from None
    except (OSError, OverflowError, ValueError) as problem:
        raise Unreachable(f"{host}:{port}: {_said(problem)}.") from None
    dialogue.note(_("the connection stands"), "TCP", ms=round(1000 * (time.monotonic() - begun)))
    return Link(wire, timeout=timeout, dialogue=dialogue, may_speak=may_speak)


def _said(problem: BaseException) -> str:
    """The system's words, without the addresses that asyncio puts around them."""
    if isinstance(problem, ConnectionRefusedError):
        return "connection refused"
    told = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    return " ".join(str(told).split())[:200]
