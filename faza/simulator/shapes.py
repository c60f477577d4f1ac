"""Shapes of load from real measurements, for any day: same season, same weekday.

A profile is cut into 52 season weeks of 7 x 48 half-hours, so that a day of any year finds a day
of its weekday within half a week of its place in the year. See data/SOURCES.md.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILE = Path(__file__).parent / "data" / "shapes.npz"
WEEKS, SLOTS = 52, 48

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U16 = npt.NDArray[np.uint16]


@cache
def stored() -> dict[str, U16]:
    """All profiles of the file by name."""
    with np.load(FILE) as file:
        return {name: file[name] for name in file.files}


def on_days(profile: U16, days: I64, *, rotate: int = 0) -> F64:
    """A profile (52, 7, 48) on days since 1970: (n, 48), the file's unit. `rotate` in weeks."""
    weekdays = (days + 3) % 7  # 1970-01-01 was a Thursday.
    thursdays = (days + 3 - weekdays).astype("datetime64[D]")
    of_year = (thursdays - thursdays.astype("datetime64[Y]").astype("datetime64[D]")).astype(int)
    weeks = (np.minimum(of_year // 7, WEEKS - 1) + rotate) % WEEKS
    found: F64 = profile[weeks, weekdays].astype(np.float64)
    return found


def at_half_hours(profile: U16, places: I64, *, rotate: int = 0) -> F64:
    """A profile at local half-hours since 1970: (n,), the file's unit."""
    days, back = np.unique(places // SLOTS, return_inverse=True)
    found: F64 = on_days(profile, days, rotate=rotate)[back.reshape(-1), places % SLOTS]
    return found


def noise(seed: int, days: I64, *, each: int = 1) -> F64:
    """Even noise in [-1, 1), (n, 48), one value per `each` half-hours: of seed and day alone."""
    steps = days[:, None] * SLOTS + np.arange(0, SLOTS, each)
    return np.repeat(2 * uniform(seed, steps) - 1, each, axis=1)


_STEP = 0x9E3779B97F4A7C15
_FACTORS = 0xD1342543DE82EF95, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_ALL = (1 << 64) - 1


def uniform(seed: int, numbers: I64) -> F64:
    """Numbers in [0, 1) that look random, by SplitMix64 of each number and the seed.

    Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
    """
    spread, first, second = (np.uint64(factor) for factor in _FACTORS)
    start = np.uint64((seed + 1) * _STEP & _ALL)
    with np.errstate(over="ignore"):
        mixed = (numbers.astype(np.uint64) + start) * spread
        mixed = (mixed ^ (mixed >> np.uint64(30))) * first
        mixed = (mixed ^ (mixed >> np.uint64(27))) * second
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def chance(seed: int, number: int) -> float:
    """One number of `uniform`, without the cost of an array."""
    spread, first, second = _FACTORS
    mixed = (number + (seed + 1) * _STEP) * spread & _ALL
    mixed = (mixed ^ mixed >> 30) * first & _ALL
    mixed = (mixed ^ mixed >> 27) * second & _ALL
    mixed ^= mixed >> 31
    return (mixed >> 11) * 2.0**-53
