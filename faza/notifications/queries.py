"""Which notices somebody reads: the own ones, clipped to the windows of now.

A notice about a point is there while the reader has a window of the point at the moment of which
it tells; whoever lost the point's time loses the notice too. Source: design/rules.md, Access.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from faza.accounts.models import User
from faza.contracts import access
from faza.core.periods import Period
from faza.notifications.models import Notice, Topic

LOOKED_THROUGH = 3000
"""So many of the latest notices are looked through; who has more reads the journal of events."""
COUNTED = 99
"""The bell counts so far."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which notices; an empty topic is any; points: only those about these, None for any."""

    topic: Topic | None = None
    is_unread: bool = False
    points: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of notices, the newest first, and how many there are of each sort in all."""

    rows: tuple[Notice, ...]
    total: int
    unread: int
    by_topic: dict[str, int]


def own(user: User, only: Filter, *, at: datetime, limit: int, offset: int = 0) -> Found:
    """Notices of a user. Five queries at most."""
    told = Notice.objects.filter(user=user)
    if only.points is not None:
        told = told.filter(usage_point__in=only.points)
    keys = _readable(user, told, at)
    by_topic: dict[str, int] = {}
    for _, topic, is_read in keys:
        if not (only.is_unread and is_read):
            by_topic[topic] = by_topic.get(topic, 0) + 1
    wanted = [
        key
        for key, topic, is_read in keys
        if (only.topic is None or topic == only.topic) and not (only.is_unread and is_read)
    ]
    page = wanted[offset : offset + limit]
    rows = Notice.objects.select_related("usage_point").in_bulk(page)
    return Found(
        rows=tuple(rows[key] for key in page if key in rows),
        total=len(wanted),
        unread=sum(not is_read for _, _, is_read in keys),
        by_topic=by_topic,
    )


def unread(user: User, *, at: datetime) -> int:
    """How many a user has not read, up to COUNTED + 1; one query where there is none."""
    rows = Notice.objects.filter(user=user, read_at=None)
    return len(_readable(user, rows, at, most=COUNTED + 1))


def readable(user: User, numbers: Collection[int], *, at: datetime) -> list[int]:
    """Those of some notices that are the user's and may be read by them."""
    rows = Notice.objects.filter(user=user, pk__in=numbers)
    return [key for key, _, _ in _readable(user, rows, at)]


def own_notices(user: User, *, at: datetime) -> list[dict[str, object]]:
    """All that a person was told, for the file of the own data."""
    keys = [key for key, _, _ in _readable(user, Notice.objects.filter(user=user), at)]
    rows = Notice.objects.filter(pk__in=keys).select_related("usage_point")
    return [
        {
            "kind": row.kind,
            "topic": row.topic,
            "usage_point": row.usage_point.code if row.usage_point else None,
            "happened_at": row.happened_at,
            "told_at": row.created_at,
            "read_at": row.read_at,
            "told": row.payload,
        }
        for row in rows.order_by("-created_at", "-id")
    ]


def _readable(
    user: User, rows: QuerySet[Notice], at: datetime, most: int = LOOKED_THROUGH
) -> list[tuple[int, str, bool]]:
    """(number, topic, whether it is read) of those in the user's windows, the newest first."""
    found = list(
        rows.order_by("-created_at", "-id").values_list(
            "id", "topic", "read_at", "usage_point_id", "happened_at"
        )[:most]
    )
    points = {point for *_, point, _ in found if point is not None}
    periods: dict[int, list[Period]] = {}
    if points:
        for window in access.windows_of(user, at=at, points=points):
            periods.setdefault(window.usage_point, []).append(window.period)
    return [
        (key, topic, read_at is not None)
        for key, topic, read_at, point, happened in found
        # The end of a window counts in it here: what ended then was still of its time.
        if point is None or any(one.start <= happened <= one.end for one in periods.get(point, ()))
    ]
