"""The table of registers: shown at the start, shown at the end, used, cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from faza.cabinet.registers import wording
from faza.cabinet.registers.counting import Counted, Part, Register
from faza.cabinet.zones import Zones
from faza.charges.rules.charge import Charge
from faza.core.reading_types import ReadingType
from faza.metering.models import MeteringComplex
from faza.tariffs.rules.book import ENERGY
from faza.ui import formats

Meters = Mapping[int, MeteringComplex]
"""The complexes of a period by meter's id, with meter and model."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A shown value; note: of another moment than the column's, or from the profile."""

    value: str
    note: str = ""
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A register: `name` as on the meter, `hours` of the zone, share in percent."""

    name: str
    hours: str
    start: Cell
    end: Cell
    used: str
    hue: str = ""
    share: float | None = None
    price: str = ""
    cost: str = ""

    @property
    def share_told(self) -> str:
        return formats.percent(self.share) if self.share is not None else ""

    @property
    def bar(self) -> int:
        """Length of the share's bar, 0 … 100."""
        return round(self.share or 0)


@dataclass(frozen=True, slots=True)
class Table:
    """Zones of the day, then the sum. starts, ends: the columns' moments."""

    starts: str
    ends: str
    unit: str
    rows: tuple[Row, ...]
    total: Row | None
    has_cost: bool = False
    replaced: tuple[str, ...] = field(default=())

    @property
    def has_shares(self) -> bool:
        return any(row.share is not None for row in self.rows)


def table(
    told: Counted, kind: ReadingType, meters: Meters, zones: Zones | None, zone: str,
    charge: Charge | None,
) -> Table | None:  # fmt: skip
    """None where no register was read."""
    lead = told.lead
    if lead is None:
        return None
    first, last = lead.parts[0], lead.parts[-1]
    starts, ends = first.start, last.now_at or last.end
    costs = _costs(charge)
    columns = (starts, ends)
    rows = tuple(
        replace(
            _row(register, kind, meters, columns, zone),
            hours=wording.zone_name(register.tariff, zones),
            hue=wording.hue(register.tariff, zones),
            share=share,
            **_priced(costs.get(register.tariff)),  # type: ignore[arg-type]  # texts alone
        )
        for register, share in zip(told.zones, told.shares, strict=True)
    )
    return Table(
        starts=wording.moment(starts, zone),
        ends=wording.moment(ends, zone),
        unit=formats.unit_name(kind.unit),
        rows=rows,
        total=_total(told, kind, meters, columns, zone, charge),
        has_cost=charge is not None and charge.total is not None,
        replaced=_replaced(lead, kind, meters, zone),
    )


def _row(
    register: Register, kind: ReadingType, meters: Meters, columns: tuple[int, int], zone: str
) -> Row:
    first, last = register.parts[0], register.parts[-1]
    return Row(
        name=f"T{register.tariff}" if register.tariff else "",
        hours="",
        start=_cell(
            first.opening if first.opened_at else None, first.opened_at, columns[0], first, kind,
            meters, zone,
        ),
        end=_cell(last.now, last.now_at, columns[1], last, kind, meters, zone),
        used=wording.used(register.used, kind),
    )  # fmt: skip


def _cell(
    value: int | None, at: int, column: int, part: Part, kind: ReadingType, meters: Meters,
    zone: str,
) -> Cell:  # fmt: skip
    shown = wording.of_register(value, kind, decimals_of(part.meter, meters))
    if value is None or at == column:
        return Cell(shown, is_estimated=bool(value is not None and part.carried_to == at))
    return Cell(shown, note=wording.moment(at, zone))


def decimals_of(meter: int, meters: Meters) -> int:
    """As many as the meter shows; two where its model is not known."""
    return meters[meter].meter.model.decimals if meter in meters else wording.PLACES


def _total(
    told: Counted, kind: ReadingType, meters: Meters, columns: tuple[int, int], zone: str,
    charge: Charge | None,
) -> Row | None:  # fmt: skip
    """The sum register; where the meter has none, the zones' sum without what it would show."""
    if told.whole is not None:
        row = _row(told.whole, kind, meters, columns, zone)
    elif len(told.zones) > 1:
        nothing = Cell("")
        row = Row("", "", nothing, nothing, wording.used(told.used, kind))
    else:
        return None
    if charge is None or charge.total is None:
        return row
    mean = charge.total / charge.volume if charge.volume else None
    price = _("%(price)s on average") % {"price": formats.number(mean, 2)} if mean else ""
    return replace(row, price=price, cost=formats.number(charge.total, 2))


def _costs(charge: Charge | None) -> dict[int, tuple[Decimal, Decimal, int]]:
    """Cost, volume and how many prices, by zone; only of what is paid by energy in zones."""
    found: dict[int, tuple[Decimal, Decimal, int]] = {}
    for line in charge.lines if charge else ():
        if line.component == ENERGY and line.zone:
            cost, volume, count = found.get(line.zone, (Decimal(0), Decimal(0), 0))
            found[line.zone] = (cost + line.amount, volume + line.volume, count + 1)
    return found


def _priced(of_zone: tuple[Decimal, Decimal, int] | None) -> dict[str, str]:
    if of_zone is None:
        return {}
    cost, volume, count = of_zone
    told = {"cost": formats.number(cost, 2)}
    if volume:
        mean = formats.number(cost / volume, 2)
        told["price"] = mean if count == 1 else _("%(price)s on average") % {"price": mean}
    return told


def _replaced(lead: Register, kind: ReadingType, meters: Meters, zone: str) -> tuple[str, ...]:
    """Each meter's part, where one was replaced in the period."""
    if len(lead.parts) < 2:
        return ()
    return tuple(
        _("Meter No. %(number)s: from %(first)s to %(last)s, %(difference)s × %(ratio)s = %(used)s")
        % {
            "number": meters[part.meter].meter.number if part.meter in meters else "?",
            "first": wording.moment(part.opened_at or part.start, zone),
            "last": wording.moment(part.now_at or part.end, zone),
            "difference": wording.used(part.used / part.ratio if part.used else part.used, kind),
            "ratio": ratio_told(part),
            "used": wording.used(part.used, kind),
        }
        for part in lead.parts
    )  # fmt: skip


def ratio_told(part: Part) -> str:
    """«40», or «31,5»."""
    whole = part.ratio.denominator == 1
    exact = Decimal(part.ratio.numerator) / Decimal(part.ratio.denominator)
    return formats.number(exact, 0 if whole else 3)
