"""What the benchmark of estimation has estimated is what it says: 2 % of 100,000 days."""

import numpy as np
import pytest

from faza.bench.estimating import channels, registers
from faza.readings.estimation import State, estimate


@pytest.mark.parametrize("hours", [0.5, 6])
def test_two_percent_are_missing_and_all_of_it_is_estimated(hours):
    given = channels(hours=hours)
    unknown = given.state == State.UNKNOWN
    made = estimate(given, brackets=registers(given))

    assert given.state.shape[0] * given.state.shape[1] == 100_000
    assert 0.018 < unknown.mean() < 0.022
    assert (made.method > 0).sum() == unknown.sum()
    assert (np.abs(made.residuals)[made.complete] == 0).all()
