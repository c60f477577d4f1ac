"""The door by which readings enter, on whichever engine the suite runs."""

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction

from faza.core.quality import Quality
from faza.readings import services
from faza.readings.blocks import BlockBatch, WrongInterval
from faza.readings.models import IntervalBlock, IntervalBlockVersion, Provenance
from faza.readings.store import sqlite
from faza.readings.store.reading import rows
from tests.readings.factories import AT, DAY, day_of, deliver, full, make_point, numbers, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def point() -> int:
    return make_point().pk


class TestFirstDelivery:
    def test_values_come_back_as_they_were(self, point):
        done = deliver(day_of(point, full(1, 300, 70_000, -5, None)))

        # A negative energy does not stand, but it is kept as it came.
        assert numbers(point, delivered=True)[:5] == [1, 300, 70_000, -5, None]
        assert (done.changed, done.unchanged, done.superseded, done.blocks) == (23, 0, 0, 1)

    def test_counters_say_what_the_day_has(self, point):
        quality = [Quality.VALID] * 22 + [Quality.ESTIMATED_BY_DAY] * 2
        deliver(day_of(point, [None, 7, *[1] * 20, 90, 90], quality), kind="meter")

        block = IntervalBlock.objects.get()
        assert (block.total, block.peak) == (207, 7)
        assert (block.n_valid, block.n_missing, block.n_estimated) == (21, 1, 2)

    def test_a_day_of_zeros_takes_no_bytes(self, point):
        deliver(day_of(point, full(rest=0)))

        assert bytes(IntervalBlock.objects.get().values) == b""
        assert numbers(point) == [0] * 24

    def test_a_block_that_does_not_fit_its_day_is_refused_whole(self, point):
        good = day_of(point, full(1))
        bad = BlockBatch(
            good.usage_points, good.reading_types, good.days, good.intervals,
            np.array([20], np.int16), good.values, good.quality,
        )  # fmt: skip
        with pytest.raises(WrongInterval, match="20 intervals of 60 minutes"):
            deliver(bad)
        assert not stored(point)

    def test_one_day_twice_in_a_batch_is_refused(self, point):
        batch = BlockBatch.concatenate([day_of(point, full(1)), day_of(point, full(2))])
        with pytest.raises(WrongInterval, match="twice"):
            deliver(batch)


class TestAgain:
    def test_the_same_delivery_twice_changes_nothing(self, point):
        deliver(day_of(point, full(1, 2, None)))
        before = list(IntervalBlock.objects.values())
        done = deliver(day_of(point, full(1, 2, None)))

        assert list(IntervalBlock.objects.values()) == before
        assert (done.changed, done.unchanged, done.blocks) == (0, 23, 0)

    def test_halves_of_a_day_add_up_whatever_the_order(self, point):
        deliver(day_of(point, [...] * 12 + [2] * 12), 5)
        deliver(day_of(point, [1] * 12 + [...] * 12), 4)

        assert numbers(point) == [1] * 12 + [2] * 12

    def test_the_later_reading_of_an_interval_stands(self, point):
        deliver(day_of(point, full(5)), 2)
        done = deliver(day_of(point, full(9)), 1)

        assert numbers(point)[0] == 5
        assert (done.changed, done.superseded, done.unchanged) == (0, 1, 23)

    def test_a_change_leaves_the_old_day_in_the_versions(self, point):
        deliver(day_of(point, full(5)), 1)
        deliver(day_of(point, full(9)), 2)

        version = IntervalBlockVersion.objects.get()
        assert (version.total, version.version) == (5, 1)
        assert IntervalBlock.objects.get().version == 2

    def test_a_doubtful_value_does_not_replace_a_good_one(self, point):
        deliver(day_of(point, full(5)), 1)
        deliver(day_of(point, full(9), [Quality.QUESTIONABLE] * 24), 2)

        assert numbers(point)[0] == 5

    def test_a_typed_value_gives_way_to_a_measured_one(self, point):
        deliver(day_of(point, full(9)), 99, kind="manual")
        deliver(day_of(point, full(5)), 1, kind="meter")
        deliver(day_of(point, full(9)), 100, kind="manual")

        assert numbers(point)[0] == 5


