"""Whose turn it is: leases of lines, several collectors, and killed ones."""

import re
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from faza.collection.models import Command, DeviceTask, FrameCounter, Line
from faza.collection.polling import claims, counters, services
from faza.collection.polling.work import CommandResult, Counter, Kind, Order, Problem
from tests.collection.polling.factories import (
    AT,
    COLLECTOR,
    answered,
    claim,
    failed,
    make_device,
    make_plan,
    only,
    store,
)

pytestmark = pytest.mark.django_db
LATER = AT + claims.LEASE + timedelta(seconds=1)


class TestLeases:
    def test_a_line_is_given_to_one_collector(self):
        make_device("1001")
        make_device("1002")
        (first,) = claim(limit=1)
        (second,) = claim(limit=5, collector="collector-2")
        assert first.id != second.id
        assert claim(collector="collector-3") == []

    def test_what_is_urgent_goes_first_then_what_waits_longest(self):
        slow = make_plan("slow", priority=9)
        quick = make_plan("quick", priority=1)
        make_device("1001", plan=slow)
        waits = make_device("1002", plan=quick)
        longest = make_device("1003", plan=quick)
        Line.objects.filter(pk=longest.line_id).update(due_at=AT - timedelta(hours=1))
        asked = make_device("1004", plan=slow)
        services.ask(asked, Order.SET_CLOCK, at=AT)
        works = claim(limit=3)
        assert [work.id for work in works] == [asked.line_id, longest.line_id, waits.line_id]

    def test_a_lease_that_is_over_is_taken_over(self):
        make_device()
        (work,) = claim()
        assert claim(LATER, collector="collector-2")
        assert claims.renew(collector=COLLECTOR, lines=[work.id], at=LATER) == set()

    def test_a_renewed_lease_is_not(self):
        make_device()
        (work,) = claim()
        almost = AT + timedelta(minutes=1)
        assert claims.renew(collector=COLLECTOR, lines=[work.id], at=almost) == {work.id}
        assert claim(LATER, collector="collector-2") == []

    def test_a_collector_that_goes_in_order_leaves_its_lines_due(self):
        make_device()
        (work,) = claim()
        claims.release(collector=COLLECTOR, lines=[work.id], at=AT)
        assert len(claim(collector="collector-2")) == 1

    def test_nobody_lets_go_what_is_another_ones(self):
        make_device()
        (work,) = claim()
        claims.release(collector="collector-2", lines=[work.id], at=AT)
        assert Line.objects.get().leased_by == COLLECTOR

    def test_what_comes_late_from_a_lost_lease_is_stored_and_frees_nobody_elses(self):
        make_device()
        (old,) = claim()
        (new,) = claim(LATER, collector="collector-2")
        store(answered(old, old.devices[0]), at=LATER)
        assert Line.objects.get().leased_by == "collector-2"
        assert old.devices[0].ticket != new.devices[0].ticket

    def test_only_lines_of_some_meters(self):
        make_device("1001")
        make_device("1002")
        assert only(claim(meters=["1002"])).number == "1002"


