from __future__ import annotations

from datetime import datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import Customer, CustomerMember, HouseManagement, OperatorArea
from faza.contracts.services.validity import end_sooner
from faza.core.periods import Period
from faza.metering.models import NetworkNode


class AlreadyMember(Exception):
    """The user may read for the customer for some of the same time already."""


@transaction.atomic
def admit_member(
    *,
    user: User,
    customer: Customer,
    at: datetime,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    by: User | None = None,
) -> CustomerMember:
    """Let a user read for a customer for [valid_from, valid_to), from `at` on by default.

    A membership without an end that began by then is returned as it is. Raises AlreadyMember
    if one holds for some of the time otherwise.
    """
    Customer.objects.select_for_update().get(pk=customer.pk)
    start = at if valid_from is None else valid_from
    held = CustomerMember.objects.filter(user=user, customer=customer)
    standing = held.within(Period.open(start, valid_to)).first()
    if standing and standing.valid_to is None and valid_to is None and standing.valid_from <= start:
        return standing
    if standing:
        raise AlreadyMember(f"{standing}: {standing.period}")
    member = CustomerMember.objects.create(
        user=user, customer=customer, valid_from=start, valid_to=valid_to
    )
    audit.note(
        "contracts.member.admitted",
        of=member,
        by=by,
        at=at,
        after={
            "user": user.pk,
            "customer": customer.pk,
            "valid_from": start,
            "valid_to": valid_to,
        },
    )
    return member


@transaction.atomic
def dismiss_member(
    *,
    member: CustomerMember,
    at: datetime,
    valid_to: datetime | None = None,
    by: User | None = None,
) -> CustomerMember:
    """Let a user no longer read for a customer, from `valid_to` or `at` on.

    Twice for one moment changes nothing; raises AlreadyEnded if it has ended before.
    """
    held = CustomerMember.objects.select_for_update().get(pk=member.pk)
    last = at if valid_to is None else valid_to
    before = {"valid_to": held.valid_to}
    if end_sooner(held, last):
        audit.note(
            "contracts.member.dismissed",
            of=held,
            by=by,
            at=at,
            before=before,
            after={"valid_to": last},
        )
    return held


@transaction.atomic
def remove_member(*, member: CustomerMember, at: datetime, by: User | None = None) -> None:
    """Take away a membership made by mistake; twice is once. One that only ended is dismissed."""
    held = CustomerMember.objects.select_for_update().filter(pk=member.pk).first()
    if held is None:
        return
    before = {"user": held.user_id, "customer": held.customer_id, "valid_from": held.valid_from}
    audit.note("contracts.member.removed", of=held, by=by, at=at, before=before)
    held.delete()


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


@transaction.atomic
def withdraw_house(
    *,
    house: HouseManagement,
    at: datetime,
    valid_to: datetime | None = None,
    by: User | None = None,
) -> HouseManagement:
    """End the management of a house at `valid_to` or `at`; its time stays readable.

    Twice for one moment changes nothing; raises AlreadyEnded if it has ended before.
    """
    held = HouseManagement.objects.select_for_update().get(pk=house.pk)
    last = at if valid_to is None else valid_to
    before = {"valid_to": held.valid_to}
    if end_sooner(held, last):
        audit.note(
            "contracts.house.withdrawn",
            of=held,
            by=by,
            at=at,
            before=before,
            after={"valid_to": last},
        )
    return held
