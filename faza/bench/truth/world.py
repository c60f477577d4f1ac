"""Points with meters whose registers have a certain step and ratio, and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint
from faza.readings import registers, rules, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import RegisterReading
from faza.readings.register_services import record_registers
from faza.readings.registers import RegisterBatch
from faza.readings.store import fetch
from faza.readings.vee import running

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ZONE = "Europe/Moscow"
FIRST = date(2024, 1, 1)
"""A Monday, as the file's weeks begin."""
SLOTS = 48
A_PLUS = 1
ROUNDS = 5
"""Of validation, at most: what one round marks the next one works."""


@dataclass(frozen=True, slots=True)
class Registers:
    """What a meter's registers are. step: Wh of the last digit, a power of ten up to 1,000.

    ratio: that of the transformers, of 100 to 1 in voltage where it is 100 or more. every: days
    between readings at midnight, 0: they are never read.
    """

    step: int = 1
    ratio: int = 1
    every: int = 1

    @property
    def decimals(self) -> int:
        return len(str(1000 // self.step)) - 1


def make_points(name: str, count: int, kind: Registers) -> list[MeteringComplex]:
    """So many points, each with a three-phase meter of 60 A since FIRST."""
    node, _ = NetworkNode.objects.get_or_create(
        code="TRUTH", defaults={"name": "Сети", "kind": "building", "path": "0000000001/"}
    )
    model = MeterModel.objects.create(
        name=name, manufacturer="Заречный приборный завод", phases=3, nominal_voltage=2300,
        max_current=60_000, digits=6, decimals=kind.decimals,
    )  # fmt: skip
    vt = 100 if kind.ratio >= 100 else 1
    made = []
    for n in range(count):
        code = f"{name}-{n + 1}"
        point = UsagePoint.objects.create(
            code=code, name=code, node=node, zone=ZONE, max_power=15_000 * kind.ratio
        )
        meter = Meter.objects.create(model=model, number=code)
        made.append(
            MeteringComplex.objects.create(
                usage_point=point, meter=meter, valid_from=midnight(0),
                ct_numerator=kind.ratio // vt, vt_numerator=vt,
            )
        )  # fmt: skip
    return made


def midnight(day: int) -> datetime:
    """At which a day since FIRST begins."""
    return start_of_day(FIRST + timedelta(days=day), ZONE)


def deliver(complexes: Sequence[MeteringComplex], values: I64, known: Mask, at: datetime) -> None:
    """Give the half-hours (c, d, 48) to the store; those that are not known do not come."""
    count = len(complexes)
    batch = BlockBatch.from_series(
        usage_points=[one.usage_point_id for one in complexes],
        reading_types=np.full(count, A_PLUS),
        start=midnight(0),
        interval=30,
        values=values.reshape(count, -1),
        quality=np.where(known, Quality.VALID, Quality.UNTOLD).reshape(count, -1),
        zone=ZONE,
    )
    source = services.get_source("meter")
    services.record(batch, source=source, sequence=rules.sequence(1), at=at)


def read(
    complexes: Sequence[MeteringComplex], consumed: I64, kind: Registers, at: datetime
) -> None:
    """Read registers that count `consumed` (c, d, 48), Wh on the meter's side, at midnights."""
    if not kind.every:
        return
    count, days = consumed.shape[:2]
    total = np.zeros((count, days + 1), np.int64)
    np.cumsum(consumed.sum(axis=2), axis=1, out=total[:, 1:])
    chosen = np.arange(0, days + 1, kind.every)
    moments = np.array([int(midnight(day).timestamp()) for day in chosen.tolist()])
    n = count * len(chosen)
    shown = np.zeros((n, registers.SIZE), np.int64)
    shown[:, 0] = (total[:, chosen] // kind.step * kind.step).ravel()
    present = np.zeros(shown.shape, bool)
    present[:, 0] = True
    record_registers(
        RegisterBatch(
            np.repeat([one.usage_point_id for one in complexes], len(chosen)).astype(np.int64),
            np.repeat([one.meter_id for one in complexes], len(chosen)).astype(np.int64),
            np.tile(moments, count),
            np.full(n, RegisterReading.Kind.DAY, np.int16),
            shown,
            present,
            np.full(n, Quality.VALID, np.uint8),
        ),
        source=services.get_source("meter"),
        sequence=rules.sequence(1),
        at=at,
    )


def work(at: datetime) -> None:
    """Validate until nothing is marked. Raises RuntimeError where a point cannot be worked."""
    for _ in range(ROUNDS):
        done = running.validate(at=at)
        if done.failed:
            raise RuntimeError(f"{done.failed} points could not be validated")
        if not done.points:
            return
    raise RuntimeError(f"something is marked after {ROUNDS} rounds")


def effective(complexes: Sequence[MeteringComplex], days: int) -> tuple[I64, npt.NDArray[np.uint8]]:
    """Values and qualities (c, d, 48) as they stand; MISSING where nothing is stored."""
    points = [one.usage_point_id for one in complexes]
    found = fetch(points, [A_PLUS], FIRST, FIRST + timedelta(days=days))
    place = {point: n for n, point in enumerate(points)}
    rows = np.array([place[point] for point in found.usage_points.tolist()], np.int64)
    columns = (found.days - np.datetime64(FIRST)).astype(np.int64)
    values = np.zeros((len(points), days, SLOTS), np.int64)
    quality = np.full(values.shape, Quality.MISSING, np.uint8)
    values[rows, columns] = found.values[:, :SLOTS]
    quality[rows, columns] = found.quality[:, :SLOTS]
    return values, quality
