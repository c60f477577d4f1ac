"""Brackets: sums that are met, and those that contradict what stands."""

import numpy as np

from faza.readings.estimation import METHODS, Bound, State, estimate
from faza.readings.estimation.sharing import Segments, shared
from tests.readings.estimation.making import GAP, brackets, channels, filled, weeks

DAY = [*[10] * 8, *[40] * 8, *[100] * 8]


def with_gap():
    values = weeks(DAY, 3)
    values[0, 15, 4:12] = GAP
    return channels(values)


def of_day(energy, day=15, **more):
    return brackets((0, day * 24, day * 24 + 24, energy), **more)


def test_a_day_sums_to_its_registers():
    given = with_gap()
    made = estimate(given, brackets=of_day(sum(DAY) + 101))

    assert filled(given, made)[0, 15].sum() == sum(DAY) + 101
    assert made.residuals.tolist() == [0]
    assert made.complete.all()
    # In proportion to what likeness says: the later hours hold four times as much.
    assert 3.8 < made.values[0, 11] / made.values[0, 4] < 4.2


def test_what_bounds_a_day_is_told_with_it():
    made = estimate(with_gap(), brackets=of_day(1300))

    assert made.inputs[0]["bounds"] == [
        {
            "by": "register",
            "energy": 1300,
            "resolution": 1,
            "residual": 0,
            "from": ["2026-03-17", 0],
            "to": ["2026-03-17", 24],
        }
    ]


def test_no_estimate_is_negative_where_the_known_ones_hold_all():
    given = with_gap()
    known = sum(DAY) - sum(DAY[4:12])
    made = estimate(given, brackets=of_day(known))

    assert (made.values[0, 4:12] == 0).all()
    assert made.residuals.tolist() == [0]


def test_a_contradiction_beyond_the_resolution_is_not_forced_upon_the_estimates():
    given = with_gap()
    known = sum(DAY) - sum(DAY[4:12])
    made = estimate(given, brackets=of_day(known - 50))
    free = estimate(given)

    assert (made.values == free.values).all()
    assert made.residuals.tolist() == [known - 50 - sum(DAY)]
    assert "bounds" not in made.inputs[0]


def test_within_a_coarse_resolution_a_small_excess_makes_zeros():
    known = sum(DAY) - sum(DAY[4:12])
    made = estimate(with_gap(), brackets=of_day(known - 60, resolution=80))

    assert (made.values[0] == 0).all()
    assert made.residuals.tolist() == [-60]


def test_an_estimate_that_agrees_with_coarse_registers_stays():
    given = with_gap()
    made = estimate(given, brackets=of_day(sum(DAY) + 70, resolution=80))
    beyond = estimate(given, brackets=of_day(sum(DAY) + 90, resolution=80))

    assert (made.values == estimate(given).values).all()
    assert made.residuals.tolist() == [70]
    assert beyond.residuals.tolist() == [0]


def test_registers_that_show_every_quantum_are_met_to_the_quantum():
    made = estimate(with_gap(), brackets=of_day(sum(DAY) + 1))

    assert made.residuals.tolist() == [0]
    assert made.values[0].sum() == sum(DAY[4:12]) + 1


def test_more_than_can_flow_is_not_forced_upon_the_estimates():
    values = weeks(DAY, 3)
    values[0, 15, 4:12] = GAP
    limited = channels(values, limits=[120])
    known = sum(DAY) - sum(DAY[4:12])
    met = estimate(limited, brackets=of_day(known + 8 * 120))
    beyond = estimate(limited, brackets=of_day(known + 8 * 120 + 100))

    assert (met.values[0, 4:12] == 120).all()
    assert beyond.values[0, 4:12].max() <= 100
    assert beyond.residuals[0] > 100


def test_what_is_over_the_limit_in_some_cells_goes_to_the_others():
    values = weeks(DAY, 3)
    values[0, 15, 4:12] = GAP
    known = sum(DAY) - sum(DAY[4:12])
    made = estimate(channels(values, limits=[100]), brackets=of_day(known + 700))

    assert made.values[0].max() <= 101
    assert made.values[0].sum() == 700


def test_the_shorter_bracket_is_met_first_and_the_wider_one_by_what_is_left():
    values = weeks(DAY, 3)
    values[0, 15] = values[0, 16] = GAP
    given = channels(values)
    told = brackets((0, 15 * 24, 16 * 24, 1000), (0, 14 * 24, 17 * 24, sum(DAY) + 2500))
    made = estimate(given, brackets=told)

    assert filled(given, made)[0, 15].sum() == 1000
    assert filled(given, made)[0, 16].sum() == 1500
    assert made.residuals.tolist() == [0, 0]
    assert [len(one["bounds"]) for one in made.inputs] == [2, 1]


def test_overlapping_brackets_of_one_length_are_met_one_after_the_other():
    values = np.full((1, 1, 6), GAP)
    made = estimate(channels(values), brackets=brackets((0, 0, 4, 40), (0, 2, 6, 100)))

    assert made.values[0].tolist() == [10, 10, 10, 10, 40, 40]
    assert made.residuals.tolist() == [0, 0]


