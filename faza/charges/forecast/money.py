"""What a foretold month will cost: zones in their usual shares, prices that are known by now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from faza.charges import queries
from faza.charges.forecast.whose import Held
from faza.charges.models import ChargeMonth
from faza.charges.rules import charge as charges
from faza.charges.rules.pricing import HOURLY_FROM, Pricer
from faza.charges.rules.volumes import of_zones
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Window, Windows
from faza.tariffs.queries import books
from faza.tariffs.rules.book import BY_POWER, EXPORT

KWH = 1000
"""Wh."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A point's month: from its civil day `first` on, and the sums in Wh that are to be priced."""

    held: Held
    first: date
    sums: tuple[int, ...]


def costs(wanted: Sequence[Wanted], month: date, *, at: datetime) -> list[tuple[int, ...] | None]:
    """Kopecks of each sum; None where the cost cannot be told. About fourteen queries.

    The energy of each zone is what is kept of it in the month, and of what is still to come its
    share of this month and the one before. Where each hour has its own price, what is to come
    costs what energy has cost so far, and power what it does by now. Of energy given to the grid
    what was given so far counts, and no more is foretold.
    """
    end = queries.next_month(month)
    windows = Windows.merged(
        Window(one.held.usage_point, one.held.zone, Period(one.held.since, at))
        for one in wanted
        if one.held.agreement is not None and one.held.since < at
    )
    if not len(windows):
        return [None] * len(wanted)
    now = queries.charged(windows, month, end)
    tariffs = {
        (point, agreement): tariff
        for point, agreement, tariff in zip(
            now.usage_points.tolist(), now.agreements.tolist(), now.tariffs.tolist(), strict=True
        )
        if tariff
    }
    zones = _zones(windows, month, end)
    pricers = {
        tariff: Pricer(book) for tariff, book in books(set(tariffs.values()), month, end).items()
    }
    hourly = {id_ for id_, one in pricers.items() if one.book.tariff.category >= HOURLY_FROM}
    given = set(now.usage_points[now.exported > 0].tolist())
    kept = _kept([one for one, of in tariffs.items() if of in hourly or one[0] in given], month)
    made: list[tuple[int, ...] | None] = []
    for one in wanted:
        key = (one.held.usage_point, one.held.agreement or 0)
        pricer = pricers.get(tariffs.get(key, 0))
        if pricer is None:
            made.append(None)
        elif pricer.book.tariff.category >= HOURLY_FROM:
            made.append(_as_so_far(kept.get(key), one.sums))
        else:
            credit = _credit(kept.get(key))
            made.append(_by_zones(pricer, one, zones.get(key, ({}, {})), month, end, credit))
    return made


Zones = tuple[Mapping[int, int], Mapping[int, int]]
"""Wh by zone of this month so far, and of it with the month before if its tariff was the same."""


def _zones(windows: Windows, month: date, end: date) -> dict[tuple[int, int], Zones]:
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    found = queries.zone_months(windows, before, end, (A_PLUS.code,))
    made: dict[tuple[int, int], tuple[dict[int, int], dict[int, int]]] = defaultdict(
        lambda: ({}, defaultdict(int))
    )
    months = found.months.astype("datetime64[D]").tolist()
    keys = list(zip(found.usage_points.tolist(), found.agreements.tolist(), strict=True))
    tariffs = found.tariffs.tolist()
    own = {
        key: tariff for key, of, tariff in zip(keys, months, tariffs, strict=True) if of == month
    }
    for (point, agreement), zone, total, of_month, tariff in zip(
        keys, found.zones.tolist(), found.total.tolist(), months, tariffs, strict=True
    ):
        if agreement and zone and tariff == own.get((point, agreement), tariff):
            so_far, both = made[point, agreement]
            both[zone] += total
            if of_month == month:
                so_far[zone] = total
    return dict(made)


def _by_zones(
    pricer: Pricer, one: Wanted, zones: Zones, month: date, end: date, credit: Decimal
) -> tuple[int, ...] | None:
    so_far, usual = zones
    whole = sum(usual.values())
    shares = {zone: Decimal(total) / whole for zone, total in usual.items()} if whole else {}
    if not shares and pricer.book.tariff.zones_count > 1:
        return None
    shares = shares or {1: Decimal(1)}
    made = []
    for total in one.sums:
        rest = max(0, total - sum(so_far.values()))
        # Less than what is kept by now is a bound that today's energy has passed already.
        volumes = {
            zone: (so_far.get(zone, 0) + share * rest) / KWH for zone, share in shares.items()
        }
        charge = pricer.price(of_zones(pricer.book, month, volumes, first=one.first, end=end))
        if charge.total is None:
            return None
        made.append(int((charge.total + credit) * 100))
    return tuple(made)


def _kept(keys: Sequence[tuple[int, int]], month: date) -> dict[tuple[int, int], charges.Charge]:
    """The charges so far of some (point, agreement). One query, none without them."""
    if not keys:
        return {}
    rows = ChargeMonth.objects.filter(
        usage_point__in={point for point, _ in keys}, month=month
    ).values_list("usage_point_id", "agreement_id", "lines")
    return {(point, agreement): charges.from_json(lines) for point, agreement, lines in rows}


def _credit(kept: charges.Charge | None) -> Decimal:
    """Roubles of the lines of export, below zero; without VAT."""
    lines = kept.lines if kept is not None else ()
    return sum((line.amount for line in lines if line.component == EXPORT), Decimal(0))


def _as_so_far(kept: charges.Charge | None, sums: tuple[int, ...]) -> tuple[int, ...] | None:
    """Energy at its mean price so far, power and export as they are; VAT in the proportion of
    the lines that have it."""
    if kept is None or kept.total is None or not kept.volume:
        return None
    lines = {
        by_energy: sum(
            (
                line.amount
                for line in kept.lines
                if line.component != EXPORT and (line.component not in BY_POWER) == by_energy
            ),
            Decimal(0),
        )
        for by_energy in (True, False)
    }
    credit, base = _credit(kept), sum(lines.values())
    taxed = (kept.total - credit) / base if base else Decimal(1)
    return tuple(
        int(
            ((lines[True] * Decimal(total) / KWH / kept.volume + lines[False]) * taxed + credit)
            * 100
        )
        for total in sums
    )
