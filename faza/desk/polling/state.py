"""How the collection stands: by plan, area and type; completeness by day; the oldest gaps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from faza.accounts.models import User
from faza.collection.models import CollectionPlan
from faza.collection.polling import loading, timing
from faza.contracts import access
from faza.core.reading_types import A_PLUS
from faza.desk.board import parts
from faza.desk.polling import reach, words
from faza.metering.models import NetworkNode
from faza.readings import queries

DAYS = 30
"""Of so many days the heat map tells."""
MOST_PARTS = 14
"""Rows of the heat map; each costs a few queries, whatever the number of points."""
OLDEST = 6
OLD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """Devices by their state."""

    good: int = 0
    due: int = 0
    retry: int = 0
    bad: int = 0
    off: int = 0

    @property
    def count(self) -> int:
        """Those that are to be read."""
        return self.good + self.due + self.retry + self.bad

    @property
    def left(self) -> int:
        return self.due + self.retry + self.bad

    @property
    def share(self) -> float | None:
        return 100 * self.good / self.count if self.count else None

    @property
    def bars(self) -> list[tuple[str, str, str]]:
        """(state, x, width) of the picture, in hundredths, as SVG wants numbers written."""
        found, x = [], 0.0
        for name in (reach.GOOD, reach.DUE, reach.RETRY, reach.BAD):
            width = 100 * getattr(self, name) / self.count if self.count else 0.0
            if width:
                found.append((name, f"{x:.2f}", f"{width:.2f}"))
            x += width
        return found


def tally(states: Iterable[str]) -> Tally:
    return Tally(**Counter(states))


@dataclass(frozen=True, slots=True)
class Group:
    """A plan as the page shows it. next: when its next readings are regularly due."""

    plan: CollectionPlan
    kinds: str
    every: str
    window: str
    next: datetime | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class Row:
    """An area or a type of meters."""

    name: str
    tally: Tally
    query: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A cell of the heat map; share 0 … 100, None where nothing was expected."""

    day: date
    share: float | None

    @property
    def level(self) -> str:
        """Five shades; 100 % is one of its own, so that what is whole is seen at once."""
        if self.share is None:
            return "none"
        steps = ((100, "5"), (99, "4"), (95, "3"), (80, "2"), (0.0001, "1"))
        return next((level for least, level in steps if self.share >= least), "0")


@dataclass(frozen=True, slots=True)
class Gap:
    """A device that has something to read since long."""

    meter: int
    number: str
    point: str
    since: datetime


@dataclass(frozen=True, slots=True)
class State:
    """All that the page of the collection tells besides one meter."""

    groups: Sequence[Group]
    areas: Sequence[Row]
    models: Sequence[Row]
    whole: Tally
    gaps: Sequence[Gap]
    running: int
    """Lines on which a collector speaks now."""


def state(user: User, *, at: datetime) -> State:
    """How the collection stands for a person's areas. Queries do not grow with the devices."""
    found: Any = reach.placed(reach.devices(user, at=at), user, at=at)
    rows = list(
        found.values(
            "pk", "plan_id", "meter_id", "meter__number", "meter__model_id", "meter__model__name",
            "state", "node_path", "point_name", "profiles",
        )
    )  # fmt: skip
    by_plan: dict[int, list[str]] = defaultdict(list)
    by_model: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in rows:
        by_plan[row["plan_id"]].append(row["state"])
        by_model[row["meter__model__name"], row["meter__model_id"]].append(row["state"])
    return State(
        groups=groups(by_plan, at=at),
        areas=_areas(parts(user), rows),
        models=[
            Row(name, tally(states), f"model={pk}")
            for (name, pk), states in sorted(by_model.items())
        ],
        whole=tally(row["state"] for row in rows),
        gaps=_gaps(rows, at),
        running=reach.lines(user, at=at).filter(leased_until__gt=at).count(),
    )


def groups(by_plan: Mapping[int, Sequence[str]], *, at: datetime) -> list[Group]:
    """Plans with the states of their devices. Two queries."""
    plans = list(CollectionPlan.objects.order_by("priority", "name"))
    times = loading.times_of(plans)
    return [
        Group(
            plan,
            words.kinds(times[plan.pk].every),
            words.every(times[plan.pk].every),
            words.window(plan),
            _next(times[plan.pk], at),
            tally(by_plan.get(plan.pk, ())),
        )
        for plan in plans
    ]


def _next(times: timing.Times, at: datetime) -> datetime | None:
    found = (timing.regular(times, kind, at) for kind in times.every)
    return min((one for one in found if one is not None), default=None)


def _areas(nodes: Sequence[NetworkNode], rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    by_node: dict[int, list[str]] = {node.pk: [] for node in nodes}
    for row in rows:
        above = part_of(nodes, row["node_path"])
        if above is not None:
            by_node[above.pk].append(row["state"])
    return [
        Row(node.name, tally(by_node[node.pk]), f"node={node.pk}")
        for node in nodes
        if by_node[node.pk]
    ]


def part_of(nodes: Sequence[NetworkNode], path: str | None) -> NetworkNode | None:
    """The nearest of the parts above a place."""
    above = [node for node in nodes if path and path.startswith(node.path)]
    return max(above, key=lambda node: len(node.path), default=None)


def _gaps(rows: Sequence[Mapping[str, Any]], at: datetime) -> list[Gap]:
    found = []
    for row in rows:
        told = row["profiles"].get("1", {}).get("whole_to")
        if told and row["state"] != reach.OFF:
            since = datetime.fromisoformat(told).astimezone(UTC)
            if at - since > OLD:
                found.append(
                    Gap(row["meter_id"], row["meter__number"], row["point_name"] or "", since)
                )
    return sorted(found, key=lambda gap: gap.since)[:OLDEST]


@dataclass(frozen=True, slots=True)
class HeatRow:
    name: str
    days: Sequence[Day]


def heat(user: User, *, at: datetime) -> list[HeatRow]:
    """Completeness of A+ by day of the points that are read, for each part of the network.

    Queries grow with the parts, of which there are MOST_PARTS at most, and not with the points.
    """
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    first = today - timedelta(days=DAYS)
    nodes = parts(user)[:MOST_PARTS]
    points: dict[int, list[int]] = {node.pk: [] for node in nodes}
    found: Any = reach.placed(reach.devices(user, at=at), user, at=at)
    for point, path in found.filter(is_enabled=True).values_list("point", "node_path"):
        above = part_of(nodes, path)
        if above is not None and point is not None:
            points[above.pk].append(point)
    every = [point for some in points.values() for point in some]
    windows = access.windows_of(user, at=at, points=every)
    made = []
    for node in nodes:
        if not points[node.pk]:
            continue
        mine = windows.of_points(points[node.pk])
        told = queries.day_totals(mine, [A_PLUS.code], first, today)
        # What was estimated has not been read.
        unread = told.n_missing[0] + told.n_estimated[0]
        pairs = zip(told.n_expected[0].tolist(), unread.tolist(), strict=True)
        shares = [100 * (1 - missing / n) if n else None for n, missing in pairs]
        made.append(
            HeatRow(
                node.name,
                [Day(first + timedelta(days=n), share) for n, share in enumerate(shares)],
            )
        )
    return made
