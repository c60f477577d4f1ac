"""Pictures of a balance: the payload of the bars, small bars and lines drawn as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from faza.desk.balances.asked import Asked, month_of
from faza.desk.balances.node import Bar, Shown
from faza.ui import formats

WIDE, HIGH = 64, 16
"""Of a spark line, in units of its box."""


def bars(shown: Shown) -> dict[str, Any]:
    """The payload `balance` of frontend/src/charts/payloads.ts."""
    asked, zone = shown.asked, ZoneInfo(shown.zone)
    return {
        "unit": "%",
        "decimals": 1,
        "permitted": shown.sum.permitted,
        "words": {"permitted": _("permitted"), "notJudged": _("not judged")},
        "bars": [_bar(one, asked, zone) for one in shown.bars],
    }


def _bar(one: Bar, asked: Asked, zone: ZoneInfo) -> dict[str, Any]:
    local = one.start.astimezone(zone)
    told = one.sum
    notes = []
    if one.state != "coming":
        if told.percent is not None:
            notes.append(str(formats.energy(told.imbalance)))
        if told.permitted is not None:
            limit = formats.percent(told.permitted, 1)
            notes.append(_("permitted: ±%(limit)s") % {"limit": limit})
        notes.append(_("known hours: %(share)s") % {"share": formats.completeness(told.share)})
    return {
        "label": label(one, asked, zone),
        "title": title(one, asked, zone),
        "value": None if one.state == "coming" else told.percent,
        "state": one.state,
        "notes": notes,
        "href": _address(local.date(), asked),
        "chosen": asked.by == "day" and asked.span == "day" and local.date() == asked.last,
    }


def label(one: Bar, asked: Asked, zone: ZoneInfo) -> str:
    """Under a bar: the hour, the day of the month, the month."""
    local = one.start.astimezone(zone)
    if asked.by == "hour":
        return f"{local:%H}"
    return f"{local:%m.%y}" if asked.by == "month" else str(local.day)


def title(one: Bar, asked: Asked, zone: ZoneInfo) -> str:
    """A bar's stretch in full, for its table and tooltip."""
    local = one.start.astimezone(zone)
    if asked.by == "hour":
        return formats.moment(local)
    return f"{local:%m.%Y}" if asked.by == "month" else formats.day(local.date())


def _address(day: date, asked: Asked) -> str | None:
    """Where a click leads: to the day, or to the month."""
    if asked.by == "hour":
        return None
    if asked.by == "month":
        first = month_of(day)
        return asked.address(span="month", first=first, last=first, by="day")
    return asked.address(span="day", first=day, last=day)


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of what a balance is made of; x, width in hundredths, as SVG wants numbers."""

    name: str
    value: Decimal
    css: str
    x: str
    width: str


def pieces(shown: Shown) -> list[Piece]:
    """What came in, and how it divides, one beside the other."""
    told = shown.sum
    whole = max(told.received, told.released + told.losses, Decimal(1))
    rest = told.imbalance
    rows = [
        (_("Came in"), told.received, "in", Decimal(0), told.received),
        (_("Went out"), told.released, "out", told.losses + max(rest, Decimal(0)), told.released),
        *(
            [(_("Losses"), told.losses, "loss", max(rest, Decimal(0)), told.losses)]
            if shown.scheme.losses
            else []
        ),
        (_("Imbalance"), rest, "over" if told.over else "loss", Decimal(0), abs(rest)),
    ]
    return [
        Piece(name, value, css, f"{100 * x / whole:.2f}", f"{max(100 * wide / whole, 0):.2f}")
        for name, value, css, x, wide in rows
    ]


@dataclass(frozen=True, slots=True)
class Spark:
    """A line of days: paths of its unbroken parts, and where its last day is."""

    paths: tuple[str, ...]
    x: str
    y: str


def spark(days: Sequence[float | None]) -> Spark | None:
    """Days as a small line; a day that is not whole breaks it. None where none is."""
    there = [value for value in days if value is not None]
    if not there:
        return None
    top, low = max(there), min(there)
    # A fifth of the height at least, so that a calm line is drawn calm.
    tall = max(top - low, abs(top) / 5) or 1.0
    step = WIDE / max(len(days) - 1, 1)
    paths: list[str] = []
    is_open = False
    x = y = 0.0
    for n, value in enumerate(days):
        if value is None:
            is_open = False
            continue
        x, y = n * step, HIGH - 1 - (value - low) / tall * (HIGH - 2)
        part = f"{x:.1f} {y:.1f}"
        if is_open:
            paths[-1] += f" L {part}"
        else:
            paths.append(f"M {part}")
            is_open = True
    return Spark(tuple(paths), f"{x:.1f}", f"{y:.1f}")
