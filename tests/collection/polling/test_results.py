"""What sessions bring into the store, and what is marked afterwards."""

from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest

from faza.collection.models import Device, DeviceTask, Line, LostStretch, Session
from faza.collection.polling import marking, results
from faza.collection.polling.work import (
    ClockChange,
    ClockRead,
    Kind,
    Outcome,
    Problem,
    ProfileRead,
    Stretch,
    TaskResult,
)
from faza.core.periods import Period
from faza.core.quality import Quality
from faza.core.reading_types import BY_CHANNEL
from faza.core.windows import Window, Windows
from faza.protocols.metered import Identity, Instant, RegisterRows
from faza.readings.models import IntervalBlock, Moment, RegisterReading
from faza.readings.network import moments
from tests.collection.polling.factories import (
    AT,
    COLLECTOR,
    HALF_HOUR,
    SINCE,
    answered,
    claim,
    failed,
    install,
    make_device,
    make_plan,
    only,
    point_of,
    read_all,
    rows_between,
    rows_of,
    store,
    stored,
)

pytestmark = pytest.mark.django_db
LAST = AT.replace(minute=0)
"""The last interval that is over at AT ends here."""


def values_of(point, **kwargs):
    return [value for value, _ in stored(point, **kwargs).values()]


class TestReadings:
    def test_what_a_meter_tells_is_stored_and_nothing_is_due_until_the_next_hour(self):
        device = make_device()
        read_all()
        found = stored(point_of(device))
        assert (min(found), max(found)) == (SINCE, LAST - HALF_HOUR)
        assert set(found.values()) == {(100, Quality.VALID)}
        assert len(found) == (LAST - SINCE) / HALF_HOUR
        task = DeviceTask.objects.get(kind=Kind.PROFILE)
        assert (task.done_at, task.due_at) == (AT, AT.replace(hour=10, minute=0))
        line = Line.objects.get()
        assert (line.leased_by, line.leased_until, line.due_at) == ("", None, task.due_at)
        assert claim() == []

    def test_storing_the_same_again_changes_nothing(self):
        device = make_device()
        (line,) = claim()
        result = answered(line, line.devices[0])
        first = store(result)
        blocks = list(IntervalBlock.objects.values_list("usage_point", "day", "version"))
        again = store(result)
        assert (first.sessions, again.sessions) == (1, 0)
        assert Session.objects.count() == 1
        assert list(IntervalBlock.objects.values_list("usage_point", "day", "version")) == blocks
        assert Device.objects.get(pk=device.pk).last_success_at == AT

    def test_killed_between_readings_and_marks_it_is_read_again_and_stored_once(self):
        device = make_device()
        (line,) = claim()
        results.record([answered(line, line.devices[0])], at=AT)
        # The collector dies here; its lease ends, and another one finds the line due.
        assert Session.objects.count() == 0
        later = AT + timedelta(minutes=3)
        before = stored(point_of(device))
        assert claim(later, collector="collector-2") == []  # nothing is missing any more
        assert stored(point_of(device)) == before
        assert DeviceTask.objects.get().done_at == later

    def test_a_half_read_day_is_completed_to_the_same_values(self):
        scale = Fraction(27, 2)  # 27 W on average over half an hour are 13.5 Wh
        meter = lambda s: rows_between(s.start, s.end, scale=scale, of=lambda b, c: 1)  # noqa: E731
        whole = make_device("1001")
        parts = make_device("1002", port=1000)
        (line,) = claim()
        by_number = {one.number: one for one in line.devices}
        middle = AT.replace(hour=2, minute=0)
        (stretch,) = by_number["1002"].tasks[0].stretches
        early = Stretch(stretch.start, middle)
        reads = (ProfileRead(1, early, meter(early), AT, is_whole=False),)
        store(
            answered(line, by_number["1001"], meter=meter),
            answered(line, by_number["1002"], reads=reads, tasks=(), problem=Problem.DROPPED,
                     outcome=Outcome.PARTIAL),
        )  # fmt: skip
        later = AT + timedelta(minutes=6)
        work = only(claim(later))
        (rest,) = work.tasks[0].stretches
        assert rest.start == AT.replace(day=19, hour=21, minute=0)  # the beginning of the day
        store(answered(line, work, at=later, meter=meter), at=later)
        assert stored(point_of(parts)) == stored(point_of(whole))
        assert sum(values_of(point_of(whole))[:48]) == 48 * Fraction(27, 2)

    def test_ratio_of_12000_and_registers_of_10_wh_are_exact(self):
        device = make_device(ct=Fraction(1200, 5), vt=Fraction(5000, 100))
        read_all(meter=lambda s: rows_between(s.start, s.end, scale=Fraction(10)))
        assert set(values_of(point_of(device))) == {100 * 10 * 12_000}

    def test_a_ratio_with_a_remainder_carries_it_within_the_day_and_channel(self):
        device = make_device(ct=Fraction(1575, 1000))
        read_all(meter=lambda s: rows_between(s.start, s.end, of=lambda b, c: 1))
        day = values_of(point_of(device))[:48]
        assert sum(day) == round(48 * Fraction(1575, 1000))
        assert set(day) == {1, 2}
        assert day == values_of(point_of(device))[48:96]  # from 0 again on the next day

    def test_voltages_take_the_ratio_of_voltage_alone_and_are_rounded_each(self):
        device = make_device(ct=40, vt=Fraction(5, 2))
        columns = (BY_CHANNEL["UA"], BY_CHANNEL["IA"], BY_CHANNEL["F"])
        (line,) = claim()
        asked = Stretch(LAST - HALF_HOUR, LAST)
        rows = rows_of([LAST], [[577, 1000, 5001]], columns=columns)
        store(answered(line, line.devices[0], reads=(ProfileRead(2, asked, rows, AT),)))
        point = point_of(device)
        assert values_of(point, channel=columns[0].code) == [1443]  # 1442.5, halves up
        assert values_of(point, channel=columns[1].code) == [40_000]
        assert values_of(point, channel=columns[2].code) == [5001]

    def test_a_value_of_a_moment_stands_in_until_the_profile_brings_the_interval(self):
        plan = make_plan(items={Kind.INSTANT: 60, Kind.PARAMETERS: 60})
        device = make_device(plan=plan)
        voltage = BY_CHANNEL["UA"].code
        (line,) = claim()
        store(answered(line, line.devices[0], reads=(), instant=Instant(AT, {voltage: 2201})))
        assert stored(point_of(device), channel=voltage) == {LAST: (2201, Quality.RAW)}
        later = AT + timedelta(hours=1)
        work = only(claim(later))
        (task,) = [task for task in work.tasks if task.kind is Kind.PARAMETERS]
        assert task.stretches[0].end > LAST
        rows = rows_of([LAST + HALF_HOUR], [[2187]], columns=(BY_CHANNEL["UA"],))
        read = ProfileRead(2, Stretch(LAST, LAST + HALF_HOUR), rows, later)
        store(answered(line, work, at=later, reads=(read,)), at=later)
        assert stored(point_of(device), channel=voltage) == {LAST: (2187, Quality.VALID)}

    def test_a_moment_is_kept_whole_on_the_primary_side(self):
        """100/5 A and 10000/100 V: 57.7 V are 5,770 V, 1.2 A are 24 A; angles stay as they are."""
        device = make_device(ct=20, vt=100)
        codes = {name: BY_CHANNEL[name].code for name in ("UA", "IA", "PA", "IA-UA")}
        told = {codes["UA"]: 577, codes["IA"]: 1200, codes["PA"]: 60, codes["IA-UA"]: 115}
        (line,) = claim()
        answer = answered(line, line.devices[0], reads=(), instant=Instant(AT, told))
        store(answer)
        store(answer)
        point = point_of(device)
        always = Windows((Window(point, "Europe/Moscow", Period.open(None, None)),))
        (found,) = moments.around(always, AT)
        assert (found.at, found.meter) == (AT, device.meter_id)
        assert found.values == {
            codes["UA"]: 57_700, codes["IA"]: 24_000, codes["PA"]: 120_000, codes["IA-UA"]: 115
        }  # fmt: skip

    def test_a_moment_of_a_clock_that_runs_far_ahead_is_not_kept(self):
        make_device()
        (line,) = claim()
        ahead = Instant(AT + timedelta(hours=2), {BY_CHANNEL["UA"].code: 2300})
        store(answered(line, line.devices[0], reads=(), instant=ahead))
        assert not Moment.objects.exists()

    def test_registers_are_kept_as_the_meter_shows_them_and_only_where_it_stood(self):
        device = make_device()
        moments = [SINCE - timedelta(days=1), SINCE, SINCE + timedelta(days=1)]
        shown = np.zeros((4, 4, 9), np.int64)
        shown[:, 0, 0] = [1, 2, 3, 3]
        told = RegisterRows(
            "day",
            np.array([m.replace(tzinfo=None) for m in [*moments, moments[-1]]], "datetime64[s]"),
            shown,
            shown > 0,
            step=10,
        )
        (line,) = claim()
        store(answered(line, line.devices[0], registers=(told,)))
        found = RegisterReading.objects.order_by("at").values_list("usage_point", "at", "kind")
        kind = RegisterReading.Kind.DAY
        assert list(found) == [(point_of(device), moment, kind) for moment in moments[1:]]

    def test_a_meter_that_has_kept_no_registers_yet_is_as_well_read(self):
        device = make_device()
        told = RegisterRows(
            "day", np.array([], "datetime64[s]"), np.zeros((0, 4, 9), np.int64),
            np.zeros((0, 4, 9), bool), step=10,
        )  # fmt: skip
        (line,) = claim()
        store(answered(line, line.devices[0], registers=(told,)))
        assert stored(point_of(device))
        assert not RegisterReading.objects.exists()

    def test_nothing_of_another_meter_is_stored(self):
        device = make_device("1001234")
        (line,) = claim()
        result = answered(line, line.devices[0], identity=Identity(number="1009999"))
        store(result)
        assert stored(point_of(device)) == {}
        assert Device.objects.get().problem == Problem.OTHER_METER
        assert DeviceTask.objects.get().failures == 1
        assert Session.objects.get().outcome == Outcome.FAILED

    def test_a_number_with_zeros_before_it_is_the_same_meter(self):
        device = make_device("1001234")
        (line,) = claim()
        store(answered(line, line.devices[0], identity=Identity(number="0001001234")))
        assert stored(point_of(device))

    def test_a_replaced_meter_gives_its_own_time_only(self):
        change = SINCE + timedelta(days=1, hours=3, minutes=15)
        old = make_device("1001", to=change, ct=2)
        point = point_of(old)
        new = make_device("1002", port=1000, installed=False)
        from faza.metering.models import UsagePoint

        install(UsagePoint.objects.get(pk=point), new.meter, since=change, ct=3)
        (line,) = claim()
        (work,) = line.devices  # the old one stands nowhere now, and is not asked
        assert work.number == "1002"
        (stretch,) = work.tasks[0].stretches
        assert stretch.start >= change
        # Somebody read the old one by hand, and both answer with all that they have.
        from dataclasses import replace

        gone = replace(work, id=old.pk, meter=old.meter_id, number="1001", tasks=())
        everything = Stretch(SINCE, LAST)
        rows = rows_between(SINCE, LAST)
        store(
            answered(line, work, reads=(ProfileRead(1, everything, rows, AT),)),
            answered(line, gone, reads=(ProfileRead(1, everything, rows, AT),)),
        )
        found = stored(point)
        cut = change.replace(minute=0)
        assert cut not in found  # the interval of the change is of neither
        assert {v for b, (v, _) in found.items() if b < cut} == {200}
        assert {v for b, (v, _) in found.items() if b > cut} == {300}
        assert len(found) == (LAST - SINCE) / HALF_HOUR - 1

    def test_control_meters_deliver_registers_and_no_intervals(self):
        device = make_device(role="control")
        assert claim() == []
        assert DeviceTask.objects.get(device=device).done_at == AT


