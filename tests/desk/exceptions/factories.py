"""A point whose meter lost three intervals and told one spike, and who works with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from faza.accounts.models import User
from faza.metering.models import MeteringComplex, NetworkNode, UsagePoint
from faza.readings.models import Finding
from faza.readings.vee import findings
from faza.readings.vee.findings import Key
from tests.cabinet.factories import give_area, make_user
from tests.readings.vee import world

DAY = 20
GAP = (30, 31, 32)
SPIKE = 12
TALL = 90_000


@dataclass(frozen=True)
class Place:
    point: UsagePoint
    complex: MeteringComplex
    operator: User
    values: np.ndarray


def make_place(code: str = "P1", *, registers: bool = True) -> Place:
    """Thirty days of a household: one day with a gap of three half-hours and a spike."""
    point = world.make_point(code, power=300_000)
    installed = world.install(point, code)
    values = world.usual(30, seed=sum(code.encode()))
    told = values.copy()
    told[DAY, SPIKE] = TALL
    world.deliver(point.pk, told, missing=[(DAY, cell) for cell in GAP])
    if registers:
        world.read(installed, world.daily(values))
    world.work()
    operator = make_user(f"{code.lower()}@example.org", User.Role.OPERATOR, f"Оператор {code}")
    give_area(operator, NetworkNode.objects.get(code="N"))
    return Place(point, installed, operator, values)


def key(rule: str, point: UsagePoint | None = None) -> Key:
    """The key of the only open finding of a rule."""
    rows = Finding.objects.filter(rule=rule)
    if point is not None:
        rows = rows.filter(usage_point=point.pk)
    return findings.row_of(rows.values_list(*findings.VALUES).get()).key


def state(found: Key) -> int:
    row = Finding.objects.get(
        usage_point_id=found.usage_point, reading_type=found.reading_type, rule=found.rule,
        start=datetime.fromtimestamp(found.start, UTC),
    )  # fmt: skip
    return int(row.state)


def thing(point: UsagePoint, moment: datetime) -> str:
    """The key of an open finding of a half-hour some days ago, for the table of doors."""
    start = moment.replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
    row = Finding.objects.create(
        usage_point_id=point.pk, reading_type=1, rule="V05", start=start,
        end=start + timedelta(minutes=30), effect=1, found_at=moment - timedelta(hours=1),
        numbers={"intervals": 1, "greatest": 100, "third": 100},
    )  # fmt: skip
    return Key(point.pk, row.reading_type, row.rule, int(start.timestamp())).text
