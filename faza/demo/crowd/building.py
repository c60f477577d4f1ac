"""The utility's places, points, meters, agreements and users, in parts that are whole each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import transaction

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.audit import services as audit
from faza.audit.models import Entry
from faza.contracts import services as contracts
from faza.contracts.models import (
    AgreementPoint,
    Customer,
    CustomerAgreement,
    CustomerMember,
    OperatorArea,
)
from faza.core.periods import start_of_day
from faza.demo import people, prices
from faza.demo.crowd.plan import PER_DISTRICT, PER_SUBSTATION, Plan
from faza.demo.making import AnotherGrid
from faza.demo.plan import MAKER, MOSCOW
from faza.metering import services as metering
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint
from faza.tariffs import services as tariffs
from faza.tariffs.models import Tariff

MADE = "demo.crowd.made"
ROOT, CODE = "CROWD", "139070"
DOMAIN = "utility.example"
PART = 2_000
"""Points made in a transaction, or as many more as the last party has."""
BATCH = 500
SIGNING = 100
"""So many persons can sign in, and each organisation with more points than LARGE."""
LARGE = 50
Kind = NetworkNode.Kind
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Utility:
    """The rows that all parts lean on."""

    supplier: Customer
    model: MeterModel
    tariff: Tariff
    substations: list[int]
    since: datetime
    at: datetime


def code_of(point: int) -> str:
    """The code of the n-th point, 15 digits."""
    return f"{CODE}{point:09}"


def refuse_others(points: int) -> None:
    """Raises AnotherGrid if the database holds something else, or a utility of another size."""
    root = NetworkNode.objects.filter(code=ROOT).first()
    if root is None:
        if UsagePoint.objects.exists() or Customer.objects.exists():
            raise AnotherGrid("the database holds points that are not of such a utility")
    elif root.name != _name(points):
        raise AnotherGrid(f"the database holds another one: {root.name}")


def begun_on() -> date | None:
    """The first day of the utility that the database holds; None if there is none."""
    entry = Entry.objects.filter(action=MADE).order_by("pk").first()
    return date.fromisoformat(entry.after["since"]) if entry and entry.after else None


def _name(points: int) -> str:
    return f"Городские сети, {points} точек"


def build(plan: Plan, *, since: date, at: datetime, told: Told) -> None:
    """Make what is missing; `told` hears how many points there are. Repeatable."""
    there = UsagePoint.objects.filter(code__startswith=CODE).count()
    utility = _common(plan, since, at)
    for first, end in _parts(plan, there):
        with transaction.atomic():
            _part(plan, utility, first, end)
        told(int(plan.starts[end - 1] + plan.sizes[end - 1]))


def _parts(plan: Plan, there: int) -> Iterator[tuple[int, int]]:
    """Parties [first, end) that are made together: whole ones, of about PART points.

    there: points that are made already, those of whole parties.
    """
    starts = plan.starts
    first = int(np.searchsorted(starts, there))
    for place in range(first + 1, len(starts) + 1):
        if place == len(starts) or starts[place] - starts[first] >= PART:
            yield first, place
            first = place


@transaction.atomic
def _common(plan: Plan, since: date, at: datetime) -> Utility:
    """Places, the supplier, the meter's type, tariffs, staff."""
    root = NetworkNode.objects.filter(code=ROOT).first()
    if root is None:
        tariffs.import_shipped()
        prices.set_up(since, at.date())
        root = metering.add_node(kind=Kind.ORGANISATION, code=ROOT, name=_name(plan.points), at=at)
        _places(plan, root, at)
        contracts.add_customer(
            Customer(kind=Customer.Kind.ORGANISATION, name=people.SUPPLIER), at=at
        )
        MeterModel.objects.create(
            name="ЗП-1", manufacturer=MAKER, phases=1, digits=6, decimals=2,
            nominal_voltage=2300, verification_interval=192,
        )  # fmt: skip
        _staff(root, at)
        audit.note(MADE, of=root, by=None, at=at, after={"points": plan.points, "since": since})
    below = NetworkNode.objects.filter(code__startswith=f"{ROOT}-T").order_by("code")
    return Utility(
        supplier=Customer.objects.get(name=people.SUPPLIER),
        model=MeterModel.objects.get(manufacturer=MAKER, name="ЗП-1"),
        tariff=Tariff.objects.get(code="HH1"),
        substations=list(below.values_list("pk", flat=True)),
        since=start_of_day(since - timedelta(days=30), MOSCOW),
        at=at,
    )


