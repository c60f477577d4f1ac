"""Shapes of load from real measurements, for any civil day: same season, same weekday.

A profile is cut into 52 season weeks of 7 x 48 half-hours, so a day of any year finds a day of
its weekday within half a week of its place in the year. Years of a profile take turns.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILE = Path(__file__).parent / "data" / "profiles.npz"
WEEKS, SLOTS = 52, 48
NONE = 65535
"""Stands for "no value" in the file."""
SOUTH = 26
"""Weeks by which the seasons of the southern hemisphere are away."""

F64 = npt.NDArray[np.float64]
U64 = npt.NDArray[np.uint64]


def season_week(day: date) -> tuple[int, int]:
    """The place of a day's week in the year, 0 to 51, and that year: those of its Thursday."""
    thursday = day + timedelta(days=3 - day.weekday())
    return min((thursday.timetuple().tm_yday - 1) // 7, WEEKS - 1), thursday.year


@cache
def stored() -> dict[str, npt.NDArray[np.uint16]]:
    """All profiles of the file by name; see data/SOURCES.md."""
    with np.load(FILE) as file:
        return {name: file[name] for name in file.files}


def filled(profile: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """A profile in whose gaps stands what was some weeks before, else after, else the mean."""
    full = profile.copy()
    for shift in (1, -1, 2, -2, 3, -3):
        full = np.where(full == NONE, np.roll(profile, shift, axis=-3), full)
    mean = profile[profile != NONE].mean()
    return np.where(full == NONE, np.uint16(mean), full)


class Calendar:
    """Civil days in a row, [first, end), as places in profiles.

    `restful` days (holidays) and `busy` ones (a working Saturday) are lived as a Sunday and as a
    Friday where the profile is one of work.
    """

    def __init__(
        self, first: date, end: date, *, restful: frozenset[date], busy: frozenset[date]
    ) -> None:
        days = [first + timedelta(days=n) for n in range((end - first).days)]
        self.first, self.end = first, end
        self.weeks, self.years = (np.array(x) for x in zip(*map(season_week, days), strict=True))
        self.weekdays = np.array([day.weekday() for day in days])
        self.worked = np.array(
            [6 if d in restful else 4 if d in busy else d.weekday() for d in days]
        )
        self.ordinals = np.array([day.toordinal() for day in days])

    @property
    def slots(self) -> int:
        return len(self.ordinals) * SLOTS

    def shape(
        self, profile: npt.NDArray[np.uint16], *, rotate: int = 0, worked: bool = False
    ) -> F64:
        """A profile over the days, (slots,) in the file's unit, NaN where it has no value.

        profile: (52, 7, 48) or several years (y, 52, 7, 48). `rotate` in weeks.
        """
        years = profile if profile.ndim == 4 else profile[None]
        turned = self.weeks + rotate
        chosen = years[
            (self.years + turned // WEEKS) % len(years),
            turned % WEEKS,
            self.worked if worked else self.weekdays,
        ]
        return np.where(chosen == NONE, np.nan, chosen).reshape(-1)

    def noise(self, seed: int, *, each: int = 1) -> F64:
        """Even noise in [-1, 1), (slots,); one value per `each` half-hours.

        A function of the seed and the date alone, so that a day is the same whenever it is made.
        """
        if SLOTS % each == 0:
            count = SLOTS // each
            steps = self.ordinals[:, None].astype(np.uint64) * np.uint64(SLOTS)
            steps = steps + np.arange(count, dtype=np.uint64) * np.uint64(each)
        else:
            raise ValueError(f"{each} half-hours do not divide a day")
        return np.repeat(2 * uniform(seed, steps) - 1, each, axis=1).reshape(-1)


def uniform(seed: int, numbers: U64) -> F64:
    """Numbers in [0, 1) that look random, by SplitMix64 of each number and the seed.

    Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
    """
    with np.errstate(over="ignore"):
        mixed = numbers + np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xD1342543DE82EF95)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
