"""The demo's tariffs and prices, all of them examples: invented, of the right size and shape.

Households have one, two and three zones with ranges; businesses the price categories 1 to 4, with
hourly prices and peak hours of an invented market. Prices change on the first of January and on a
day of indexation, those of the market every month. Nothing is random.
Shape and size: reference/domain.md, §4.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from django.db import transaction

from faza.demo.plan import MOSCOW
from faza.tariffs import queries, rules
from faza.tariffs.models import (
    ConsumptionRange,
    HourlyPrice,
    Market,
    Normative,
    PeakHour,
    Price,
    SeasonCoefficient,
    Tariff,
    TariffZone,
)
from faza.tariffs.rules import book

FAMILY, MARKET = "business", "ZR"
SOURCE = "придумано для показа"
CENT = Decimal("0.01")

BOUNDS = (500, 900, None)
"""kWh a month; regions set their own below the ceilings of 3,900 and 6,000."""
HEATING, HEATED = (10, 11, 12, 1, 2, 3, 4), Decimal("1.4")
DEARER = (Decimal(1), Decimal("1.4"), Decimal("2.1"))
"""Prices of the ranges, of that of the first."""
HOUSEHOLD = {"HH1": ("5.82",), "HH2": ("6.69", "3.35"), "HH3": ("7.55", "3.35", "5.82")}
"""RUB/kWh with VAT by zone, T1 first."""
NORMATIVES = {
    "FLAT-GAS": ("Квартира, газовая плита", ("87", "54", "42", "34", "30")),
    "HOUSE-ELECTRIC": ("Жилой дом, электрическая плита", ("176", "109", "84", "69", "60")),
}
"""kWh a month for each of one, two, … residents; the raising coefficient is that of ПП 354."""
RAISED = Decimal("1.5")
EXPORT = Decimal("2.41")
"""RUB/kWh, for what panels give back."""
JANUARY, INDEXED = Decimal("1.017"), Decimal("1.098")
"""By how much prices rise with the tax's step, and with the indexation."""

# RUB/MWh and RUB/MW·month without VAT.
LEVELS = {
    "LV": {"whole": 3140, "losses": 566, "upkeep": 1_286_000},
    "MV2": {"whole": 2310, "losses": 282, "upkeep": 1_047_000},
}
WHOLE, MARGIN, OTHER, POWER, HOURLY = 3080, 352, "4.18", 846_000, 1620
"""Energy of categories 1 and 2 with the power in it; margin; services; power; an hour's energy."""
OF_ZONES = {
    2: (Decimal("1.31"), Decimal("0.62")),
    3: (Decimal("1.72"), Decimal("0.62"), Decimal("1.08")),
}
"""Energy of a zone, of that of category 1; T1 first."""
ROUND_THE_CLOCK = (("Круглые сутки", "00:00-24:00"),)
MONTHS_OF = (1.09, 1.07, 1.02, 0.97, 0.93, 0.95, 0.99, 1.01, 0.98, 0.97, 1.02, 1.06)
SHAPE = (
    *(0.79, 0.75, 0.73, 0.72, 0.74, 0.81, 0.93, 1.05, 1.14, 1.17, 1.16, 1.14),
    *(1.11, 1.11, 1.09, 1.07, 1.08, 1.13, 1.17, 1.18, 1.14, 1.06, 0.97, 0.88),
)
"""An hour's price, of the day's mean."""


def set_up(since: date, today: date) -> None:
    """Tariffs with everything dated from a day on, and the market up to today."""
    with transaction.atomic():
        market = Market.objects.create(code=MARKET, name="Заречье (пример)", zone=MOSCOW)
        _households(since, today)
        _normatives(since)
        _businesses(market, since, today)
    keep(since, today)


