"""The round of validation: gaps found, estimated and committed; a day that came late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from faza.bench import places
from faza.bench.households import START, Homes
from faza.bench.measure import Measure, at_most, name, timed
from faza.core.quality import Quality
from faza.readings import rules, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import IntervalBlock
from faza.readings.vee import running

POINTS, DAYS = 278, 90
"""Of four channels: 100,000 days of channels."""
GAPS = 0.02
TARGET = 15.0


def measure() -> list[Measure]:
    """All of this engine."""
    places.make(POINTS)
    source = services.get_source("meter", sender="bench")
    whole = Homes(np.arange(1, POINTS + 1)).days(0, DAYS)
    random = np.random.default_rng(1)
    gaps = random.random(whole.values.shape) < GAPS
    came = START + timedelta(days=DAYS, hours=1)
    told = replace(whole, quality=np.where(gaps, np.uint8(Quality.UNTOLD), whole.quality))
    services.record(told, source=source, sequence=rules.sequence(1), at=came)
    at = came + timedelta(days=3)
    done: list[running.Worked] = []
    seconds = timed(lambda: done.append(running.validate(at=at)))
    running.validate(at=at)
    found = [
        at_most(name(f"validation and estimation of {len(whole):,} channel-days, 2 % gaps"),
                seconds, "s", TARGET)
    ]  # fmt: skip
    return found + _late(whole, gaps, at)


def _late(whole: BlockBatch, gaps: np.ndarray, at: datetime) -> list[Measure]:
    """What was missing of one day of one channel comes late: what is written, and how long."""
    row = int(np.argmax(gaps.any(axis=1)))
    one = whole.take(np.array([row]))
    before = set(IntervalBlock.objects.values_list("pk", "version"))
    source = services.get_source("meter", sender="bench")
    services.record(one, source=source, sequence=rules.sequence(2), at=at)
    seconds = timed(lambda: running.validate(at=at + timedelta(minutes=1)))
    written = len(set(IntervalBlock.objects.values_list("pk", "version")) - before)
    return [
        Measure(name("a round after one late day"), seconds * 1e3, "ms"),
        Measure(name("days written by it"), written, "days"),
    ]
