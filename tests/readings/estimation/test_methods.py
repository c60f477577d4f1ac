"""Each method: what it says, from what, and where it has nothing to say."""

from datetime import date

import numpy as np
import pytest

from faza.core.quality import Quality
from faza.readings.estimation import (
    METHODS,
    Groups,
    Reference,
    Settings,
    State,
    day_classes,
    estimate,
    group_shape,
)
from faza.readings.estimation.shapes import ORDER, QUALITIES
from tests.readings.estimation.making import GAP, MONDAY, brackets, channels, filled, weeks

DAY = [*[10] * 8, *[40] * 8, *[100] * 8]
UNLIKE = np.arange(7)


def method_names(made):
    return {METHODS[code] for code in np.unique(made.method[made.method > 0])}


def test_every_method_has_a_quality_of_an_estimate():
    assert len(QUALITIES) == len(METHODS)
    assert QUALITIES[0] == Quality.UNTOLD
    assert set(QUALITIES[1:]) <= {
        Quality.DERIVED, Quality.INTERPOLATED, Quality.ESTIMATED_BY_DAY
    }  # fmt: skip


def test_a_method_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="no such method: guess"):
        estimate(channels(weeks(DAY)), order=("guess",))


class TestInterpolation:
    def test_a_short_gap_is_bridged_from_edge_to_edge(self):
        values = weeks(DAY, 1)
        values[0, 0, :4] = [10, GAP, GAP, 40]
        made = estimate(channels(values, classes=UNLIKE))

        assert filled(channels(values), made)[0, 0, :4].tolist() == [10, 20, 30, 40]
        assert method_names(made) == {"interpolation"}
        assert made.quality[0].tolist()[:4] == [
            Quality.UNTOLD, Quality.INTERPOLATED, Quality.INTERPOLATED, Quality.UNTOLD
        ]  # fmt: skip

    def test_a_gap_of_two_hours_is_bridged_and_a_longer_one_is_not(self):
        values = weeks(DAY, 1)
        values[0, 2, 3:5] = GAP
        values[0, 4, 3:6] = GAP
        made = estimate(channels(values))

        assert made.days.tolist() == [2, 4]
        assert {METHODS[code] for code in made.method[0, 3:5]} == {"interpolation"}
        assert {METHODS[code] for code in made.method[1, 3:6]} == {"like-days"}

    def test_a_gap_over_midnight_is_one_gap(self):
        values = weeks(DAY, 1)
        values[0, 0, -1] = values[0, 1, 0] = GAP
        made = estimate(channels(values, classes=UNLIKE))

        assert filled(channels(values), made)[0, 0, -1] == 70
        assert filled(channels(values), made)[0, 1, 0] == 40

    def test_a_bridge_is_drawn_to_the_like_days_between_its_edges(self):
        values = weeks(DAY, 3)
        values[0, :, 10] = 60
        values[0, 16, 9:12] = [40, GAP, 80]
        made = estimate(channels(values, interval=30))

        # Half of the way is 60, as it is usually; of the evening's 100 a fifth would be drawn.
        assert made.values[0, 10] == 60
        values[0, :16, 10] = 80
        made = estimate(channels(values, interval=30))
        assert made.values[0, 10] == 64
        assert "days" in made.inputs[0]

    def test_doubtful_cells_are_no_edges(self):
        values = weeks(DAY, 1)
        values[0, 0, 1] = GAP
        state = np.where(values == GAP, State.UNKNOWN, State.MEASURED)
        values[0, 0, 2] = 9_999
        state[0, 0, 2] = State.DOUBTFUL
        made = estimate(channels(values, state=state))

        assert made.values[0, 1] == 10

    def test_a_single_like_day_has_no_part_in_a_bridge(self):
        values = weeks(DAY, 2)
        values[0, 7, 9] = GAP
        made = estimate(channels(values, classes=np.arange(14) % 7))

        assert made.values[0, 9] == 40
        assert made.inputs == ({},)

    def test_the_padding_of_a_short_day_is_no_time(self):
        values = np.pad(weeks(DAY, 1), ((0, 0), (0, 0), (0, 1)))
        state = np.full(values.shape, State.MEASURED)
        state[:, :, -1] = State.ABSENT
        state[0, 0, 23] = state[0, 1, 0] = State.UNKNOWN
        made = estimate(channels(values, state=state, classes=UNLIKE))

        assert method_names(made) == {"interpolation"}
        assert (made.values[0, 23], made.values[1, 0]) == (70, 40)

    def test_there_is_no_bridge_over_a_time_without_a_meter(self):
        values = weeks(DAY, 1)
        state = np.full(values.shape, State.MEASURED)
        state[0, 2, 5:20] = State.ABSENT
        state[0, 2, 4] = State.UNKNOWN
        made = estimate(channels(values, state=state), order=("interpolation",))

        assert len(made) == 0


