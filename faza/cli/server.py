"""The server of pages: Granian, with an end of our own and with our log.

What is ours, and why:

- A Ctrl-C of a terminal reaches all processes of its group at once. A worker that gets it twice,
  from there and from us, does not end; so workers leave the group, and are told by us alone.
- Workers end with us even where we are killed: the next server finds its port free. They do so
  while they load, too: until then a fork has the handlers of its parent, which only ring there.
- A signal that comes while another is heard must not stop us for ever (faza.core.bell).
- Granian asks a process that has just ended whether it has, in two threads, and one of them may
  say "refused to stop" of it; we wait for the process itself.
- Threads without work live for ten minutes, with their connections to the database.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import time
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import wait
from typing import Any

from django.conf import settings
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from faza.core.bell import Bell

THREADS = 4
"""Requests at once in a worker: they wait for the database, not for each other."""
IDLE = 600
"""Seconds that a thread without work lives; as long as a connection may (CONN_MAX_AGE)."""
GRACE = 20.0
"""Seconds that requests at work have to end."""
PR_SET_PDEATHSIG = 1
log = logging.getLogger("faza.serve")


class Pages(MPServer):
    """Serves until SIGTERM or SIGINT; requests at work are finished, GRACE at most."""

    def __init__(self, host: str, port: int, *, workers: int) -> None:
        super().__init__(
            "faza.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS,
            blocking_threads_idle_timeout=IDLE,
            log_access=False,
            log_level=LogLevels.warning,
            log_dictconfig=_log(),
            websockets=False,
            respawn_failed_workers=True,
        )
        self.main_loop_interrupt = Calls(self)  # type: ignore[assignment]

    def run(self) -> None:
        self.serve(target_loader=load, wrap_loader=False)

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            worker.terminate()
        until = time.monotonic() + GRACE
        for worker in self.wrks:
            if not wait([worker.inner.sentinel], max(until - time.monotonic(), 0.0)):
                log.warning("requests did not end within %.0f s and are broken off", GRACE)
                worker.kill()
            worker.join()
        self.wrks.clear()


class Calls(Bell):
    """What wakes the master: the end of a worker, or a signal. That one is never forgotten."""

    def __init__(self, server: MPServer) -> None:
        super().__init__()
        self._server = server

    def clear(self) -> None:
        super().clear()
        if self._server.interrupt_signal:  # it came after the last look
            self.set()


def load() -> Callable[..., Any]:
    """The application, in the worker's process."""
    os.setpgrp()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:  # where the system is no Linux, workers of a killed server stay
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        parent = parent_process()
        if parent is not None and os.getppid() != parent.pid:  # it was killed before that call
            raise SystemExit(1)
    from django.urls import resolve

    from faza.wsgi import application

    resolve("/")  # loads all pages: two seconds for which its first reader would wait
    return application


def _log() -> dict[str, Any]:
    """Granian's own words go where and as all others do."""
    quiet = {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    return {
        "formatters": settings.LOGGING["formatters"],
        "handlers": settings.LOGGING["handlers"],
        "loggers": {"_granian": dict(quiet), "granian.access": dict(quiet)},
    }
