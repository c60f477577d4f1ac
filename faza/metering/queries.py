from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import QuerySet

from faza.core.periods import Period
from faza.metering import rules
from faza.metering.models import MeteringComplex, NetworkNode, UsagePoint

Points = Collection[int] | QuerySet[UsagePoint, int]
"""Ids of usage points, or a queryset of ids."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A meter at a point for a time, and what turns its registers into primary energy.

    `digits` and `decimals` are the register's as shown: it rolls over at 10 ** digits.
    `period` is the complex's own validity, not clipped.
    """

    usage_point: int
    complex: int
    role: str
    meter: int
    ratio: Fraction
    digits: int
    decimals: int
    period: Period


def ratios_of(
    points: Points, period: Period, *, role: str = MeteringComplex.Role.BILLING
) -> dict[int, list[Installed]]:
    """The complexes that stood at points for some time of a period, by point, oldest first.

    One query. Points without any are absent.
    """
    rows = MeteringComplex.objects.filter(usage_point__in=points, role=role).within(period)
    found = defaultdict(list)
    # Plain values: for thousands of points model instances cost ten times as much.
    for point, key, meter, ct, ct_by, vt, vt_by, digits, decimals, start, end in rows.order_by(
        "usage_point_id", "valid_from"
    ).values_list(
        "usage_point_id",
        "id",
        "meter_id",
        "ct_numerator",
        "ct_denominator",
        "vt_numerator",
        "vt_denominator",
        "meter__model__digits",
        "meter__model__decimals",
        "valid_from",
        "valid_to",
    ):
        found[point].append(
            Installed(
                usage_point=point,
                complex=key,
                role=role,
                meter=meter,
                ratio=Fraction(ct * vt, ct_by * vt_by),
                digits=digits,
                decimals=decimals,
                period=Period.open(start, end),
            )
        )
    return dict(found)


def complexes_of(
    points: Points, *, within: Period | None = None
) -> dict[int, list[MeteringComplex]]:
    """The complexes of points with meter, model and transformers, by point, newest first.

    All roles; all time, or those that stood for some time of a period. Two queries.
    """
    rows = MeteringComplex.objects.filter(usage_point__in=points)
    if within is not None:
        rows = rows.within(within)
    rows = rows.select_related("meter__model").prefetch_related("transformers")
    found = defaultdict(list)
    for row in rows.order_by("usage_point_id", "-valid_from", "role"):
        found[row.usage_point_id].append(row)
    return dict(found)


def paths_of(points: Points) -> dict[int, str]:
    """The full path of points, their own name last: АО "Сети"\\ТП-369\\ВРУ-0,4 кВ\\КЛ-1.

    Two queries.
    """
    rows = list(UsagePoint.objects.filter(id__in=points).values_list("id", "name", "node__path"))
    places = _names_along({path for _, _, path in rows})
    return {point: rules.SEPARATOR.join([*places[path], name]) for point, name, path in rows}


def paths_of_nodes(nodes: Collection[NetworkNode]) -> dict[int, str]:
    """The full path of nodes, their own name last. One query."""
    places = _names_along({node.path for node in nodes})
    return {node.pk: rules.SEPARATOR.join(places[node.path]) for node in nodes}


def _names_along(paths: Collection[str]) -> dict[str, list[str]]:
    """For each path, the names from the root down."""
    wanted = {node for path in paths for node in rules.chain(path)}
    names = dict(NetworkNode.objects.filter(id__in=wanted).values_list("id", "name"))
    return {path: [names[node] for node in rules.chain(path)] for path in paths}
