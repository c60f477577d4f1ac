"""Gives results to the store in batches: many meters in one transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from django.db import InterfaceError, OperationalError

from faza.collection.polling.work import SessionResult

MOST, SECONDS = 200, 1.0
"""A batch is given away when it has so many results, or is so old."""
WAITING = 400
"""Results that wait for the store, before sessions wait too: the bound of their memory."""
TROUBLE = 5.0
"""Seconds to wait where the database is out of reach."""
log = logging.getLogger(__name__)

Store = Callable[[Sequence[SessionResult]], Awaitable[None]]
Drop = Callable[[SessionResult], Awaitable[None]]


async def _forget(result: SessionResult) -> None:
    """Nobody is told."""


class Recorder:
    """Takes results from any number of sessions; one batch is stored at a time, in order.

    `drop` is given a result that cannot be stored.
    """

    def __init__(self, store: Store, drop: Drop = _forget) -> None:
        self._store, self._drop = store, drop
        self._queue: asyncio.Queue[SessionResult | None] = asyncio.Queue(WAITING)
        self._is_ending = False

    async def put(self, result: SessionResult) -> None:
        await self._queue.put(result)

    async def end(self) -> None:
        """Let `run` return when everything that was put before is stored.

        A database that is out of reach is not waited for then: what was not stored stays due.
        """
        self._is_ending = True
        await self._queue.put(None)

    async def run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = await self._batch()
            if batch:
                await self._keep(batch)

    async def _batch(self) -> tuple[list[SessionResult], bool]:
        """The next results, and whether more may come."""
        first = await self._queue.get()
        if first is None:
            return [], False
        batch = [first]
        try:
            async with asyncio.timeout(SECONDS):
                while len(batch) < MOST:
                    more = await self._queue.get()
                    if more is None:
                        return batch, False
                    batch.append(more)
        except TimeoutError:
            pass
        return batch, True

    async def _keep(self, batch: list[SessionResult]) -> None:
        """Store a batch, again and again where the database is away; bad results are left out."""
        while True:
            try:
                await self._store(batch)
            except (OperationalError, InterfaceError) as problem:
                log.error("the database: %s", " ".join(str(problem).split()))
                if self._is_ending:
                    log.error("%d results are not stored, and stay due", len(batch))
                    return
                await asyncio.sleep(TROUBLE)
            except Exception:
                if len(batch) == 1:
                    number = batch[0].device.number
                    log.exception("meter %s: what was read could not be stored", number)
                    await self._drop(batch[0])
                    return
                for result in batch:
                    await self._keep([result])
                return
            else:
                return
