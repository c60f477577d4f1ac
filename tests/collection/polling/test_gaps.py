"""What is missing, and in which order it is asked for."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from faza.collection.models import Device, LostStretch
from faza.collection.polling import gaps, lost
from faza.collection.polling.work import Stretch
from tests.collection.polling.factories import (
    AT,
    HALF_HOUR,
    SINCE,
    claim,
    make_device,
    make_plan,
    only,
    point_of,
    read_all,
    rows_between,
)

LAST = AT.replace(minute=0)


def spans(*pairs) -> np.ndarray:
    return np.array(pairs, np.int64).reshape(-1, 2)


def test_runs_join_what_touches_and_bridge_what_is_near():
    found = gaps.runs(spans((0, 10), (10, 20), (25, 30), (90, 100)), 5)
    assert found.tolist() == [[0, 30], [90, 100]]
    assert gaps.runs(spans(), 5).tolist() == []


def test_a_span_is_covered_only_by_a_stretch_that_has_it_wholly():
    stretches = spans((0, 100), (200, 300))
    asked = spans((0, 50), (50, 150), (150, 160), (200, 300), (290, 310))
    assert lost.covers(stretches, asked).tolist() == [True, False, False, True, False]
    assert lost.covers(lost.NONE, asked).tolist() == [False] * 5


@pytest.mark.django_db
class TestMissing:
    def stretches(self, at=AT):
        works = claim(at)
        return only(works).tasks[0].stretches if works else ()

    def test_of_a_new_meter_everything_since_it_was_installed(self):
        make_device()
        assert self.stretches() == (Stretch(SINCE, LAST),)

    def test_not_further_back_than_is_asked_for(self):
        make_device(plan=make_plan(too_old=1))
        (stretch,) = self.stretches()
        assert stretch.start == LAST - timedelta(days=1) + HALF_HOUR
        assert not LostStretch.objects.exists()  # it was never asked for

    def test_the_youngest_first_and_holes_far_apart_on_their_own(self):
        make_device()
        early, late = SINCE + timedelta(hours=1), SINCE + timedelta(days=1)
        read_all(meter=lambda s: rows_between(s.start, s.end, skip={early, late}))
        later = AT + timedelta(hours=1)
        assert self.stretches(later) == (
            Stretch(LAST, LAST + timedelta(hours=1)),
            Stretch(late, late + HALF_HOUR),
            Stretch(early, early + HALF_HOUR),
        )

    def test_what_becomes_too_old_is_put_down_and_not_asked_for(self):
        device = make_device(plan=make_plan(too_old=3))
        hole = SINCE + timedelta(hours=20)
        read_all(meter=lambda s: rows_between(s.start, s.end, skip={hole}))
        later = AT + timedelta(hours=1)
        assert Stretch(hole, hole + HALF_HOUR) in self.stretches(later)
        much_later = AT + timedelta(days=4)
        assert min(s.start for s in self.stretches(much_later)) > hole
        rows = LostStretch.objects.filter(usage_point=point_of(device)).order_by("start")
        unread = (LAST, LAST + timedelta(days=1), "old")
        assert [(row.start, row.end, row.reason) for row in rows] == [
            (hole, hole + HALF_HOUR, "absent"), unread,
        ]  # fmt: skip
        assert len(lost.believed({point_of(device)})[point_of(device), 1]) == 2

    def test_what_is_whole_is_not_looked_at_again(self):
        device = make_device()
        read_all()
        at = AT + timedelta(days=2)
        read_all(at)
        read_all(at + timedelta(hours=1))
        device.refresh_from_db()
        whole_to = datetime.fromisoformat(device.profiles["1"]["whole_to"])
        assert whole_to >= at - timedelta(days=2)

    def test_forgetting_what_was_lost_asks_again(self):
        device = make_device()
        hole = SINCE + timedelta(hours=20)
        meter = lambda s: rows_between(s.start, s.end, skip={hole})  # noqa: E731
        read_all(meter=meter)
        read_all(AT + timedelta(hours=1), meter=meter)
        at = AT + timedelta(hours=2)
        assert Stretch(hole, hole + HALF_HOUR) not in self.stretches(at)
        lost.forget({(point_of(device), 1): (SINCE, AT)})
        Device.objects.update(profiles={})
        at += timedelta(hours=1)
        assert any(one.start <= hole < one.end for one in self.stretches(at))
