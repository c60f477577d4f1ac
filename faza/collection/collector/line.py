"""The meters of one line, one after the other: nobody else speaks on it while we hold its lease."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from faza.collection.collector.visit import Means, visit
from faza.collection.polling.work import LineWork, Problem, SessionResult

Put = Callable[[SessionResult], Awaitable[None]]


async def talk(line: LineWork, means: Means, put: Put) -> None:
    """Visit the meters of a line, until all are visited or `means` says to end.

    Where there is no connection at all the other meters behind it are not tried: each would take
    the time of a connection that does not come.
    """
    last = len(line.devices) - 1
    for number, device in enumerate(line.devices):
        if means.is_ending():
            return
        result = await visit(line, device, means)
        is_over = result.problem is Problem.INTERRUPTED or means.is_ending()
        if result.problem is Problem.UNREACHABLE and number < last:
            await put(result)
            for other in line.devices[number + 1 :]:
                await put(replace(result, device=other, is_last=other is line.devices[-1]))
            return
        await put(replace(result, is_last=is_over or number == last))
        if is_over or number == last:
            return
        await asyncio.sleep(line.pause)
