"""«How it is counted»: a charge line by line, with what to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.cabinet.costs import words
from faza.charges.rules import charge as charges
from faza.charges.rules.charge import Charge, Line
from faza.charges.rules.volumes import ZONES_DIFFER
from faza.ui import formats


@dataclass(frozen=True, slots=True)
class Row:
    """A line: what, of which days, volume and price as written with units, amount."""

    name: str
    days: str
    volume: str
    price: str
    amount: str
    note: str = ""
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """The lines with their sum; `problem` says why there is no sum."""

    rows: tuple[Row, ...]
    taxes: tuple[Row, ...]
    total: str
    volume: str
    mean: str
    problem: str
    notes: tuple[str, ...]


def counted(charge: Charge, zones: Mapping[int, str]) -> Counted:
    """A charge as it is shown; zones: names of the tariff's zones by number."""
    mean = ""
    if charge.total is not None and charge.volume:
        mean = words.price((charge.total / charge.volume).quantize(Decimal("0.01")))
    return Counted(
        rows=tuple(_row(line, zones) for line in charge.lines),
        taxes=tuple(
            Row(
                _("VAT %(percent)s") % {"percent": formats.percent(tax.percent.normalize())},
                "", words.money(tax.base), "", words.money(tax.amount),
            )
            for tax in charge.taxes
        ),
        total=words.money(charge.total) if charge.total is not None else "",
        volume=formats.number(charge.volume) if charge.volume else "",
        mean=mean,
        problem=words.problem(charge.problem),
        notes=tuple(_notes(charge)),
    )  # fmt: skip


def _row(line: Line, zones: Mapping[int, str]) -> Row:
    name = words.component(line.component)
    if line.zone:
        name = f"T{line.zone} {zones[line.zone]}" if line.zone in zones else f"T{line.zone}"
    places = 0 if line.volume == int(line.volume) else 3
    notes = []
    if line.range:
        notes.append(_("range %(number)s") % {"number": line.range})
    if line.note:
        notes.append(_note(line.note))
    if line.of_days:
        notes.append(_("%(days)s of %(all)s days") % {"days": line.days, "all": line.of_days})
    return Row(
        name=name,
        days=words.days(line.first, line.end),
        volume=f"{formats.number(line.volume, places)}{formats.NBSP}"
        f"{words.unit_of_volume(line.unit)}",
        price=f"{words.price(line.price)} {words.unit_of_price(line.unit)}",
        amount=words.money(line.amount),
        note=", ".join(notes),
        is_example=line.is_example,
    )


def _note(code: str) -> str:
    return {
        charges.HOURLY: _("each hour at its price, this is the mean"),
        charges.OF_PEAK: _("mean power in the hours of the region's peak"),
        charges.OF_PLANNED_PEAK: _("mean of the greatest power in planned peak hours"),
        charges.SHARE: _("a price of a part of the days"),
    }.get(code, code)


def _notes(charge: Charge) -> list[str]:
    said = [words.basis(charge.basis)] if charge.basis != charges.NONE else []
    gap = charge.difference
    if gap is not None and abs(gap) >= Decimal("0.5"):
        parts = {"difference": formats.quantity(abs(gap), "kWh", 1)}
        said.append(
            _("Intervals say %(difference)s more than the registers.") % parts
            if gap > 0
            else _("Intervals say %(difference)s less than the registers.") % parts
        )
    if charges.NEAREST in charge.notes:
        said.append(
            _("There are no intervals: the volume is by the readings nearest to the beginning and"
              " the end; «History» tells their days.")
        )  # fmt: skip
    if ZONES_DIFFER in charge.notes:
        said.append(
            _("The registers lay the same energy into other zones than the intervals do: the"
              " meter's schedule may not be the tariff's.")
        )  # fmt: skip
    if charge.is_household:
        said.append(_("Whole kilowatt-hours are charged, each line is rounded to the kopeck."))
    elif charge.category:
        said.append(_("Price category %(number)s.") % {"number": charge.category})
    if charge.included:
        amount = words.money(charge.included)
        said.append(_("The prices hold VAT: %(amount)s of the sum.") % {"amount": amount})
    orders = dict.fromkeys(line.order for line in charge.lines if line.order)
    said += [pgettext("price", "Order: %(order)s.") % {"order": order} for order in orders]
    if charge.is_example:
        said.append(_("Lines marked «example» have prices without an order: they only show how."))
    return [note for note in said if note]


def rows_of_file(charge: Charge, zones: Mapping[int, str]) -> list[list[object]]:
    """The table of a file: numbers are numbers. The first row is the head."""
    head: list[object] = [
        _("Line of the sum"), _("Zone"), _("Range"), _("First day"), _("Day after the last"),
        _("Volume"), _("Unit"), _("Price, ₽"), _("For one"), _("Amount, ₽"), _("Example"),
        pgettext("price", "Order"),
    ]  # fmt: skip
    made = [head]
    for line in charge.lines:
        made.append(
            [words.component(line.component), line.zone or None, line.range or None, line.first,
             line.end, line.volume, words.unit_of_volume(line.unit), line.price,
             words.unit_of_price(line.unit), line.amount, _("yes") if line.is_example else None,
             line.order]
        )  # fmt: skip
    for tax in charge.taxes:
        made.append(
            [_("VAT %(percent)s") % {"percent": f"{tax.percent.normalize():f} %"}, None, None,
             charge.first, charge.end, tax.base, words.ROUBLE, None, None, tax.amount, None, None]
        )  # fmt: skip
    if charge.total is not None:
        made.append([_("In all"), None, None, charge.first, charge.end, charge.volume,
                     formats.unit_name("kWh"), None, None, charge.total, None, None])  # fmt: skip
    return made
