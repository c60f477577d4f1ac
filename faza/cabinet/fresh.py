"""What is new for the reader of the board: events of the week, notices, news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts import texts
from faza.accounts.models import User
from faza.cabinet.attention import Notice
from faza.cabinet.choice import Chosen
from faza.charges.fleets import Fleet
from faza.core.periods import Period
from faza.core.windows import Windows
from faza.events import journal
from faza.events.journal import Group, Tally
from faza.events.kinds import Importance
from faza.notifications import queries as notices
from faza.notifications.news import queries as news
from faza.ui import formats

WEEK = timedelta(days=7)
SHOWN = 3
LONGEST = 110
"""Characters of a piece of news on the board."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of news: its day, what it is called, how it begins."""

    day: str
    title: str
    beginning: str
    url: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class News:
    """The latest pieces and how many are not read."""

    pieces: tuple[Piece, ...]
    unread: int


def week(windows: Windows, chosen: Chosen, today: date, fleet: Fleet) -> Tally:
    """The events of seven days that end with today. Two queries; of many points one."""
    period = Period.of_days(
        today - WEEK + timedelta(days=1), today + timedelta(days=1), chosen.zone
    )
    paths = {point.id: point.path for point in chosen.points}
    return journal.tally(windows, period, chosen.zone, paths, counted(fleet, period, chosen.zone))


def counted(fleet: Fleet, period: Period, zone: str) -> journal.Daily:
    """How many events there are by day and kind; of many points they are some minutes old."""
    name = f"events:{period.start.isoformat()}:{period.end.isoformat()}:{zone}"
    return fleet.lately(name, lambda: journal.daily(fleet.windows, period, zone))


def events(told: Tally) -> list[Notice]:
    """One line of the week's events: how many, and the weightiest of them; none without any."""
    count = told.total()
    weighty = [one for one in told.groups if one.kind.importance >= Importance.WARNING]
    if not weighty:
        return []
    first = max(weighty, key=lambda one: (one.kind.importance, one.day))
    title = ngettext(
        "%(number)s event in the week", "%(number)s events in the week", count
    ) % {"number": formats.number(count)}  # fmt: skip
    kind = "bad" if first.kind.importance == Importance.ALARM else "warn"
    return [Notice("list-details", kind, title, _event(first), reverse("cabinet:events"))]


def _event(group: Group) -> str:
    parts = {"what": capfirst(str(group.kind.words)), "day": f"{group.day:%d.%m}"}
    if group.count == 1:
        return _("%(what)s, %(day)s.") % parts
    return _("%(what)s, %(day)s, %(count)s in all.") % (parts | {"count": group.count})


def unread(user: User, *, at: datetime) -> int:
    """How many notices nobody has read. One query where there is none."""
    return notices.unread(user, at=at)


def told(count: int) -> list[Notice]:
    """One line of notices that are not read yet; none without any."""
    if not count:
        return []
    title = ngettext(
        "%(number)s unread notice", "%(number)s unread notices", count
    ) % {"number": formats.number(count)}  # fmt: skip
    url = reverse("cabinet:notices") + "?unread=1"
    return [Notice("bell", "", title, _("Of the points and subscriptions that are yours."), url)]


def latest(user: User, *, at: datetime) -> News:
    """The latest news for a reader. One query where there is none at all."""
    if not news.published(at=at).exists():
        return News((), 0)
    found: Sequence[news.Read] = news.own(user, at=at)
    return News(
        tuple(
            Piece(
                day=f"{one.news.published_at:%d.%m}" if one.news.published_at else "",
                title=one.news.title,
                beginning=texts.excerpt(one.news.body, LONGEST),
                url=reverse("cabinet:news_piece", args=[one.news.pk]),
                is_read=one.is_read,
            )
            for one in found[:SHOWN]
        ),
        sum(not one.is_read for one in found),
    )
