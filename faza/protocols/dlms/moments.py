"""A column of clocks into moments, all at once; the same rules as `clock.DateTime`.

Source: Blue Book 12, 4.1.6.1. Nothing is guessed: a clock with an unspecified or impossible part
is not `known`, and local time becomes UTC only by a deviation, its own or one that is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as date_of
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from faza.protocols.dlms.clock import DAY, NO_DEVIATION
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.profile import U8, Bools, Column

Seconds = npt.NDArray[np.datetime64]
I16 = npt.NDArray[np.int16]
EPOCH = date_of(1970, 1, 1).toordinal()
NO_DAY = 1 << 32
"""Stands for a date with an unspecified or impossible part."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Clocks of n rows.

    local: (n,) datetime64[s], the meter's wall time, NaT where not `known`.
    deviation: (n,) int16, minutes from local time to UTC, clock.NO_DEVIATION if unspecified.
    status: (n,) uint8, bits of clock.INVALID and others, 0xFF if unspecified.
    """

    local: Seconds
    deviation: I16
    status: U8
    known: Bools

    def utc(self, deviation: int | None = None) -> Seconds:
        """(n,) datetime64[s] in UTC; NaT where unknown, or where there is no deviation."""
        own = self.deviation.astype(np.int64)
        missing = own == NO_DEVIATION
        minutes = np.where(missing, 0 if deviation is None else deviation, own)
        found: Seconds = self.local + minutes.astype("m8[m]").astype("m8[s]")
        if deviation is None:
            found[missing] = np.datetime64("NaT")
        return found


def moments(column: Column) -> Moments:
    """The clocks of a column. Raises Malformed if it is no column of dates and times."""
    table = column.values
    if table.ndim != 2:
        raise Malformed("A column that is no dates and times.", code="clock")
    # Three words a clock: year, month, day; weekday, hour, minute, second; hundredths, deviation,
    # status.
    date, time, rest = np.ascontiguousarray(table, np.uint8).view(">u4").astype(np.int64).T
    day, runs = _days(date)
    hour, minute, second = time >> 16 & 0xFF, time >> 8 & 0xFF, time & 0xFF
    second[second == 0xFF] = 0
    deviation = (rest >> 8).astype(np.uint16).view(np.int16)
    known = column.present & (hour < 24) & (minute < 60) & (second < 60)
    if NO_DAY in runs:
        known &= day != NO_DAY
    if not _is_deviation(deviation).all():
        known &= _is_deviation(deviation)
    local = (day * 86_400 + hour * 3600 + minute * 60 + second).view("M8[s]")
    if not known.all():
        local[~known] = np.datetime64("NaT")
    return Moments(local, deviation, rest.astype(np.uint8), known)


def _is_deviation(minutes: I16) -> Bools:
    whole = minutes.astype(np.int32)  # of -32768 there is no absolute value in 16 bits
    found: Bools = (np.abs(whole) < DAY) | (whole == NO_DEVIATION)
    return found


def _days(words: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], list[int]]:
    """(n,) days since 1970 or NO_DAY, and those that there are: rows of a profile share few."""
    if not len(words):
        return words, []
    changes = np.flatnonzero(words[1:] != words[:-1]) + 1
    begins = [0, *changes.tolist()]
    runs = [_day(word) for word in words[begins].tolist()]
    lengths = np.diff([*begins, len(words)])
    return np.repeat(np.array(runs, np.int64), lengths), runs


@lru_cache(maxsize=4096)
def _day(word: int) -> int:
    """Days since 1970 of year, month and day as they stand in a clock; NO_DAY if it is none."""
    try:
        return date_of(word >> 16, word >> 8 & 0xFF, word & 0xFF).toordinal() - EPOCH
    except ValueError:
        return NO_DAY
