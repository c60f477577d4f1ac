from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from faza.cabinet import picture, series
from faza.cabinet.series import Cells, State
from faza.core.reading_types import A_PLUS

ZONE = "Europe/Moscow"
START = int(datetime(2026, 11, 15, 21, tzinfo=UTC).timestamp())  # midnight of the 16th in Moscow
STEP = 30


def cells(*rows, start=START, expected=None, estimated=()):
    """Half-hours of points; None is missing, ... has not arrived yet."""
    count = len(rows[0])
    starts = start + np.arange(count) * STEP * 60

    def table(tell):
        return np.array([[tell(v, i) for i, v in enumerate(row)] for row in rows], np.int64)

    return Cells(
        A_PLUS,
        tuple(range(1, len(rows) + 1)),
        starts,
        starts + STEP * 60,
        value=table(lambda v, i: 0 if v in (None, ...) else v),
        minutes=table(lambda v, i: STEP),
        expected=table(lambda v, i: 0 if v is ... else STEP),
        missing=table(lambda v, i: STEP if v is None else 0),
        estimated=table(lambda v, i: STEP if i in estimated else 0),
        doubtful=table(lambda v, i: 0),
        manual=table(lambda v, i: 0),
    )


class TestTotal:
    def test_a_missing_value_is_no_zero(self):
        total = series.total(cells([1, None, 3, ...]))

        assert (total.value, total.gap) == (4, timedelta(minutes=30))
        assert total.share == pytest.approx(200 / 3)

    def test_nothing_present_has_no_value(self):
        assert series.total(cells([None, None])).value is None

    def test_what_has_not_arrived_is_not_missing(self):
        assert series.total(cells([1, ..., ...])).share == 100

    def test_estimated_is_a_share_of_what_is_present(self):
        assert series.total(cells([1, 2, 3, None], estimated={0})).estimated_share == 100 / 3

    def test_parts_sum_to_the_whole(self):
        whole = cells([1, None, 3, 4, ...], [5, 6, None, 8, ...])
        edges = np.array([START, START + 3600, START + 9000])

        assert series.total(whole.by(edges)) == series.total(whole)


class TestCompare:
    def test_only_cells_that_both_have_are_compared(self):
        now, before = cells([10, 20, None, 40]), cells([5, None, 30, 40])

        found = series.compare(now, before, np.arange(4))

        assert (found.now, found.before) == (50, 45)
        assert not found.is_whole

    def test_whole_where_nothing_is_missing(self):
        found = series.compare(cells([10, 22]), cells([10, 10]), np.arange(2))

        assert (found.change, found.is_whole) == (60, True)

    def test_nothing_in_common_is_no_comparison(self):
        assert series.compare(cells([1, None]), cells([None, 1]), np.arange(2)) is None

    def test_from_nothing_there_is_no_change_in_percent(self):
        assert series.compare(cells([1]), cells([0]), np.arange(1)).change is None

    def test_cells_without_a_counterpart_are_left_out(self):
        found = series.compare(cells([1, 2]), cells([1, 2]), np.array([0, -1]))

        assert (found.now, found.before) == (1, 1)


class TestPairs:
    def test_the_same_half_hour_of_the_day_beside(self):
        week = 7 * 24 * 3600
        now, before = cells([1] * 96), cells([1] * 96, start=START - week)
        days = {date(2026, 11, 16): date(2026, 11, 9)}

        found = series.pairs(now, before, ZONE, days)

        assert found.tolist() == [*range(48), *[-1] * 48]

    def test_no_day_beside_is_no_pair(self):
        found = series.pairs(cells([1] * 48), cells([1] * 48), ZONE, {})

        assert set(found.tolist()) == {-1}


def test_states_are_those_of_the_charts():
    told = cells([1, 2, None, ...], estimated={1}).states()

    assert told.tolist() == [State.MEASURED, State.ESTIMATED, State.MISSING, State.NOT_YET]


def test_a_gap_is_a_stretch_of_one_point():
    found = series.gaps(cells([1, None, None, 4, None], [None, 1, 1, 1, 1]))

    assert [(gap.point, gap.start - START, gap.length) for gap in found] == [
        (2, 0, timedelta(minutes=30)),
        (1, 1800, timedelta(hours=1)),
        (1, 7200, timedelta(minutes=30)),
    ]


def test_points_that_send_nothing_are_left_out():
    assert cells([1, 2], [None, None]).heard().points == (1,)


def test_where_no_point_sends_anything_all_stay():
    assert cells([None], [None]).heard().points == (1, 2)


def test_months_are_clipped_to_the_period():
    edges = series.month_edges(date(2026, 10, 15), date(2026, 12, 1), "UTC")

    assert [str(np.datetime64(int(e), "s"))[:10] for e in edges] == [
        "2026-10-15",
        "2026-11-01",
        "2026-12-01",
    ]


class TestPictured:
    def test_a_sum_without_some_of_its_points_is_incomplete_and_not_small(self):
        sums = cells([10, 10, None], [500, None, None]).together()

        assert sums.pictured().tolist() == [State.MEASURED, State.PARTIAL, State.MISSING]

    def test_a_day_has_its_completeness_beside_it(self):
        half_days = cells([1] * 47 + [None])
        day = half_days.by(np.array([START, START + 86_400]))

        assert day.pictured().tolist() == [State.MEASURED]


def test_a_day_on_average_is_each_points_own():
    """A feeder that is silent today does not use what the small office does."""
    a_day = cells([100] * 48, [None] * 48)

    assert a_day.daily() == 4800
    assert cells([100] * 48, [200] * 24 + [None] * 24).daily() == 4800 + 9600
    assert cells([None]).daily() is None


def test_a_running_total_breaks_where_nothing_has_come():
    month = cells([1000] * 12 + [None] * 24 + [1000] * 12)
    points = picture.cumulative(month, A_PLUS, ZONE)

    assert points == [[0, 0], [0.25, 12.0], [0.5, None], [0.75, None], [0.75, 12.0], [1.0, 24.0]]
