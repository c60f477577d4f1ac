"""What is known of days beside their values: by columns and by points it is the same."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest

from faza.metering import services as metering
from faza.metering.models import MeteringComplex, NetworkNode
from faza.readings.vee import facts
from faza.readings.vee.points import get_points
from tests.readings.vee.world import FIRST, install, make_point

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 9, tzinfo=UTC)
"""In Moscow, of the second day."""


def days(point: int, count: int = 3, *, channel: int = 1, interval: int = 30):
    return (
        np.full(count, point), np.full(count, channel, np.int16),
        np.datetime64(FIRST) + np.arange(count), np.full(count, interval, np.int16),
        np.full(count, 1440 // interval, np.int16),
    )  # fmt: skip


def of(point, **kwargs) -> facts.Rows:
    return facts.of_days(*days(point.pk, **kwargs), facts.fetch(np.array([point.pk])))


def test_by_columns_and_by_points_it_is_the_same():
    points = [make_point(f"P{n}", zone=("Europe/Moscow", "Asia/Omsk")[n % 2]) for n in range(5)]
    for n, point in enumerate(points[:4]):
        one = install(point, f"{n}", ct=Fraction(600, 7), since=NOON - timedelta(days=400))
        if n > 1:
            MeteringComplex.objects.filter(pk=one.pk).update(valid_to=NOON)
        if n > 2:
            install(point, f"9{n}", since=NOON + timedelta(hours=2), max_current=100_000)
    NetworkNode.objects.update(kind="feeder")
    ids = np.array([point.pk for point in points])
    fetched, told = facts.fetch(ids), facts.of_points(get_points(ids.tolist()))
    for name in ("ids", "max_power", "both_ways", "first", "count", "apparent", "start", "end"):
        assert getattr(fetched, name).tolist() == getattr(told, name).tolist(), name
    assert fetched.both_ways.all()
    for point in points:
        a, b = (facts.of_days(*days(point.pk), columns) for columns in (fetched, told))
        for name in facts.Rows.__slots__:
            assert getattr(a, name).tolist() == getattr(b, name).tolist()


def test_intervals_of_a_complex_are_those_it_has_time_in():
    point = make_point()
    one = install(point, since=NOON)
    found = of(point)
    assert found.low.tolist() == [48, 24, 0]
    assert found.high.tolist() == [48, 48, 48]
    metering.remove(installed=one, valid_to=NOON + timedelta(hours=3, minutes=10), at=NOON)
    found = of(point)
    assert (found.low.tolist(), found.high.tolist()) == ([48, 24, 48], [48, 31, 48])


def test_without_any_complex_nothing_is_outside_and_the_permitted_power_bounds():
    point = make_point(power=15_000)
    found = of(point)
    assert (found.low.tolist(), found.high.tolist()) == ([0] * 3, [48] * 3)
    assert found.limits.tolist() == [15_000] * 3


def test_a_meter_bounds_by_its_greatest_current():
    point = make_point(power=15_000)
    install(point, ct=Fraction(20))
    # 3 x 230 V x 60 A x 20, half an hour.
    assert of(point).limits.tolist() == [414_000] * 3
    assert of(point, interval=60).limits.tolist() == [828_000] * 3
    assert of(point, channel=10).limits.tolist() == [0] * 3
