"""From volumes to a charge: each part at its price, VAT on the sum, kopecks half up.

Source of the order and of rounding: reference/domain.md, 4; design/rules.md, Cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from faza.charges.rules import charge as charges
from faza.charges.rules.charge import Charge, Line, Tax
from faza.charges.rules.ranges import range_volumes, shared
from faza.charges.rules.volumes import Hours, Power, Volumes, following
from faza.tariffs.rules import book as books
from faza.tariffs.rules.book import PriceBook, PriceRow

KOPECK = Decimal("0.01")
HOURLY_FROM = 3
"""Price categories from the third on pay each hour at its price, and power. Source: ПП 442, 86."""
CATEGORIES = {books.CAPACITY: (3, 4, 5, 6), books.TRANSMISSION_CAPACITY: (4, 6)}
"""Which price categories pay for power, and for that of transmission. Source: ПП 442, 86."""
PER = {books.KWH: Decimal(1), books.MWH: Decimal(1000),
       books.KW_MONTH: Decimal(1), books.MW_MONTH: Decimal(1000)}  # fmt: skip
"""How many kWh or kW a price is for."""
BY_ENERGY = (books.ENERGY, books.TRANSMISSION_ENERGY, books.MARGIN, books.OTHER)


def price(book: PriceBook, volumes: Volumes) -> Charge:
    """What volumes cost by a book. `total` is None where `problem` says so; lines stay then."""
    return Pricer(book).price(volumes)


def kopecks(amount: Decimal) -> Decimal:
    """Roubles to the kopeck, halves away from zero."""
    return amount.quantize(KOPECK, ROUND_HALF_UP)


@dataclass(slots=True)
class _Found:
    lines: list[Line] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    """A volume at one price over [first, end)."""

    row: PriceRow
    first: date
    end: date
    volume: Decimal


def _same_price(row: PriceRow) -> tuple[object, ...]:
    """A price without the date from which it holds: told again unchanged it is the same."""
    return (
        *(row.zone, row.range, row.amount, row.unit, row.with_vat),
        *(row.order, row.source, row.is_example),
    )


def _join(parts: list[_Part], part: _Part) -> None:
    """Add a part to the last one, if it covers the same days or those that follow."""
    last = parts[-1] if parts else None
    if last is not None and last.first <= part.first <= last.end:
        last.end, last.volume = max(last.end, part.end), last.volume + part.volume
    else:
        parts.append(part)


class Pricer:
    """A book made ready to price many volumes: prices of a day are looked up once."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self._rows: dict[tuple[date, str], tuple[PriceRow, ...]] = {}
        self._bounds: dict[date, tuple[Decimal | None, ...]] = {}

    def price(self, volumes: Volumes) -> Charge:
        """As the function `price`."""
        found = _Found()
        if volumes.problem:
            found.problems.append(volumes.problem)
        elif not any(zone.basis != charges.NONE for zone in volumes.zones):
            found.problems.append(charges.NO_DATA)
        else:
            self._energy(volumes, found)
            if self._is_hourly:
                self._hours(volumes, found)
            self._power(volumes, found)
        self._export(volumes, found)
        lines = sorted(found.lines, key=_place)
        taxes, included, untaxed = self._taxes(lines)
        if untaxed:
            found.problems.append(charges.NO_VAT)
        total = sum((line.amount for line in lines), Decimal(0))
        total += sum((tax.amount for tax in taxes), Decimal(0))
        problem = min(found.problems, key=charges.PROBLEMS.index, default="")
        return Charge(
            month=volumes.month,
            first=volumes.first,
            end=volumes.end,
            lines=tuple(lines),
            taxes=taxes,
            zones=volumes.zones,
            exported=sum((volume for *_, volume in volumes.exported), Decimal(0)),
            total=None if problem else total,
            included=included,
            basis=volumes.basis,
            problem=problem,
            is_household=self.book.tariff.is_household,
            category=self.book.tariff.category,
            notes=volumes.notes,
        )

    @property
    def _is_hourly(self) -> bool:
        return self.book.tariff.category >= HOURLY_FROM

    def rows(self, day: date, component: str) -> tuple[PriceRow, ...]:
        """The prices of a component on a day, kept."""
        key = (day, component)
        if key not in self._rows:
            self._rows[key] = self.book.prices_on(day, component)
        return self._rows[key]

    def _row(self, day: date, component: str, zone: int, range_: int) -> PriceRow | None:
        fitting = (
            row
            for row in self.rows(day, component)
            if row.zone in (0, zone) and row.range in (0, range_)
        )
        return max(fitting, key=lambda row: (row.zone, row.range), default=None)

    def _energy(self, volumes: Volumes, found: _Found) -> None:
        """Lines of what is paid by energy, zone by zone and range by range.

        Parts that one price covers are one line, stretches of the same price that follow each
        other too.
        """
        cells = list(self._cells(volumes))
        for component in BY_ENERGY:
            if component == books.ENERGY and self._is_hourly:
                continue
            parts: dict[tuple[object, ...], list[_Part]] = {}
            for first, end, zone, range_, volume in cells:
                if component != books.ENERGY and not self.rows(first, component):
                    continue
                row = self._row(first, component, zone, range_)
                if row is None:
                    found.problems += [charges.NO_PRICES] if volume else []
                elif volume or range_ <= 1:
                    key = (*_same_price(row), self.book.vat_on(first))
                    _join(parts.setdefault(key, []), _Part(row, first, end, volume))
            found.lines += [
                _line(part.row, part.first, part.end, part.volume)
                for of_price in parts.values()
                for part in of_price
            ]

    def _cells(self, volumes: Volumes) -> Iterator[tuple[date, date, int, int, Decimal]]:
        """(first, end, zone, range, kWh) of what was charged."""
        bounds = self._bounds.get(volumes.month)
        if bounds is None:
            bounds = self._bounds[volumes.month] = self.book.range_bounds(volumes.month)
        if not bounds:
            for zone in volumes.zones:
                yield zone.first, zone.end, zone.zone, 1, zone.charged
            return
        charged = [int(zone.charged) for zone in volumes.zones]
        table = shared(charged, range_volumes(sum(charged), bounds))
        for zone, row in zip(volumes.zones, table, strict=True):
            for number, volume in enumerate(row, start=1):
                yield zone.first, zone.end, zone.zone, number, Decimal(volume)

    def _hours(self, volumes: Volumes, found: _Found) -> None:
        """Lines of hours at hourly prices, one a stretch, rounded in the total only."""
        if not volumes.hours or any(hours.unpriced for hours in volumes.hours):
            found.problems.append(charges.NO_HOURLY_PRICES)
        found.lines += [_hourly(hours) for hours in volumes.hours]

    def _power(self, volumes: Volumes, found: _Found) -> None:
        """Lines of power: in the hours of the region's peak, and in planned peak hours.

        A price that holds on a part of the month's days counts for that part, and so does an
        agreement: two owners of a month pay for its power once. Of a month that goes on it is
        that of all days to come. Without a price nothing can be told where the category has one.
        """
        for component, power, note in (
            (books.CAPACITY, volumes.generation, charges.OF_PEAK),
            (books.TRANSMISSION_CAPACITY, volumes.network, charges.OF_PLANNED_PEAK),
        ):
            stretches, is_whole = self._power_stretches(volumes, component)
            if not is_whole and self.book.tariff.category in CATEGORIES[component]:
                found.problems.append(charges.NO_PRICES)
            if not stretches:
                continue
            if power is None:
                found.problems.append(charges.NO_PEAK_HOURS)
                continue
            found.lines += [
                self._of_power(row, power, first, end, volumes, note)
                for first, end, row in stretches
            ]

    def _power_stretches(
        self, volumes: Volumes, component: str
    ) -> tuple[list[tuple[date, date, PriceRow]], bool]:
        """The stretches of one price of power and rate of the tax, those that follow each other
        joined; whether all days have a price."""
        found: list[tuple[date, date, PriceRow]] = []
        is_whole = True
        for first, end in self.book.stretches(volumes.first, volumes.until or volumes.end):
            row = self._row(first, component, 0, 0)
            if row is None:
                is_whole = False
            elif found and found[-1][1] == first and self._same(found[-1], first, row):
                found[-1] = (found[-1][0], end, row)
            else:
                found.append((first, end, row))
        return found, is_whole

    def _same(self, last: tuple[date, date, PriceRow], day: date, row: PriceRow) -> bool:
        same_tax = self.book.vat_on(last[0]) == self.book.vat_on(day)
        return same_tax and _same_price(last[2]) == _same_price(row)

    def _of_power(
        self, row: PriceRow, power: Power, first: date, end: date, volumes: Volumes, note: str
    ) -> Line:
        days, of_days = (end - first).days, (following(volumes.month) - volumes.month).days
        line = _line(row, first, end, power.power, Decimal(days) / of_days, note)
        if days == of_days:
            days = of_days = 0
        is_example = line.is_example or power.is_example
        return replace(line, is_example=is_example, days=days, of_days=of_days)

    def _export(self, volumes: Volumes, found: _Found) -> None:
        """What is paid for exported energy, only by a price that was entered for it."""
        for first, end, volume in volumes.exported:
            row = self._row(first, books.EXPORT, 0, 0)
            if row is not None and volume:
                line = _line(row, first, end, volume)
                found.lines.append(replace(line, amount=-line.amount))

    def _taxes(self, lines: Sequence[Line]) -> tuple[tuple[Tax, ...], Decimal, bool]:
        """VAT on the sum of the lines without it, a rate each; VAT that the others hold; whether
        a rate is not known. Source: reference/domain.md, 4.3."""
        bases: dict[Decimal, Decimal] = {}
        within: dict[Decimal, Decimal] = {}
        unknown = False
        for line in lines:
            if line.component == books.EXPORT:
                continue
            rate = self.book.vat_on(line.first)
            if rate is None:
                unknown |= not line.with_vat
                continue
            sums = within if line.with_vat else bases
            sums[rate.percent] = sums.get(rate.percent, Decimal(0)) + line.amount
        taxes = tuple(
            Tax(percent, base, kopecks(base * percent / 100)) for percent, base in bases.items()
        )
        held = (kopecks(sum_ * p / (100 + p)) for p, sum_ in within.items())
        return taxes, sum(held, Decimal(0)), unknown


def _line(
    row: PriceRow, first: date, end: date, volume: Decimal, share: Decimal = Decimal(1),
    note: str = "",
) -> Line:  # fmt: skip
    return Line(
        component=row.component,
        first=first,
        end=end,
        volume=volume,
        price=row.amount,
        unit=row.unit,
        amount=kopecks(volume * row.amount / PER[row.unit] * share),
        zone=row.zone,
        range=row.range,
        with_vat=row.with_vat,
        is_example=row.is_example,
        order=row.order,
        source=row.source,
        note=note,
    )


def _hourly(hours: Hours) -> Line:
    """The line of a stretch's hours; its price is the mean one, for information."""
    mean = hours.cost / hours.volume * PER[books.MWH] if hours.volume else Decimal(0)
    return Line(
        component=books.ENERGY,
        first=hours.first,
        end=hours.end,
        volume=hours.volume,
        price=kopecks(mean),
        unit=books.MWH,
        amount=kopecks(hours.cost),
        is_example=hours.is_example,
        note=charges.HOURLY,
    )


def _place(line: Line) -> tuple[int, date, int, int]:
    return books.COMPONENTS.index(line.component), line.first, line.range, line.zone
