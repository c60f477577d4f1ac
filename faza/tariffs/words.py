"""Words for what files of prices hold and for what is wrong in them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from faza.tariffs.rules import columns
from faza.tariffs.rules.tables import Problem

SORTS: dict[str, str | Promise] = {
    columns.MARKETS: _("Market"),
    columns.TARIFFS: _("Tariff"),
    columns.VAT: _("Rate of the value added tax"),
    columns.DAYS: _("Production calendar"),
    columns.ZONES: _("Zones of the day"),
    columns.RANGES: _("Consumption ranges"),
    columns.SEASONS: _("Coefficients of the season"),
    columns.PRICES: _("Prices"),
    columns.NORMATIVES: _("Normatives of consumption"),
    columns.HOURLY: _("Hourly prices"),
    columns.PEAKS: _("Peak hours"),
}

FAULTS: dict[str, str | Promise] = {
    "no-value": _("the cell is empty, and a value is needed"),
    "too-long": _("the text is too long"),
    "code": _("a code is expected: up to 30 letters, digits, dots and dashes without spaces"),
    "day": _("a day is expected, as 2026-10-01 or 01.10.2026, of the years 2000 to 2199"),
    "number": _("a number is expected, as 6.47 or 6,47, not below zero"),
    "places": _("the number has more decimals than are kept"),
    "too-great": _("the number is too great"),
    "nothing": _("a number above zero is expected"),
    "whole": _("a whole number within its bounds is expected"),
    "yes-no": _("yes or no is expected"),
    "component": _("a component is expected: energy, capacity, transmission_energy,"
                   " transmission_capacity, margin, other, export"),
    "unit": _("a unit is expected: kwh, mwh, kw_month, mw_month"),
    "kind": _("household or business is expected"),
    "level": _("a voltage level is expected: HV, MV1, MV2, LV"),
    "peak-kind": _("generation or network is expected"),
    "day-kind": _("holiday, working or short is expected"),
    "hours": _("hours are expected, as 07:00-10:00 17:00-21:00"),
    "zone": _("a time zone is expected, as Europe/Moscow"),
    "no-table": _("these titles of columns make no table that is known"),
    "repeated": _("the same row stands already on the line that is named"),
    "spoilt": _("left out: it cannot be told whether a bad row of the sheet belongs to it"),
    "broken": _("the file is broken here, and what follows is left out"),
    "months": _("zones are told for month 0 (all) or for all twelve; told are"),
    "numbers": _("numbers are 1, 2, 3, … without gaps; told are"),
    "zones-gap": _("zones do not divide the day: a minute is in none or in two"),
    "range-end": _("the last range, and it alone, has no bound"),
    "range-order": _("bounds of ranges grow; told are"),
    "unit-of-component": _("power is paid by kW or MW a month, everything else by energy"),
    "whole-hours": _("whole hours are expected"),
    "one-hour": _("the hour of the region's peak is one hour"),
    "first-of-month": _("planned hours are of a month: give its first day"),
    "category": _("a household has category 0, a business 1 to 4"),
    "no-market": _("there is no such market, neither here nor in the file"),
    "no-tariff": _("there is no such tariff, neither here nor in the file"),
    "hole": _("prices that are missing in the table"),
    "residents": _("normatives are told for any number of residents (0) or for 1, 2, 3, … without"
                   " gaps; told are"),
    "group-name": _("a group has one name; told are"),
    "no-zone": _("the tariff has no such zone"),
}  # fmt: skip


def reason(problem: Problem) -> str:
    """What is wrong, without the place: «amount: “six” — a number is expected»."""
    told = str(FAULTS[problem.code])
    found = gettext("“%(text)s”") % {"text": problem.found} if problem.found else ""
    before = ": ".join(part for part in (problem.column, found) if part)
    return f"{before} — {told}" if before else told


def place(problem: Problem) -> str:
    """Where it is: «sheet prices, line 12»."""
    parts = []
    if problem.sheet:
        parts.append(gettext("sheet %(name)s") % {"name": problem.sheet})
    if problem.line:
        parts.append(gettext("line %(number)s") % {"number": problem.line})
    return ", ".join(parts)
