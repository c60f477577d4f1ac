"""Who has how many points of a utility, and what they draw. No database; nothing is random.

Everything of a point follows from its place, so what was interrupted goes on as it began.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from faza.demo.profiles import NONE, SLOTS, WEEKS, uniform

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

LARGEST = 10_000_000
PERSONS = 0.9
"""Share of points that persons have; the rest is organisations'."""
OF_PERSON = ((1, 0.85), (2, 0.95), (3, 1.0))
"""Points of a person, and up to which share of persons."""
OF_FIRM = (3_000, 1_000, 1_000, 300, 300, 300, 300, 100, 100, 100, 100, 100, 100)
"""Points of the organisations of a utility of 100,000 points, the greatest first; each has at
most a third of what is left. Those after them have LITTLE each."""
LITTLE = 12
FULL = 100_000
DRAWS_MORE = 15
"""Times that a point of an organisation draws what a home does."""
PER_SUBSTATION, PER_DISTRICT = 200, 10_000
NOISE = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A utility of `points` points: they are numbered, and each party has some in a row.

    sizes (m,): points of each party, persons first; n_persons of them are persons. starts (m,):
    the number of a party's first point.
    """

    points: int
    sizes: I64
    n_persons: int

    @property
    def starts(self) -> I64:
        return np.cumsum(self.sizes) - self.sizes

    @property
    def of_persons(self) -> int:
        """How many points persons have; those before are theirs."""
        return int(self.sizes[: self.n_persons].sum())


def plan_of(points: int) -> Plan:
    """Who shares so many points. Raises ValueError if they are none, or too many."""
    if not 1 <= points <= LARGEST:
        raise ValueError(f"from 1 to {LARGEST:,} points")
    theirs = max(1, round(points * PERSONS))
    wanted = uniform(1, np.arange(theirs, dtype=np.uint64))
    shares = np.array([share for _, share in OF_PERSON])
    persons = np.searchsorted(shares, wanted, side="right") + 1
    ends = np.cumsum(persons)
    count = int(np.searchsorted(ends, theirs)) + 1
    persons = persons[:count]
    persons[-1] -= ends[count - 1] - theirs
    sizes = np.concatenate([persons, _firms(points - theirs, points)])
    return Plan(points, sizes.astype(np.int64), count)


def _firms(left: int, points: int) -> list[int]:
    found = []
    for size in OF_FIRM:
        here = min(round(size * points / FULL), left // 3)
        if here > LITTLE:
            found.append(here)
            left -= here
    while left > 0:
        found.append(min(LITTLE, left))
        left -= found[-1]
    return found


@cache
def _homes() -> npt.NDArray[np.float64]:
    """Measured homes (20, 52, 7, 48), Wh a half-hour; a gap has the mean of the others."""
    with files("faza.demo").joinpath("data/profiles.npz").open("rb") as file:
        stored = np.load(file)["sgsc"].reshape(-1, WEEKS, 7, SLOTS).astype(float)
    known = np.where(stored == NONE, np.nan, stored)
    return np.where(np.isnan(known), np.nanmean(known, axis=0), known)


def drawn(points: I64, first: date, days: int, *, firms_from: int) -> I64:
    """What points draw on the days from `first` on: (n, days * 48) Wh.

    points (n,): their numbers; from `firms_from` on they are organisations'.
    """
    homes, number = _homes(), points.astype(np.uint64)
    home = (uniform(2, number) * len(homes)).astype(int)
    turned = (uniform(3, number) * 5).astype(int) - 2
    scale = 0.5 + uniform(4, number)
    scale = np.where(points >= firms_from, scale * DRAWS_MORE, scale)
    there = [first + timedelta(days=n) for n in range(days)]
    weeks = np.array([(day.timetuple().tm_yday - 1) // 7 for day in there])
    weekdays = np.array([day.weekday() for day in there])
    ordinals = np.array([day.toordinal() for day in there], np.uint64)
    shape = homes[home[:, None], (weeks + turned[:, None]) % WEEKS, weekdays]
    each = uniform(5, number[:, None] * np.uint64(10**6) + ordinals)
    factor = scale[:, None] * (1 + NOISE * (2 * each - 1))
    return np.rint(shape * factor[:, :, None]).astype(np.int64).reshape(len(points), -1)


def base_of(points: I64) -> I64:
    """What their meters showed when the data begin, Wh."""
    return (uniform(6, points.astype(np.uint64)) * 30_000_000).astype(np.int64)
