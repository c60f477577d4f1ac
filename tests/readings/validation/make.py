"""Days, registers and history for the rules; a test names only what it is about."""

from datetime import UTC, datetime

import numpy as np

from faza.core.quality import Quality
from faza.readings.blocks import BlockBatch
from faza.readings.registers import SIZE
from faza.readings.validation.history_shapes import Doubts, History, Pairs, Readings
from faza.readings.validation.shapes import Days

START = datetime(2026, 2, 2, tzinfo=UTC)
"""A Monday."""
T0 = int(START.timestamp())
DAY, HALF_HOUR = 86_400, 1_800
MISSING = -1_000_000
"""Stands for "no value" in the arrays of tests."""


def curve(n=1, seed=1, *, base=200, high=900):
    """(n * 48,) half-hours of a home: low at night, high in the evening, never twice the same."""
    random = np.random.default_rng(seed)
    hours = np.arange(48) / 2
    shape = base + high * np.exp(-((hours - 19) ** 2) / 8)
    return (shape * random.uniform(0.8, 1.2, (n, 48))).astype(np.int64).ravel()


def batch(channels, *, zone="UTC", start=START, interval=30):
    """Days of channels: {(point, type): values}; MISSING is a value that is not there."""
    parts = []
    for (point, kind), values in channels.items():
        values = np.asarray(values, np.int64)
        absent = values == MISSING
        parts.append(
            BlockBatch.from_series(
                usage_points=[point],
                reading_types=[kind],
                start=start,
                interval=interval,
                values=np.where(absent, 0, values),
                quality=np.where(absent, Quality.MISSING, Quality.VALID),
                zone=zone,
            )
        )
    return BlockBatch.concatenate(parts).sorted()


def days(channels, *, limits=0, low=None, high=None, exports=False, clocks=(), now=None,
         arrived=None, **more):  # fmt: skip
    rows = batch(channels, **more)
    n = len(rows)
    midnights = rows.days.astype("datetime64[s]").astype(np.int64)
    return Days(
        rows,
        midnights,
        np.full(n, limits, np.int64),
        np.zeros(n, np.int16) if low is None else np.asarray(low, np.int16),
        rows.lengths if high is None else np.asarray(high, np.int16),
        np.full(n, exports),
        np.array(clocks, np.int64).reshape(-1, 3),
        T0 + 100 * DAY if now is None else now,
        arrived,
    )


def history(channels, *, looked=None, pairs=None, readings=None, doubts=None, **more):
    """looked: which civil days since START are judged; all unless told."""
    of = days(channels, **more)
    number = (of.midnights - T0) // DAY
    weekday = number % 7
    return History(
        of,
        np.ones(len(of), bool) if looked is None else np.isin(number, list(looked)),
        np.maximum(weekday - 4, 0).astype(np.int8),
        pairs or Pairs.none(),
        readings or Readings.none(),
        doubts or Doubts.none(),
    )


def pairs(*rows, kind=1, ratio=1.0, step=10):
    """Pairs of point 1: (start, end, difference as shown)."""
    starts, ends, shown = np.array(rows, np.int64).reshape(-1, 3).T
    n = len(starts)
    return Pairs(
        np.full(n, 1), np.full(n, kind, np.int16), starts, ends, shown,
        (shown * ratio).astype(np.int64), np.full(n, max(int(step * ratio), 1)),
        np.full(n, float(ratio)),
    )  # fmt: skip


def readings(*rows, step=10, digits=6):
    """Readings of meter 7 at point 1, one a day: {register: value} each."""
    n = len(rows)
    values, present = np.zeros((n, SIZE), np.int64), np.zeros((n, SIZE), bool)
    for row, shown in enumerate(rows):
        for register, value in shown.items():
            values[row, register], present[row, register] = value, True
    return Readings(
        np.full(n, 1), np.full(n, 7), T0 + DAY * np.arange(n), values, present,
        np.full(n, 1000 * 10**digits), np.full(n, step), np.ones(n, bool),
    )  # fmt: skip


def doubts(*rows):
    """Doubts of point 1: (start, end, kind)."""
    return Doubts(
        np.full(len(rows), 1),
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        tuple(row[2] for row in rows),
    )


def history_of_home(*, before, after):
    """A day of a home whose total register showed something before and after it."""
    return history({(1, 1): curve()}, readings=readings({0: before}, {0: after}))
