"""Words and numbers of the page of readings."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from faza.cabinet import words
from faza.cabinet.registers.counting import Counted
from faza.cabinet.roubles import SAME
from faza.cabinet.zones import Zone, Zones
from faza.charges.rules.charge import Charge
from faza.core.reading_types import Commodity, ReadingType
from faza.core.units import round_half_up, to_unit
from faza.ui import formats
from faza.ui.periods import Shown

PLACES = 2
"""Decimals of energy used; a meter's own registers have their own."""


def places(kind: ReadingType) -> int:
    """Decimals of what was used."""
    return PLACES if kind.commodity == Commodity.ELECTRICITY else 3


def of_register(value: int | None, kind: ReadingType, decimals: int) -> str:
    """What a register shows, as its face does."""
    return formats.number(None if value is None else to_unit(value, kind), decimals)


def exact(value: Fraction | None, kind: ReadingType) -> Decimal | None:
    """An exact energy in the unit people read, to the quantum."""
    return None if value is None else to_unit(round_half_up(value), kind)


def used(value: Fraction | None, kind: ReadingType) -> str:
    return formats.number(exact(value, kind), places(kind))


def told(value: Fraction, kind: ReadingType) -> str:
    """With its unit, in a sentence."""
    return str(formats.energy(exact(value, kind), kind.unit, places(kind)))


def moment(seconds: int, zone: str) -> str:
    return formats.moment(datetime.fromtimestamp(seconds, UTC), ZoneInfo(zone))


def money(roubles: Decimal | None) -> str:
    """«3 370,16 ₽»."""
    return str(formats.quantity(roubles, "₽", 2))


def zone_name(number: int, zones: Zones | None) -> str:
    """«день, 07–23»; empty where nobody knows what the tariff calls it."""
    one = _zone(number, zones)
    return f"{one.name[:1].lower()}{one.name[1:]}, {one.hours}" if one else ""


def short_name(number: int, zones: Zones | None) -> str:
    """«день», else «T1»."""
    one = _zone(number, zones)
    return f"{one.name[:1].lower()}{one.name[1:]}" if one else f"T{number}"


def hue(number: int, zones: Zones | None) -> str:
    """The night is dark, the first zone bright, what is between lies between."""
    if zones is not None and number == zones.night.number:
        return "t2"
    if zones is None and number == 2:
        return "t2"
    return "a-plus" if number <= 1 else "t3"


def _zone(number: int, zones: Zones | None) -> Zone | None:
    return next((one for one in zones.zones if one.number == number), None) if zones else None


def when(shown: Shown, *, today: date, is_open: bool) -> str:
    """«с начала ноября», «сегодня», «в октябре», «за неделю»."""
    if is_open and shown.kind == "month":
        return _("since the beginning of %(month)s") % {"month": words.of_month(shown.first)}
    if is_open and shown.kind == "day" and shown.first == today:
        return _("today since midnight")
    return words.during(shown, today=today)


def between(counted: Counted, zone: str, *, is_open: bool) -> str:
    """«между 11.05.2026 00:00 и 21.05.2026 00:00» of readings that do not bound the period.

    Empty where they do; a period that goes on needs but the first of them.
    """
    register = counted.lead
    if register is None or counted.used is None:
        return ""
    first, last = register.parts[0], register.parts[-1]
    if first.opened_at == first.start and (is_open or last.now_at == last.end):
        return ""
    parts = {"first": moment(first.opened_at, zone), "last": moment(last.now_at, zone)}
    return _("between %(first)s and %(last)s") % parts


def lead(
    counted: Counted, kind: ReadingType, time: str, zones: Zones | None, charge: Charge | None
) -> SafeString:
    """The sentence of the page; charge: of the whole of the month that is shown."""
    amount = counted.used
    if amount is None:
        return words.filled(_("%(when)s: there are not two readings to compare."),
                            when=capfirst(time))  # fmt: skip
    parts = [
        _("%(zone)s %(share)s")
        % {"zone": short_name(zone.tariff, zones), "share": formats.percent(share)}
        for zone, share in zip(counted.zones, counted.shares, strict=True)
        if share is not None
    ]
    said = f": {', '.join(parts)}" if len(parts) > 1 else ""
    sentence = _("%(when)s the meter has added %(amount)s%(zones)s.")
    filled = words.filled(
        sentence, when=capfirst(time), amount=words.bold(told(amount, kind)), zones=said
    )
    if charge is None or charge.total is None:
        return filled
    cost = words.bold(money(charge.total))
    counted_ = exact(amount, kind) or Decimal(0)
    if abs(charge.volume - counted_) < max(Decimal(1), SAME * abs(counted_)):
        said_too = words.filled(_("That is %(cost)s."), cost=cost)
    else:
        # The readings are of other moments than the month, so the cost is of other energy.
        energy = str(formats.energy(charge.volume, kind.unit, 0))
        sentence = _("The cost of the month is %(cost)s for %(energy)s.")
        said_too = words.filled(sentence, cost=cost, energy=energy)
    return SafeString(f"{filled} {said_too}")
