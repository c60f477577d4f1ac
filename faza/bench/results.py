"""A day of many meters: their lines are claimed, what they said is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from time import perf_counter

import numpy as np

from faza.bench import fleet
from faza.bench.households import Homes
from faza.bench.measure import Measure, name
from faza.bench.meters import AT
from faza.collection.polling import claims, results
from faza.collection.polling.work import (
    ClockRead,
    DeviceWork,
    Kind,
    LineWork,
    Outcome,
    ProfileRead,
    SessionResult,
    TaskResult,
)
from faza.core.reading_types import A_MINUS, A_PLUS, R_MINUS, R_PLUS
from faza.protocols.metered import Column, ProfileRows
from faza.readings.models import IntervalBlock

METERS, DAYS = 200, 8
SLOTS = 48
COLUMNS = tuple(Column(kind, Fraction(1)) for kind in (A_PLUS, A_MINUS, R_PLUS, R_MINUS))
COLLECTOR = "bench"


def measure() -> list[Measure]:
    """The medians of several days; the first one is of new points and warms up."""
    fleet.make([40_000 + n for n in range(METERS)], plan={Kind.PROFILE: 1440})
    homes = Homes(np.arange(METERS))
    claiming, storing = [], []
    for day in range(DAYS):
        at = AT + timedelta(days=day)
        began = perf_counter()
        lines = claims.claim(collector=COLLECTOR, at=at, limit=METERS)
        claiming.append(perf_counter() - began)
        said = answers(lines, homes, day, at)
        began = perf_counter()
        stored = results.store(said, collector=COLLECTOR, at=at)
        storing.append(perf_counter() - began)
        assert stored.sessions == METERS, stored
    assert IntervalBlock.objects.values("usage_point_id").distinct().count() == METERS
    claimed, kept = float(np.median(claiming[1:])), float(np.median(storing[1:]))
    what = f"a day of {METERS} meters"
    return [
        Measure(name(f"collector: {what} into the store, with all marks"), kept * 1e3, "ms"),
        Measure(name("the same: meters"), METERS / kept, "meters/s"),
        Measure(name(f"collector: {METERS} lines claimed, with their gaps"), claimed * 1e3, "ms"),
    ]


def answers(lines: list[LineWork], homes: Homes, day: int, at: datetime) -> list[SessionResult]:
    """What meters say that have all they are asked for."""
    values = homes.days(day).values.reshape(METERS, len(COLUMNS), SLOTS)
    return [
        _answer(line, device, values[n].T, at)
        for n, line in enumerate(lines)
        for device in line.devices
    ]


def _answer(
    line: LineWork, device: DeviceWork, values: np.typing.NDArray[np.int64], at: datetime
) -> SessionResult:
    reads = []
    for task in device.tasks:
        for stretch in task.stretches:
            rows = _rows(stretch.start, stretch.end, values)
            reads.append(ProfileRead(1, stretch, rows, at))
    return SessionResult(
        line.id, device, at, at, Outcome.DONE,
        dialogue=("→ reads the load profile", "← rows"),
        clock=ClockRead(at, at),
        profiles=tuple(reads),
        tasks=tuple(TaskResult(task.id) for task in device.tasks),
    )  # fmt: skip


def _rows(start: datetime, end: datetime, day: np.typing.NDArray[np.int64]) -> ProfileRows:
    """All intervals of a stretch; values of the day come again and again."""
    half_hour = np.timedelta64(1800, "s")
    first, last = (np.datetime64(int(moment.timestamp()), "s") for moment in (start, end))
    ends = np.arange(first, last, half_hour) + half_hour
    values = np.resize(day, (len(ends), day.shape[1]))
    return ProfileRows(
        COLUMNS, 30, ends, values, np.ones(values.shape, bool), np.zeros(len(ends), bool)
    )