class TestReached:
    @pytest.mark.parametrize("problem", [Problem.DROPPED, Problem.INTERRUPTED])
    def test_a_task_that_broke_off_goes_on_where_it_was(self, problem):
        device = make_device(plan=make_plan(items={Kind.DAYS: 1440}), since=AT - timedelta(days=30))
        row = DeviceTask.objects.get(device=device, kind=Kind.DAYS)
        (line,) = claim()
        (task,) = [one for one in only([line]).tasks if one.kind == Kind.DAYS]
        reached = task.since + timedelta(days=4)
        told = TaskResult(task.id, problem, "", reached)
        store(failed(line, only([line]), problem, tasks=(told,)))
        row.refresh_from_db()
        assert row.done_at == reached
        later = max(row.due_at, AT + timedelta(hours=1))
        (again,) = [one for one in only(claim(later)).tasks if one.kind == Kind.DAYS]
        assert again.since == reached - timedelta(days=2)


class TestLost:
    def test_what_the_meter_does_not_have_is_asked_for_twice_and_then_no_more(self):
        device = make_device()
        hole = [SINCE + timedelta(hours=5), SINCE + timedelta(hours=5, minutes=30)]
        meter = lambda s: rows_between(s.start, s.end, skip=hole)  # noqa: E731
        assert read_all(meter=meter) == 1
        row = LostStretch.objects.get()
        assert (row.start, row.end, row.times) == (hole[0], hole[1] + HALF_HOUR, 1)
        later = AT + timedelta(hours=1)
        work = claim(later)
        stretches = only(work).tasks[0].stretches
        assert Stretch(hole[0], hole[1] + HALF_HOUR) in stretches
        store(answered(work[0], only(work), at=later, meter=meter), at=later)
        assert [row.times for row in LostStretch.objects.all()] == [2]
        last = AT + timedelta(hours=2)
        (stretch,) = only(claim(last)).tasks[0].stretches
        assert stretch.start > hole[1]
        assert hole[0] not in stored(point_of(device))

    def test_an_answer_that_broke_off_says_nothing_of_what_is_not_in_it(self):
        make_device()
        (line,) = claim()
        (stretch,) = line.devices[0].tasks[0].stretches
        part = rows_between(stretch.start, stretch.start + timedelta(hours=2))
        read = ProfileRead(1, stretch, part, AT, is_whole=False)
        store(answered(line, line.devices[0], reads=(read,), problem=Problem.DROPPED, tasks=()))
        assert not LostStretch.objects.exists()

    def test_a_slow_clock_has_not_lost_what_it_has_not_captured_yet(self):
        make_device()
        (line,) = claim()
        slow = ClockRead(AT - timedelta(minutes=50), AT)
        captured = LAST - timedelta(hours=1)
        meter = lambda s: rows_between(s.start, min(s.end, captured))  # noqa: E731
        store(answered(line, line.devices[0], meter=meter, clock=slow))
        assert not LostStretch.objects.exists()

    def test_of_a_clock_that_is_days_off_nothing_is_concluded(self):
        make_device()
        (line,) = claim()
        dead = ClockRead(AT - timedelta(days=3000), AT)
        store(answered(line, line.devices[0], meter=lambda s: rows_of([], []), clock=dead))
        assert not LostStretch.objects.exists()

    def test_a_channel_that_the_meter_lacks_does_not_count(self):
        make_device()
        only_import = lambda s: rows_between(s.start, s.end, columns=(BY_CHANNEL["A+"],))  # noqa: E731
        read_all(meter=only_import)
        assert not LostStretch.objects.exists()
        assert Device.objects.get().profiles["1"]["channels"] == [1]
        later = AT + timedelta(hours=1)
        (stretch,) = only(claim(later)).tasks[0].stretches
        assert stretch == Stretch(LAST, LAST + timedelta(hours=1))


