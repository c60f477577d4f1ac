"""How long applications are kept that came to nothing, and those of closed accounts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from faza.accounts import retention
from faza.audit import services as audit
from faza.contracts.models import Application
from faza.contracts.rules.applications import State

UNCONFIRMED_DAYS = 7
REFUSED_DAYS = 90
CLOSED_DAYS = 30
BATCH = 500


def register() -> None:
    """Have the daily job sweep them."""
    retention.register(
        "contracts.unconfirmed_applications",
        UNCONFIRMED_DAYS,
        sweep_unconfirmed,
        count=lambda before: _unconfirmed(before).count(),
        label=_("applications whose address nobody has proven"),
    )
    retention.register(
        "contracts.refused_applications",
        REFUSED_DAYS,
        sweep_refused,
        count=lambda before: _refused(before).count(),
        label=_("refused applications with what was written about them"),
    )
    retention.register(
        "contracts.closed_applications",
        CLOSED_DAYS,
        sweep_closed,
        count=lambda before: _closed(before).count(),
        label=_("applications of closed accounts"),
    )


def sweep_unconfirmed(before: datetime, at: datetime) -> int:
    """Delete applications sent before a moment whose address was not proven; how many."""
    return _delete(_unconfirmed(before), at)


def sweep_refused(before: datetime, at: datetime) -> int:
    """Delete applications refused before a moment; how many."""
    return _delete(_refused(before), at)


def sweep_closed(before: datetime, at: datetime) -> int:
    """Delete the applications of accounts that were closed before a moment; how many."""
    return _delete(_closed(before), at)


def _unconfirmed(before: datetime) -> QuerySet[Application]:
    return Application.objects.filter(state=State.UNCONFIRMED, submitted_at__lt=before)


def _refused(before: datetime) -> QuerySet[Application]:
    return Application.objects.filter(state=State.REFUSED, decided_at__lt=before)


def _closed(before: datetime) -> QuerySet[Application]:
    return Application.objects.filter(user__closed_at__lt=before)


def _delete(stale: QuerySet[Application], at: datetime) -> int:
    count = 0
    while batch := list(stale.order_by("pk")[:BATCH]):
        with transaction.atomic():
            for application in batch:
                audit.note("contracts.application.expired", of=application, by=None, at=at)
                audit.forget(kind=application._meta.label_lower, id=application.pk, at=at)
                application.delete()
        count += len(batch)
    return count
