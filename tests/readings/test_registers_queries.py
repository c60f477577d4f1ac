"""Consumption by registers: exact ratios, roll-over, replacement, boundaries."""

import itertools
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.readings.register_queries import readings_at, readings_between, register_consumption
from tests.readings.factories import make_point
from tests.readings.meters import Kind, day, make_meter, put_in, read, window

pytestmark = pytest.mark.django_db
NUMBERS = itertools.count(1)


def consumed(point, first, end, numbers=(0,), **kwargs):
    return register_consumption(window(point), Period(day(first), day(end)), numbers, **kwargs)


@pytest.fixture
def point():
    return make_point()


class TestReadings:
    def test_what_was_shown_at_the_moments_and_nothing_near(self, point):
        meter = make_meter()
        put_in(point, meter)
        for number in range(5):
            read(point, meter, day(number), 100 * number)

        found = readings_at(window(point), [day(1), day(2.5), day(4)])

        assert found.values[:, 0].tolist() == [100, 400]
        assert found.moments.tolist() == [day(1).timestamp(), day(4).timestamp()]

    def test_each_register_is_that_of_the_highest_rank(self, point):
        meter = make_meter()
        put_in(point, meter)
        read(point, meter, day(1), {0: 5, 1: 50, 2: 500}, kind=Kind.MANUAL, source="manual")
        read(point, meter, day(1), {0: 6, 1: 60})

        found = readings_at(window(point), [day(1)])

        assert found.values[0, :3].tolist() == [6, 60, 500]
        assert found.kinds.tolist() == [Kind.DAY]

    def test_a_window_shows_its_own_time_with_both_ends(self, point):
        meter = make_meter()
        put_in(point, meter)
        for number in range(6):
            read(point, meter, day(number), number)

        found = readings_between(window(point, day(1), day(3)), Period(day(0), day(9)))

        assert found.values[:, 0].tolist() == [1, 2, 3]

    def test_the_hand_over_alone_is_shown_to_both_owners(self, point):
        meter = make_meter()
        put_in(point, meter, to=day(9))
        for number in (3, 9):
            read(point, meter, day(number), number)
        leaves, comes = window(point, day(1), day(3)), window(point, day(3), day(12))

        for shown in (leaves, comes):
            assert readings_at(shown, [day(3)]).values[:, 0].tolist() == [3]
        assert readings_at(comes, [day(9)]).values[:, 0].tolist() == [9]
        assert len(readings_at(leaves, [day(9)])) == 0

    def test_no_windows_no_readings(self):
        assert len(readings_at(Windows(()), [day(1)])) == 0
        assert len(readings_at(Windows(()), [])) == 0