class TestMarks:
    def test_a_failure_is_tried_again_later_each_time_and_then_at_the_regular_time(self):
        make_device(plan=make_plan(items={Kind.PROFILE: 1440}, retries=2, back_off=5))
        at, waits = AT, []
        for _ in range(3):
            (line,) = claim(at)
            store(failed(line, line.devices[0], at=at), at=at)
            due = Line.objects.get().due_at
            waits.append((due - at).total_seconds() / 60)
            at = due
        assert waits[:2] == [5, 10]
        assert at == AT.replace(hour=21, minute=0)  # midnight in Moscow
        device = Device.objects.get()
        assert (device.failures, device.problem) == (3, Problem.UNREACHABLE)

    def test_a_wrong_password_is_not_tried_again_before_the_regular_time(self):
        make_device(plan=make_plan(items={Kind.PROFILE: 1440}))
        (line,) = claim()
        store(failed(line, line.devices[0], Problem.DENIED))
        assert Line.objects.get().due_at == AT.replace(hour=21, minute=0)

    def test_the_session_is_kept_with_its_dialogue_and_what_was_read(self):
        make_device()
        read_all(bytes_sent=10, bytes_received=20, trips=3)
        row = Session.objects.get()
        assert (row.bytes_sent, row.bytes_received, row.trips) == (10, 20, 3)
        assert row.collector == COLLECTOR
        assert marking.dialogue_of(row) == ["-> reads the load profile", "<- 96 rows"]
        assert row.summary["read"] == {"profile 1": (LAST - SINCE) / HALF_HOUR}

    def test_the_lease_goes_on_while_more_is_to_come_of_the_line(self):
        make_device("1001", port=1000)
        make_device("1002", port=1000)
        (line,) = claim()
        store(answered(line, line.devices[0], is_last=False))
        assert Line.objects.get().leased_by == COLLECTOR
        store(answered(line, line.devices[1]))
        assert Line.objects.get().leased_by == ""

    def test_clock_offset_and_corrections_are_kept(self):
        make_device()
        (line,) = claim()
        off = ClockRead(AT + timedelta(seconds=40), AT)
        change = ClockChange(off, ClockRead(AT, AT), "shift")
        store(answered(line, line.devices[0], clock=off, clock_change=change))
        row = Device.objects.get()
        assert (row.clock_offset, row.corrections, row.corrected_at) == (0, 1, AT)

    def test_gaps_that_do_not_fit_a_session_are_due_at_once(self):
        plan = make_plan(most_days=1)
        device = make_device(plan=plan)
        sessions = [read_all() for _ in range(4)]
        assert sessions == [1, 1, 0, 0]  # the first one goes back to a midnight
        assert len(stored(point_of(device))) == (LAST - SINCE) / HALF_HOUR


