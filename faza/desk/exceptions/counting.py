"""How many findings nobody has decided about; one query."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min, Q

from faza.accounts.models import User
from faza.contracts import access
from faza.desk.counts import Queue, counted
from faza.desk.exceptions.term import term
from faza.readings.models import Finding


@counted("exceptions")
def waiting_findings(user: User, at: datetime) -> Queue:
    """Counted in the database: an outage of a feeder is thousands."""
    half, late = at - term() / 2, at - term()
    points = access.worked_points_of(user, at=at).values("id")
    told = Finding.objects.filter(usage_point__in=points, state=Finding.State.OPEN).aggregate(
        fresh=Count("rule", filter=Q(found_at__gt=half)),
        half=Count("rule", filter=Q(found_at__lte=half, found_at__gt=late)),
        overdue=Count("rule", filter=Q(found_at__lte=late)),
        oldest=Min("found_at"),
    )
    return Queue(
        fresh=told["fresh"], half=told["half"], overdue=told["overdue"], oldest=told["oldest"]
    )
