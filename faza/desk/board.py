"""The desk's first page: what waits, how complete yesterday is by area, what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db.models import Q

from faza.accounts.models import User
from faza.collection.models import ImportRun
from faza.contracts import access
from faza.contracts.models import OperatorArea
from faza.core.reading_types import A_PLUS
from faza.metering.models import Meter, NetworkNode
from faza.readings import queries

SOON = timedelta(days=180)
"""So early a verification that ends is told of: time to plan the visit."""
RUNS = 6


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
class Board:
    """All that the summary shows besides the queues; `areas` ends with their sum."""

    day: date
    areas: tuple[Area, ...]
    whole: Area
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
    """The summary for a person's areas; ten queries, however many points there are."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    day = today - timedelta(days=1)
    areas = _areas(user, day, at)
    whole = Area("", "", *(sum(getattr(a, of) for a in areas) for of in ("points", *_STATES)))
    return Board(
        day,
        areas,
        whole,
        *_verifications(user, today, at),
        runs=tuple(ImportRun.objects.order_by("-id")[:RUNS]),
    )


_STATES = ("complete", "partial", "silent")


def _areas(user: User, day: date, at: datetime) -> tuple[Area, ...]:
    points = access.worked_points_of(user, at=at)
    rows = list(points.values_list("id", "node__path"))
    windows = access.windows_of(user, at=at, points=[key for key, _ in rows])
    told = queries.completeness(windows, [A_PLUS.code], day, day + timedelta(days=1))
    share = dict(zip(told.usage_points.tolist(), np.nan_to_num(told.share).tolist(), strict=True))
    found, parts = [], _parts(user)
    shares: dict[int, list[float]] = {node.pk: [] for node in parts}
    for key, path in rows:
        # The nearest above: what hangs at an area itself is not that of a part below it.
        above = [node for node in parts if path.startswith(node.path)]
        shares[max(above, key=lambda node: len(node.path)).pk].append(share.get(key, 0.0))
    for node in parts:
        of_node = shares[node.pk]
        complete = sum(one >= 1 for one in of_node)
        silent = sum(one == 0 for one in of_node)
        partial = len(of_node) - complete - silent
        if of_node:
            found.append(Area(node.name, node.path, len(of_node), complete, partial, silent))
    return tuple(found)


def _parts(user: User) -> list[NetworkNode]:
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
