"""The one door: which usage points a user may see, and for which periods.

A subscriber sees the time of the own agreements; a supplier that of the agreements it supplies;
a house manager the common meters of the house, for the time of managing it; an operator the
points of the own areas, administrators and auditors all points, for all time. Nobody sees the
future. Source: design/rules.md, Access.

Queries stay at three or fewer, however many points there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.contracts.models import (
    AgreementPoint,
    CustomerAgreement,
    CustomerMember,
    HouseManagement,
    OperatorArea,
)
from faza.contracts.querysets import AgreementPointQuerySet
from faza.core.periods import ALWAYS, Period
from faza.core.windows import Window, Windows
from faza.metering.models import UsagePoint
from faza.metering.querysets import UsagePointQuerySet
from faza.metering.validity import ValidityQuerySet

Points = Collection[int] | QuerySet[UsagePoint, int]
"""Ids of usage points, or a queryset of ids."""

EVERYWHERE = frozenset({User.Role.ADMINISTRATOR, User.Role.AUDITOR})


class NoSuchPoint(Exception):
    """There is no such usage point, or it is none of the user's: which, is not told."""


def windows_of(user: User, *, at: datetime, points: Points | None = None) -> Windows:
    """What a user may see, up to `at`; of some points only where they are given.

    Pages ask for the points they show: an administrator's windows without `points` are as many
    as there are usage points.
    """
    if not user.is_active:
        return Windows(())
    past = Period(ALWAYS, at)
    found = list(_by_agreement(user, past, points))
    found += _by_management(user, past, points)
    if user.role in EVERYWHERE or user.role == User.Role.OPERATOR:
        rows = _narrowed(_throughout(user), points).values_list("id", "zone")
        found += (Window(point, zone, past) for point, zone in rows)
    return Windows.merged(found)


def point_of(user: User, code: str, *, at: datetime) -> tuple[UsagePoint, Windows]:
    """A usage point by its code, and the user's windows of it.

    Raises NoSuchPoint if the user has never had a window of it.
    """
    point = UsagePoint.objects.filter(code=code).select_related("node").first()
    windows = windows_of(user, at=at, points=[point.pk]) if point else None
    if not (point and windows):
        raise NoSuchPoint(code)
    return point, windows


def points_visible(user: User, *, at: datetime) -> UsagePointQuerySet:
    """The points of which a user has any window: for trees, search and paged lists."""
    if not user.is_active:
        return UsagePoint.objects.none()
    covered = _bindings(user, at).covering_before(at)
    managed = _managed(user).filter(valid_from__lt=at)
    return _seen(user, covered, managed)


def usage_points_of(user: User, *, at: datetime) -> UsagePointQuerySet:
    """The points of which a user has a window open at that moment."""
    if not user.is_active:
        return UsagePoint.objects.none()
    return _seen(user, _bindings(user, at).covering_at(at), _managed(user).valid_at(at))


def agreements_of(user: User, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """The agreements a user may read, past and coming ones too."""
    if not user.is_active:
        return CustomerAgreement.objects.none()
    if user.role in EVERYWHERE:
        return CustomerAgreement.objects.all()
    may_read = _of_customers(user, at)
    if user.role == User.Role.OPERATOR:
        bound = AgreementPoint.objects.filter(usage_point__in=_throughout(user))
        may_read |= Q(id__in=bound.values("agreement"))
    return CustomerAgreement.objects.filter(may_read)


def _of_customers(user: User, at: datetime, prefix: str = "") -> Q:
    """Agreements that a membership open at `at` lets a user read, as a condition."""
    members = CustomerMember.objects.filter(user=user).valid_at(at).values("customer")
    may_read = Q(**{f"{prefix}customer__in": members})
    if user.role == User.Role.SUPPLIER:
        may_read |= Q(**{f"{prefix}supplier__in": members})
    return may_read


def _bindings(user: User, at: datetime) -> AgreementPointQuerySet:
    return AgreementPoint.objects.filter(_of_customers(user, at, "agreement__"))


def _by_agreement(user: User, past: Period, points: Points | None) -> Iterator[Window]:
    rows = _bindings(user, past.end).covering_before(past.end)
    if points is not None:
        rows = rows.filter(usage_point__in=points)
    for point, zone, start, end, agreed_from, agreed_to in rows.values_list(
        "usage_point_id",
        "usage_point__zone",
        "valid_from",
        "valid_to",
        "agreement__valid_from",
        "agreement__valid_to",
    ):
        covered = Period.open(start, end).intersect(Period.open(agreed_from, agreed_to))
        seen = covered and covered.intersect(past)
        if seen:
            yield Window(point, zone, seen)


def _managed(user: User) -> ValidityQuerySet[HouseManagement]:
    if user.role != User.Role.HOUSE_MANAGER:
        return HouseManagement.objects.none()
    return HouseManagement.objects.filter(user=user)


def _by_management(user: User, past: Period, points: Points | None) -> Iterator[Window]:
    houses = list(_managed(user).filter(valid_from__lt=past.end).select_related("node"))
    if not houses:
        return
    common = UsagePoint.objects.filter(_under([house.node.path for house in houses]))
    rows = _narrowed(common.filter(is_common=True), points)
    for point, zone, path in rows.values_list("id", "zone", "node__path"):
        for house in houses:
            seen = house.period.intersect(past)
            if seen and path.startswith(house.node.path):
                yield Window(point, zone, seen)


def _throughout(user: User) -> UsagePointQuerySet:
    """The points that a user sees for all time."""
    if user.role in EVERYWHERE:
        return UsagePoint.objects.all()
    if user.role == User.Role.OPERATOR:
        areas = OperatorArea.objects.filter(user=user).values_list("node__path", flat=True)
        return UsagePoint.objects.filter(_under(areas))
    return UsagePoint.objects.none()


def _seen(
    user: User, bindings: AgreementPointQuerySet, houses: ValidityQuerySet[HouseManagement]
) -> UsagePointQuerySet:
    """Points of bindings, common points of houses, and those seen for all time."""
    if user.role in EVERYWHERE:
        return UsagePoint.objects.all()
    seen = Q(id__in=bindings.values("usage_point"))
    if user.role == User.Role.OPERATOR:
        seen |= Q(id__in=_throughout(user).values("id"))
    if user.role == User.Role.HOUSE_MANAGER:
        seen |= _under(houses.values_list("node__path", flat=True)) & Q(is_common=True)
    return UsagePoint.objects.filter(seen)


def _under(paths: Collection[str] | QuerySet[OperatorArea, str]) -> Q:
    """Points at nodes of these paths and below; none where there is no path."""
    under = Q(pk__in=[])
    for path in paths:
        under |= Q(node__path__startswith=path)
    return under


def _narrowed(points: UsagePointQuerySet, to: Points | None) -> UsagePointQuerySet:
    return points if to is None else points.filter(id__in=to)