def _places(plan: Plan, root: NetworkNode, at: datetime) -> None:
    for n in range(-(-plan.points // PER_SUBSTATION)):
        if n % (PER_DISTRICT // PER_SUBSTATION) == 0:
            number = n * PER_SUBSTATION // PER_DISTRICT + 1
            district = metering.add_node(
                kind=Kind.FEEDER, code=f"{ROOT}-D{number:04}", name=f"Район {number}",
                parent=root, at=at,
            )  # fmt: skip
        metering.add_node(
            kind=Kind.TRANSFORMER_SUBSTATION, code=f"{ROOT}-T{n + 1:06}", name=f"ТП-{n + 1}",
            parent=district, at=at,
        )  # fmt: skip


def _staff(root: NetworkNode, at: datetime) -> None:
    for name, role in (("operator", User.Role.OPERATOR), ("admin", User.Role.ADMINISTRATOR)):
        user = _user(name, name.title(), role, at)
        if role == User.Role.OPERATOR:
            OperatorArea.objects.create(user=user, node=root)


def _user(name: str, full_name: str, role: User.Role, at: datetime) -> User:
    user = accounts.create_user(email=f"{name}@{DOMAIN}", full_name=full_name, role=role, at=at)
    user.password = _password()
    user.save(update_fields=["password"])
    return user


_KEPT: list[str] = []


def _password() -> str:
    """One hash of the one password: hashing is slow on purpose."""
    if not _KEPT:
        _KEPT.append(make_password(people.PASSWORD))
    return _KEPT[0]


def _part(plan: Plan, utility: Utility, first: int, end: int) -> None:
    """Parties [first, end) with all that is theirs."""
    starts, sizes = plan.starts[first:end].tolist(), plan.sizes[first:end].tolist()
    numbers = range(starts[0], starts[-1] + sizes[-1])
    points = UsagePoint.objects.bulk_create(
        [_point(n, utility, is_home=n < plan.of_persons) for n in numbers], batch_size=BATCH
    )
    meters = Meter.objects.bulk_create(
        [Meter(model=utility.model, number=f"{n:09}") for n in numbers], batch_size=BATCH
    )
    MeteringComplex.objects.bulk_create(
        [
            MeteringComplex(usage_point=point, meter=meter, valid_from=utility.since)
            for point, meter in zip(points, meters, strict=True)
        ],
        batch_size=BATCH,
    )
    persons = [place < plan.n_persons for place in range(first, end)]
    customers = Customer.objects.bulk_create(
        [_customer(place, is_person=one) for place, one in enumerate(persons, first)],
        batch_size=BATCH,
    )
    agreements = CustomerAgreement.objects.bulk_create(
        [
            _agreement(place, customer, utility, is_person=one)
            for place, (customer, one) in enumerate(zip(customers, persons, strict=True), first)
        ],
        batch_size=BATCH,
    )
    AgreementPoint.objects.bulk_create(
        [
            AgreementPoint(agreement=agreement, usage_point=point, valid_from=utility.since)
            for agreement, start, size in zip(agreements, starts, sizes, strict=True)
            for point in points[start - starts[0] : start - starts[0] + size]
        ],
        batch_size=BATCH,
    )
    for place, customer, size, is_person in zip(
        range(first, end), customers, sizes, persons, strict=True
    ):
        if place < SIGNING if is_person else size > LARGE:
            user = _user(login_of(place, plan), customer.name, User.Role.SUBSCRIBER, utility.at)
            CustomerMember.objects.create(user=user, customer=customer, valid_from=utility.since)


def login_of(place: int, plan: Plan) -> str:
    """The name before the @ of the n-th party's address."""
    if place < plan.n_persons:
        return f"person{place + 1:05}"
    return f"firm{place - plan.n_persons + 1:05}"


def _point(number: int, utility: Utility, *, is_home: bool) -> UsagePoint:
    street, house = number // 60 + 1, number % 60 + 1
    return UsagePoint(
        code=code_of(number),
        name=f"Квартира {house}" if is_home else f"Объект {number}",
        node_id=utility.substations[number // PER_SUBSTATION],
        address=f"ул. {street}-я Сетевая, {house}",
        zone=MOSCOW,
        phases=1,
    )


def _customer(place: int, *, is_person: bool) -> Customer:
    if not is_person:
        return Customer(kind=Customer.Kind.ORGANISATION, name=f"Организация {place}")
    name = people.PERSONS[place % len(people.PERSONS)]
    return Customer(kind=Customer.Kind.PERSON, name=f"{name} ({place})")


def _agreement(
    place: int, customer: Customer, utility: Utility, *, is_person: bool
) -> CustomerAgreement:
    kinds = CustomerAgreement.Kind
    return CustomerAgreement(
        kind=kinds.HOUSEHOLD if is_person else kinds.ENERGY_SUPPLY,
        number=f"{'Л' if is_person else 'Ю'}-{place:08}",
        customer=customer,
        supplier=utility.supplier,
        tariff=utility.tariff if is_person else None,
        valid_from=utility.since,
    )
