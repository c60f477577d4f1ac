"""A price book: everything dated that a tariff says, as plain values, and what holds on a day.

Amounts are Decimal roubles per unit. Days are local days of the usage point; stretches are
[first, end). What has no row is absent, never zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from faza.tariffs import rules

HOUSEHOLD, BUSINESS = "household", "business"
"""Who a tariff is for."""

ENERGY, CAPACITY = "energy", "capacity"
TRANSMISSION_ENERGY, TRANSMISSION_CAPACITY = "transmission_energy", "transmission_capacity"
MARGIN, OTHER, EXPORT = "margin", "other", "export"
COMPONENTS = (
    *(ENERGY, CAPACITY, TRANSMISSION_ENERGY, TRANSMISSION_CAPACITY, MARGIN, OTHER),
    EXPORT,
)
"""What a price is for, in the order of lines. `export` is what is paid for exported energy."""

KWH, MWH, KW_MONTH, MW_MONTH = "kwh", "mwh", "kw_month", "mw_month"
"""What a price is for one of."""
BY_POWER = (CAPACITY, TRANSMISSION_CAPACITY)
"""Components whose price is for power, not for energy."""

GENERATION, NETWORK = "generation", "network"
"""Kinds of peak hours: of the region's peak (P_gen) and planned by the system operator (P_net).
Source: ПП 442, reference/domain.md §4.2."""


DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TariffFacts:
    """What a tariff is, apart from its dated rows: see models.Tariff."""

    id: int
    code: str
    name: str
    kind: str = HOUSEHOLD
    category: int = 0
    family: str = ""
    voltage_level: str = ""
    zones_count: int = 1
    zone_of_hours: str = ""

    @property
    def is_household(self) -> bool:
        return self.kind == HOUSEHOLD


@dataclass(frozen=True, slots=True)
class PriceRow:
    """Roubles for one `unit` of a component from a day on; zone and range 0 are any."""

    valid_from: date
    component: str
    amount: Decimal
    unit: str
    with_vat: bool
    zone: int = 0
    range: int = 0
    order: str = ""
    source: str = ""
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone of the day from a day on; month 0 is every month without zones of its own."""

    valid_from: date
    number: int
    name: str
    hours: str
    off_hours: str = ""
    month: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class RangeRow:
    """A consumption range up to so many kWh a month, None: without end."""

    valid_from: date
    number: int
    up_to: Decimal | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class SeasonRow:
    """By what the bounds of ranges are multiplied in a month (1..12)."""

    valid_from: date
    month: int
    factor: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class VatRow:
    """The rate of the tax in percent from a day on."""

    valid_from: date
    percent: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class MarketBook:
    """What a market has published of the asked-for days.

    `hourly`: 24 amounts a day, RUB/MWh without VAT, by the hour's beginning in `zone`.
    `generation`: the hour (0..23) of the region's peak on each working day. `network`: planned
    peak hours (0..23, ascending) of the months that begin on these days. `examples`: the days
    whose rows are examples.
    """

    code: str
    zone: str
    hourly: Mapping[date, tuple[Decimal, ...]] = field(default_factory=dict)
    generation: Mapping[date, int] = field(default_factory=dict)
    network: Mapping[date, tuple[int, ...]] = field(default_factory=dict)
    examples: frozenset[date] = frozenset()

    def network_hours(self, day: date) -> tuple[int, ...]:
        """The planned peak hours of the month of a day; none where they are not known."""
        return self.network.get(day.replace(day=1), ())