class TestConsumption:
    def test_difference_times_ratio_is_exact(self, point):
        meter = make_meter(decimals=2)
        put_in(point, meter, ct=Fraction(200, 7), vt=Fraction(15750, 100))
        read(point, meter, day(0), {0: 1000, 9: 5})
        read(point, meter, day(31), {0: 2001, 9: 6})

        found = consumed(point, 0, 31, (0, 9, 18))

        assert found.primary(point.pk) == [
            Fraction(1001) * Fraction(200 * 15750, 700), Fraction(4500), None
        ]  # fmt: skip
        assert found.exact.tolist() == [[True, True, False]]
        assert found.resolutions == (10 * Fraction(4500),)
        assert found.rounded.tolist() == [[4504500, 4500, 0]]
        assert found.covered == {point.pk}

    def test_over_the_top_is_counted_once_round(self, point):
        meter = make_meter(digits=5)
        put_in(point, meter)
        read(point, meter, day(0), 99_999_990)
        read(point, meter, day(1), 30)

        found = consumed(point, 0, 1)

        assert found.shown.tolist() == [[40]]
        assert found.rolled.tolist() == [[True]]

    def test_a_small_fall_is_not_a_roll_over(self, point):
        meter = make_meter(digits=5)
        put_in(point, meter)
        read(point, meter, day(0), 50_000)
        read(point, meter, day(1), 49_000)

        found = consumed(point, 0, 1)

        assert (found.fell.tolist(), found.known.tolist()) == ([[True]], [[False]])
        assert found.primary(point.pk) == [None]

    def test_nothing_is_counted_across_a_replacement(self, point):
        old, new = make_meter("1"), make_meter("2")
        put_in(point, old, to=day(10), ct=40)
        put_in(point, new, since=day(10), ct=60)
        read(point, old, day(0), 1000)
        read(point, old, day(10), 1500, kind=Kind.CLOSING)
        read(point, new, day(10), 7, kind=Kind.OPENING)
        read(point, new, day(31), 107)

        found = consumed(point, 0, 31)

        assert found.shown.tolist() == [[500], [100]]
        assert found.primary(point.pk) == [500 * 40 + 100 * 60]
        assert found.exact.all()

    def test_without_a_closing_reading_it_is_not_known(self, point):
        old, new = make_meter("1"), make_meter("2")
        put_in(point, old, to=day(10))
        put_in(point, new, since=day(10))
        read(point, old, day(0), 1000)
        read(point, new, day(10), 7, kind=Kind.OPENING)
        read(point, new, day(31), 107)

        found = consumed(point, 0, 31)

        assert found.known.tolist() == [[False], [True]]
        assert found.primary(point.pk) == [None]

    @pytest.mark.parametrize("later", [1, 2])
    def test_a_meter_reset_in_place_has_a_reading_for_each_side(self, point, later):
        meter = make_meter()
        put_in(point, meter, to=day(10), ct=1)
        put_in(point, meter, since=day(10), ct=2)
        read(point, meter, day(0), 1000)
        read(point, meter, day(10), 1500, kind=Kind.CLOSING, number=later)
        read(point, meter, day(10), 0, kind=Kind.OPENING, number=3 - later)
        read(point, meter, day(31), 100)

        assert consumed(point, 0, 31).primary(point.pk) == [500 + 200]

    def test_the_nearest_reading_stands_for_a_boundary_and_says_so(self, point):
        meter = make_meter()
        put_in(point, meter)
        for at, shown in ((-1, 0), (0.5, 10), (30, 900), (33, 1000)):
            read(point, meter, day(at), shown) if at >= 0 else None
        found = consumed(point, 0, 31)

        assert found.opened_at.tolist() == [[day(0.5).timestamp()]]
        assert found.closed_at.tolist() == [[day(30).timestamp()]]
        assert found.shown.tolist() == [[890]]
        assert not found.exact.any()
        assert not consumed(point, 0, 31, around=timedelta(hours=1)).known.any()

    def test_who_left_does_not_see_the_readings_after(self, point):
        meter = make_meter()
        put_in(point, meter)
        for at in (0, 9, 10.5, 31):
            read(point, meter, day(at), int(at * 100))
        own = register_consumption(
            window(point, to=day(10.25)), Period(day(0), day(31)), [0], around=timedelta(days=3)
        )

        assert own.ends.tolist() == [day(10.25).timestamp()]
        assert own.closed_at.tolist() == [[day(9).timestamp()]]
        assert own.covered == {point.pk}

    def test_of_two_readings_as_near_the_earlier_one_stands(self, point):
        meter = make_meter()
        put_in(point, meter)
        for at in (9, 11, 20):
            read(point, meter, day(at), at)

        assert consumed(point, 10, 20).opening.tolist() == [[9]]
        assert consumed(point, 8, 10, around=timedelta(days=1)).closing.tolist() == [[9]]

    def test_who_left_and_returned_has_two_stretches_with_own_readings(self, point):
        meter = make_meter()
        put_in(point, meter)
        for at in (0, 9, 10.5, 31):
            read(point, meter, day(at), int(at * 100))
        windows = Windows.merged([*window(point, to=day(10.25)), *window(point, since=day(10.375))])
        found = register_consumption(windows, Period(day(0), day(31)), [0])

        assert found.shown.tolist() == [[900], [3100 - 1050]]
        assert found.primary(point.pk) == [900 + 3100 - 1050]

    def test_time_without_a_meter_is_told(self, point):
        meter = make_meter()
        put_in(point, meter, since=day(5))
        read(point, meter, day(5), 0)
        read(point, meter, day(31), 10)

        found = consumed(point, 0, 31)

        assert found.primary(point.pk) == [10]
        assert found.covered == frozenset()

    def test_nobody_asked_nothing_found(self):
        found = register_consumption(Windows(()), Period(day(0), day(1)), [0])

        assert found.shown.shape == (0, 1)
        assert found.rounded.shape == (0, 1)

    @settings(max_examples=20)
    @given(
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, 900)), min_size=2, max_size=12),
        st.lists(st.integers(0, 15), min_size=3, max_size=3, unique=True).map(sorted),
    )
    def test_parts_of_a_period_add_up_to_it(self, steps, cuts):
        """Whatever was read when, on a register that goes over its top now and then."""
        point, meter = make_point(f"P{next(NUMBERS)}"), make_meter(str(next(NUMBERS)), digits=1)
        put_in(point, meter, ct=Fraction(7, 3))
        shown = 0
        for at, (_, more) in enumerate(steps):
            shown += more
            read(point, meter, day(at + steps[at][0] / 100), shown % 10_000)
        left, middle, right = cuts
        whole, first, second = (
            consumed(point, a, b, around=timedelta(days=1)).primary(point.pk)[0]
            for a, b in ((left, right), (left, middle), (middle, right))
        )
        if None not in (whole, first, second):
            assert (first + second - whole) % (Fraction(7, 3) * 10_000) == 0
            if right - left <= 4:
                assert first + second == whole
