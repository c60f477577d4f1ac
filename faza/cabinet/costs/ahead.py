"""The forecast of the present month on the page: numbers, picture, beside earlier months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet import words as common
from faza.cabinet.costs import words
from faza.charges.forecast.queries import MonthForecast
from faza.charges.queries import next_month
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.readings import queries as readings
from faza.ui import formats

KWH = 1000
SUMMED = 100
"""Points of which days are added up on the page; of more the forecast stands without a picture."""


@dataclass(frozen=True, slots=True)
class Beside:
    """An earlier month over the same days."""

    label: str
    when: str
    change: str
    value: str
    reserve: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """Words and picture of a forecast."""

    energy: formats.Quantity
    band: str
    money: str
    money_band: str
    accuracy: str
    notes: tuple[str, ...]
    beside: tuple[Beside, ...]
    picture: dict[str, Any] | None
    names: tuple[str, str]


def ahead(found: MonthForecast, windows: Windows) -> Ahead:
    """The forecast as shown. At most eight questions, none but the days' of many points."""
    days = _days(windows, found) if len(windows.points) <= SUMMED else None
    total = Decimal(found.total) / KWH
    return Ahead(
        energy=formats.energy(total, "kWh", 0),
        band=_("%(low)s – %(high)s with a probability of 80 %%")
        % {"low": _whole(found.low), "high": _whole(found.high)},
        money=words.about(found.money.total) if found.money else "",
        money_band=_("%(low)s – %(high)s")
        % {
            "low": formats.number(found.money.low),
            "high": words.money(found.money.high, 0),
        }
        if found.money
        else "",
        accuracy=_accuracy(found),
        notes=tuple(_notes(found)),
        beside=_beside(days, found) if days else (),
        picture=_picture(days, found) if days else None,
        names=(common.month(found.month), common.month(_before(found.month))),
    )


def _whole(wh: int) -> str:
    return formats.number(Decimal(wh) / KWH)


def _accuracy(found: MonthForecast) -> str:
    if found.own_error is None or found.average_error is None:
        return _("There is no history yet to test the forecast on; the band is that of others.")
    parts = {
        "own": formats.percent(found.own_error * 100, 1),
        "average": formats.percent(found.average_error * 100, 1),
        "count": formats.number(found.n_tested),
    }
    if found.n_points > 1:
        return (
            _(
                "On earlier days of each point the forecast of its month was wrong by %(own)s on"
                " average, the plain average of the days so far by %(average)s."
            )
            % parts
        )
    if found.n_averaged:
        return (
            _(
                "It is the plain average of the days so far: nothing else has done better here. On"
                " earlier days it was wrong by %(average)s on average."
            )
            % parts
        )
    return (
        _(
            "Tested on %(count)s earlier days of this point: wrong by %(own)s on average, the plain"
            " average of the days so far by %(average)s."
        )
        % parts
    )


def _notes(found: MonthForecast) -> list[str]:
    last = found.until - timedelta(days=1)
    said = [_("By days up to %(day)s.") % {"day": formats.day(last)}]
    if found.n_points < found.n_asked:
        parts = {"count": found.n_points, "all": formats.number(found.n_asked)}
        said.append(
            ngettext(
                "For %(count)s point of %(all)s; others have no recent data.",
                "For %(count)s points of %(all)s; others have no recent data.",
                found.n_points,
            )
            % parts
        )
    if found.money is not None and found.n_priced < found.n_points:
        said.append(
            ngettext(
                "Roubles of %(count)s point only.", "Roubles of %(count)s points only.",
                found.n_priced,
            )
            % {"count": formats.number(found.n_priced)}
        )  # fmt: skip
    if found.n_points > 1:
        said.append(_("The band is of the sum: what makes all points err alike is in it."))
    return said


Days = dict[date, tuple[int, bool]]
"""Wh of a civil day of all points together, and whether all of it is there."""


