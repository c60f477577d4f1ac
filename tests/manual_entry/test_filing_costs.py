"""What a file costs: as many questions for many points as for few, where meters are read daily.

And what is left unread of them changes nothing: registers, last readings, bands are the same.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from faza.manual_entry import filing, queries
from faza.manual_entry.models import Entry
from faza.manual_entry.queries import Due
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings import register_latest, rules
from faza.readings.models import RegisterReading
from faza.readings.register_services import record_registers
from faza.readings.registers import RegisterBatch, rows_of
from faza.readings.sources import get_source
from tests.cabinet.factories import make_user
from tests.manual_entry.fleets import NOW, a_file, make_fleet

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DAYS = 100


def daily(points: list[UsagePoint], *, days: int = DAYS, uneven: bool = False) -> None:
    """Each midnight's registers of the days before the last reading; T1, T2 and other channels."""
    meters = dict(
        MeteringComplex.objects.filter(usage_point__in=points).values_list("usage_point", "meter")
    )
    last = RegisterReading.objects.latest("at").at
    numbers = np.random.default_rng(4)
    rows = [(point.pk, back) for point in points for back in range(1, days)]
    shown = []
    for _, back in rows:
        less = int(numbers.integers(0, 9_000)) if uneven else 0
        shown.append({0: 9_000_000 - 15_000 * back, 1: 3_600_000 - 10_000 * back - less,
                      2: 1_800_000 - 5_000 * back, 18: 100_000 - 100 * back})  # fmt: skip
    values, present = rows_of(shown)
    record_registers(
        RegisterBatch(
            np.array([point for point, _ in rows], np.int64),
            np.array([meters[point] for point, _ in rows], np.int64),
            np.array([int((last - back * DAY).timestamp()) for _, back in rows], np.int64),
            np.full(len(rows), RegisterReading.Kind.DAY, np.int16), values, present,
            np.zeros(len(rows), np.uint8),
        ),
        source=get_source("meter"), sequence=rules.sequence(1), at=NOW,
    )  # fmt: skip


def costs(count: int, monkeypatch) -> tuple[int, int]:
    """Questions of the trial and of the sending of a file of so many points."""
    monkeypatch.setattr(filing, "AT_ONCE", 10**6)
    user = make_user(f"of-{count}@example.org")
    daily(make_fleet(count, user, months=1))
    data = a_file(count)
    with CaptureQueriesContext(connection) as trial:
        one = filing.upload(name="a.csv", content=data, way=Entry.Way.FILE, by=user, at=NOW)
    with CaptureQueriesContext(connection) as sending:
        one = filing.apply(one=one, confirmed=True, by=user, at=NOW)
    assert one.told["ready"] == count, one.told
    return questions(trial), questions(sending)


def questions(found: CaptureQueriesContext) -> int:
    """Without those that put rows in."""
    return sum("INSERT" not in one["sql"] for one in found.captured_queries)


def test_a_file_of_many_points_asks_as_often_as_one_of_few(monkeypatch):
    """Rows are put in as many statements as the engine needs; a transaction has 500 points."""
    with transaction.atomic():
        few = costs(10, monkeypatch)
        transaction.set_rollback(True)
    many = costs(200, monkeypatch)

    assert few == many
    assert few[0] <= 36
    assert few[1] <= 42


def told(due: Due) -> object:
    return due.point.code, due.dials


@pytest.mark.parametrize("elapsed", [timedelta(hours=12), timedelta(days=21.5), timedelta(days=5)])
def test_of_meters_read_daily_what_is_left_unread_changes_nothing(elapsed, monkeypatch):
    points = make_fleet(3, months=1, at=NOW - elapsed + timedelta(days=21.5))
    daily(points, uneven=True, days=300)
    found = [told(due) for due in queries.due(points, at=NOW)]
    monkeypatch.setattr(register_latest, "MANY", 10**6)

    assert found == [told(due) for due in queries.due(points, at=NOW)]
    ((_, dials), *_) = found
    assert [dial.register for dial in dials] == [1, 2]
    assert dials[0].band.high is not None


def test_zones_that_people_typed_are_asked_for_though_the_meter_sends_the_sum_alone():
    """What came by itself lately is not all that the meter shows."""
    (point,) = make_fleet(1, months=1)
    meter = MeteringComplex.objects.get().meter_id
    (first,) = RegisterReading.objects.all()
    moments = [first.at + (n + 1) * timedelta(hours=2) for n in range(100)]
    values, present = rows_of([{0: 5_400_000 + n} for n in range(100)])
    record_registers(
        RegisterBatch(
            np.full(100, point.pk), np.full(100, meter),
            np.array([int(at.timestamp()) for at in moments], np.int64),
            np.full(100, RegisterReading.Kind.DAY, np.int16), values, present,
            np.zeros(100, np.uint8),
        ),
        source=get_source("meter"), sequence=rules.sequence(1), at=NOW,
    )  # fmt: skip
    user = make_user("own@example.org")
    Entry.objects.create(
        usage_point=point, meter_id=meter, of_at=first.at, shown={"1": 1, "2": 1}, way="cabinet",
        token="t", sent_by=user, sent_at=first.at, state=Entry.State.APPROVED,
        decided_at=first.at,
    )  # fmt: skip

    (due,) = queries.due([point], at=NOW)

    assert [(dial.register, dial.last) for dial in due.dials] == [(1, 3_600_000), (2, 1_800_000)]
