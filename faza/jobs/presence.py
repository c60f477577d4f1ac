"""That a process lives: it says so every 15 seconds, and takes its row away when it ends.

The edge of the room: here the clock is read.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet

from faza import __version__
from faza.core import tally
from faza.jobs.models import Process

BEAT = 15.0
"""Seconds between two words of a process."""
LIFE = timedelta(seconds=60)
"""Who has said nothing for so long is taken for dead: four beats."""
FORGOTTEN = timedelta(days=1)
log = logging.getLogger(__name__)


def alive(*, at: datetime) -> QuerySet[Process]:
    """Who has said lately that it lives."""
    return Process.objects.filter(seen_at__gt=at - LIFE).order_by("kind", "name")


class Presence:
    """While the block lasts, the process says that it lives, by a thread of its own.

    A database that is away is only told of at the level of debugging: whoever has work to do
    there says it aloud.
    """

    def __init__(self, kind: Process.Kind) -> None:
        self.kind = kind
        self.name = f"{socket.gethostname()}:{os.getpid()}:{kind}"
        self._started_at = _now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="presence", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._ended.set()
        self._thread.join(BEAT / 3)

    def tell(self, *, at: datetime) -> None:
        """Write that it lives, and what it has done."""
        Process.objects.update_or_create(
            name=self.name,
            defaults={"seen_at": at, "counts": tally.told()},
            create_defaults={
                "kind": self.kind, "version": __version__, "counts": tally.told(),
                "started_at": self._started_at, "seen_at": at,
            },
        )  # fmt: skip

    def _beat(self) -> None:
        self._try(lambda: forget(before=_now() - FORGOTTEN))
        while True:
            self._try(lambda: self.tell(at=_now()))
            if self._ended.wait(BEAT):
                break
        self._try(lambda: leave([self.name]))
        connection.close()

    def _try(self, deed: Callable[[], object]) -> None:
        try:
            deed()
        except (DatabaseError, InterfaceError) as problem:
            log.debug("presence: %s", " ".join(str(problem).split()))
            connection.close()


def leave(names: Collection[str]) -> None:
    """These processes end in order."""
    Process.objects.filter(name__in=names).delete()


def forget(*, before: datetime) -> None:
    """Take rows away of processes that were killed long ago."""
    Process.objects.filter(seen_at__lt=before).delete()


def _now() -> datetime:
    return datetime.now(UTC)
