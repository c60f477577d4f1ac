"""A line and a meter for an engineer's own session: nobody else speaks on the line meanwhile."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import connections, transaction

from faza.collection.models import Device
from faza.collection.polling import claims, counters, loading
from faza.collection.polling.work import Counter, LineWork

LEASE = timedelta(minutes=5)
"""How long a line stands still at most for such a session."""
WAITS, PAUSE = 120.0, 1.0
"""Seconds that somebody else's session on the line is waited for, and between two looks."""


class NotKnown(Exception):
    """There is no such meter, it has no line, or its line is busy; told in a sentence."""


@contextmanager
def line_of(number: str, *, at: datetime, tell: Callable[[str], None]) -> Iterator[LineWork]:
    """The line of a meter, leased as long as the block lasts, with that meter alone.

    Raises NotKnown.
    """
    device = Device.objects.select_related("line").filter(meter__number=number).first()
    if device is None:
        raise NotKnown(
            f"no meter {number} with a line is known here; `faza read --host …` needs none"
        )
    line, who = device.line, f"{socket.gethostname()}:{os.getpid()}:desk"
    _hold(line.pk, line.name, who, tell)
    try:
        work, ciphered = loading.for_desk(device.pk, at=at)
        with transaction.atomic():
            ours = counters.reserve_many(ciphered).get(device.pk, {})
        yield LineWork(
            line.pk, line.name, line.host, line.port, line.timeout, line.pause, at,
            (replace(work, counters=ours),), line.settings,
        )  # fmt: skip
    finally:
        claims.release(collector=who, lines=[line.pk], at=_machine())


async def reserve(device: int, key: str, count: int, at_least: int) -> Counter:
    """More invocation counters; as `Means.reserve`."""

    def deed() -> Counter:
        try:
            return counters.reserve(device, key, at_least=at_least, count=count)
        finally:
            connections.close_all()

    return await asyncio.to_thread(deed)


def _hold(line: int, name: str, who: str, tell: Callable[[str], None]) -> None:
    until, is_told = time.monotonic() + WAITS, False
    while not claims.hold(line, collector=who, now=_machine(), lease=LEASE):
        if time.monotonic() > until:
            raise NotKnown(f"the line {name} is busy: a collector has sessions on it; try later")
        if not is_told:
            tell(f"The line {name} is busy with another session; waits for it …")
            is_told = True
        time.sleep(PAUSE)


def _machine() -> datetime:
    return datetime.now(UTC)
