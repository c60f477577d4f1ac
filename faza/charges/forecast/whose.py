"""Whose history a forecast may use: that of the customer who has the point now, and no other's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from faza.contracts.models import AgreementPoint
from faza.core.periods import ALWAYS, Period
from faza.metering.models import UsagePoint


@dataclass(frozen=True, slots=True)
class Held:
    """A point since its customer has it; `agreement` None: nobody's, then since ever."""

    usage_point: int
    zone: str
    since: datetime
    agreement: int | None


def held(points: Collection[int], *, at: datetime) -> list[Held]:
    """Points as they are held at a moment, by number. Two queries.

    Agreements of one customer that follow each other are one time.
    """
    zones = dict(UsagePoint.objects.filter(id__in=points).values_list("id", "zone"))
    rows = (
        AgreementPoint.objects.filter(usage_point__in=points)
        .covering_before(at)
        .order_by("usage_point_id", "valid_from", "pk")
        .values_list(
            "usage_point_id", "agreement_id", "agreement__customer_id",
            "valid_from", "valid_to", "agreement__valid_from", "agreement__valid_to",
        )
    )  # fmt: skip
    found = dict.fromkeys(zones, None) | {
        point: _present([row[1:] for row in of_point], at)
        for point, of_point in groupby(rows, key=lambda row: row[0])
    }
    return [
        Held(point, zones[point], *(present or (ALWAYS, None)))
        for point, present in sorted(found.items())
    ]


Row = tuple[int, int, datetime, datetime | None, datetime, datetime | None]


def _present(rows: list[Row], at: datetime) -> tuple[datetime, int] | None:
    """Since when the present customer has the point without a break, and by which agreement."""
    covers = [
        (customer, agreement, period)
        for agreement, customer, start, end, agreed, ended in rows
        if (period := Period.open(start, end).intersect(Period.open(agreed, ended)))
    ]
    covers.sort(key=lambda one: one[2].start)
    present = next((one for one in reversed(covers) if at in one[2]), None)
    if present is None:
        return None
    since = present[2].start
    for customer, _, period in reversed(covers):
        if customer == present[0] and period.start < since <= period.end:
            since = period.start
    return since, present[1]
