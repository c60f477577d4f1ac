from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from faza.outbox import rules
from faza.outbox.models import Message


def due(*, at: datetime) -> QuerySet[Message]:
    """What is to be delivered now and nobody is at, in order."""
    free = Q(leased_until=None) | Q(leased_until__lt=at)
    waiting = Message.objects.filter(free, state=Message.State.WAITING, due_at__lte=at)
    return waiting.order_by("due_at", "id")


def unplaced(*, at: datetime) -> QuerySet[Message]:
    """What is due and was not looked at for the page yet, in order."""
    waiting = Message.objects.filter(
        state=Message.State.WAITING, due_at__lte=at, placed_at=None, recipient__isnull=False
    )
    return waiting.order_by("due_at", "id")


def undelivered(*, at: datetime) -> QuerySet[Message]:
    """What staff should look at, oldest first: given up, failed at least once, or standing still.

    A message without an attempt ten minutes after it was due means that no worker runs.
    """
    tried = Message.objects.filter(state=Message.State.WAITING).exclude(reason="")
    return (tried | given_up() | overdue(at=at)).order_by("created_at", "id")


def overdue(*, at: datetime) -> QuerySet[Message]:
    """What has been due for longer than a worker needs."""
    return Message.objects.filter(state=Message.State.WAITING, due_at__lt=at - rules.OVERDUE)


def given_up() -> QuerySet[Message]:
    """What the mail server refused, or did not take for three days."""
    return Message.objects.filter(state=Message.State.GIVEN_UP)


def ended(*, before: datetime) -> QuerySet[Message]:
    """What was delivered or given up before a moment."""
    return Message.objects.filter(ended_at__lt=before).exclude(state=Message.State.WAITING)
