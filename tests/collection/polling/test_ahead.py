"""A clock that was ahead is set right: what it planned is read now, not in its future."""

from datetime import time, timedelta

import pytest

from faza.collection.models import DeviceTask, Line
from faza.collection.polling import ahead, claims
from faza.collection.polling.work import Problem
from tests.collection.polling.factories import (
    AT,
    PROFILE_ONLY,
    answered,
    claim,
    failed,
    make_device,
    make_plan,
    only,
    store,
)

pytestmark = pytest.mark.django_db
AHEAD = AT + timedelta(days=400)
BACK = AT + timedelta(hours=2)


def read_at(at, of=answered) -> None:
    (work,) = claim(at)
    store(of(work, work.devices[0], at=at), at=at)


def test_what_a_clock_read_that_was_ahead_is_read_again_at_once():
    make_device(plan=make_plan(items=PROFILE_ONLY | {"events": 1440}))
    read_at(AHEAD)
    assert claim(BACK) == []

    assert ahead.bring_back(at=BACK, now=BACK) == 1
    assert set(DeviceTask.objects.values_list("due_at", "done_at")) == {(BACK, None)}
    assert {task.kind for task in only(claim(BACK)).tasks} == {"profile", "events"}


def test_what_it_could_not_read_as_well():
    make_device()
    read_at(AHEAD, lambda *of, at: failed(*of, Problem.OTHER_METER, at=at))
    assert claim(BACK) == []

    assert ahead.bring_back(at=BACK, now=BACK) == 1
    assert claim(BACK)


def test_what_a_right_clock_planned_stays():
    make_device(plan=make_plan(items={"profile": 60, "events": 1440, "months": 43200}))
    make_device("1002")
    for work in claim(AT):
        store(answered(work, work.devices[0]), at=AT)
    before = list(DeviceTask.objects.order_by("pk").values())
    lines = list(Line.objects.order_by("pk").values())

    assert ahead.bring_back(at=AT, now=AT) == 0
    assert list(DeviceTask.objects.order_by("pk").values()) == before
    assert list(Line.objects.order_by("pk").values()) == lines


def test_a_line_that_was_leased_ahead_is_free_after_a_lease():
    make_device()
    claim(AHEAD)
    assert claim(BACK, collector="another") == []

    ahead.bring_back(at=BACK, now=BACK)
    assert Line.objects.get().leased_until == BACK + claims.LEASE
    assert claim(BACK + claims.LEASE + timedelta(seconds=1), collector="another")


def test_plans_of_a_window_stay_until_it_opens():
    make_device(plan=make_plan(window_from=time(1), window_to=time(5)))
    assert claim(AT) == []  # not open: put off until tonight
    before = DeviceTask.objects.get().due_at

    assert ahead.bring_back(at=AT, now=AT) == 0
    assert DeviceTask.objects.get().due_at == before > AT
