"""Deeds of the office that belong to no room below."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.outbox import services as outbox
from faza.outbox.models import Message


@transaction.atomic
def retry_mail(*, message: Message, by: User, at: datetime) -> None:
    """Try a mail that was given up once more; one that waits already is left as it is."""
    if message.state == Message.State.GIVEN_UP:
        outbox.retry(message, at=at)
        audit.note("outbox.message.retried", of=message, by=by, at=at)
