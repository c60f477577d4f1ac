"""How many alarms nobody has dealt with; one query."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min, Q

from faza.accounts.models import User
from faza.collection.orders import alarms
from faza.desk.counts import Queue, counted


@counted("alarms")
def waiting_alarms(user: User, at: datetime) -> Queue:
    """Counted in the database: an outage of a feeder is thousands."""
    told = alarms.waiting(user, at=at).aggregate(
        fresh=Count("at", filter=Q(at__gt=at - alarms.TERM / 2)),
        half=Count("at", filter=Q(at__lte=at - alarms.TERM / 2, at__gt=at - alarms.TERM)),
        overdue=Count("at", filter=Q(at__lte=at - alarms.TERM)),
        oldest=Min("at"),
    )
    return Queue(
        fresh=told["fresh"], half=told["half"], overdue=told["overdue"], oldest=told["oldest"]
    )
