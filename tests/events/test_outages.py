"""«Power off» and «power on» make outages, whatever order and however many there are."""

from datetime import UTC, datetime

import numpy as np
import pytest

from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.events import outages
from tests.events.factories import happen, second

DAY = [datetime(2026, 11, n, tzinfo=UTC) for n in range(1, 31)]
ALL = Period(DAY[0], DAY[29])
OFF, GONE, ON = (2, 1), (2, 29), (2, 2)


def rows(*told) -> np.ndarray:
    return np.array(sorted((p, m, t, *pair) for p, m, t, pair in told), np.int64).reshape(-1, 5)


def pairs(found) -> list[tuple[int, ...]]:
    columns = (found.points, found.meters, found.starts, found.ends)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_off_and_on_of_one_meter_make_an_outage():
    found = outages.paired(rows((1, 1, 10, OFF), (1, 1, 25, ON)))

    assert pairs(found) == [(1, 1, 10, 25)]
    assert found.lengths.tolist() == [15]
    assert found.goes_on.tolist() == [False]


def test_nothing_makes_nothing():
    assert pairs(outages.paired(rows())) == []


def test_off_while_it_is_off_begins_nothing_and_on_alone_ends_nothing():
    told = rows((1, 1, 5, ON), (1, 1, 10, OFF), (1, 1, 12, GONE), (1, 1, 25, ON), (1, 1, 30, ON))

    assert pairs(outages.paired(told)) == [(1, 1, 10, 25)]


def test_another_meter_ends_nothing():
    told = rows((1, 1, 10, OFF), (1, 2, 20, ON), (2, 1, 10, OFF), (2, 1, 11, ON), (3, 1, 4, ON))

    assert pairs(outages.paired(told)) == [(1, 1, 10, -1), (2, 1, 10, 11)]


def test_the_last_row_may_begin_one():
    found = outages.paired(rows((1, 1, 10, OFF), (1, 1, 20, ON), (1, 1, 30, GONE)))

    assert pairs(found) == [(1, 1, 10, 20), (1, 1, 30, -1)]
    assert found.lengths.tolist() == [10, 0]
    assert found.goes_on.tolist() == [False, True]


def plainly(told: np.ndarray) -> list[tuple[int, ...]]:
    """The same rules, a row at a time."""
    open_: dict[tuple[int, int], int] = {}
    found = []
    for point, meter, moment, _journal, code in told.tolist():
        key = point, meter
        if code != ON[1]:
            open_.setdefault(key, moment)
        elif key in open_:
            found.append((*key, open_.pop(key), moment))
    return sorted([*found, *((*key, moment, -1) for key, moment in open_.items())])


@pytest.mark.parametrize("seed", range(20))
def test_as_a_plain_loop_says(seed):
    draw = np.random.default_rng(seed)
    told = rows(
        *(
            (int(draw.integers(3)), int(draw.integers(2)), n, (OFF, GONE, ON)[draw.integers(3)])
            for n in range(60)
        )
    )

    assert pairs(outages.paired(told)) == plainly(told)


@pytest.mark.django_db
class TestOfWindows:
    def seen(self, point: int = 1, period: Period = ALL) -> Windows:
        return Windows.merged([Window(point, "Europe/Moscow", period)])

    def test_an_outage_over_the_edge_of_the_period_is_whole(self):
        happen(("2026-11-09 23:00:00", *OFF), ("2026-11-10 01:00:00", *ON))
        found = outages.outages(self.seen(), Period(DAY[9], DAY[10]))

        assert found.lengths.tolist() == [7200]
        assert len(outages.outages(self.seen(), Period(DAY[10], DAY[11]))) == 0

    def test_what_lies_outside_the_window_is_not_told(self):
        happen(("2026-11-10 10:00:00", *OFF), ("2026-11-10 12:00:00", *ON))
        seen = self.seen(period=Period(DAY[0], datetime(2026, 11, 10, 11, tzinfo=UTC)))
        found = outages.outages(seen, ALL)

        assert pairs(found) == [(1, 1, second("2026-11-10 10:00:00"), -1)]
        assert len(outages.outages(self.seen(point=2), ALL)) == 0

    def test_an_open_outage_counts_in_the_period_in_which_it_began(self):
        happen(("2026-11-10 10:00:00", *OFF))

        assert outages.outages(self.seen(), Period(DAY[9], DAY[10])).goes_on.tolist() == [True]
        assert len(outages.outages(self.seen(), Period(DAY[12], DAY[13]))) == 0

    def test_other_journals_are_no_outages(self):
        happen(("2026-11-10 10:00:00", 0, 1), ("2026-11-10 10:00:00", 2, 3))

        assert len(outages.outages(self.seen(), ALL)) == 0
