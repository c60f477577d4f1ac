"""Water, gas and heat of the demo: points beside the electric ones, with meters of their own.

Nothing depends on chance: a day's use follows from the point's code and the day.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.contracts import services as contracts
from faza.contracts.models import Customer, CustomerAgreement
from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import GAS, HEAT, WATER, ReadingType
from faza.demo import people, plan
from faza.demo.deliveries import source_of
from faza.demo.scenario import Scenario
from faza.metering import rules as metering_rules
from faza.metering import services as metering
from faza.metering.models import Meter, MeterModel, NetworkNode, UsagePoint
from faza.readings import register_services, registers, rules, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import RegisterReading
from faza.readings.registers import RegisterBatch

I64 = npt.NDArray[np.int64]
Kind = RegisterReading.Kind

HOUR = timedelta(hours=1)
HOURS = 24
DAILY = 60
TYPED_ON, TYPED_AT = 20, 19
WATERWORKS, GASWORKS, HEATWORKS = 'МУП "Источник"', 'ООО "Заречгаз"', 'ООО "Заречтепло"'
KINDERGARTEN = 'МБДОУ "Детский сад "Лучик"'
HOUSEHOLD, ORGANISATION = "household", "energy_supply"

_AT_HOME = np.array(
    [1, 0, 0, 0, 0, 2, 8, 12, 9, 5, 4, 4, 5, 4, 3, 4, 5, 8, 11, 13, 12, 9, 6, 3], np.float64
)
_AT_WORK = np.array(
    [0, 0, 0, 0, 0, 1, 3, 9, 12, 11, 10, 11, 12, 9, 10, 10, 8, 4, 1, 0, 0, 0, 0, 0], np.float64
)
_ALWAYS = np.full(HOURS, 1.0)
SEASON = (1.9, 1.8, 1.5, 1.0, 0.35, 0.0, 0.0, 0.0, 0.25, 1.0, 1.5, 1.8)
"""Heating by month, of a year's mean day; none in summer."""


