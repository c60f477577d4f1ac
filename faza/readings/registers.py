"""Cumulative registers of meters: 39 to a reading, as bytes and as arrays. No database here.

The registers T0 … T8 (T0 is the sum) of A+, A-, R+ and R-: register = 9 x (reading type - 1) +
tariff; then one each of water, gas and heat. Values are integers in the quantum of their reading
type (Wh, varh, l, dm³, kcal) on the meter's own side, as it shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality
from faza.core.reading_types import BY_CODE

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

TARIFFS = 9
ZONED = 4 * TARIFFS
"""From this number on: registers of meters that know no zones of the day."""
SINGLE = (5, 6, 7)
"""Reading types with one register: water, gas, heat."""
SIZE = ZONED + len(SINGLE)
_BITS = np.int64(1) << np.arange(SIZE, dtype=np.int64)
_WIDTHS: dict[int, npt.DTypeLike] = {4: "<u4", 8: "<i8"}


class WrongRegisters(Exception):
    """A batch of register readings says one reading twice, or its arrays do not fit."""


def register(reading_type: int, tariff: int = 0) -> int:
    """The number of a register, 0 … 35. Raises ValueError if no meter has such a one."""
    if reading_type in SINGLE and tariff == 0:
        return ZONED + SINGLE.index(reading_type)
    if not (1 <= reading_type <= 4 and 0 <= tariff < TARIFFS):
        raise ValueError(f"no register T{tariff} of reading type {reading_type}")
    return (reading_type - 1) * TARIFFS + tariff


def meaning(number: int) -> tuple[int, int]:
    """Reading type and tariff of a register. Raises ValueError if there is no such number."""
    if not 0 <= number < SIZE:
        raise ValueError(f"no register {number}")
    if number >= ZONED:
        return SINGLE[number - ZONED], 0
    return number // TARIFFS + 1, number % TARIFFS


WHOLE = np.array([1 / BY_CODE[meaning(number)[0]].quantum for number in range(SIZE)], np.int64)
"""(39,) how many quanta of a register are one of what people read: 1000 Wh are a kWh."""


def pack(values: I64, present: Mask) -> tuple[I64, list[bytes]]:
    """Readings (n, 39) as bit masks of what is present (n,) int64, and bytes.

    Of present registers only, ascending: four unsigned bytes each where all fit, else eight
    signed ones.
    """
    masks = present @ _BITS
    low, high = (np.where(present, values, 0).min(axis=1), np.where(present, values, 0).max(axis=1))
    wide = (low < 0) | (high >= 2**32)
    blobs = [b""] * len(values)
    for mask in np.unique(masks):
        columns = np.flatnonzero(mask & _BITS)
        for size, kind in _WIDTHS.items():
            rows = np.flatnonzero((masks == mask) & (wide == (size == 8)))
            joined = values[np.ix_(rows, columns)].astype(kind).tobytes()
            length = size * len(columns)
            for place, row in enumerate(rows.tolist()):
                blobs[row] = joined[place * length : (place + 1) * length]
    return masks, blobs


def unpack(masks: npt.ArrayLike, blobs: Sequence[bytes]) -> tuple[I64, Mask]:
    """Values (n, 39) int64, 0 where absent, and what is present (n, 36)."""
    bits = np.asarray(masks, np.int64)
    present = (bits[:, None] & _BITS) != 0
    values = np.zeros((len(bits), SIZE), np.int64)
    groups: dict[tuple[int, int], list[int]] = {}
    for row, (mask, blob) in enumerate(zip(bits.tolist(), blobs, strict=True)):
        groups.setdefault((mask, len(blob)), []).append(row)
    for (_, length), of_group in groups.items():
        rows = np.array(of_group)
        columns = np.flatnonzero(present[rows[0]])
        if length:
            joined = b"".join(blobs[row] for row in of_group)
            numbers = np.frombuffer(joined, _WIDTHS[length // len(columns)])
            values[np.ix_(rows, columns)] = numbers.reshape(len(rows), len(columns))
    return values, present


@dataclass(frozen=True, slots=True, eq=False)
class RegisterBatch:
    """Readings of all registers of meters, a row each.

    usage_points, meters (n,) int64: ids. moments (n,) int64: unix seconds. kinds (n,) int16:
    RegisterReading.Kind. values (n, 39) int64: quanta as the meter shows them, 0 where
    absent. present (n, 39) bool. Of electricity alone 36 columns may be given, the others are
    added. quality (n,) uint8: core.Quality of the whole reading.
    """

    usage_points: I64
    meters: I64
    moments: I64
    kinds: I16
    values: I64
    present: Mask
    quality: U8

    def __post_init__(self) -> None:
        for name in ("values", "present"):
            table = getattr(self, name)
            if table.shape[1:] == (ZONED,):
                wide = np.zeros((len(table), SIZE), table.dtype)
                wide[:, :ZONED] = table
                object.__setattr__(self, name, wide)

    def __len__(self) -> int:
        return len(self.usage_points)

    @classmethod
    def of(
        cls,
        *,
        usage_point: int,
        meter: int,
        at: datetime,
        kind: int,
        shown: Mapping[int, int],
        quality: Quality = Quality.VALID,
    ) -> RegisterBatch:
        """One reading; `shown` are values by register."""
        values, present = rows_of([shown])
        return cls(
            np.array([usage_point], np.int64), np.array([meter], np.int64),
            np.array([seconds(at)], np.int64), np.array([kind], np.int16),
            values, present, np.array([quality], np.uint8),
        )  # fmt: skip

    @classmethod
    def concatenate(cls, batches: Sequence[RegisterBatch]) -> RegisterBatch:
        """Several batches as one. Raises ValueError of none."""
        return cls(*(np.concatenate([getattr(b, name) for b in batches]) for name in cls.__slots__))

    def take(self, rows: Any) -> RegisterBatch:
        """Some of the rows, by index or mask."""
        return RegisterBatch(*(getattr(self, name)[rows] for name in self.__slots__))

    def keys(self) -> I64:
        """(n, 4) int64: usage point, meter, moment, kind; equal rows are one reading."""
        return np.column_stack(
            [self.usage_points, self.meters, self.moments, self.kinds.astype(np.int64)]
        )

    def check_shape(self) -> None:
        """Raise WrongRegisters where the arrays do not fit each other."""
        shape = (len(self), SIZE)
        if self.values.shape != shape or self.present.shape != shape:
            raise WrongRegisters(f"{self.values.shape} values, {self.present.shape} present")

    def check(self) -> None:
        """Raise WrongRegisters, naming the first reading that comes twice."""
        self.check_shape()
        unique, counts = np.unique(self.keys(), axis=0, return_counts=True)
        if (counts > 1).any():
            raise WrongRegisters(f"{unique[counts > 1][0].tolist()} comes twice in a batch")


def rows_of(shown: Sequence[Mapping[int, int]]) -> tuple[I64, Mask]:
    """Values by register, of each reading, as arrays (n, 39): values and what is present."""
    values = np.zeros((len(shown), SIZE), np.int64)
    present = np.zeros((len(shown), SIZE), bool)
    for row, of_reading in enumerate(shown):
        for number, value in of_reading.items():
            values[row, number], present[row, number] = value, True
    return values, present


def seconds(at: datetime) -> int:
    """A moment as unix seconds. Raises ValueError if it is not a whole second: meters give none."""
    if at.tzinfo is None or at.microsecond:
        raise ValueError(f"{at}: a register is read at an aware moment, on a whole second")
    return int(at.astimezone(UTC).timestamp())
