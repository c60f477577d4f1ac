"""What estimation sees and says. Plain Python and NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality

I64 = npt.NDArray[np.int64]
I8 = npt.NDArray[np.int8]
U8 = npt.NDArray[np.uint8]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class State(IntEnum):
    """What is known of a cell, before anything is estimated."""

    MEASURED = 0
    """Measured and not doubted: it stands, and others may be estimated by it."""
    DOUBTFUL = 1
    """It stands and counts in sums; nothing is estimated by it."""
    KEPT = 2
    """A person's: an override or an operator's estimate. As DOUBTFUL."""
    UNKNOWN = 3
    """Nothing good is known: it is to be estimated."""
    WAITING = 4
    """Nothing is known, and it is not to be told yet: it takes its share of a bracket's energy."""
    ABSENT = 5
    """No such interval: past the length of a day, or out of the time of any complex."""


METHODS = ("", "control", "interpolation", "like-days", "last-year", "group", "flat")
"""Names of methods for ever; a cell's method is an index of this. 0: not estimated."""

ORDER = METHODS[1:]
"""In which order methods are tried. Source: domain §5.5. "flat" needs a bracket."""

QUALITIES = np.array(
    [
        Quality.UNTOLD,
        Quality.DERIVED,
        Quality.INTERPOLATED,
        Quality.ESTIMATED_BY_DAY,
        Quality.ESTIMATED_BY_DAY,
        Quality.DERIVED,
        Quality.DERIVED,
    ],
    np.uint8,
)
"""Quality by method."""


class Bound(IntEnum):
    """What bounds a stretch, in the names of inputs."""

    REGISTER = 0
    JUMP = 1


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """Civil days in a row of many channels, of one interval; c channels, d days, k cells a day.

    values: (c, d, k) int64 in the type's quantum; what stands in UNKNOWN, WAITING and ABSENT
    cells means nothing. state: (c, d, k) uint8 State.
    classes: (d,) or (c, d) integers; days of an equal class are alike (weekdays, holidays).
    first_day: the first civil day. interval: minutes.
    limits: (c,) int64, the most that a cell can hold; 0: not known.
    """

    values: I64
    state: U8
    classes: npt.NDArray[np.integer]
    first_day: np.datetime64
    interval: int
    limits: I64 | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Brackets:
    """Stretches of a channel whose energy is known, (b,) int64 each, in any order.

    channels: index of the channel. firsts, ends: flat cells, day * k + cell, half-open.
    energies: in the type's quantum, on the primary side. resolutions: by how much the energy
    may be wrong to either side (a register's step x ratio), 1 or less: exact. bounds: Bound.
    Of brackets that overlap the shortest is met first.
    """

    channels: I64
    firsts: I64
    ends: I64
    energies: I64
    resolutions: I64
    bounds: I64

    def __len__(self) -> int:
        return len(self.channels)


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What else is known of the same cells: another meter's values, or those of a year ago.

    values: (c, d, k) int64. known: (c, d, k) bool, where they are measured and not doubted.
    """

    values: I64
    known: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """How much of its average day a usual point of a group uses in each cell.

    shapes: (g, d, k) float, NaN where not known (`group_shape`). of: (c,) index of a channel's
    group, -1: of none.
    """

    shapes: F64
    of: I64


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Days with estimated cells, (m,) rows in the order of (channel, day), and how they were made.

    channels, days: (m,) indexes of Channels' first two axes. values: (m, k) int64, 0 where not
    told. quality: (m, k) uint8, UNTOLD where not told. method: (m, k) uint8, of METHODS.
    inputs: (m,) what the estimates were made from, JSON: "days": ISO days drawn upon;
    "bounds": list of {"by": "register"|"jump", "energy", "resolution", "residual"} of brackets
    that hold estimated cells of the day; residual = energy - sum of all cells, 0 where met.
    residuals: (b,) int64 of all brackets given: energy - sum. complete: (b,) bool: no cell of
    the bracket is without a value, so that the residual means something.
    """

    channels: I64
    days: I64
    values: I64
    quality: U8
    method: U8
    inputs: tuple[Mapping[str, object], ...]
    residuals: I64
    complete: Mask

    def __len__(self) -> int:
        return len(self.channels)
