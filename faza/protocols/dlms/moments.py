"""A column of clocks into moments, all at once; the same rules as `clock.DateTime`.

Source: Blue Book 12, 4.1.6.1. Nothing is guessed: a clock with an unspecified or impossible part
is not `known`, and local time becomes UTC only by a deviation, its own or one that is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.protocols.dlms.clock import DAY, NO_DEVIATION
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.profile import U8, Bools, Column

Seconds = npt.NDArray[np.datetime64]
I16 = npt.NDArray[np.int16]


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
    raw = table.astype(np.int64)
    year = raw[:, 0] << 8 | raw[:, 1]
    month, day = raw[:, 2], raw[:, 3]
    hour, minute, second = raw[:, 5], raw[:, 6], raw[:, 7]
    second = np.where(second == 0xFF, 0, second)
    deviation = (raw[:, 9] << 8 | raw[:, 10]).astype(np.uint16).view(np.int16)
    known = (
        column.present
        & (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
        & (hour < 24) & (minute < 60) & (second < 60)
        & ((np.abs(deviation.astype(np.int64)) < DAY) | (deviation == NO_DEVIATION))
    )  # fmt: skip
    months = ((year - 1970) * 12 + month - 1).astype("M8[M]")
    days = months.astype("M8[D]") + (day - 1)
    known &= days.astype("M8[M]") == months  # the 31st of a month of 30 days is no day
    local = days.astype("M8[s]") + (hour * 3600 + minute * 60 + second)
    local[~known] = np.datetime64("NaT")
    return Moments(local, deviation, np.ascontiguousarray(table[:, 11]).astype(np.uint8), known)
