"""How long notices are kept."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from faza.accounts import retention
from faza.notifications.models import Notice, Subscription
from faza.notifications.pushing import services as pushing

NOTICE_DAYS = 365
"""A year to look back; the journal of events keeps what happened. A choice of ours."""
BATCH = 5_000


def register() -> None:
    """Have the daily job sweep them."""
    retention.register(
        "notifications.notices", NOTICE_DAYS, sweep, label=_("notices"),
        count=lambda before: _old(before).count(),
    )  # fmt: skip


def sweep(before: datetime, at: datetime) -> int:
    """Delete notices made before a moment, and all that erased accounts and ended devices had."""
    Subscription.objects.filter(user__erased_at__isnull=False).delete()
    pushing.sweep(at)
    count = 0
    while batch := list(_old(before).values_list("pk", flat=True)[:BATCH]):
        count += Notice.objects.filter(pk__in=batch).delete()[0]
    return count


def _old(before: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(Q(created_at__lt=before) | Q(user__erased_at__isnull=False))
