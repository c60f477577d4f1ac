"""All figures: of pages from this machine's processes, of everything else from the database.

docs/reference/metrics.md lists them. What the database is asked is a fixed number of queries over
short or indexed tables, and is asked again after FRESH at the earliest, however many programs ask.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, InterfaceError, connection

from faza import __version__
from faza.backup import making
from faza.core import tally
from faza.watch import gauges, pages
from faza.watch.ready import free
from faza.watch.text import Figure, Sample

FRESH = 10.0
"""Seconds for which the database's figures are told again."""


def all_figures(*, at: datetime) -> list[Figure]:
    """Everything; where the database is away only what needs none."""
    return [*_of_this_machine(at), *_pages(pages.book().counts()), *_kept.get(at)]


class _Kept:
    """The database's figures, asked for once in a while, by one thread at a time."""

    def __init__(self, ask: Callable[[datetime], list[Figure]]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._figures: list[Figure] = []
        self._asked = float("-inf")

    def get(self, at: datetime) -> list[Figure]:
        with self._lock:
            if time.monotonic() - self._asked >= FRESH:
                self._figures = self._ask(at)
                self._asked = time.monotonic()
            return self._figures

    def forget(self) -> None:
        """Ask anew at the next time."""
        with self._lock:
            self._asked = float("-inf")


def _of_database(at: datetime) -> list[Figure]:
    try:
        found = gauges.gauges(at=at)
    except (DatabaseError, InterfaceError):
        connection.close()
        return [_up(0)]
    return [_up(1), *found]


_kept = _Kept(_of_database)
forget = _kept.forget


def _up(is_up: int) -> Figure:
    return Figure("faza_database_up", "gauge", "1 if the database answers.", [Sample(is_up)])


def _of_this_machine(at: datetime) -> list[Figure]:
    room, backup = free(), making.last()
    labels = {
        "version": __version__,
        "python": platform.python_version(),
        "engine": connection.vendor,
    }
    return [
        Figure("faza_info", "gauge", "What runs here; always 1.", [Sample(1, labels)]),
        Figure(
            "faza_disk_free_bytes", "gauge", "Free bytes where FAZA_HOME lies.",
            [] if room is None else [Sample(room)],
        ),
        Figure(
            "faza_backup_seconds", "gauge", "How long ago this machine made a backup.",
            [] if backup is None else [Sample(max((at - backup).total_seconds(), 0.0))],
        ),
        Figure(
            "faza_served_values_total", "counter",
            "Interval values that the process which answers has stored (POST /api/intake, forms).",
            [Sample(tally.told().get(tally.VALUES, 0))],
        ),
    ]  # fmt: skip


def _pages(counts: pages.Counts) -> list[Figure]:
    """Addresses that were asked for at least once: the others have no rows."""
    requests, seconds = [], []
    for row, name in enumerate(counts.names):
        if not counts.statuses[row].any():
            continue
        for status, number in zip(pages.STATUSES, counts.statuses[row].tolist(), strict=True):
            if number:
                requests.append(Sample(number, {"page": name, "status": status}))
        below = counts.durations[row].cumsum().tolist()
        for bound, number in zip([*pages.BOUNDS, float("inf")], below, strict=True):
            limit = "+Inf" if bound == float("inf") else f"{bound:g}"
            seconds.append(Sample(number, {"page": name, "le": limit}, "_bucket"))
        seconds.append(Sample(float(counts.seconds[row]), {"page": name}, "_sum"))
        seconds.append(Sample(below[-1], {"page": name}, "_count"))
    return [
        Figure(
            "faza_requests_total", "counter",
            "Answers by the name of the address and the class of the status.", requests,
        ),
        Figure(
            "faza_request_seconds", "histogram", "Seconds until an answer began.", seconds
        ),
    ]  # fmt: skip
