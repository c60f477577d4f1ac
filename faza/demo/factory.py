"""The factory's own system: it puts a message 80020 of each day into the watched folder.

Whatever whole day of the last two weeks the store has not is sent, but those that the scenario
keeps back; so a demo that was off for some days catches up.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from faza.core.bell import Stop
from faza.core.clock import Now
from faza.core.periods import start_of_day
from faza.core.quality import is_present
from faza.demo import exchange, plan
from faza.demo.deliveries import AREA, Feed
from faza.demo.loads import Truth
from faza.demo.plan import MOSCOW
from faza.demo.profiles import SLOTS
from faza.demo.scenario import BY_MESSAGE, Scenario
from faza.protocols import xml80020
from faza.readings.store import fetch_delivered

BACK = 14
"""Days."""
AFTER = timedelta(minutes=10)
"""So long after a day's end its message is there."""
LOOKS = 60.0
"""Seconds between two looks."""
log = logging.getLogger(__name__)


def feed_of(truth: Truth, scenario: Scenario, ids: Mapping[str, int]) -> Feed:
    """What the factory measures; ids: of usage points by code."""
    inputs = [n for n, point in enumerate(plan.POINTS) if point.name in BY_MESSAGE]
    places = {n: ids[plan.POINTS[n].code] for n in inputs}
    return Feed.of(truth, scenario, places, lambda point: point.name in BY_MESSAGE)


def due(feed: Feed, at: datetime) -> list[date]:
    """Days whose messages are not in the store, oldest first. One query."""
    scenario = feed.scenario
    today = (at - AFTER).astimezone(ZoneInfo(MOSCOW)).date()
    last = scenario.since + timedelta(days=feed.values.shape[1] // SLOTS)
    first, end = today - timedelta(days=BACK), min(today, last)
    # As delivered: a day that was only estimated has not been sent.
    stored = fetch_delivered(list(feed.ids.values()), [1], first, end)
    there = set(stored.days[is_present(stored.quality).any(axis=1)].tolist())
    kept_back = {scenario.sent_twice, scenario.awaited}
    days = (first + timedelta(days=n) for n in range((end - first).days))
    return [day for day in days if day not in there | kept_back and day >= scenario.since]


def send(feed: Feed, folder: Path, *, at: datetime, sent: set[date]) -> list[Path]:
    """Put the messages that are due into a folder, each once in a process; the files.

    A file appears whole.
    """
    files = []
    for day in due(feed, at):
        if day in sent:
            continue
        message = exchange.message(feed, day, created=max(at, start_of_day(day, MOSCOW)))
        file = folder / xml80020.file_name(message, area=AREA)
        part = folder / f".{file.name}.part"
        part.write_bytes(xml80020.write(message))
        os.replace(part, file)
        sent.add(day)
        files.append(file)
    return files


def sending(feed: Feed, folder: Path, now: Now, stop: Stop) -> Callable[[], None]:
    """What a thread does until `stop` is set."""

    def deed() -> None:
        sent: set[date] = set()
        try:
            while not stop.is_set():
                try:
                    close_old_connections()
                    send(feed, folder, at=now(), sent=sent)
                except (DatabaseError, InterfaceError, OSError) as problem:
                    log.error("the factory: %s", problem)
                stop.wait(LOOKS)
        finally:
            connections.close_all()

    return deed
