"""What is still to be typed, told where the reader is: the menu, the board, its tile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import words
from faza.cabinet.attention import Notice
from faza.manual_entry import still
from faza.manual_entry.still import Open
from faza.ui import formats

NAMED = 2
"""So many points a line names; more are counted."""
DAY = timedelta(days=1)
KEPT = 300
"""Seconds that the answer is kept for the next page, of who has nothing to send too."""


def of(user: User, *, at: datetime) -> list[Open]:
    """`still.of`, remembered: the board and the bell of every page ask it.

    A reading that the person sends is forgotten at once (`forget`); one of another user of the
    same customer, or a window that the desk moves, may be told five minutes later.
    """
    found: list[Open] | None = cache.get(_key(user))
    if found is None:
        found = still.of(user, at=at)
        cache.set(_key(user), found, KEPT)
    return [one for one in found if one.window.end > at]


def forget(user: User) -> None:
    """The person has sent something."""
    cache.set(_key(user), None, KEPT)


def _key(user: User) -> str:
    return f"totype:{user.pk}:{user.acting_for}"


def left(found: Sequence[Open], *, at: datetime) -> str:
    """«4 дня» until the first window closes; hours on its last day; empty without any."""
    if not found:
        return ""
    rest = found[0].window.end - at
    if rest < DAY:
        return formats.duration(max(rest // timedelta(hours=1), 1) * timedelta(hours=1))
    return ngettext("%(count)s day", "%(count)s days", rest // DAY) % {
        "count": formats.number(rest // DAY)
    }


def fact(found: Sequence[Open]) -> str:
    """«2 точки, до 25.11»: what the tile of the board tells; empty without any."""
    if not found:
        return ""
    parts = {"points": words.points(len(found)), "day": f"{_last(found[0]):%d.%m}"}
    return _("%(points)s, until %(day)s") % parts


def notices(found: Sequence[Open]) -> list[Notice]:
    """One line of what needs attention; none without any."""
    if not found:
        return []
    if len(found) > NAMED:
        named = words.points(len(found))
    else:
        named = ", ".join(one.point.name for one in found)
    last = _last(found[0])
    told = {"day": f"{last:%d.%m}", "time": f"{last:%H:%M}"}
    text = _("The window closes on %(day)s at %(time)s. These readings do not come by themselves.")
    title = _("Send readings: %(points)s") % {"points": named}
    return [Notice("edit", "warn", title, text % told, reverse("cabinet:entry"))]


def _last(one: Open) -> datetime:
    """The last minute of a window, by the clock of its point."""
    return (one.window.end - timedelta(minutes=1)).astimezone(ZoneInfo(one.point.zone))