class TestLikeDays:
    def test_a_day_is_the_mean_of_up_to_four_days_of_its_class_before(self):
        values = weeks(DAY, 4)
        values[0, :, :] += (np.arange(28) * 10)[:, None]
        values[0, 23] = GAP
        settings = Settings(longest=0)
        made = estimate(channels(values, classes=np.arange(28) % 7), settings=settings)

        days = [MONDAY + at for at in (16, 9, 2)]
        assert made.inputs == ({"days": sorted(map(str, days))},)
        level = values[0, [20, 21, 22, 24, 25, 26]].mean()
        like = [values[0, at, 0] * (level / values[0, at - 3 : at + 4].mean()) ** 0.5
                for at in (16, 9)]  # fmt: skip
        like.append(values[0, 2, 0] * (level / values[0, 0:6].mean()) ** 0.5)
        assert made.values[0, 0] == round(np.mean(like))

    def test_days_after_are_taken_only_where_there_are_too_few_before(self):
        values = weeks(DAY, 4)
        classes = np.arange(28) % 7
        values[0, 7] = values[0, 14] = GAP
        made = estimate(channels(values, classes=classes))

        assert made.days.tolist() == [7, 14]
        # One Monday before is too few: the next two are taken too, that which is whole.
        assert made.inputs[0]["days"] == [str(MONDAY), str(MONDAY + 21)]
        assert made.inputs[1]["days"] == [str(MONDAY), str(MONDAY + 21)]

    def test_two_days_before_are_enough(self):
        values = weeks(DAY, 4)
        values[0, 14] = GAP
        made = estimate(channels(values, classes=np.arange(28) % 7))

        assert made.inputs == ({"days": [str(MONDAY), str(MONDAY + 7)]},)

    def test_a_day_of_which_little_is_measured_says_nothing_of_the_level(self):
        values = weeks(DAY, 4)
        values[0, 22, 6:] = values[0, 24, 6:] = GAP
        values[0, 23] = GAP
        made = estimate(channels(values))

        assert made.days.tolist() == [22, 23, 24]
        assert made.values[1].tolist() == DAY

    def test_one_like_day_is_too_few(self):
        values = weeks(DAY, 2)
        values[0, 7] = GAP
        made = estimate(channels(values, classes=np.arange(14) % 7))

        assert len(made) == 0

    @pytest.mark.parametrize("state", [State.DOUBTFUL, State.KEPT, State.WAITING, State.UNKNOWN])
    def test_nothing_is_estimated_by_what_is_not_measured(self, state):
        values = weeks(DAY, 5)
        states = np.full(values.shape, State.MEASURED)
        values[0, 0:28:7] = 9_999
        states[0, 0:28:7] = state
        states[0, 28] = State.UNKNOWN
        made = estimate(channels(values, state=states), order=("like-days",))

        row = made.days.tolist().index(28)
        assert made.values[row].tolist() == DAY
        assert str(MONDAY + 21) not in made.inputs[row]["days"]

    def test_a_saturday_is_no_working_day(self):
        values = weeks(DAY, 4)
        values[0, 5::7] = 7
        values[0, 6::7] = 3
        values[0, 26] = values[0, 25] = values[0, 27] = GAP
        made = estimate(channels(values))

        assert (made.values[1] == 7).all()
        assert (made.values[2] == 3).all()
        assert made.values[0].tolist() == DAY

    def test_a_higher_week_makes_higher_days(self):
        values = weeks(DAY, 5)
        values[0, 28:] *= 4
        values[0, 31] = GAP
        made = estimate(channels(values), order=("like-days",))
        plain = estimate(channels(values[:, :32]), order=("like-days",))

        assert made.values[0].sum() > 1.5 * sum(DAY)
        assert made.values[0].sum() < 4 * sum(DAY)
        assert plain.values[0].sum() > sum(DAY)


