"""Words of «Tariffs and cost»."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from faza.charges.rules import charge as charges
from faza.tariffs.rules import book
from faza.ui import formats

ROUBLE = "₽"
DIGITS = 4


def money(amount: Decimal | None, decimals: int = 2) -> str:
    """`4 870,16 ₽`."""
    if amount is None:
        return formats.DASH
    return f"{formats.number(amount, decimals)}{formats.NBSP}{ROUBLE}"


def about(amount: Decimal) -> str:
    """`≈ 10 250 ₽`: to DIGITS digits, a forecast knows no more of its millions."""
    places = max(0, amount.adjusted() + 1 - DIGITS)
    return f"≈{formats.NBSP}{money(Decimal(round(amount.scaleb(-places))).scaleb(places), 0)}"


def change(amount: Decimal) -> str:
    """`+214 ₽`, `−214 ₽`."""
    return f"{formats.signed(amount)}{formats.NBSP}{ROUBLE}"


def component(name: str) -> str:
    """What a line pays for."""
    return {
        book.ENERGY: _("Energy"),
        book.CAPACITY: _("Power"),
        book.TRANSMISSION_ENERGY: _("Transmission"),
        book.TRANSMISSION_CAPACITY: _("Transmission, power"),
        book.MARGIN: _("Supply margin"),
        book.OTHER: _("Other services"),
        book.EXPORT: _("Given to the grid"),
    }[name]


def unit_of_volume(unit: str) -> str:
    """In what a volume with such a price is counted."""
    return formats.unit_name("kWh" if unit in (book.KWH, book.MWH) else "kW")


def unit_of_price(unit: str) -> str:
    """«₽ за кВт·ч»."""
    return {
        book.KWH: _("₽ per kWh"),
        book.MWH: _("₽ per MWh"),
        book.KW_MONTH: _("₽ per kW a month"),
        book.MW_MONTH: _("₽ per MW a month"),
    }[unit]


def price(amount: Decimal) -> str:
    """A price with two places, or as many as it has up to five."""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return formats.number(amount, min(places, 5))


def days(first: date, end: date) -> str:
    """«01.11 – 30.11»."""
    last = end - timedelta(days=1)
    if first == last:
        return f"{first:%d.%m}"
    return f"{first:%d.%m}{formats.NBSP}–{formats.NBSP}{last:%d.%m}"


def problem(code: str) -> str:
    """Why a cost cannot be told, and what would help."""
    return {
        charges.NO_TARIFF: _(
            "The agreement has no tariff. Once the network company enters it, the cost is here."
        ),
        charges.NO_PRICES: _("There are no prices of the tariff for these days."),
        charges.NO_ZONES: _("The zones of the day of the tariff are not known for these days."),
        charges.NO_VAT: _("The rate of VAT for these days is not known."),
        charges.NO_HOURLY_PRICES: _("Some hourly prices of the month have not been published yet."),
        charges.NO_PEAK_HOURS: _("The peak hours of the month have not been published yet."),
        charges.NO_DATA: _("Nothing was measured in these days."),
    }.get(code, "")


def basis(code: str) -> str:
    """What volumes were taken from, as a sentence."""
    return {
        charges.REGISTERS: _("Volumes are differences of the meter's tariff registers."),
        charges.INTERVALS: _(
            "Volumes are intervals laid into the zones of the day: the meter was not read at the"
            " boundaries."
        ),
        charges.MIXED: _(
            "Volumes are of tariff registers where readings bound the days, and of intervals where"
            " they do not."
        ),
        charges.SUBSTITUTED: _("Volumes stand in for a missing reading by the billing rules."),
    }.get(code, "")
