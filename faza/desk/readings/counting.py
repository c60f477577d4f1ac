"""How many typed readings wait for the desk; one query."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min, Q

from faza.accounts.models import User
from faza.desk.counts import Queue, counted
from faza.desk.readings.rows import TERM
from faza.manual_entry import queries
from faza.manual_entry.models import Entry


@counted("readings")
def waiting_readings(user: User, at: datetime) -> Queue:
    """Counted in the database: at the end of a window there are thousands."""
    half, late = at - TERM / 2, at - TERM
    waiting = queries.desk_entries(user, at=at).filter(state=Entry.State.SENT)
    told = waiting.aggregate(
        fresh=Count("pk", filter=Q(sent_at__gt=half)),
        half=Count("pk", filter=Q(sent_at__lte=half, sent_at__gt=late)),
        overdue=Count("pk", filter=Q(sent_at__lte=late)),
        oldest=Min("sent_at"),
    )
    return Queue(
        fresh=told["fresh"], half=told["half"], overdue=told["overdue"], oldest=told["oldest"]
    )
