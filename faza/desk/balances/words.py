"""What the pages of balances say of numbers, in sentences and short remarks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from faza.desk.balances.asked import DAY, Asked
from faza.desk.balances.node import NOTABLE, STRONG, Line, Shown
from faza.ui import formats

CALM = 0.8
"""What was usual is told where it is less than so much of what is now."""
SOON = timedelta(days=180)
"""So early the end of a verification is told."""
FRESH = timedelta(days=28)
"""A meter that stands since less is a reason to look at what was put in."""

ORDERS: dict[str, str | Promise] = {
    "suspicion": gettext_lazy("Suspicion"),
    "volume": gettext_lazy("Volume"),
    "tree": gettext_lazy("As in the network"),
}
SPANS: dict[str, str | Promise] = {
    "day": gettext_lazy("Day"),
    "month": gettext_lazy("Month"),
    "any": pgettext_lazy("period", "Any"),
}
STEPS: dict[str, str | Promise] = {
    "hour": gettext_lazy("By hours"),
    "day": gettext_lazy("By days"),
    "month": gettext_lazy("By months"),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A few words about a point; css: bad, warn or nothing."""

    text: str
    css: str = ""


def remark(line: Line, asked: Asked) -> Remark | None:
    """What to look at first of a point; None where nothing stands out."""
    if line.point is None:
        return Remark(_("a point of another area"), "warn")
    if line.complete <= 0:
        return Remark(_("no data"), "bad")
    if line.since is not None and (line.correlation or 0) < -NOTABLE:
        told = _("falls since %(day)s") if line.turn < 0 else _("grows since %(day)s")
        return Remark(told % {"day": f"{line.since:%d.%m}"}, "bad")
    if line.plate is None:
        return Remark(_("no meter stands there"), "bad")
    if (due := line.plate.due) is not None and due <= asked.last:
        told = _("the verification has ended on %(day)s")
        return Remark(told % {"day": formats.day(due)}, "bad")
    if line.complete < 100:
        return Remark(_("some hours are missing"), "warn")
    if asked.last - line.plate.since.date() < FRESH:
        told = _("another meter since %(day)s")
        return Remark(told % {"day": f"{line.plate.since:%d.%m}"}, "warn")
    if due is not None and due <= asked.last + SOON:
        return Remark(_("verified until %(day)s") % {"day": f"{due:%m.%Y}"}, "warn")
    if line.is_reversed:
        return Remark(_("stands the other way round"))
    return Remark(_("no accuracy class")) if not line.is_told else None


def period(asked: Asked) -> str:
    """The days shown: 18.11.2026, or 01.11.2026 – 30.11.2026."""
    return formats.dates(asked.first, asked.last)


def conclusions(shown: Shown) -> list[str]:
    """What the course of the last days and the first suspect say together; empty if nothing."""
    if not shown.sum.over:
        return []
    told = []
    if shown.is_longer:
        words = _("For %(count)s days at least it has been beyond what is permitted.")
        told.append(words % {"count": shown.streak})
    elif shown.streak > 1:
        told.append(
            ngettext(
                "%(count)s day in a row beyond what is permitted.",
                "%(count)s days in a row beyond what is permitted.",
                shown.streak,
            )
            % {"count": shown.streak}
        )
    if shown.streak and _was_calm(shown):
        before = shown.asked.last - timedelta(days=shown.streak)
        words = _("Until %(day)s it was about %(percent)s.")
        percent = formats.percent(shown.usual, 1)
        told.append(words % {"day": f"{before:%d.%m}", "percent": percent})
    if suspect := suspected(shown):
        told.append(_accused(suspect))
    elif not shown.scheme.losses:
        told.append(_("No computed losses are set: they are within the imbalance."))
    return told


def _was_calm(shown: Shown) -> bool:
    """Whether the imbalance was within what is permitted, and clearly less, before these days."""
    now, usual, limit = shown.sum.percent, shown.usual, shown.sum.permitted
    if now is None or usual is None or limit is None:
        return False
    return abs(usual) <= limit and abs(usual) < CALM * abs(now)


def suspected(shown: Shown) -> Line | None:
    """The point that goes out whose course fits the imbalance best, if it fits at all."""
    fitting = [
        line
        for line in shown.outward
        if line.point and line.since and (line.correlation or 0) <= -STRONG
    ]
    return min(fitting, key=lambda line: line.correlation or 0, default=None)


def _accused(line: Line) -> str:
    assert line.point is not None, "suspected() gives no other"
    assert line.since is not None, "suspected() gives no other"
    told = {"name": line.point.name, "day": f"{line.since:%d.%m}"}
    if line.turn < 0:
        return (
            _(
                "Since %(day)s «%(name)s» takes a smaller share, and what comes in stays: look for"
                " an unmetered load or a phase that its transformers have lost."
            )
            % told
        )
    return (
        _("Since %(day)s «%(name)s» takes a greater share: look at its ratio and its meter.") % told
    )


def missing(shown: Shown) -> list[str]:
    """Names of the points for which the balance is not whole, the emptiest first."""
    lacking = sorted(
        (line for line in shown.lines if line.point and line.complete < 100),
        key=lambda line: line.complete,
    )
    return [line.point.name for line in lacking if line.point]


def compared(day: date) -> str:
    """With what the usual is compared: the four same weekdays before."""
    names = (
        _("the four Mondays before"), _("the four Tuesdays before"),
        _("the four Wednesdays before"), _("the four Thursdays before"),
        _("the four Fridays before"), _("the four Saturdays before"),
        _("the four Sundays before"),
    )  # fmt: skip
    return names[day.weekday()]


def is_day(asked: Asked) -> bool:
    return asked.span == DAY
