"""Estimation by itself: 100,000 days of channels of which 2 % is missing, no database."""

from __future__ import annotations

from functools import partial

import numpy as np

from faza.bench.accuracy import homes
from faza.bench.measure import Measure, at_most, timed
from faza.readings.estimation import Bound, Brackets, Channels, State, day_classes, estimate

CHANNELS, DAYS, SLOTS = 1_000, 100, 48
SHARE = 0.02
START = np.datetime64("2026-03-02")
ROUNDS = 3


def channels(*, hours: float) -> Channels:
    """Real homes over and over; stretches of so many hours are missing, 2 % of all."""
    truth = homes()
    first = (np.arange(CHANNELS) * 7) % 250
    day = first[:, None] + np.arange(DAYS)
    home = (np.arange(CHANNELS) % len(truth.values))[:, None]
    values, known = truth.values[home, day], truth.known[home, day]
    length = int(hours * 2)
    begins = np.random.default_rng(3).random((CHANNELS, DAYS * SLOTS)) < SHARE / length
    missing = begins.copy()
    for after in range(1, length):
        missing[:, after:] |= begins[:, :-after]
    state = np.where(known, np.uint8(State.MEASURED), np.uint8(State.WAITING))
    state[missing.reshape(values.shape) & known] = State.UNKNOWN
    return Channels(values, state, day_classes(START + np.arange(DAYS)), START, 30)


def registers(given: Channels) -> Brackets:
    """A bracket a day, of what flowed."""
    channel, day = (one.reshape(-1) for one in np.indices((CHANNELS, DAYS)))
    energy = given.values.sum(axis=2).reshape(-1)
    same = np.ones_like(channel)
    return Brackets(
        channel, day * SLOTS, (day + 1) * SLOTS, energy, same, same * int(Bound.REGISTER)
    )


def measure() -> list[Measure]:
    found = []
    for name, hours in (("half-hours", 0.5), ("six hours", 6)):
        given = channels(hours=hours)
        for with_registers in (False, True):
            told = registers(given) if with_registers else None
            deed = partial(estimate, given, brackets=told)
            seconds = min(timed(deed) for _ in range(ROUNDS))
            bound = ", with registers of each day" if with_registers else ""
            found.append(
                at_most(
                    f"estimation of 100,000 channel-days, 2 % missing by {name}{bound}",
                    seconds, "s", 3,
                )
            )  # fmt: skip
    return found
