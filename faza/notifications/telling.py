"""Tells somebody something: on the page, and as they want it by mail at once or once a day.

All in one transaction, and once for a key: whoever was killed before its end does it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from faza.notifications.models import Notice, Topic, Way
from faza.outbox import services as outbox

PAGE = "/notices/"
MOST = 50
"""So many notices are told in a mail; the others are counted."""
DIGEST_HOUR = 7
"""By the clock of settings.TIME_ZONE: before the day's work. A choice of ours."""
Json = dict[str, Any]  # as JSON is


@dataclass(frozen=True, slots=True)
class New:
    """Something to be told: see `models.Notice`. `zone` is the clock that a mail tells it by."""

    key: str
    kind: str
    topic: Topic
    happened_at: datetime
    payload: Json
    usage_point: int | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """Who is told."""

    user: int
    language: str


@transaction.atomic
def tell(
    person: Person, told: Sequence[New], *, way: Way, at: datetime, message: int | None = None
) -> list[New]:
    """Tell a person what was not told yet, and what that is. Two statements and one for a mail.

    `message`: the outbox's message that tells it already; then no other mail is made at once.
    """
    keys = {one.key for one in told}
    known = set(Notice.objects.filter(user=person.user, key__in=keys).values_list("key", flat=True))
    fresh = list({one.key: one for one in told if one.key not in known}.values())
    if not fresh:
        return []
    # Another that tells the same at this moment fails on the key, wholly, and tells it later.
    Notice.objects.bulk_create(
        Notice(
            user_id=person.user, key=one.key, kind=one.kind, topic=one.topic,
            usage_point_id=one.usage_point, happened_at=one.happened_at, created_at=at,
            payload=one.payload, message=message,
        )
        for one in fresh
    )  # fmt: skip
    if way == Way.DIGEST:
        outbox.gather(
            "notifications.digest", key=_key("digest", person, fresh), payload=_payload(fresh),
            merge=joined, at=at, to=person.user, due=next_digest(at), language=person.language,
        )  # fmt: skip
    elif way == Way.MAIL and message is None:
        outbox.tell(
            "notifications.notices", key=_key("notices", person, fresh), payload=_payload(fresh),
            at=at, to=person.user, language=person.language,
        )  # fmt: skip
    return fresh


def next_digest(at: datetime) -> datetime:
    """When what is told once a day goes out next."""
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    today = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)


def _payload(told: Sequence[New]) -> Json:
    lines = [
        {"kind": one.kind, "payload": one.payload, "zone": one.zone or settings.TIME_ZONE}
        for one in told
    ]
    return {"notices": lines[:MOST], "more": max(len(lines) - MOST, 0), "url": PAGE}


def joined(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, object]:
    """One mail of two; see `outbox.services.gather`."""
    lines = [*old["notices"], *new["notices"]]
    more = old["more"] + new["more"] + max(len(lines) - MOST, 0)
    return {**old, "notices": lines[:MOST], "more": more}


def _key(kind: str, person: Person, told: Sequence[New]) -> str:
    """What makes a mail this one: who is told, and of what."""
    keys = repr(sorted(one.key for one in told))
    digest = hashlib.blake2b(keys.encode(), digest_size=16).hexdigest()
    return f"notifications.{kind}:{person.user}:{digest}"