class TestMessages:
    """80020: the greater number of a sender, area and day replaces the smaller wholly."""

    def test_a_later_message_takes_values_back(self, point):
        deliver(day_of(point, full(1, 2)), 1, kind="message")
        done = deliver(day_of(point, full(1, None)), 2, kind="message")

        assert numbers(point)[:2] == [1, None]
        assert done.cleared == 1

    def test_an_earlier_message_that_comes_late_changes_nothing(self, point):
        deliver(day_of(point, full(1, None)), 2, kind="message")
        deliver(day_of(point, full(3, 4)), 1, kind="message")

        assert numbers(point)[:2] == [1, None]

    def test_a_number_repeated_with_the_same_content_is_kept_as_the_later(self, point):
        deliver(day_of(point, full(1)), 810, kind="message")
        deliver(day_of(point, full(1)), 817, kind="message")
        deliver(day_of(point, full(2)), 815, kind="message")

        assert numbers(point)[0] == 1

    def test_messages_of_two_days_share_a_local_day(self, point):
        """A Moscow day ends within a day of Kamchatka; numbers of two days do not compete."""
        deliver(day_of(point, [1] * 9 + [...] * 15), 12, kind="message")
        deliver(day_of(point, [...] * 9 + [2] * 15), 11, kind="message")
        deliver(day_of(point, [3] * 9 + [...] * 15), 10, kind="message")
        deliver(day_of(point, [...] * 9 + [4] * 15), 13, kind="message")

        assert numbers(point) == [1] * 9 + [4] * 15
        assert Provenance.objects.count() == 2
        assert IntervalBlock.objects.get().source == 0

    def test_senders_do_not_take_back_each_others_values(self, point):
        deliver(day_of(point, full(1, 2)), 1, kind="message", sender="1")
        deliver(day_of(point, full(None, 3)), 2, kind="message", sender="2")

        assert numbers(point)[:2] == [1, 3]


class TestGrids:
    def test_a_later_day_on_another_grid_stands_whole(self, point):
        deliver(day_of(point, full(1)), 1)
        deliver(day_of(point, [2] * 48, interval=30), 2)
        done = deliver(day_of(point, full(1)), 1)

        assert numbers(point) == [2] * 48
        assert done.superseded == 24

    @pytest.mark.parametrize("guessed_first", [True, False])
    def test_what_is_measured_stands_before_what_is_guessed(self, point, guessed_first):
        measured = (day_of(point, [2] * 48, interval=30), 1, "meter")
        guessed = (day_of(point, full(7)), 2, "forecast")
        for batch, number, kind in (guessed, measured)[:: 1 if guessed_first else -1]:
            deliver(batch, number, kind=kind)

        assert numbers(point) == [2] * 48

    def test_a_message_replaces_wholly_on_another_grid_too(self, point):
        deliver(day_of(point, [2] * 48, interval=30), 1, kind="message")
        deliver(day_of(point, [None] * 24), 2, kind="message")

        assert numbers(point) == [None] * 24


def test_many_points_and_days_go_in_at_once(point):
    points = [point, *(make_point(f"P{n}").pk for n in range(2, 30))]
    values = np.arange(29 * 24 * 3).reshape(29, 72)
    batch = BlockBatch.from_series(
        usage_points=points, reading_types=[1] * 29, start=DAY, interval=60, values=values,
        zone="UTC",
    )  # fmt: skip
    done = deliver(batch)

    assert done.changed == 29 * 72
    assert numbers(points[7]) == list(range(7 * 72, 8 * 72))


def test_days_far_apart_make_no_partitions_between_them(point):
    """One wrong year in a file made thousands, and PostgreSQL ran out of locks."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no partitions")

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_inherits WHERE inhparent = 'readings_block'::regclass"
            )
            return cursor.fetchone()[0]

    before = count()
    days = [day_of(point, full(1), start=DAY.replace(year=year)) for year in (1975, 2926)]
    deliver(BlockBatch.concatenate(days))

    assert count() == before + 2


def test_what_the_engine_says_is_an_error_of_djangos(point, monkeypatch):
    with pytest.raises(DatabaseError), transaction.atomic():
        rows("SELECT nothing_of_the_kind", ())
    monkeypatch.setattr(sqlite, "INSERT", "INSERT INTO faza_stage VALUES (?)")
    if connection.vendor == "sqlite":
        with pytest.raises(DatabaseError), transaction.atomic():
            deliver(day_of(point, full(1)))


def test_nothing_is_recorded_of_nothing():
    assert deliver(BlockBatch.concatenate([])).blocks == 0


def test_chunks_do_not_part_a_point(point, monkeypatch):
    monkeypatch.setitem(services.CHUNK, connection.vendor, 4)
    points = [point, *(make_point(f"P{n}").pk for n in range(2, 7))]
    parts = list(services._chunks(np.repeat(points, 3)))

    assert [part.stop - part.start for part in parts] == [3] * 6
    assert AT


def test_a_day_of_which_a_meter_has_nothing_is_not_stored(point):
    done = deliver(day_of(point, [None] * 24))

    assert not stored(point)
    assert done.blocks == 0


def test_a_value_that_stood_behind_another_senders_has_to_be_delivered_again(point):
    """The known limit of ADR 6: who lost an interval is not remembered."""
    deliver(day_of(point, full(1)), 5, kind="message", sender="1")
    deliver(day_of(point, full(9)), 3, kind="message", sender="2")
    deliver(day_of(point, full(None)), 6, kind="message", sender="1")
    assert numbers(point)[0] is None

    deliver(day_of(point, full(9)), 3, kind="message", sender="2")
    assert numbers(point)[0] == 9
