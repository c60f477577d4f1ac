"""Where a rule begins and ends: just over, just under, and what it does not look at."""

from dataclasses import replace

import numpy as np
import pytest

from faza.readings.validation import defaults, history, inline, limits
from tests.readings.validation.cases import LAST, put
from tests.readings.validation.make import (
    DAY,
    HALF_HOUR,
    MISSING,
    T0,
    curve,
    days,
    doubts,
    history_of_home,
    pairs,
)
from tests.readings.validation.make import history as history_of


def codes(seen, code):
    """How many findings a rule has."""
    return history.look(seen, defaults()).rules.count(code)


@pytest.mark.parametrize("column", range(47))
def test_a_gap_is_found_wherever_it_is(column):
    found = inline.look(days({(1, 1): put(curve(), column, MISSING)}), defaults())
    assert found.rules == ("V01",)
    assert found.starts.tolist() == [T0 + column * HALF_HOUR]


@pytest.mark.parametrize(("value", "told"), [(49, 0), (50, 1), (60, 1)])
def test_a_flat_run_counts_from_its_floor_on(value, told):
    assert codes(history_of({(1, 1): put(curve(), slice(20, 32), value)}), "V06") == told


@pytest.mark.parametrize(("length", "told"), [(11, 0), (12, 1)])
def test_a_flat_run_counts_from_its_hours_on(length, told):
    values = put(curve(), slice(20, 20 + length), 300)
    assert codes(history_of({(1, 1): values}), "V06") == told


