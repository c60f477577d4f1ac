"""Sentences of the pages. Pure functions of numbers and the language; a number is never alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.dates import MONTHS, MONTHS_ALT, WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from faza.cabinet.series import Compared, Total
from faza.core.reading_types import A_MINUS, A_PLUS, GAS, HEAT, R_MINUS, R_PLUS, WATER, ReadingType
from faza.core.units import to_unit
from faza.ui import formats
from faza.ui.periods import Shown

SAME = 0.5
"""A change that rounds to 0 % is no change."""

IN_MONTH = (
    pgettext_lazy("when", "in January"), pgettext_lazy("when", "in February"),
    pgettext_lazy("when", "in March"), pgettext_lazy("when", "in April"),
    pgettext_lazy("when", "in May"), pgettext_lazy("when", "in June"),
    pgettext_lazy("when", "in July"), pgettext_lazy("when", "in August"),
    pgettext_lazy("when", "in September"), pgettext_lazy("when", "in October"),
    pgettext_lazy("when", "in November"), pgettext_lazy("when", "in December"),
)  # fmt: skip
LAST_WEEKDAY = (
    pgettext_lazy("compared with", "last Monday"), pgettext_lazy("compared with", "last Tuesday"),
    pgettext_lazy("compared with", "last Wednesday"),
    pgettext_lazy("compared with", "last Thursday"), pgettext_lazy("compared with", "last Friday"),
    pgettext_lazy("compared with", "last Saturday"), pgettext_lazy("compared with", "last Sunday"),
)  # fmt: skip
CHANNELS: dict[int, tuple[str | Promise, str | Promise, str | Promise]] = {
    A_PLUS.code: (
        pgettext_lazy("channel", "A+ import"),
        pgettext_lazy("channel", "Active energy, import"),
        pgettext_lazy("channel", "used"),
    ),
    A_MINUS.code: (
        pgettext_lazy("channel", "A− export"),
        pgettext_lazy("channel", "Active energy, export"),
        pgettext_lazy("channel", "given to the grid"),
    ),
    R_PLUS.code: (
        pgettext_lazy("channel", "R+ reactive"),
        pgettext_lazy("channel", "Reactive energy, import"),
        pgettext_lazy("channel", "reactive energy taken:"),
    ),
    R_MINUS.code: (
        pgettext_lazy("channel", "R− reactive"),
        pgettext_lazy("channel", "Reactive energy, export"),
        pgettext_lazy("channel", "reactive energy given:"),
    ),
    WATER.code: (
        pgettext_lazy("channel", "Water"),
        pgettext_lazy("channel", "Water, volume"),
        pgettext_lazy("channel", "water used:"),
    ),
    GAS.code: (
        pgettext_lazy("channel", "Gas"),
        pgettext_lazy("channel", "Gas, volume"),
        pgettext_lazy("channel", "gas used:"),
    ),
    HEAT.code: (
        pgettext_lazy("channel", "Heat"),
        pgettext_lazy("channel", "Heat energy"),
        pgettext_lazy("channel", "heat used:"),
    ),
}
"""Of each channel: its name on a switch, over a picture, and the verb that says it."""


def filled(sentence: str, **parts: str) -> SafeString:
    """A translated sentence with its places filled: these are escaped, the sentence is ours."""
    return SafeString(sentence % {name: conditional_escape(part) for name, part in parts.items()})


def bold(text: object) -> SafeString:
    return format_html("<b>{}</b>", text)


def decimal(value: int | None, kind: ReadingType) -> Decimal | None:
    """A stored integer in the unit people read."""
    return None if value is None else to_unit(value, kind)


def told(value: int | None, kind: ReadingType, decimals: int | None = None) -> str:
    """An energy in words of a sentence: with more places where there is little of it."""
    exact = decimal(value, kind)
    if decimals is None:
        decimals = 1 if exact is None or abs(exact) >= 10 or not exact else 3
    return str(formats.energy(exact, kind.unit, decimals))


def month(day: date) -> str:
    """«ноябрь»."""
    return _small(str(MONTHS[day.month]))


def of_month(day: date) -> str:
    """«ноября»."""
    return _small(str(MONTHS_ALT[day.month]))


def _small(name: str) -> str:
    """English months keep their capital letter."""
    return name if (get_language() or "").startswith("en") else name.lower()


def weekday(day: date) -> str:
    """«вт»."""
    return str(WEEKDAYS_ABBR[day.weekday()]).lower()


def last_weekday(day: date) -> str:
    """«прошлая суббота»."""
    return str(LAST_WEEKDAY[day.weekday()])


def day_of(day: date, *, today: date) -> str:
    """«17 ноября», with the year where it is another one."""
    parts = {"day": day.day, "month": of_month(day), "year": day.year}
    if day.year == today.year:
        return _("%(day)s %(month)s") % parts
    return _("%(day)s %(month)s %(year)s") % parts


def during(shown: Shown, *, today: date) -> str:
    """When, as a sentence begins in the middle: «за неделю», «в ноябре»."""
    if shown.kind == "day":
        return day_of(shown.first, today=today)
    if shown.kind == "month":
        when = str(IN_MONTH[shown.first.month - 1])
        if shown.first.year == today.year:
            return when
        return _("%(in_month)s %(year)s") % {"in_month": when, "year": shown.first.year}
    if shown.kind == "week":
        return _("over the week")
    if shown.kind == "year":
        return _("in the year %(year)s") % {"year": shown.first.year}
    days = (shown.end - shown.first).days
    return ngettext("over %(days)s day", "over %(days)s days", days) % {"days": days}


def points(count: int) -> str:
    """«5 точек учёта»."""
    number = formats.number(count)
    return ngettext("%(number)s usage point", "%(number)s usage points", count) % {"number": number}


def left_out(count: int) -> tuple[str, ...]:
    """What is said where points of other resources are chosen too."""
    if not count:
        return ()
    sentence = ngettext(
        "Without %(count)s point of another resource: only one resource is added up.",
        "Without %(count)s points of other resources: only one resource is added up.",
        count,
    )
    return (sentence % {"count": formats.number(count)},)


def silent(count: int) -> str:
    """What has to be said where points that send no intervals are left out of a sum."""
    if count <= 0:
        return ""
    return ngettext(
        "without %(count)s point that sends no intervals",
        "without %(count)s points that send no intervals",
        count,
    ) % {"count": count}


def explorer_lead(
    kind: ReadingType,
    total: Total,
    shown: Shown,
    *,
    today: date,
    who: str,
    only_day: date | None = None,
) -> SafeString:
    """What a period comes to, and what is missing in it.

    who: a point's name or how many they are. only_day: where everything missing is on one day.
    """
    when = during(shown, today=today)
    if total.value is None:
        return filled(_("%(who)s: there are no data %(when)s."), who=who, when=when)
    parts = {
        "who": who,
        "when": when,
        "used": str(CHANNELS[kind.code][2]),
        "energy": bold(told(total.value, kind)),
        "rest": _reserves(total, only_day),
    }
    return filled(_("%(who)s: %(when)s %(used)s %(energy)s%(rest)s."), **parts)


def estimated_share(total: Total) -> str:
    """«4 %», «0,7 %», «< 0,1 %»: what is estimated at all never reads as nothing."""
    share = total.estimated_share
    if share < 0.05:
        return f"<{formats.NBSP}{formats.percent(0.1, 1)}"
    return formats.percent(share, 0 if share >= 1 else 1)


def _reserves(total: Total, only_day: date | None) -> str:
    """What has to be said beside a sum; empty where it is whole and measured."""
    said = []
    if total.estimated:
        said.append(_("%(share)s of it estimated") % {"share": estimated_share(total)})
    if total.missing:
        gap = formats.duration(total.gap)
        if only_day:
            parts = {"gap": gap, "day": f"{only_day:%d.%m}"}
            said.append(_("not counting %(gap)s without data on %(day)s") % parts)
        else:
            said.append(_("not counting %(gap)s without data") % {"gap": gap})
    return "".join(f", {part}" for part in said)


def board_lead(
    kind: ReadingType,
    total: Total,
    month: date,
    *,
    last_month: Compared | None,
    last_year: Compared | None,
    cost: str = "",
) -> SafeString:
    """The answer of the board: the month so far, and how it stands beside earlier ones.

    cost: what all of it costs, where that is known.
    """
    when = str(IN_MONTH[month.month - 1])
    if total.value is None:
        return filled(_("There are no data %(when)s yet."), when=when)
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    said = []
    if last_month is not None and last_month.change is not None:
        said.append(_beside_month(last_month.change, of_month(before)))
    if last_year is not None and last_year.change is not None:
        said.append(_beside_year(last_year.change))
    rest = ""
    if len(said) == 2:
        rest = _(" — %(one)s, and %(other)s") % {"one": said[0], "other": said[1]}
    elif said:
        rest = _(" — %(one)s") % {"one": said[0]}
    parts = {
        "when": capfirst(when),
        "used": str(CHANNELS[kind.code][2]),
        "energy": bold(told(total.value, kind)),
        "rest": rest,
    }
    if cost:
        return filled(
            _("%(when)s %(used)s %(energy)s for %(cost)s%(rest)s."), cost=bold(cost), **parts
        )
    return filled(_("%(when)s %(used)s %(energy)s%(rest)s."), **parts)


def _beside_month(change: float, month: str) -> str:
    if abs(change) < SAME:
        return _("as much as over the same days of %(month)s") % {"month": month}
    parts = {"share": formats.percent(abs(change)), "month": month}
    if change > 0:
        return _("%(share)s more than over the same days of %(month)s") % parts
    return _("%(share)s less than over the same days of %(month)s") % parts


def _beside_year(change: float) -> str:
    if abs(change) < SAME:
        return _("as much as a year ago")
    parts = {"share": formats.percent(abs(change))}
    if change > 0:
        return _("%(share)s more than a year ago") % parts
    return _("%(share)s less than a year ago") % parts


def compared(found: Compared | None) -> str:
    """What has to be said beside a comparison; empty where it is whole."""
    if found is None:
        return _("nothing to compare with")
    if found.is_whole:
        return ""
    return _("compared over %(share)s of the time, the rest has gaps") % {
        "share": formats.percent(max(1, int(found.share)))
    }


def until(moment: datetime | None, zone: str, *, at: datetime) -> str:
    """«Данные до 14:00», with the date where it is not today."""
    if moment is None:
        return _("No data have arrived yet")
    tz = ZoneInfo(zone)
    local, now = moment.astimezone(tz), at.astimezone(tz)
    if local.date() == now.date():
        return _("Data until %(time)s") % {"time": formats.clock(local)}
    end = formats.moment(local)
    if (local.hour, local.minute) == (0, 0):
        # Midnight belongs to the day that it ends.
        end = f"{formats.day((local - timedelta(days=1)).date())}{formats.NBSP}24:00"
    return _("Data until %(time)s") % {"time": end}


def over(end: datetime, zone: str) -> str:
    """«Ваш договор по этой точке действовал до 21.06.2026»."""
    last = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    return _("Your time with the point ended on %(day)s") % {"day": formats.day(last)}


def late(moment: datetime | None, *, at: datetime) -> str:
    """«запаздывают на 5 сут»."""
    if moment is None:
        return ""
    return _("late by %(time)s") % {"time": formats.duration(at - moment)}


def previous(shown: Shown) -> str:
    """What the period before is called, over its number."""
    return {
        "day": pgettext("compared with", "To the day before"),
        "week": pgettext("compared with", "To the week before"),
        "month": pgettext("compared with", "To the month before"),
        "year": pgettext("compared with", "To the year before"),
    }.get(shown.kind, pgettext("compared with", "To the period before"))


def stretch(start: datetime, end: datetime) -> str:
    """«18.11 с 00:00 до 10:00», or with both dates where it goes over midnight."""
    last = end - timedelta(microseconds=1)
    closing = "24:00" if (end.hour, end.minute) == (0, 0) else formats.clock(end)
    if start.date() == last.date():
        if formats.clock(start) == "00:00" and closing == "24:00":
            return _("%(day)s, the whole day") % {"day": f"{start:%d.%m}"}
        parts = {"day": f"{start:%d.%m}", "from": formats.clock(start), "to": closing}
        return _("%(day)s from %(from)s to %(to)s") % parts
    parts = {
        "first": f"{start:%d.%m}{formats.NBSP}{formats.clock(start)}",
        "last": f"{last:%d.%m}{formats.NBSP}{closing}",
    }
    return _("from %(first)s to %(last)s") % parts


def before(shown: Shown) -> str:
    """What the period before is called where it is drawn."""
    return {
        "day": pgettext("drawn beside", "the day before"),
        "week": pgettext("drawn beside", "the week before"),
        "month": pgettext("drawn beside", "the month before"),
        "year": pgettext("drawn beside", "the year before"),
    }.get(shown.kind, pgettext("drawn beside", "the period before"))


def compare_with(shown: Shown) -> str:
    """What the switch says that draws the period before."""
    return {
        "day": pgettext("compare", "Compare with the day before"),
        "week": pgettext("compare", "Compare with the week before"),
        "month": pgettext("compare", "Compare with the month before"),
        "year": pgettext("compare", "Compare with the year before"),
    }.get(shown.kind, pgettext("compare", "Compare with the period before"))
