"""How good the supply was: voltage over a day and a month, interruptions by billing period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet import words as common
from faza.cabinet.network import rows
from faza.collection.supply_quality import Counted
from faza.readings.network.quality import (
    LENGTHS,
    Extreme,
    Interruption,
    MonthOf,
    Voltages,
    by_month,
    histogram,
    voltages,
)
from faza.readings.network.queries import Course
from faza.readings.network.verdicts import TOLERANCE
from faza.ui import formats

MONTHS = 12
"""Billing periods whose interruptions are shown."""


@dataclass(frozen=True, slots=True)
class Stat:
    """A number of the strip under the chart; `hint` says how it is known."""

    label: str
    value: str
    unit: str = ""
    hint: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a list with a bar of so many percent."""

    label: str
    count: str
    share: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class Interruptions:
    """What journals tell of time without supply; `silent` says why nothing is known."""

    lead: str = ""
    months: tuple[Bar, ...] = ()
    lengths: tuple[Bar, ...] = ()
    latest: tuple[tuple[str, str], ...] = ()
    silent: str = ""


def of_course(course: Course, phases: int, agreed: float | None) -> Voltages | None:
    """The voltages of a course; None where none is known or nothing to compare with."""
    if not agreed:
        return None
    names = ("UA", "UB", "UC") if phases == 3 else ("UA", "U")
    told = {name[1:] or "A": course.values[name] for name in names if name in course.values}
    if not told:
        return None
    return voltages(told, course.starts, course.minutes, agreed, TOLERANCE)


def part(course: Course, start: datetime, end: datetime) -> Course:
    """The intervals of a course that begin in [start, end)."""
    low, high = (int(np.searchsorted(course.starts, int(at.timestamp()))) for at in (start, end))
    inside = slice(low, high)
    values = {name: one[inside] for name, one in course.values.items()}
    return Course(course.starts[inside], course.minutes, values)


def strip(
    lately: Voltages | None, month: Voltages | None, counted: Counted | None, first: date,
    cut: MonthOf | None, *, over: str,
) -> tuple[Stat, ...]:  # fmt: skip
    """Numbers under the chart. first: of the month; over: what the chart's time is called."""
    name = common.month(first)
    made = []
    if lately is not None and lately.known:
        made.append(_extreme(_("Least"), lately.least))
        made.append(_extreme(_("Greatest"), lately.greatest))
        made.append(_share(_("Out of ±10 %% %(over)s") % {"over": over}, lately))
    label = _("Out of ±10 %% in %(month)s") % {"month": name}
    if counted is not None and counted.outside is not None:
        hint = _("By the meter's own counter, read on %(day)s.") % {
            "day": formats.moment(counted.at.astimezone(UTC), None)
        }
        note = _("official: the meter's counter")
        made.append(Stat(label, *_short(counted.outside), hint=hint, note=note))
    elif month is not None and month.known:
        made.append(_share(label, month))
    if cut is not None:
        made.append(_cuts(cut, name))
    return tuple(made)


def _extreme(label: str, of: Extreme | None) -> Stat:
    if of is None:
        return Stat(label, formats.DASH)
    named = _("%(label)s, phase %(phase)s") % {"label": label, "phase": of.phase}
    return Stat(named, rows.volts(of.value), formats.unit_name("V"))


def _share(label: str, of: Voltages) -> Stat:
    time = timedelta(minutes=of.outside)
    value, unit = _short(time)
    note = "" if of.is_official else _("estimate by averages")
    minutes = formats.quantity(of.minutes, "min", 0)
    hint = _("By averages over %(minutes)s") % {"minutes": minutes}
    if of.known < of.expected:
        gap = formats.duration(timedelta(minutes=of.expected - of.known))
        hint += "; " + _("%(time)s without data") % {"time": gap}
        note = "; ".join(filter(None, (note, _("%(time)s without data") % {"time": gap})))
    return Stat(label, value, unit, hint=hint, note=note)


def _short(time: timedelta) -> tuple[str, str]:
    """«4 с», «0 мин», «2 ч 10 мин» in two parts."""
    seconds = round(time.total_seconds())
    if 0 < seconds < 120:
        return formats.number(seconds), _("s")
    told = formats.duration(time).split(formats.NBSP)
    return formats.NBSP.join(told[:-1]), told[-1]


def _cuts(of: MonthOf, month: str) -> Stat:
    label = _("Interruptions in %(month)s") % {"month": month}
    if not of.count and not of.lost:
        return Stat(label, "0")
    times = ngettext("time", "times", of.count)
    return Stat(label, formats.number(of.count), f"{times}, {told(of.lost)}")


def told(time: timedelta) -> str:
    """A length of an interruption: seconds where it is short."""
    return " ".join(_short(time))


def interruptions(
    found: Sequence[Interruption], since: date, today: date, zone: str, *, at: datetime
) -> tuple[Interruptions, MonthOf | None]:
    """By billing period and by length, over the last MONTHS or since `since`; and of this month."""
    months = _months(max(since.replace(day=1), _back(today.replace(day=1), MONTHS - 1)), today)
    if not months:
        return Interruptions(), None
    counted = by_month(found, months, zone, at=at)
    start = datetime(months[0].year, months[0].month, 1, tzinfo=ZoneInfo(zone))
    shown = [one for one in found if one.start >= start]
    most = max((one.count for one in counted), default=0) or 1
    lost = sum((one.lost for one in counted), timedelta())
    count = sum(one.count for one in counted)
    tz = ZoneInfo(zone)
    latest = [
        (
            formats.moment(one.start, tz),
            told(one.length(at=at)) if one.end else _("has not ended"),
        )
        for one in reversed(shown[-5:])
    ]
    made = Interruptions(
        _lead(count, lost, len(months)),
        tuple(_month(one, most) for one in reversed(counted)),
        _lengths(histogram(shown, at=at)),
        tuple(latest),
    )
    return made, counted[-1]


def _lead(count: int, lost: timedelta, months: int) -> str:
    over = ngettext("over %(count)s month", "over %(count)s months", months) % {"count": months}
    if not count and not lost:
        return _("none %(over)s") % {"over": over}
    times = ngettext("%(count)s time", "%(count)s times", count) % {"count": formats.number(count)}
    return _("%(times)s %(over)s, %(lost)s in all") % {
        "times": times, "over": over, "lost": told(lost)
    }  # fmt: skip


def _month(of: MonthOf, most: int) -> Bar:
    name = f"{capfirst(common.month(of.month))} {of.month.year}"
    said = told(of.lost) if of.lost else ""
    if of.short:
        parts = {"count": formats.number(of.short)}
        short = ngettext("%(count)s short", "%(count)s short ones", of.short) % parts
        said = ", ".join(filter(None, (said, short)))
    return Bar(name, formats.number(of.count), round(100 * of.count / most, 1), said)


def _lengths(counts: Sequence[int]) -> tuple[Bar, ...]:
    edges = [formats.duration(one) for one in LENGTHS]
    names = [_("up to %(most)s") % {"most": edges[0]}]
    names += [f"{low} – {high}" for low, high in zip(edges, edges[1:], strict=False)]
    names.append(_("longer than %(least)s") % {"least": edges[-1]})
    most = max(counts) or 1
    return tuple(
        Bar(name, formats.number(count), round(100 * count / most, 1))
        for name, count in zip(names, counts, strict=True)
    )


def _months(first: date, last: date) -> list[date]:
    found = []
    while first <= last:
        found.append(first)
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return found


def _back(month: date, count: int) -> date:
    years, left = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, left + 1, 1)
