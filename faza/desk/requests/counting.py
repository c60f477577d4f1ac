"""How many applications and withdrawals wait, by how near their term is; one query each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models.functions import Coalesce

from faza.accounts.models import User, Withdrawal
from faza.contracts import access
from faza.desk.counts import Queue, counted


@counted("requests")
def waiting_applications(user: User, at: datetime) -> Queue:
    """Applications within reach that wait for the desk."""
    rows = access.applications_of(user, at=at).waiting()
    return queue(rows.values_list(Coalesce("confirmed_at", "submitted_at"), "due_at"), at)


@counted("withdrawals")
def open_withdrawals(user: User, at: datetime) -> Queue:
    """Consents taken back by people within reach, which nobody has handled yet."""
    people = access.people_of(user, at=at)
    rows = Withdrawal.objects.filter(handled_at=None, user__in=people.values("id"))
    return queue(rows.values_list("at", "due_at"), at)


def queue(terms: Iterable[tuple[datetime, datetime]], at: datetime) -> Queue:
    """A queue of which each began at a moment and is due at another."""
    zone = ZoneInfo(settings.TIME_ZONE)
    found: Counter[str] = Counter()
    oldest = None
    for began, due in terms:
        found[_nearness(began, due, at, zone)] += 1
        oldest = began if oldest is None else min(oldest, began)
    return Queue(
        fresh=found["fresh"],
        half=found["half"],
        today=found["today"],
        overdue=found["overdue"],
        oldest=oldest,
    )


def _nearness(began: datetime, due: datetime, at: datetime, zone: ZoneInfo) -> str:
    if due <= at:
        return "overdue"
    if due.astimezone(zone).date() == at.astimezone(zone).date():
        return "today"
    return "half" if at - began > due - at else "fresh"
