from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import (
    AgreementPoint,
    Customer,
    CustomerAgreement,
    CustomerMember,
    HouseManagement,
    OperatorArea,
)
from faza.core.periods import Period
from faza.metering.models import NetworkNode, UsagePoint
from faza.metering.validity import Validity
from faza.tariffs.models import Tariff


class AlreadyBound(Exception):
    """The agreement covers the point for some of the same time already."""


class OutsideAgreement(Exception):
    """The agreement does not hold for any of that time."""


class AlreadyEnded(Exception):
    """It ended at another moment, or had not begun by then."""


@transaction.atomic
def add_customer(customer: Customer, *, at: datetime, by: User | None = None) -> Customer:
    """Store a new customer. Raises ValidationError if a field says what cannot be."""
    customer.full_clean()
    customer.save(force_insert=True)
    audit.note("contracts.customer.added", of=customer, by=by, at=at, after={"kind": customer.kind})
    return customer


@transaction.atomic
def sign_agreement(
    *,
    kind: CustomerAgreement.Kind,
    number: str,
    customer: Customer,
    valid_from: datetime,
    at: datetime,
    valid_to: datetime | None = None,
    supplier: Customer | None = None,
    signed_on: date | None = None,
    tariff: Tariff | None = None,
    by: User | None = None,
) -> CustomerAgreement:
    """Make an agreement that holds for [valid_from, valid_to); points are bound to it after."""
    agreement = CustomerAgreement.objects.create(
        kind=kind,
        number=number,
        customer=customer,
        supplier=supplier,
        signed_on=signed_on,
        tariff=tariff,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    audit.note(
        "contracts.agreement.signed",
        of=agreement,
        by=by,
        at=at,
        after={
            "kind": kind,
            "number": number,
            "customer": customer.pk,
            "supplier": supplier.pk if supplier else None,
            "tariff": tariff.pk if tariff else None,
            "valid_from": valid_from,
            "valid_to": valid_to,
        },
    )
    return agreement


@transaction.atomic
def close_agreement(
    *, agreement: CustomerAgreement, valid_to: datetime, at: datetime, by: User | None = None
) -> CustomerAgreement:
    """End an agreement, and with it what it covers; twice for one moment changes nothing.

    Raises AlreadyEnded if it ended at another moment or begins later.
    """
    held = CustomerAgreement.objects.select_for_update().get(pk=agreement.pk)
    if _end(held, valid_to):
        audit.note(
            "contracts.agreement.closed", of=held, by=by, at=at, after={"valid_to": valid_to}
        )
    return held


@transaction.atomic
def bind_point(
    *,
    agreement: CustomerAgreement,
    usage_point: UsagePoint,
    at: datetime,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    by: User | None = None,
) -> AgreementPoint:
    """Let an agreement cover a point for [valid_from, valid_to); from its own start by default.

    Locks the agreement. Other agreements may cover the same point at the same time: supply and
    transmission do.

    Raises OutsideAgreement if the agreement holds for none of that time, AlreadyBound if it
    covers the point for some of it.
    """
    held = CustomerAgreement.objects.select_for_update().get(pk=agreement.pk)
    start = held.valid_from if valid_from is None else valid_from
    period = Period.open(start, valid_to)
    if not period.intersect(held.period):
        raise OutsideAgreement(f"{held.number}: {held.period}, not {period}")
    covered = AgreementPoint.objects.filter(agreement=held, usage_point=usage_point)
    standing = covered.within(period).first()
    if standing:
        raise AlreadyBound(f"{held.number}, {usage_point.code}: {standing.period}")
    bound = AgreementPoint.objects.create(
        agreement=held, usage_point=usage_point, valid_from=start, valid_to=valid_to
    )
    audit.note(
        "contracts.point.bound",
        of=bound,
        by=by,
        at=at,
        after={
            "agreement": held.pk,
            "usage_point": usage_point.pk,
            "valid_from": start,
            "valid_to": valid_to,
        },
    )
    return bound


@transaction.atomic
def unbind_point(
    *, bound: AgreementPoint, valid_to: datetime, at: datetime, by: User | None = None
) -> AgreementPoint:
    """End an agreement's cover of a point; twice for one moment changes nothing.

    Raises AlreadyEnded if it ended at another moment or begins later.
    """
    held = AgreementPoint.objects.select_for_update().get(pk=bound.pk)
    if _end(held, valid_to):
        audit.note("contracts.point.unbound", of=held, by=by, at=at, after={"valid_to": valid_to})
    return held


@transaction.atomic
def admit_member(
    *, user: User, customer: Customer, at: datetime, by: User | None = None
) -> CustomerMember:
    """Let a user read for a customer from `at` on; doing it twice changes nothing."""
    Customer.objects.select_for_update().get(pk=customer.pk)
    member, is_new = CustomerMember.objects.get_or_create(
        user=user, customer=customer, valid_to=None, defaults={"valid_from": at}
    )
    if is_new:
        audit.note(
            "contracts.member.admitted",
            of=member,
            by=by,
            at=at,
            after={"user": user.pk, "customer": customer.pk},
        )
    return member


@transaction.atomic
def dismiss_member(
    *, member: CustomerMember, at: datetime, by: User | None = None
) -> CustomerMember:
    """Let a user no longer read for a customer. Raises AlreadyEnded if it was so before."""
    held = CustomerMember.objects.select_for_update().get(pk=member.pk)
    if _end(held, at):
        audit.note("contracts.member.dismissed", of=held, by=by, at=at, after={"valid_to": at})
    return held


@transaction.atomic
def assign_area(
    *, user: User, node: NetworkNode, at: datetime, by: User | None = None
) -> OperatorArea:
    """Let an operator work in a part of the network; doing it twice changes nothing."""
    area, is_new = OperatorArea.objects.get_or_create(user=user, node=node)
    if is_new:
        audit.note(
            "contracts.area.assigned",
            of=area,
            by=by,
            at=at,
            after={"user": user.pk, "node": node.pk},
        )
    return area


@transaction.atomic
def withdraw_area(*, area: OperatorArea, at: datetime, by: User | None = None) -> None:
    """Take a part of the network from an operator."""
    before = {"user": area.user_id, "node": area.node_id}
    audit.note("contracts.area.withdrawn", of=area, by=by, at=at, before=before)
    area.delete()


@transaction.atomic
def assign_house(
    *,
    user: User,
    node: NetworkNode,
    valid_from: datetime,
    at: datetime,
    valid_to: datetime | None = None,
    by: User | None = None,
) -> HouseManagement:
    """Let a house manager read the common meters of a house for [valid_from, valid_to)."""
    house = HouseManagement.objects.create(
        user=user, node=node, valid_from=valid_from, valid_to=valid_to
    )
    audit.note(
        "contracts.house.assigned",
        of=house,
        by=by,
        at=at,
        after={
            "user": user.pk,
            "node": node.pk,
            "valid_from": valid_from,
            "valid_to": valid_to,
        },
    )
    return house


def _end(held: Validity, valid_to: datetime) -> bool:
    """Set the end of a locked row; whether that changes it. Raises AlreadyEnded."""
    if held.valid_to == valid_to:
        return False
    if held.valid_to is not None or held.valid_from >= valid_to:
        raise AlreadyEnded(f"{held}: {held.period}, not to {valid_to}")
    held.valid_to = valid_to
    held.save(update_fields=["valid_to"])
    return True
