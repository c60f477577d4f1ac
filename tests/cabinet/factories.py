"""A small grid with data for the cabinet's pages: people, agreements, points, half-hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.contracts import services as contracts
from faza.contracts.models import Customer, CustomerAgreement, HouseManagement, OperatorArea
from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS, ReadingType
from faza.metering import services as metering
from faza.metering.models import Meter, MeterModel, NetworkNode, UsagePoint
from faza.readings import rules, services
from faza.readings.blocks import BlockBatch
from faza.tariffs.models import Tariff, TariffZone

ZONE = "Europe/Moscow"
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "Zarechny-35-10"


def make_user(email: str, role: User.Role = User.Role.SUBSCRIBER, name: str = "") -> User:
    return accounts.create_user(
        email=email, full_name=name or email, role=role, password=PASSWORD, at=SINCE
    )


def make_node(
    code: str = "ORG", name: str = 'АО "Сети"', parent: NetworkNode | None = None
) -> NetworkNode:
    found = NetworkNode.objects.filter(code=code).first()
    kind = NetworkNode.Kind.OTHER if parent else NetworkNode.Kind.ORGANISATION
    return found or metering.add_node(kind=kind, code=code, name=name, parent=parent, at=SINCE)


def make_point(
    code: str, name: str = "", *, node: NetworkNode | None = None, zone: str = ZONE, **fields
) -> UsagePoint:
    point = UsagePoint(
        code=code,
        name=name or code,
        node=node or make_node(),
        zone=zone,
        **({"phases": 1} | fields),
    )
    return metering.add_usage_point(point, at=SINCE)


def make_meter(point: UsagePoint, number: str, *, due: date | None = None) -> Meter:
    model, _ = MeterModel.objects.get_or_create(
        manufacturer='АО "Завод"', name="ЭМ-1", defaults={"accuracy_active": "1", "phases": 1}
    )
    meter = Meter.objects.create(model=model, number=number, verification_due=due)
    metering.install(usage_point=point, meter=meter, valid_from=SINCE, at=SINCE)
    return meter


def make_agreement(
    number: str,
    users: Sequence[User],
    points: Sequence[UsagePoint],
    *,
    start: datetime = SINCE,
    end: datetime | None = None,
    supplier: Customer | None = None,
) -> CustomerAgreement:
    """An agreement of a customer of its own, with its users and points."""
    customer = contracts.add_customer(
        Customer(kind=Customer.Kind.PERSON, name=f"Абонент {number}"), at=SINCE
    )
    for user in users:
        contracts.admit_member(user=user, customer=customer, at=SINCE)
    agreement = contracts.sign_agreement(
        kind=CustomerAgreement.Kind.HOUSEHOLD,
        number=number,
        customer=customer,
        supplier=supplier,
        valid_from=start,
        valid_to=end,
        at=SINCE,
    )
    for point in points:
        contracts.bind_point(agreement=agreement, usage_point=point, at=SINCE)
    return agreement


def give_area(user: User, node: NetworkNode) -> OperatorArea:
    return OperatorArea.objects.create(user=user, node=node)


def give_tariff(agreement: CustomerAgreement, code: str = "HH2") -> Tariff:
    """A tariff of two zones, day from 07:00 to 23:00 and night, for an agreement."""
    tariff, is_new = Tariff.objects.get_or_create(
        code=code, defaults={"name": code, "zones_count": 2}
    )
    for number, name, hours in (
        [(1, "День", "07:00-23:00"), (2, "Ночь", "23:00-07:00")] if is_new else []
    ):
        TariffZone.objects.create(
            tariff=tariff, valid_from=SINCE.date(), number=number, name=name, hours=hours
        )
    agreement.tariff = tariff
    agreement.save()
    return tariff


def deliver(
    point: UsagePoint,
    start: datetime,
    values: npt.ArrayLike,
    *,
    kind: ReadingType = A_PLUS,
    quality: npt.ArrayLike | None = None,
    number: int = 1,
) -> None:
    """Half-hours from a moment on, in quanta; None among the values is missing."""
    told = [values] if not isinstance(values, np.ndarray) else [values.tolist()]
    row = [0 if v is None else int(v) for v in told[0]]
    codes = [Quality.MISSING if v is None else Quality.VALID for v in told[0]]
    if quality is not None:
        codes = [
            int(q) if c == Quality.VALID else c
            for q, c in zip(np.asarray(quality).tolist(), codes, strict=True)
        ]
    batch = BlockBatch.from_series(
        usage_points=[point.pk],
        reading_types=[kind.code],
        start=start,
        interval=30,
        values=[row],
        quality=[codes],
        zone=point.zone,
    )
    services.record(
        batch,
        source=services.get_source("meter"),
        sequence=rules.sequence(number),
        # What is delivered has been: a value of a time to come would be rejected.
        at=start + timedelta(minutes=30 * len(row)),
    )


def fill(
    point: UsagePoint, first: date, end: date, watt_hours: int = 100, kind: ReadingType = A_PLUS
) -> None:
    """The same amount in every half-hour of the civil days [first, end)."""
    start = start_of_day(first, point.zone)
    count = (start_of_day(end, point.zone) - start) // timedelta(minutes=30)
    deliver(point, start, np.full(count, watt_hours), kind=kind)


def give_house(user: User, node: NetworkNode) -> HouseManagement:
    return HouseManagement.objects.create(user=user, node=node, valid_from=SINCE)
