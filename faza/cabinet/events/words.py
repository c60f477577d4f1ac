"""Sentences of the journal: how long, how important, what else an event says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from faza.cabinet import words
from faza.cabinet.events.asking import Level
from faza.events.kinds import Device, Kind
from faza.ui import formats
from faza.ui.periods import Shown

LEVELS: dict[Level, str | Promise] = {
    Level.HIGH: pgettext_lazy("events of this level", "important"),
    Level.MIDDLE: pgettext_lazy("events of this level", "middling"),
    Level.LOW: pgettext_lazy("events of this level", "ordinary"),
}
"""How many of a level: «важные», as a legend and a filter say it."""
ONE: dict[Level, str | Promise] = {
    Level.HIGH: pgettext_lazy("one event", "important"),
    Level.MIDDLE: pgettext_lazy("one event", "middling"),
    Level.LOW: pgettext_lazy("one event", "ordinary"),
}
"""What one event is: «важное»."""
ICONS = {
    Device.METER: "device-desktop-analytics",
    Device.CONCENTRATOR: "router",
    Device.MODEM: "antenna",
    Device.SYSTEM: "server-2",
}
RIGHT = 0.5
"""So many seconds round to none."""
NAMED = 2
"""So many kinds of important events the first sentence names."""
TOLD = 3
"""So many values of an entry the small print names."""
# By the value groups C and D of an OBIS code; with the decimals and the unit.
QUANTITIES: dict[tuple[int, int], tuple[str, int, str]] = {
    (32, 7): ("U A", 1, "V"), (52, 7): ("U B", 1, "V"), (72, 7): ("U C", 1, "V"),
    (12, 7): ("U", 1, "V"), (31, 7): ("I A", 2, "A"), (51, 7): ("I B", 2, "A"),
    (71, 7): ("I C", 2, "A"), (11, 7): ("I", 2, "A"), (14, 7): ("f", 2, "Hz"),
}  # fmt: skip


def lead(
    shown: Shown, total: int, found: int, important: Mapping[str, int], *, today: date
) -> SafeString:
    """How many events a period has; how many are important, and which.

    found: how many of them the filters let through; the same number where there are none.
    important: how many of each kind, by its words.
    """
    when = words.during(shown, today=today)
    if not total:
        return words.filled(_("%(when)s nothing was written down."), when=capfirst(when))
    number = formats.number(found)
    many = ngettext("%(number)s event", "%(number)s events", found) % {"number": number}
    parts = {"when": capfirst(when), "many": words.bold(many)}
    if found != total:
        return words.filled(
            _("%(when)s %(many)s chosen of %(all)s."), all=formats.number(total), **parts
        )
    count = sum(important.values())
    if not count:
        return words.filled(_("%(when)s %(many)s were written down, none important."), **parts)
    what = _named(important)
    return words.filled(
        _("%(when)s %(many)s were written down, %(count)s important: %(what)s."),
        count=formats.number(count), what=what, **parts,
    )  # fmt: skip


def _named(kinds: Mapping[str, int]) -> str:
    """«питание выключено (3), пропуск данных и ещё 2»."""
    ranked = sorted(kinds.items(), key=lambda one: -one[1])
    said = [_small(text) if n == 1 else f"{_small(text)} ({n})" for text, n in ranked[:NAMED]]
    rest = sum(n for _text, n in ranked[NAMED:])
    listed = ", ".join(said)
    return _("%(listed)s and %(rest)s more") % {"listed": listed, "rest": rest} if rest else listed


def _small(text: str) -> str:
    """A sentence's beginning in its middle; what is written in capitals stays so."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def length(value: timedelta | None) -> str:
    """`4 с`, `6 мин 18 с`, `13 ч 59 мин`, `2 сут 3 ч`; empty where there is none."""
    if value is None:
        return ""
    seconds = round(value.total_seconds())
    if seconds >= 3600:
        return formats.duration(value)
    minutes, rest = divmod(seconds, 60)
    second = pgettext("unit of time", "s")
    parts = [str(formats.quantity(minutes, "min", 0))] if minutes else []
    if rest or not minutes:
        parts.append(f"{rest}{formats.NBSP}{second}")
    return formats.NBSP.join(parts)


