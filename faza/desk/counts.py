"""What waits at the desk, counted once for a page: the menu and the summary both show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from faza.accounts.models import User


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, by how near their term is; `oldest` is when the first of them began.

    fresh: less than half of the term is over; half: more; today: the term ends today; overdue.
    """

    fresh: int = 0
    half: int = 0
    today: int = 0
    overdue: int = 0
    oldest: datetime | None = None

    @property
    def count(self) -> int:
        return self.fresh + self.half + self.today + self.overdue

    @property
    def is_hot(self) -> bool:
        return self.overdue > 0


Counter = Callable[[User, datetime], Queue]
_COUNTERS: dict[str, Counter] = {}


def counted(name: str) -> Callable[[Counter], Counter]:
    """Let a function count a queue; it asks one query."""

    def keep(counter: Counter) -> Counter:
        _COUNTERS[name] = counter
        return counter

    return keep


def queues_of(user: User, request: HttpRequest) -> dict[str, Queue]:
    """Each queue by its name; asked of the database once for a request."""
    found: dict[str, Queue] | None = getattr(request, "faza_queues", None)
    if found is None:
        at = timezone.now()
        found = {name: counter(user, at) for name, counter in _COUNTERS.items()}
        request.faza_queues = found  # type: ignore[attr-defined]  # lives as long as the request
    return found


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a queue's picture, in hundredths of its width, as SVG wants numbers written."""

    css: str
    x: str
    width: str


def bars(queue: Queue) -> list[Bar]:
    """The parts of a queue from fresh to overdue, as wide as they are many."""
    found, x = [], 0.0
    for css in ("fresh", "half", "today", "overdue"):
        width = 100 * getattr(queue, css) / queue.count if queue.count else 0.0
        if width:
            found.append(Bar(css, f"{x:.2f}", f"{width:.2f}"))
        x += width
    return found
