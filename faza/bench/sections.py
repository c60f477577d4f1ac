"""Every section of the cabinet for a customer of 3 points and one of 3,000: time and queries.

The demo's house with its year of data is copied to the points (`customer`). Pages of thousands of
points remember what they added up: what is measured is not the first page of the day, which is
told beside.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import numpy as np
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from faza.accounts.models import User
from faza.bench import customer
from faza.bench.measure import Measure, name

SIZES = (3, 3_000)
TIMES = 15
GOAL = 80
"""Milliseconds that a page may take the server."""
PAGES = (
    "home", "home?points=all", "explorer", "explorer?points=all", "explorer?period=year", "events",
    "events?points=all", "registers", "registers?period=year", "resources?points=all", "history",
    "costs", "costs?points=all", "network", "meters", "passport", "passport?points=all",
    "complexes", "complexes?points=all", "agreements", "notices", "subscriptions", "news", "cases",
    "search?q=%D0%94%D0%BE%D0%BC", "help", "about", "profile", "bell",
)  # fmt: skip


def measure() -> list[Measure]:
    subprocess.run(
        [sys.executable, "-m", "faza", "demo", "--prepare"],
        env=os.environ, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    at = datetime.now(UTC)
    people = {size: customer.make(size, at=at) for size in SIZES}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [one for size in SIZES for one in measured(people[size], size)]


def measured(user: User, size: int) -> list[Measure]:
    """The pages of a subscriber: each one's median, and what the slowest of them are."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    cache.clear()
    label, found = f"{size:,} points", []
    first: list[float] = []
    for page in PAGES:
        section, _, query = page.partition("?")
        address = reverse(f"cabinet:{section}") + (f"?{query}" if query else "")
        first.append(_seconds(client, address))
        count = _queries(client, address)
        times = [_seconds(client, address) for _ in range(TIMES)]
        median = float(np.median(times)) * 1e3
        found.append(
            Measure(name(f"{page} of {label} ({count} queries), p50"), median, "ms",
                    f"≤ {GOAL}", median <= GOAL)
        )  # fmt: skip
    slowest = int(np.argmax(first))
    found.append(
        Measure(name(f"the slowest first page of {label}: {PAGES[slowest]}"),
                max(first) * 1e3, "ms")
    )  # fmt: skip
    return found


def _seconds(client: Client, address: str) -> float:
    # Whoever chose points keeps them for the next section: each page starts without.
    client.cookies.pop("faza_points", None)
    began = time.perf_counter()
    response = client.get(address)
    assert response.status_code in {200, 204}, (address, response.status_code)
    return time.perf_counter() - began


def _queries(client: Client, address: str) -> int:
    asked: list[str] = []

    def note(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        _seconds(client, address)
    return len(asked)
