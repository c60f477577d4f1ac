"""Meters that come and go, channels of other days, and people amid a round."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from faza.core.periods import start_of_day
from faza.core.quality import is_estimated, is_present
from faza.metering.models import MeteringComplex
from faza.readings import marks, services
from faza.readings.estimation import like
from faza.readings.installation import take_away
from faza.readings.models import Finding, Mark
from faza.readings.vee import deeds, judging, running
from faza.readings.vee.findings import Key
from tests.accounts.factories import make_user
from tests.readings.vee.test_laws import everything
from tests.readings.vee.world import (
    AT,
    FIRST,
    ZONE,
    cells,
    daily,
    deliver,
    install,
    make_point,
    read,
    usual,
    work,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def open_keys(*rules: str) -> list[Key]:
    rows = Finding.objects.filter(rule__in=rules, state=Finding.State.OPEN)
    return [
        Key(row.usage_point_id, row.reading_type, row.rule, int(row.start.timestamp()))
        for row in rows
    ]


def at_cell(day: int, cell: int) -> datetime:
    return start_of_day(FIRST + timedelta(days=day), ZONE) + timedelta(minutes=30 * cell)


def test_channels_that_lack_days_of_their_own_are_estimated_together():
    point = make_point()
    values = usual(30)
    deliver(point.pk, values, missing=[(20, n) for n in range(10, 30)])
    late = FIRST + timedelta(days=11)
    deliver(point.pk, values[11:], first=late, channel=2, missing=[(9, n) for n in range(10, 30)])
    done = work()
    assert done.failed == 0
    assert not Mark.objects.filter(purpose=Mark.Purpose.VALIDATE).exists()
    assert is_estimated(cells(point.pk)[1][20, 10:30]).all()
    assert is_estimated(cells(point.pk, channel=2)[1][9, 10:30]).all()


def test_like_days_of_calendars_of_several_widths():
    tables = [like._near(np.array(row), -1, 42) for row in ([0, 0, 0, 0], [0, -1, 1, 2])]
    assert tables[0].shape != tables[1].shape
    assert like._padded(tables).shape == (2, 4, 3)


def test_estimates_after_a_removal_that_was_told_late_go():
    point = make_point()
    meter = install(point)
    deliver(point.pk, usual(30), untold=range(25, 30))
    work()
    assert is_estimated(cells(point.pk)[1][25:29]).all()

    gone = at_cell(25, 0)
    take_away(
        installed=meter, removed_at=gone, closing={}, source=services.get_source("manual"), at=AT
    )
    work()
    values, quality = cells(point.pk)
    assert not is_present(quality[25:]).any()
    assert values[25:].sum() == 0


def test_nothing_is_estimated_between_two_meters_of_one_day():
    point = make_point()
    old = install(point, "1")
    MeteringComplex.objects.filter(pk=old.pk).update(valid_to=at_cell(20, 12))
    install(point, "2", since=at_cell(20, 24))
    deliver(point.pk, usual(30), missing=[(20, n) for n in range(10, 26)])
    work()
    quality = cells(point.pk)[1]
    assert not is_present(quality[20, 12:24]).any()
    assert is_estimated(quality[20, [10, 11, 24, 25]]).all()


@pytest.mark.parametrize(
    ("begin", "reset", "is_bound"), [(700_000_000, True, False), (999_990_000, False, True)]
)
def test_a_register_that_was_reset_invents_nothing_and_one_that_went_round_bounds(
    begin, reset, is_bound
):
    point = make_point(power=0)
    meter = install(point, digits=6, decimals=3, nominal_voltage=None, max_current=None)
    values = usual(30)
    deliver(point.pk, values, missing=[(20, n) for n in range(10, 20)])
    shown = daily(values, begin=begin)
    for day in range(21, 31):
        shown[FIRST + timedelta(days=day)] -= begin if reset else 0
    read(meter, {day: value % 10**9 for day, value in shown.items()})
    work()
    found = cells(point.pk)[0]
    assert found[20].sum() < 2 * values[20].sum()
    assert (found[20].sum() == values[20].sum()) == is_bound


def test_accepting_beside_a_persons_estimate_keeps_the_sum_of_the_register():
    point = make_point()
    meter = install(point, decimals=3)
    values = usual(30)
    values[20, 5] = 40_000
    deliver(point.pk, values, missing=[(20, n) for n in range(20, 30)])
    read(meter, daily(values))
    work()
    person = make_user()
    deeds.estimate_by(
        point, 1, at_cell(20, 5), at_cell(20, 6), "like-days", by=person, at=AT
    )  # fmt: skip
    deeds.accept(open_keys("V04", "V05"), by=person, at=AT)
    found = cells(point.pk)[0]
    assert found[20, 5] == 40_000
    assert found[20].sum() == values[20].sum()


def test_what_a_person_decides_amid_a_round_stands(monkeypatch):
    point = make_point()
    values = usual(30)
    values[20, 5] = 400_000
    deliver(point.pk, values)
    work()
    assert cells(point.pk)[0][20, 5] < 1_000
    person, keys, judge = make_user(), open_keys("V04", "V05"), judging.judge

    def amid(context, **kwargs):
        found = judge(context, **kwargs)
        if keys:
            chosen = keys[:]
            keys.clear()
            deeds.accept(chosen, by=person, at=AT)
        return found

    day = np.array([FIRST + timedelta(days=20)], "datetime64[D]")
    marks.mark_days(np.array([point.pk]), day, at=AT)
    monkeypatch.setattr(judging, "judge", amid)
    work()
    assert cells(point.pk)[0][20, 5] == 400_000


def test_the_same_values_told_by_a_person_are_settled_at_once():
    point = make_point()
    meter = install(point, decimals=3)
    values = usual(30)
    deliver(point.pk, values, missing=[(20, n) for n in range(10, 30)])
    read(meter, daily(values))
    work()
    person = make_user()
    for first in range(12, 24, 3):
        deeds.estimate_by(
            point, 1, at_cell(20, first), at_cell(20, first + 2), "auto", by=person, at=AT
        )  # fmt: skip
        before = everything()
        last = FIRST + timedelta(days=29)
        again = running.validate_points([point.pk], FIRST, last, at=AT)
        assert (again.intervals, again.days) == (0, 0)
        assert everything() == before
