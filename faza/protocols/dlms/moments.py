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
I64 = npt.NDArray[np.int64]
EPOCH = date_of(1970, 1, 1).toordinal()
NEVER = 1 << 40
"""Seconds that no clock can show: where a part is unspecified or impossible. They are added."""


def _part(seconds: int, most: int) -> I64:
    """Seconds by the byte of an hour, minute or second; NEVER for those that there are not."""
    return np.array([byte * seconds if byte < most else NEVER for byte in range(256)], np.int64)


HOURS, MINUTES, SECONDS = _part(3600, 24), _part(60, 60), _part(1, 60)
SECONDS[0xFF] = 0  # an unspecified second is none that is missed


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
        minutes = self.deviation.astype(np.int64)
        missing = minutes == NO_DEVIATION
        is_missing = missing.any()
        if is_missing:
            minutes[missing] = 0 if deviation is None else deviation
        found: Seconds = self.local + (minutes * 60).view("m8[s]")
        if is_missing and deviation is None:
            found[missing] = np.datetime64("NaT")
        return found


def moments(column: Column) -> Moments:
    """The clocks of a column. Raises Malformed if it is no column of dates and times."""
    if column.values.ndim != 2:
        raise Malformed("A column that is no dates and times.", code="clock")
    # Year, month, day; weekday, hour, minute, second; hundredths, deviation, status.
    table = np.ascontiguousarray(column.values, np.uint8)
    dates = table.view(">u4")[:, 0].tolist()
    deviation = table[:, 9:11].view(">i2")[:, 0].astype(np.int16)
    seconds = np.array([_midnight(date) for date in dates], np.int64)
    seconds += HOURS[table[:, 5]]
    seconds += MINUTES[table[:, 6]]
    seconds += SECONDS[table[:, 7]]
    known = column.present & (seconds < NEVER // 2)
    wrong = [minutes for minutes in set(deviation.tolist()) if not _is_deviation(minutes)]
    if wrong:
        known &= ~np.isin(deviation, wrong)
    local = seconds.view("M8[s]")
    if not known.all():
        local[~known] = np.datetime64("NaT")
    return Moments(local, deviation, table[:, 11], known)


def _is_deviation(minutes: int) -> bool:
    return -DAY < minutes < DAY or minutes == NO_DEVIATION


@lru_cache(maxsize=4096)
def _midnight(date: int) -> int:
    """Seconds since 1970 of year, month and day as they stand in a clock; NEVER if there is none.

    Rows of a profile, and of many meters, share few days.
    """
    try:
        return (date_of(date >> 16, date >> 8 & 0xFF, date & 0xFF).toordinal() - EPOCH) * 86_400
    except ValueError:
        return NEVER
