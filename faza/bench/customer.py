"""Customers of many points, each a copy of one house of the demo with all that is kept of it.

So pages have what they show: more than a year of half-hours, registers, events, charges, a
forecast. It is copied inside the database: to store it anew would take most of an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Model

from faza.accounts import texts
from faza.accounts.models import User
from faza.accounts.services import accept, create_user
from faza.charges.models import (
    AgreementTariff,
    ChargeMonth,
    Forecast,
    Replay,
    SubstitutedMonth,
    ZoneMonth,
)
from faza.collection.models import QualityCount
from faza.contracts import services as contracts
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.events.models import EndDeviceEvent
from faza.metering.models import Meter, MeteringComplex, UsagePoint
from faza.readings.models import IntervalBlock, Moment, RegisterReading

HOUSE = "Дом"
WHOLE = 3
"""So many copies have every channel and every moment; the others energies alone."""
ENERGIES = 62
"""Days back that the others have reactive and exported energy."""
TOLD: tuple[type[Model], ...] = (
    EndDeviceEvent, RegisterReading, ZoneMonth, ChargeMonth, SubstitutedMonth, Forecast, Replay,
    QualityCount,
)  # fmt: skip
"""What is copied to every point as it stands."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class _House:
    """The house that is copied, what stands there and by which agreement it is supplied."""

    point: UsagePoint
    complex: MeteringComplex
    agreement: CustomerAgreement


@transaction.atomic
def make(count: int, *, at: datetime, of: UsagePoint | None = None) -> User:
    """A subscriber whose customer has `count` copies of a point in one agreement.

    of: which point, the house where it is not told; it has a meter and an agreement.
    """
    house = _house(of or UsagePoint.objects.get(name=HOUSE))
    user = create_user(email=f"customer{count}@example.org", full_name="Заказчик", at=at)
    accept(user=user, texts=texts.current().values(), at=at)
    customer = contracts.add_customer(
        Customer(kind=Customer.Kind.PERSON, name=f"Заказчик {count}"), at=at
    )
    contracts.admit_member(user=user, customer=customer, at=at)
    agreement = contracts.sign_agreement(
        kind=CustomerAgreement.Kind(house.agreement.kind), number=f"Б-{count}", customer=customer,
        supplier=house.agreement.supplier, valid_from=house.agreement.valid_from, at=at,
    )  # fmt: skip
    agreement.tariff = house.agreement.tariff
    agreement.save()
    for row in AgreementTariff.objects.filter(agreement=house.agreement):
        AgreementTariff.objects.create(
            agreement=agreement, valid_from=row.valid_from, tariff=row.tariff
        )
    complexes = _installed(house, count)
    AgreementPoint.objects.bulk_create(
        AgreementPoint(
            agreement=agreement, usage_point=one.usage_point, valid_from=agreement.valid_from
        )
        for one in complexes
    )
    _copy(house, complexes, agreement, today=at.date())
    return user


def _house(point: UsagePoint) -> _House:
    bound = AgreementPoint.objects.filter(usage_point=point).select_related("agreement")
    standing = MeteringComplex.objects.billing().filter(usage_point=point).latest("valid_from")
    return _House(point, standing, bound.latest("pk").agreement)


def _installed(house: _House, count: int) -> list[MeteringComplex]:
    """Points with a meter each."""
    made = _fields(house.point, UsagePoint, "code", "name")
    points = UsagePoint.objects.bulk_create(
        [UsagePoint(code=f"B{count}-{n:05}", name=f"Дом {n}", **made) for n in range(count)],
        batch_size=BATCH,
    )
    made = _fields(house.complex.meter, Meter, "number")
    meters = Meter.objects.bulk_create(
        [Meter(number=f"B{count}-{n:05}", **made) for n in range(count)], batch_size=BATCH
    )
    complexes = [
        MeteringComplex(usage_point=point, meter=meter, valid_from=house.complex.valid_from)
        for point, meter in zip(points, meters, strict=True)
    ]
    return MeteringComplex.objects.bulk_create(complexes, batch_size=BATCH)


def _fields(row: UsagePoint | Meter, of: type[UsagePoint | Meter], *but: str) -> dict[str, object]:
    names = [f.attname for f in of._meta.concrete_fields if f.attname not in {"id", *but}]
    return {name: getattr(row, name) for name in names}


def _copy(
    house: _House, complexes: list[MeteringComplex], agreement: CustomerAgreement, *, today: date
) -> None:
    first, last = complexes[0].usage_point_id, complexes[-1].usage_point_id
    some = first + WHOLE - 1
    lately = today - timedelta(days=ENERGIES)
    for model in TOLD:
        _rows(model, house, agreement, (first, last))
    _rows(Moment, house, agreement, (first, some))
    _rows(IntervalBlock, house, agreement, (first, some))
    _rows(
        IntervalBlock, house, agreement, (some + 1, last),
        "reading_type = 1 OR (reading_type < 5 AND day >= %s)", lately,
    )  # fmt: skip


def _rows(
    model: type[Model], house: _House, agreement: CustomerAgreement, among: tuple[int, int],
    condition: str = "1 = 1", *values: date,
) -> None:  # fmt: skip
    """Copy a table's rows of the house to the points whose ids are `among`, both included."""
    meta = model._meta
    names = [field.column for field in meta.concrete_fields]
    taken = {
        "usage_point_id": "m.usage_point_id",
        "meter_id": "CASE WHEN t.meter_id = 0 THEN 0 ELSE m.meter_id END",
        "agreement_id": f"CASE WHEN t.agreement_id = 0 THEN 0 ELSE {agreement.pk:d} END",
    }
    columns = ", ".join(f'"{name}"' for name in names)
    told = ", ".join(taken.get(str(name), f't."{name}"') for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({columns}) SELECT {told} FROM {meta.db_table} t,"
            " metering_meteringcomplex m WHERE t.usage_point_id = %s"
            f" AND m.usage_point_id BETWEEN %s AND %s AND ({condition})",
            [house.point.pk, *among, *values],
        )