def keep(since: date, today: date) -> int:
    """Publish the market's days from `since` to today that are not there yet; how many."""
    market = Market.objects.filter(code=MARKET).first()
    if market is None:
        return 0
    last = HourlyPrice.objects.filter(market=market).order_by("-day").first()
    first = max(since, last.day + timedelta(days=1)) if last else since
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    if not days:
        return 0
    off = queries.exceptions(start=first, end=today + timedelta(days=1))
    HourlyPrice.objects.bulk_create(
        HourlyPrice(
            market=market, day=day, amounts=_amounts(day, rules.is_working_day(day, off)),
            source=SOURCE, is_example=True,
        )
        for day in days
    )  # fmt: skip
    months = {day.replace(day=1) for day in days}
    peaks = [
        (book.GENERATION, day, _hour(_peak(day)))
        for day in days if rules.is_working_day(day, off)
    ] + [(book.NETWORK, month, _planned(month)) for month in sorted(months)]  # fmt: skip
    PeakHour.objects.bulk_create(
        [
            PeakHour(market=market, kind=kind, day=day, hours=hours, source=SOURCE, is_example=True)
            for kind, day, hours in peaks
        ],
        ignore_conflicts=True,
    )
    _monthly(market, since, today)
    return len(days)


def _steps(since: date, today: date) -> Iterator[tuple[date, Decimal]]:
    """Days from which prices hold, with what they are of the first ones; a year ahead too."""
    level, last = Decimal(1), today + timedelta(days=366)
    yield since, level
    for year in range(since.year, last.year + 1):
        # In 2026 the indexation came in October. Source: reference/domain.md, §4.1.
        for day, factor in (
            (date(year, 1, 1), JANUARY), (date(year, 10 if year == 2026 else 7, 1), INDEXED),
        ):  # fmt: skip
            if since < day <= last:
                level *= factor
                yield day, level


def _households(since: date, today: date) -> None:
    tariffs = {tariff.code: tariff for tariff in Tariff.objects.filter(code__in=HOUSEHOLD)}
    made: list[Price] = []
    for code, amounts in HOUSEHOLD.items():
        tariff = tariffs[code]
        several = len(amounts) > 1
        for day, level in _steps(since, today):
            made += [
                _price(tariff, day, book.ENERGY, Decimal(amount) * level * factor,
                       zone=zone if several else 0, range=number)
                for zone, amount in enumerate(amounts, start=1)
                for number, factor in enumerate(DEARER, start=1)
            ]  # fmt: skip
            made.append(_price(tariff, day, book.EXPORT, EXPORT * level))
        ConsumptionRange.objects.bulk_create(
            ConsumptionRange(tariff=tariff, valid_from=since, number=n, up_to=bound, source=SOURCE)
            for n, bound in enumerate(BOUNDS, start=1)
        )
        SeasonCoefficient.objects.bulk_create(
            SeasonCoefficient(
                tariff=tariff, valid_from=since, month=month, factor=HEATED, source=SOURCE
            )
            for month in HEATING
        )
    Price.objects.bulk_create(made)


def _normatives(since: date) -> None:
    Normative.objects.bulk_create(
        Normative(
            group=code, group_name=name, valid_from=since, residents=residents,
            amount=Decimal(amount), factor=RAISED, source=SOURCE, is_example=True,
        )
        for code, (name, amounts) in NORMATIVES.items()
        for residents, amount in enumerate(amounts, start=1)
    )  # fmt: skip


def _businesses(market: Market, since: date, today: date) -> None:
    for level, name in (("LV", "НН"), ("MV2", "СН2")):
        for code, words, category, zones in (
            ("PC1", "Первая ценовая категория", 1, 1),
            ("PC2D", "Вторая ценовая категория, день и ночь", 2, 2),
            ("PC2T", "Вторая ценовая категория, три зоны", 2, 3),
            ("PC3", "Третья ценовая категория", 3, 1),
            ("PC4", "Четвёртая ценовая категория", 4, 1),
        ):
            tariff = Tariff.objects.create(
                code=f"{code}-{level}", name=f"{words}, {name}", zones_count=zones,
                kind=book.BUSINESS, category=category, family=FAMILY, voltage_level=level,
                zone_of_hours=MOSCOW, market=market,
            )  # fmt: skip
            _zones(tariff, zones, since)
            _services(tariff, LEVELS[level], since, today)


def _zones(tariff: Tariff, count: int, since: date) -> None:
    """Zones by month, as the market has its peaks; one round the clock where there is one."""
    months = [0] if count == 1 else range(1, 13)
    TariffZone.objects.bulk_create(
        TariffZone(
            tariff=tariff, valid_from=since, month=month, number=number, name=name, hours=hours,
            source=SOURCE,
        )
        for month in months
        for number, (name, hours) in enumerate(_of_month(month, count), start=1)
    )  # fmt: skip


