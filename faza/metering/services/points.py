from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from faza.accounts.models import User
from faza.audit import services as audit
from faza.metering.models import NetworkNode, UsagePoint
from faza.metering.services import editing
from faza.metering.services.refusals import ZoneStands

TOLD = (
    *("code", "name", "node", "address", "zone", "resource", "phases", "max_power"),
    *("voltage_level", "installation_place_code", "is_common"),
)
"""What the trail tells of a new point."""
EDITED = tuple(name for name in TOLD if name not in {"node", "zone", "resource"})


@transaction.atomic
def add_usage_point(point: UsagePoint, *, at: datetime, by: User | None = None) -> UsagePoint:
    """Store a new usage point. Raises ValidationError if a field says what cannot be."""
    return editing.add(point, "metering.usage_point.added", at=at, by=by, told=TOLD)


@transaction.atomic
def change_usage_point(point: UsagePoint, *, at: datetime, by: User | None = None) -> UsagePoint:
    """Keep what a point has been given; `move_usage_points` moves it to another node.

    Raises ValidationError if a field says what cannot be, ZoneStands if the zone or the resource
    is another one: the point's stored days are cut by its zone.
    """
    held = editing.locked(point)
    if (held.zone, held.resource) != (point.zone, point.resource):
        raise ZoneStands(f"{held.code}: {held.zone}, {held.resource}")
    return editing.change(held, point, "metering.usage_point.changed", fields=EDITED, at=at, by=by)


@transaction.atomic
def move_usage_points(
    points: QuerySet[UsagePoint], *, to: NetworkNode, at: datetime, by: User | None = None
) -> int:
    """Bring points to a node; how many stood elsewhere before. Doing it twice does it once.

    Who sees them changes with the place: areas of operators and houses follow the tree.
    """
    target = editing.locked(to)
    moving = list(
        UsagePoint.objects.select_for_update(of=("self",))
        .filter(pk__in=points.values("pk"))
        .exclude(node=target)
        .order_by("pk")
    )
    done = [
        audit.Done(one, before={"node": one.node_id}, after={"node": target.pk}) for one in moving
    ]
    for start in range(0, len(moving), audit.BATCH):
        part = [one.pk for one in moving[start : start + audit.BATCH]]
        UsagePoint.objects.filter(pk__in=part).update(node=target)
    return audit.note_many("metering.usage_point.moved", done, by=by, at=at)
