"""Bytes of one TCP connection, as asyncio gives and takes them.

Less than a pair of asyncio's streams, and a third of their time: waiting for bytes sets no timer
each time, but moves the moment at which the one there is goes off.
"""

from __future__ import annotations

import asyncio

MOST, PLACE = 8192, 2048
"""Bytes that wait to be read, before the other side has to wait, and that are received at once:
thousands are open at a time."""


class Wire(asyncio.BufferedProtocol):
    """One reader and one writer at a time. Raises OSError of the connection, TimeoutError.

    Bytes are received in a place of its own: asyncio would take a quarter of a megabyte for them,
    each time, and give it back.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._place = bytearray(PLACE)
        self._came = bytearray()
        self._is_over = False
        self._problem: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._is_full = self._is_paused = False
        self._until = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._place

    def buffer_updated(self, count: int) -> None:
        self._came += self._place[:count]
        if len(self._came) > MOST and not self._is_paused:
            self._is_paused = True
            self._there.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> bool:
        self._is_over = True
        _wake(self._reader)
        return True  # what we say may still be taken

    def connection_lost(self, problem: Exception | None) -> None:
        self._is_over, self._problem = True, problem
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        _wake(self._reader)
        _wake(self._writer)
        _wake(self._closed)

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        _wake(self._writer)

    # What a link calls

    async def read(self, seconds: float) -> bytes:
        """All bytes that have come, at least one; b"" once the other side has ended.

        Raises TimeoutError after so many seconds without any.
        """
        while not self._came and not self._is_over:
            await self._wait(seconds)
        if not self._came and self._problem is not None:
            raise self._problem
        data = bytes(self._came)
        self._came.clear()
        if self._is_paused and not self._there.is_closing():
            self._is_paused = False
            self._there.resume_reading()
        return data

    async def write(self, data: bytes, seconds: float) -> None:
        """Send; waits where the other side takes nothing. Raises TimeoutError, OSError."""
        if self._there.is_closing():
            raise self._problem or ConnectionResetError("Connection lost")
        self._there.write(data)
        if self._is_full:
            async with asyncio.timeout(seconds):
                self._writer = self._loop.create_future()
                await self._writer
            if self._problem is not None:
                raise self._problem

    async def close(self, seconds: float) -> None:
        """End it, when what was written is sent. Raises TimeoutError."""
        self._there.close()
        if not self._there.get_write_buffer_size():
            await self._closed  # in the next round of the loop
            return
        async with asyncio.timeout(seconds):
            await self._closed

    def abort(self) -> None:
        """End it at once."""
        self._there.abort()

    @property
    def _there(self) -> asyncio.Transport:
        assert self._transport is not None  # nobody has a wire before it is connected
        return self._transport

    async def _wait(self, seconds: float) -> None:
        self._until = self._loop.time() + seconds
        if self._alarm is not None and self._alarm.when() > self._until:
            self._alarm.cancel()
            self._alarm = None
        if self._alarm is None:
            self._alarm = self._loop.call_at(self._until, self._ring)
        self._reader = self._loop.create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    def _ring(self) -> None:
        """Whoever waits has waited long enough; or the alarm was set before, and waits on."""
        self._alarm = None
        if self._reader is None or self._reader.done():
            return
        if self._loop.time() < self._until:
            self._alarm = self._loop.call_at(self._until, self._ring)
        else:
            self._reader.set_exception(TimeoutError())


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
