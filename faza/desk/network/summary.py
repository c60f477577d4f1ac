"""What the head of a place's page says of the points under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from faza.metering.querysets import UsagePointQuerySet

SOON = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers of points: all, of whole houses, without a meter, whose verification is near."""

    points: int
    common: int
    bare: int
    expired: int
    soon: int


def summary(points: UsagePointQuerySet, *, at: datetime) -> Summary:
    """Of points with their standing meter, as `rows.points` gives them. One query."""
    today = timezone.localdate(at)
    told = points.order_by().aggregate(
        points=Count("id"),
        common=Count("id", filter=Q(is_common=True)),
        bare=Count("id", filter=Q(standing__isnull=True)),
        expired=Count("id", filter=Q(meter_due__lte=today)),
        soon=Count("id", filter=Q(meter_due__gt=today, meter_due__lte=today + SOON)),
    )
    return Summary(**told)