def test_hours_are_hours_on_any_grid():
    for minutes, length in ((60, 6), (15, 24), (5, 72)):
        values = np.arange(1, 1 + 1440 // minutes) * 7
        values[:length] = 500
        found = inline.look(days({(1, 1): values}, interval=minutes), defaults())
        assert "V06" in found.rules
        values[length - 1] = 501
        assert "V06" not in inline.look(days({(1, 1): values}, interval=minutes), defaults()).rules


@pytest.mark.parametrize(("value", "told"), [(2600, 0), (2601, 1)])
def test_a_spike_begins_right_above_its_bound(value, told):
    """Three times the third highest of 200, and 4 kW for half an hour."""
    assert codes(history_of({(1, 1): put(np.full(48, 200), 20, value)}), "V05") == told


def test_a_high_interval_of_an_hour_that_is_wild_anyway_is_no_spike():
    values = np.full(480, 50)
    values[20:LAST:48] = [50, 400, 750, 1000, 50, 50, 50, 400, 900]
    values[LAST + 20 : LAST + 24] = 5200
    found = history.look(history_of({(1, 1): values}, looked=[9]), defaults())
    place = found.rules.index("V05")
    assert found.starts[place] == T0 + 9 * DAY + 21 * HALF_HOUR
    assert found.ends[place] == T0 + 9 * DAY + 24 * HALF_HOUR


@pytest.mark.parametrize(("before", "told"), [(4, 0), (5, 1)])
def test_what_is_usual_needs_some_days_and_the_day_itself_is_none(before, told):
    values = curve(before + 1)
    values[before * 48 :] *= 5
    assert codes(history_of({(1, 1): values}, looked=[before]), "V13") == told


def test_days_of_the_same_class_say_what_is_usual():
    """Ten times as much on Sundays is usual where Sundays are so."""
    values = curve(42).reshape(42, 48)
    values[6::7] *= 10
    assert codes(history_of({(1, 1): values.ravel()}, looked=[41]), "V13") == 0
    values[36] *= 10
    assert codes(history_of({(1, 1): values.ravel()}, looked=[36]), "V13") == 1


def test_a_day_is_repeated_within_six_weeks_only():
    for apart, told in ((42, 1), (43, 0)):
        values = curve(44).reshape(44, 48)
        values[apart] = values[0]
        assert codes(history_of({(1, 1): values.ravel()}), "V02") == told


def test_a_day_with_a_gap_or_another_channel_is_not_repeated():
    values = np.tile(curve(), 2)
    assert codes(history_of({(1, 1): put(values, 60, MISSING)}), "V02") == 0
    assert codes(history_of({(1, 1): curve(), (2, 1): curve(), (1, 2): curve()}), "V02") == 0


def test_more_than_the_register_is_wrong_even_with_a_gap():
    values = put(curve(), slice(3, 6), MISSING)
    known = int(values[values != MISSING].sum())
    for difference, told in ((known - 50, 1), (known + 50, 0)):
        between = pairs((T0, T0 + DAY, difference))
        assert codes(history_of({(1, 1): values}, pairs=between), "V07") == told


def test_a_sum_may_be_off_by_a_share_of_the_energy():
    total = int(curve(30).sum())
    for difference, told in ((total * 0.9992, 0), (total * 0.9985, 1)):
        between = pairs((T0, T0 + 30 * DAY, int(difference)), step=1)
        assert codes(history_of({(1, 1): curve(30)}, pairs=between), "V07") == told


def test_a_pair_that_is_not_on_edges_of_intervals_is_not_summed():
    between = pairs((T0 + 60, T0 + DAY, 5))
    assert codes(history_of({(1, 1): curve()}, pairs=between), "V07") == 0


def test_a_pair_within_a_day_sums_its_own_intervals():
    values = curve(2)
    total = int(values[10:60].sum())
    for difference, told in ((total, 0), (total - 20, 1)):
        between = pairs((T0 + 10 * HALF_HOUR, T0 + 60 * HALF_HOUR, difference), step=1)
        assert codes(history_of({(1, 1): values}, pairs=between), "V07") == told


def test_a_high_value_after_a_gap_whose_energy_the_registers_have_is_no_jump():
    values = curve(10)
    total = int(values[LAST:].sum())
    values[LAST + 26] *= 3
    values[LAST + 24 : LAST + 26] = MISSING
    more = int(2 * values[LAST + 26] / 3)
    between = pairs((T0 + 9 * DAY, T0 + 10 * DAY, total + more), step=1)
    seen = history_of({(1, 1): values}, looked=[9], pairs=between)
    assert codes(seen, "V18") == 0
    nothing_left = int(values[LAST:][values[LAST:] != MISSING].sum())
    between = pairs((T0 + 9 * DAY, T0 + 10 * DAY, nothing_left), step=1)
    assert codes(replace(seen, pairs=between), "V18") == 1


def test_a_jump_after_days_without_data_says_where_they_began():
    values = curve(12)
    energy = int(values[9 * 48 + 40 : 11 * 48 + 1].sum())
    values[9 * 48 + 40 : 11 * 48] = MISSING
    values[11 * 48] = energy
    found = history.look(history_of({(1, 1): values}, looked=[11]), defaults())
    place = found.rules.index("V18")
    assert found.numbers[place]["since"] == T0 + 9 * DAY + 40 * HALF_HOUR
    assert found.numbers[place]["energy"] == energy
    assert energy / 2 < found.numbers[place]["usual"] < energy * 2
    assert found.starts[place] == T0 + 11 * DAY


def test_one_phase_may_give_energy_where_it_is_exported():
    power = {(1, 21): np.full(48, 900), (1, 22): np.full(48, 900), (1, 23): np.full(48, -900)}
    assert codes(history_of(power), "V16") == 1
    assert codes(history_of(power, exports=True), "V16") == 0


def test_only_days_that_are_looked_at_are_judged():
    clocks = [(1, T0 + DAY + 700, T0 + DAY + 900)]
    several = {(1, 1): put(curve(3), slice(60, 64), -5)}
    doubtful = doubts((T0 + DAY, T0 + DAY + 60, "4-7"))
    for day, told in ((0, set()), (1, {"V03", "V10", "V17"})):
        seen = history_of(several, looked=[day], clocks=clocks, doubts=doubtful)
        assert set(history.look(seen, defaults()).rules) == told


def test_a_clock_that_was_set_by_nobody_knows_how_much_counts():
    moment = T0 + 5 * HALF_HOUR + 600
    for end, told in ((moment + 1, 1), (moment, 1), (moment + 20, 0)):
        assert codes(history_of({(1, 1): curve()}, clocks=[(1, moment, end)]), "V10") == told


def test_a_limit_is_what_the_meter_carries_or_twice_what_is_permitted():
    known = limits.of(minutes=30, phases=3, voltage=2300, current=60_000, ratio=1, max_power=15_000)
    assert known == 3 * 230 * 60 / 2
    behind = limits.of(minutes=30, phases=3, voltage=577, current=5_000, ratio=2000, max_power=0)
    assert behind == 865_500
    permitted = limits.of(minutes=60, phases=1, voltage=0, current=0, ratio=1, max_power=15_000)
    assert permitted == 30_000
    assert limits.of(minutes=30, phases=3, voltage=2300, current=0, ratio=1, max_power=0) == 0


def test_a_limit_of_energy_does_not_bound_voltage():
    seen = history_of({(1, 1): np.full(48, 2300), (1, 11): np.full(48, 2300)}, limits=1000)
    found = history.look(seen, {"V04": defaults()["V04"]})
    assert found.reading_types.tolist() == [1]


def test_a_roll_over_is_told_as_one():
    found = history.look(history_of_home(before=999_999_990, after=40), defaults())
    place = found.rules.index("V09")
    assert found.numbers[place] == {
        "register": 0, "before": 999_999_990, "after": 40, "rolled": 1,
    }  # fmt: skip
    fallen = history.look(history_of_home(before=5000, after=4000), defaults())
    assert fallen.numbers[fallen.rules.index("V09")]["rolled"] == 0
