"""What was known at a moment, and what has changed since."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from faza.core.periods import FOREVER, Period
from faza.core.quality import Quality
from faza.core.windows import Window, Windows
from faza.readings import services
from faza.readings.models import IntervalBlock, IntervalBlockVersion, Provenance
from faza.readings.queries import changed_since, completeness, consumption, gaps, profiles
from tests.readings.factories import AT, DAY, day_of, deliver, full, make_point
from tests.readings.test_layers import DEEDS, do
from tests.readings.test_verdicts import judge

pytestmark = pytest.mark.django_db
MARCH = Period(DAY, DAY + timedelta(days=2))


@pytest.fixture
def point() -> int:
    return make_point().pk


def hour(number: int):
    """A moment so many hours after the first delivery."""
    return AT + timedelta(hours=number)


def windows(point: int, *, since=DAY, to=FOREVER) -> Windows:
    return Windows((Window(point, "UTC", Period(since, to)),))


def answer(point: int, as_of=None) -> list[tuple[int, int]]:
    profile = profiles(windows(point), [1], MARCH, as_of=as_of)[0]
    return list(zip(profile.values.tolist(), profile.quality.tolist(), strict=True))


class TestAsOf:
    def test_a_correction_does_not_change_what_was_known_before_it(self, point):
        deliver(day_of(point, full(1, 2)), at=hour(0))
        before = answer(point)
        deliver(day_of(point, full(1, 5)), 2, at=hour(2))

        assert answer(point, hour(1)) == before
        assert answer(point, hour(2)) == answer(point) != before

    def test_before_the_first_delivery_all_was_missing(self, point):
        deliver(day_of(point, full(1, 2)), at=hour(0))

        assert set(answer(point, AT - timedelta(seconds=1))) == {(0, Quality.MISSING)}
        assert answer(point, hour(0)) == answer(point)

    def test_the_same_values_again_do_not_look_like_a_change(self, point):
        deliver(day_of(point, full(1, 2)), at=hour(0))
        deliver(day_of(point, full(1, 2)), 2, at=hour(5))

        assert answer(point, hour(1)) == answer(point)
        assert IntervalBlock.objects.get().recorded_at == hour(0)
        assert not IntervalBlockVersion.objects.exists()

    def test_nor_does_an_override_that_says_what_stands(self, point):
        deliver(day_of(point, full(1, 2), [Quality.EDITED] * 24), at=hour(0))
        services.amend(
            day_of(point, full(1, rest=...), [Quality.EDITED] * 24), at=hour(3), reason="на месте",
            layer=Provenance.Layer.OVERRIDE, source=services.get_source("override"),
        )  # fmt: skip

        assert IntervalBlock.objects.get().recorded_at == hour(0)
        assert answer(point, hour(1)) == answer(point)

    def test_a_verdict_is_not_known_before_it_is_given(self, point):
        deliver(day_of(point, full(1, 900)), at=hour(-2))
        before = answer(point)
        judge(point, {1: Quality.MISSING})

        assert answer(point, hour(0)) == before
        assert answer(point, hour(1))[1] == (0, Quality.MISSING)

    def test_sums_and_completeness_follow(self, point):
        deliver(day_of(point, full(1, None)), at=hour(0), kind="message")
        deliver(day_of(point, full(1, 5)), 2, at=hour(2), kind="message")
        days = (DAY.date(), DAY.date() + timedelta(days=1))

        for moment, total, present in ((hour(1), 1, 23), (hour(2), 6, 24)):
            of_day = consumption(windows(point), [1], *days, "day", as_of=moment)
            of_hours = consumption(windows(point), [1], *days, "hour", as_of=moment)
            whole = completeness(windows(point), [1], *days, as_of=moment)
            assert of_day.total.sum() == of_hours.total.sum() == total
            assert whole.present.tolist() == [present]

    def test_it_takes_one_query(self, point, django_assert_num_queries):
        deliver(day_of(point, full(1)), at=hour(0))
        with django_assert_num_queries(1):
            answer(point, hour(0))

    def test_a_day_that_two_clocks_recorded_comes_once(self, point):
        deliver(day_of(point, full(1)), at=hour(5))
        deliver(day_of(point, full(2)), 2, at=hour(3))

        assert answer(point, hour(4))[0] == (2, Quality.VALID)
        assert answer(point, hour(6))[0] == (2, Quality.VALID)


@given(st.lists(DEEDS, min_size=1, max_size=5))
def test_the_answer_as_of_a_moment_is_the_one_that_was_given_then(deeds):
    with transaction.atomic():
        point = make_point().pk
        deliver(day_of(point, full()), 1, at=hour(0))
        then = [answer(point)]
        for number, (name, *told) in enumerate(deeds, 1):
            do(point, number + 1, name, *told, at=hour(number))
            then.append(answer(point))
        assert [answer(point, hour(number)) for number in range(len(then))] == then
        transaction.set_rollback(True)


class TestChanges:
    def told(self, point: int, after: int, until: int, **window) -> list[tuple]:
        found = changed_since(windows(point, **window), [1, 2], hour(after), hour(until))
        return [
            (str(day), int(at), bool(arrived), reason)
            for day, at, arrived, reason in zip(
                found.days, found.changed_at, found.arrived, found.reasons, strict=True
            )
        ]

    def at(self, number: int) -> int:
        return int(hour(number).timestamp())

    def test_a_day_arrives_and_is_corrected(self, point):
        deliver(day_of(point, full(1)), at=hour(1))
        deliver(day_of(point, full(5)), 2, at=hour(3))
        judge_at(point, 4)

        assert self.told(point, 0, 9) == [
            ("2026-03-01", self.at(1), True, ""), ("2026-03-01", self.at(3), False, ""),
            ("2026-03-01", self.at(4), False, "validation"),
        ]  # fmt: skip
        assert self.told(point, 1, 3) == [("2026-03-01", self.at(3), False, "")]
        assert not self.told(point, 4, 9)

    def test_what_changed_in_nothing_does_not_come(self, point):
        deliver(day_of(point, full(1)), at=hour(1))
        deliver(day_of(point, full(1)), 2, at=hour(3))
        assert len(self.told(point, 0, 9)) == 1

    def test_days_outside_the_windows_do_not_come(self, point):
        later = DAY + timedelta(days=3)
        for day in (DAY, later):
            deliver(day_of(point, full(1), start=day), at=hour(1))
        assert [row[0] for row in self.told(point, 0, 9, since=later)] == ["2026-03-04"]
        assert [row[0] for row in self.told(point, 0, 9, to=later)] == ["2026-03-01"]

    def test_of_several_windows_of_a_point_each_counts(self, point):
        for n in (0, 5, 9):
            deliver(day_of(point, full(1), start=DAY + timedelta(days=n)), at=hour(1))
        parts = [Period(DAY + timedelta(days=n), DAY + timedelta(days=n + 1)) for n in (0, 9)]
        both = Windows(tuple(Window(point, "UTC", part) for part in parts))
        found = changed_since(both, [1], hour(0), hour(2))
        assert found.days.tolist() == [date(2026, 3, 1), date(2026, 3, 10)]

    def test_it_takes_one_query_and_none_for_nobody(self, point, django_assert_num_queries):
        deliver(day_of(point, full(1)), at=hour(1))
        with django_assert_num_queries(1):
            self.told(point, 0, 9)
        with django_assert_num_queries(0):
            assert len(changed_since(Windows(()), [1], hour(0), hour(9))) == 0


def judge_at(point: int, number: int) -> None:
    batch = day_of(point, full())
    batch.quality[0] = np.where(np.arange(24) == 0, Quality.MISSING, Quality.UNTOLD)
    services.judge(batch, at=hour(number))


def test_gaps_of_what_was_delivered_are_told_though_they_were_estimated(point):
    deliver(day_of(point, full(1, None)), at=hour(0))
    services.amend(
        day_of(point, full(..., 8, rest=...), [Quality.ESTIMATED_BY_DAY] * 24),
        layer=Provenance.Layer.ESTIMATE, source=services.get_source("estimate"), at=hour(1),
    )  # fmt: skip
    days = (DAY.date(), DAY.date() + timedelta(days=1))

    assert not gaps(windows(point), [1], *days)
    assert [gap.hours for gap in gaps(windows(point), [1], *days, delivered=True)] == [1.0]
    delivered = profiles(windows(point), [1], MARCH, delivered=True)[0]
    assert delivered.quality[:2].tolist() == [Quality.VALID, Quality.MISSING]
    with pytest.raises(ValueError, match="not kept"):
        profiles(windows(point), [1], MARCH, delivered=True, as_of=hour(1))
