"""Thirteen months, and how much of each was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from faza.cabinet import ahead, measured, picture, roubles, series, words
from faza.cabinet.ahead import MonthForecast
from faza.cabinet.costs.words import money
from faza.cabinet.series import Cells
from faza.charges.sums import MonthSums
from faza.core.reading_types import ReadingType
from faza.core.units import floats
from faza.core.windows import Windows
from faza.ui import addresses, formats, periods
from faza.ui.periods import Choice

ROUBLES = "rub"
"""`?months=rub` draws the thirteen months in roubles."""


def year_before(first: date) -> date:
    """The first day of the same month a year before."""
    return first.replace(year=first.year - 1)


def thirteen(
    windows: Windows, kind: ReadingType, this: periods.Shown, zone: str, *, until: datetime
) -> Cells:
    """Thirteen months, the last of which is this one, all points together."""
    first = year_before(this.first)
    edges = series.month_edges(first, this.end, zone)
    return measured.months(windows, kind, first, this.end, edges, until=until)


def bars(months: Cells, zone: str, foretold: MonthForecast | None = None) -> dict[str, Any] | None:
    """The payload of thirteen months; estimated energy by its share of the time.

    foretold: the forecast of the last of them.
    """
    if not (months.present > 0).any():
        return None
    values = floats(months.value[0], months.kind)
    scale, unit = picture.measure(float(values.max()), months.kind)
    values = values * scale
    starts = series.walls(months.start, zone)
    made = []
    for i, start in enumerate(starts):
        there = int(months.present[0, i])
        share = int(months.estimated[0, i]) / there if there else 0.0
        bar: dict[str, Any] = {
            "month": f"{start:%Y-%m}",
            "measured": round(float(values[i]) * (1 - share), 1) if there else None,
            "estimated": round(float(values[i]) * share, 1) if there else None,
        }
        if i in {0, len(starts) - 1}:
            bar["role"] = "current" if i else "reference"
        if months.missing[0, i] and there:
            gap = formats.duration(timedelta(minutes=int(months.missing[0, i])))
            bar["note"] = _("%(time)s without data") % {"time": gap}
        bar["href"] = (
            f"{reverse('cabinet:explorer')}?period=month&on={start:%Y-%m-%d}" if there else None
        )
        made.append({key: value for key, value in bar.items() if key != "href" or value})
    payload: dict[str, Any] = {"unit": unit, "decimals": 1, "months": made}
    if foretold is not None:
        mid, low, high = ahead.ends(foretold, scale)
        payload["forecast"] = {"low": low, "mid": mid, "high": high}
    return payload


@dataclass(frozen=True, slots=True)
class Row:
    """A month in the table: kilowatt-hours, how much was measured, roubles."""

    name: str
    energy: str
    share: str
    is_whole: bool
    amount: str
    url: str


def table(months: Cells, amounts: Sequence[Decimal | None], zone: str) -> tuple[Row, ...]:
    """The months as a table, the newest first; those without anything are left out."""
    made = []
    rows = zip(series.walls(months.start, zone), shares(months, zone), amounts, strict=True)
    for i, (start, (share, is_whole, name), amount) in enumerate(rows):
        if not months.present[0, i] and amount is None:
            continue
        value = int(months.value[0, i]) if months.present[0, i] else None
        url = f"{reverse('cabinet:explorer')}?period=month&on={start:%Y-%m-%d}"
        energy = words.told(value, months.kind, 1)
        made.append(Row(name, energy, share, is_whole, money(amount), url))
    return tuple(reversed(made))


def shares(months: Cells, zone: str) -> tuple[tuple[str, bool, str], ...]:
    """(how much of a month was measured, whether all of it was, the month's name)."""
    made = []
    for i, start in enumerate(series.walls(months.start, zone)):
        expected = int(months.expected[0, i])
        good = int(months.present[0, i] - months.estimated[0, i])
        name = f"{words.month(start)} {start.year}"
        if good <= 0:
            made.append((formats.DASH, False, name))
        elif good >= expected:
            made.append(("✓", True, name))
        else:
            made.append((formats.percent(int(100 * good / expected)), False, name))
    return tuple(made)


def shown(
    found: Cells, costs: MonthSums | None, foretold: MonthForecast | None, query: QueryDict,
    zone: str,
) -> dict[str, Any]:  # fmt: skip
    """The thirteen months in the asked unit, the switch of units, the table of both."""
    firsts = [wall.date() for wall in series.walls(found.start, zone)]
    money = foretold.money if foretold else None
    ends = (money.total, money.low, money.high) if money else None
    in_units, in_roubles = bars(found, zone, foretold), roubles.bars(costs, firsts, ends)
    is_roubles = in_roubles is not None and query.get("months") == ROUBLES
    switch: tuple[Choice, ...] = ()
    if in_units is not None and in_roubles is not None:
        switch = tuple(
            Choice(drawn["unit"], f"{addresses.changed(query, months=name)}#y13", current=current)
            for drawn, name, current in (
                (in_units, None, not is_roubles), (in_roubles, ROUBLES, is_roubles)
            )
        )  # fmt: skip
    return {
        "months": in_roubles if is_roubles else in_units,
        "is_roubles": is_roubles,
        "switch": switch,
        "shares": shares(found, zone),
        "table": table(found, roubles.amounts(costs, firsts), zone),
        "first_month": f"{words.month(firsts[0])} {firsts[0].year}",
    }
