"""«Tariffs and cost»: what a month cost, the forecast of the present one, the cheapest tariff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet import picks
from faza.cabinet import words as common
from faza.cabinet.arrival import Arrival, arrival
from faza.cabinet.choice import Chosen, Point
from faza.cabinet.costs import ahead, cheaper, lines, prices, words
from faza.cabinet.costs import instead as standing_in
from faza.cabinet.costs.ahead import Ahead
from faza.cabinet.costs.cheaper import Cheaper
from faza.cabinet.costs.instead import Instead
from faza.cabinet.costs.lines import Counted
from faza.cabinet.costs.prices import Prices
from faza.cabinet.explorer import ended
from faza.charges import queries as charges
from faza.charges.advice.queries import advice
from faza.charges.fleets import Fleet
from faza.charges.forecast import queries as forecasts
from faza.charges.queries import Charged, ChargeOfMonth
from faza.contracts import access
from faza.core.windows import Windows
from faza.ui import addresses, formats, periods
from faza.ui.files import FORMATS
from faza.ui.periods import Choice, Control

MONTHS = 13
LISTED = 100
"""Points in the table of several."""
KWH = 1000
LATE = timedelta(hours=36)
"""After so long without a round of charges the page says so."""


@dataclass(frozen=True, slots=True)
class Row:
    """A month or a point in a table of sums."""

    name: str
    url: str
    energy: str
    amount: str
    mean: str
    share: str
    is_whole: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows; without points only `lead`."""

    chosen: Chosen
    picks: tuple[Choice, ...]
    lead: SafeString | str
    control: Control | None = None
    under: str = ""
    without: str = ""
    late: str = ""
    share: float | None = None
    gap: timedelta | None = None
    estimated: float | None = None
    has_total: bool = False
    is_example: bool = False
    title: str = ""
    counted: tuple[Counted, ...] = ()
    problem: str = ""
    instead: tuple[Instead, ...] = ()
    ahead: Ahead | None = None
    cheaper: Cheaper | None = None
    picture: dict[str, Any] | None = None
    months: tuple[Row, ...] = ()
    points: tuple[Row, ...] = ()
    more_points: int = 0
    prices: Prices | None = None
    exports: tuple[tuple[str, str], ...] = ()

    @property
    def point(self) -> Point | None:
        return self.chosen.one


