"""The loop of a collector: what is due is claimed, talked to, stored; leases are renewed.

Here two clocks are read: `now` says what is due and when something was read, and may stand still
in trials; leases go by the machine's, because they say that somebody is alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from faza.collection.collector.line import talk
from faza.collection.collector.recorder import TROUBLE, Recorder
from faza.collection.collector.visit import Means
from faza.collection.polling import ahead, claims, counters, results
from faza.collection.polling.work import Counter, LineWork, Outcome, SessionResult
from faza.core import tally
from faza.core.clock import Now

LEASE = timedelta(seconds=60)
"""How long the lines of a killed collector stand still."""
BEAT = 15.0
"""Seconds between renewals of leases."""
POLL = 1.0
"""Seconds between two looks at what is due."""
MOST_LINES = 1000
GRACE = 10.0
"""Seconds that sessions have to end by themselves, and again to be broken off."""
AT_ONCE = 200
"""Lines claimed in one go."""
SET_BACK = timedelta(minutes=1)
"""A clock that goes back by as much was ahead before."""
log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Summary:
    """Sessions by outcome."""

    done: int = 0
    partial: int = 0
    failed: int = 0

    def count(self, result: SessionResult) -> None:
        if result.outcome is Outcome.DONE:
            self.done += 1
        elif result.outcome is Outcome.PARTIAL:
            self.partial += 1
        else:
            self.failed += 1


def name() -> str:
    """Who this is: a process of a machine."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Collector:
    """`once`: end when nothing is due any more. `meters`: only their lines, all if empty."""

    def __init__(
        self,
        now: Now,
        *,
        once: bool = False,
        meters: Collection[str] = (),
        most_lines: int = MOST_LINES,
        means: Means | None = None,
    ) -> None:
        self.now, self.once, self.meters, self.most_lines = now, once, meters, most_lines
        self.name = name()
        self.summary = Summary()
        self._stop, self._moved = asyncio.Event(), asyncio.Event()
        self._active: dict[int, asyncio.Task[None]] = {}
        self._until = now() if once else None
        self._means = replace(
            means or Means(now),
            now=now,
            reserve=self._reserve,
            is_ending=self._stop.is_set,
            may_speak=self._may_speak,
        )
        self._renewed = time.monotonic()
        """Since when at the latest all our leases run."""
        self._latest: datetime | None = None
        """What the clock has shown at most since it was looked back."""
        self._recorder = Recorder(self._store, self._drop)
        self._leasing = ThreadPoolExecutor(1, "leases")
        self._storing = ThreadPoolExecutor(1, "results")
        self._held: set[int] = set()
        """Lines whose lease is ours: from the claim until their last result is stored."""

    def stop(self) -> None:
        """End soon: sessions end after the answer they wait for."""
        self._stop.set()
        self._moved.set()

    async def run(self) -> Summary:
        """Collect until stopped, or once; everything read is stored when it returns."""
        recording = asyncio.create_task(self._recorder.run())
        renewing = asyncio.create_task(self._renew())
        try:
            await self._collect()
            await self._end_sessions()
        finally:
            await self._recorder.end()
            await recording
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self._release()
            await self._close()
        return self.summary

    # Claiming

    async def _collect(self) -> None:
        while not self._stop.is_set():
            await self._bring_back()
            free = min(self.most_lines - len(self._active), AT_ONCE)
            lines = await self._claim(free) if free > 0 else []
            for line in lines:
                self._held.add(line.id)
                task = asyncio.create_task(self._talk(line), name=f"line {line.id}")
                self._active[line.id] = task
            if self.once and not lines and not self._active:
                return
            if len(lines) < free or not free:
                await self._wait(POLL)

    async def _bring_back(self) -> None:
        """At the start, and when the clock was set back: what was planned by one that was ahead."""
        at = self.now()
        if self.once or (self._latest is not None and at > self._latest - SET_BACK):
            self._latest = max(at, self._latest or at)
            return
        try:
            lines = await self._lease(lambda: ahead.bring_back(at=at, now=_machine()))
        except (DatabaseError, InterfaceError) as problem:  # the next claim waits for it
            log.error("the database: %s", " ".join(str(problem).split()))
            return
        self._latest = at
        if lines:
            log.warning("the clock was ahead: %d lines are read now that were planned later", lines)

    async def _wait(self, seconds: float) -> None:
        """Until something happens, so many seconds at most."""
        self._moved.clear()
        if not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._moved.wait()

    async def _claim(self, limit: int) -> list[LineWork]:
        if not self._held:
            self._renewed = time.monotonic()
        try:
            found = await self._lease(
                lambda: claims.claim(
                    collector=self.name,
                    at=self._until or self.now(),
                    now=_machine(),
                    limit=limit,
                    lease=LEASE,
                    meters=self.meters,
                )
            )
        except (DatabaseError, InterfaceError) as problem:
            if self.once:
                raise
            log.error("the database: %s", " ".join(str(problem).split()))
            await self._wait(TROUBLE)
            return []
        return [line for line in found if line.id not in self._active]

    async def _talk(self, line: LineWork) -> None:
        try:
            await talk(line, self._means, self._recorder.put)
        except Exception:
            log.exception("line %s", line.name)
        finally:
            self._active.pop(line.id, None)
            if not self._active:
                self._moved.set()

    # Leases

    def _may_speak(self) -> bool:
        return time.monotonic() - self._renewed < LEASE.total_seconds()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            held, begun = sorted(self._held), time.monotonic()
            try:
                ours = await self._lease(partial(self._still_ours, held))
            except (DatabaseError, InterfaceError) as problem:
                log.error("leases are not renewed: %s", " ".join(str(problem).split()))
                continue
            self._renewed = begun
            for line in set(held) - ours:
                self._held.discard(line)
                if (task := self._active.get(line)) is not None:
                    log.warning("line %s is not ours any more: its session is broken off", line)
                    task.cancel()

    def _still_ours(self, held: list[int]) -> set[int]:
        return claims.renew(collector=self.name, lines=held, at=_machine(), lease=LEASE)

    def _let_go(self, held: list[int]) -> None:
        claims.release(collector=self.name, lines=held, at=_machine())

    async def _release(self) -> None:
        """Let go of what was claimed and not talked about."""
        held = sorted(self._held)
        if held:
            with contextlib.suppress(DatabaseError, InterfaceError):  # they end by themselves
                await self._lease(partial(self._let_go, held))

    # Ending

    async def _end_sessions(self) -> None:
        """Wait for sessions to end by themselves, then break them off."""
        for is_last in (False, True):
            if not self._active:
                return
            await asyncio.wait(list(self._active.values()), timeout=GRACE)
            if not is_last:
                for task in list(self._active.values()):
                    task.cancel()

    async def _close(self) -> None:
        for pool in (self._leasing, self._storing):
            await asyncio.get_running_loop().run_in_executor(pool, connections.close_all)
            pool.shutdown(wait=False)

    # The database, in threads of its own

    async def _lease(self, deed: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._leasing, _fresh, deed)

    async def _store(self, batch: Sequence[SessionResult]) -> None:
        def deed() -> None:
            results.store(batch, collector=self.name, at=self.now())

        await asyncio.get_running_loop().run_in_executor(self._storing, _fresh, deed)
        tally.add(tally.SESSIONS, len(batch))
        for result in batch:
            self.summary.count(result)
            if result.is_last and result.line not in self._active:  # or it was claimed anew
                self._held.discard(result.line)

    async def _drop(self, result: SessionResult) -> None:
        """Put off a meter whose answers cannot be stored; if even that fails, let its lease end."""
        try:
            await self._store([results.spoilt(result)])
        except Exception:
            log.exception("meter %s: its failure could not be stored either", result.device.number)
            if result.is_last:
                self._held.discard(result.line)

    async def _reserve(self, device: int, key: str, count: int, at_least: int) -> Counter:
        return await self._lease(
            lambda: counters.reserve(device, key, at_least=at_least, count=count)
        )


def _fresh(deed: Callable[[], T]) -> T:
    """Run in a thread with a connection that is not stale."""
    close_old_connections()
    return deed()


def _machine() -> datetime:
    return datetime.now(UTC)
