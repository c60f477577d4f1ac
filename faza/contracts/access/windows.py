"""Which usage points a user may see, and for which periods.

A subscriber sees the time of the own agreements; a supplier that of the agreements it supplies;
a house manager the common meters of the house, for the time of managing it; an operator the
points of the own areas, administrators and auditors all points, for all time. Nobody sees the
future. Source: design/rules.md, Access.

Queries stay at three or fewer, however many points there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Left, Length

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
from faza.metering.many import Together, many
from faza.metering.models import NetworkNode, UsagePoint
from faza.metering.querysets import UsagePointQuerySet
from faza.metering.validity import ValidityQuerySet

Points = Collection[int] | QuerySet[UsagePoint, int]
"""Ids of usage points, or a queryset of ids."""

_DATED = (
    "usage_point__zone",
    "valid_from",
    "valid_to",
    "agreement__valid_from",
    "agreement__valid_to",
)
REQUEST = timedelta(minutes=1)
"""So long after its beginning a request reads for the customers it began with."""
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
    found: list[Window] = []
    if user.role in EVERYWHERE or user.role == User.Role.OPERATOR:
        rows = _narrowed(throughout(user), points).values_list("id", "zone")
        found += (Window(point, zone, past) for point, zone in rows)
    # Whoever sees everything for all time sees no more by an agreement.
    if user.role not in EVERYWHERE:
        found += _by_agreement(user, past, points)
        found += _by_management(user, past, points)
    return Windows.merged(found)


def read_until(
    user: User, points: UsagePointQuerySet, *, at: datetime, singly: bool = False
) -> set[tuple[int, str, datetime]]:
    """Until when a user reads some points: (point or 0, its node's path, the end), `at` at most.

    singly: each point by itself; else those of one node together, as 0. Of points of agreements
    and of managed houses; staff, who read for all time, are not asked about. Two queries.
    """
    past = Period(ALWAYS, at)
    rows = _bindings(user, at).covering_before(at)
    rows = rows.filter(usage_point__in=points.values("id"))
    point = F("usage_point") if singly else Value(0)
    told = rows.order_by().annotate(point=point, path=F("usage_point__node__path"))
    found = set()
    for one, path, start, end, agreed_from, agreed_to in told.values_list(
        "point", "path", *_DATED[1:]
    ).distinct():
        covered = Period.open(start, end).intersect(Period.open(agreed_from, agreed_to))
        if seen := covered and covered.intersect(past):
            found.add((one, path, seen.end))
    managed = list(_by_management(user, past, points.values_list("id", flat=True)))
    if managed:
        of = UsagePoint.objects.filter(id__in=many({one.usage_point for one in managed}))
        path_of = dict(of.values_list("id", "node__path"))
        found |= {
            (one.usage_point if singly else 0, path_of[one.usage_point], one.period.end)
            for one in managed
        }
    return found


def point_of(user: User, code: str, *, at: datetime) -> tuple[UsagePoint, Windows]:
    """A usage point by its code, and the user's windows of it.

    Raises NoSuchPoint if the user has never had a window of it.
    """
    if "\0" in code:  # of which PostgreSQL makes an error of its own
        raise NoSuchPoint(code)
    point = UsagePoint.objects.filter(code=code).select_related("node").first()
    windows = windows_of(user, at=at, points=[point.pk]) if point else None
    if not (point and windows):
        raise NoSuchPoint(code)
    return point, windows


def bound_point_of(user: User, code: str, *, at: datetime) -> tuple[UsagePoint, Windows]:
    """As `point_of` of those who read by agreements only, in one short query.

    Raises NoSuchPoint.
    """
    rows = _bindings(user, at).covering_before(at).filter(usage_point__code=code.replace("\0", " "))
    found = list(rows.select_related("agreement", "usage_point__node").order_by())
    past = Period(ALWAYS, at)
    windows = Windows.merged(
        Window(row.usage_point_id, row.usage_point.zone, seen)
        for row in found
        if (covered := row.period.intersect(row.agreement.period))
        and (seen := covered.intersect(past))
    )
    if not (user.is_active and windows):
        raise NoSuchPoint(code)
    return found[0].usage_point, windows


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


def readable_agreements_of(user: User, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """The agreements by which a user reads points, past and coming ones too.

    Of staff those of the points they work with and the own ones; `agreements_of` is for papers.
    """
    if not user.is_active:
        return CustomerAgreement.objects.none()
    if user.role in EVERYWHERE:
        return CustomerAgreement.objects.all()
    may_read = of_customers(user, at)
    if user.role == User.Role.OPERATOR:
        bound = AgreementPoint.objects.filter(usage_point__in=throughout(user))
        may_read |= Q(id__in=bound.values("agreement"))
    return CustomerAgreement.objects.filter(may_read)


def own_windows_of(user: User, *, at: datetime) -> Windows:
    """What a user reads as the customer, up to `at`, whatever else the role lets them see.

    Neither what a supplier supplies to others, nor houses that are run, nor areas of the staff:
    it is what «my data» are.
    """
    if not user.is_active:
        return Windows(())
    bound = AgreementPoint.objects.filter(agreement__in=own_agreements_of(user, at=at))
    return Windows.merged(_covered(bound, Period(ALWAYS, at), None))


def own_agreements_of(user: User, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """The agreements of the customers that a user may read for, past and coming ones too."""
    if not user.is_active:
        return CustomerAgreement.objects.none()
    return CustomerAgreement.objects.filter(customer__in=customers_read_for(user, at))


def reads_for(user: User, point: UsagePoint, *, at: datetime) -> list[tuple[int, Period]]:
    """For which customers a user reads a point by an agreement, and when; up to `at`.

    A supplier reads for itself. None of those who see the point otherwise. Two queries.
    """
    own = set(members_of(user, at).values_list("customer", flat=True))
    rows = _bindings(user, at).covering_before(at).filter(usage_point=point)
    found = []
    for row in rows.select_related("agreement").order_by("pk"):
        agreement = row.agreement
        covered = row.period.intersect(agreement.period)
        seen = covered and covered.intersect(Period(ALWAYS, at))
        party = agreement.customer_id if agreement.customer_id in own else agreement.supplier_id
        if seen and party is not None:
            found.append((party, seen))
    return found


def members_of(user: User, at: datetime) -> ValidityQuerySet[CustomerMember]:
    """The memberships of a user open at `at`; only the one acted for, where one is chosen."""
    open_now = CustomerMember.objects.filter(user=user).valid_at(at)
    return open_now if user.acting_for is None else open_now.filter(customer=user.acting_for)


def customers_read_for(user: User, at: datetime) -> Any:
    """The customers of `members_of`, for an `__in`: those a request began with, or a subquery."""
    if user.member_of is None or not timedelta(0) <= at - user.member_of[0] <= REQUEST:
        return members_of(user, at).values("customer")
    ids = user.member_of[1]
    return ids if user.acting_for is None else ids & {user.acting_for}


def of_customers(user: User, at: datetime, prefix: str = "") -> Q:
    """Agreements that a membership open at `at` lets a user read, as a condition."""
    members = customers_read_for(user, at)
    may_read = Q(**{f"{prefix}customer__in": members})
    if user.role == User.Role.SUPPLIER:
        may_read |= Q(**{f"{prefix}supplier__in": members})
    return may_read


def _bindings(user: User, at: datetime) -> AgreementPointQuerySet:
    return AgreementPoint.objects.filter(of_customers(user, at, "agreement__"))


def _by_agreement(user: User, past: Period, points: Points | None) -> Iterator[Window]:
    return _covered(_bindings(user, past.end), past, points)


def _covered(
    bindings: AgreementPointQuerySet, past: Period, points: Points | None
) -> Iterator[Window]:
    rows = bindings.covering_before(past.end)
    if points is not None:
        rows = rows.filter(usage_point__in=many(points))
    # Thousands of points have few agreements, bound by few dates: they come together.
    grouped = rows.order_by().values(*_DATED).annotate(points=Together("usage_point_id"))
    for zone, start, end, agreed_from, agreed_to, ids in grouped.values_list(*_DATED, "points"):
        covered = Period.open(start, end).intersect(Period.open(agreed_from, agreed_to))
        if seen := covered and covered.intersect(past):
            for point in ids:
                yield Window(point, zone, seen)


def _managed(user: User) -> ValidityQuerySet[HouseManagement]:
    if user.role != User.Role.HOUSE_MANAGER:
        return HouseManagement.objects.none()
    return HouseManagement.objects.filter(user=user)


def _by_management(user: User, past: Period, points: Points | None) -> Iterator[Window]:
    if user.role != User.Role.HOUSE_MANAGER:
        return
    houses = _managed(user).filter(valid_from__lt=past.end)
    common = _narrowed(UsagePoint.objects.filter(under(houses), is_common=True), points)
    never = Value(None, DateTimeField())
    told = ("id", "zone", "node__path", "start", "end")
    # Both in one question; a house has no zone.
    rows = (
        common.annotate(start=never, end=never)
        .values_list(*told)
        .union(
            houses.annotate(zone=Value(""), start=F("valid_from"), end=F("valid_to")).values_list(
                *told
            ),
            all=True,
        )
    )
    found = list(rows)
    managed = [(path, Period.open(start, end)) for _, zone, path, start, end in found if not zone]
    for point, zone, path, _, _ in found:
        for house, period in managed:
            seen = period.intersect(past)
            if zone and seen and path.startswith(house):
                yield Window(point, zone, seen)


def throughout(user: User) -> UsagePointQuerySet:
    """The points that a user sees for all time."""
    if user.role in EVERYWHERE:
        return UsagePoint.objects.all()
    if user.role == User.Role.OPERATOR:
        return UsagePoint.objects.filter(under(OperatorArea.objects.filter(user=user)))
    return UsagePoint.objects.none()


def _seen(
    user: User, bindings: AgreementPointQuerySet, houses: ValidityQuerySet[HouseManagement]
) -> UsagePointQuerySet:
    """Points of bindings, common points of houses, and those seen for all time."""
    if user.role in EVERYWHERE:
        return UsagePoint.objects.all()
    seen = Q(id__in=bindings.values("usage_point"))
    if user.role == User.Role.OPERATOR:
        seen |= under(OperatorArea.objects.filter(user=user))
    if user.role == User.Role.HOUSE_MANAGER:
        seen |= under(houses) & Q(is_common=True)
    return UsagePoint.objects.filter(seen)


def under(places: QuerySet[OperatorArea] | ValidityQuerySet[HouseManagement]) -> Q:
    """Points at the nodes of these places and below, as a condition inside one question."""
    return Q(node__in=nodes_under(places))


def nodes_under(
    places: QuerySet[OperatorArea] | ValidityQuerySet[HouseManagement],
) -> QuerySet[NetworkNode, int]:
    """The ids of the nodes of these places and of those below.

    They are found first, by the few places of one user; a point is looked up among them.
    """
    # Not LIKE: its pattern would be a column, which neither database reads by an index, and
    # which has to be escaped for every row.
    above = places.annotate(start=Left(OuterRef("path"), Length("node__path")))
    nodes = NetworkNode.objects.filter(Exists(above.filter(start=F("node__path"))))
    return nodes.values_list("id", flat=True)


def _narrowed(points: UsagePointQuerySet, to: Points | None) -> UsagePointQuerySet:
    return points if to is None else points.filter(id__in=many(to))
