"""Two sessions that record the same readings at once; only where sessions are really apart."""

import threading

import numpy as np
import pytest
from django.db import connection, connections, transaction

from faza.readings import register_services, registers, rules, services
from faza.readings.models import RegisterReading, RegisterReadingVersion
from faza.readings.registers import RegisterBatch
from tests.readings.factories import make_point
from tests.readings.meters import AT, Kind, day, make_meter, put_in

ROUNDS, READINGS = 20, 60


@pytest.mark.django_db(transaction=True)
def test_whoever_is_faster_the_greatest_sequence_stands():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time")
    point, meter = make_point(), make_meter()
    put_in(point, meter)
    source = services.get_source("meter")
    failures = []
    rounds = threading.Barrier(2)

    def deliver(numbers):
        try:
            for number in numbers:
                values, present = registers.rows_of([{0: number}] * READINGS)
                batch = RegisterBatch(
                    np.full(READINGS, point.pk), np.full(READINGS, meter.pk),
                    registers.seconds(day(1)) + np.arange(READINGS) * 3600,
                    np.full(READINGS, Kind.DAY, np.int16), values, present,
                    np.zeros(READINGS, np.uint8),
                )  # fmt: skip
                rounds.wait(60)
                register_services.record_registers(
                    batch, source=source, sequence=rules.sequence(number), at=AT
                )
                rounds.wait(60)
                greatest = rules.sequence(number + number % 2)
                found = set(RegisterReading.objects.values_list("sequence", flat=True))
                assert found == {greatest}
        except Exception as problem:  # noqa: BLE001 (the test tells of any)
            failures.append(problem)
            rounds.abort()
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=deliver, args=(range(first, 2 * ROUNDS + 1, 2),))
        for first in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    rows = RegisterReading.objects.all()
    assert {(row.sequence, bytes(row.registers)) for row in rows} == {
        (rules.sequence(2 * ROUNDS), (2 * ROUNDS).to_bytes(4, "little"))
    }
    kept = RegisterReadingVersion.objects.count()
    assert kept == sum(row.version - 1 for row in rows)


@pytest.mark.django_db(transaction=True)
def test_what_is_delivered_while_the_waiting_is_taken_is_not_lost(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time")
    point, meter = make_point(), make_meter()
    source = services.get_source("meter")
    resolve = register_services.resolve

    def deliver(number):
        register_services.record_numbered(
            [meter.number], [""],
            RegisterBatch.of(usage_point=0, meter=0, at=day(1), kind=Kind.DAY, shown={0: number}),
            source=source, sequence=rules.sequence(number), at=AT,
        )  # fmt: skip

    def meanwhile():
        deliver(2)
        connections.close_all()

    thread = threading.Thread(target=meanwhile)

    def resolved(*told):
        # The other session does not see the complex yet, so that its reading waits too.
        monkeypatch.setattr(register_services, "resolve", resolve)
        thread.start()
        thread.join(1)
        return resolve(*told)

    deliver(1)
    monkeypatch.setattr(register_services, "resolve", resolved)
    with transaction.atomic():
        put_in(point, meter)
        assert register_services.assign(at=AT) == 1
    thread.join()

    assert register_services.assign(at=AT) == 1
    assert RegisterReading.objects.get().sequence == rules.sequence(2)
