"""Reading and not reading: what a person did with the own notices."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from faza.accounts.models import User
from faza.notifications.models import Notice


def mark_read(*, user: User, numbers: Collection[int] | None, at: datetime) -> int:
    """Put down that a user has read some notices, or all; how many were unread."""
    rows = Notice.objects.filter(user=user, read_at=None)
    return (rows if numbers is None else rows.filter(pk__in=numbers)).update(read_at=at)


def mark_unread(*, user: User, numbers: Collection[int]) -> int:
    """Have some notices stand as unread again; how many."""
    rows = Notice.objects.filter(user=user, read_at__isnull=False, pk__in=numbers)
    return rows.update(read_at=None)
