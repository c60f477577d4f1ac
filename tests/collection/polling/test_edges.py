"""Cases at the edges: running intervals, remainders, dead clocks, wild numbers, changed ratios."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from faza.collection.models import Device, DeviceTask
from faza.collection.polling import services
from faza.collection.polling.work import ClockRead, CommandResult, Order, Problem, ProfileRead
from tests.collection.polling.factories import (
    AT,
    HALF_HOUR,
    SINCE,
    answered,
    claim,
    install,
    make_device,
    make_meter,
    make_plan,
    make_point,
    only,
    point_of,
    read_all,
    rows_between,
    rows_of,
    store,
    stored,
    whole,
)

pytestmark = pytest.mark.django_db
LAST = AT.replace(minute=0)
"""The last interval that is over at AT ends here."""


def values_of(device: Device) -> list[int]:
    return [value for value, _ in stored(point_of(device)).values()]


def test_an_interval_that_still_runs_is_not_taken_as_told():
    """A clock that was set writes a short row: the rest of the interval is still to come."""
    device = make_device()
    (line,) = claim()
    ends = [LAST, LAST + timedelta(minutes=3)]
    rows = rows_of(ends, [[100] * 4, [10] * 4])
    asked = whole(LAST - HALF_HOUR, AT)
    store(answered(line, line.devices[0], reads=(ProfileRead(1, asked, rows, AT),)))
    assert LAST not in stored(point_of(device))

    later = AT + timedelta(hours=1)
    pieces = [LAST, LAST + timedelta(minutes=3), LAST + HALF_HOUR]

    def meter(stretch):
        told = rows_of(pieces, [[100] * 4, [10] * 4, [90] * 4])
        if stretch.end >= later - HALF_HOUR:
            return told
        return rows_between(stretch.start, stretch.end)

    read_all(later, meter=meter)
    assert stored(point_of(device))[LAST][0] == 100


def test_a_clock_that_was_set_back_has_not_ended_its_interval_again():
    """At 12:04 it was set back to 11:57: a row of 12:00 is there, and another one will come."""
    device = make_device()
    (line,) = claim()
    shown = ClockRead(LAST - timedelta(minutes=2), AT)
    asked = whole(LAST - 2 * HALF_HOUR, AT)
    rows = rows_of([LAST - HALF_HOUR, LAST], [[100] * 4, [100] * 4])
    store(answered(line, line.devices[0], reads=(ProfileRead(1, asked, rows, AT),), clock=shown))
    found = stored(point_of(device))
    assert LAST - HALF_HOUR not in found
    assert LAST - 2 * HALF_HOUR in found


def test_what_is_finer_than_the_quantum_adds_up_when_a_gap_is_filled():
    """Halves of a watt-hour: two intervals are one, whenever which of them came."""
    device = make_device(plan=make_plan(most_days=10))
    day = AT.replace(hour=21, minute=0) - timedelta(days=2)
    gap = day + 2 * HALF_HOUR

    def meter(stretch, skip=()):
        return rows_between(
            stretch.start, stretch.end, of=lambda *_: 1, scale=Fraction(1, 2), skip=skip
        )

    read_all(meter=lambda stretch: meter(stretch, skip=[gap]))
    read_all(AT + timedelta(hours=1), meter=meter)
    found = stored(point_of(device))
    of_day = [value for begin, (value, _) in found.items() if day <= begin < day + timedelta(1)]
    assert (len(of_day), sum(of_day)) == (48, 24)


def test_the_first_reading_begins_with_a_whole_day():
    """Nobody knows yet whether values are fine: a day that is cut in two adds up all the same."""
    make_device(plan=make_plan(most_days=1))
    (task,) = only(claim()).tasks
    assert task.stretches[-1].start.hour == 21  # midnight in Moscow


def test_a_dead_clock_is_not_read_again_and_again():
    """In 2000 by its clock: it has no rows, nothing is concluded, and others want the line."""
    make_device(plan=make_plan(most_days=1))
    (line,) = claim()
    dead = ClockRead(datetime(2000, 1, 1, tzinfo=AT.tzinfo), AT)
    assert line.devices[0].tasks[0].has_more
    store(answered(line, line.devices[0], meter=lambda s: rows_of([], []), clock=dead))
    assert DeviceTask.objects.get().due_at > AT


def test_a_wild_number_does_not_take_the_others_with_it():
    device = make_device()

    def meter(stretch):
        wild = lambda begin, _: 2**62 if begin == LAST - HALF_HOUR else 100  # noqa: E731
        return rows_between(stretch.start, stretch.end, of=wild)

    read_all(meter=meter)
    found = stored(point_of(device))
    assert LAST - HALF_HOUR not in found
    assert set(found.values()) == {(100, 0)}


def test_what_is_missing_from_before_a_change_of_the_ratio_is_asked_for():
    changed = AT.replace(minute=0) - timedelta(hours=5)
    meter, point = make_meter("1001"), make_point("P1")
    install(point, meter, to=changed, ct=10)
    install(point, meter, since=changed, ct=20)
    device = make_device("1002")
    Device.objects.filter(pk=device.pk).update(meter=meter)
    device.refresh_from_db()
    read_all()
    found = stored(point.pk)
    assert found[SINCE][0] == 1000
    assert found[changed][0] == 2000


# Commands


def test_a_command_that_was_begun_is_not_done_long_after_its_time():
    command = services.ask(make_device(), Order.CALENDAR, CALENDAR, at=AT)
    assert only(claim()).commands
    late = command.expires_at + timedelta(seconds=1)
    assert only(claim(late)).commands == ()
    command.refresh_from_db()
    assert (command.state, command.problem) == ("failed", Problem.INTERRUPTED)


def test_a_relay_is_not_switched_again_after_a_kill():
    """It may have been done, and a person at the meter may have done the reverse since."""
    command = services.ask(make_device(), Order.RELAY, {"to": "on"}, at=AT)
    assert only(claim()).commands
    assert only(claim(AT + timedelta(minutes=3))).commands == ()
    command.refresh_from_db()
    assert (command.state, command.problem) == ("failed", Problem.INTERRUPTED)


def test_a_session_is_told_until_when_a_command_is_wanted():
    command = services.ask(make_device(), Order.RELAY, {"to": "off"}, at=AT)
    (told,) = only(claim()).commands
    assert told.expires_at == command.expires_at


def test_a_command_whose_turn_came_too_late_is_called_off():
    command = services.ask(make_device(), Order.RELAY, {"to": "off"}, at=AT)
    (line,) = claim()
    told = CommandResult(line.devices[0].commands[0].id, Problem.INTERRUPTED, "It was too late.")
    store(answered(line, line.devices[0], commands=(told,)))
    command.refresh_from_db()
    assert command.state == "failed"


CALENDAR = {
    "calendar": {
        "name": "A", "seasons": [{"name": "1", "start": [1, 1], "week": [1] * 7}],
        "days": [{"number": 1, "switches": [[0, 1]]}], "special": [],
    }
}  # fmt: skip