def page(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Page:
    """The page of chosen points for an address. At most twenty-six questions."""
    here = chosen.asked.into(query)
    chooses = picks.one_of(user, chosen, here, at=at)
    if chosen.too_many:
        return Page(chosen, chooses, _("Too many points are chosen for one page."))
    if not chosen.points:
        return Page(chosen, chooses, _("No usage points are open to you yet."))
    every, chosen = chosen, chosen.of_resource()
    windows = access.windows_of(user, at=at, points=chosen.ids)
    today = at.astimezone(ZoneInfo(chosen.zone)).date()
    shown = periods.around("month", periods.read(query, today=today).first)
    this = today.replace(day=1)
    come = arrival(windows, chosen, ended(windows, at=at), at=at)
    fleet = Fleet.of(windows, at=at, now=at)
    known = fleet.lately(
        f"charged:{this}",
        lambda: charges.charged(windows, _back(this, MONTHS - 1), charges.next_month(this)),
    )
    known, silent = _heard(come.charged(known), len(chosen.points))
    if shown.first < _back(this, MONTHS - 1) or shown.first > this:
        mine = charges.charged(windows, shown.first, charges.next_month(shown.first))
        mine, silent = _heard(mine, len(chosen.points))
    else:
        mine = known
    is_now = shown.first == this
    foretold = None
    if is_now:
        foretold = fleet.lately(f"forecast:{this}", lambda: forecasts.month(windows, at=at))
    of_month = _of_month(mine, shown.first)
    point = chosen.one
    kept = charges.charge(windows, point.id, shown.first) if point else []
    told = prices.prices(_tariffs(mine, of_month), shown.first, today) if point else None
    offered = advice(windows, point.id, zone=point.zone) if point else None
    return Page(
        chosen=chosen,
        picks=chooses,
        lead=_lead(mine, of_month, shown.first, foretold, chosen, is_now=is_now, today=today),
        control=periods.control(shown, here, today=today, since=_since(windows, chosen)),
        title=_of(shown.first, today),
        **_state(mine, of_month, come, charges.next_month(shown.first)),
        without=_without(len(every.points) - len(chosen.points), silent),
        counted=_counted(kept, told),
        problem=_problem(mine, of_month) if point and not kept else "",
        instead=()
        if is_now or point is None
        else standing_in.instead(windows, point.id, shown.first),
        ahead=ahead.ahead(foretold, windows) if foretold else None,
        cheaper=cheaper.cheaper(offered) if offered else None,
        picture=_picture(known, this, here, foretold),
        months=_months(known, this, here),
        points=_points(mine, of_month, chosen, here)[:LISTED],
        more_points=max(0, len(chosen.points) - LISTED) if point is None else 0,
        prices=told,
        exports=_exports(here, shown.first) if point and kept else (),
    )


def _back(month: date, n: int) -> date:
    number = month.year * 12 + month.month - 1 - n
    return date(number // 12, number % 12 + 1, 1)


def _heard(found: Charged, points: int) -> tuple[Charged, int]:
    """Without expecting anything of points that send no intervals at all; how many they are.

    Where none of so many points does, each is expected to.
    """
    heard = np.unique(found.usage_points[found.n_present > 0])
    if not len(heard):
        return found, 0
    speaks = np.isin(found.usage_points, heard)
    told = replace(found, n_expected=np.where(speaks, found.n_expected, 0))
    return told, points - len(heard)


def _without(others: int, silent: int) -> str:
    """Which of the chosen points are not in the sums."""
    said = [*common.left_out(others), common.silent(silent)]
    return " · ".join(one.rstrip(".") for one in said if one)


def _of_month(found: Charged, month: date) -> np.ndarray:
    """(n,) the rows of a month."""
    return np.asarray(found.months == np.datetime64(month, "M"))


def _tariffs(found: Charged, rows: np.ndarray) -> list[int]:
    return sorted({int(tariff) for tariff in found.tariffs[rows].tolist() if tariff})


def _sum(found: Charged, rows: np.ndarray) -> Decimal | None:
    """Roubles of rows; None where none of them has a cost."""
    known = rows & found.known
    return Decimal(int(found.kopecks[known].sum())) / 100 if known.any() else None


def _energy(found: Charged, rows: np.ndarray) -> Decimal:
    return Decimal(int(found.volume[rows].sum())) / KWH


def _of(month: date, today: date) -> str:
    """«ноябрь», with the year where it is another one."""
    name = common.month(month)
    return name if month.year == today.year else f"{name} {month.year}"


def _lead(
    found: Charged, rows: np.ndarray, month: date, foretold: forecasts.MonthForecast | None,
    chosen: Chosen, *, is_now: bool, today: date,
) -> SafeString | str:  # fmt: skip
    total = _sum(found, rows)
    when = capfirst(common.during(periods.around("month", month), today=today))
    if total is None:
        return common.filled(_("%(when)s: the cost is not known."), when=when)
    # Of what has no price the energy is not told beside the sum of the rest.
    energy = formats.energy(_energy(found, rows & found.known), "kWh", 0)
    parts = {"when": when, "sum": common.bold(words.money(total)), "energy": str(energy)}
    if is_now and foretold is not None and foretold.money is not None:
        parts["end"] = common.bold(words.about(foretold.money.total))
        return common.filled(
            _("%(when)s it is %(sum)s for %(energy)s so far; %(end)s by the month's end."), **parts
        )
    if is_now:
        return common.filled(_("%(when)s it is %(sum)s for %(energy)s so far."), **parts)
    return common.filled(_("%(when)s it was %(sum)s for %(energy)s."), **parts)


def _state(found: Charged, rows: np.ndarray, come: Arrival, end: date) -> dict[str, Any]:
    """What stands under the lead: as of when, until when data have arrived, how complete."""
    expected, present = (int(getattr(found, n)[rows].sum()) for n in ("n_expected", "n_present"))
    estimated = int(found.n_estimated[rows].sum())
    as_of = found.as_of
    told: dict[str, Any] = {
        "share": 100 * present / expected if expected else None,
        # Half-hours, as nearly all meters send them: the chip says about how long.
        "gap": timedelta(minutes=30 * (expected - present)),
        "estimated": max(100 * estimated / present, 0.1) if estimated else None,
        "has_total": bool(rows.any()),
        "is_example": bool(found.is_example[rows].any()),
        "late": come.late(end),
    }
    said = [come.under(end)]
    if as_of is not None:
        local = as_of.astimezone(ZoneInfo(come.zone))
        counted = _("Counted %(moment)s") % {"moment": formats.moment(local)}
        if (rows & found.known).any() and (rows & ~found.known).any():
            counted += f", {_('a part has no price')}"
        said.insert(0, counted)
        if come.at - as_of > LATE:
            told["late"] = _("late by %(time)s") % {"time": formats.duration(come.at - as_of)}
    told["under"] = " · ".join(filter(None, said))
    return told


def _problem(found: Charged, rows: np.ndarray) -> str:
    codes = [found.problems[place] for place in np.flatnonzero(rows).tolist()]
    return words.problem(codes[0]) if codes else ""


def _counted(kept: Sequence[ChargeOfMonth], told: Prices | None) -> tuple[Counted, ...]:
    names = told.zones if told else {}
    return tuple(lines.counted(one.charge, names.get(one.tariff or 0, {})) for one in kept)


def _since(windows: Windows, chosen: Chosen) -> date | None:
    first = min((window.period.start for window in windows), default=None)
    if first is None or first.year < 1990:
        return None
    return first.astimezone(ZoneInfo(chosen.zone)).date()


def _here(query: QueryDict, month: date) -> str:
    return addresses.changed(query, period="month", on=month.isoformat())


def _sums(found: Charged, rows: np.ndarray) -> dict[str, Any]:
    """Energy, amount, mean price and completeness of rows, as written."""
    total, energy = _sum(found, rows), _energy(found, rows)
    priced = _energy(found, rows & found.known)
    expected, present = (int(getattr(found, n)[rows].sum()) for n in ("n_expected", "n_present"))
    unpriced = int((rows & ~found.known).sum())
    # Where nothing was measured there is no energy, which is not none of it.
    is_known = bool(energy or present)
    return {
        "energy": formats.number(energy) if is_known else formats.DASH,
        "amount": formats.number(total, 2) if is_known and total is not None else formats.DASH,
        "mean": words.price((total / priced).quantize(Decimal("0.01")))
        if total is not None and priced else formats.DASH,
        "share": formats.completeness(100 * present / expected) if expected else formats.DASH,
        "is_whole": bool(expected) and present == expected,
        "note": _("a part has no price") if unpriced and total is not None else "",
    }  # fmt: skip


def _months(found: Charged, this: date, query: QueryDict) -> tuple[Row, ...]:
    """The months that have a charge, the newest first."""
    made = []
    for n in range(MONTHS):
        month = _back(this, n)
        rows = _of_month(found, month)
        if rows.any():
            name = f"{common.month(month)} {month.year}"
            made.append(Row(name, _here(query, month), **_sums(found, rows)))
    return tuple(made)


def _picture(
    found: Charged, this: date, query: QueryDict, foretold: forecasts.MonthForecast | None
) -> dict[str, Any] | None:  # fmt: skip
    """Thirteen months in roubles; what was estimated by its share of the intervals."""
    bars = []
    for n in range(MONTHS - 1, -1, -1):
        month = _back(this, n)
        rows = _of_month(found, month)
        total = _sum(found, rows)
        present = int(found.n_present[rows].sum())
        share = int(found.n_estimated[rows].sum()) / present if present else 0.0
        bar: dict[str, Any] = {
            "month": f"{month:%Y-%m}",
            "measured": round(float(total) * (1 - share), 2) if total is not None else None,
            "estimated": round(float(total) * share, 2) if total is not None else None,
        }
        if n in (0, MONTHS - 1):
            bar["role"] = "reference" if n else "current"
        if total is not None:
            bar["href"] = _here(query, month)
        bars.append(bar)
    if not any(bar["measured"] is not None for bar in bars):
        return None
    made: dict[str, Any] = {"unit": words.ROUBLE, "decimals": 0, "months": bars}
    if foretold is not None and foretold.money is not None and bars[-1]["measured"] is not None:
        money = foretold.money
        made["forecast"] = {
            "low": float(money.low), "mid": float(money.total), "high": float(money.high)
        }  # fmt: skip
    return made


def _points(
    found: Charged, rows: np.ndarray, chosen: Chosen, query: QueryDict
) -> tuple[Row, ...]:  # fmt: skip
    """Several points, the dearest first; nothing where there is but one."""
    if chosen.one is not None:
        return ()
    sums: dict[int, int] = {}
    for place in np.flatnonzero(rows).tolist():
        point = int(found.usage_points[place])
        sums[point] = sums.get(point, 0) + int(found.kopecks[place])
    ranked = sorted(chosen.points, key=lambda point: -sums.get(point.id, 0))[:LISTED]
    month = _among(found, rows)
    return tuple(
        Row(
            point.name,
            addresses.changed(query, point=point.code, branch=None, points=None),
            **_sums(month, month.usage_points == point.id),
        )
        for point in ranked
    )


def _among(found: Charged, rows: np.ndarray) -> Charged:
    """Only some rows: a hundred points are looked for among those of a month, not of a year."""
    taken = {
        field.name: value[rows]
        for field in fields(Charged) if isinstance(value := getattr(found, field.name), np.ndarray)
    }  # fmt: skip
    problems = tuple(found.problems[place] for place in np.flatnonzero(rows).tolist())
    return replace(found, **taken, problems=problems)


def _exports(query: QueryDict, month: date) -> tuple[tuple[str, str], ...]:
    asked = _here(query, month)
    return tuple(
        (format, f"{reverse('cabinet:costs_file', args=[format])}{asked}") for format in FORMATS
    )
