from __future__ import annotations

from datetime import datetime

from django.db import transaction

from faza.accounts import retention
from faza.accounts.models import Retention, User
from faza.audit import services as audit


@transaction.atomic
def set_retention(
    *, kind: str, days: int | None, at: datetime, by: User | None = None
) -> Retention:  # fmt: skip
    """Say how many days a kind of personal values is kept; None keeps it for ever.

    Raises retention.NoSuchKind.
    """
    usual = retention.get_kind(kind).days
    row = Retention.objects.select_for_update().filter(kind=kind).first()
    before = row.days if row else usual
    row = row or Retention(kind=kind)
    row.days = days
    row.save()
    if before != days:
        audit.note(
            "accounts.retention.set",
            of=row,
            by=by,
            at=at,
            before={"kind": kind, "days": before},
            after={"kind": kind, "days": days},
        )
    return row
