"""What the cards of a customer and of an agreement show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import (
    AgreementPoint,
    Application,
    Customer,
    CustomerAgreement,
    CustomerMember,
)
from faza.desk.customers import rows


@dataclass(frozen=True, slots=True)
class Held:
    """A row that holds for a stretch of time, with its state in words."""

    row: AgreementPoint | CustomerMember | CustomerAgreement
    css: str
    state: str

    @property
    def is_over(self) -> bool:
        return self.css == ""


def applied(application: Application) -> dict[str, str]:
    """What the form of a new customer begins with: what the applicant wrote."""
    is_firm = application.kind == Application.Kind.ORGANISATION
    return {
        "kind": Customer.Kind.ORGANISATION if is_firm else Customer.Kind.PERSON,
        "name": application.organisation if is_firm else application.full_name,
        "phone": application.phone,
        "email": application.email,
        "actual_address": "" if is_firm else application.address,
    }


def agreements_of(user: User, customer: Customer, *, at: datetime) -> list[Held]:
    """The customer's agreements within reach, newest first."""
    found = rows.agreements(user, at=at).filter(customer=customer).order_by("-valid_from", "-pk")
    return [_held(one, at) for one in found]


def members_of(customer: Customer, *, at: datetime) -> list[Held]:
    """Who reads or read for a customer; those who may now come first."""
    members = CustomerMember.objects.filter(customer=customer).select_related("user")
    held = [_held(one, at) for one in members.order_by("-valid_from", "-pk")]
    return sorted(held, key=lambda one: one.is_over)


def points_of(user: User, agreement: CustomerAgreement, *, at: datetime) -> list[Held]:
    """What an agreement covers and covered, of the points that the person works with."""
    mine = access.worked_points_of(user, at=at).values("id")
    bound = AgreementPoint.objects.filter(agreement=agreement, usage_point__in=mine)
    ordered = bound.select_related("usage_point").order_by("usage_point__name_key", "valid_from")
    return [_held(one, at) for one in ordered]


def _held(row: AgreementPoint | CustomerMember | CustomerAgreement, at: datetime) -> Held:
    return Held(row, *rows.state_of(row.valid_from, row.valid_to, at=at))
