"""Validation: all inline rules over delivered days, and all rules over days with their history."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from faza.bench.households import Homes
from faza.bench.measure import Measure, at_least
from faza.core.quality import Quality
from faza.readings.validation import defaults, history, inline
from faza.readings.validation.history_shapes import BACK, Doubts, History, Pairs, Readings
from faza.readings.validation.shapes import Days

POINTS, DAYS = 500, 20
JUDGED = 5
"""Days whose whole history is there, of those that are looked at with it."""
GAPS = 0.02
LIMIT = 20_000
"""Wh in a half-hour: three phases of 60 A."""
ROUNDS = 9


def days_of(points: int, count: int) -> Days:
    """Days of real homes, four channels each; one row in fifty has a gap."""
    batch = Homes(np.arange(points)).days(0, count).sorted()
    random = np.random.default_rng(3)
    rows = np.flatnonzero(random.random(len(batch)) < GAPS)
    values, quality = batch.values.copy(), batch.quality.copy()
    for column in range(4):
        places = rows, random.integers(0, 44, len(rows)) + column
        values[places], quality[places] = 0, Quality.MISSING
    midnights = batch.days.astype("datetime64[s]").astype(np.int64)
    exporting = np.unique(batch.usage_points[(batch.reading_types == 2) & (values.sum(axis=1) > 0)])
    return Days(
        batch=replace(batch, values=values, quality=quality),
        midnights=midnights,
        limits=np.full(len(batch), LIMIT),
        low=np.zeros(len(batch), np.int16),
        high=batch.lengths,
        exports=np.isin(batch.usage_points, exporting),
        clocks=np.array([[point, midnights[0] + 7, midnights[0] + 90] for point in range(5)]),
        now=int(midnights.max()) + 2 * 86_400,
    )


def measure() -> list[Measure]:
    few = days_of(POINTS, DAYS)
    many = days_of(POINTS // 10, BACK + JUDGED)
    number = (many.midnights - many.midnights.min()) // 86_400
    looked = History(
        many, number >= BACK, (number % 7 // 5).astype(np.int8),
        Pairs.none(), Readings.none(), Doubts.none(),
    )  # fmt: skip
    alone = [_worked(lambda: inline.look(few, defaults())) for _ in range(ROUNDS)]
    whole = [_worked(lambda: history.look(looked, defaults())) for _ in range(ROUNDS)]
    rate = few.batch.values.size / float(np.median(alone)) / 1e6
    judged = int(looked.looked.sum()) / float(np.median(whole))
    return [
        at_least("rules: all inline ones together, one core", rate, "M values/s", 50),
        Measure("rules: all, a day with six weeks before it", judged, "days of a channel/s"),
    ]


def _worked(deed: Callable[[], object]) -> float:
    """Seconds of one core that a deed takes: no waiting is in it, and others do not matter."""
    began = time.process_time()
    deed()
    return time.process_time() - began
