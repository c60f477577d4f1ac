"""How good a value is: the codes of ESPI QualityOfReading, and their groups."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]


class Quality(IntEnum):
    """Quality of one interval's value. Source: NAESB REQ.21 (ESPI), QualityOfReading.

    MISSING and UNTOLD are ours: the first is kept, the second lives in batches only.
    """

    VALID = 0
    EDITED = 7
    ESTIMATED_BY_DAY = 8
    INTERPOLATED = 9
    QUESTIONABLE = 10
    DERIVED = 11
    FORECAST = 12
    MIXED = 13
    RAW = 14
    WEATHER_NORMALISED = 15
    OTHER = 16
    VALIDATED = 17
    VERIFIED = 18
    REVENUE = 19
    UNTOLD = 254
    """In a batch: the delivery says nothing of this interval. Never stored."""
    MISSING = 255
    """There is no value; the number beside it means nothing and is kept as 0."""


ESTIMATED = frozenset(
    {
        Quality.ESTIMATED_BY_DAY,
        Quality.INTERPOLATED,
        Quality.DERIVED,
        Quality.FORECAST,
        Quality.WEATHER_NORMALISED,
    }
)
"""Codes of values that nobody measured."""


def _table(codes: frozenset[Quality]) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, dtype=bool)
    table[list(codes)] = True
    return table


_ESTIMATED = _table(ESTIMATED)


def is_estimated(quality: U8) -> npt.NDArray[np.bool_]:
    """Which values are estimates, whatever the shape."""
    return _ESTIMATED[quality]


def is_present(quality: U8) -> npt.NDArray[np.bool_]:
    """Which intervals have a value at all."""
    return quality < Quality.UNTOLD
