"""Mails about news: to everybody it is for where it is important, else to those who want them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from faza.notifications import subscriptions
from faza.notifications.models import News, Topic, Way
from faza.notifications.news import audience
from faza.notifications.telling import PAGE, joined, next_digest
from faza.outbox import services as outbox

SPREAD = "notifications.news.spread"
ADDRESS = "/news/{}/"
USERS = 500
"""So many people are told in one transaction."""


def spread(
    number: int, *, at: datetime, progress: Callable[[int], None] = lambda done: None
) -> int:
    """Tell whoever wants mails of a piece; how many. May be killed and begun again.

    How far it came is kept with what it told; a withdrawn piece is told to nobody else.
    """
    count, looked = 0, 0
    while (done := _some(number, at)) is not None:
        count, looked = count + done, looked + USERS
        progress(looked)
    return count


@transaction.atomic
def _some(number: int, at: datetime) -> int | None:
    piece = News.objects.select_for_update().filter(pk=number).first()
    if piece is None or piece.state != "published" or piece.spread_at is not None:
        return None
    # As of its publication, so that going on does not tell others than beginning.
    rows = audience.people(piece, at=piece.published_at or at).filter(pk__gt=piece.spread_to)
    users = list(rows.order_by("pk").values_list("pk", "language")[:USERS])
    ways = subscriptions.ways_of([user for user, _ in users], Topic.NEWS)
    told = [
        (user, language, Way.MAIL if piece.is_important else ways[user]) for user, language in users
    ]
    for user, language, way in told:
        _tell(piece, user, language, way, at)
    if users:
        piece.spread_to = users[-1][0]
    else:
        piece.spread_at = at
    piece.save(update_fields=["spread_to", "spread_at"])
    return sum(way != Way.PAGE for _, _, way in told) if users else None


def _tell(piece: News, user: int, language: str, way: Way, at: datetime) -> None:
    key = f"notifications.news:{piece.pk}:{user}"
    if way == Way.MAIL:
        url = ADDRESS.format(piece.pk)
        payload = {"title": piece.title, "text": piece.body, "url": url}
        outbox.tell(
            "notifications.news", key=key, payload=payload, at=at, to=user, language=language
        )
    elif way == Way.DIGEST:
        line = {"kind": "news", "payload": {"title": piece.title, "place": ""}, "zone": "UTC"}
        outbox.gather(
            "notifications.digest", key=key, payload={"notices": [line], "more": 0, "url": PAGE},
            merge=joined, at=at, to=user, due=next_digest(at), language=language,
        )  # fmt: skip
