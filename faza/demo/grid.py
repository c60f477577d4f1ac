"""The demo grid's places, meters, agreements and users, from the plan into the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.contrib.auth.hashers import make_password
from django.db import transaction

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.contracts import services as contracts
from faza.contracts.models import (
    Customer,
    CustomerAgreement,
    HouseManagement,
    OperatorArea,
)
from faza.core.periods import start_of_day
from faza.demo import people, plan, prices
from faza.demo.people import MANAGER, SUPPLIER
from faza.demo.plan import MODELS, PLACES, POINTS, Point
from faza.metering import rules
from faza.metering import services as metering
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    MeterModel,
    NetworkNode,
    UsagePoint,
)
from faza.tariffs import services as tariffs
from faza.tariffs.models import Tariff

DUE_SOON, EXPIRED = "Гараж", "Квартира 45"
HOUSES = ("CH-9", "SH-3")
WAYS = ("RS-485", "PLC", "LTE")
"""How meters are reached."""


@dataclass(frozen=True, slots=True)
class When:
    """The days everything is dated by: data since, made on, when the flat was sold."""

    since: date
    made: date
    sold: date
    at: datetime


@transaction.atomic
def build(when: When) -> None:
    """Make everything but readings; all or nothing."""
    tariffs.import_shipped()
    prices.set_up(when.since, when.made)
    nodes = _nodes(when)
    models = _models()
    points = [_point(point, nodes, models, when) for point in POINTS]
    customers = _customers(when)
    _agreements(customers, points, when)
    _users(customers, nodes, when)


def meter_number(point: Point, what: str = "meter") -> str:
    """Eight digits."""
    if what == "meter" and point.number:
        return point.number
    return f"{30_000_000 + point.pick(what, 19_999_999)}"


def make_meter(
    point: Point, model: MeterModel, *, since: date, made: date, what: str = "meter"
) -> Meter:
    """A meter with its passport: made half a year before it was installed."""
    installed = since if what != "meter" else plan.installed_on(point, since)
    verified = installed - timedelta(days=100 + point.pick("made", 200))
    due = rules.verification_due(verified, model.verification_interval or 120)
    if what == "meter" and point.name in (DUE_SOON, EXPIRED):
        # It was verified again, for a shorter time, as old meters are.
        due = made + timedelta(days=85 if point.name == DUE_SOON else -40)
        verified = due - timedelta(days=6 * 365)
    number = meter_number(point, what)
    return Meter.objects.create(
        model=model,
        number=number,
        made_in=(installed - timedelta(days=100)).year,
        verified_on=verified,
        verification_due=due,
        certificate=f"С-ЗП/{verified:%d-%m-%Y}/{100_000_000 + int(number)}",
        firmware=f"1.{point.pick('minor', 6)}.{point.pick('patch', 20)}",
        interface="оптопорт" if point.by_hand else WAYS[point.seed % len(WAYS)],
        seals=[
            {
                "number": f"ЗС {700_000 + point.pick(what + place, 99_999)}",
                "place": place,
                "set_on": installed.isoformat(),
            }
            for place in ("корпус", "крышка зажимов")
        ],
    )


def make_transformers(
    point: Point, kind: InstrumentTransformer.Kind, ratio: tuple[int, int], on: date, made: str
) -> list[InstrumentTransformer]:
    """Three transformers of a point, a phase each, with their plates."""
    is_current = kind == InstrumentTransformer.Kind.CT
    is_high = point.vt is not None
    verified = on - timedelta(days=30 + point.pick("plates", 150))
    return [
        InstrumentTransformer.objects.create(
            kind=kind,
            type_name=("ТТЗ-10" if is_high else "ТТЗ-0,66") if is_current else "ТНЗ-10",
            number=f"{100_000 + point.pick(made + kind + phase, 899_999)}{plan.INDEX[point.code]}",
            phase=phase,
            ratio_numerator=ratio[0],
            ratio_denominator=ratio[1],
            accuracy="0,5S" if is_current else "0,5",
            type_approval="00140-17" if is_current else "00141-17",
            verification_interval=96,
            made_in=verified.year,
            verified_on=verified,
            verification_due=rules.verification_due(verified, 96),
            certificate=f"С-ЗП/{verified:%d-%m-%Y}/{200_000_000 + point.pick(phase, 9_999_999)}",
        )
        for phase in "ABC"
    ]


def _nodes(when: When) -> dict[str, NetworkNode]:
    nodes: dict[str, NetworkNode] = {}
    for place in PLACES:
        nodes[place.code] = metering.add_node(
            kind=NetworkNode.Kind(place.kind),
            code=place.code,
            name=place.name,
            parent=nodes[place.parent] if place.parent else None,
            at=when.at,
        )
    return nodes


def _models() -> dict[str, MeterModel]:
    return {
        name: MeterModel.objects.create(
            name=name,
            manufacturer=plan.MAKER,
            phases=model.phases,
            accuracy_active=model.active,
            accuracy_reactive=model.reactive,
            nominal_voltage=model.volts * 10,
            nominal_current=model.current[0] * 1000,
            max_current=model.current[1] * 1000,
            constant=model.constant,
            digits=plan.DIGITS,
            decimals=model.decimals,
            has_relay=model.has_relay,
            type_approval=model.approval,
            verification_interval=model.months,
        )
        for name, model in MODELS.items()
    }


def _point(
    point: Point, nodes: dict[str, NetworkNode], models: dict[str, MeterModel], when: When
) -> UsagePoint:
    """A usage point with its first metering complex."""
    place = metering.add_usage_point(
        UsagePoint(
            code=point.code,
            name=point.name,
            node=nodes[point.node],
            address=point.address,
            zone=point.zone,
            phases=MODELS[point.model].phases,
            max_power=point.max_power,
            voltage_level=point.level,
            installation_place_code=f"{point.code[4:8]}-{point.code[8:]}",
            is_common=point.is_common,
        ),
        at=when.at,
    )
    on = plan.installed_on(point, when.since)
    kinds = InstrumentTransformer.Kind
    plates = [
        plate
        for kind, ratio in ((kinds.CT, point.ct), (kinds.VT, point.vt))
        if ratio
        for plate in make_transformers(point, kind, ratio, on, "first")
    ]
    metering.install(
        usage_point=place,
        meter=make_meter(point, models[point.model], since=when.since, made=when.made),
        valid_from=start_of_day(on, point.zone),
        role=MeteringComplex.Role.BILLING,
        ct=Fraction(*point.ct) if point.ct else Fraction(1),
        vt=Fraction(*point.vt) if point.vt else Fraction(1),
        transformers=plates,
        at=when.at,
    )
    return place


def _customers(when: When) -> dict[str, Customer]:
    made = {}
    for name, kind in people.kinds().items():
        homes = [POINTS[c.points[0]].address for c in people.contracts() if c.customer == name]
        address = homes[0] if homes else f"{plan.VILLAGE}, ул. Мира, 1"
        made[name] = contracts.add_customer(
            Customer(
                kind=kind,
                name=name,
                inn=people.taxpayer_of(name),
                legal_address=address,
                actual_address=address,
            ),
            at=when.at,
        )
    return made


def _agreements(customers: dict[str, Customer], points: list[UsagePoint], when: When) -> None:
    by_code = {tariff.code: tariff for tariff in Tariff.objects.all()}
    for contract in people.contracts():
        first = POINTS[contract.points[0]]
        sold = start_of_day(when.sold, first.zone)
        start = max(plan.installed_on(POINTS[n], when.since) for n in contract.points)
        code = first.billed or first.tariff
        signed = when.sold if contract.since_sold else start + timedelta(days=20)
        agreement = contracts.sign_agreement(
            kind=CustomerAgreement.Kind(contract.kind),
            number=contract.number,
            customer=customers[contract.customer],
            supplier=customers[SUPPLIER],
            signed_on=signed,
            tariff=by_code[code] if code else None,
            valid_from=start_of_day(signed, first.zone),
            valid_to=sold if contract.until_sold else None,
            at=when.at,
        )
        for n in contract.points:
            contracts.bind_point(agreement=agreement, usage_point=points[n], at=when.at)


def _users(customers: dict[str, Customer], nodes: dict[str, NetworkNode], when: When) -> None:
    password = make_password(people.PASSWORD)
    for login in people.LOGINS:
        user = accounts.create_user(
            email=login.email,
            full_name=login.name,
            role=User.Role(login.role),
            at=when.at,
        )
        # Hashing is slow on purpose; one hash of the one password serves all of them.
        user.password = password
        user.save(update_fields=["password"])
        if login.customer:
            contracts.admit_member(user=user, customer=customers[login.customer], at=when.at)
        if login.role == User.Role.OPERATOR:
            OperatorArea.objects.create(user=user, node=nodes["ZS"])
        if login.role == User.Role.HOUSE_MANAGER:
            contracts.admit_member(user=user, customer=customers[MANAGER], at=when.at)
            for house in HOUSES:
                HouseManagement.objects.create(
                    user=user,
                    node=nodes[house],
                    valid_from=start_of_day(when.since - timedelta(days=365), plan.MOSCOW),
                )
