"""What the desk and the cabinet ask: the queue, what stands beside a finding, and why."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faza.core.periods import Period
from faza.core.quality import Quality
from faza.core.windows import Window, Windows
from faza.metering.models import UsagePoint
from faza.readings.models import Finding
from faza.readings.vee import preview, queue, why
from faza.readings.vee.findings import Key
from tests.readings.vee.test_deeds import at_cell
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


def faulty(code: str = "P1") -> UsagePoint:
    """A month with a gap of three intervals, a negative value and a spike, days 12 to 14."""
    point = make_point(code)
    values = usual(30)
    values[13, 10] = -7
    values[14, 41] = values.max() * 15
    deliver(point.pk, values, missing=[(12, n) for n in (20, 21, 22)])
    return point


def windows(point: UsagePoint, first: date = FIRST, days: int = 30) -> Windows:
    period = Period.of_days(first, first + timedelta(days=days), ZONE)
    return Windows((Window(point.pk, ZONE, period),))


class TestQueue:
    def test_findings_of_the_points_asked_for_and_of_no_other(self):
        mine, other = faulty("A"), faulty("B")
        work()
        rows = queue.queue([mine.pk], order="start", limit=10)
        assert [(row.code, row.key.rule) for row in rows] == [
            ("A", "V01"), ("A", "V03"), ("A", "V05"),
        ]  # fmt: skip
        assert queue.number_of([mine.pk]) == 3
        assert queue.number_of(UsagePoint.objects.values("id")) == 6
        assert queue.find([mine.pk], rows[0].key) == rows[0]
        assert queue.find([other.pk], rows[0].key) is None

    def test_filters_orders_and_pages(self):
        point = faulty()
        work()
        assert [r.key.rule for r in queue.queue([point.pk], queue.Filter(rules=["V05"]), limit=9)]
        told = queue.Filter(since=at_cell(13, 0), until=at_cell(14, 0))
        assert [r.key.rule for r in queue.queue([point.pk], told, limit=9)] == ["V03"]
        by_rule = [r.key.rule for r in queue.queue([point.pk], order="-rule", limit=2)]
        assert by_rule == ["V05", "V03"]
        rest = [r.key.rule for r in queue.queue([point.pk], order="-rule", limit=2, offset=2)]
        assert rest == ["V01"]
        nothing = queue.Filter(states=[Finding.State.GONE])
        assert queue.queue([point.pk], nothing, limit=9) == []
        with pytest.raises(ValueError, match="secret"):
            queue.queue([point.pk], order="secret", limit=9)

    @pytest.mark.parametrize("order", queue.ORDERS)
    def test_every_order_is_one_query(self, order):
        point = faulty()
        work()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(queue.queue([point.pk], order=order, limit=9)) == 3
        assert len(asked) == 1

    def test_counts_by_rule_and_age(self):
        point = faulty()
        work()
        Finding.objects.filter(rule="V03").update(found_at=AT - timedelta(days=3))
        Finding.objects.filter(rule="V05").update(found_at=AT - timedelta(days=90))
        Finding.objects.filter(rule="V01").update(found_at=AT)
        found = queue.counts([point.pk], at=AT)
        assert (found.total, found.overdue) == (3, 2)
        assert found.by_rule == {"V01": 1, "V03": 1, "V05": 1}
        assert found.by_age == {"day": 1, "week": 1, "month": 0, "older": 1}
        assert queue.counts([], at=AT).total == 0

    @pytest.mark.parametrize("text", ["", "1-2-V05", "x-1-V05-3", "1-2-V05-99999999999", "0-1-V-1"])
    def test_what_is_no_key_is_refused(self, text):
        with pytest.raises(ValueError, match=r".*"):
            Key.of(text)

    def test_a_key_is_read_as_it_is_written(self):
        key = Key(12, 1, "V05", 1_763_300_000)
        assert Key.of(key.text) == key


class TestPreview:
    def test_beside_a_finding_stand_its_days_as_delivered_and_as_they_are(self):
        point = faulty()
        work()
        row = next(r for r in queue.queue([point.pk], limit=9) if r.key.rule == "V03")
        shown = preview.beside(point, row.found, at=AT)
        assert len(shown.delivered.values) == len(shown.effective.values) == 48
        assert shown.delivered.values[10] == -7
        assert shown.effective.values[10] == cells(point.pk)[0][13, 10]
        assert (shown.low <= shown.usual).all()
        assert (shown.usual <= shown.high).all()
        assert {one.key.rule for one in shown.others} == {"V03"}
        assert [one.method for one in shown.origins] == ["interpolation"]

    def test_each_method_tells_what_it_would_give_and_writes_nothing(self):
        point = faulty()
        meter = install(point)
        read(meter, daily(usual(30)))
        work()
        before = [array.copy() for array in cells(point.pk)]
        start, end = at_cell(12, 20), at_cell(12, 23)
        found = {one.method: one for one in preview.candidates(point, 1, start, end, at=AT)}
        assert {"auto", "interpolation", "like-days", "flat"} <= set(found)
        truth = int(usual(30)[12, 20:23].sum())
        for one in found.values():
            assert one.register_bound
            assert one.total == pytest.approx(truth, abs=11)
            assert one.starts.tolist() == [int(at_cell(12, n).timestamp()) for n in (20, 21, 22)]
        assert found["like-days"].source_days
        assert all((a == b).all() for a, b in zip(before, cells(point.pk), strict=True))


class TestWhy:
    def test_each_stretch_that_is_not_simply_measured_is_told(self):
        point = faulty()
        work()
        period = Period.of_days(FIRST, FIRST + timedelta(days=30), ZONE)
        found = why.why(windows(point), 1, period, at=AT)
        assert [(one.what, one.intervals, one.had) for one in found] == [
            ("estimated", 3, 0), ("estimated", 1, 1), ("doubtful", 1, 1),
        ]  # fmt: skip
        assert [[row.key.rule for row in one.findings] for one in found] == [
            ["V01"], ["V03"], ["V05"],
        ]  # fmt: skip
        assert found[0].method == "interpolation"
        assert (found[0].starts_at, found[0].ends_at) == (at_cell(12, 20), at_cell(12, 23))
        assert (found[0].registers, found[0].residual) == (False, None)

    def test_what_has_not_been_estimated_yet_is_missing(self):
        point = faulty()
        period = Period.of_days(FIRST, FIRST + timedelta(days=30), ZONE)
        found = why.why(windows(point), 1, period, at=AT)
        assert [(one.what, one.intervals) for one in found] == [
            ("missing", 3), ("rejected", 1), ("doubtful", 1),
        ]  # fmt: skip

    def test_nothing_is_told_of_what_lies_outside_the_windows(self):
        point = faulty()
        work()
        period = Period.of_days(FIRST, FIRST + timedelta(days=30), ZONE)
        found = why.why(windows(point, FIRST + timedelta(days=14), 2), 1, period, at=AT)
        assert [one.what for one in found] == ["doubtful"]
        assert why.why(Windows(()), 1, period, at=AT) == []

    def test_the_history_of_an_interval_from_missing_to_measured(self):
        point = faulty()
        work()
        deliver(point.pk, usual(30), number=2, at=AT)
        work(AT + timedelta(minutes=1))
        period = Period(at_cell(12, 20), at_cell(12, 21))
        found = why.history(windows(point), 1, period)
        assert [one.value is None for one in found] == [True, False, False]
        assert [one.quality for one in found] == [
            Quality.MISSING, Quality.INTERPOLATED, Quality.VALID,
        ]  # fmt: skip
        assert found[-1].value == usual(30)[12, 20]
        assert (found[0].known_to, found[-1].known_to) == (AT, None)
        assert why.history(windows(point, FIRST, 2), 1, period) == []
        with pytest.raises(ValueError, match="intervals"):
            why.history(windows(point), 1, Period.of_days(FIRST, FIRST + timedelta(9), ZONE))

    def test_questions_cost_the_same_for_a_month_as_for_a_day(self):
        point = faulty()
        work()
        counts = []
        for days in (1, 30):
            end = FIRST + timedelta(days=12 + days)
            period = Period.of_days(FIRST + timedelta(days=12), end, ZONE)
            with CaptureQueriesContext(connection) as asked:
                why.why(windows(point), 1, period, at=AT)
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 7
