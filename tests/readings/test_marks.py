"""Marks of days that are to be validated: who makes them, and how the job takes them."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import transaction

from faza.metering.models import UsagePoint
from faza.readings import marks
from faza.readings.blocks import BlockBatch
from faza.readings.models import Mark
from tests.readings import meters
from tests.readings.factories import AT, DAY, day_of, deliver, full, make_point

pytestmark = pytest.mark.django_db


@pytest.fixture
def point() -> int:
    return make_point().pk


def marked() -> list[tuple[int, str, str]]:
    found = Mark.objects.order_by("usage_point_id", "first_day")
    rows = found.values_list("usage_point_id", "first_day", "last_day")
    return [(point, str(first), str(last)) for point, first, last in rows]


def forget() -> None:
    marks.drop(marks.take(1000))


class TestDeliveries:
    def test_a_stretch_of_days_is_one_mark_and_a_hole_parts_it(self, point):
        days = [DAY + timedelta(days=n) for n in (0, 1, 2, 9)]
        channels = (1, 2)
        deliver(
            BlockBatch.concatenate(
                [day_of(point, full(1), start=day, channel=c) for c in channels for day in days]
            )
        )
        assert marked() == [
            (point, "2026-03-01", "2026-03-03"),
            (point, "2026-03-10", "2026-03-10"),
        ]
        assert Mark.objects.first().made_at == AT

    def test_what_is_there_already_is_not_marked_again(self, point):
        deliver(day_of(point, full(1)))
        forget()
        deliver(day_of(point, full(1)))
        deliver(day_of(point, full(1)), 2)
        assert not marked()

    def test_of_a_part_that_is_new_the_new_days_alone_are_marked(self, point):
        deliver(day_of(point, full(1)))
        forget()
        later = DAY + timedelta(days=1)
        deliver(
            BlockBatch.concatenate([day_of(point, full(1)), day_of(point, full(2), start=later)])
        )
        assert marked() == [(point, "2026-03-02", "2026-03-02")]

    def test_a_corrected_value_is_marked(self, point):
        deliver(day_of(point, full(1)))
        forget()
        deliver(day_of(point, full(5)), 2)
        assert marked() == [(point, "2026-03-01", "2026-03-01")]

    def test_what_loses_is_not(self, point):
        deliver(day_of(point, full(1)))
        forget()
        deliver(day_of(point, full(5)), 0)
        assert not marked()

    def test_a_delivery_that_is_undone_leaves_none(self, point):
        with transaction.atomic():
            deliver(day_of(point, full(1)))
            transaction.set_rollback(True)
        assert not marked()


class TestRegisters:
    @pytest.fixture
    def meter(self, point):
        """In a zone three hours east of Greenwich."""
        UsagePoint.objects.filter(pk=point).update(zone="Europe/Moscow")
        meter = meters.make_meter()
        meters.put_in(UsagePoint.objects.get(pk=point), meter)
        return meter

    def read(self, point: int, meter, at: datetime, shown: int, number: int = 1) -> None:
        meters.read(UsagePoint.objects.get(pk=point), meter, at, shown, number=number)

    def test_a_reading_at_midnight_bounds_both_days(self, point, meter):
        self.read(point, meter, datetime(2026, 3, 5, 21, tzinfo=UTC), 100)
        assert marked() == [(point, "2026-03-05", "2026-03-06")]

    def test_one_within_a_day_bounds_that_day(self, point, meter):
        self.read(point, meter, datetime(2026, 3, 5, 12, tzinfo=UTC), 100)
        assert marked() == [(point, "2026-03-05", "2026-03-05")]

    def test_the_same_reading_again_marks_nothing(self, point, meter):
        self.read(point, meter, datetime(2026, 3, 5, 12, tzinfo=UTC), 100)
        forget()
        self.read(point, meter, datetime(2026, 3, 5, 12, tzinfo=UTC), 100)
        assert not marked()

        self.read(point, meter, datetime(2026, 3, 5, 12, tzinfo=UTC), 130, number=2)
        assert len(marked()) == 1


class TestTaking:
    def days(self, *numbers: int):
        return np.array([f"2026-03-{n:02}" for n in numbers], "datetime64[D]")

    def test_they_come_by_points(self):
        points = np.array([3, 1, 1, 2])
        marks.mark(points, self.days(1, 2, 5, 4), self.days(1, 3, 5, 4), at=AT)
        first = marks.take(2)
        assert first.usage_points.tolist() == [1, 1, 2]
        assert sorted(first.first_days.tolist()) == [date(2026, 3, n) for n in (2, 4, 5)]

        rest = marks.take(2, after=2)
        assert rest.usage_points.tolist() == [3]
        assert len(marks.take(2, after=3)) == 0

    def test_one_that_was_made_meanwhile_is_not_dropped(self):
        marks.mark(np.array([1]), self.days(1), self.days(1), at=AT)
        taken = marks.take(10)
        marks.mark(np.array([1]), self.days(1), self.days(1), at=AT)
        marks.drop(taken)
        assert marks.waiting() == 1
        marks.drop(taken)
        assert marks.waiting() == 1

    def test_nothing_marks_nothing(self):
        none = np.zeros(0, np.int64)
        marks.mark(none, self.days(), self.days(), at=AT)
        marks.mark_days(none, self.days(), at=AT)
        marks.mark_moments(none, none, at=AT)
        marks.drop(marks.take(5))
        assert marks.waiting() == 0
