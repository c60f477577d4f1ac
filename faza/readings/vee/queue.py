"""Questions of the desk about findings: the queue, what stands beside one, what a method gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from faza.metering.queries import Points
from faza.readings.models import Finding
from faza.readings.vee import findings
from faza.readings.vee.findings import Key, State
from faza.readings.vee.findings import Row as Found

AGES = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
"""How long a finding has been open, each up to its bound; what is over is "older"."""
OLDER = "older"
TERM = timedelta(days=2)
"""In which time somebody is to have looked. A choice of ours."""
ORDERS: Mapping[str, tuple[str, ...]] = {
    "age": ("found_at",),
    "-age": ("-found_at",),
    "rule": ("rule", "found_at"),
    "-rule": ("-rule", "found_at"),
    "point": ("usage_point__name_key", "start"),
    "-point": ("-usage_point__name_key", "start"),
    "effect": ("-effect", "found_at"),
    "-effect": ("effect", "found_at"),
    "start": ("start",),
    "-start": ("-start",),
}
_KEY = ("usage_point_id", "reading_type", "rule", "start")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings; an empty set is any.

    since, until: those that share time with [since, until). node_path: of points at a node and
    below it. effects: validation.shapes.Effect.
    """

    rules: Collection[str] = ()
    reading_types: Collection[int] = ()
    effects: Collection[int] = ()
    states: Collection[int] = (State.OPEN,)
    since: datetime | None = None
    until: datetime | None = None
    found_before: datetime | None = None
    node_path: str = ""


OPEN = Filter()


@dataclass(frozen=True, slots=True)
class Row:
    """A finding in the queue, with its point's code and name and the path of its node."""

    found: Found
    code: str
    name: str
    path: str

    @property
    def key(self) -> Key:
        return self.found.key


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings; overdue: open for longer than the term."""

    total: int = 0
    overdue: int = 0
    by_rule: Mapping[str, int] = field(default_factory=dict)
    by_age: Mapping[str, int] = field(default_factory=dict)


def queue(
    points: Points, only: Filter = OPEN, *, order: str = "age", limit: int, offset: int = 0
) -> list[Row]:
    """Findings of points. One query. Raises ValueError for an order that there is not."""
    if order not in ORDERS:
        raise ValueError(order)
    rows = _chosen(points, only).order_by(*ORDERS[order], *_KEY)
    return [
        Row(findings.row_of(values[3:]), *values[:3])
        for values in rows.values_list(
            "usage_point__code", "usage_point__name", "usage_point__node__path", *findings.VALUES
        )[offset : offset + limit]
    ]


def number_of(points: Points, only: Filter = OPEN) -> int:
    """How many there are. One query."""
    return _chosen(points, only).count()


def counts(points: Points, only: Filter = OPEN, *, at: datetime, term: timedelta = TERM) -> Counts:
    """How many findings of points there are, by rule and by age. One query."""
    bounds = {"overdue": Count("rule", filter=Q(found_at__lt=at - term))}
    for name, age in AGES.items():
        bounds[f"in_{name}"] = Count("rule", filter=Q(found_at__gt=at - age))
    rows: Any = _chosen(points, only).values("rule").annotate(n=Count("rule"), **bounds)
    by_rule: dict[str, int] = {}
    within = dict.fromkeys(AGES, 0)
    overdue = 0
    for row in rows.order_by("rule"):
        by_rule[row["rule"]] = row["n"]
        overdue += row["overdue"]
        for name in AGES:
            within[name] += row[f"in_{name}"]
    total = sum(by_rule.values())
    by_age, before = {}, 0
    for name, count in within.items():
        by_age[name] = count - before
        before = count
    return Counts(total, overdue, by_rule, by_age | {OLDER: total - before})


def find(points: Points, key: Key) -> Row | None:
    """A finding of one of the points, in whatever state; None if there is none. One query."""
    every = Filter(states=tuple(State))
    rows = _chosen(points, every).filter(
        usage_point__pk=key.usage_point,
        reading_type=key.reading_type,
        rule=key.rule,
        start=_moment(key),
    )
    found = rows.values_list(
        "usage_point__code", "usage_point__name", "usage_point__node__path", *findings.VALUES
    ).first()
    return Row(findings.row_of(found[3:]), *found[:3]) if found else None


def of_channel(
    usage_point: int,
    reading_type: int,
    start: datetime,
    end: datetime,
    *,
    states: Collection[int] = (*findings.FOUND, State.ACCEPTED),
) -> list[Found]:
    """Findings of a channel, and of its whole point, that share time with [start, end), by time.

    One query.
    """
    low, high = int(start.timestamp()), int(end.timestamp())
    rows = findings.of_points([usage_point], low, high, states=states)
    chosen = [row for row in rows if row.key.reading_type in (reading_type, 0)]
    return sorted(chosen, key=lambda row: (row.key.start, row.key.rule))


def _moment(key: Key) -> datetime:
    return datetime.fromtimestamp(key.start, UTC)


def _chosen(points: Points, only: Filter) -> QuerySet[Finding]:
    rows = Finding.objects.filter(usage_point__in=points)
    told: dict[str, Any] = {}
    if set(only.states) != set(State):
        # Named plainly, so that the index of open ones serves.
        states = list(only.states)
        told |= {"state": states[0]} if len(states) == 1 else {"state__in": states}
    if only.rules:
        told["rule__in"] = list(only.rules)
    if only.reading_types:
        told["reading_type__in"] = list(only.reading_types)
    if only.effects:
        told["effect__in"] = list(only.effects)
    if only.since is not None:
        told["end__gt"] = only.since
    if only.until is not None:
        told["start__lt"] = only.until
    if only.found_before is not None:
        told["found_at__lt"] = only.found_before
    if only.node_path:
        told["usage_point__node__path__startswith"] = only.node_path
    return rows.filter(**told)
