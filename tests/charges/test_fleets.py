"""Sums of many points remembered from page to page: they are what the database says now."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faza.charges import changed, fleets, sums
from faza.charges.fleets import AGE, BEHIND, MONTHS_OF, Fleet, stretches
from faza.charges.models import ChangedDay
from faza.core.windows import Window, Windows
from faza.readings import marks, queries
from tests.charges.world import (
    APRIL,
    AT,
    JANUARY,
    MARCH,
    MAY,
    hand_on,
    keep,
    make_home,
    make_tariff,
    measure,
    windows,
)

JUNE = date(2026, 6, 1)
DAY = timedelta(days=1)
DAYS = ((MARCH, MARCH + 6 * DAY), (APRIL, APRIL + 2 * DAY), (AT.date() - 6 * DAY, AT.date()))


@pytest.fixture
def homes(monkeypatch):
    """Three points, a kilowatt-hour each hour of some DAYS, kept; they are many."""
    monkeypatch.setattr(fleets, "MANY", 2)
    tariff = make_tariff()
    points = [make_home(f"P{n}", tariff=tariff)[0] for n in range(3)]
    for point in points:
        for first, end in DAYS:
            measure(point, first, end)
    keep()
    return points


def fleet(points, at=AT, **more):
    return Fleet.of(windows(*points, **more), at=at, now=at)


def days(points, at=AT, **more):
    return fleet(points, at, **more).day_totals(1, MARCH, JUNE, until=at)


def plainly(points, at=AT, **more):
    return queries.day_totals(windows(*points, **more), [1], MARCH, JUNE, until=at)


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in one.__slots__
        if name != "as_of"
    )  # fmt: skip


@pytest.mark.django_db
class TestDays:
    def test_are_those_of_the_database(self, homes):
        plain = plainly(homes)

        assert same(days(homes), plain)
        assert same(days(homes), plain)
        assert plain.total.sum() == 3 * 24_000 * 14

    def test_the_second_page_asks_for_nothing_but_what_changed(self, homes):
        days(homes)

        with CaptureQueriesContext(
            connection,
        ) as asked:
            days(homes)

        assert len(asked) == 2, asked.captured_queries  # kept until when, numbers of changes

    def test_a_day_that_changed_is_added_up_anew_and_no_other(self, homes, monkeypatch):
        days(homes)
        measure(homes[1], MARCH + 4 * DAY, MARCH + 5 * DAY, watts=7000, number=2)
        hand_on()
        keep(AT + timedelta(minutes=2))
        asked = []
        real = queries.day_totals
        monkeypatch.setattr(
            queries, "day_totals", lambda w, k, first, end, **m: asked.append((first, end))
            or real(w, k, first, end, **m),
        )  # fmt: skip

        later = AT + timedelta(minutes=3)
        found = days(homes, later)

        assert found.total[0, 4] == (2 + 7) * 24_000
        assert same(found, plainly(homes, later))
        assert asked[0] == (MARCH + 4 * DAY, MARCH + 5 * DAY)

    def test_the_last_days_are_minutes_old_at_most(self, homes):
        days(homes)
        yesterday = AT.date() - DAY
        measure(homes[0], yesterday, AT.date(), watts=5000, number=2)

        soon, later = days(homes, AT + AGE / 2), days(homes, AT + AGE)

        place = (yesterday - MARCH).days
        assert soon.total[0, place] == 3 * 24_000
        assert later.total[0, place] == (2 + 5) * 24_000

    def test_nothing_is_remembered_where_the_job_does_not_tell_what_changed(self, homes):
        late = AT + BEHIND + timedelta(minutes=1)
        days(homes)
        measure(homes[0], MARCH, MARCH + DAY, watts=5000, number=2)

        assert days(homes, late).total[0, 0] == (2 + 5) * 24_000

    def test_who_had_a_part_of_the_time_has_sums_of_the_own(self, homes):
        whole = days(homes)
        part = Windows(tuple(
            Window(w.usage_point, w.zone, w.period) for w in windows(
                *homes, since=JANUARY + timedelta(days=80)
            )
        ))  # fmt: skip

        mine = Fleet.of(part, at=AT, now=AT).day_totals(1, MARCH, JUNE, until=AT)

        assert whole.total[0, 0] == 3 * 24_000
        assert mine.total[0, 0] == 0
        assert same(mine, queries.day_totals(part, [1], MARCH, JUNE, until=AT))

    def test_who_read_until_yesterday_is_not_told_what_others_are(self, homes):
        mine, gone = fleet(homes), fleet(homes, to=AT - DAY)

        assert mine.lately("sum", lambda: 1) == 1
        assert gone.lately("sum", lambda: 2) == 2

    def test_a_window_that_goes_on_is_the_same_tomorrow(self, homes):
        ends = [fleet(homes, at).key for at in (AT, AT + DAY)]
        ended = fleet(homes, to=JANUARY + timedelta(days=60)).key

        assert ends[0] == ends[1] != ended

    def test_of_few_points_nothing_is_remembered(self, homes):
        assert fleet(homes[:2]).key == ""


@pytest.mark.django_db
class TestMonths:
    def test_are_those_of_the_database(self, homes):
        plain = sums.month_sums(windows(*homes), MARCH, JUNE)

        for _ in range(2):
            assert same(fleet(homes).month_sums(MARCH, JUNE), plain)
        assert plain.months.tolist() == [MARCH, APRIL, MAY]
        assert {*MONTHS_OF} == {*plain.__slots__} - {"months", "as_of"}

    def test_a_month_that_changed_is_added_up_anew(self, homes):
        before = fleet(homes).month_sums(MARCH, JUNE)
        measure(homes[1], MARCH, MARCH + DAY, watts=7000, number=2)
        hand_on()
        later = AT + timedelta(minutes=2)
        keep(later)

        after = fleet(homes, later).month_sums(MARCH, JUNE)

        assert after.volume[0] - before.volume[0] == 6 * 24_000
        assert same(after, sums.month_sums(windows(*homes), MARCH, JUNE))


@pytest.mark.django_db
class TestChanged:
    def note(self, *spans):
        first, last = (np.array(days, "datetime64[D]") for days in zip(*spans, strict=True))
        ids = np.arange(len(spans))
        changed.note(marks.Taken(ids, ids, first, last), at=AT)
        return dict(ChangedDay.objects.order_by("day").values_list("day", "number"))

    def test_every_marked_day_has_a_number_that_grows(self):
        first = self.note((MARCH, MARCH + DAY), (MARCH + 3 * DAY, MARCH + 3 * DAY))
        second = self.note((MARCH + DAY, MARCH + DAY))

        assert first == {MARCH: 1, MARCH + DAY: 1, MARCH + 3 * DAY: 1}
        assert second == first | {MARCH + DAY: 2}

    def test_days_long_ago_are_not_told(self):
        early = changed.earliest(AT)

        found = self.note((date(1, 1, 1), early), (date(2019, 1, 1), date(2019, 1, 2)))

        assert list(found) == [early]

    def test_days_to_come_are_told_as_far_as_tomorrow(self):
        found = self.note((AT.date(), date(9999, 1, 1)))

        assert list(found) == [AT.date(), AT.date() + DAY]


def test_stretches_are_few():
    axis = np.arange(np.datetime64(MARCH), np.datetime64(MARCH) + 20)

    def asked(*places):
        return [
            ((first - MARCH).days, (end - MARCH).days)
            for first, end in stretches(axis, np.isin(np.arange(20), places))
        ]

    assert asked() == []
    assert asked(3) == [(3, 4)]
    assert asked(3, 4, 9) == [(3, 5), (9, 10)]
    assert asked(0, 2, 10, 19) == [(0, 3), (10, 11), (19, 20)]
