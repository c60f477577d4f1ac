"""The desk's first page: what waits, how complete yesterday is by area, what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db.models import Q

from faza.accounts.models import User
from faza.collection.models import ImportRun
from faza.contracts import access
from faza.contracts.models import OperatorArea
from faza.core.periods import start_of_day
from faza.core.reading_types import A_PLUS
from faza.metering.models import Meter, NetworkNode, UsagePoint
from faza.readings import queries

SOON = timedelta(days=180)
"""So early a verification that ends is told of: time to plan the visit."""
RUNS = 6
SHOWN = 8
LOOKED_AT = 500
"""Of so many silent points it is asked since when; more are a fault of another kind."""


@dataclass(frozen=True, slots=True)
class Area:
    """Points of a part of the network by what has come of a day's half-hours."""

    name: str
    path: str
    points: int
    complete: int
    partial: int
    silent: int

    @property
    def share(self) -> float | None:
        """Complete points in percent; None where there are none at all."""
        return 100 * self.complete / self.points if self.points else None


@dataclass(frozen=True, slots=True)
class Silent:
    """A point that has sent nothing since a moment."""

    code: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """All that the summary shows besides the queues; `areas` ends with their sum."""

    day: date
    areas: tuple[Area, ...]
    whole: Area
    silent: tuple[Silent, ...]
    more_silent: int
    """How many more sent nothing for the day: before `dials.LOOK_BACK`, never, or not shown."""
    expired: int
    soon: int
    runs: tuple[ImportRun, ...]

    @property
    def behind(self) -> Area | None:
        """The area with the smallest share, where it is behind the whole."""
        told = [area for area in self.areas if area.share is not None]
        worst = min(told, key=lambda area: area.share or 0, default=None)
        whole = self.whole.share
        if worst is None or whole is None or (worst.share or 0) >= whole or len(told) < 2:
            return None
        return worst


def board(user: User, *, at: datetime) -> Board:
    """The summary for a person's areas; some fourteen queries, however many points there are."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    day = today - timedelta(days=1)
    shares = _shares(user, day, at)
    areas = _areas(user, shares)
    silent = [key for key, (_, share) in shares.items() if share == 0]
    gone = _silent(user, silent[:LOOKED_AT], today, at)
    whole = Area("", "", *(sum(getattr(a, of) for a in areas) for of in ("points", *_STATES)))
    return Board(
        day,
        areas,
        whole,
        gone,
        len(silent) - len(gone),
        *_verifications(user, today, at),
        runs=tuple(ImportRun.objects.order_by("-id")[:RUNS]),
    )


_STATES = ("complete", "partial", "silent")


def _shares(user: User, day: date, at: datetime) -> dict[int, tuple[str, float]]:
    """(path of its place, share of the day's A+) of each point of electricity in reach."""
    electric = UsagePoint.Resource.ELECTRICITY
    points = access.worked_points_of(user, at=at).filter(resource=electric)
    windows = access.windows_of(user, at=at, points=points.values_list("id", flat=True))
    told = queries.completeness(windows, [A_PLUS.code], day, day + timedelta(days=1))
    shares = np.nan_to_num(told.share_come).tolist()
    share = dict(zip(told.usage_points.tolist(), shares, strict=True))
    rows = points.values_list("id", "node__path")
    return {key: (path, share.get(key, 0.0)) for key, path in rows}


def _areas(user: User, shares: dict[int, tuple[str, float]]) -> tuple[Area, ...]:
    found, nodes = [], parts(user)
    by_part: dict[int, list[float]] = {node.pk: [] for node in nodes}
    for path, share in shares.values():
        # The nearest above: what hangs at an area itself is not that of a part below it.
        above = [node for node in nodes if path.startswith(node.path)]
        by_part[max(above, key=lambda node: len(node.path)).pk].append(share)
    for node in nodes:
        of_node = by_part[node.pk]
        complete = sum(one >= 1 for one in of_node)
        silent = sum(one == 0 for one in of_node)
        partial = len(of_node) - complete - silent
        if of_node:
            found.append(Area(node.name, node.path, len(of_node), complete, partial, silent))
    return tuple(found)


def _silent(user: User, points: list[int], today: date, at: datetime) -> tuple[Silent, ...]:
    """Those of the points that fell silent first, of which it is known since when."""
    windows = access.windows_of(user, at=at, points=points)
    told = queries.latest(windows, [A_PLUS.code], before=at)
    ends = {k: e for k, e in zip(told.usage_points.tolist(), told.ends.tolist(), strict=True) if e}
    # Who has sent something since midnight is not silent any more.
    midnight = start_of_day(today, settings.TIME_ZONE).timestamp()
    still = [key for key, end in ends.items() if end <= midnight]
    first = sorted(still, key=lambda key: ends[key])[:SHOWN]
    rows = {
        row.pk: row for row in UsagePoint.objects.filter(pk__in=first).only("id", "code", "name")
    }
    return tuple(
        Silent(rows[key].code, rows[key].name, datetime.fromtimestamp(ends[key], UTC))
        for key in first
    )


def parts(user: User) -> list[NetworkNode]:
    """The parts of the network that are compared: the areas, or what stands below a single one."""
    if user.role == User.Role.OPERATOR:
        mine = OperatorArea.objects.filter(user=user).values("node")
        nodes = list(NetworkNode.objects.filter(id__in=mine).by_name())
    else:
        nodes = list(NetworkNode.objects.filter(parent=None).by_name())
    # Of areas inside of one another the outer one counts.
    outer = [
        node
        for node in nodes
        if not any(node.path != other.path and node.path.startswith(other.path) for other in nodes)
    ]
    if len(outer) == 1:
        below = list(NetworkNode.objects.filter(parent=outer[0]).by_name())
        return [*below, *outer] if len(below) > 1 else outer
    return outer


def _verifications(user: User, today: date, at: datetime) -> tuple[int, int]:
    """Standing meters whose verification has ended, and those for which it ends soon."""
    points = access.worked_points_of(user, at=at).values("id")
    standing = Meter.objects.filter(
        Q(complexes__valid_to=None) | Q(complexes__valid_to__gt=at),
        complexes__usage_point__in=points,
        complexes__valid_from__lte=at,
        verification_due__lt=today + SOON,
    ).distinct()
    due = list(standing.values_list("verification_due", flat=True))
    expired = sum(one <= today for one in due if one)
    return expired, len(due) - expired
