"""What is left of a stretch of time, from plain values."""

from __future__ import annotations

from collections.abc import Iterable

from faza.core.periods import Period


def gaps(asked: Period, taken: Iterable[Period]) -> list[Period]:
    """The parts of a period that none of the others covers, oldest first."""
    free, start = [], asked.start
    for period in sorted(taken, key=lambda one: one.start):
        if start < period.start and start < asked.end:
            free.append(Period(start, min(period.start, asked.end)))
        start = max(start, period.end)
    if start < asked.end:
        free.append(Period(start, asked.end))
    return free
