"""The error of a measuring complex, and what imbalance it permits."""

from datetime import date

import numpy as np
import pytest

from faza.readings.balances.accuracy import METHODS, Classes, error_of, method_on, permitted

METHOD = METHODS[0]


def test_a_meter_alone_counts_with_its_own_class():
    assert error_of(Classes(1.0), METHOD) == pytest.approx(1.1)


def test_transformers_add_up_in_squares():
    assert error_of(Classes(0.5, 0.5, 0.5), METHOD) == pytest.approx(1.1 * 0.75**0.5)


def test_a_class_that_is_not_told_is_the_coarsest():
    assert error_of(Classes(None), METHOD) == pytest.approx(2.2)
    assert error_of(Classes(0.5, None), METHOD) > error_of(Classes(0.5, 0.5), METHOD)
    assert not Classes(None).is_told
    assert Classes(1.0).is_told


def test_the_method_is_that_of_the_day():
    assert method_on(date(2026, 1, 1)) is METHODS[-1]
    assert method_on(date(1900, 1, 1)) is METHODS[0]
    assert [one.valid_from for one in METHODS] == sorted(one.valid_from for one in METHODS)


def test_many_small_points_weigh_less_than_one_great():
    one = permitted(np.array([1.0]), np.array([[1.0]]), 0, np.zeros(1))
    many = permitted(np.ones(100), np.full((100, 1), 0.01), 0, np.zeros(1))

    assert one.tolist() == [1.0]
    assert many[0] == pytest.approx(0.1)
