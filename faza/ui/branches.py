"""What the tree asks the database: branches with their counts, and the points of open ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Max,
    Min,
    Q,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import AgreementPoint
from faza.metering import rules as metering
from faza.metering.models import MeteringComplex, UsagePoint
from faza.metering.querysets import UsagePointQuerySet

ABOVE = ("node__parent__parent__parent__name", "node__parent__parent__name", "node__parent__name")
"""Names of the places above a node that tell it from others of its name, without a question."""


@dataclass(frozen=True, slots=True)
class Row:
    """A branch as the database tells it; total and in_all: points, chosen ones of all branches."""

    id: int
    name: str
    note: str
    count: int
    picked: int
    total: int
    in_all: int


def among(column: str, points: UsagePointQuerySet) -> Q:
    return Q(**{f"{column}__in": points.values("id")})


def _count(points: UsagePointQuerySet) -> Subquery:
    """How many there are, inside another question; null for none."""
    rows = points.order_by().values(one=Value(1)).annotate(n=Count("id"))
    return Subquery(rows.values("n"))


def marked(points: UsagePointQuerySet, wanted: UsagePointQuerySet) -> UsagePointQuerySet:
    """Points with `is_chosen` and the `number` of their meter."""
    told = ExpressionWrapper(among("id", wanted), output_field=BooleanField())
    return points.annotate(
        standing=_standing("complexes"), number=F("standing__meter__number"), is_chosen=told
    )


def _standing(complexes: str) -> FilteredRelation:
    """The billing complex that stands at a point; there is one at most."""
    is_billing = Q(**{f"{complexes}__role": MeteringComplex.Role.BILLING})
    return FilteredRelation(complexes, condition=is_billing & Q(**{f"{complexes}__valid_to": None}))


def _first(rows: Any, branch: str, order: list[str], most: int, *, branches: int) -> Any:
    """The first rows of each branch; of one branch without ranking its thousands."""
    if branches == 1:
        return rows.order_by(*order)[:most]
    rank = Window(RowNumber(), partition_by=[F(branch)], order_by=order)
    return rows.annotate(rank=rank).filter(rank__lte=most)


def by_agreement(
    user: User, visible: UsagePointQuerySet, wanted: UsagePointQuerySet, page: slice, *,
    at: datetime,
) -> list[Row]:  # fmt: skip
    # Whose agreement it is may see its points: asking that of each point again is slow. Whoever
    # sees a part of the network, where an agreement may reach out, is asked `by_network`.
    own = access.readable_agreements_of(user, at=at)
    rows = (
        AgreementPoint.objects.covering_before(at)
        .filter(agreement__in=own.values("id"))
        .values("agreement_id", "agreement__number", "agreement__customer__name")
        .annotate(
            count=Count("usage_point", distinct=True),
            picked=Count("usage_point", distinct=True, filter=among("usage_point", wanted)),
            total=_count(visible),
            in_all=_count(wanted),
            first=Min("usage_point__address"),
            last=Max("usage_point__address"),
        )
        .order_by("agreement__number", "agreement_id")
    )
    return [
        Row(
            row["agreement_id"],
            _("Agreement %(number)s") % {"number": row["agreement__number"]},
            # One address says more than the reader's own name.
            row["first"] if row["first"] == row["last"] else row["agreement__customer__name"],
            row["count"],
            row["picked"],
            row["total"],
            row["in_all"] or 0,
        )
        for row in rows[page]
    ]


def by_network(
    user: User, visible: UsagePointQuerySet, wanted: UsagePointQuerySet, page: slice, *,
    at: datetime,
) -> list[Row]:  # fmt: skip
    rows = (
        visible.values("node_id", "node__name", "node__path", *ABOVE)
        .annotate(
            count=Count("id"),
            picked=Count("id", filter=among("id", wanted)),
            total=_count(visible),
            in_all=_count(wanted),
        )
        .order_by("node__path")
    )
    return [
        Row(
            row["node_id"],
            row["node__name"],
            metering.SEPARATOR.join(row[name] for name in ABOVE if row[name]),
            row["count"],
            row["picked"],
            row["total"],
            row["in_all"] or 0,
        )
        for row in rows[page]
    ]


def points_at(
    visible: UsagePointQuerySet, wanted: UsagePointQuerySet, nodes: set[int], most: int, *,
    at: datetime,
) -> Mapping[int, list[UsagePoint]]:  # fmt: skip
    if not nodes:
        return {}
    inside = visible.filter(node_id__in=nodes)
    first = _first(inside, "node_id", ["name_key", "id"], most, branches=len(nodes))
    rows = marked(UsagePoint.objects.filter(id__in=first.values("id")), wanted)
    found: dict[int, list[UsagePoint]] = defaultdict(list)
    for row in rows.order_by("name_key", "id"):
        found[row.node_id].append(row)
    return found


def points_of(
    visible: UsagePointQuerySet, wanted: UsagePointQuerySet, agreements: set[int], most: int, *,
    at: datetime,
) -> Mapping[int, list[UsagePoint]]:  # fmt: skip
    if not agreements:
        return {}
    order = ["usage_point__name_key", "usage_point_id", "id"]
    told = ExpressionWrapper(among("usage_point", wanted), output_field=BooleanField())
    # They are of branches that `by_agreement` gave, so of agreements that the user may read.
    bound = AgreementPoint.objects.covering_before(at).filter(agreement_id__in=agreements)
    first = _first(bound, "agreement_id", order, most, branches=len(agreements))
    # Annotated rows have no type that says so.
    rows: Any = AgreementPoint.objects.filter(id__in=first.values("id")).annotate(
        is_chosen=told,
        standing=_standing("usage_point__complexes"),
        number=F("standing__meter__number"),
    )
    found: dict[int, dict[int, UsagePoint]] = defaultdict(dict)
    for row in rows.select_related("usage_point").order_by(*order):
        point = row.usage_point
        point.is_chosen, point.number = row.is_chosen, row.number
        found[row.agreement_id][point.pk] = point
    return {agreement: list(points.values()) for agreement, points in found.items()}
