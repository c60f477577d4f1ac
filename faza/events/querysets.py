from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import QuerySet

from faza.core.periods import Period
from faza.events.kinds import Importance

if TYPE_CHECKING:
    from faza.events.models import EndDeviceEvent, SystemEvent  # noqa: F401  (named as strings)


class EndDeviceEventQuerySet(models.QuerySet["EndDeviceEvent"]):
    def of_points(self, points: Collection[int] | QuerySet) -> Self:
        return self.filter(usage_point__in=points)

    def within(self, period: Period) -> Self:
        return self.filter(at__gte=period.start, at__lt=period.end)

    def urgent(self, least: Importance = Importance.WARNING) -> Self:
        """Those that somebody should look at, by an index of their own."""
        # Both conditions: the index is of WARNING and above, whatever is asked.
        return self.filter(importance__gte=Importance.WARNING).filter(importance__gte=least)

    def newest(self) -> Self:
        return self.order_by("-at", "usage_point_id", "journal", "code")


class SystemEventQuerySet(models.QuerySet["SystemEvent"]):
    def within(self, period: Period) -> Self:
        return self.filter(at__gte=period.start, at__lt=period.end)

    def newest(self) -> Self:
        return self.order_by("-at", "-id")
