"""Partitions of months ahead of their first reading. SQLite has none, and needs none. ADR 3.

A delivery makes what it misses by itself (`store.postgres.prepare`); here it is done before, so
that the first second of a month is like any other.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
from django.db import connection, transaction

from faza.readings.store import postgres

AHEAD = 3
"""Whole months after the present one: a worker may be away for a quarter of a year."""


def make_ahead(*, at: datetime) -> int:
    """Partitions from the present month on, `AHEAD` more; how many were made.

    Doing it twice does it once; readings come and are read meanwhile. The months are those of
    UTC: where a month begins earlier, the one before has brought its partition.
    """
    if connection.vendor != "postgresql":
        return 0
    present = _month(at)
    wanted = np.arange(present, present + AHEAD + 1)
    with transaction.atomic(), connection.cursor() as cursor:
        return postgres.ensure_months(cursor, wanted)


def are_until(*, at: datetime) -> date | None:
    """The first day from the present month on that has no partition; None where there are none
    to make (SQLite). One query."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        there = set(postgres.find_months(cursor).tolist())
    month = _month(at)
    while month.item() in there:
        month += 1
    return date.fromisoformat(f"{month}-01")


def _month(at: datetime) -> np.datetime64:
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "M")