def test_a_wider_bracket_that_the_shorter_ones_contradict_tells_its_residual():
    values = np.full((1, 1, 4), GAP)
    told = brackets((0, 0, 2, 20), (0, 2, 4, 20), (0, 0, 4, 70))
    made = estimate(channels(values), brackets=told)

    assert made.values[0].tolist() == [10, 10, 10, 10]
    assert made.residuals.tolist() == [0, 0, 30]
    assert made.complete.all()


def test_a_jump_is_spread_over_the_silence_before_it_by_what_is_usual():
    values = weeks(DAY, 3)
    values[0, 15, 2:22] = GAP
    given = channels(values)
    told = brackets((0, 15 * 24 + 2, 15 * 24 + 22, 2000), bound=Bound.JUMP)
    made = estimate(given, brackets=told)

    assert made.values[0].sum() == 2000
    assert made.values[0].max() < 210
    assert made.inputs[0]["bounds"][0]["by"] == "jump"


def test_persons_values_and_doubtful_ones_stand_and_count():
    values = weeks(DAY, 3)
    state = np.full(values.shape, State.MEASURED)
    state[0, 15, 4:12] = State.UNKNOWN
    state[0, 15, 0], state[0, 15, 1] = State.KEPT, State.DOUBTFUL
    values[0, 15, :2] = [500, 300]
    given = channels(values, state=state)
    made = estimate(given, brackets=of_day(3000))

    assert (made.method[0, :4] == 0).all()
    assert filled(given, made)[0, 15].sum() == 3000


def test_a_cell_that_waits_takes_its_share_and_is_not_told():
    values = weeks(DAY, 3)
    state = np.full(values.shape, State.MEASURED)
    state[0, 15, 8:12] = State.UNKNOWN
    state[0, 15, 12:16] = State.WAITING
    given = channels(values, state=state)
    made = estimate(given, brackets=of_day(sum(DAY)))

    assert made.values[0, 8:12].tolist() == [40] * 4
    assert (made.method[0, 12:] == 0).all()
    assert made.residuals.tolist() == [0]
    assert len(estimate(channels(values, state=np.where(state == 3, 0, state)),
                        brackets=of_day(1200))) == 0  # fmt: skip


def test_a_bracket_with_a_cell_of_which_nothing_is_known_bounds_none():
    values = np.full((1, 1, 4), GAP)
    values[0, 0, 0] = values[0, 0, 2] = 10
    given = channels(values)
    made = estimate(given, brackets=brackets((0, 0, 4, 90)), order=("interpolation",))

    assert made.values[0].tolist() == [0, 10, 0, 0]
    assert made.complete.tolist() == [False]


def test_hours_without_a_meter_hold_nothing_of_a_bracket():
    state = np.full((1, 1, 6), State.UNKNOWN)
    state[0, 0, 3:] = State.ABSENT
    given = channels(np.zeros((1, 1, 6)), state=state)
    made = estimate(given, brackets=brackets((0, 0, 6, 30)))

    assert made.values[0].tolist() == [10, 10, 10, 0, 0, 0]
    assert METHODS[made.method[0, 0]] == "flat"
    assert made.complete.all()


def test_brackets_of_one_channel_leave_others_alone():
    values = np.concatenate([weeks(DAY, 3)] * 2)
    values[:, 15] = GAP
    given = channels(values)
    made = estimate(given, brackets=brackets((1, 15 * 24, 16 * 24, 5000)))

    assert filled(given, made)[:, 15].sum(axis=1).tolist() == [sum(DAY), 5000]


class TestShares:
    def test_a_total_without_weights_is_spread_evenly(self):
        of = Segments(np.array([0, 0, 0, 2, 2]), 3)
        shares = shared(of, np.zeros(5), np.array([7, 0, 10]), np.zeros(5, np.int64))

        assert of.sum(shares).tolist() == [7, 0, 10]
        assert shares.max() <= 5

    def test_rounding_is_carried_on_so_that_small_sums_are_spread_too(self):
        of = Segments(np.zeros(48, np.int64), 1)
        shares = shared(of, np.full(48, 10.0), np.array([6]), np.zeros(48, np.int64))

        assert shares.sum() == 6
        assert set(np.diff(np.flatnonzero(shares))) <= {7, 8, 9}

    def test_a_great_total_is_met_to_the_quantum(self):
        of = Segments(np.zeros(3, np.int64), 1)
        total = 10_593_434_428_113_673
        weights = np.array([813.0, 740.0, 31.0])
        shares = shared(of, weights, np.array([total]), np.zeros(3, np.int64))

        assert shares.sum() == total
        assert (shares >= 0).all()

    def test_full_cells_without_weight_in_the_others(self):
        of = Segments(np.zeros(3, np.int64), 1)
        shares = shared(of, np.array([5.0, 0, 0]), np.array([25]), np.array([11, 0, 0]))

        assert shares.tolist() == [11, 7, 7]
