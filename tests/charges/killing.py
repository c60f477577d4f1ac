"""Processes that do a job of months and are killed in it: `python -m tests.charges.killing KIND …`.

Each further argument is where one dies by SIGKILL: "put:2", about to write for the second time,
amid a transaction; "batch:1", after the first batch. The last one is let go to its end. Prints a
line of JSON for each: all that is stored when it is gone. For test_killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")
import django

django.setup()

from django.db import connections  # noqa: E402
from django.db.models import QuerySet  # noqa: E402

from faza.charges import keeping, models, store  # noqa: E402
from faza.charges.advice import keeping as advice  # noqa: E402
from faza.charges.forecast import keeping as forecast  # noqa: E402
from faza.jobs import registry  # noqa: E402
from faza.readings.models import Mark  # noqa: E402
from tests.charges.world import AT  # noqa: E402

KINDS = (
    models.ZoneMonth, models.ChargeMonth, models.SubstitutedMonth, models.Forecast, models.Replay,
)  # fmt: skip


class Running:
    """A job as its handler sees it, which dies where it is told to."""

    id, by, at, is_cancelled = 1, None, AT, False
    arguments: dict[str, Any] = {}

    def __init__(self, word: str, times: int) -> None:
        self._word, self._times = word, times

    def reach(self, word: str) -> None:
        self._times -= word == self._word
        if not self._times:
            os.kill(os.getpid(), signal.SIGKILL)

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.reach("batch")

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function that writes, and before it this place: the old is deleted already."""

        def reaching(*args: Any, **more: Any) -> Any:
            self.reach("put")
            return function(*args, **more)

        return reaching


def work(kind: str, running: Running) -> None:
    # A point a batch, so that there is something between them.
    keeping.POINTS, keeping.TOGETHER, forecast.BATCH, advice.BATCH = 2, 1, 1, 1
    store._insert = running.before(store._insert)
    QuerySet.bulk_create = running.before(QuerySet.bulk_create)
    registry.handlers[kind](running)


def in_a_process(kind: str, running: Running) -> int:
    """How a process ended that did the job: the signal that killed it, or 0."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            work(kind, running)
            connections.close_all()
            os._exit(0)
        finally:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return -os.waitstatus_to_exitcode(status)


def look() -> dict[str, Any]:
    """What is stored: rows by point and month, of advice by point; up to when; marks that wait."""
    made: dict[str, list[list[str]]] = {}
    for kind in KINDS:
        parts = 1 if kind is models.Replay else 2
        for row in kind.objects.values_list():
            told = [*map(_plain, row)]
            made.setdefault(" ".join(told[:parts]), []).append([kind.__name__, *told])
    until = [*map(str, models.KeptUntil.objects.values_list("as_of", flat=True))]
    marks = Mark.objects.filter(purpose=Mark.Purpose.KEEP).count()
    return {"made": {key: sorted(made[key]) for key in made}, "until": until, "marks": marks}


def _plain(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def main(kind: str, *places: str) -> None:
    registry.load()
    for place in places:
        word, times = place.split(":")
        assert in_a_process(kind, Running(word, int(times))) == signal.SIGKILL, place
        print(json.dumps(look()))
    assert in_a_process(kind, Running("", -1)) == 0
    print(json.dumps(look()))


if __name__ == "__main__":
    main(*sys.argv[1:])
