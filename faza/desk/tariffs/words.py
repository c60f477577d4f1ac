"""Rows of tables in words: what a row is of, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.desk.tariffs.card import amount
from faza.tariffs import stored
from faza.tariffs.models import Price
from faza.tariffs.rules import columns
from faza.tariffs.rules.tables import Row
from faza.tariffs.trial import BY_TARIFF
from faza.tariffs.words import SORTS
from faza.ui import formats


def table_words(sort: str, component: str) -> str:
    """«Prices: energy»."""
    if component not in Price.Component.values:
        return str(SORTS[sort])
    return f"{SORTS[sort]}: {Price.Component(component).label}"


def lines(sort: str, rows: Iterable[Row]) -> list[tuple[str, str]]:
    """(what, says) of rows."""
    return sorted((name_of(sort, row), value_of(sort, row)) for row in rows)


def name_of(sort: str, row: Row) -> str:
    """What a row of a table is of."""
    parts: Iterable[str]
    if sort == columns.PRICES:
        zone, range_ = int(str(row["zone"])), int(str(row["range"]))
        parts = (
            str(Price.Component(str(row["component"])).label),
            f"T{zone}" if zone else "",
            _("range %(number)s") % {"number": range_} if range_ else "",
        )
    elif sort == columns.DAYS:
        parts = (stored.text_of(row["day"]),)
    elif sort == columns.ZONES:
        month = int(str(row["month"]))
        parts = (
            _("month %(number)s") % {"number": f"{month:02d}"} if month else "",
            f"T{row['number']}",
        )
    elif sort == columns.NORMATIVES:
        residents = int(str(row["residents"]))
        parts = (
            ngettext("%(count)s resident", "%(count)s residents", residents) % {"count": residents}
            if residents
            else _("any number of residents"),
        )
    elif sort in BY_TARIFF:
        parts = (str(row.get("number") or row.get("month") or ""),)
    else:
        parts = ("",)
    return " · ".join(part for part in parts if part)


def value_of(sort: str, row: Row) -> str:
    """What a row says, shortly."""
    if sort == columns.PRICES:
        return _price(row)
    if sort == columns.NORMATIVES:
        return normative(Decimal(str(row["amount"])), Decimal(str(row["factor"])),
                         is_example=bool(row.get("is_example")))  # fmt: skip
    shown = {
        columns.ZONES: ("name", "hours", "off_hours"),
        columns.RANGES: ("up_to",),
        columns.SEASONS: ("factor",),
        columns.DAYS: ("kind",),
        columns.VAT: ("percent",),
        columns.MARKETS: ("market_name", "zone"),
        columns.TARIFFS: ("name", "kind", "category", "family", "voltage_level", "market"),
    }[sort]
    texts = [stored.text_of(row.get(name)) for name in shown]
    return ", ".join(text for text in texts if text) or formats.DASH


def normative(value: Decimal, factor: Decimal, *, is_example: bool) -> str:
    """«80 кВт·ч × 1,5 (пример)»."""
    made = f"{amount(value)}{formats.NBSP}{formats.unit_name('kWh')}"
    if factor != 1:
        made += f" × {amount(factor)}"
    return f"{made} ({_('example')})" if is_example else made


def _price(row: Row) -> str:
    """«6,47 ₽/кВт·ч (пример)»."""
    unit = Price.Unit(str(row["unit"])).label
    made = f"{amount(Decimal(str(row['amount'])))}{formats.NBSP}{unit}"
    return f"{made} ({_('example')})" if row.get("is_example") else made
