"""Whom a piece of news is for: asked from both sides, and both say the same.

`of` takes the reader, for the page; `people` the piece, for mails and for the desk, which says how
many will read it. A reader is in the group and reads some place of the piece; the staff sees all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import AgreementPoint, Customer, CustomerMember, HouseManagement
from faza.contracts.permissions import STAFF
from faza.metering.models import UsagePoint
from faza.notifications.models import News

PUBLIC = tuple(role for role in User.Role if role not in STAFF)
PEOPLE = (Customer.Kind.PERSON,)
FIRMS = (Customer.Kind.ENTREPRENEUR, Customer.Kind.ORGANISATION, Customer.Kind.BUDGET)
ROLES = {News.Group.MANAGERS: User.Role.HOUSE_MANAGER, News.Group.SUPPLIERS: User.Role.SUPPLIER}
KINDS = {News.Group.PEOPLE: PEOPLE, News.Group.ORGANISATIONS: FIRMS}


def of(user: User, pieces: Sequence[News], *, at: datetime) -> list[News]:
    """Those of some published pieces that are for a user. Their nodes and points are prefetched.

    Of places: one of which the user has a window with time after the publication, so that a former
    customer gets no news of later. Six queries at most.
    """
    if user.role in STAFF:
        return list(pieces)
    groups = _groups(user, pieces, at)
    mine = [one for one in pieces if one.group in groups]
    placed = [one for one in mine if one.nodes.all() or one.points.all()]
    windows = _windows(user, placed, at)
    wanted = {one.pk for one in placed if _reads(one, windows)}
    return [one for one in mine if one not in placed or one.pk in wanted]


def people(piece: News, *, at: datetime) -> QuerySet[User]:
    """The people a piece is for, at a moment; the staff is not counted."""
    users = User.objects.filter(is_active=True, role__in=PUBLIC)
    members = customers = suppliers = CustomerMember.objects.valid_at(at)
    nodes = list(piece.nodes.values_list("path", flat=True))
    points = list(piece.points.values_list("id", "node__path"))
    houses = HouseManagement.objects.valid_at(at).select_related("node")
    if nodes or points:
        there = UsagePoint.objects.filter(_inside(nodes, [key for key, _ in points]))
        bound = AgreementPoint.objects.covering_at(at).filter(usage_point__in=there.values("id"))
        customers = members.filter(customer__in=bound.values("agreement__customer"))
        by_supplier = bound.filter(agreement__supplier__isnull=False).values("agreement__supplier")
        suppliers = members.filter(customer__in=by_supplier)
        managers = _managers(houses, there)
    else:
        managers = [house.user_id for house in houses]
    reached = (
        Q(id__in=customers.values("user"))
        | Q(id__in=suppliers.values("user"), role=User.Role.SUPPLIER)
        | Q(id__in=managers, role=User.Role.HOUSE_MANAGER)
    )
    group = News.Group(piece.group)
    if group in ROLES:
        reached &= Q(role=ROLES[group])
    if group in KINDS:
        own = members.filter(customer__kind__in=KINDS[group])
        reached &= Q(id__in=own.values("user"))
    return users.filter(reached)


def _managers(houses: QuerySet[HouseManagement], there: QuerySet[UsagePoint]) -> list[int]:
    """Who runs a house with a common meter among some points. Two queries."""
    paths = list(there.filter(is_common=True).values_list("node__path", flat=True).distinct())
    return [
        house.user_id for house in houses if any(path.startswith(house.node.path) for path in paths)
    ]


def _inside(paths: Collection[str], points: Collection[int]) -> Q:
    """Points at some nodes, below them, or named."""
    found = Q(id__in=list(points))
    for path in paths:
        found |= Q(node__path__startswith=path)
    return found


def _groups(user: User, pieces: Sequence[News], at: datetime) -> set[str]:
    """The groups that a user is in; one query, none where no piece asks for a kind of customer."""
    found = {News.Group.ALL, *(group for group, role in ROLES.items() if user.role == role)}
    if any(one.group in KINDS for one in pieces):
        kinds = set(access.own_customers_of(user, at=at).values_list("kind", flat=True))
        found |= {group for group, told in KINDS.items() if kinds & set(told)}
    return {str(group) for group in found}


Placed = tuple[int, str, datetime]
"""A usage point that a piece names, or 0; its way through the network, and until when the reader
reads it."""


def _windows(user: User, pieces: Sequence[News], at: datetime) -> set[Placed]:
    """The user's points at the places of some pieces. Four queries, none without places.

    Of thousands of points at one place one is enough.
    """
    if not pieces:
        return set()
    paths = {node.path for one in pieces for node in one.nodes.all()}
    points = {point.pk for one in pieces for point in one.points.all()}
    found = access.read_until(user, UsagePoint.objects.filter(_inside(paths, ())), at=at)
    named = access.read_until(user, UsagePoint.objects.filter(id__in=points), at=at, singly=True)
    return found | named


def _reads(piece: News, windows: Collection[Placed]) -> bool:
    paths = tuple(node.path for node in piece.nodes.all())
    points = {point.pk for point in piece.points.all()}
    since = piece.published_at
    return any(
        (point in points or (paths and path.startswith(paths))) and (since is None or until > since)
        for point, path, until in windows
    )