class TestClockJumps:
    def test_pieces_of_an_interval_are_added_and_doubtful(self):
        device = make_device()
        (line,) = claim()
        begin = LAST - HALF_HOUR
        # The clock was set from 08:40 on; the meter closed a short row, and the rest at the end.
        ends = [begin, begin + timedelta(minutes=10), LAST, LAST]
        rows = rows_of(ends, [[100] * 4, [30] * 4, [70] * 4, [70] * 4])
        asked = Stretch(begin - HALF_HOUR, LAST)
        store(answered(line, line.devices[0], reads=(ProfileRead(1, asked, rows, AT),)))
        found = stored(point_of(device))
        assert found[begin] == (100, Quality.QUESTIONABLE)
        assert found[begin - HALF_HOUR] == (100, Quality.VALID)
        assert Session.objects.get().summary["odd"] == {"twice": 1, "pieces": 1, "off_grid": 1}

    def test_rows_of_the_future_are_not_stored(self):
        device = make_device()
        (line,) = claim()
        asked = Stretch(SINCE, LAST)
        rows = rows_between(SINCE, AT + timedelta(days=2))
        store(answered(line, line.devices[0], reads=(ProfileRead(1, asked, rows, AT),)))
        assert max(stored(point_of(device))) <= AT

    def test_while_the_clock_is_off_by_an_interval_values_are_doubtful_from_when_it_was_right(self):
        device = make_device()
        Device.objects.update(clock_offset=0, clock_measured_at=AT - timedelta(days=1))
        (line,) = claim()
        off = ClockRead(AT + timedelta(hours=1), AT)
        store(answered(line, line.devices[0], clock=off))
        found = stored(point_of(device))
        right = AT - timedelta(days=1)
        before = {q for begin, (_, q) in found.items() if begin + HALF_HOUR <= right}
        after = {q for begin, (_, q) in found.items() if begin + HALF_HOUR > right}
        assert (before, after) == ({Quality.VALID}, {Quality.QUESTIONABLE})

    def test_meters_that_lack_more_than_fits_a_session_come_to_an_end_while_time_stands_still(self):
        device = make_device(plan=make_plan(most_days=1))
        empty = lambda s: rows_of([], [])  # noqa: E731
        sessions = [read_all(meter=empty) for _ in range(12)]
        assert sum(sessions) <= 8
        assert sessions[-1] == 0
        assert stored(point_of(device)) == {}
