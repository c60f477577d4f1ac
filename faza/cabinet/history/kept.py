"""Months of a point as the job keeps them: intervals' sums, completeness, cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from faza.cabinet.arrival import Arrival
from faza.charges import queries as charges
from faza.charges.models import ChargeMonth
from faza.core.reading_types import A_PLUS, ReadingType
from faza.core.windows import Windows


@dataclass(slots=True)
class Kept:
    """By first day of month; instead: Wh that would be billed where the reading is missing, and by
    which clause; else: total in quanta; (expected, present, estimated) intervals; greatest
    power in W; cost in roubles, of months of which all is known; volume charged in Wh; what the
    cost rests on, in words. as_of: up to when it holds."""

    as_of: datetime | None = None
    total: dict[date, int] = field(default_factory=dict)
    counts: dict[date, tuple[int, int, int]] = field(default_factory=dict)
    power: dict[date, int] = field(default_factory=dict)
    cost: dict[date, Decimal] = field(default_factory=dict)
    volume: dict[date, int] = field(default_factory=dict)
    basis: dict[date, str] = field(default_factory=dict)
    instead: dict[date, tuple[int, str]] = field(default_factory=dict)


def months(
    windows: Windows, kind: ReadingType, firsts: Sequence[date], come: Arrival
) -> Kept:  # fmt: skip
    """What is kept of some months of a point. Two questions, five of electricity."""
    made = Kept()
    if not firsts:
        return made
    first, end = firsts[0], charges.next_month(firsts[-1])
    found = come.zone_months(charges.zone_months(windows, first, end, (kind.code,)))
    made.as_of = found.as_of
    own: dict[date, list[int]] = {}
    for row, month in enumerate(found.months.astype("datetime64[D]").tolist()):
        if not found.zones[row]:
            own.setdefault(month, []).append(row)
    for month, rows in own.items():
        # The whole month where it is shown, else the person's own times in it.
        rows = [row for row in rows if not found.agreements[row]] or rows
        made.total[month] = sum(int(found.total[row]) for row in rows)
        made.counts[month] = (
            sum(int(found.n_expected[row]) for row in rows),
            sum(int(found.n_present[row]) for row in rows),
            sum(int(found.n_estimated[row]) for row in rows),
        )
        powers = [int(found.power[row]) for row in rows if found.has_power[row]]
        if powers:
            made.power[month] = max(powers)
        if not made.counts[month][1]:
            del made.total[month]
    if kind is A_PLUS:
        _charges(made, windows, first, end)
        for point in windows.points:
            for one in charges.substituted(windows, point, first, end):
                volume, _clause = made.instead.get(one.month, (0, ""))
                made.instead[one.month] = volume + one.volume, one.clause
    return made


def _charges(made: Kept, windows: Windows, first: date, end: date) -> None:
    found = charges.charged(windows, first, end)
    unknown = set()
    for row, month in enumerate(found.months.astype("datetime64[D]").tolist()):
        if not found.known[row]:
            unknown.add(month)
            continue
        cost = Decimal(int(found.kopecks[row])) / 100
        made.cost[month] = made.cost.get(month, Decimal(0)) + cost
        made.volume[month] = made.volume.get(month, 0) + int(found.volume[row])
        made.basis[month] = str(ChargeMonth.Basis(int(found.basis[row])).label)
    for month in unknown:
        made.cost.pop(month, None)