@dataclass(frozen=True, slots=True)
class PriceBook:
    """One tariff with everything dated, for the days it was asked for.

    Rows are in the order of their dates. `days` are the exceptions of the production calendar.
    """

    tariff: TariffFacts
    prices: tuple[PriceRow, ...] = ()
    zones: tuple[ZoneRow, ...] = ()
    ranges: tuple[RangeRow, ...] = ()
    seasons: tuple[SeasonRow, ...] = ()
    vat: tuple[VatRow, ...] = ()
    market: MarketBook | None = None
    days: Mapping[date, str] = field(default_factory=dict)

    # Prices

    def prices_on(self, day: date, component: str | None = None) -> tuple[PriceRow, ...]:
        """The prices that hold on a day, by component, zone and range; of one component if told.

        The latest date of each component up to that day counts, wholly.
        """
        found: list[PriceRow] = []
        for one in COMPONENTS if component is None else (component,):
            rows = _latest(self.prices_of(one), day)
            found += sorted(rows, key=lambda row: (row.zone, row.range))
        return tuple(found)

    def prices_of(self, component: str) -> tuple[PriceRow, ...]:
        """All dated prices of a component."""
        return tuple(row for row in self.prices if row.component == component)

    def price_on(
        self, day: date, component: str, *, zone: int = 0, range: int = 0
    ) -> PriceRow | None:
        """The price of a component in a zone and range; None where there is none.

        A row of this very zone comes before one of any zone, then one of this very range.
        """
        fitting = [
            row
            for row in self.prices_on(day, component)
            if row.zone in (0, zone) and row.range in (0, range)
        ]
        return max(fitting, key=lambda row: (row.zone, row.range), default=None)

    def change_days(self, first: date, end: date) -> list[date]:
        """The days inside (first, end) on which prices, the tax or the zones change, ascending.

        The first days of months are there where zones are told by month.
        """
        found = {row.valid_from for row in self.prices}
        found |= {row.valid_from for row in self.vat} | {row.valid_from for row in self.zones}
        if any(row.month for row in self.zones):
            found |= set(_months(first, end))
        return sorted(day for day in found if first < day < end)

    def stretches(self, first: date, end: date) -> list[tuple[date, date]]:
        """[first, end) cut at the days of change; in each stretch one set of prices holds."""
        edges = [first, *self.change_days(first, end), end]
        return [(a, b) for a, b in zip(edges, edges[1:], strict=False) if a < b]

    def vat_on(self, day: date) -> VatRow | None:
        """The rate of the tax that holds on a day; None where none is known."""
        rows = _latest(self.vat, day)
        return rows[0] if rows else None

    # Zones of the day

    def zones_on(self, day: date) -> tuple[ZoneRow, ...]:
        """The zones that hold on a day, T1 first; none before the first date."""
        rows = _latest(self.zones, day)
        own = [row for row in rows if row.month == day.month]
        own = own or [row for row in rows if row.month == 0]
        return tuple(sorted(own, key=lambda row: row.number))

    def zone_of_minutes(self, day: date) -> tuple[int, ...]:
        """(1440,) the zone number of each minute of a day by the wall clock of the tariff's hours.

        On a day off the hours of days off count, where the tariff has them. () without zones.
        Raises ZonesOverlapOrGap, which the services that store zones do not let in.
        """
        rows = self.zones_on(day)
        is_off = any(row.off_hours for row in rows) and not rules.is_working_day(day, self.days)
        return _of_minute(
            tuple((row.number, row.off_hours if is_off else row.hours) for row in rows)
        )

    # Ranges

    def range_bounds(self, month: date) -> tuple[Decimal | None, ...]:
        """The upper bounds of ranges 1, 2, … in kWh for the month of a day; the last is None.

        They are multiplied by the coefficient of the season. Those count that hold on the first
        of the month: a month has one set of ranges. () where the tariff has no ranges.
        """
        first = month.replace(day=1)
        factor = self.season_of(first)
        rows = sorted(_latest(self.ranges, first), key=lambda row: row.number)
        return tuple(None if row.up_to is None else row.up_to * factor for row in rows)

    def season_of(self, month: date) -> Decimal:
        """The coefficient of ranges in the month of a day; 1 where none is told."""
        rows = _latest(self.seasons, month.replace(day=1))
        return next((row.factor for row in rows if row.month == month.month), Decimal(1))

    def is_working_day(self, day: date) -> bool:
        """Whether people work on a day, by the production calendar."""
        return rules.is_working_day(day, self.days)

    def fingerprint(self, first: date, end: date) -> str:
        """A text that changes if and only if something that holds in [first, end) does."""
        told: list[object] = [self.tariff]
        month = first.replace(day=1)
        for one in COMPONENTS:
            told.append(_touching(self.prices_of(one), month, end))
        told += [_touching(self.zones, month, end), _touching(self.ranges, month, end)]
        told += [_touching(self.seasons, month, end), _touching(self.vat, month, end)]
        if self.market is not None:
            told += [self.market.code, self.market.zone]
            # By the clock of a market elsewhere the month begins and ends on other days.
            told += _within(self.market.hourly, month - DAY, end + DAY)
            told += _within(self.market.generation, month, end)
            told += _within(self.market.network, month, end)
        told += _within(self.days, month, end)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


Row = TypeVar("Row", PriceRow, ZoneRow, RangeRow, SeasonRow, VatRow)


def _latest(rows: Iterable[Row], day: date) -> list[Row]:
    """The rows of the latest date up to a day."""
    told = list(rows)
    latest = max((row.valid_from for row in told if row.valid_from <= day), default=None)
    return [row for row in told if row.valid_from == latest]


def _touching(rows: Iterable[Row], first: date, end: date) -> list[Row]:
    """The rows that hold on some day of [first, end)."""
    told = list(rows)
    return _latest(told, first) + [row for row in told if first < row.valid_from < end]


def _within(days: Mapping[date, object], first: date, end: date) -> list[object]:
    found = [(str(day), str(value)) for day, value in days.items() if first <= day < end]
    return [*sorted(found)]


def _months(first: date, end: date) -> Iterator[date]:
    """The first days of the months that begin in [first, end)."""
    day = first
    while day < end:
        if day.day == 1:
            yield day
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@lru_cache(maxsize=256)
def _of_minute(zones: tuple[tuple[int, str], ...]) -> tuple[int, ...]:
    if not zones:
        return ()
    return tuple(rules.zone_of_minutes((n, rules.parse_hours(text)) for n, text in zones))
