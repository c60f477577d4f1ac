import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faza.events import rules

BEGIN, END, OTHER = (4, 1), (4, 2), (2, 1)
ENDS = {BEGIN: [END]}


def found(*events, until=1000, longest=None, ends=ENDS):
    return [(a, b) for a, b, _ in rules.stretches(events, ends, until, longest or {})]


def test_a_stretch_goes_from_its_beginning_through_the_second_of_its_end():
    assert found((10, BEGIN), (20, END)) == [(10, 21)]


def test_order_of_arrival_does_not_matter_and_a_beginning_comes_first_in_its_second():
    assert found((20, END), (10, BEGIN), (5, OTHER)) == [(10, 21)]
    assert found((10, END), (10, BEGIN)) == [(10, 11)]


def test_what_begins_anew_began_before_and_an_end_alone_bounds_nothing():
    assert found((1, END), (10, BEGIN), (15, BEGIN), (20, END), (30, END)) == [(10, 21)]


def test_what_is_not_closed_lasts_until_now_or_as_long_as_it_may():
    assert found((10, BEGIN)) == [(10, 1000)]
    assert found((10, BEGIN), longest={BEGIN: 50}) == [(10, 60)]
    assert found((10, BEGIN), (90, END), longest={BEGIN: 50}) == [(10, 60)]
    assert found((1000, BEGIN)) == []


def test_one_end_closes_several():
    both = {(4, 3): [(3, 143)], (4, 4): [(3, 143)]}
    assert found((1, (4, 3)), (2, (4, 4)), (9, (3, 143)), ends=both) == [(1, 10), (2, 10)]


@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from([BEGIN, END, OTHER]))))
def test_stretches_are_ordered_have_length_and_do_not_overlap(events):
    told = found(*events, until=100)
    assert all(start < end for start, end in told)
    assert all(a[1] <= b[0] + 1 for a, b in zip(told, told[1:], strict=False))
    assert told == found(*reversed(events), until=100)


def test_intervals_are_touched_by_time_in_them_only():
    starts = np.array([[0, 30], [60, 90]])
    told = rules.touched(starts, starts + 30, [(30, 31), (60, 60), (89, 90)])
    assert told.tolist() == [[False, True], [True, False]]
    assert not rules.touched(starts, starts + 30, []).any()