def _days(windows: Windows, found: MonthForecast) -> Days:
    """The days of this month, of the one before and of the same one a year ago.

    Of the points that sent anything in them: of others nothing is expected.
    """
    year = found.month.replace(year=found.month.year - 1)
    several = [
        readings.consumption(windows, [A_PLUS.code], first, end, "day")
        for first, end in ((_before(found.month), found.until), (year, next_month(year)))
    ]
    heard = np.concatenate([sums.usage_points[sums.n_present.any(axis=1)] for sums in several])
    made: Days = {}
    for sums in several:
        mine = np.isin(sums.usage_points, heard)
        totals = sums.total[mine].sum(axis=0).tolist()
        expected, missing = (one[mine].sum(axis=0) for one in (sums.n_expected, sums.n_missing))
        whole = ((expected > 0) & (missing == 0)).tolist()
        has_any = (expected > missing).tolist()
        for day, total, is_whole, is_there in zip(
            sums.labels.astype("datetime64[D]").tolist(), totals, whole, has_any, strict=True
        ):
            if is_there:
                made[day] = (total, is_whole)
    return made


def _beside(days: Days, found: MonthForecast) -> tuple[Beside, ...]:
    count = (found.until - found.month).days
    before, year = _before(found.month), found.month.replace(year=found.month.year - 1)
    labels = (
        (_("The same days of %(month)s") % {"month": common.of_month(before)}, before),
        (_("A year ago, the same days"), year),
    )
    made = []
    for label, first in labels:
        size = min(count, (next_month(first) - first).days)
        pairs = [
            (days[found.month + timedelta(days=n)], days[first + timedelta(days=n)])
            for n in range(size)
            if found.month + timedelta(days=n) in days and first + timedelta(days=n) in days
        ]
        if not pairs or size < 1:
            continue
        now, then = (sum(pair[side][0] for pair in pairs) for side in (0, 1))
        is_whole = len(pairs) == size and all(a[1] and b[1] for a, b in pairs)
        reserve = "" if is_whole else _("some of the days are not there or not whole")
        made.append(
            Beside(
                label=label,
                when=formats.dates(first, first + timedelta(days=size - 1)),
                change=formats.signed_percent((now - then) / then * 100) if then else formats.DASH,
                value=common.told(then, A_PLUS, 1),
                reserve=reserve,
            )
        )
    return tuple(made)


def _picture(days: Days, found: MonthForecast) -> dict[str, Any] | None:
    """The running total by days, and the fan of the forecast."""
    now = _running(days, found.month, found.until)
    before = _before(found.month)
    then = _running(days, before, found.month)
    length = (next_month(found.month) - found.month).days
    start = max(0, (found.until - found.month).days)
    if len(now) < 2:
        return None
    last = now[-1][1] or 0.0
    steps = np.linspace(0, 1, length - start + 1)[1:]
    total, low, high = (round(wh / KWH, 3) for wh in (found.total, found.low, found.high))
    fan = [[float(start), last, last, last]] + [
        [
            float(start + n + 1),
            *(round(float(last + (end - last) * share), 3) for end in (total, low, high)),
        ]
        for n, share in enumerate(steps)
    ]
    made: dict[str, Any] = {
        "unit": formats.unit_name(A_PLUS.unit),
        "decimals": 1,
        "month": f"{found.month:%Y-%m}",
        "days": length,
        "current": {"label": common.month(found.month), "points": now},
        "forecast": {"label": _("forecast"), "points": fan},
    }
    if len(then) > 1:
        made["previous"] = {"label": common.month(before), "points": then}
    return made


def _running(days: Days, first: date, end: date) -> list[list[float | None]]:
    points: list[list[float | None]] = [[0, 0]]
    total = 0
    for n in range((end - first).days):
        day = days.get(first + timedelta(days=n))
        total += day[0] if day else 0
        points.append([n + 1, round(total / KWH, 3) if day else None])
    while len(points) > 1 and points[-1][1] is None:
        points.pop()
    return points


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def late(found: MonthForecast, *, at: datetime) -> bool:
    """Whether what the forecast knows ended long ago."""
    return at.date() - found.until > timedelta(days=2)
