"""Batches for the store, and what happens where it fails."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError

from faza.collection.collector import recorder as module
from faza.collection.collector.found import Found
from faza.collection.collector.recorder import Recorder
from faza.collection.collector.run import Collector
from faza.collection.polling.work import Outcome, Problem, SessionResult
from tests.collection.collector.ends import AT, device, line


def result(number: int) -> SessionResult:
    work = device(number=str(number))
    return Found(work, AT + timedelta(seconds=number)).result(line(1), None, at=AT, dialogue=())


def recorded(store, count: int) -> None:
    async def run():
        recorder = Recorder(store)
        running = asyncio.create_task(recorder.run())
        for number in range(count):
            await recorder.put(result(number))
        await asyncio.sleep(0.1)
        await recorder.end()
        await running

    asyncio.run(run())


def numbers(batch) -> list[int]:
    return [int(one.device.number) for one in batch]


def test_results_are_stored_in_batches_in_their_order(monkeypatch):
    monkeypatch.setattr(module, "MOST", 40)
    batches = []

    async def store(batch):
        batches.append(numbers(batch))
        await asyncio.sleep(0.01)

    recorded(store, 100)
    assert [len(batch) for batch in batches] == [40, 40, 20]
    assert sum(batches, []) == list(range(100))


def test_a_result_that_cannot_be_stored_does_not_take_the_others_with_it(monkeypatch, caplog):
    stored = []

    async def store(batch):
        if 7 in numbers(batch):
            raise IntegrityError("no such meter any more")
        stored.extend(numbers(batch))

    recorded(store, 10)
    assert stored == [number for number in range(10) if number != 7]
    assert "meter 7" in caplog.text


def test_a_database_that_is_away_is_waited_for(monkeypatch):
    monkeypatch.setattr(module, "TROUBLE", 0.01)
    monkeypatch.setattr(module, "SECONDS", 0.01)
    away, stored = [1, 1, 1], []

    async def store(batch):
        if away:
            away.pop()
            raise OperationalError("server closed the connection")
        stored.extend(numbers(batch))

    recorded(store, 3)
    assert stored == [0, 1, 2]


def test_at_the_end_a_database_that_is_away_is_not_waited_for(monkeypatch, caplog):
    monkeypatch.setattr(module, "TROUBLE", 0.05)

    async def store(batch):
        raise OperationalError("server closed the connection")

    with asyncio.Runner() as runner:
        runner.run(asyncio.wait_for(_ended(store), 5))
    assert "3 results are not stored" in caplog.text


async def _ended(store) -> None:
    recorder = Recorder(store)
    running = asyncio.create_task(recorder.run())
    for number in range(3):
        await recorder.put(result(number))
    await recorder.end()
    await running


@pytest.mark.parametrize("count", [0, 1])
def test_an_end_without_results_is_an_end(count):
    stored = []

    async def store(batch):
        stored.extend(batch)

    recorded(store, count)
    assert len(stored) == count


def test_a_line_whose_answers_cannot_be_stored_is_put_off_and_let_go(monkeypatch, caplog):
    """Else its lease would be renewed as long as the collector lives, and nobody would read it."""
    stored = []

    def store(batch, *, collector, at):
        if any(one.problem is not Problem.INTERNAL for one in batch):
            raise OverflowError("beyond all meters")
        stored.extend(batch)

    monkeypatch.setattr("faza.collection.polling.results.store", store)
    bad = replace(result(7), is_last=True)

    async def run():
        collector = Collector(lambda: AT)
        collector._held.add(bad.line)
        running = asyncio.create_task(collector._recorder.run())
        await collector._recorder.put(bad)
        await collector._recorder.end()
        await running
        return collector

    collector = asyncio.run(run())
    (one,) = stored
    assert (one.problem, one.outcome, one.tasks) == (Problem.INTERNAL, Outcome.FAILED, ())
    assert collector._held == set()
    assert "beyond all meters" in caplog.text
