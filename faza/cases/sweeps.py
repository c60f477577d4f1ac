"""How long closed cases are kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from faza.accounts import retention
from faza.audit import services as audit
from faza.cases.models import Case
from faza.cases.rules import State

CLOSED_DAYS = 1095
"""Three years: the general limitation period. Source: Civil Code of Russia, article 196 [?]."""
BATCH = 500


def register() -> None:
    """Have the daily job sweep them."""
    retention.register(
        "cases.closed",
        CLOSED_DAYS,
        sweep_closed,
        count=lambda before: _closed(before).count(),
        label=_("closed cases with what was written in them"),
    )


def sweep_closed(before: datetime, at: datetime) -> int:
    """Delete cases closed before a moment, with their talk; how many."""
    count = 0
    while batch := list(_closed(before).order_by("pk")[:BATCH]):
        with transaction.atomic():
            for case in batch:
                audit.note("cases.case.expired", of=case, by=None, at=at)
                audit.forget(kind=case._meta.label_lower, id=case.pk, at=at)
                case.delete()
        count += len(batch)
    return count


def _closed(before: datetime) -> QuerySet[Case]:
    return Case.objects.filter(state=State.CLOSED, closed_at__lt=before)
