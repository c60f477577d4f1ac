"""Who has a point when, and by which tariff: agreements' time as the months of charges see it."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from faza.charges.models import AgreementTariff
from faza.contracts.models import AgreementPoint, CustomerAgreement
from faza.core.periods import ALWAYS, Period


@dataclass(frozen=True, slots=True)
class Stay:
    """The time for which an agreement covers a point: periods that do not touch, ascending."""

    usage_point: int
    agreement: int
    kind: str
    periods: tuple[Period, ...]

    def within(self, period: Period) -> tuple[Period, ...]:
        """Its parts of a period."""
        shared = (one.intersect(period) for one in self.periods)
        return tuple(part for part in shared if part)


@dataclass(frozen=True, slots=True)
class Tariffs:
    """The tariffs of agreements, dated: (first day, tariff or None), ascending, by agreement."""

    dated: Mapping[int, tuple[tuple[date, int | None], ...]]

    def of(self, agreement: int, month: date) -> int | None:
        """That of an agreement in a month; before the first date the first one."""
        rows = self.dated.get(agreement, ())
        if not rows:
            return None
        place = bisect_right([since for since, _ in rows], month) - 1
        return rows[max(place, 0)][1]

    @property
    def ids(self) -> set[int]:
        return {t for rows in self.dated.values() for _, t in rows if t is not None}


def stays_of(points: Collection[int] | QuerySet[Any, Any]) -> dict[int, list[Stay]]:
    """The stays at points, by point, by agreement. One query."""
    found: dict[tuple[int, int, str], list[Period]] = defaultdict(list)
    rows = AgreementPoint.objects.filter(usage_point__in=points)
    for point, agreement, kind, start, end, since, to in rows.values_list(
        "usage_point_id", "agreement_id", "agreement__kind", "valid_from", "valid_to",
        "agreement__valid_from", "agreement__valid_to",
    ):  # fmt: skip
        covered = Period.open(start, end).intersect(Period.open(since, to))
        if covered:
            found[point, agreement, kind].append(covered)
    by_point: dict[int, list[Stay]] = defaultdict(list)
    for (point, agreement, kind), periods in sorted(found.items()):
        by_point[point].append(Stay(point, agreement, kind, _joined(periods)))
    return dict(by_point)


def _joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    found: list[Period] = []
    for period in sorted(periods, key=lambda one: one.start):
        if found and period.start <= found[-1].end:
            found[-1] = Period(found[-1].start, max(found[-1].end, period.end))
        else:
            found.append(period)
    return tuple(found)


@transaction.atomic
def tariffs_of(agreements: Collection[int], zone: str, *, at: datetime) -> Tariffs:
    """The dated tariffs of agreements, after what they say now has been noted. Two queries.

    A tariff that is another than the last one noted holds from the month of `at` on, whole; the
    first one that an agreement ever has has always been.
    """
    dated: dict[int, list[tuple[date, int | None]]] = defaultdict(list)
    rows = AgreementTariff.objects.filter(agreement__in=agreements)
    for agreement, since, tariff in rows.order_by("agreement_id", "valid_from").values_list(
        "agreement_id", "valid_from", "tariff_id"
    ):
        dated[agreement].append((since, tariff))
    present = CustomerAgreement.objects.filter(pk__in=agreements).values_list("pk", "tariff_id")
    month = at.astimezone(ZoneInfo(zone)).date().replace(day=1)
    for agreement, tariff in present:
        told = dated[agreement]
        if told and told[-1][1] == tariff:
            continue
        since = month if any(one is not None for _, one in told) else ALWAYS.date()
        told[:] = [row for row in told if row[0] != since] + [(since, tariff)]
        AgreementTariff.objects.update_or_create(
            agreement_id=agreement, valid_from=since, defaults={"tariff_id": tariff}
        )
    return Tariffs({agreement: tuple(sorted(told)) for agreement, told in dated.items()})