class TestWork:
    def test_a_closed_window_puts_off_to_its_opening(self):
        from datetime import time

        plan = make_plan(window_from=time(1), window_to=time(4))
        make_device(plan=plan)
        assert claim() == []
        opens = AT.replace(hour=22, minute=0)  # 01:00 of the next day in Moscow
        assert Line.objects.get().due_at == opens
        assert len(claim(opens)) == 1

    def test_a_command_does_not_wait_for_the_window(self):
        from datetime import time

        device = make_device(plan=make_plan(window_from=time(1), window_to=time(4)))
        services.ask(device, Order.RELAY, {"to": "off"}, at=AT)
        work = only(claim())
        assert work.tasks == ()
        assert [one.order for one in work.commands] == [Order.RELAY]

    def test_a_meter_that_stands_nowhere_is_not_asked(self):
        make_device(installed=False)
        assert claim() == []
        assert DeviceTask.objects.get().due_at > AT

    def test_read_now_brings_its_tasks_though_they_are_not_due(self):
        device = make_device(plan=make_plan(items={Kind.REGISTERS: 1440, Kind.CLOCK: 1440}))
        DeviceTask.objects.update(due_at=AT + timedelta(days=1))
        claims.schedule([device.line_id])
        assert claim() == []
        services.ask(device, Order.READ_NOW, {"kinds": ["registers", "instant"]}, at=AT)
        work = only(claim())
        assert [(task.kind, bool(task.id)) for task in work.tasks] == [
            (Kind.REGISTERS, True), (Kind.INSTANT, False),
        ]  # fmt: skip

    def test_the_number_of_queries_does_not_depend_on_the_number_of_meters(self):
        counts = []
        for size in (1, 2, 12):  # the first delivery makes the source and the month's partition
            for n in range(size):
                make_device(f"{size}{n:04}", port=2000 + size * 100 + n // 2)
            with CaptureQueriesContext(connection) as seen:
                works = claim()
            counts.append(len(seen))
            told = [answered(line, one) for line in works for one in line.devices]
            with CaptureQueriesContext(connection) as seen:
                store(*told)
            counts.append(len(seen))
        assert counts[2:4] == counts[4:6]


class TestCommands:
    def ask(self, order=Order.RELAY, arguments=None, **kwargs) -> Command:
        device = make_device()
        return services.ask(device, order, arguments or {"to": "off"}, at=AT, **kwargs)

    def test_what_the_meter_said_is_kept(self):
        command = self.ask()
        (line,) = claim()
        (work,) = line.devices
        told = CommandResult(work.commands[0].id, result={"is_on": False})
        store(answered(line, work, commands=(told,)))
        command.refresh_from_db()
        assert (command.state, command.result) == ("done", {"is_on": False})
        assert command.session is not None

    def test_where_nobody_answers_it_waits_and_is_tried_again(self):
        command = self.ask()
        (line,) = claim()
        store(failed(line, line.devices[0]))
        command.refresh_from_db()
        assert (command.state, command.attempts) == ("waiting", 0)
        assert command.not_before == AT + timedelta(minutes=5)
        assert only(claim(command.not_before)).commands

    def test_a_killed_collectors_command_is_begun_again_three_times(self):
        limit = {"what": "power", "threshold": 5000, "seconds": 60, "is_on": True}
        command = self.ask(Order.LIMITER, limit)
        moments = [AT + n * timedelta(minutes=3) for n in range(4)]
        begun = [only(claim(at)).commands for at in moments[:3]]
        assert all(begun)
        claim(moments[3])
        command.refresh_from_db()
        assert (command.state, command.problem) == ("failed", Problem.INTERRUPTED)

    def test_a_shift_of_the_clock_is_not_begun_twice(self):
        command = self.ask(Order.SHIFT_CLOCK, {"seconds": -20})
        assert only(claim()).commands
        assert only(claim(LATER)).commands == ()
        command.refresh_from_db()
        assert command.problem == Problem.INTERRUPTED

    def test_what_nobody_did_in_time_is_not_done(self):
        command = self.ask(expires_at=AT + timedelta(minutes=1))
        assert only(claim(LATER)).commands == ()
        command.refresh_from_db()
        assert command.state == "cancelled"

    def test_it_can_be_called_off_until_it_is_begun(self):
        command = self.ask()
        claim()
        with pytest.raises(services.TooLate):
            services.cancel(command, at=AT)


class TestCounters:
    def test_none_is_handed_out_twice_whatever_is_killed(self):
        device = make_device()
        seen: set[int] = set()
        for _ in range(3):
            got = counters.reserve(device.pk, "key", count=10)
            assert seen.isdisjoint(range(got.first, got.end))
            seen |= set(range(got.first, got.end))

    def test_what_the_meter_has_seen_is_passed_over(self):
        device = make_device()
        got = counters.reserve(device.pk, "key", at_least=5000, count=10)
        assert (got.first, got.is_known) == (5000, True)
        assert FrameCounter.objects.get().sent == 5010

    def test_what_was_not_sent_comes_back_unless_somebody_reserved_more(self):
        device = make_device()
        got = counters.reserve(device.pk, "key", count=10)
        used = Counter(got.first + 3, got.end, peer=77)
        counters.give_back({device.pk: {"key": used}})
        row = FrameCounter.objects.get()
        assert (row.sent, row.peer) == (3, 77)
        got = counters.reserve(device.pk, "key", count=10)
        counters.reserve(device.pk, "key", count=10)
        counters.give_back({device.pk: {"key": Counter(got.first + 1, got.end)}})
        assert FrameCounter.objects.get().sent == 23

    def test_its_end_is_told(self):
        device = make_device()
        with pytest.raises(counters.CounterExhausted):
            counters.reserve(device.pk, "key", at_least=2**32 - 5)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="one writer at a time cannot block itself"
)
def test_leases_are_renewed_beside_results_that_are_marked():
    """Both lock lines in one order: else one of them is broken off as a deadlock."""
    works = sorted(work.id for work in (make_device(str(n)) and claim()[0] for n in range(3)))
    Line.objects.filter(pk=works[0]).update(name="moved to the end of the table")
    problems: list[Exception] = []

    def renew() -> None:
        try:
            claims.renew(collector=COLLECTOR, lines=works, at=AT)
        except DatabaseError as problem:
            problems.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=renew)
    with transaction.atomic():
        Line.objects.select_for_update().get(pk=works[0])
        thread.start()
        time.sleep(0.5)
        Line.objects.select_for_update().get(pk=works[1])
    thread.join(20)
    assert problems == []
    assert set(Line.objects.values_list("leased_until", flat=True)) == {AT + claims.LEASE}


@pytest.mark.django_db
def test_results_lock_the_lines_that_go_on_and_those_that_end_together():
    devices = [make_device("1", port=1), make_device("2", port=2)]
    lines = {line.id: line for line in claim()}
    told = [
        replace(answered(lines[device.line_id], lines[device.line_id].devices[0]), is_last=is_last)
        for device, is_last in zip(devices, (True, False), strict=True)
    ]
    with CaptureQueriesContext(connection) as asked:
        store(*told)
    first = next(
        one["sql"] for one in asked
        if one["sql"].startswith("SELECT") and 'FROM "collection_line"' in one["sql"]
    )  # fmt: skip
    (asked_for,) = re.findall(r'"id" IN \(([\d, ]+)\)', first)
    assert {int(line) for line in asked_for.split(", ")} == set(lines)
    assert 'ORDER BY "collection_line"."id" ASC' in first
