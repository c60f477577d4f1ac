"""Events by day, or by month where the period is long: the picture and its table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from faza.cabinet import words
from faza.cabinet.events.asking import LEVELS, Level
from faza.cabinet.events.words import LEVELS as NAMES
from faza.events.kinds import Importance
from faza.ui import addresses, formats
from faza.ui.periods import Shown

DAY = timedelta(days=1)
MOST_DAYS = 62
"""So many days have bars of their own."""
ORDER = (Level.LOW, Level.MIDDLE, Level.HIGH)
"""From below: what matters stands on top."""

Days = Mapping[date, Mapping[Importance, int]]


def is_by_month(shown: Shown) -> bool:
    return (shown.end - shown.first).days > MOST_DAYS


def _counts(days: Days, shown: Shown) -> dict[date, dict[Level, int]]:
    """By the first day of each bar, which all are there, by level."""
    by_month = is_by_month(shown)
    found: dict[date, dict[Level, int]] = {}
    for n in range((shown.end - shown.first).days):
        day = shown.first + n * DAY
        found.setdefault(day.replace(day=1) if by_month else day, defaultdict(int))
    for day, importances in days.items():
        bar = found.get(day.replace(day=1) if by_month else day)
        if bar is not None:
            for importance, n in importances.items():
                bar[LEVELS[importance]] += n
    return found


def bars(days: Days, shown: Shown, query: QueryDict) -> dict[str, Any] | None:
    """The payload of the picture; nothing for a single day."""
    counts = _counts(days, shown)
    if len(counts) < 2:
        return None
    by_month = is_by_month(shown)
    made = []
    for day, levels in counts.items():
        kind = "month" if by_month else "day"
        made.append(
            {
                "label": words.month(day)[:3] if by_month else str(day.day),
                "title": f"{words.month(day)} {day.year}" if by_month
                else f"{words.weekday(day)}, {formats.day(day)}",
                "counts": [levels.get(level, 0) for level in ORDER],
                "href": addresses.changed(
                    query, period=kind, on=day.isoformat(), from_=None, to=None, page=None
                )
                if any(levels.values()) else None,
            }
        )  # fmt: skip
    return {
        "by_month": by_month,
        "levels": [
            {"name": str(NAMES[level]), "ink": ink}
            for level, ink in zip(ORDER, ("compare", "r-plus", "bad"), strict=True)
        ],
        "words": {"none": _("no events")},
        "bars": made,
    }


def rows(days: Days, shown: Shown) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The same as a table, the important ones first: only bars that have anything."""
    by_month = is_by_month(shown)
    return tuple(
        (
            f"{words.month(day)} {day.year}" if by_month else formats.day(day),
            tuple(formats.number(levels.get(level, 0)) for level in reversed(ORDER)),
        )
        for day, levels in _counts(days, shown).items()
        if any(levels.values())
    )
