"""What rules with history see: days of channels, registers, events. Plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.readings.registers import SIZE
from faza.readings.validation.shapes import Days

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
I8 = npt.NDArray[np.int8]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

BACK = 42
"""Days before a day that say what is usual. Six weeks: those that like days are taken from."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Good register readings that bound stretches, a row a stretch and reading type. All (p,).

    starts, ends: unix seconds of the two readings. shown: their difference as the meter counts,
    roll-over undone, never negative. differences: the same by the ratio, in the type's quantum.
    resolutions: one step of the meter's last digit by the ratio, rounded up. ratios: float64.
    """

    usage_points: I64
    reading_types: I16
    starts: I64
    ends: I64
    shown: I64
    differences: I64
    resolutions: I64
    ratios: F64

    def __len__(self) -> int:
        return len(self.usage_points)

    @classmethod
    def none(cls) -> Pairs:
        empty = np.zeros(0, np.int64)
        return cls(
            empty, empty.astype(np.int16), empty, empty, empty, empty, empty,
            empty.astype(np.float64),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Registers as meters showed them, rows by (point, meter, moment).

    values, present (r, 39): `registers`. moments (r,): unix seconds. capacities (r,): at what the
    register begins anew; steps (r,): its last digit; both in Wh or varh as shown, of heat a
    thousand times that in kcal. looked (r,): whether what lies between the reading before and this
    one is to be judged.
    """

    usage_points: I64
    meters: I64
    moments: I64
    values: I64
    present: Mask
    capacities: I64
    steps: I64
    looked: Mask

    def __len__(self) -> int:
        return len(self.usage_points)

    @classmethod
    def none(cls) -> Readings:
        empty = np.zeros(0, np.int64)
        table = np.zeros((0, SIZE), np.int64)
        no = table.astype(bool)
        return cls(empty, empty, empty, table, no, empty, empty, empty.astype(bool))


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """Stretches in which events cast doubt on a point's meter: unix seconds, half-open, (e,).

    kinds: "journal-code" of what began each.
    """

    usage_points: I64
    starts: I64
    ends: I64
    kinds: tuple[str, ...]

    @classmethod
    def none(cls) -> Doubts:
        empty = np.zeros(0, np.int64)
        return cls(empty, empty, empty, ())


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Delivered days with those before them, and what else is known of their time.

    days: rows sorted by key; of the channels looked at the BACK days before too. Days that a
    channel should have, between its first data and now, are rows without values.
    looked (n,): the rows to be judged. classes (n,) int8: kind of the civil day (working, …).
    """

    days: Days
    looked: Mask
    classes: I8
    pairs: Pairs
    readings: Readings
    doubts: Doubts
