"""A file with readings of 20,000 points whose registers are read every day by themselves as well.

The band of each register looks at the readings before the last one: what is measured is that this
does not cost more the more of them there are.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from faza.accounts.models import User
from faza.accounts.services import create_user
from faza.bench.measure import Measure, at_most, name
from faza.contracts import services as contracts
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.manual_entry import filing
from faza.manual_entry.models import Entry, EntryFile, EntryRule
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint
from faza.readings import registers, rules
from faza.readings.models import RegisterReading
from faza.readings.register_services import record_registers
from faza.readings.registers import RegisterBatch
from faza.readings.sources import get_source

POINTS = 20_000
DAYS = 80
"""Daily readings of each: more than are read one by one (`register_latest.MANY`)."""
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 10, 22, 9, tzinfo=UTC)
LAST = datetime(2026, 10, 21, 21, tzinfo=UTC)
"""The midnight before."""
SHOWN, DAILY = 3_600_000, 10_000
"""Wh of T1 at LAST, and of each day; T2 has half of it."""
GOAL = 30
"""Seconds for all of it (issue 8)."""


def measure() -> list[Measure]:
    user = make(POINTS, DAYS)
    content = a_file(POINTS)
    began = time.perf_counter()
    one = filing.upload(name="a.csv", content=content, way=Entry.Way.FILE, by=user, at=AT)
    filing.check(one.pk, at=AT)
    trial = time.perf_counter() - began
    one.refresh_from_db()
    began = time.perf_counter()
    filing.apply(one=one, confirmed=False, by=user, at=AT)
    filing.run(one.pk, at=AT)
    sent = time.perf_counter() - began
    told = EntryFile.objects.get(pk=one.pk).told
    assert told["ready"] == Entry.objects.count() == POINTS, told
    what = f"readings of {POINTS:,} points with daily registers by file"
    return [
        Measure(name(f"{what}: upload and trial"), trial, "s"),
        Measure(name(f"{what}: sending"), sent, "s"),
        at_most(name(f"{what}: together"), trial + sent, "s", GOAL),
    ]


def make(count: int, days: int) -> User:
    """The points of one agreement, each with a meter that was read every midnight; their reader."""
    user = create_user(
        email="bench@example.org", full_name="Bench", role=User.Role.SUBSCRIBER, at=SINCE
    )
    node = NetworkNode.objects.create(code="N", name="Сети", kind="organisation", path="1/")
    points = UsagePoint.objects.bulk_create(
        UsagePoint(code=f"P{n:06d}", name=f"Дом {n}", node=node, zone="Europe/Moscow", phases=1)
        for n in range(count)
    )
    model = MeterModel.objects.create(manufacturer="Завод", name="6.2", digits=6, decimals=2)
    meters = Meter.objects.bulk_create(
        Meter(model=model, number=f"{41_000_000 + n}") for n in range(count)
    )
    MeteringComplex.objects.bulk_create(
        MeteringComplex(usage_point=point, meter=meter, valid_from=SINCE)
        for point, meter in zip(points, meters, strict=True)
    )
    agreement = _agreement(user)
    AgreementPoint.objects.bulk_create(
        AgreementPoint(agreement=agreement, usage_point=point, valid_from=SINCE) for point in points
    )
    EntryRule.objects.create(made_at=SINCE, silent_days=None)
    for back in range(days):
        _read(points, meters, back)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return user


def _agreement(user: User) -> CustomerAgreement:
    customer = contracts.add_customer(
        Customer(kind=Customer.Kind.ORGANISATION, name="Посёлок"), at=SINCE
    )
    contracts.admit_member(user=user, customer=customer, at=SINCE)
    return contracts.sign_agreement(
        kind=CustomerAgreement.Kind.HOUSEHOLD, number="П-1", customer=customer, valid_from=SINCE,
        at=SINCE,
    )  # fmt: skip


def _read(points: list[UsagePoint], meters: list[Meter], back: int) -> None:
    """What all meters showed so many midnights before the last one."""
    count, shown = len(points), SHOWN - DAILY * back
    values, present = registers.rows_of([{1: shown, 2: shown // 2}])
    record_registers(
        RegisterBatch(
            np.array([point.pk for point in points], np.int64),
            np.array([meter.pk for meter in meters], np.int64),
            np.full(count, int((LAST - timedelta(days=back)).timestamp()), np.int64),
            np.full(count, RegisterReading.Kind.DAY, np.int16),
            np.repeat(values, count, axis=0), np.repeat(present, count, axis=0),
            np.zeros(count, np.uint8),
        ),
        source=get_source("meter"), sequence=rules.sequence(1), at=AT,
    )  # fmt: skip


def a_file(count: int) -> bytes:
    """A day's consumption more than at the last reading, by point and zone."""
    one, other = (f"{(SHOWN + DAILY) // part / 1000:.2f}".replace(".", ",") for part in (1, 2))
    rows = "".join(
        f"P{n:06d};{41_000_000 + n};A+ T1;{one}\nP{n:06d};{41_000_000 + n};A+ T2;{other}\n"
        for n in range(count)
    )
    return ("Код точки;Счётчик;Регистр;Новое показание\n" + rows).encode()