def _of_month(month: int, count: int) -> tuple[tuple[str, str], ...]:
    if count == 1:
        return ROUND_THE_CLOCK
    if count == 2:
        return (("День", "07:00-23:00"), ("Ночь", "23:00-07:00"))
    morning, evening = (8, 16) if month in (11, 12, 1, 2) else (8, 17) if month < 5 else (9, 19)
    peak = f"{morning:02d}:00-{morning + 3:02d}:00 {evening:02d}:00-{evening + 4:02d}:00"
    between = f"07:00-{morning:02d}:00 {morning + 3:02d}:00-{evening:02d}:00"
    if evening + 4 < 23:
        between += f" {evening + 4:02d}:00-23:00"
    return (("Пик", peak), ("Ночь", "23:00-07:00"), ("Полупик", between))


def _services(tariff: Tariff, level: dict[str, int], since: date, today: date) -> None:
    """What holds for half a year: transmission, margin, other services."""
    made: list[Price] = []
    for day, step in _steps(since, today):
        told = {book.MARGIN: MARGIN * step, book.OTHER: Decimal(OTHER) * step}
        if tariff.category == 4:
            told[book.TRANSMISSION_ENERGY] = level["losses"] * step
            told[book.TRANSMISSION_CAPACITY] = level["upkeep"] * step
        else:
            told[book.TRANSMISSION_ENERGY] = level["whole"] * step
        made += [_price(tariff, day, component, amount) for component, amount in told.items()]
    Price.objects.bulk_create(made)


def _monthly(market: Market, since: date, today: date) -> None:
    """What the market's month says: energy of categories 1 and 2, power of 3 and 4."""
    for tariff in market.tariffs.all():
        component = book.ENERGY if tariff.category < 3 else book.CAPACITY
        known = set(tariff.prices.filter(component=component).values_list("valid_from", flat=True))
        made: list[Price] = []
        for month in _months(since, today):
            if month in known:
                continue
            factor = Decimal(str(MONTHS_OF[month.month - 1])) + Decimal(_pick(month, 30)) / 1000
            if component == book.CAPACITY:
                made.append(_price(tariff, month, component, POWER * factor))
            elif tariff.category == 1:
                made.append(_price(tariff, month, component, WHOLE * factor))
            else:
                made += [
                    _price(tariff, month, component, WHOLE * factor * of, zone=zone)
                    for zone, of in enumerate(OF_ZONES[tariff.zones_count], start=1)
                ]
        Price.objects.bulk_create(made)


def _price(
    tariff: Tariff, since: date, component: str, amount: Decimal, *, zone: int = 0, range: int = 0
) -> Price:
    is_household = tariff.kind == book.HOUSEHOLD
    by_power = component in book.BY_POWER
    return Price(
        tariff=tariff, valid_from=since, component=component, zone=zone, range=range,
        amount=amount.quantize(CENT), with_vat=is_household,
        unit=book.KWH if is_household else book.MW_MONTH if by_power else book.MWH,
        source=SOURCE, is_example=True,
    )  # fmt: skip


def _months(since: date, today: date) -> Iterator[date]:
    month = since.replace(day=1)
    while month <= today:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _amounts(day: date, is_working: bool) -> list[str]:
    """24 prices of a day, RUB/MWh: dearer by day, in winter and on working days."""
    base = HOURLY * MONTHS_OF[day.month - 1] * (1.0 if is_working else 0.9)
    flat = 1.0 if is_working else 0.6
    told = base * (1 + (np.array(SHAPE) - 1) * flat) * (1 + (_pick(day, 81) - 40) / 1000)
    return [f"{amount:.2f}" for amount in told.tolist()]


def _peak(day: date) -> int:
    """The hour of the region's peak: towards evening in winter, before noon in summer."""
    return (17 if day.month in (10, 11, 12, 1, 2) else 10) + _pick(day, 2)


def _planned(month: date) -> str:
    is_dark = month.month in (10, 11, 12, 1, 2)
    return "08:00-12:00 16:00-20:00" if is_dark else "09:00-14:00 19:00-21:00"


def _hour(hour: int) -> str:
    return f"{hour:02d}:00-{hour + 1:02d}:00"


def _pick(day: date, count: int) -> int:
    """A number below `count`, always the same of a day."""
    return zlib.crc32(day.isoformat().encode()) % count
