"""What is known of each day after one pass over its values; it tells which rules look closer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality
from faza.core.reading_types import READING_TYPES
from faza.readings.validation.shapes import Days

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_HIGH_BITS = np.uint64(0x8080808080808080)

CHUNK = 1024
"""Rows looked at together: their values stay in the processor's cache (48 x 8 bytes each)."""


def _of_types(wanted: set[int]) -> Mask:
    table = np.zeros(1 << 15, bool)
    table[list(wanted)] = True
    return table


ADDITIVE = _of_types({kind.code for kind in READING_TYPES if kind.additive})
"""By code: types whose values add up."""
ENERGY = _of_types({kind.code for kind in READING_TYPES if kind.unit in {"kWh", "kvarh"}})
"""By code: active and reactive energy, in Wh and varh."""


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """Of each day, (n,): greatest, least and total of its values, an absent one being 0.

    least is told where it is below zero, else it is 0. whole: every interval of the day has a
    value. flat: there may be hours of equal values.
    """

    greatest: I64
    least: I64
    total: I64
    whole: Mask
    flat: Mask


def summarised(days: Days, hours: float, floor: float) -> Summary:
    """One pass over the values, chunk by chunk.

    hours, floor: how long values must be equal to be told, and how great in W; 0 hours: never.
    """
    batch = days.batch
    n, width = batch.values.shape
    greatest, least, total = np.zeros((3, n), np.int64)
    found = Summary(greatest, least, total, np.ones(n, bool), np.zeros(n, bool))
    step, floor = _sieve(days, hours, floor)
    lengths = batch.lengths if n and int(batch.lengths.min()) < width else None
    for start in range(0, n if width else 0, CHUNK):
        rows = slice(start, start + CHUNK)
        values, quality = batch.values[rows], batch.quality[rows]
        flat = np.ascontiguousarray(values).ravel()
        places = np.arange(0, flat.size, width)
        np.maximum.reduceat(flat, places, out=greatest[rows])
        np.add.reduceat(flat, places, out=total[rows])
        # One minimum of all is far cheaper than one a row, and hardly ever below zero.
        if flat.min() < 0:
            np.minimum.reduceat(flat, places, out=least[rows])
        found.whole[rows] = _whole(quality, None if lengths is None else lengths[rows])
        if step:
            found.flat[rows] = _repeats(values[:, ::step], floor)
    return found


def _sieve(days: Days, hours: float, floor: float) -> tuple[int, float]:
    """Every how many intervals to compare, and from which energy on, so that no run is missed.

    A run of equal values of n intervals has three in turn of every n // 3. The longest interval
    decides on n, the shortest on the energy.
    """
    if not (hours and len(days)):
        return 0, 0.0
    longest, shortest = int(days.batch.intervals.max()), int(days.batch.intervals.min())
    return max(int(hours * 60 // longest) // 3, 1), max(floor * shortest / 60, 1)


def _whole(quality: U8, lengths: I16 | None) -> Mask:
    """(n,) whether each interval of the day has a value. lengths: None if all fill the row."""
    whole: Mask
    if lengths is not None:
        absent = (quality >= Quality.UNTOLD).sum(axis=1)
        whole = absent == quality.shape[1] - lengths
    elif quality.max() < Quality.UNTOLD:
        whole = np.ones(len(quality), bool)
    elif quality.shape[1] % 8 or not quality.flags.c_contiguous:
        whole = quality.max(axis=1) < Quality.UNTOLD
    else:
        # Codes of values are below 128: the highest bit of a byte tells, eight at a time.
        eight = quality.view(np.uint64)
        joined = eight[:, 0].copy()
        for column in range(1, eight.shape[1]):
            joined |= eight[:, column]
        whole = (joined & _HIGH_BITS) == 0
    return whole


def _repeats(values: I64, floor: float) -> Mask:
    """(n,) whether three columns in turn are equal and not below the floor."""
    columns = np.ascontiguousarray(values.T)
    equal = columns[1:] == columns[:-1]
    equal &= columns[1:] >= floor
    found: Mask = (equal[1:] & equal[:-1]).any(axis=0)
    return found
