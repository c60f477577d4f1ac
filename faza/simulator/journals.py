"""A meter's journals: entries by number, of СПОДЭС (0.0.99.98.N) with its codes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import numpy as np

from faza.protocols.metered import EventRows

CAPACITY = 1000
"""Entries of one journal; the oldest give way (a norm asks for 500; reference: domain, 1.2)."""
VOLTAGE, POWER, PROGRAMMING, OUTER, CONNECTION, ACCESS, ITSELF = 0, 2, 3, 4, 5, 6, 7
TIME_SET, TIME_CORRECTED, SEASONS, ACTIVATION_SET, ACTIVATED, SPECIAL_DAYS = 3, 68, 5, 8, 9, 49
LIMITS = {"power": 19, "current": 148}
"""Codes of PROGRAMMING."""
ON_BY_HAND = 7
"""A code of POWER."""
NUMBERS = (0, 1, 2, 3, 4, 5, 6, 7, 8)


class Entry(NamedTuple):
    """stamp: seconds since 1970 by the meter's clock."""

    stamp: int
    code: int


class Journals:
    """All journals of a meter, empty at first."""

    def __init__(self) -> None:
        self._entries: dict[int, list[Entry]] = {number: [] for number in NUMBERS}

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(self._entries)

    def write(self, journal: int, code: int, stamp: int) -> None:
        """Write an entry at the end. Raises KeyError for a journal that is not kept."""
        entries = self._entries[journal]
        entries.append(Entry(stamp, code))
        if len(entries) > CAPACITY:
            del entries[0]

    def select(
        self, journal: int, first: datetime | None, last: datetime | None, rows: slice | None
    ) -> EventRows:
        """Entries of [first, last] by their stamps, or those at some places; oldest first."""
        entries = self._entries.get(journal, [])
        if rows is not None:
            entries = entries[rows]
        low = -(1 << 60) if first is None else first.timestamp()
        high = 1 << 60 if last is None else last.timestamp()
        chosen = [entry for entry in entries if low <= entry.stamp <= high]
        count = len(chosen)
        return EventRows(
            moments=np.array([entry.stamp for entry in chosen], np.int64).astype("datetime64[s]"),
            journals=np.full(count, journal, np.int16),
            codes=np.array([entry.code for entry in chosen], np.int16),
        )
