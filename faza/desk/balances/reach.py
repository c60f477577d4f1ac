"""What of balances a person reaches: schemes of places, and windows of the points in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.contracts import access
from faza.core.periods import Period, start_of_day
from faza.core.windows import Windows
from faza.desk.balances.asked import Asked
from faza.metering import balances as metering
from faza.metering.balances import Scheme
from faza.metering.models import BalanceMember, NetworkNode, UsagePoint
from faza.metering.rules import Sides

EDGE = timedelta(days=1)
FEW = 5_000
"""Points that are asked for by their numbers."""


@dataclass(frozen=True, slots=True)
class Named:
    """A point as a page shows it; None for one of another area."""

    code: str
    name: str
    place: str


def held_of(node: NetworkNode, first: date, end: date) -> list[Scheme]:
    """What the balance of a place is made of in some days; empty where there is none."""
    zone = settings.TIME_ZONE
    period = Period.of_days(first - EDGE, end + EDGE, zone)
    below = NetworkNode.objects.below(node)
    return metering.schemes(below, period=period).get(node.pk, [])


def windows_of(
    user: User, held: Collection[Scheme], nodes: QuerySet[NetworkNode], *, at: datetime
) -> Windows:
    """The windows of the points of schemes of places: only of those that the person works with."""
    points = {point for scheme in held for point in scheme.points}
    mine = access.worked_points_of(user, at=at)
    if len(points) <= FEW:
        mine = mine.filter(pk__in=points)
    else:
        # A database takes only so many numbers in one question.
        here = nodes.order_by().values("id")
        members = BalanceMember.objects.filter(group__node__in=here).values("usage_point")
        mine = mine.filter(Q(node__in=here) | Q(pk__in=members))
    windows = access.windows_of(user, at=at, points=mine.values_list("id", flat=True))
    return windows.of_points(points)


def zone_of(windows: Windows, held: Collection[Scheme]) -> str:
    """The zone by which the days of a balance are counted: that of what comes in first."""
    zones = {window.usage_point: window.zone for window in windows}
    points = [point for scheme in held for point in scheme.points]
    return next((zones[point] for point in points if point in zones), settings.TIME_ZONE)


def today_in(zone: str, at: datetime) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def counted_until(asked: Asked, zone: str, at: datetime) -> datetime:
    """Up to when hours count: today's only where nothing else is asked for.

    The last hours of today have not come from all points yet, which is no gap.
    """
    today = today_in(zone, at)
    return at if asked.first == asked.last == today else min(at, start_of_day(today, zone))


def names_of(windows: Windows) -> dict[int, Named]:
    """The points of windows by id. One query for each FEW of them."""
    found, points = {}, windows.points
    for start in range(0, len(points), FEW):
        rows = UsagePoint.objects.filter(pk__in=points[start : start + FEW])
        for pk, code, name, place in rows.values_list("id", "code", "name", "node__name"):
            found[pk] = Named(code, name, place)
    return found


NO_SIDES = Sides((), ())
"""Of a balance that nothing makes up yet."""
