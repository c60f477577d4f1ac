"""What an address asks of the explorer. What it asks wrongly is said in words; the rest works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from faza.core.reading_types import (
    A_PLUS,
    BY_CHANNEL,
    ENERGIES,
    OF_COMMODITY,
    Commodity,
    ReadingType,
)
from faza.ui import periods

STEPS = ("interval", "hour", "day", "month")
FINE = frozenset({"interval", "hour"})
MOST_FINE_DAYS = 366
"""A longer period is shown by days and months; its intervals are a file to download."""
MOST_BLOCKS = 6200
"""So many days of channels a page unpacks: a hundred points for two months."""
APART = 8
"""So many points have colours of their own."""
USUAL_STEP = {"day": "interval", "week": "interval", "month": "day", "year": "month"}


@dataclass(frozen=True, slots=True)
class View:
    """What the explorer is asked to show of the chosen points.

    layout: "sum" adds points up, "apart" shows a column for each. compare: whether the period
    before is drawn too. opened: days of which the intervals are listed.
    """

    kinds: tuple[ReadingType, ...]
    shown: periods.Shown
    step: str
    layout: str = "sum"
    compare: bool = False
    opened: frozenset[date] = frozenset()
    problems: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        return self.step in FINE


def read(
    query: QueryDict, *, today: date, points: int, default: str = "week",
    resource: str = Commodity.ELECTRICITY,
) -> View:  # fmt: skip
    """The view of an address; `points` is how many are chosen, `resource` what is metered there."""
    problems: list[str] = []
    kinds = _kinds(query, resource, problems)
    shown = _shown(query, problems, today=today, default=default)
    step = query.get("by") or ""
    if step not in STEPS:
        if step:
            problems.append(_("There is no such resolution; the usual one is shown."))
        step = _usual(shown)
    why_not = coarse(shown, points=points, channels=len(kinds))
    if step in FINE and why_not:
        if query.get("by") in FINE:
            problems.append(why_not)
        step = "day"
    if step == "month" and not spans_months(shown):
        step = "day"
    apart = query.get("view") == "apart" and 1 < points <= APART
    opened = frozenset(day for text in query.getlist("day") if (day := _date(text)))
    return View(
        kinds=kinds[:1] if apart else kinds,
        shown=shown,
        step=step,
        layout="apart" if apart else "sum",
        compare=query.get("compare") == "1",
        opened=opened,
        problems=tuple(problems),
    )


def coarse(shown: periods.Shown, *, points: int, channels: int) -> str:
    """Why a period is not shown by intervals; empty where it is."""
    days = (shown.end - shown.first).days
    if days > MOST_FINE_DAYS:
        return _("Intervals and hours are shown for periods of up to a year; here are days.")
    if days * points * channels > MOST_BLOCKS:
        return _("There are too many points to show intervals of this period; here are days.")
    return ""


def spans_months(shown: periods.Shown) -> bool:
    """Whether months of a period say more than its total."""
    return (shown.end - shown.first).days > 31


def _usual(shown: periods.Shown) -> str:
    if shown.kind in USUAL_STEP:
        return USUAL_STEP[shown.kind]
    days = (shown.end - shown.first).days
    return "interval" if days <= 8 else "day" if days <= 100 else "month"


def _kinds(query: QueryDict, resource: str, problems: list[str]) -> tuple[ReadingType, ...]:
    of_resource = OF_COMMODITY[Commodity(resource)]
    if resource != Commodity.ELECTRICITY:
        # One channel: whatever the address kept from other points is none of theirs.
        return of_resource
    asked = query.getlist("channel")
    # A plus that was not written as %2B arrives as a space.
    names = {name.replace(" ", "+").upper() for name in asked}
    known = tuple(kind for kind in ENERGIES if kind.channel in names)
    if names - {kind.channel for kind in known}:
        problems.append(
            _("There is no such channel: the address may name A+, A−, R+ and R−.")
            if not names <= set(BY_CHANNEL)
            else _("Only energies are shown here: A+, A−, R+ and R−.")
        )
    return known or (A_PLUS,)


def _shown(
    query: QueryDict, problems: list[str], *, today: date, default: str
) -> periods.Shown:  # fmt: skip
    shown = periods.read(query, today=today, default=default)
    kind = query.get("period")
    wrong_kind = kind is not None and kind not in periods.KINDS
    wrong_day = bool(query.get("on")) and kind != "any" and _date(query.get("on")) is None
    if wrong_kind or wrong_day or (kind == "any" and shown.kind != "any"):
        problems.append(
            _any_problem(query)
            if kind == "any"
            else _("The period was not clear; the usual one is shown.")
        )
    elif shown.first > today:
        problems.append(_("This period has not begun yet."))
    return shown


def _any_problem(query: QueryDict) -> str:
    first, last = _date(query.get("from")), _date(query.get("to"))
    if not (first and last):
        return _("The period needs two dates, a first and a last one; the usual one is shown.")
    if first > last:
        return _("The period ends before it begins; the usual one is shown.")
    if last > first + periods.LONGEST:
        return _("A period here is up to three years long; the usual one is shown.")
    return _("The period was not clear; the usual one is shown.")


def _date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1990 <= found.year <= 2200 else None
