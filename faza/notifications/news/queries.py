"""Which news somebody reads in the cabinet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.notifications.models import News, NewsRead
from faza.notifications.news import audience

SHOWN = 200
"""So many of the latest pieces are looked through for a reader."""


@dataclass(frozen=True, slots=True)
class Read:
    """A piece of news, and whether the reader has read it."""

    news: News
    is_read: bool


def published(*, at: datetime) -> QuerySet[News]:
    """What is shown at a moment, the newest first."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    rows = News.objects.filter(
        Q(shown_until=None) | Q(shown_until__gte=today), published_at__lte=at, withdrawn_at=None
    )
    return rows.order_by("-published_at", "-id")


def own(user: User, *, at: datetime) -> list[Read]:
    """The news that are for a user, the newest first. Ten queries at most."""
    latest = list(published(at=at).prefetch_related("nodes", "points")[:SHOWN])
    mine = audience.of(user, latest, at=at)
    read = set(
        NewsRead.objects.filter(user=user, news__in=[one.pk for one in mine]).values_list(
            "news", flat=True
        )
    )
    return [Read(one, one.pk in read) for one in mine]


def unread(user: User, *, at: datetime) -> int:
    """How many of them the user has not read; one query where no news is out."""
    if not published(at=at).exists():
        return 0
    return sum(not one.is_read for one in own(user, at=at))
