"""Who must not be limited: protected consumers and life support. Both in the trail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection.models import SupplyOrder, SupplyProtection
from faza.collection.orders import rules, services
from faza.collection.polling.services import TooLate
from faza.contracts.models import AgreementPoint

WORDS = "The point is protected now."


@transaction.atomic
def protect(
    protection: SupplyProtection, *, at: datetime, by: User | None = None
) -> list[SupplyOrder]:
    """Protect a point, or all points of a customer; open limitations of them are called off.

    Returns those which a collector is doing already: they cannot be called off any more.
    Raises ValidationError for what cannot be.
    """
    protection.full_clean()
    protection.save()
    audit.note(
        "collection.protection.set", of=protection, by=by, at=at,
        after={
            "point": protection.usage_point_id, "customer": protection.customer_id,
            "kind": protection.kind, "ground": protection.ground,
        },
    )  # fmt: skip
    if protection.valid_from > at:
        return []
    running = []
    for order in _open(protection, at):
        try:
            with transaction.atomic():
                services.withdraw(order=order, reason=WORDS, at=at, by=None)
        except TooLate:
            running.append(order)
    return running


@transaction.atomic
def release(
    *, protection: SupplyProtection, at: datetime, by: User | None = None
) -> SupplyProtection:
    """End a protection; one that has ended stays as it is, one that has not begun never was."""
    row = SupplyProtection.objects.select_for_update().get(pk=protection.pk)
    if row.valid_from >= at:
        audit.note("collection.protection.ended", of=row, by=by, at=at, after={"valid_to": None})
        row.delete()
        return row
    if row.valid_to is None or row.valid_to > at:
        row.valid_to = at
        row.save(update_fields=["valid_to"])
        audit.note("collection.protection.ended", of=row, by=by, at=at, after={"valid_to": at})
    return row


def _open(protection: SupplyProtection, at: datetime) -> list[SupplyOrder]:
    rows = SupplyOrder.objects.filter(state__in=rules.OPEN, deed__in=rules.LIMITING)
    if protection.usage_point_id is not None:
        return list(rows.filter(usage_point=protection.usage_point_id))
    covered = AgreementPoint.objects.covering_at(at).filter(
        agreement__customer=protection.customer_id
    )
    return list(rows.filter(usage_point__in=covered.values("usage_point")))
