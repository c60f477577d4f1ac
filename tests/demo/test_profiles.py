"""Profiles give the day of the same season and weekday, for any date."""

from datetime import date, timedelta

import numpy as np

from faza.demo import profiles
from faza.demo.profiles import SLOTS, Calendar, season_week

NEVER: frozenset[date] = frozenset()


def calendar(first: date, days: int, **kwargs: frozenset[date]) -> Calendar:
    kinds = {"restful": NEVER, "busy": NEVER} | kwargs
    return Calendar(first, first + timedelta(days=days), **kinds)


def test_a_week_lies_in_one_season_week_of_one_year():
    for start in (date(2024, 12, 30), date(2025, 12, 29), date(2026, 11, 16)):
        assert len({season_week(start + timedelta(days=n)) for n in range(7)}) == 1


def test_season_weeks_stay_within_four_days_of_their_place_in_the_year():
    for n in range(3000):
        day = date(2020, 1, 1) + timedelta(days=n)
        week, year = season_week(day)
        thursday = day + timedelta(days=3 - day.weekday())
        assert thursday.year == year
        assert abs((thursday.timetuple().tm_yday - 4) - 7 * week) <= 5


def test_a_shop_sleeps_on_sundays_and_holidays_and_works_on_a_moved_saturday():
    g1 = profiles.stored()["g1"]
    monday, saturday = date(2026, 11, 16), date(2026, 11, 21)
    plain = calendar(monday, 7).shape(g1, worked=True).reshape(7, SLOTS).sum(axis=1)
    moved = calendar(monday, 7, restful=frozenset([monday]), busy=frozenset([saturday]))
    told = moved.shape(g1, worked=True).reshape(7, SLOTS).sum(axis=1)

    assert plain[6] < 0.5 * plain[:5].min()
    assert told[0] == plain[6]
    assert told[5] == plain[4]


def test_the_sun_of_the_south_is_highest_in_the_northern_summer():
    pv = profiles.stored()["pv"]
    year = calendar(date(2025, 1, 6), 364)
    weeks = np.nan_to_num(year.shape(pv, rotate=profiles.SOUTH)).reshape(52, -1).sum(axis=1)

    assert weeks[18:32].sum() > 1.5 * (weeks[:7].sum() + weeks[45:].sum())


def test_a_day_is_the_same_whatever_days_stand_around_it():
    long, short = calendar(date(2026, 1, 1), 300), calendar(date(2026, 6, 1), 3)
    where = slice(151 * SLOTS, 154 * SLOTS)
    home = profiles.stored()["sgsc"][3]

    for each in (1, 2, SLOTS):
        assert (long.noise(7, each=each)[where] == short.noise(7, each=each)).all()
    assert np.array_equal(long.shape(home)[where], short.shape(home), equal_nan=True)


def test_noise_is_even_and_another_for_another_seed():
    year = calendar(date(2026, 1, 1), 300)
    one, other = year.noise(1), year.noise(2)

    assert -1 <= one.min() < -0.99
    assert 0.99 < one.max() < 1
    assert abs(one.mean()) < 0.02
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.03
