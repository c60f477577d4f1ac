"""What is done with news at the desk: written, published, withdrawn; each deed in the trail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.jobs import services as jobs
from faza.metering.models import NetworkNode, UsagePoint
from faza.notifications.models import News, NewsRead
from faza.notifications.news.spreading import SPREAD


class Published(Exception):
    """What is published never changes; it can be withdrawn."""


class NotPublished(Exception):
    """Only what is published can be withdrawn."""


class Changed(Exception):
    """Somebody else has written over the draft that was seen."""


class Empty(Exception):
    """A piece without a title or without words."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What somebody writes: see `models.News`."""

    title: str
    body: str
    group: News.Group = News.Group.ALL
    nodes: Collection[NetworkNode] = ()
    points: Collection[UsagePoint] = ()
    is_important: bool = False
    shown_until: date | None = None


@transaction.atomic
def write(
    *, piece: Piece, by: User, at: datetime, over: News | None = None, seen: str = ""
) -> News:
    """Keep a draft: a new one, or over an old one.

    seen: when that one was written, as the writer saw it. Raises Empty, Published, Changed.
    """
    if not piece.title.strip() or not piece.body.strip():
        raise Empty
    row = News(author=by) if over is None else News.objects.select_for_update().get(pk=over.pk)
    if row.published_at is not None:
        raise Published(row.pk)
    if over is not None and seen != row.written_at.isoformat():
        raise Changed(row.pk)
    before = _told(row) if over is not None else None
    row.title, row.body, row.group = piece.title.strip(), piece.body, piece.group
    row.is_important, row.shown_until, row.written_at = piece.is_important, piece.shown_until, at
    row.save()
    row.nodes.set(piece.nodes)
    row.points.set(piece.points)
    audit.note("notifications.news.written", of=row, by=by, at=at, before=before, after=_told(row))
    return row


@transaction.atomic
def publish(*, news: News, by: User, at: datetime, seen: str) -> News:
    """Show a draft to its readers, and have a job tell those who want mails.

    seen: when it was written, as who publishes saw it. Raises Published, Changed.
    """
    row = News.objects.select_for_update().get(pk=news.pk)
    if row.published_at is not None:
        raise Published(row.pk)
    if seen != row.written_at.isoformat():
        raise Changed(row.pk)
    row.published_at = at
    row.save(update_fields=["published_at"])
    audit.note("notifications.news.published", of=row, by=by, at=at, after=_told(row))
    jobs.start(SPREAD, arguments={"news": row.pk}, by=by, at=at, key=f"{SPREAD}:{row.pk}")
    return row


@transaction.atomic
def withdraw(*, news: News, by: User, at: datetime) -> News:
    """Show it no longer; mails that have gone out stay. Raises NotPublished."""
    row = News.objects.select_for_update().get(pk=news.pk)
    if row.state != "published":
        raise NotPublished(row.pk)
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    audit.note("notifications.news.withdrawn", of=row, by=by, at=at, after={"title": row.title})
    return row


@transaction.atomic
def drop(*, news: News, by: User, at: datetime) -> None:
    """Delete a draft. Raises Published."""
    row = News.objects.select_for_update().get(pk=news.pk)
    if row.published_at is not None:
        raise Published(row.pk)
    audit.note("notifications.news.dropped", of=row, by=by, at=at, before=_told(row))
    row.delete()


def mark_read(*, user: User, pieces: Collection[News], at: datetime) -> int:
    """Put down that a user has read pieces; how many were unread. May be repeated."""
    known = set(
        NewsRead.objects.filter(user=user, news__in=[one.pk for one in pieces]).values_list(
            "news", flat=True
        )
    )
    fresh = [one for one in pieces if one.pk not in known]
    NewsRead.objects.bulk_create(
        (NewsRead(user=user, news=one, at=at) for one in fresh), ignore_conflicts=True
    )
    return len(fresh)


def piece_of(news: News) -> Piece:
    """The words and readers of a piece, for a new one."""
    return Piece(
        title=news.title,
        body=news.body,
        group=News.Group(news.group),
        nodes=list(news.nodes.all()),
        points=list(news.points.all()),
        is_important=news.is_important,
    )


def _told(row: News) -> dict[str, object]:
    return {
        "title": row.title,
        "group": str(row.group),
        "places": sorted(row.nodes.values_list("name", flat=True)),
        "codes": sorted(row.points.values_list("code", flat=True)),
        "is_important": row.is_important,
        "shown_until": row.shown_until,
    }
