"""A fleet with all its faults, two collectors, each killed amid its work: the store is the truth.

The big one, 200 meters over 30 days, is `make soak`.
"""

import pytest

from tests.soak.__main__ import soaked
from tests.soak.run import Scale

pytestmark = pytest.mark.kill
SMALL = Scale(meters=10, days=3, faults=2.0, steps=2, every=3, lines=3, lease=4)


def test_all_that_meters_hold_is_stored_once_and_true_whoever_is_killed(installation, tmp_path):
    report = soaked(installation, SMALL, tmp_path)

    assert report["problems"] == {}
    figures = report["figures"]
    assert report["kills_amid"] >= 2
    assert figures["meters"] == SMALL.meters
    assert figures["intervals held at the end and stored"] > 0.8 * SMALL.meters * SMALL.days * 48
    for there in ("intervals lost and marked", "intervals doubtful", "events"):
        assert figures[there] > 0, there
