"""What `faza read` says: sentences for an engineer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from faza.collection.collector import telling
from faza.collection.collector.tasks import in_order, youngest
from faza.collection.polling.work import Kind, Stretch, TaskResult
from faza.core.periods import start_of_day
from faza.simulator.faults import Fault, Faults
from faza.simulator.faults import Kind as Bad
from tests.collection.collector.ends import AT, device, every_task, meter, talked, task

MOSCOW = "Europe/Moscow"


def named(journal: int, code: int) -> str:
    return f"event {code}"


def said(result) -> str:
    return "\n".join(telling.findings(result, MOSCOW, named))


def test_everything_that_was_read_is_told():
    one = meter(model="SIM-3")
    found = said(talked(one, device(one, tasks=every_task())))

    assert "Meter 100001, model SIM-3" in found
    assert "Its clock shows 2026-11-20 12:10:05 (UTC+03:00), which is right to the second." in found
    assert "Registers now, 2026-11-20 12:10:05, kWh and kvarh:" in found
    energy = one.registers(AT)[0, 0]
    assert f"{energy / 1000:.2f}" in found
    assert "all 144 are there" in found
    assert "2026-11-20 12:00" in found
    assert "Values of the moment" in found
    assert "Tariff calendar '2 zones':" in found
    assert "from 07:00 T1" in found


def test_what_is_missing_in_a_profile_is_counted():
    lost = Fault(Bad.MISSING, AT - timedelta(hours=10), AT - timedelta(hours=8))
    one = meter(faults=Faults((lost,)))
    day = Stretch(AT - timedelta(days=1), AT)
    found = talked(one, device(one, tasks=(task(Kind.PROFILE, stretch=day),)))
    assert "4 of 48 are not there" in said(found) or "3 of 48 are not there" in said(found)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(7, "7 s fast"), (-75, "1 min 15 s slow"), (7200, "2 h 0 min fast"), (-90000, "1 d 1 h slow")],
)
def test_a_clock_that_is_off_is_told_with_what_to_do(seconds, words):
    jump = Fault(Bad.CLOCK_JUMP, AT - timedelta(days=2), seconds=seconds)
    one = meter(faults=Faults((jump,)))
    found = said(talked(one, device(one, tasks=(task(Kind.CLOCK),))))
    assert f"and is {words}." in found
    assert ("set it" in found) == (abs(seconds) > 900)


def test_what_could_not_be_read_is_told():
    one = meter()
    result = talked(one, device(one, tasks=(task(Kind.CLOCK),)))
    bad = replace(result, tasks=(TaskResult(1, "refused", "No such thing."),))
    assert list(telling.troubles(bad)) == ["No such thing."]


# Tasks


def test_tasks_go_by_priority_and_then_what_is_cheap_first():
    asked = (task(Kind.PROFILE), task(Kind.REGISTERS), task(Kind.EVENTS, priority=1))
    assert [one.kind for one in in_order(asked)] == [Kind.EVENTS, Kind.REGISTERS, Kind.PROFILE]


def test_the_youngest_days_of_a_stretch_are_whole_local_days():
    whole = Stretch(AT - timedelta(days=30), AT)
    part, rest = youngest(whole, 2, MOSCOW)
    assert part == Stretch(start_of_day(AT.date() - timedelta(days=1), MOSCOW), AT)
    assert rest == Stretch(whole.start, part.start)

    parts, left = [], whole
    while left is not None:
        part, left = youngest(left, 7, MOSCOW)
        parts.append(part)
    assert parts[0].end == whole.end
    assert parts[-1].start == whole.start
    assert all(one.start == two.end for one, two in zip(parts, parts[1:], strict=False))


def test_a_stretch_within_a_day_is_not_cut():
    short = Stretch(AT - timedelta(hours=2), AT)
    assert youngest(short, 1, MOSCOW) == (short, None)
