"""Water, gas and heat of the demo: registers and intervals say the same, and days are added."""

from datetime import date, timedelta

import numpy as np

from faza.core.reading_types import GAS, WATER
from faza.demo import resources


def test_more_days_do_not_change_the_first_ones():
    point = resources.POINTS[0]
    few = resources.series(point, date(2026, 1, 1), 10)
    many = resources.series(point, date(2026, 1, 1), 40)

    assert (many[: len(few)] == few).all()


def test_heat_is_given_in_winter_alone_and_gas_cooks_in_summer():
    by_kind = {point.kind.channel: point for point in resources.POINTS}

    july = resources.series(by_kind["HEAT"], date(2026, 7, 1), 31)
    january = resources.series(by_kind["HEAT"], date(2026, 1, 1), 31)
    assert july.sum() == 0
    assert january.sum() > 0
    assert resources.series(by_kind[GAS.channel], date(2026, 7, 1), 31).sum() > 0


def test_a_day_is_about_what_the_point_says():
    point = next(point for point in resources.POINTS if point.kind is WATER)
    days = resources.series(point, date(2026, 1, 1), 364).reshape(-1, 24).sum(axis=1)

    assert abs(days.mean() / point.daily - 1) < 0.05
    assert np.ptp(days) > 0


def test_codes_are_fifteen_digits_and_there_once():
    codes = [point.code for point in resources.POINTS]

    assert len(set(codes)) == len(codes)
    assert all(len(code) == 15 and code.isdecimal() for code in codes)
    assert timedelta(hours=1) == resources.HOUR
