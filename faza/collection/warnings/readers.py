"""Who is told of an event at a usage point: those who may see it, but for the auditor.

A subscriber or supplier is told of what lies in the own windows only (design/rules.md, Access):
the agreement covers the point at the moment of the event, the membership holds now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from faza.accounts.models import User
from faza.contracts.models import AgreementPoint, CustomerMember, OperatorArea
from faza.core.periods import Period
from faza.metering.models import UsagePoint


@dataclass(frozen=True, slots=True, order=True)
class Reader:
    """A user and why they are told: is_own: as the consumer, at once; is_staff: at the desk."""

    user: int
    is_own: bool
    is_staff: bool
    language: str


@dataclass(frozen=True, slots=True)
class Place:
    """A usage point as a mail names it."""

    code: str
    name: str
    address: str
    zone: str

    def told(self, is_own: bool) -> dict[str, object]:
        """To its consumer by name and address; to others by its code too."""
        known = [part for part in ("" if is_own else self.code, self.name, self.address) if part]
        return {"place": ", ".join(known), "zone": self.zone}


@dataclass(frozen=True, slots=True)
class _Covered:
    """By which agreement a point is covered, and when."""

    period: Period
    customer: int
    supplier: int | None


def of(
    moments: Collection[tuple[int, datetime]], *, at: datetime
) -> tuple[dict[tuple[int, datetime], list[Reader]], dict[int, Place]]:
    """Who is told of what happened at (point, moment), each once, and what the points are.

    Where no operator has the area, administrators are told. Six queries at most.
    """
    points = sorted({point for point, _ in moments})
    covered = _covered(points)
    members = _members(covered, at)
    paths, places = _places(points)
    desks = _desks(paths)
    found = {
        (point, moment): _readers(
            [one for one in covered.get(point, ()) if moment in one.period], members, desks[point]
        )
        for point, moment in moments
        if point in paths
    }
    return found, places


def _readers(
    agreements: Collection[_Covered],
    members: Mapping[int, Collection[User]],
    desk: Collection[User],
) -> list[Reader]:
    """Everybody once: whoever is told as the consumer is not told otherwise."""
    told: dict[int, Reader] = {}
    for one in agreements:
        for user in members.get(one.customer, ()):
            told[user.pk] = Reader(user.pk, True, False, user.language)
    for one in agreements:
        for user in members.get(one.supplier or 0, ()):
            if user.role == User.Role.SUPPLIER:
                told.setdefault(user.pk, Reader(user.pk, False, False, user.language))
    for user in desk:
        told.setdefault(user.pk, Reader(user.pk, False, True, user.language))
    return sorted(told.values())


def _covered(points: Collection[int]) -> dict[int, list[_Covered]]:
    """The agreements of points, of all times; one query."""
    found: dict[int, list[_Covered]] = defaultdict(list)
    rows = AgreementPoint.objects.filter(usage_point__in=points).select_related("agreement")
    for row in rows:
        agreement = row.agreement
        period = row.period.intersect(agreement.period)
        if period:
            one = _Covered(period, agreement.customer_id, agreement.supplier_id)
            found[row.usage_point_id].append(one)
    return found


def _members(covered: Mapping[int, list[_Covered]], at: datetime) -> dict[int, list[User]]:
    """Who may read for the customers and suppliers of agreements now; one query."""
    agreements = [one for several in covered.values() for one in several]
    wanted = {party for one in agreements for party in (one.customer, one.supplier) if party}
    found: dict[int, list[User]] = defaultdict(list)
    rows = CustomerMember.objects.valid_at(at).filter(customer__in=wanted, user__is_active=True)
    for row in rows.select_related("user"):
        found[row.customer_id].append(row.user)
    return found


def _places(points: Collection[int]) -> tuple[dict[int, str], dict[int, Place]]:
    """The way through the network to points, and what they are called; one query."""
    rows = list(
        UsagePoint.objects.filter(id__in=points).values_list(
            "id", "node__path", "code", "name", "address", "zone"
        )
    )
    return {row[0]: row[1] for row in rows}, {row[0]: Place(*row[2:]) for row in rows}


def _desks(paths: Mapping[int, str]) -> dict[int, list[User]]:
    """The operators of the areas of points, else the administrators; two queries at most."""
    areas = OperatorArea.objects.filter(user__is_active=True, user__role=User.Role.OPERATOR)
    told = [(row.node.path, row.user) for row in areas.select_related("user", "node")]
    found = {
        point: [user for start, user in told if path.startswith(start)]
        for point, path in paths.items()
    }
    if not all(found.values()):
        everywhere = list(User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True))
        found = {point: several or everywhere for point, several in found.items()}
    return found
