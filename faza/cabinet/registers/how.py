"""«How it is counted»: differences, ratios, and the cost line by line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from faza.cabinet.registers import wording
from faza.cabinet.registers.counting import Counted, Part
from faza.cabinet.registers.table import Meters, decimals_of, ratio_told
from faza.charges.rules.charge import Charge, Line
from faza.core.reading_types import Commodity, ReadingType
from faza.tariffs.rules import book as books
from faza.ui import formats


@dataclass(frozen=True, slots=True)
class Sum:
    """One line: what, how it is calculated, what it comes to."""

    name: str
    terms: str
    result: str


@dataclass(frozen=True, slots=True)
class How:
    """Lines of energy, lines of money with their total, and what to know of them."""

    energy: tuple[Sum, ...]
    money: tuple[Sum, ...]
    total: str
    notes: tuple[str, ...]
    is_example: bool = False


def how(
    told: Counted, kind: ReadingType, charge: Charge | None, meters: Meters
) -> How:  # fmt: skip
    """Differences of readings as they were counted, then the money of a month."""
    energy = tuple(
        Sum(
            f"T{register.tariff}" if register.tariff else _("Sum"),
            _terms(part, kind, meters),
            wording.used(part.used, kind),
        )
        for register in (told.zones or filter(None, [told.whole]))
        for part in register.parts
        if part.counted is not None
    )
    stretches = {(line.first, line.end) for line in charge.lines} if charge else set()
    money = tuple(_money(line, len(stretches) > 1) for line in charge.lines) if charge else ()
    if charge:
        money += tuple(
            Sum(
                _("VAT"),
                f"{formats.number(tax.base, 2)} × {formats.percent(tax.percent.normalize())}",
                wording.money(tax.amount),
            )
            for tax in charge.taxes
        )
    return How(
        energy, money,
        wording.money(charge.total) if charge and charge.total is not None else "",
        tuple(_notes(told, charge, kind)), is_example=bool(charge and charge.is_example),
    )  # fmt: skip


def _terms(part: Part, kind: ReadingType, meters: Meters) -> str:
    places = decimals_of(part.meter, meters)
    shown = (
        f"{wording.of_register(part.now, kind, places)} − "
        f"{wording.of_register(part.opening, kind, places)}"
    )
    return shown if part.ratio == 1 else f"({shown}) × {ratio_told(part)}"


def _money(line: Line, is_dated: bool) -> Sum:
    names = {
        books.ENERGY: _("energy"),
        books.CAPACITY: _("power"),
        books.TRANSMISSION_ENERGY: _("transmission of energy"),
        books.TRANSMISSION_CAPACITY: _("transmission, power"),
        books.MARGIN: _("supply margin"),
        books.EXPORT: _("given to the grid"),
    }
    name = names.get(line.component, _("other payments"))
    if line.zone:
        name = f"T{line.zone}, {name}"
    if line.range:
        name = _("%(what)s, range %(number)s") % {"what": name, "number": line.range}
    last = line.end - timedelta(days=1)
    days = f" ({line.first:%d.%m}–{last:%d.%m})" if is_dated else ""
    per = 1000 if line.unit in (books.MWH, books.MW_MONTH) else 1
    volume = formats.number(line.volume / per, 0 if line.volume == int(line.volume) else 3)
    places = max(2, -int(line.price.normalize().as_tuple().exponent))
    terms = f"{volume} × {formats.number(line.price, min(places, 5))}"
    return Sum(f"{name}{days}", terms, wording.money(line.amount))


def _notes(told: Counted, charge: Charge | None, kind: ReadingType) -> list[str]:
    lead = told.lead
    said = []
    if lead is not None:
        ratios = {part.ratio for part in lead.parts}
        if kind.commodity != Commodity.ELECTRICITY:
            said.append(_("What was used is the difference of readings."))
        elif ratios == {1}:
            said.append(_("What was used is the difference of readings: the meter is connected"
                          " directly, the ratio is 1."))  # fmt: skip
        else:
            told_ratios = ", ".join(dict.fromkeys(ratio_told(part) for part in lead.parts))
            said.append(_("What was used is the difference of readings times the ratio of the"
                          " transformers: %(ratio)s.") % {"ratio": told_ratios})  # fmt: skip
    if charge is None:
        return said
    if charge.lines:
        said.append(_("Reference calculation, not a bill."))
    if charge.is_household:
        said.append(_("Whole kilowatt-hours are charged, each line is rounded to the kopeck."))
    if charge.is_example:
        said.append(_("Some prices are examples: no order is given for them."))
    return said
