"""A job as its handler sees it, and the heartbeat that keeps it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, InterfaceError, connection

from faza.jobs import leases
from faza.jobs.models import Job
from faza.jobs.registry import Interrupted

BEAT = 1.0
"""Seconds between heartbeats: how late a progress, or a wish to cancel, is seen."""
log = logging.getLogger(__name__)


class Pulse:
    """`registry.Running`, told to the database by the handler's own thread, at most once a beat."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.is_cancel_seen = False
        self._done, self._total, self._note = 0, None, ""  # type: int, int | None, str
        self._is_asked = self._is_lost = False
        self._told_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    @property
    def id(self) -> int:
        return self.job.pk

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.job.arguments

    @property
    def by(self) -> int | None:
        return self.job.by

    @property
    def at(self) -> datetime:
        assert self.job.started_at
        return self.job.started_at

    @property
    def is_cancelled(self) -> bool:
        self._tell_at_times()
        self.is_cancel_seen = self._is_asked
        return self._is_asked

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self._done, self._total, self._note = done, total, note[:300]
        self._tell_at_times()
        if self._is_lost:
            raise Interrupted

    def tell(self) -> None:
        """A heartbeat: lengthen the lease, write the progress, learn whether to end."""
        self._told_at = time.monotonic()
        answer = leases.beat(
            self.job, at=datetime.now(UTC), done=self._done, total=self._total, note=self._note
        )
        self._is_asked, self._is_lost = bool(answer), answer is None

    def _tell_at_times(self) -> None:
        if time.monotonic() - self._told_at >= BEAT:
            self.tell()


class Beating(Pulse):
    """The same, told by a thread: also while the handler says nothing, and inside its transaction.

    Where a long transaction of the handler locks SQLite, the heartbeat waits, as everybody does.
    """

    def __init__(self, job: Job, *, hurry: threading.Event) -> None:
        super().__init__(job)
        self._hurry, self._ended = hurry, threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"job {job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._ended.set()
        self._thread.join(BEAT)

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        super().progress(done, total, note)
        if self._hurry.is_set():
            raise Interrupted

    def _tell_at_times(self) -> None:
        return None

    def _beat(self) -> None:
        while not self._ended.wait(BEAT) and not self._is_lost:
            try:
                self.tell()
            except (DatabaseError, InterfaceError) as problem:
                log.warning("job %s: no heartbeat: %s", self.job.pk, problem)
                connection.close()
        connection.close()
