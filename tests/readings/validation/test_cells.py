"""Runs, stretches and what findings do to intervals."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from faza.readings.validation import paint
from faza.readings.validation.cells import painted, runs
from faza.readings.validation.index import Index
from faza.readings.validation.shapes import Effect, Findings
from tests.readings.validation.make import DAY, HALF_HOUR, MISSING, T0, curve, days

MASKS = arrays(bool, st.tuples(st.integers(0, 4), st.integers(1, 9)))


@given(MASKS)
def test_runs_painted_are_the_mask_again(mask):
    rows, first, end = runs(mask)
    assert (painted(mask.shape, rows, first, end) == mask).all()
    assert (end > first).all()
    for row, column in zip(rows.tolist(), end.tolist(), strict=True):
        assert column == mask.shape[1] or not mask[row, column]


def findings(*rows, point=1, kind=1):
    """(start, end) in half-hours since START, and effect, of one channel."""
    n = len(rows)
    return Findings(
        np.full(n, point), np.full(n, kind, np.int16),
        np.array([T0 + row[0] * HALF_HOUR for row in rows], np.int64),
        np.array([T0 + row[1] * HALF_HOUR for row in rows], np.int64),
        ("V05",) * n, np.array([row[2] for row in rows], np.int8), ({},) * n,
    )  # fmt: skip


def test_paints_the_greatest_effect_on_values_of_the_channel_over_midnight():
    values = curve(2)
    values[47] = MISSING
    of = days({(1, 1): values, (1, 2): curve(2), (2, 1): curve(2)})
    effects = paint(of, findings((46, 50, Effect.DOUBT), (49, 51, Effect.REJECT), (0, 9, 0)))
    expected = np.zeros((6, 48), np.int8)
    expected[0, 46] = Effect.DOUBT
    expected[1, :3] = Effect.DOUBT, Effect.REJECT, Effect.REJECT
    assert (effects == expected).all()


def test_a_finding_of_no_channel_paints_nothing():
    of = days({(1, 1): curve()})
    assert not paint(of, findings((0, 48, 2), point=9)).any()
    assert not paint(of, findings((0, 48, 2), kind=3)).any()
    assert not paint(of, findings((-96, -48, 2))).any()


def test_findings_are_taken_and_joined():
    found = findings((0, 1, 0), (1, 2, 1), (2, 3, 2))
    some = found.take(np.array([True, False, True]))
    assert some.effects.tolist() == [0, 2]
    assert len(Findings.concatenate([])) == 0
    both = Findings.concatenate([some, found.take(np.array([1]))])
    assert both.effects.tolist() == [0, 2, 1]
    assert len(both.rules) == len(both.numbers) == 3


def test_rows_are_found_by_channel_and_moment():
    of = days({(1, 1): curve(3), (1, 2): curve(3), (7, 1): curve(3)})
    index = Index(of)
    channels = index.channels(np.array([1, 7, 7, 5]), [2, 1, 2, 1])
    assert channels.tolist() == [1, 2, -1, -1]
    starts, ends = T0 + np.array([[0, DAY - 1, 3 * DAY], [DAY, DAY + 1, 9 * DAY]])
    low, high = index.rows(np.array([1, 1, 2]), starts, ends)
    assert low.tolist() == [3, 3, 9]
    assert high.tolist() == [4, 5, 9]
    assert index.beside(np.array([0, 5, 8]), 2).tolist() == [3, 5, -1]


def test_a_stretch_of_no_length_touches_the_interval_that_it_lies_in():
    index = Index(days({(1, 1): curve(), (1, 2): curve()}))
    moment = np.array([T0 + HALF_HOUR])
    _, rows, first, end = index.touched_of_points(np.array([1]), moment, moment)
    assert (rows.tolist(), first.tolist(), end.tolist()) == ([0, 1], [1, 1], [2, 2])
