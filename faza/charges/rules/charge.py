"""A charge: what a point's energy cost in a month by an agreement, line by line; and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

REGISTERS, INTERVALS, MIXED, NONE, SUBSTITUTED = (
    *("registers", "intervals", "mixed", "none", "substituted"),
)
"""What volumes were taken from."""

NO_TARIFF, NO_PRICES, NO_ZONES = "no_tariff", "no_prices", "no_zones"
NO_VAT, NO_HOURLY_PRICES, NO_PEAK_HOURS = "no_vat", "no_hourly_prices", "no_peak_hours"
NO_DATA = "no_data"
PROBLEMS = (*(NO_TARIFF, NO_PRICES, NO_ZONES, NO_VAT, NO_HOURLY_PRICES, NO_PEAK_HOURS, NO_DATA),)
"""Why a total cannot be told: a part of it has no price, or nothing is known to be priced."""

HOURLY, OF_PEAK, OF_PLANNED_PEAK, SHARE = "hourly", "peak", "planned_peak", "share"
"""Notes of lines: each hour at its price (`price` is the mean); power in the hours of the
region's peak; greatest power in planned peak hours; a price of a part of the month's days."""

NEAREST = "nearest"
"""Note of a charge: nothing but the readings nearest to the ends of its time tells the volume."""


@dataclass(frozen=True, slots=True)
class Line:
    """A volume at a price.

    component: of tariffs.rules.book. zone, range: 0 where the price knows none. [first, end):
    civil days. volume: kWh, or kW for power. price: roubles for one `unit`, which may be another
    (book.MWH, book.MW_MONTH). amount: roubles to the kopeck, less than 0 for export; VAT is in it
    if with_vat. days, of_days: where a price of power holds on a part of the days only.
    """

    component: str
    first: date
    end: date
    volume: Decimal
    price: Decimal
    unit: str
    amount: Decimal
    zone: int = 0
    range: int = 0
    with_vat: bool = False
    is_example: bool = False
    order: str = ""
    source: str = ""
    note: str = ""
    days: int = 0
    of_days: int = 0


@dataclass(frozen=True, slots=True)
class Tax:
    """VAT on the lines without it: `base` and `amount` in roubles to the kopeck."""

    percent: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ZoneVolume:
    """What was charged of a zone over [first, end), kWh, beside what both ways of counting say.

    registers: None where no readings bound the days. missing: intervals without a value.
    """

    first: date
    end: date
    zone: int
    charged: Decimal
    basis: str
    registers: Decimal | None
    intervals: Decimal
    missing: int = 0

    @property
    def difference(self) -> Decimal | None:
        """Intervals less registers, kWh; None where there are no registers to compare with."""
        return None if self.registers is None else self.intervals - self.registers


@dataclass(frozen=True, slots=True)
class Charge:
    """A month's charge; a reference calculation, never a bill.

    lines in the order of components, then stretches; `total` in roubles with VAT, None where a
    part of it cannot be told, `problem` says why. `included`: VAT that prices with VAT hold, for
    information.
    """

    month: date
    first: date
    end: date
    lines: tuple[Line, ...] = ()
    taxes: tuple[Tax, ...] = ()
    zones: tuple[ZoneVolume, ...] = ()
    exported: Decimal = Decimal(0)
    total: Decimal | None = None
    included: Decimal = Decimal(0)
    basis: str = NONE
    problem: str = ""
    is_household: bool = True
    category: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def is_example(self) -> bool:
        """Whether any price of it is an example."""
        return any(line.is_example for line in self.lines)

    @property
    def volume(self) -> Decimal:
        """kWh that were charged, import alone."""
        return sum((zone.charged for zone in self.zones), Decimal(0))

    @property
    def difference(self) -> Decimal | None:
        """Intervals less registers over the stretches that have both, kWh; None if none has."""
        if NEAREST in self.notes:
            return None
        known = [zone.difference for zone in self.zones if zone.difference is not None]
        return sum(known, Decimal(0)) if known else None


def as_json(charge: Charge) -> dict[str, Any]:
    """The charge as JSON values: decimals and days as text. `from_json` is its inverse."""
    told = {name: _told(getattr(charge, name)) for name in Charge.__slots__}
    for name in ("lines", "taxes", "zones"):
        parts: Sequence[Any] = getattr(charge, name)
        told[name] = [{key: _told(getattr(part, key)) for key in part.__slots__} for part in parts]
    return told


def from_json(told: Mapping[str, Any]) -> Charge:
    """The charge that `as_json` told. Raises KeyError or ValueError for what it did not tell."""
    plain = dict(told)
    plain["lines"] = tuple(Line(**_typed(part)) for part in told["lines"])
    plain["taxes"] = tuple(Tax(**_typed(part)) for part in told["taxes"])
    plain["zones"] = tuple(ZoneVolume(**_typed(part)) for part in told["zones"])
    plain["notes"] = tuple(told["notes"])
    rest = _typed({k: v for k, v in plain.items() if k not in _PARTS})
    return Charge(**rest, **{name: plain[name] for name in _PARTS})


_PARTS = ("lines", "taxes", "zones", "notes")
_DECIMALS = {
    *("volume", "price", "amount", "percent", "base", "charged", "registers", "intervals"),
    *("exported", "total", "included"),
}
_DAYS = {"month", "first", "end"}


def _told(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _typed(told: Mapping[str, Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in told.items():
        if value is None:
            typed[name] = None
        elif name in _DECIMALS:
            typed[name] = Decimal(value)
        elif name in _DAYS:
            typed[name] = date.fromisoformat(value)
        else:
            typed[name] = value
    return typed