def day_heading(day: date, *, today: date) -> str:
    """«Сегодня, 21 ноября»."""
    told = words.day_of(day, today=today)
    if day == today:
        return _("Today, %(day)s") % {"day": told}
    if day == today - timedelta(days=1):
        return _("Yesterday, %(day)s") % {"day": told}
    return told


def details(kind: Kind, told: Mapping[str, Any], zone: str) -> str:
    """What an entry says besides its code; empty where nothing of it is plain to people."""
    said = [_clock(told), _link(told), _number(told), _until(told, zone)]
    return ". ".join([one for one in said if one] or _measured(told))


def gap(told: Mapping[str, Any]) -> timedelta | None:
    """How much is missing, where an event tells of missing data."""
    minutes = told.get("minutes")
    return timedelta(minutes=minutes) if isinstance(minutes, int | float) else None


def device(device: Device, name: str) -> str:
    """«УСПД-369» by its own name, «модем 7» by what it is where the name does not say it."""
    label = str(device.label)
    if not name or name.casefold() == label.casefold():
        return label
    return name if name.casefold().startswith(label.casefold()) else f"{label} {name}"


def _clock(told: Mapping[str, Any]) -> str:
    before, after = told.get("before"), told.get("after")
    if isinstance(before, int | float) and isinstance(after, int | float):
        if abs(after) < RIGHT:
            return capfirst(_("%(off)s; now it is right") % {"off": _off(before)})
        return capfirst(_("%(off)s; now %(left)s") % {"off": _off(before), "left": _off(after)})
    offset = told.get("offset")
    return capfirst(_off(offset)) if isinstance(offset, int | float) else ""


def _off(seconds: float) -> str:
    """A clock's distance from the right time: plus is fast."""
    size = length(timedelta(seconds=abs(seconds)))
    if abs(seconds) < RIGHT:
        return pgettext("the clock", "the clock is right")
    if seconds < 0:
        return _("the clock was slow by %(time)s") % {"time": size}
    return _("the clock was fast by %(time)s") % {"time": size}


def _link(told: Mapping[str, Any]) -> str:
    return {
        "unreachable": _("There is no way to the meter"),
        "timeout": _("The meter does not answer"),
        "dropped": _("The connection breaks off"),
        "garbage": _("The answers cannot be understood"),
        "denied": _("The meter refuses the connection"),
        "counter": _("The meter refuses the connection"),
    }.get(str(told.get("problem", "")), "")


def _number(told: Mapping[str, Any]) -> str:
    number = told.get("number")
    return _("The meter that answers is No. %(number)s") % {"number": number} if number else ""


def _until(told: Mapping[str, Any], zone: str) -> str:
    """Until when a cover was open, as some meters tell."""
    try:
        moment = datetime.fromisoformat(str(told["until"]))
    except (KeyError, ValueError):
        return ""
    if moment.tzinfo is None:
        return ""
    return _("Until %(time)s") % {"time": formats.moment(moment, ZoneInfo(zone))}


def _measured(told: Mapping[str, Any]) -> Sequence[str]:
    """Voltages and currents that the entry holds, by the names of their objects."""
    found = []
    for name, value in told.items():
        groups = name.split(".")
        if len(groups) != 6 or not isinstance(value, int | float):
            continue
        try:
            key = int(groups[2]), int(groups[3])
        except ValueError:
            continue
        if key in QUANTITIES:
            label, decimals, unit = QUANTITIES[key]
            found.append(f"{label} {formats.quantity(value, unit, decimals)}")
    return [", ".join(found[:TOLD])] if found else []


def outages(count: int, whole: timedelta, longest: str) -> str:
    """«3 перерыва, всего 2 ч 41 мин; самый долгий — 1 ч 20 мин»."""
    parts = {"count": formats.number(count), "time": length(whole), "longest": longest}
    said = ngettext(
        "%(count)s outage, %(time)s", "%(count)s outages, %(time)s in all", count
    ) % parts  # fmt: skip
    if count > 1 and longest:
        said = _("%(outages)s; the longest: %(longest)s") % (parts | {"outages": said})
    return said
