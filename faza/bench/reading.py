"""A month of a channel of one point, from SQL to NumPy, by one reader and by eight at once."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from faza.bench.households import START, Homes
from faza.bench.measure import Measure, at_most, name, spread
from faza.readings import services
from faza.readings.store import fetch

POINTS, DAYS = 2_000, 31
FIRST = START.date()
AT = datetime(2026, 6, 1, tzinfo=UTC)
TARGET = {"postgresql": 0.6, "sqlite": 0.2}


def measure() -> list[Measure]:
    """31 days of one channel of one point, from SQL to NumPy, by one reader and by eight."""
    source = services.get_source("meter", sender="bench")
    homes = Homes(np.arange(1, POINTS + 1), seed=3)
    for day in range(0, DAYS, 5):
        count = min(5, DAYS - day)
        services.record(homes.days(day, count), source=source, sequence=0, at=AT)
    alone = spread(read_times(400))
    many = at_once(8)
    together = spread(many)
    target = TARGET[connection.vendor]
    return [
        at_most(name("31 days of a channel, p50"), alone[0], "ms", target),
        Measure(name("31 days of a channel, p95"), alone[1], "ms"),
        Measure(name("the same by 8 readers at once, p50"), together[0], "ms",
                "≤ 3 × one reader", together[0] <= 3 * alone[0],
                f"one reader {alone[0]:.3f} ms", alone[0] / together[0]),
        Measure(name("the same by 8 readers at once, p95"), together[1], "ms"),
    ]  # fmt: skip


def at_once(n: int) -> list[float]:
    """Seconds of the reads of n processes that begin together."""
    readers = [
        subprocess.Popen(
            [sys.executable, "-m", "faza.bench.reader"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(n)
    ]  # fmt: skip
    for reader in readers:
        assert reader.stdout
        reader.stdout.readline()
    for reader in readers:
        assert reader.stdin
        reader.stdin.write("go\n")
        reader.stdin.flush()
    return [float(seconds) for reader in readers for seconds in reader.communicate()[0].split()]


def read_times(n: int, seed: int = 4) -> list[float]:
    """Seconds of n reads of random points; a first pass of fifty warms up."""
    points = np.random.default_rng(seed).integers(1, POINTS, n + 50)
    end = FIRST + timedelta(days=DAYS)
    taken = []
    for point in points.tolist():
        began = time.perf_counter()
        found = fetch([point], [1], FIRST, end)
        taken.append(time.perf_counter() - began)
        assert len(found) == DAYS
    return taken[50:]
