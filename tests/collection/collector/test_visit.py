"""One session: the right meter, commands that are verified, the clock, ending early."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from faza.collection import drivers
from faza.collection.collector.visit import Means, alike, visit
from faza.collection.drivers.troubles import NotDone
from faza.collection.polling import calendars
from faza.collection.polling.work import ClockPolicy, Kind, Order, Outcome, Problem
from faza.protocols.metered import Relay
from faza.simulator.faults import Fault, Faults
from faza.simulator.faults import Kind as Bad
from faza.simulator.spec import ONE_ZONE
from tests.collection.collector.ends import (
    AT,
    KEYS,
    READER,
    WRITER,
    device,
    line,
    meter,
    served,
    talked,
    task,
)

CLOCK = task(Kind.CLOCK)


def fast(seconds: int, **more):
    """A meter whose clock is so many seconds fast."""
    jump = Fault(Bad.CLOCK_JUMP, AT - timedelta(days=1), seconds=seconds)
    return meter(faults=Faults((jump,)), **more)


# Commands


def test_a_relay_is_switched_and_read_back():
    one = meter()
    found = talked(one, device(one, access=WRITER, commands=[(Order.RELAY, {"to": "off"})]))
    assert (found.outcome, found.problem) == (Outcome.DONE, Problem.NONE)
    assert found.commands[0].result == {"is_on": False, "control": "off", "mode": 2}
    assert found.relay == Relay(is_on=False, control="off", mode=2)
    assert one.relay(AT).is_on is False


def test_a_command_that_the_meter_refuses_is_told_and_the_rest_goes_on():
    one = meter()
    work = device(one, access=READER, commands=[(Order.RELAY, {"to": "off"})], tasks=(CLOCK,))
    found = talked(one, work)
    assert found.outcome is Outcome.PARTIAL
    assert found.commands[0].problem is Problem.REFUSED
    assert found.commands[0].words
    assert found.tasks[0].problem is Problem.NONE
    assert one.relay(AT).is_on


def test_arguments_that_are_none_of_an_order_do_nothing():
    one = meter()
    wrong = [(Order.RELAY, {"to": "explode"}), (Order.LIMITER, {}), (Order.CALENDAR, {})]
    found = talked(one, device(one, access=WRITER, commands=wrong))
    assert [done.problem for done in found.commands] == [Problem.UNABLE] * 3
    assert one.relay(AT).is_on


def test_a_calendar_is_written_activated_and_read_back():
    one = meter()
    told = {"calendar": calendars.to_json(ONE_ZONE), "activate_at": None}
    found = talked(one, device(one, access=WRITER, commands=[(Order.CALENDAR, told)]))
    assert found.outcome is Outcome.DONE, found.commands
    assert found.commands[0].result["calendar"]["name"] == "1 zone"
    assert one.calendar(AT).name == "1 zone"


def test_a_limit_is_set_and_read_back():
    one = meter()
    wanted = {"what": "power", "threshold": 9000, "seconds": 30, "is_on": True}
    found = talked(one, device(one, access=WRITER, commands=[(Order.LIMITER, wanted)]))
    assert found.commands[0].result == wanted


@pytest.mark.parametrize("order", [Order.SET_CLOCK, Order.SHIFT_CLOCK])
def test_a_clock_is_corrected_by_command_and_read_before_and_after(order):
    one = fast(42)
    found = talked(one, device(one, access=WRITER, commands=[(order, {"seconds": -42})]))
    assert found.outcome is Outcome.DONE, found.commands
    assert found.commands[0].result == {"before": 42.0, "after": 0.0}
    assert found.clock_change is not None
    assert found.clock_change.before.offset == 42
    assert one.shown(AT) == AT


def test_reading_is_done_as_reader_and_commands_as_whom_they_need():
    one = meter(keys=True)
    work = replace(
        device(one, tasks=(CLOCK,), commands=[(Order.RELAY, {"to": "off"})]),
        access=READER,
        control=KEYS,
    )
    found = talked(one, work)
    assert found.outcome is Outcome.DONE, (found.words, found.commands)
    said = [words for words in found.dialogue if "association as client" in words]
    assert [words.split("client ")[1] for words in said] == ["48 with keys", "32 with a password"]
    assert set(found.counters) == {"keys"}


def test_read_now_tells_what_became_of_its_reading():
    work = device(meter(), tasks=(task(Kind.REGISTERS, 0),), commands=[(Order.READ_NOW, {})])
    found = talked(meter(), work)
    assert found.tasks == ()
    assert found.commands[0].problem is Problem.NONE
    assert found.commands[0].result == {"read": 1, "asked": 1}


# A meter that says yes and does nothing


class Liar:
    """A driver's session whose clock never moves and whose relay is always on."""

    number_said = "100001"

    async def number(self):
        return self.number_said

    async def clock(self):
        return AT + timedelta(seconds=60)

    async def shift_clock(self, seconds):
        return None

    async def switch(self, to):
        raise NotDone("The relay is on, and not off.", Problem.NOT_TAKEN)

    async def close(self):
        return None

    def learned(self):
        return drivers.Learned()


@pytest.fixture
def liar(monkeypatch):
    async def open_session(link, opening):
        return Liar()

    monkeypatch.setattr(drivers, "driver", lambda name: open_session)
    monkeypatch.setattr("faza.collection.collector.visit.driver", lambda name: open_session)