def test_the_control_meter_comes_first():
    values = weeks(DAY, 3)
    values[0, 15, :3] = GAP
    known = np.zeros(values.shape, bool)
    known[0, 15, :2] = True
    made = estimate(channels(values), control=Reference(np.full(values.shape, 77), known))

    assert made.values[0, :2].tolist() == [77, 77]
    assert [METHODS[code] for code in made.method[0, :3]] == ["control"] * 2 + ["like-days"]
    assert made.quality[0, 0] == Quality.DERIVED


def test_the_year_before_is_taken_at_the_level_of_now():
    values = weeks(DAY, 2)
    past = values * 2
    values[0, 7] = GAP
    classes = np.arange(14)
    year = Reference(past, np.ones(past.shape, bool))
    made = estimate(channels(values, classes=classes), last_year=year)

    assert made.values[0].tolist() == DAY
    assert made.inputs == ({"year": str(MONDAY + 7 - 364)},)
    assert method_names(made) == {"last-year"}


def test_the_group_gives_its_shape_and_the_channel_its_size():
    shape = group_shape(
        np.stack([weeks(DAY, 2)[0] * size for size in (1, 10, 100)]), np.ones((3, 14, 24), bool)
    )
    values = np.full((1, 14, 24), 10)
    values[0, 7] = GAP
    groups = Groups(shape[None], np.array([0]))
    made = estimate(channels(values, classes=np.arange(14)), groups=groups)

    assert made.values[0].tolist() == [round(10 * cell / 50) for cell in DAY]
    assert method_names(made) == {"group"}
    none = Groups(shape[None], np.array([-1]))
    assert len(estimate(channels(values, classes=np.arange(14)), groups=none)) == 0


def test_a_groups_shape_does_not_tell_of_two_neighbours():
    known = np.ones((3, 2, 24), bool)
    known[2, 1] = False
    shape = group_shape(np.ones((3, 2, 24), np.int64), known)

    assert (shape[0] == 1).all()
    assert np.isnan(shape[1]).all()


def test_a_groups_shape_does_not_depend_on_days_out_of_reach():
    random = np.random.default_rng(5)
    values, known = random.integers(1, 900, (4, 21, 4)), random.random((4, 21, 4)) < 0.8
    wide = group_shape(values, known, reach=5)
    narrow = group_shape(values[:, 5:16], known[:, 5:16], reach=5)

    assert np.array_equal(wide[10], narrow[5], equal_nan=True)
    assert not np.isnan(wide[10]).all()


def test_with_nothing_but_registers_their_energy_is_spread_evenly():
    values = np.full((1, 2, 4), GAP)
    given = channels(values)
    made = estimate(given, brackets=brackets((0, 0, 8, 81)))

    assert sorted(made.values.reshape(-1).tolist()) == [10] * 7 + [11]
    assert method_names(made) == {"flat"}
    assert len(estimate(given, brackets=brackets((0, 0, 8, 81)), order=("like-days",))) == 0


def test_with_nothing_but_registers_and_a_group_the_group_gives_the_shape():
    values = np.full((1, 1, 4), GAP)
    groups = Groups(np.array([[[0.0, 1.0, 2.0, 1.0]]]), np.array([0]))
    made = estimate(channels(values), brackets=brackets((0, 0, 4, 400)), groups=groups)

    assert made.values[0].tolist() == [0, 100, 200, 100]
    assert method_names(made) == {"group"}


def test_with_nothing_at_all_it_stays_missing():
    made = estimate(channels(np.full((2, 3, 4), GAP)))

    assert len(made) == 0
    assert made.inputs == ()


def test_a_method_chosen_by_a_person_is_the_only_one():
    values = weeks(DAY, 3)
    values[0, 15, 3] = GAP
    made = estimate(channels(values), order=("like-days",))

    assert method_names(made) == {"like-days"}


@pytest.mark.parametrize("name", ORDER)
def test_a_method_that_is_left_out_is_not_used(name):
    values = weeks(DAY, 3)
    values[0, 15, 3] = values[0, 16, 3:9] = GAP
    every = np.ones(values.shape, bool)
    made = estimate(
        channels(values),
        brackets=brackets((0, 0, 21 * 24, 30_000)),
        control=Reference(values, every & (values % 3 == 0)),
        last_year=Reference(values, every),
        groups=Groups(np.ones((1, 21, 24)), np.array([0])),
        order=[one for one in ORDER if one != name],
    )
    assert name not in method_names(made)


def test_classes_of_days():
    days = MONDAY + np.arange(7)
    classes = day_classes(days, off={date(2026, 3, 4)}, working={date(2026, 3, 7)})

    assert classes.tolist() == [0, 0, 2, 0, 0, 0, 2]
