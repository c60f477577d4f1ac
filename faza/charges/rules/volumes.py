"""What is to be priced of a month: volumes by stretch of days and zone, hours, power, export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from faza.charges.rules import charge as charges
from faza.charges.rules.charge import ZoneVolume
from faza.core.units import round_half_up
from faza.tariffs.rules.book import PriceBook

MILLI = 1000


@dataclass(frozen=True, slots=True)
class Read:
    """What registers say of a zone over a stretch.

    `exact`: Wh on the primary side. `whole`: kWh by readings without their decimals, as people
    read them off a household's meter; primary too.
    """

    exact: Fraction
    whole: Fraction


@dataclass(frozen=True, slots=True)
class Counted:
    """What intervals say of a zone over a stretch: Wh, and how many of them have no value."""

    total: int
    present: int
    missing: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A zone over the civil days [first, end), as both ways of counting know it.

    read: None where no readings bound the days.
    """

    first: date
    end: date
    zone: int
    counted: Counted
    read: Read | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of [first, end) at hourly prices: `volume` in kWh, `cost` in roubles, unrounded.

    unpriced: hours that have a volume and no price.
    """

    first: date
    end: date
    volume: Decimal
    cost: Decimal
    unpriced: int = 0
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class Power:
    """Power that is paid for, kW: a mean over `days` working days; `missing` days had no data."""

    power: Decimal
    days: int
    missing: int = 0
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class Volumes:
    """What is to be priced of the days [first, end) of a month.

    zones by stretch, then zone. exported: (first, end, kWh) of stretches. hours: of categories
    with hourly prices. generation, network: None where there are no hours to find them in.
    problem: why they cannot be told. until: where the days end for which power is paid, of a
    month that goes on its end; None: as `end`.
    """

    month: date
    first: date
    end: date
    zones: tuple[ZoneVolume, ...] = ()
    exported: tuple[tuple[date, date, Decimal], ...] = ()
    hours: tuple[Hours, ...] = ()
    generation: Power | None = None
    network: Power | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()
    until: date | None = None

    @property
    def basis(self) -> str:
        """What the volumes were taken from, one word for all stretches."""
        told = {zone.basis for zone in self.zones} - {charges.NONE}
        if len(told) > 1:
            return charges.MIXED
        return told.pop() if told else charges.NONE


ZONES_DIFFER = "zones_differ"
"""Note: registers lay the same energy into other zones than intervals do; the meter's schedule
may not be the tariff's."""
APART = Fraction(1, 50)
"""So much of the volume must lie in another zone for that to be said."""


def settled(cells: Sequence[Cell], *, household: bool) -> tuple[ZoneVolume, ...]:
    """What is charged of each cell, whole kWh: by registers where all zones of a stretch are
    bounded by readings, else by intervals.

    A zone is rounded from the first stretch on, so that stretches add up to the whole rounded
    once. A household's registers count by readings without decimals: what months leave over is
    never lost nor paid twice. Source: design/rules.md, Cost; reference/domain.md, 4.3.
    """
    by_stretch: dict[tuple[date, date], list[Cell]] = defaultdict(list)
    for cell in cells:
        by_stretch[cell.first, cell.end].append(cell)
    running: dict[int, Fraction] = defaultdict(Fraction)
    found: list[ZoneVolume] = []
    for (first, end), of_stretch in sorted(by_stretch.items()):
        is_read = all(cell.read is not None for cell in of_stretch)
        if not is_read and not any(cell.counted.present for cell in of_stretch):
            basis = charges.NONE
        else:
            basis = charges.REGISTERS if is_read else charges.INTERVALS
        for cell in sorted(of_stretch, key=lambda one: one.zone):
            before = round_half_up(running[cell.zone])
            running[cell.zone] += _exact(cell, is_read, household)
            charged = round_half_up(running[cell.zone]) - before
            found.append(
                ZoneVolume(
                    first=first,
                    end=end,
                    zone=cell.zone,
                    charged=Decimal(charged),
                    basis=basis,
                    registers=None if cell.read is None else as_decimal(cell.read.exact / MILLI),
                    intervals=Decimal(cell.counted.total) / MILLI,
                    missing=cell.counted.missing,
                )
            )
    return tuple(found)


def _exact(cell: Cell, is_read: bool, household: bool) -> Fraction:
    if is_read and cell.read is not None:
        return cell.read.whole if household else cell.read.exact / MILLI
    return Fraction(cell.counted.total, MILLI)


def notes_of(zones: Iterable[ZoneVolume]) -> tuple[str, ...]:
    """ZONES_DIFFER where registers and complete intervals share the energy otherwise."""
    told = [z for z in zones if z.registers is not None and not z.missing]
    by_zone: dict[int, Decimal] = defaultdict(Decimal)
    whole = Decimal(0)
    for zone in told:
        by_zone[zone.zone] += zone.intervals - (zone.registers or 0)
        whole += zone.intervals
    apart = sum((abs(part) for part in by_zone.values()), Decimal(0)) - abs(
        sum(by_zone.values(), Decimal(0))
    )
    return (ZONES_DIFFER,) if len(by_zone) > 1 and apart > 2 * APART * Fraction(whole) else ()


def of_zones(
    book: PriceBook,
    month: date,
    zones: Mapping[int, Decimal],
    *,
    first: date | None = None,
    end: date | None = None,
) -> Volumes:
    """Volumes from zone sums in kWh alone, as forecasts have them: shared among the stretches of
    one set of prices by their days. `first`, `end`: days of the month, the whole of it by default.
    """
    begin = first or month
    stop = end or following(month)
    days = (stop - begin).days
    cells: list[Cell] = []
    for low, high in book.stretches(begin, stop):
        for zone, volume in sorted(zones.items()):
            share = Fraction(volume) * MILLI * (high - low).days / days
            counted = Counted(round_half_up(share), 1, 0)
            cells.append(Cell(low, high, zone, counted))
    settle = settled(cells, household=book.tariff.is_household)
    return Volumes(month.replace(day=1), begin, stop, settle)


def following(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous(month: date) -> date:
    """The first day of the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def as_decimal(value: Fraction) -> Decimal:
    """A fraction with at most six decimals, halves away from zero; exact where it has fewer."""
    return Decimal(round_half_up(value * 10**6)) / 10**6