@pytest.mark.usefixtures("liar")
def test_what_the_meter_does_not_take_is_told_as_not_taken():
    orders = [(Order.SHIFT_CLOCK, {"seconds": -60}), (Order.RELAY, {"to": "off"})]
    found = talked(meter(), device(meter(), access=WRITER, commands=orders))
    assert [done.problem for done in found.commands] == [Problem.NOT_TAKEN] * 2
    assert found.outcome is Outcome.FAILED
    assert found.clock_change is None


# The right meter


def test_of_another_meter_nothing_is_read_and_nothing_is_done_to_it():
    one = meter("999")
    work = device(meter(), access=WRITER, tasks=(CLOCK,), commands=[(Order.RELAY, {"to": "off"})])
    found = talked(one, work)
    assert (found.outcome, found.problem) == (Outcome.FAILED, Problem.OTHER_METER)
    assert "999" in found.words
    assert (found.clock, found.commands) == (None, ())
    assert one.relay(AT).is_on


@pytest.mark.parametrize(
    ("said", "known", "is_same"),
    [("0012", "12", True), (" 12", "12", True), ("ab1", "AB1", True), ("12", "13", False)],
)
def test_numbers_are_compared_without_leading_zeros_and_blanks(said, known, is_same):
    assert alike(said, known) is is_same


# The clock


def test_a_clock_is_corrected_after_reading_where_the_plan_says_so():
    one = fast(42)
    work = device(one, access=READER, tasks=(CLOCK, task(Kind.PROFILE, 2)), control=WRITER)
    found = talked(one, replace(work, clock=ClockPolicy()))
    assert found.clock is not None
    assert found.clock.offset == 42, "what the stamps that were read are worth"
    assert found.clock_change is not None
    assert (found.clock_change.before.offset, found.clock_change.after.offset) == (42, 0)
    assert one.shown(AT) == AT


def test_a_clock_that_is_far_off_is_left_to_a_person():
    one = fast(3600)
    found = talked(one, replace(device(one, tasks=(CLOCK,), access=WRITER), clock=ClockPolicy()))
    assert found.clock_change is None
    assert one.shown(AT) == AT + timedelta(hours=1)


def test_who_may_not_correct_a_clock_leaves_it_and_says_so():
    one = fast(42)
    found = talked(one, replace(device(one, tasks=(CLOCK,)), clock=ClockPolicy()))
    assert (found.outcome, found.clock_change) == (Outcome.DONE, None)
    assert any("the clock stays as it is" in words for words in found.dialogue)


# Ending early


def test_a_session_that_is_to_end_keeps_what_it_has_and_says_nothing_of_the_rest():
    asked = []

    def is_ending() -> bool:
        asked.append(1)
        return len(asked) > 2

    tasks = (CLOCK, task(Kind.REGISTERS, 2), task(Kind.PROFILE, 3), task(Kind.EVENTS, 4))
    found = talked(
        meter(), device(meter(), tasks=tasks), means=Means(lambda: AT, is_ending=is_ending)
    )
    assert found.problem is Problem.NONE
    assert 0 < len(found.tasks) < 4
    assert "takes leave" in found.dialogue[-1]


def test_a_session_that_is_broken_off_tells_that_a_command_may_have_been_done():
    async def session():
        one = meter()
        async with served([one], delay=0.3) as port:
            work = device(one, access=WRITER, commands=[(Order.RELAY, {"to": "off"})])
            running = asyncio.create_task(visit(line(port, work), work, Means(lambda: AT)))
            await asyncio.sleep(0.8)
            running.cancel()
            return await running

    found = asyncio.run(session())
    assert (found.outcome, found.problem) == (Outcome.FAILED, Problem.INTERRUPTED)
    assert [done.problem for done in found.commands] == [Problem.INTERRUPTED]


def test_nothing_is_said_on_a_line_that_is_not_ours_any_more():
    said = []

    def may_speak() -> bool:
        said.append(1)
        return len(said) < 4

    work = device(meter(), tasks=(CLOCK, task(Kind.PROFILE, 2)))
    found = talked(meter(), work, means=Means(lambda: AT, may_speak=may_speak))
    assert found.problem is Problem.INTERRUPTED
    assert len(said) == 4


# What comes too late, and what takes too long


def test_a_command_whose_turn_comes_after_its_time_is_not_done():
    """Many meters on a line: an hour may lie between claiming it and coming to it."""
    one = meter()
    work = device(one, access=WRITER, commands=[(Order.RELAY, {"to": "off"})])
    late = tuple(replace(command, expires_at=AT) for command in work.commands)
    found = talked(one, replace(work, commands=late))
    assert [done.problem for done in found.commands] == [Problem.TIMEOUT]
    assert one.relay(AT).is_on


@pytest.mark.usefixtures("liar")
def test_a_meter_that_is_silent_at_the_goodbye_was_read_all_the_same(monkeypatch):
    async def slow(self):
        await asyncio.sleep(5)

    monkeypatch.setattr(Liar, "close", slow)
    monkeypatch.setattr("faza.collection.collector.visit.GOODBYE", 0.01)
    found = talked(meter(), device(meter(), tasks=(CLOCK,)))
    assert (found.outcome, found.problem) == (Outcome.DONE, Problem.NONE)
