"""Reading simulated meters over sockets: every way of asking gives what the meter holds."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from faza.collection.collector.visit import Means, visit
from faza.collection.drivers import NoSuchDriver, driver
from faza.collection.polling.work import Counter, Kind, Outcome, Problem, Stretch
from tests.collection.collector.ends import (
    AT,
    KEYS,
    LAST_DAYS,
    READER,
    device,
    every_task,
    line,
    meter,
    served,
    talked,
    task,
)


@pytest.mark.parametrize("over", ["wrapper", "hdlc"])
@pytest.mark.parametrize("keys", [False, True], ids=["lls", "hls5"])
@pytest.mark.parametrize("pdu", [100, 65535])
def test_everything_that_a_meter_has_is_read_in_every_way(over, keys, pdu):
    one = meter(driver=over, address=17, keys=keys, max_pdu=pdu)
    work = device(one, tasks=every_task(), access=KEYS if keys else READER)

    found = talked(one, work)
    assert (found.outcome, found.problem, found.words) == (Outcome.DONE, Problem.NONE, "")
    assert {done.id for done in found.tasks} == {one.id for one in work.tasks}
    assert found.identity is not None
    assert found.identity.number == "100001"
    assert found.clock is not None
    assert found.clock.offset == 0
    now = next(rows for rows in found.registers if rows.kind == "on_demand")
    assert np.array_equal(now.values[0], one.registers(AT))
    rows = [read.rows for read in found.profiles if read.which == 1]
    ends = np.sort(np.concatenate([part.ends for part in rows]))
    wanted = np.arange("2026-11-17T09:30:00", "2026-11-20T09:00:01", 1800, "datetime64[s]")
    assert np.array_equal(ends, wanted.astype(ends.dtype))
    assert found.events is not None
    assert found.calendar is not None
    assert found.calendar.name == "2 zones"
    assert found.bytes_sent > 0
    assert found.bytes_received > found.bytes_sent / 2
    assert found.trips > 10


def test_all_ways_give_the_same_values():
    results = []
    for over, keys, pdu in [("wrapper", False, 65535), ("hdlc", True, 100)]:
        one = meter(driver=over, address=17, keys=keys, max_pdu=pdu)
        work = device(one, tasks=(task(Kind.PROFILE),), access=KEYS if keys else READER)
        results.append(talked(one, work))
    first, second = ([read.rows for read in one.profiles] for one in results)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.values, other.values)
        assert np.array_equal(one.ends, other.ends)


def test_what_was_learned_of_a_meter_saves_questions_the_next_time():
    one = meter()
    work = device(one, tasks=every_task())
    first = talked(one, work)
    assert first.layouts is not None

    again = talked(one, replace(work, layouts=first.layouts))
    assert again.outcome is Outcome.DONE
    assert again.layouts is None, "nothing new was learned"
    assert again.trips < 0.8 * first.trips


def test_the_dialogue_says_in_words_what_was_asked_and_answered():
    found = talked(meter(), device(meter(), tasks=(task(Kind.CLOCK), task(Kind.PROFILE, 2))))

    said = [words[8:] for words in found.dialogue]
    assert said[0].startswith("· connects to 127.0.0.1")
    assert "→ Reading: clock" in said
    assert "← 2026-11-20 12:10:05" in said
    assert any(words.startswith("→ Reading: load profile 1, from") for words in said)
    assert "111111" not in " ".join(found.dialogue)


# Invocation counters


class Counters:
    """Hands out counters as the database does, and remembers which."""

    def __init__(self, first: int = 0) -> None:
        self.sent = first
        self.handed: list[tuple[int, int]] = []

    async def reserve(self, device: int, key: str, count: int, at_least: int) -> Counter:
        first = max(self.sent, at_least)
        self.sent = first + min(count, 30)
        self.handed.append((first, self.sent))
        return Counter(first, self.sent)


def sent_by(monkeypatch) -> list[int]:
    """The counters that are used from now on."""
    from faza.protocols.dlms import Security

    used: list[int] = []
    true = Security._next

    def noted(self: Security) -> int:
        used.append(true(self))
        return used[-1]

    monkeypatch.setattr(Security, "_next", noted)
    return used


def test_counters_are_put_down_before_they_are_sent_and_none_is_sent_twice(monkeypatch):
    one = meter(keys=True, max_pdu=100)
    counters, used = Counters(5), sent_by(monkeypatch)
    start = Counter(0, 5)
    work = device(one, tasks=every_task(), access=KEYS, counters={"keys": start})

    found = talked(one, work, means=Means(lambda: AT, reserve=counters.reserve))
    assert found.outcome is Outcome.DONE, found.words
    ours = [number for number in used if number < 1_000_000]  # the meter's begin far above
    assert len(ours) == len(set(ours)) > 100
    handed = [(0, 5), *counters.handed]
    assert all(any(first <= n < end for first, end in handed) for n in ours)
    assert found.counters["keys"].first == max(ours) + 1
    assert found.counters["keys"].end == counters.sent
    assert found.counters["keys"].peer is not None


def test_an_unknown_counter_is_asked_of_the_meter_without_any_secret():
    one = meter(keys=True)
    work = device(one, tasks=(task(Kind.CLOCK),), access=KEYS)
    first = talked(one, replace(work, counters={"keys": Counter(500, 1000)}))
    assert first.outcome is Outcome.DONE

    counters = Counters(0)
    unknown = replace(work, counters={"keys": Counter(0, 5, is_known=False)})
    found = talked(one, unknown, means=Means(lambda: AT, reserve=counters.reserve))
    assert found.outcome is Outcome.DONE, found.words
    said = " ".join(found.dialogue)
    assert "client 16" in said
    assert counters.handed[0][0] > 0 or "invocation counter 0" in said


def test_a_counter_that_is_too_low_is_raised_to_what_the_meter_wants():
    one = meter(keys=True)
    work = device(one, tasks=(task(Kind.CLOCK),), access=KEYS)
    counters = Counters(3)

    async def both():
        async with served([one]) as port:
            for start in (Counter(900, 1000), Counter(0, 50)):
                means = Means(lambda: AT, reserve=counters.reserve)
                asked = replace(work, counters={"keys": start})
                yield await visit(line(port, asked), asked, means)

    async def collect():
        return [found async for found in both()]

    first, second = asyncio.run(collect())
    assert (first.outcome, second.outcome) == (Outcome.DONE, Outcome.DONE), second.words
    assert 900 < counters.handed[0][0] < 1000


# Drivers


def test_a_driver_that_is_not_there_is_told():
    with pytest.raises(NoSuchDriver, match="dlms-wrapper"):
        driver("carrier-pigeon")

    found = talked(meter(), device(meter(), tasks=(task(Kind.CLOCK),), driver="carrier-pigeon"))
    assert (found.outcome, found.problem) == (Outcome.FAILED, Problem.UNABLE)


def test_an_address_that_is_none_is_told():
    found = talked(meter(), device(meter(), tasks=(task(Kind.CLOCK),), address={"server": "x"}))
    assert found.problem is Problem.UNABLE
    assert "Address" in found.words


@pytest.mark.parametrize("model", ["SIM-3U", "SIM-3S", "SIM-3E"])
def test_models_with_other_habits_are_read(model):
    one = meter(model=model)
    short = Stretch(AT - timedelta(days=1), AT)
    found = talked(one, device(one, tasks=every_task(short)))
    assert found.outcome is Outcome.DONE, [done for done in found.tasks if done.problem]
    ends = np.concatenate([read.rows.ends for read in found.profiles if read.which == 1])
    assert len(np.unique(ends)) == 48


def test_a_stretch_is_read_youngest_first():
    found = talked(meter(), device(meter(), tasks=(task(Kind.PROFILE),)))
    asked = [read.asked for read in found.profiles]
    assert asked[0].end == LAST_DAYS.end
    assert asked[-1].start == LAST_DAYS.start
    assert all(one.start == other.end for one, other in zip(asked, asked[1:], strict=False))