@dataclass(frozen=True, slots=True)
class Model:
    """A type of meter: digits and decimals of its register, months between verifications."""

    name: str
    digits: int
    decimals: int
    months: int
    approval: str


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a resource: what it uses on a mean day in quanta, by which hours and seasons.

    By hand: only registers, typed once a month.
    """

    code: str
    name: str
    node: str
    address: str
    kind: ReadingType
    model: str
    customer: str
    supplier: str
    number: str
    agreement: str
    daily: int
    hours: str = "home"
    is_seasonal: bool = False
    by_hand: bool = False
    is_common: bool = False

    @property
    def seed(self) -> int:
        return zlib.crc32(self.code.encode())


MODELS = {
    model.name: model
    for model in (
        Model("Родник-15", 5, 3, 72, "00151-19"),
        Model("Факел-G4", 5, 3, 120, "00152-20"),
        Model("Очаг-40", 6, 3, 48, "00153-18"),
    )
}
_HOUSE = f"{plan.VILLAGE}, ул. Садовая, 14"
_BLOCK = f"{plan.VILLAGE}, ул. Чехова, 9"
_GARDEN = f"{plan.VILLAGE}, ул. Мира, 12"
POINTS = (
    Point("501203740001814", "Холодная вода", "VL-1", _HOUSE, WATER, "Родник-15",
          people.MISTRESS, WATERWORKS, "В-02417", HOUSEHOLD, 410),
    Point("501203740001914", "Газ", "VL-1", _HOUSE, GAS, "Факел-G4",
          people.MISTRESS, GASWORKS, "Г-00871", HOUSEHOLD, 5200, is_seasonal=True, by_hand=True),
    Point("501203690001981", "Холодная вода дома", "CH-9-VRU", _BLOCK, WATER, "Родник-15",
          people.MANAGER, WATERWORKS, "В-00109", ORGANISATION, 5100, is_common=True),
    Point("501203690001982", "Тепло дома", "CH-9-VRU", _BLOCK, HEAT, "Очаг-40",
          people.MANAGER, HEATWORKS, "Т-00109", ORGANISATION, 640_000, "always",
          is_seasonal=True, is_common=True),
    Point("501204120002812", "Холодная вода", "KL-2", _GARDEN, WATER, "Родник-15",
          KINDERGARTEN, WATERWORKS, "В-00112", ORGANISATION, 3300, "work"),
    Point("501204120002912", "Тепло", "KL-2", _GARDEN, HEAT, "Очаг-40",
          KINDERGARTEN, HEATWORKS, "Т-00112", ORGANISATION, 890_000, "always",
          is_seasonal=True),
)  # fmt: skip


def build(scenario: Scenario, *, at: datetime) -> None:
    """Points, meters, suppliers and agreements; the grid and its customers stand already."""
    nodes = {node.code: node for node in NetworkNode.objects.all()}
    customers = {customer.name: customer for customer in Customer.objects.all()}
    for name in (GASWORKS, HEATWORKS):
        customers[name] = contracts.add_customer(
            Customer(kind=Customer.Kind.ORGANISATION, name=name, inn=_inn(name)), at=at
        )
    models = {
        model.name: MeterModel.objects.create(
            name=model.name, manufacturer=plan.MAKER, phases=1, digits=model.digits,
            decimals=model.decimals, tariffs=1, type_approval=model.approval,
            verification_interval=model.months,
        )
        for model in MODELS.values()
    }  # fmt: skip
    for point in POINTS:
        _point(point, nodes, customers, models[point.model], scenario, at)


def _point(
    point: Point, nodes: dict[str, NetworkNode], customers: dict[str, Customer],
    model: MeterModel, scenario: Scenario, at: datetime,
) -> None:  # fmt: skip
    place = metering.add_usage_point(
        UsagePoint(
            code=point.code, name=point.name, node=nodes[point.node], address=point.address,
            zone=plan.MOSCOW, phases=1, resource=point.kind.commodity,
            installation_place_code=f"{point.code[4:8]}-{point.code[8:]}",
            is_common=point.is_common,
        ),
        at=at,
    )  # fmt: skip
    on = _installed(point, scenario)
    verified = on - timedelta(days=40 + point.seed % 60)
    meter = Meter.objects.create(
        model=model,
        number=f"{20_000_000 + point.seed % 9_999_999}",
        made_in=verified.year,
        verified_on=verified,
        verification_due=metering_rules.verification_due(
            verified, model.verification_interval or 72
        ),
        certificate=f"С-ЗП/{verified:%d-%m-%Y}/{300_000_000 + point.seed % 9_999_999}",
        interface="" if point.by_hand else "LTE",
    )
    start = start_of_day(on, plan.MOSCOW)
    metering.install(usage_point=place, meter=meter, valid_from=start, at=at)
    agreement = contracts.sign_agreement(
        kind=CustomerAgreement.Kind(point.agreement),
        number=point.number,
        customer=customers[point.customer],
        supplier=customers[point.supplier],
        signed_on=on,
        valid_from=start,
        at=at,
    )
    contracts.bind_point(agreement=agreement, usage_point=place, at=at)


def deliver(scenario: Scenario, *, first: date, until: datetime, at: datetime) -> int:
    """Deliver what is known of [first, until); how many days and readings changed. Repeatable."""
    ids = dict(
        UsagePoint.objects.filter(code__in=[point.code for point in POINTS]).values_list(
            "code", "id"
        )
    )
    meters = dict(
        Meter.objects.filter(complexes__usage_point__in=ids.values()).values_list(
            "complexes__usage_point", "id"
        )
    )
    changed = 0
    for point in POINTS:
        if point.code in ids:
            here = ids[point.code]
            changed += _deliver(point, here, meters[here], scenario, first, until, at)
    return changed


def _deliver(
    point: Point, place: int, meter: int, scenario: Scenario, first: date, until: datetime,
    at: datetime,
) -> int:  # fmt: skip
    since = start_of_day(scenario.since, plan.MOSCOW)
    hours = (until - since) // HOUR
    used = series(point, scenario.since, hours // HOURS + 2)[:hours]
    moments = _moments(point, scenario, first, until)
    shown = np.concatenate([[0], np.cumsum(used)]) + _before(point, scenario)
    step = int(registers.WHOLE[registers.register(point.kind.code)])
    step //= 10 ** MODELS[point.model].decimals
    changed = 0
    for kind, days, hour in moments:
        slots = [(day - scenario.since).days * HOURS + hour for day in days]
        slots = [slot for slot in slots if 0 <= slot <= hours]
        if not slots:
            continue
        values, present = registers.rows_of(
            [{registers.register(point.kind.code): int(shown[slot]) // step * step}
             for slot in slots]
        )  # fmt: skip
        n = len(slots)
        batch = RegisterBatch(
            np.full(n, place, np.int64), np.full(n, meter, np.int64),
            np.array([registers.seconds(since + HOUR * slot) for slot in slots], np.int64),
            np.full(n, kind, np.int16), values, present, np.full(n, Quality.VALID, np.uint8),
        )  # fmt: skip
        sequences = (batch.moments << rules.CONTENT_BITS) + rules.sequence(0)
        source = source_of("manual" if kind == Kind.MANUAL else "meter")
        done = register_services.record_registers(batch, source=source, sequence=sequences, at=at)
        changed += done.changed
    if point.by_hand or not hours:
        return changed
    start = max((first - scenario.since).days * HOURS, 0)
    blocks = BlockBatch.from_series(
        usage_points=[place], reading_types=[point.kind.code], start=since + HOUR * start,
        interval=60, values=[used[start:]], quality=[np.zeros(hours - start, np.uint8)],
        zone=plan.MOSCOW,
    )  # fmt: skip
    # Read at the end of what is known: the latest delivery of the present day stands.
    number = rules.sequence(rules.moment(until))
    stored = services.record(blocks, source=source_of("meter"), sequence=number, at=at)
    return changed + stored.changed


def series(point: Point, since: date, days: int) -> I64:
    """(days x 24,) quanta of each hour from a day on; more days do not change the first ones."""
    chance = np.random.default_rng(point.seed).random((days, HOURS + 1))
    shape = {"home": _AT_HOME, "work": _AT_WORK, "always": _ALWAYS}[point.hours]
    weights = shape / shape.sum() * (0.6 + 0.8 * chance[:, :HOURS])
    each = np.array([_of_day(point, since + timedelta(days=n)) for n in range(days)])
    each = each * (0.85 + 0.3 * chance[:, HOURS])
    found: I64 = np.round(weights * each[:, None]).astype(np.int64).reshape(-1)
    return found


def _of_day(point: Point, day: date) -> float:
    amount = float(point.daily)
    if point.is_seasonal:
        # Gas cooks in summer too.
        amount *= max(SEASON[day.month - 1], 0.08 if point.kind is GAS else 0.0)
    if point.hours == "work" and day.weekday() > 4:
        amount *= 0.03
    return amount


def _installed(point: Point, scenario: Scenario) -> date:
    return scenario.since - timedelta(days=90 + point.seed % 900)


def _before(point: Point, scenario: Scenario) -> int:
    """What the meter had counted when the data begin."""
    return point.daily * (scenario.since - _installed(point, scenario)).days


def _moments(
    point: Point, scenario: Scenario, first: date, until: datetime
) -> list[tuple[Kind, list[date], int]]:
    """Kinds of readings with their days and hour."""
    count = (until - start_of_day(first, plan.MOSCOW)).days + 1
    days = [first + timedelta(days=n) for n in range(count)]
    if point.by_hand:
        return [(Kind.MANUAL, [day for day in days if day.day == TYPED_ON], TYPED_AT)]
    lately = scenario.today - timedelta(days=DAILY)
    return [
        (Kind.MONTH, [day for day in days if day.day == 1], 0),
        (Kind.DAY, [day for day in days if day >= lately], 0),
    ]


def _inn(name: str) -> str:
    return people.inn(4100 + zlib.crc32(name.encode()) % 900_000, 10)
