"""Series and books for worked examples: short to write, and plain to count by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from faza.charges.rules.grids import Series
from faza.core.quality import Quality
from faza.tariffs.rules.book import (
    BUSINESS,
    HOUSEHOLD,
    MarketBook,
    PriceBook,
    PriceRow,
    RangeRow,
    SeasonRow,
    TariffFacts,
    VatRow,
    ZoneRow,
)

MOSCOW = "Europe/Moscow"
SINCE = date(2020, 1, 1)
VAT = (VatRow(date(2019, 1, 1), Decimal(20)), VatRow(date(2026, 1, 1), Decimal(22)))
ONE = ("00:00-24:00",)
TWO = ("07:00-23:00", "23:00-07:00")
THREE = ("07:00-10:00 17:00-21:00", "23:00-07:00", "10:00-17:00 21:00-23:00")
ORDER = {"order": "order", "source": "source"}


def zones(*hours, since=SINCE, month=0):
    return tuple(ZoneRow(since, n, f"T{n}", text, month=month) for n, text in enumerate(hours, 1))


def household(*prices, hours=ONE, ranges=(), seasons=(), zone_rows=None):
    """A household's book; prices are (amount,) or (amount, zone, range, since)."""
    return PriceBook(
        TariffFacts(1, "H", "H", HOUSEHOLD, zones_count=len(hours)),
        tuple(_price(*told) for told in prices),
        zones(*hours) if zone_rows is None else zone_rows,
        tuple(
            RangeRow(SINCE, n, None if bound is None else Decimal(bound))
            for n, bound in enumerate(ranges, 1)
        ),
        tuple(SeasonRow(SINCE, month, Decimal(factor)) for month, factor in seasons),
        VAT,
    )


def _price(amount, zone=0, range=0, since=SINCE, component="energy"):
    return PriceRow(since, component, Decimal(amount), "kwh", True, zone, range, **ORDER)


def business(category, *prices, hours=ONE, market=None, clock="", days=None):
    """A business's book; prices are (component, amount) or (component, amount, zone, since)."""
    rows = []
    for component, amount, *rest in prices:
        zone, since = [*rest, 0, SINCE][:1][0], [*rest, SINCE][1] if len(rest) > 1 else SINCE
        unit = "mw_month" if component.endswith("capacity") else "mwh"
        rows.append(PriceRow(since, component, Decimal(amount), unit, False, zone, **ORDER))
    return PriceBook(
        TariffFacts(2, "B", "B", BUSINESS, category, zones_count=len(hours), zone_of_hours=clock),
        tuple(rows), zones(*hours), vat=VAT, market=market, days=days or {},
    )  # fmt: skip


def market(month, price_of_hour, *, generation=None, network=(), examples=()):
    """A month of a market: `price_of_hour(day, hour)` in RUB/MWh; peak hours of working days."""
    days = list(days_of(month))
    return MarketBook(
        "M", MOSCOW,
        {day: tuple(Decimal(price_of_hour(day, hour)) for hour in range(24)) for day in days},
        {day: generation for day in days if generation is not None and day.weekday() < 5},
        {month: tuple(network)}, frozenset(examples),
    )  # fmt: skip


def days_of(month):
    end = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return (month + timedelta(days=n) for n in range((end - month).days))


def series(first, end, watts, *, minutes=60, zone=MOSCOW, missing=lambda local: False):
    """Intervals of the civil days [first, end): `watts(local start)` is the mean power in W."""
    start = datetime.combine(first, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    stop = datetime.combine(end, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    count = (stop - start) // timedelta(minutes=minutes)
    starts = [start + timedelta(minutes=minutes) * n for n in range(count)]
    local = [moment.astimezone(ZoneInfo(zone)) for moment in starts]
    absent = np.array([missing(moment) for moment in local])
    values = np.array([watts(moment) * minutes // 60 for moment in local], np.int64)
    return Series(
        zone,
        np.array([int(moment.timestamp()) for moment in starts], np.int64),
        np.full(count, minutes, np.int16),
        np.where(absent, 0, values),
        np.where(absent, Quality.MISSING, Quality.VALID).astype(np.uint8),
    )
