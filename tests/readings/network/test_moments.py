"""Moments kept whole, asked for within windows. On both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.readings import services
from faza.readings.network import moments
from faza.readings.network.moments import Moment
from tests.readings.factories import make_point

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


def window(point: int, start: datetime, end: datetime) -> Windows:
    return Windows.merged([Window(point, "UTC", Period(start, end))])


def always(point: int) -> Windows:
    return Windows((Window(point, "UTC", Period.open(None, None)),))


def record(*told: Moment) -> int:
    return moments.record(told, source=services.get_source("meter"), at=AT)


@pytest.fixture
def point() -> int:
    return make_point().pk


def test_values_come_back_as_they_were(point):
    values = {11: 2388, 21: -941, 46: 1198, 20: -(2**40)}
    assert record(Moment(point, 7, AT, values)) == 1
    (found,) = moments.around(always(point), AT)
    assert found == Moment(point, 7, AT, values)


def test_twice_is_once(point):
    told = [Moment(point, 7, AT + HOUR * n, {11: 2300 + n}) for n in range(3)]
    assert record(*told) == 3
    assert record(*told) == 0
    assert record(Moment(point, 7, AT, {11: 9})) == 0
    assert moments.around(always(point), AT, count=1)[0].values == {11: 2300}


def test_the_nearest_on_either_side(point):
    record(*(Moment(point, 7, AT + HOUR * n, {11: n}) for n in range(6)))
    found = moments.around(always(point), AT + 2.5 * HOUR)
    assert [one.values[11] for one in found] == [1, 2, 3, 4]


def test_no_window_shows_what_lies_outside(point):
    """Of two successive owners each sees the own time: the end belongs to the next one."""
    record(*(Moment(point, 7, AT + HOUR * n, {11: n}) for n in range(6)))
    before = moments.around(window(point, AT, AT + 3 * HOUR), AT + 5 * HOUR, count=9)
    after = moments.around(window(point, AT + 3 * HOUR, AT + 9 * HOUR), AT, count=9)
    assert [one.values[11] for one in before] == [0, 1, 2]
    assert [one.values[11] for one in after] == [3, 4, 5]
    assert moments.around(Windows(()), AT) == []


def test_other_points_are_not_asked_for(point):
    other = make_point("P2").pk
    record(Moment(point, 7, AT, {11: 1}), Moment(other, 8, AT, {11: 2}))
    assert [one.usage_point for one in moments.around(always(other), AT)] == [other]


def test_one_question(point, django_assert_num_queries):
    record(Moment(point, 7, AT, {11: 1}))
    with django_assert_num_queries(1):
        moments.around(always(point), AT)
