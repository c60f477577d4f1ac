"""Words of the collection: kinds, steps, windows, drivers, states, what a session came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from faza.collection.models import CollectionPlan, Command, DeviceTask, Session
from faza.collection.polling.work import Kind, Order, Outcome
from faza.desk.polling import reach
from faza.ui import formats

HOUR, DAY = 60, 1440
DRIVERS: dict[str, str | Promise] = {
    "dlms-wrapper": gettext_lazy("SPODES, TCP wrapper"),
    "dlms-hdlc": gettext_lazy("SPODES, HDLC"),
    "mercury230": gettext_lazy("Mercury 230"),
}
STATES: dict[str, tuple[str | Promise, str, str]] = {
    reach.GOOD: (gettext_lazy("read"), "good", "check"),
    reach.DUE: (gettext_lazy("its turn"), "", "clock"),
    reach.RETRY: (gettext_lazy("waits for another try"), "warn", "refresh"),
    reach.BAD: (gettext_lazy("error"), "bad", "x"),
    reach.OFF: (gettext_lazy("switched off"), "t3", "circle-minus"),
}
"""Words, colour and icon of the state of a device."""
KINDS = dict(DeviceTask._meta.get_field("kind").flatchoices)
PROBLEMS = {name: words for name, words in Session._meta.get_field("problem").flatchoices if name}


def kinds(every: Iterable[str]) -> str:
    """What a plan reads, in the order of sessions."""
    there = set(every)
    return ", ".join(str(KINDS[kind]) for kind in Kind if kind in there)


def every(items: Mapping[str, int]) -> str:
    """How often the most frequent reading of a plan is due."""
    return step(min(items.values())) if items else formats.DASH


def step(minutes: int) -> str:
    if minutes == HOUR:
        return _("every hour")
    if minutes == DAY:
        return _("once a day")
    if minutes % DAY == 0:
        days = minutes // DAY
        return ngettext("every %(n)s day", "every %(n)s days", days) % {"n": days}
    if minutes % HOUR == 0:
        hours = minutes // HOUR
        return ngettext("every %(n)s hour", "every %(n)s hours", hours) % {"n": hours}
    return ngettext("every %(n)s minute", "every %(n)s minutes", minutes) % {"n": minutes}


def window(plan: CollectionPlan) -> str:
    if plan.window_from is None or plan.window_to is None:
        return "00–24"
    return f"{plan.window_from:%H:%M}–{plan.window_to:%H:%M}"


def driver(name: str) -> str:
    return str(DRIVERS.get(name, name))


def problem(code: str) -> str:
    return str(PROBLEMS.get(code, code))


def outcome(session: Session) -> tuple[str, str, str]:
    """(words, colour, icon) of what a session came to."""
    if session.problem:
        colour = "warn" if session.outcome == Outcome.PARTIAL else "bad"
        return problem(session.problem), colour, "alert-triangle" if colour == "warn" else "x"
    told = read(session.summary)
    if session.outcome == Outcome.DONE:
        return told or _("done"), "good", "check"
    return told or _("done in part"), "warn", "alert-triangle"


def read(summary: Mapping[str, Any]) -> str:
    """What was read, shortly: intervals first."""
    counts = summary.get("read", {})
    found = []
    intervals = counts.get("profile 1", 0) or counts.get("profile 2", 0)
    if intervals:
        told = ngettext("%(n)s interval", "%(n)s intervals", intervals)
        found.append(told % {"n": formats.number(intervals)})
    if any(name.startswith("registers") and n for name, n in counts.items()) and not found:
        found.append(_("registers"))
    events = counts.get("events", 0)
    if events:
        found.append(ngettext("%(n)s event", "%(n)s events", events) % {"n": events})
    return ", ".join(found)


def size(count: int) -> str:
    return _("%(n)s bytes") % {"n": formats.number(count)}


def seconds(start: datetime, end: datetime) -> str:
    return in_seconds(formats.number((end - start).total_seconds(), 1))


def offset(value: float | None) -> str:
    """How far off a clock is: «−3,2 с»."""
    return "" if value is None else in_seconds(formats.signed(value, 1))


def in_seconds(number: str) -> str:
    return _("%(n)s s") % {"n": number}


def who_asked(command: Command | None) -> str:
    """Who began a session: a plan, or a person with initials only."""
    if command is None:
        return _("by plan")
    return _("operator") if command.by is not None else _("a rule")


def order(command: Command) -> str:
    """What a command asks for."""
    if command.kind == Order.SHIFT_CLOCK:
        return _("shift the clock by %(n)s s") % {"n": formats.signed(command.arguments["seconds"])}
    return str(command.get_kind_display())
