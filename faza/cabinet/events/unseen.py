"""How many events have come since the reader looked at the journal: a mark in the menu."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.http import HttpRequest

from faza.accounts.models import User
from faza.cabinet.events import visits
from faza.contracts import access
from faza.events import queries

READERS = frozenset({User.Role.SUBSCRIBER, User.Role.SUPPLIER, User.Role.HOUSE_MANAGER})
"""Whose points are few; staff have the desk."""
COUNTED = 99
"""More are told as «99+»."""
KEPT = 120
"""Seconds that the answer is kept for the next page."""


def count(request: HttpRequest, user: User, *, at: datetime) -> int:
    """COUNTED + 1 stands for more; 0 before the first look, which makes all of it known.

    Remembered by the look it is counted from. The bell asks it, so that no page waits for it.
    """
    known = visits.read(request, user.pk, at=at)
    if known is None or user.role not in READERS:
        return 0
    key = f"unseen:{user.pk}:{user.acting_for}:{int(known[1].timestamp())}"
    found: int | None = cache.get(key)
    if found is None:
        windows = access.windows_of(user, at=at)
        found = queries.come_since(windows, known[1], at=at, most=COUNTED + 1)
        cache.set(key, found, KEPT)
    return found


def shown(count: int) -> str:
    return f"{COUNTED}+" if count > COUNTED else str(count)
