"""A household with a meter, its days and its registers, for tests of validation."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np

from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint
from faza.metering.rules import path_of
from faza.readings import registers, rules, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import Finding, RegisterReading
from faza.readings.register_services import record_registers
from faza.readings.registers import RegisterBatch
from faza.readings.store import fetch
from faza.readings.vee import running

FIRST = date(2026, 3, 2)
"""A Monday."""
ZONE = "Europe/Moscow"
AT = start_of_day(FIRST + timedelta(days=30), ZONE) + timedelta(hours=12)
"""At noon after thirty days."""


def make_point(code: str = "P1", *, zone: str = ZONE, power: int = 15_000, **kwargs) -> UsagePoint:
    node, _ = NetworkNode.objects.get_or_create(
        code="N", defaults={"name": "Сети", "kind": "building"}
    )
    NetworkNode.objects.filter(pk=node.pk).update(path=path_of(node.pk, ""))
    return UsagePoint.objects.create(
        code=code, name=code, node=node, zone=zone, max_power=power, **kwargs
    )


def install(
    point: UsagePoint, number: str = "1", *, since: datetime | None = None, ct=Fraction(1), **model
) -> MeteringComplex:
    """A three-phase meter of 230 V and 60 A with registers of 0.01 kWh, or as told."""
    kind, _ = MeterModel.objects.get_or_create(
        name=f"Образец {sorted(model.items())}", manufacturer="Завод",
        defaults={"nominal_voltage": 2300, "max_current": 60_000, "phases": 3} | model,
    )  # fmt: skip
    meter = Meter.objects.create(model=kind, number=number)
    return MeteringComplex.objects.create(
        usage_point=point, meter=meter, valid_from=since or datetime(2026, 1, 1, tzinfo=UTC),
        ct_numerator=ct.numerator, ct_denominator=ct.denominator,
    )  # fmt: skip


def usual(days: int, *, seed: int = 0, first: date = FIRST, interval: int = 30) -> np.ndarray:
    """(days, k) Wh of a household: low at night, high in the evening, other on days off."""
    k = 1440 // interval
    hour = np.arange(k) * 24 / k
    shape = 80 + 60 * np.exp(-(((hour - 8) / 2) ** 2)) + 240 * np.exp(-(((hour - 20) / 2.5) ** 2))
    weekend = np.array([(first + timedelta(days=n)).weekday() >= 5 for n in range(days)])
    noise = np.random.default_rng(seed).uniform(0.85, 1.15, (days, k))
    return (shape * np.where(weekend, 1.3, 1.0)[:, None] * noise * interval / 30).astype(np.int64)


def deliver(
    point: int, values: np.ndarray, *, first: date = FIRST, channel: int = 1, number: int = 1,
    missing: Sequence[tuple[int, int]] = (), untold: Sequence[int] = (), interval: int = 30,
    zone: str = ZONE, at: datetime | None = None, kind: str = "meter",
) -> None:  # fmt: skip
    """Deliver days (d, k) of a channel; missing: (day, interval) without a value; untold: days
    that do not come. Each comes as a batch of its own day's end, unless told otherwise."""
    d, k = values.shape
    quality = np.zeros((d, k), np.uint8)
    for day, cell in missing:
        quality[day, cell] = Quality.UNTOLD
    for day in untold:
        quality[day] = Quality.UNTOLD
    batch = BlockBatch.from_series(
        usage_points=[point], reading_types=[channel], start=start_of_day(first, zone),
        interval=interval, values=[values.reshape(-1)], quality=[quality.reshape(-1)], zone=zone,
    )  # fmt: skip
    source = services.get_source(kind)
    came = at or start_of_day(first + timedelta(days=d), zone) + timedelta(hours=1)
    services.record(batch, source=source, sequence=rules.sequence(number), at=came)


def read(
    complex_: MeteringComplex, shown: dict[date, int], *, zone: str = ZONE, kind=1, register=0,
    at: datetime = AT,
) -> None:  # fmt: skip
    """Registers at midnights, Wh as the meter shows them."""
    batch = RegisterBatch.concatenate(
        [
            RegisterBatch.of(
                usage_point=complex_.usage_point_id, meter=complex_.meter_id,
                at=start_of_day(day, zone), kind=kind, shown={register: value},
            )
            for day, value in shown.items()
        ]
    )  # fmt: skip
    record_registers(batch, source=services.get_source("meter"), sequence=rules.sequence(1), at=at)


def daily(values: np.ndarray, *, first: date = FIRST, begin: int = 1_000_000) -> dict[date, int]:
    """What a register of Wh shows at the midnights of days (d, k), both ends included."""
    sums = begin + np.concatenate([[0], np.cumsum(values.sum(axis=1))])
    return {first + timedelta(days=n): int(value) for n, value in enumerate(sums)}


def work(at: datetime = AT, *, rounds: int = 5) -> running.Worked:
    """Validate until nothing is marked."""
    done = running.Worked()
    for _ in range(rounds):
        part = running.validate(at=at)
        done += part
        if not part.points:
            return done
    raise AssertionError("marks beget marks")


def cells(point: int, *, channel: int = 1, delivered: bool = False):
    """Values (d, k) and qualities (d, k) of all that is stored of a channel."""
    found = fetch([point], [channel], date(2000, 1, 1), date(2100, 1, 1), delivered=delivered)
    return found.values, found.quality


def open_findings(point: int | None = None) -> list[tuple[str, str, str]]:
    """(rule, start, end) of what is open, UTC."""
    rows = Finding.objects.filter(state=Finding.State.OPEN)
    if point is not None:
        rows = rows.filter(usage_point_id=point)
    return [
        (rule, f"{start:%d.%m %H:%M}", f"{end:%d.%m %H:%M}")
        for rule, start, end in rows.order_by("usage_point_id", "reading_type", "start", "rule")
        .values_list("rule", "start", "end")
    ]  # fmt: skip


KINDS = RegisterReading.Kind
T0 = registers.register(1)
