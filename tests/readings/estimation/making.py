"""Channels and brackets for tests, in few words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from faza.readings.estimation import Bound, Brackets, Channels, Estimates, State, day_classes

MONDAY = np.datetime64("2026-03-02")
GAP = -1


def channels(values, *, state=None, classes=None, interval=60, limits=None) -> Channels:
    """Channels of (c, d, k) values, GAP where they are unknown; all the rest is measured."""
    values = np.asarray(values, np.int64)
    if state is None:
        state = np.where(values == GAP, State.UNKNOWN, State.MEASURED)
    if classes is None:
        classes = day_classes(MONDAY + np.arange(values.shape[1]))
    return Channels(
        values, np.asarray(state, np.uint8), np.asarray(classes), MONDAY, interval,
        None if limits is None else np.asarray(limits, np.int64),
    )  # fmt: skip


def brackets(*rows: Sequence[int], resolution: int = 1, bound: Bound = Bound.REGISTER) -> Brackets:
    """Brackets of rows (channel, first, end, energy)."""
    channel, first, end, energy = np.array(rows, np.int64).reshape(-1, 4).T
    same = np.ones_like(channel)
    return Brackets(channel, first, end, energy, same * resolution, same * int(bound))


def filled(given: Channels, made: Estimates) -> np.ndarray:
    """(c, d, k) values with the estimates in their places, GAP where there still is nothing."""
    stands = given.state <= State.KEPT
    values = np.where(stands, given.values, GAP)
    told = made.method > 0
    values[made.channels, made.days] = np.where(told, made.values, values[made.channels, made.days])
    return values


def weeks(day: Sequence[int], count: int = 8) -> np.ndarray:
    """(1, 7 * count, k) the same day over and over."""
    return np.tile(np.asarray(day, np.int64), (1, 7 * count, 1))
