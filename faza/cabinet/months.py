"""Thirteen months, and how much of each was measured."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from faza.cabinet import measured, picture, series, words
from faza.cabinet.series import Cells
from faza.core.reading_types import A_PLUS
from faza.core.units import floats
from faza.core.windows import Windows
from faza.ui import formats, periods

KIND = A_PLUS


def year_before(first: date) -> date:
    """The first day of the same month a year before."""
    return first.replace(year=first.year - 1)


def thirteen(windows: Windows, this: periods.Shown, zone: str, *, until: datetime) -> Cells:
    """Thirteen months, the last of which is this one, all points together."""
    first = year_before(this.first)
    edges = series.month_edges(first, this.end, zone)
    return measured.months(windows, KIND, first, this.end, edges, until=until)


def bars(months: Cells, zone: str) -> dict[str, Any] | None:
    """The payload of thirteen months; estimated energy by its share of the time."""
    if not (months.present > 0).any():
        return None
    values = floats(months.value[0], KIND)
    scale, unit = picture.measure(float(values.max()), KIND)
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
    return {"unit": unit, "decimals": 1, "months": made}


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
