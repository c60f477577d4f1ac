from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import Customer
from faza.contracts.services.changing import apply

FIELDS = ("kind", "name", "inn", "legal_address", "actual_address", "phone", "email")
CONTACTS = ("phone", "email")
PERSONAL = ("name",)
"""What is personal here besides what is so everywhere: audit.rules.PERSONAL."""


@transaction.atomic
def add_customer(customer: Customer, *, at: datetime, by: User | None = None) -> Customer:
    """Store a new customer. Raises ValidationError if a field says what cannot be."""
    customer.full_clean()
    customer.save(force_insert=True)
    audit.note("contracts.customer.added", of=customer, by=by, at=at, after={"kind": customer.kind})
    return customer


@transaction.atomic
def change_customer(
    *, customer: Customer, fields: Mapping[str, object], at: datetime, by: User | None = None
) -> Customer:
    """Set fields of a customer (those of FIELDS); what is the same already changes nothing.

    Raises ValidationError if a field says what cannot be, NoSuchField if it is none of FIELDS.
    """
    held = Customer.objects.select_for_update().get(pk=customer.pk)
    changed = apply(held, fields, allowed=FIELDS)
    if changed:
        audit.note(
            "contracts.customer.changed",
            of=held,
            by=by,
            at=at,
            before=changed.before,
            after=changed.after,
            personal=PERSONAL,
        )
    return held


def change_contacts(
    *, customer: Customer, phone: str, email: str, at: datetime, by: User | None = None
) -> Customer:
    """Set the telephone and the address of a customer's papers; an empty one is taken away."""
    contacts = {"phone": phone, "email": email}
    return change_customer(customer=customer, fields=contacts, at=at, by=by)
