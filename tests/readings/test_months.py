"""Partitions of months: made ahead by a job, on demand by a delivery, and nobody waits for them."""

import threading
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction

from faza.jobs import registry, worker
from faza.jobs import services as jobs
from faza.jobs.models import Job
from faza.readings import handlers, months
from faza.readings.store import postgres
from tests.readings.factories import day_of, deliver, make_point, numbers

AT = datetime(2031, 11, 30, 23, 30, tzinfo=UTC)
partitioned = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one table for all months"
)


@pytest.mark.django_db
class TestAhead:
    def test_sqlite_has_none_to_make(self):
        if connection.vendor == "sqlite":
            assert months.make_ahead(at=AT) == 0
            assert months.are_until(at=AT) is None

    @partitioned
    def test_the_present_month_and_a_quarter_of_a_year_are_made_once(self):
        assert months.are_until(at=AT) == date(2031, 11, 1)
        assert months.make_ahead(at=AT) == 4
        assert months.are_until(at=AT) == date(2032, 3, 1)
        assert months.make_ahead(at=AT) == 0

    @partitioned
    def test_a_hole_counts_as_the_end(self):
        with connection.cursor() as cursor:
            postgres.ensure_months(cursor, np.array(["2031-11", "2032-01"], "datetime64[M]"))
        assert months.are_until(at=AT) == date(2031, 12, 1)

    @partitioned
    def test_a_partition_has_the_key_of_the_whole(self):
        months.make_ahead(at=AT)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p'"
                " AND conrelid = 'readings_block_2031_11'::regclass"
            )
            (key,) = cursor.fetchone()
        assert key == "PRIMARY KEY (usage_point_id, reading_type, day)"

    @partitioned
    def test_readings_of_a_month_that_was_made_ahead_lie_in_its_partition(self):
        point = make_point()
        months.make_ahead(at=AT)
        day = datetime(2032, 1, 31, tzinfo=UTC)
        deliver(day_of(point.id, range(24), start=day), at=day + timedelta(days=1))
        assert numbers(point.id) == list(range(24))
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM readings_block_2032_01")
            assert cursor.fetchone() == (1,)

    @partitioned
    def test_the_worker_makes_them_daily(self):
        registry.load()
        assert handlers.MONTHS in registry.dailies
        jobs.start(handlers.MONTHS, arguments={}, by=None, at=AT)
        worker.run_waiting()
        done = Job.objects.get(kind=handlers.MONTHS)
        assert done.state == Job.State.DONE, done.error
        assert months.are_until(at=done.started_at) >= _in_a_quarter(done.started_at)


def _in_a_quarter(at: datetime) -> date:
    month = at.year * 12 + at.month - 1 + months.AHEAD
    return date(month // 12, month % 12 + 1, 1)


@partitioned
@pytest.mark.django_db(transaction=True)
class TestNobodyWaits:
    """A month is made while a reader and a writer of other months are at it for long."""

    @pytest.fixture(autouse=True)
    def _tidy(self):
        yield
        with connection.cursor() as cursor:
            for month in postgres.find_months(cursor):
                cursor.execute(f"DROP TABLE readings_block_{str(month).replace('-', '_')}")

    def test_a_month_is_made_beside_a_long_reader_and_a_writer(self):
        point = make_point()
        deliver(day_of(point.id, range(24)))
        failed: list[DatabaseError] = []

        def make() -> None:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '2s'")
                    postgres.ensure_months(cursor, np.array(["2031-11"], "datetime64[M]"))
            except DatabaseError as problem:
                failed.append(problem)
            finally:
                connection.close()

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE readings_block SET sequence = sequence")
            cursor.execute("SELECT count(*) FROM readings_block")
            maker = threading.Thread(target=make)
            maker.start()
            maker.join(30)
        assert failed == []
        assert not maker.is_alive()
