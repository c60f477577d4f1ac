"""What the page of retention shows: terms of keeping, and the rounds that go by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.text import capfirst

from faza.accounts import retention
from faza.jobs.models import Job

ROUND = "accounts.retention.sweep"
"""The kind of work that erases what is over its term; faza.accounts.handlers runs it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind with its term in days (None: for ever), and how much is over it now.

    `due` is None where nobody counts, `erased` where the last round had no such kind.
    """

    kind: retention.Kind
    days: int | None
    due: int | None
    erased: int | None

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def label(self) -> str:
        return str(capfirst(str(self.kind.label))) or self.kind.name


def kinds(at: datetime) -> list[Kept]:
    """All kinds. A query for the terms, one for the last round, and a count or two a kind."""
    done = last()
    erased: Mapping[str, object] = done.result or {} if done else {}
    return [
        Kept(kind, days, due(kind, days, at), _number(erased.get(kind.name)))
        for kind, days in retention.kinds()
    ]


def due(kind: retention.Kind, days: int | None, at: datetime) -> int | None:
    """How much of a kind is older than so many days; 0 where it is kept for ever."""
    if days is None:
        return 0
    return kind.count(at - timedelta(days=days)) if kind.count else None


def last() -> Job | None:
    """The last round that ended."""
    rounds = Job.objects.filter(kind=ROUND, state=Job.State.DONE)
    return rounds.order_by("-ended_at").first()


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
