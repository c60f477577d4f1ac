"""Events of the meters' journals, and those that Faza found."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router

from faza.api.v1 import numbers, schemas
from faza.api.v1.asking import Days, checked
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.http import told
from faza.api.v1.paging import cursor_of, place_of
from faza.contracts import access
from faza.contracts.rules.tokens import Scope
from faza.core.periods import Period
from faza.events import queries
from faza.events.kinds import Category, Importance
from faza.events.queries import Filter
from faza.metering.models import UsagePoint

router = Router(auth=Door(Scope.EVENTS), tags=["events"], by_alias=True)
NAMES = {importance.name.lower(): importance for importance in Importance}
FARTHEST = 100_000
"""Events that are counted through; who wants more asks for less time."""


class Asked(Days):
    usage_point: str | None = Field(None, max_length=50, description="Of one usage point only.")
    category: Category | None = Field(None, description="Of one category only.")
    importance: str | None = Field(
        None, pattern="^(info|notice|warning|alarm)$", description="So important or more."
    )
    limit: int = Field(100, ge=1, le=1000, description="Events of a page.")


@router.get("/events", response=schemas.Events, url_name="events", operation_id="events",
            summary="Events, the newest first")  # fmt: skip
def events(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """Days are by the clock of the usage point asked for, else by that of the installation."""
    grant, at = grant_in(request), timezone.now()
    first, end = checked(asked.first, asked.end)
    zone = settings.TIME_ZONE
    if asked.usage_point is not None:
        point, windows = access.granted_point(grant, asked.usage_point, at=at)
        zone = point.zone
    else:
        windows = access.granted_windows(grant, at=at)
    offset = min(place_of(asked.cursor), FARTHEST)
    least = NAMES.get(asked.importance or "", Importance.INFO)
    only = Filter(
        categories=(asked.category,) if asked.category else (),
        importances=tuple(one for one in Importance if one >= least),
    )
    period = Period.of_days(first, end, zone)
    got = queries.events(windows, period, only, limit=asked.limit + 1, offset=offset)
    page = got[: asked.limit]
    more = len(got) > asked.limit and offset + asked.limit <= FARTHEST
    points = UsagePoint.objects.in_bulk({one.usage_point for one in page})
    items = [_told(one, points[one.usage_point]) for one in page]
    return told({"items": items, "next": cursor_of(offset + asked.limit) if more else None})


def _told(one: queries.Event, point: UsagePoint) -> dict[str, Any]:
    kind = one.kind
    return {
        "usage_point": point.code,
        "at": numbers.iso(one.at, ZoneInfo(point.zone)),
        "journal": kind.journal,
        "code": kind.code,
        "category": kind.category.value,
        "importance": kind.importance.name.lower(),
        "device": kind.device.value,
        "text": str(kind.words),
        "lasted_s": None if one.lasted is None else int(one.lasted.total_seconds()),
    }
