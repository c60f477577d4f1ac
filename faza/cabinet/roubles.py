"""What the month and thirteen months cost, for the board: from kept charges, one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet.costs.words import ROUBLE, money
from faza.charges.fleets import Fleet
from faza.charges.sums import MonthSums
from faza.core.reading_types import A_PLUS, ReadingType
from faza.ui import formats

SAME = Decimal("0.02")
"""A charge is of the energy beside it where volumes differ by no more: rounding, and minutes."""
KWH = 1000


@dataclass(frozen=True, slots=True)
class Month:
    """What the month so far costs. `of_all`: of all the energy beside it; else `note` says."""

    amount: str
    note: str
    of_all: bool


def found(fleet: Fleet, kind: ReadingType, first: date, end: date) -> MonthSums | None:
    """Charges of the months [first, end); None for what has no prices. Three queries at most, six
    where those of a fleet changed."""
    return fleet.month_sums(first, end) if kind == A_PLUS and len(fleet.windows) else None


def month(told: MonthSums | None, first: date, energy: int | None) -> Month | None:
    """What a month costs so far beside so much energy in Wh; None where nothing is known."""
    if told is None or energy is None or (place := _place(told, first)) is None:
        return None
    amount = told.total(place)
    if amount is None:
        return None
    # What measured nothing costs nothing yet: the energy beside is without it as well.
    known, count = int(told.known[place]), int(told.rows[place] - told.empty[place])
    volume = int(told.volume[place])
    is_same = abs(volume - energy) <= max(SAME * energy, Decimal(count * KWH))
    notes = [_("for reference")]
    if known < count:
        notes.append(
            ngettext(
                "the price of %(count)s point is not known",
                "the prices of %(count)s points are not known",
                count - known,
            )
            % {"count": formats.number(count - known)}
        )
    elif not is_same:
        charged = formats.energy(Decimal(volume) / KWH, "kWh", 0)
        notes.append(_("for %(energy)s") % {"energy": charged})
    if told.examples[place]:
        notes.append(_("by example prices"))
    return Month(money(amount, 0), ", ".join(notes), of_all=known == count and is_same)


def amounts(told: MonthSums | None, months: list[date]) -> list[Decimal | None]:
    """Roubles of months; None where nothing is known."""
    if told is None:
        return [None] * len(months)
    places = [_place(told, one) for one in months]
    return [None if place is None else told.total(place) for place in places]


def bars(
    told: MonthSums | None, months: list[date], forecast: tuple[Decimal, Decimal, Decimal] | None
) -> dict[str, Any] | None:
    """The payload of thirteen months in roubles; what is estimated by its share of the time.

    forecast: the last month's end, its low and high bounds.
    """
    sums_ = amounts(told, months)
    if told is None or all(amount is None for amount in sums_):
        return None
    made = []
    for n, (one, amount) in enumerate(zip(months, sums_, strict=True)):
        bar: dict[str, Any] = {"month": f"{one:%Y-%m}", "measured": None, "estimated": None}
        place = _place(told, one)
        if amount is not None and place is not None:
            present = int(told.n_present[place])
            share = int(told.n_estimated[place]) / present if present else 0.0
            bar["measured"] = round(float(amount) * (1 - share), 2)
            bar["estimated"] = round(float(amount) * share, 2)
            bar["href"] = f"{reverse('cabinet:costs')}?period=month&on={one:%Y-%m-%d}"
            unknown = int(told.rows[place] - told.known[place] - told.empty[place])
            if unknown:
                bar["note"] = ngettext(
                    "without %(count)s point that has no price",
                    "without %(count)s points that have no price",
                    unknown,
                ) % {"count": formats.number(unknown)}
        if n in (0, len(months) - 1):
            bar["role"] = "current" if n else "reference"
        made.append(bar)
    payload: dict[str, Any] = {"unit": ROUBLE, "decimals": 0, "months": made}
    if forecast is not None and sums_[-1] is not None:
        mid, low, high = map(float, forecast)
        payload["forecast"] = {"low": low, "mid": mid, "high": high}
    return payload


def _place(told: MonthSums, month: date) -> int | None:
    at = np.flatnonzero(told.months == np.datetime64(month, "M"))
    return int(at[0]) if len(at) else None
