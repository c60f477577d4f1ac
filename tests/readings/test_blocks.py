from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.core.quality import Quality, is_present
from faza.readings.blocks import BlockBatch, WrongInterval

RUSSIA = ("Europe/Kaliningrad", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Kamchatka")


def cut(values, start, zone, interval=30, quality=None) -> BlockBatch:
    return BlockBatch.from_series(
        usage_points=[1], reading_types=[1], start=start, interval=interval,
        values=[values], quality=quality, zone=zone,
    )  # fmt: skip


@given(
    st.sampled_from((*RUSSIA, "Europe/Berlin", "America/St_Johns")),
    st.integers(2008, 2026),
    st.integers(0, 364),
    st.integers(1, 200),
)
def test_cutting_into_days_loses_and_moves_nothing(zone, year, day, count):
    start = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day, hours=7, minutes=30)
    values = np.arange(1, count + 1)
    batch = cut(values, start, zone)

    told = batch.quality != Quality.UNTOLD
    assert batch.values[told].tolist() == values.tolist()
    assert (batch.values[~told] == 0).all()
    batch.check()


@pytest.mark.parametrize(
    ("zone", "days", "parts"),
    [
        ("Europe/Kaliningrad", ["2026-03-01", "2026-03-02"], [2, 46]),
        ("Europe/Moscow", ["2026-03-02"], [48]),
        ("Asia/Yekaterinburg", ["2026-03-02", "2026-03-03"], [44, 4]),
        ("Asia/Kamchatka", ["2026-03-02", "2026-03-03"], [30, 18]),
    ],
)
def test_a_day_of_moscow_is_cut_anew_into_local_days(zone, days, parts):
    batch = cut(range(1, 49), datetime(2026, 3, 1, 21, tzinfo=UTC), zone)

    assert batch.days.astype(str).tolist() == days
    assert is_present(batch.quality).sum(axis=1).tolist() == parts


@pytest.mark.parametrize(("day", "length"), [((2010, 3, 28), 46), ((2010, 10, 31), 50)])
def test_days_on_which_clocks_change_have_their_true_length(day, length):
    start = datetime(*day, tzinfo=UTC) - timedelta(hours=12)
    batch = cut(range(150), start, "Europe/Moscow")

    assert batch.lengths[1] == length
    assert (batch.quality[1, length:] == Quality.UNTOLD).all()


def test_a_grid_that_does_not_meet_midnight_is_refused():
    with pytest.raises(WrongInterval, match="does not begin on a step"):
        cut([1] * 48, datetime(2026, 3, 1, 0, 10, tzinfo=UTC), "Europe/Moscow")
    with pytest.raises(WrongInterval, match="does not begin on a step"):
        cut([1] * 48, datetime(2026, 3, 1, tzinfo=UTC), "Asia/Kathmandu", interval=60)


def test_a_day_of_which_a_series_says_nothing_gets_no_block():
    quality = np.full((1, 96), Quality.UNTOLD)
    quality[0, 60:] = 0
    batch = cut(range(96), datetime(2026, 3, 1, tzinfo=UTC), "UTC", quality=quality)

    assert batch.days.astype(str).tolist() == ["2026-03-02"]


def test_batches_of_different_days_are_joined_with_padding():
    short = cut(range(46), datetime(2010, 3, 27, 21, tzinfo=UTC), "Europe/Moscow")
    long = cut(range(50), datetime(2010, 10, 30, 20, tzinfo=UTC), "Europe/Moscow")
    both = BlockBatch.concatenate([short, long])

    assert both.lengths.tolist() == [46, 50]
    assert both.values.shape == (2, 50)
    assert both.take(np.array([1])).values.tolist() == [list(range(50))]
    both.check()


def test_batches_of_nothing_are_joined_to_nothing():
    empty = BlockBatch.concatenate([])
    assert len(empty) == len(BlockBatch.concatenate([empty, empty])) == 0
    empty.check()
