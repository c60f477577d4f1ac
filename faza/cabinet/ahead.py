"""The forecast of the present month on the board: its words, its fan, its mark on the months."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet import words
from faza.cabinet.costs.words import about
from faza.charges.forecast import queries
from faza.charges.forecast.queries import MonthForecast
from faza.core.reading_types import A_PLUS, ReadingType
from faza.core.units import to_unit
from faza.core.windows import Windows
from faza.ui import formats

LATE = timedelta(days=2)
"""A forecast that knows days up to longer ago says up to which."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A forecast in words; `money` is empty where no prices are known."""

    label: str
    value: formats.Quantity
    band: str
    money: str
    note: str


def found(
    windows: Windows, kind: ReadingType, month: date, count: int, *, at: datetime
) -> MonthForecast | None:
    """The forecast of a month where it is of all of `count` points that send data. One query.

    None for other resources, and where it would be of a part of what the board adds up.
    """
    if kind != A_PLUS or not count:
        return None
    told = queries.month(windows, at=at)
    return told if told is not None and told.month == month and told.n_points >= count else None


def ahead(told: MonthForecast, *, at: datetime) -> Ahead:
    """A forecast as the board writes it."""
    notes = []
    if told.money and told.n_priced < told.n_points:
        parts = {"count": formats.number(told.n_priced), "all": formats.number(told.n_points)}
        notes.append(
            ngettext(
                "the price of %(count)s point of %(all)s is known",
                "prices are known of %(count)s points of %(all)s",
                told.n_priced,
            )
            % parts
        )
    if at.date() - told.until > LATE:
        day = formats.day(told.until - timedelta(days=1))
        notes.append(_("by days up to %(day)s") % {"day": day})
    low, high = (
        formats.energy(to_unit(wh, A_PLUS), A_PLUS.unit, 0) for wh in (told.low, told.high)
    )
    # Both bounds in one unit, which stands beside the forecast itself.
    same = low.unit == high.unit
    bounds = {"low": low.number if same else str(low), "high": high.number if same else str(high)}
    return Ahead(
        label=_("Forecast for %(month)s") % {"month": words.month(told.month)},
        value=formats.energy(to_unit(told.total, A_PLUS), A_PLUS.unit, 0),
        band=_("%(low)s – %(high)s with a probability of 80 %%") % bounds,
        money=about(told.money.total) if told.money else "",
        note=", ".join(notes),
    )


def ends(told: MonthForecast, scale: float) -> tuple[float, float, float]:
    """The month's end, (expected, low, high), in the unit of a picture."""
    mid, low, high = (
        round(float(to_unit(wh, A_PLUS)) * scale, 3) for wh in (told.total, told.low, told.high)
    )
    return mid, low, high


def fan(
    points: Sequence[Sequence[float | None]], told: MonthForecast, days: int, scale: float
) -> dict[str, Any] | None:
    """From the last point of a running total (already scaled) to the month's end, day by day.

    None where the month is over. What is used already is the least that the month can come to.
    """
    place, so_far = points[-1]
    if place is None or so_far is None or place >= days:
        return None
    now = so_far
    marks = [float(place), *(float(day) for day in range(math.floor(place) + 1, days + 1))]
    reach = [max(end, now) for end in ends(told, scale)]
    made = [
        [mark, *(round(now + (end - now) * (mark - place) / (days - place), 3) for end in reach)]
        for mark in marks
    ]
    return {"label": _("forecast"), "points": made}


__all__ = ["Ahead", "MonthForecast", "ahead", "ends", "fan", "found"]
