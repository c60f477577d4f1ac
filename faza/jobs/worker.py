"""Runs jobs: takes one, calls its handler, keeps what came of it; starts what is due daily.

The edge of the room: here the clock is read.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
)

from faza.core import tally
from faza.core.logs import within
from faza.jobs import leases, registry, services
from faza.jobs.pulse import Beating, Pulse
from faza.jobs.registry import Cancelled, Failed, Interrupted

POLL = 0.5
"""Seconds between two looks at the queue: how late a job begins at most."""
SOON = timedelta(seconds=5)
LOOK = timedelta(seconds=10)
"""How late a round begins at most."""
TROUBLE = 5.0
"""Seconds to wait where the database is out of reach."""
log = logging.getLogger(__name__)


def name() -> str:
    """Who this is: a thread of a process of a machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def run_waiting() -> int:
    """Run what waits, here and now, one after the other; how many were run.

    Raises OperationalError or InterfaceError where the database is away.

    For tests and `faza worker --once`. Jobs that a handler starts are run too.
    """
    count = 0
    while run_next(Pulse):
        count += 1
    return count


def run_next(pulse: Callable[[leases.Job], Pulse]) -> bool:
    """Take a job and run it; whether there was one."""
    job = leases.take(worker=name(), at=_now())
    if job is None:
        return False
    with within(job=job.pk), pulse(job) as running:
        _run(running)
    tally.add(tally.JOBS)
    return True


def _run(running: Pulse) -> None:
    """Call the handler; the one place where any exception of one is caught."""
    job = running.job
    registry.load()
    handler = registry.handlers.get(job.kind)
    if handler is None:
        leases.fail(job, f"no handler of {job.kind} in this installation", at=_now())
        return
    try:
        result = handler(running)
    except Interrupted:
        leases.hand_back(job)
    except Cancelled:
        leases.mark_cancelled(job, at=_now())
    except Failed as told:
        leases.fail(job, str(told), at=_now())
    except (OperationalError, InterfaceError):
        # Away, full or locked: no fault of the job's. It is begun again when its lease is over.
        raise
    except Exception as problem:
        log.exception("job %s (%s) failed", job.pk, job.kind)
        leases.fail(job, f"{type(problem).__name__}: {problem}", at=_now())
    else:
        running.tell()
        if running.is_cancel_seen:
            leases.mark_cancelled(job, at=_now(), result=result)
        else:
            leases.finish(job, result or {}, at=_now())


class Loop:
    """Runs jobs until it is stopped; `hurry` has the running one handed back as soon as it can."""

    def __init__(self) -> None:
        self.stop, self.hurry = threading.Event(), threading.Event()
        self._begun: dict[str, object] = {}
        self._looked: dict[str, datetime] = {}
        self._running: Beating | None = None

    def __call__(self) -> None:
        registry.load()
        while not self.stop.is_set():
            try:
                close_old_connections()
                self.start_dailies(at=_now())
                self.start_rounds(at=_now())
                ran = run_next(self._beating)
            except (DatabaseError, InterfaceError) as problem:
                log.error("the database: %s", " ".join(str(problem).split()))
                connection.close()
                self.stop.wait(TROUBLE)
            else:
                self._running = None
                if not ran:
                    self.stop.wait(POLL)
        connection.close()

    def start_dailies(self, *, at: datetime) -> None:
        """Start what is due today, once a day whatever number of workers does the same."""
        local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
        for kind, hour in registry.dailies.items():
            if local.hour >= hour and self._begun.get(kind) != local.date():
                key = f"{kind}:{local.date()}"
                services.start(kind, arguments={}, by=None, at=at, key=key)
                self._begun[kind] = local.date()

    def start_rounds(self, *, at: datetime) -> None:
        """Begin again what is to run every few minutes; the database is asked now and then."""
        for kind, minutes in registry.rounds.items():
            if self._looked.get(kind, at - LOOK) <= at - LOOK:
                self._looked[kind] = at
                services.start_round(kind, at=at, pause=timedelta(minutes=minutes))

    def abandon(self) -> None:
        """The process ends although a handler does not listen: let others take its job up soon."""
        running = self._running
        if running is not None:
            leases.shorten(running.job, until=_now() + SOON)

    def _beating(self, job: leases.Job) -> Beating:
        self._running = Beating(job, hurry=self.hurry)
        return self._running


def _now() -> datetime:
    return datetime.now(UTC)
