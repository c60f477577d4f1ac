"""Ingest, redelivery, size and fleet totals of one engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection

from faza.bench import peer, places
from faza.bench.households import START, Homes
from faza.bench.measure import Measure, at_least, at_most, name, timed
from faza.readings import rules, services
from faza.readings.store import totals
from faza.readings.vee import inline

POINTS, DAYS = 20_000, 5
JUDGED = 3
"""Days more that are delivered with the rules that look at a day alone."""
AT = datetime(2026, 6, 1, tzinfo=UTC)
FIRST = START.date()

INGEST_TARGET = {"postgresql": 20.0, "sqlite": 3.0}


def measure() -> list[Measure]:
    """All of this engine."""
    places.make(POINTS)
    homes = Homes(np.arange(1, POINTS + 1))
    source = services.get_source("meter", sender="bench")
    batches = [homes.days(day) for day in range(DAYS + JUDGED)]

    def deliver(day: int, look: services.Look | None = None) -> None:
        services.record(batches[day], source=source, sequence=rules.sequence(day), at=AT, look=look)

    rates, again = [], []
    for day in range(DAYS):
        rates.append(batches[day].values.size / timed(partial(deliver, day)) / 1e6)
    sized = size() / (POINTS * 4 * DAYS * 48)
    for day in range(DAYS):
        again.append(batches[day].values.size / timed(partial(deliver, day)) / 1e6)
    grown = size() / (POINTS * 4 * DAYS * 48)
    first, second = float(np.median(rates)), float(np.median(again))
    judged = [
        batches[day].values.size / timed(partial(deliver, day, inline.look)) / 1e6
        for day in range(DAYS, DAYS + JUDGED)
    ]
    found = (
        ingest(first, float(np.median(judged)))
        if connection.vendor == "postgresql"
        else [at_least(name("ingest"), first, "M values/s", INGEST_TARGET["sqlite"])]
    )
    found.append(
        Measure(name("redelivery"), second, "M values/s", "≥ first delivery", second >= first,
                f"first delivery {first:.2f} M/s", second / first)
    )  # fmt: skip
    found.append(
        Measure(name("growth by redelivery"), 100 * (grown / sized - 1), "%", "≤ 1",
                grown <= sized * 1.01)
    )  # fmt: skip
    found.append(
        at_most(name("bytes a value"), sized, "B", 4.2)
        if connection.vendor == "postgresql"
        else Measure(name("bytes a value"), sized, "B")
    )
    return found + fleet()


def size() -> int:
    """Bytes of the days with their indexes, on disk."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits"
                " WHERE inhparent = 'readings_block'::regclass"
            )
            return int(cursor.fetchone()[0])
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(settings.DATABASES["default"]["NAME"]).stat().st_size


def ingest(rate: float, judged: float) -> list[Measure]:
    """Through `record` against a row a value in the same server: one day of 5,000 points."""
    peer.make_table()
    some = Homes(np.arange(1, 5_001), seed=2)
    rates = []
    for day in range(3):
        batch = some.days(day)
        rates.append(batch.values.size / timed(partial(peer.record, batch)) / 1e6)
    plain = float(np.median(rates))
    ratio = rate / plain
    return [
        Measure(name("ingest"), rate, "M values/s", "≥ 20 × a row a value", ratio >= 20,
                f"a row a value {plain:.3f} M/s", ratio),
        Measure(name("ingest with the rules of the day"), judged, "M values/s",
                "≥ 12 × a row a value", judged / plain >= 12, f"without them {rate:.2f} M/s",
                judged / plain),
    ]  # fmt: skip


def fleet() -> list[Measure]:
    """Totals by day of all points and channels, from the counters."""
    points = range(1, POINTS + 1)
    seconds = [
        timed(lambda: totals(points, [1], FIRST, FIRST + timedelta(days=1))) for _ in range(3)
    ]
    grouped = [timed(_grouped) for _ in range(3)]
    return [
        Measure(name(f"day totals of {POINTS:,} points into NumPy"), min(seconds) * 1e3, "ms"),
        Measure(name(f"sum of {DAYS} days by channel in SQL"), min(grouped) * 1e3, "ms"),
    ]


def _grouped() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reading_type, day, sum(total), sum(n_missing) FROM readings_block"
            " GROUP BY reading_type, day"
        )
        cursor.fetchall()
