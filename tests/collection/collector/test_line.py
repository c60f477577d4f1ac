"""The meters of a line: one after the other, and whose turn is told as the last."""

import asyncio
import socket
from dataclasses import replace

from faza.collection.collector.line import talk
from faza.collection.collector.visit import Means
from faza.collection.polling.work import Kind, Problem
from tests.collection.collector.ends import AT, device, line, meter, served, task

METERS = [meter(f"10000{number}", driver="hdlc", address=16 + number) for number in range(3)]


def works():
    return [
        replace(device(one, tasks=(task(Kind.CLOCK),)), id=number)
        for number, one in enumerate(METERS)
    ]


def collected(port=None, *, is_ending=lambda: False, devices=None, pause=0.0):
    results = []

    async def put(result):
        results.append(result)

    async def run():
        async with served(METERS) as own:
            asked = replace(line(port or own, *(devices or works()), timeout=0.3), pause=pause)
            await talk(asked, Means(lambda: AT, is_ending=is_ending), put)

    asyncio.run(run())
    return results


def test_all_meters_of_a_line_are_visited_in_their_order():
    results = collected(pause=0.01)
    assert [result.device.id for result in results] == [0, 1, 2]
    assert [result.problem for result in results] == [Problem.NONE] * 3
    assert [result.is_last for result in results] == [False, False, True]


def test_where_there_is_no_connection_the_others_are_not_tried_but_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    results = collected(port)
    assert [result.problem for result in results] == [Problem.UNREACHABLE] * 3
    assert [result.device.id for result in results] == [0, 1, 2]
    assert [result.is_last for result in results] == [False, False, True]


def test_a_meter_that_does_not_answer_does_not_keep_the_others_from_it():
    devices = works()
    devices[0] = replace(devices[0], address={"logical": 1, "physical": 99})
    results = collected(devices=devices)
    assert [result.problem for result in results] == [Problem.TIMEOUT, Problem.NONE, Problem.NONE]


def test_a_line_that_is_to_end_lets_go_with_the_session_that_runs():
    asked = []

    def is_ending():
        asked.append(1)
        return len(asked) > 1

    results = collected(is_ending=is_ending)
    assert len(results) == 1
    assert results[0].is_last
