"""Many points with meters that were read on the first of each month, made at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.models import AgreementPoint
from faza.manual_entry import filing
from faza.manual_entry.models import Entry, EntryRule
from faza.metering.models import Meter, MeteringComplex, MeterModel, UsagePoint
from faza.readings import rules, services
from faza.readings.models import RegisterReading
from faza.readings.register_services import record_registers
from faza.readings.registers import RegisterBatch, rows_of
from tests.cabinet.factories import SINCE, make_agreement, make_node

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SINCE_READ = timedelta(days=21, hours=12)
MONTH = 300_000
"""Wh of a month, of T1; T2 has half of it."""


def make_fleet(
    count: int, user: User | None = None, *, months: int = 6, zones: bool = True,
    at: datetime = NOW,
) -> list[UsagePoint]:  # fmt: skip
    """Points P00000 …, in one agreement of the user; the last readings are 3 600 and 1 800 kWh.

    They are of three weeks before `at`. A rule for everywhere, the 20th to the 25th, is made.
    """
    node = make_node("FLEET", "Посёлок")
    points = UsagePoint.objects.bulk_create(
        UsagePoint(code=f"P{n:05d}", name=f"Дом {n}", name_key=f"дом {n:08d}", node=node,
                   zone="Europe/Moscow", phases=1, address=f"ул. Полевая, {n}")
        for n in range(count)
    )  # fmt: skip
    model, _ = MeterModel.objects.get_or_create(
        name="6.2", manufacturer="Завод", digits=6, decimals=2
    )
    meters = Meter.objects.bulk_create(
        Meter(model=model, number=f"{41_000_000 + n}") for n in range(count)
    )
    MeteringComplex.objects.bulk_create(
        MeteringComplex(usage_point=point, meter=meter, valid_from=SINCE)
        for point, meter in zip(points, meters, strict=True)
    )
    _read(points, meters, months, zones, at)
    EntryRule.objects.get_or_create(
        node=None, agreement=None, usage_point=None, group="",
        defaults={"made_at": at, "silent_days": None},
    )  # fmt: skip
    if user is not None:
        agreement = make_agreement(f"F-{user.pk}", [user], [])
        AgreementPoint.objects.bulk_create(
            AgreementPoint(agreement=agreement, usage_point=point, valid_from=SINCE)
            for point in points
        )
    return points


def _read(
    points: list[UsagePoint], meters: list[Meter], months: int, zones: bool, at: datetime
) -> None:
    count, last = len(points), (at - SINCE_READ).replace(microsecond=0)
    for back in range(months):
        start = last - timedelta(days=30 * back)
        shown = (12 - back) * MONTH
        values, present = rows_of([{1: shown, 2: shown // 2} if zones else {0: shown}] * count)
        batch = RegisterBatch(
            np.array([point.pk for point in points], np.int64),
            np.array([meter.pk for meter in meters], np.int64),
            np.full(count, int(start.timestamp()), np.int64),
            np.full(count, RegisterReading.Kind.DAY, np.int16),
            values, present, np.zeros(count, np.uint8),
        )  # fmt: skip
        record_registers(
            batch, source=services.get_source("meter"), sequence=rules.sequence(1), at=NOW
        )


HEAD = "Код точки;Счётчик;Регистр;Новое показание\n"


def a_file(count: int, *, zones: bool = True, more: str = "") -> bytes:
    """210 kWh more of T1 and 105 of T2 than at the last reading, by point."""
    lines = []
    for n in range(count):
        if zones:
            lines.append(f"P{n:05d};{41_000_000 + n};A+ T1;3810\n")
            lines.append(f"P{n:05d};{41_000_000 + n};A+ T2;1905,00\n")
        else:
            lines.append(f"P{n:05d};{41_000_000 + n};;3810\n")
    return (HEAD + "".join(lines) + more).encode()


def things(point: UsagePoint, owner: User, operator: User) -> dict[str, str]:
    """A file of the owner's and one of a round, both tried; each with a row that is wrong."""
    data = f"{HEAD}{point.code};;;5000\nNOBODY;;;5\n".encode()
    return {
        name: str(
            filing.upload(name=f"{name}.csv", content=data, way=way, by=by, at=timezone.now()).pk
        )
        for name, way, by in (
            ("entry_file", Entry.Way.FILE, owner),
            ("round_file", Entry.Way.ROUND, operator),
        )
    }
