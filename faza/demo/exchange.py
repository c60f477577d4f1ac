"""The factory's messages 80020: files that were imported, and one that still waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from faza.collection import services as collection
from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import BY_CODE
from faza.demo import people
from faza.demo.deliveries import AREA, WORKS_INN, Feed, number_of
from faza.demo.plan import MOSCOW, POINTS
from faza.demo.profiles import SLOTS
from faza.demo.scenario import BY_MESSAGE
from faza.protocols import xml80020

AREA_NAME = 'РП-10 кВ завода "Тигель"'
SENT_AT = timedelta(hours=9, minutes=12)
CORRECTED_AFTER = timedelta(hours=31)
IMPORTED_AFTER = timedelta(minutes=6)


def exchange(feed: Feed, folder: Path, *, at: datetime) -> list[Path]:
    """Write three messages and import the first two: a day, the same day corrected.

    The third is of the awaited day: `faza import` fills the gap with it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for message in _messages(feed):
        file = folder / xml80020.file_name(message, area=AREA)
        file.write_bytes(xml80020.write(message))
        files.append(file)
        if message.day == feed.scenario.sent_twice:
            assert message.created is not None, "these are all dated"
            collection.import_files([file], at=min(message.created + IMPORTED_AFTER, at))
    return files


def message(feed: Feed, day: date, *, created: datetime) -> xml80020.Message:
    """The factory's usual message of a day."""
    return _message(feed, day, number_of(day), created)


def _messages(feed: Feed) -> Iterator[xml80020.Message]:
    twice, awaited = feed.scenario.sent_twice, feed.scenario.awaited
    sent = start_of_day(twice + timedelta(days=1), MOSCOW) + SENT_AT
    yield _message(feed, twice, number_of(twice), sent, is_flawed=True)
    later = sent + CORRECTED_AFTER
    yield _message(feed, twice, number_of(twice + timedelta(days=2)) + 1, later)
    sent = start_of_day(awaited + timedelta(days=1), MOSCOW) + SENT_AT
    yield _message(feed, awaited, number_of(awaited), sent)


def _message(
    feed: Feed, day: date, number: int, created: datetime, *, is_flawed: bool = False
) -> xml80020.Message:
    """A day of the factory; a flawed one lacks a morning of the first input and is too low."""
    rows = feed.rows(lambda point: point.name in BY_MESSAGE)
    kinds = [BY_CODE[code] for code in feed.kinds[rows].tolist()]
    energies = [place for place, kind in enumerate(kinds) if kind.channel in xml80020.CODES]
    rows = rows[energies]
    channels = tuple(
        xml80020.Channel(
            xml80020.Kind.MEASURING_POINT, 0, POINTS[n].code,
            xml80020.CODES[kinds[place].channel], f'{AREA_NAME}, {POINTS[n].name}',
        )
        for n, place in zip(feed.points[rows].tolist(), energies, strict=True)
    )  # fmt: skip
    start = feed.scenario.slot(day)
    values = feed.values[rows, start : start + SLOTS].copy()
    quality = np.zeros(values.shape, np.uint8)
    if is_flawed:
        first = feed.points[rows] == feed.points[rows][0]
        quality[first, 12:24] = Quality.MISSING
        values[first, 26:32] = values[first, 26:32] * 9 // 10
        values[quality == Quality.MISSING] = 0
    grid = xml80020.Grid(
        MOSCOW, 30, start_of_day(day, MOSCOW), channels, values, quality,
        np.zeros(len(rows), np.int32),
    )  # fmt: skip
    return xml80020.Message(
        "80020", number, day, WORKS_INN, people.WORKS, created=created, daylight=0,
        areas=(xml80020.Area(AREA, AREA_NAME),), grids=(grid,),
    )  # fmt: skip
