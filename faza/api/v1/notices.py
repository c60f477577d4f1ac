"""What the person was told of, and that it was read."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router

from faza.api.v1 import numbers, schemas
from faza.api.v1.asking import Page
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.http import told
from faza.api.v1.paging import cursor_of, place_of
from faza.contracts.rules.tokens import Scope
from faza.notifications import queries, reading, words
from faza.notifications.models import Notice

router = Router(auth=Door(Scope.NOTICES), tags=["notices"], by_alias=True)


class Asked(Page):
    unread: bool = Field(False, description="Only those that nobody has read.")


@router.get("/notices", response=schemas.Notices, url_name="notices", operation_id="notices",
            summary="Notices of the person, the newest first")  # fmt: skip
def notices(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """A token with points of its own is told of those points only."""
    grant, at = grant_in(request), timezone.now()
    offset = min(place_of(asked.cursor), queries.LOOKED_THROUGH)
    only = queries.Filter(is_unread=asked.unread, points=grant.points)
    got = queries.own(grant.user, only, at=at, limit=asked.limit, offset=offset)
    after = offset + asked.limit
    items = [_told(one) for one in got.rows]
    return told({"items": items, "next": cursor_of(after) if after < got.total else None})


@router.put("/notices/read", response=schemas.Read, url_name="read_notices",
            operation_id="read_notices", summary="Put down that notices were read")  # fmt: skip
def read_notices(request: HttpRequest, done: schemas.Reading) -> HttpResponse:
    """Those that are not the token's are passed over. Doing it twice does it once."""
    grant, at = grant_in(request), timezone.now()
    numbers = [one for one in done.ids if 0 < one < 2**63]
    if grant.points is not None:
        mine = Notice.objects.filter(pk__in=numbers, usage_point__in=grant.points)
        numbers = list(mine.values_list("pk", flat=True))
    readable = queries.readable(grant.user, numbers, at=at)
    return told({"read": reading.mark_read(user=grant.user, numbers=readable, at=at)})


def _told(one: Notice) -> dict[str, Any]:
    zone = one.usage_point.zone if one.usage_point else settings.TIME_ZONE
    said = words.told(one.kind, one.payload, zone)
    return {
        "id": one.pk,
        "topic": one.topic,
        "title": str(said.title),
        "lines": [str(line) for line in said.lines],
        "usage_point": one.usage_point.code if one.usage_point else None,
        "happened_at": numbers.iso(one.happened_at, ZoneInfo(zone)),
        "told_at": numbers.iso(one.created_at, ZoneInfo(zone)),
        "is_read": one.read_at is not None,
    }
