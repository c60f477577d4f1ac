"""Kept replays of a point, as advice: which tariff costs how much, and what a shift would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from faza.charges.models import Replay
from faza.core.periods import start_of_day
from faza.core.windows import Windows
from faza.tariffs.models import Tariff


@dataclass(frozen=True, slots=True)
class Offer:
    """A tariff over the months: roubles of all of them, and change by percent of a shift.

    total: None where a month cannot be priced, `problem` says why (charges.rules.charge).
    """

    tariff: int
    name: str
    is_own: bool
    total: Decimal | None
    problem: str
    is_example: bool
    shifts: dict[int, Decimal]


@dataclass(frozen=True, slots=True)
class Advice:
    """All tariffs open to a point, the cheapest first, those without a price last.

    months: how many whole months were replayed, from `first` on up to `end`; not all need be there
    between them. wh: what they took. present of expected intervals are there, estimated among them.
    """

    offers: tuple[Offer, ...]
    first: date
    end: date
    months: int
    wh: int
    expected: int
    present: int
    estimated: int
    as_of: datetime

    @property
    def own(self) -> Offer | None:
        return next((offer for offer in self.offers if offer.is_own), None)

    @property
    def best(self) -> Offer | None:
        """The cheapest; None where the own one or all others cannot be priced."""
        own = self.own
        if own is None or own.total is None:
            return None
        if all(offer.is_own or offer.total is None for offer in self.offers):
            return None
        return self.offers[0]

    def a_year(self, total: Decimal) -> Decimal:
        """A sum of the months as one of twelve such months."""
        return total * 12 / self.months

    def a_month(self, total: Decimal) -> Decimal:
        """The mean of the months."""
        return total / self.months


def advice(windows: Windows, usage_point: int, *, zone: str) -> Advice | None:
    """What is kept of a point, where a window covers the time it was made of. Two queries."""
    rows = list(Replay.objects.filter(usage_point=usage_point))
    seen = [row for row in rows if _covers(windows, row, zone)]
    if not seen:
        return None
    names = dict(
        Tariff.objects.filter(pk__in=[row.tariff_id for row in seen]).values_list("pk", "name")
    )
    offers = sorted((_offer(row, names) for row in seen), key=_place)
    months: Sequence[dict[str, int]] = seen[0].months
    return Advice(
        offers=tuple(offers),
        first=seen[0].first,
        end=seen[0].end,
        months=len(months),
        **{
            name: sum(month[name] for month in months)
            for name in ("wh", "expected", "present", "estimated")
        },
        as_of=seen[0].as_of,
    )


def _covers(windows: Windows, row: Replay, zone: str) -> bool:
    start, end = start_of_day(row.first, zone), start_of_day(row.end, zone)
    return any(
        window.usage_point == row.usage_point_id
        and window.period.start <= start
        and window.period.end >= end
        for window in windows
    )


def _offer(row: Replay, names: dict[int, str]) -> Offer:
    problem = next((month["problem"] for month in row.months if month["kopecks"] is None), "")
    kopecks = sum(month["kopecks"] or 0 for month in row.months)
    return Offer(
        tariff=row.tariff_id,
        name=names.get(row.tariff_id, ""),
        is_own=row.is_own,
        total=None if problem else Decimal(kopecks) / 100,
        problem=problem,
        is_example=any(month["example"] for month in row.months),
        shifts={int(key): Decimal(value) / 100 for key, value in row.shifts.items()},
    )


def _place(offer: Offer) -> tuple[bool, Decimal, bool]:
    return (offer.total is None, offer.total or Decimal(0), not offer.is_own)
