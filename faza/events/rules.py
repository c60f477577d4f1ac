"""Which stretches of time events bound. Pure, from plain values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import numpy.typing as npt

Pair = tuple[int, int]
I64 = npt.NDArray[np.int64]
Stretch = tuple[int, int, Pair]
"""From and to in unix seconds, half-open, and what began it."""


def stretches(
    events: Iterable[tuple[int, Pair]],
    closers: Mapping[Pair, Collection[Pair]],
    until: int,
    longest: Mapping[Pair, int],
) -> list[Stretch]:
    """What begins with a key of `closers` and ends with one of its values, by start.

    events: (unix second, journal and code) of one device, in any order. What is not closed lasts
    until `until`, but no longer than `longest` says, in seconds. What begins anew while it is
    open began before; an end without a beginning bounds nothing. Of one second the beginning
    comes first; an event lasts a second at least.
    """
    begun: dict[Pair, int] = {}
    found: list[Stretch] = []
    for moment, pair in sorted(events, key=lambda one: (one[0], one[1] not in closers)):
        for start in [key for key in begun if pair in closers[key]]:
            found.append((begun.pop(start), moment + 1, start))
        if pair in closers and moment < until:
            begun.setdefault(pair, moment)
    found += [(start, max(until, start + 1), pair) for pair, start in begun.items()]
    return sorted(
        (start, min(end, start + longest[pair]) if pair in longest else end, pair)
        for start, end, pair in found
    )


def touched(starts: I64, ends: I64, periods: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Which of the intervals [start, end), in unix seconds, have time in one of some periods.

    Whatever the shape of the intervals.
    """
    told = np.zeros(np.broadcast(starts, ends).shape, bool)
    for start, end in periods:
        told |= (starts < end) & (ends > start)
    return told
