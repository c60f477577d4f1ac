"""From integer quanta to decimals and back: the only place where units are converted."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from faza.core.reading_types import ReadingType

I64 = npt.NDArray[np.int64]


def to_unit(value: int, kind: ReadingType) -> Decimal:
    """A stored integer as an exact decimal in the type's unit (Wh -> kWh)."""
    return Decimal(int(value) * kind.quantum.numerator) / Decimal(kind.quantum.denominator)


def from_unit(value: Decimal, kind: ReadingType) -> tuple[int, bool]:
    """The nearest integer quantum, halves away from zero, and whether it had to be rounded."""
    exact = Fraction(value) / kind.quantum
    nearest = round_half_up(exact)
    return nearest, nearest != exact


def round_half_up(value: Fraction) -> int:
    """The nearest integer, halves away from zero."""
    doubled = 2 * abs(value.numerator) + value.denominator
    nearest = doubled // (2 * value.denominator)
    return nearest if value >= 0 else -nearest


def floats(values: I64, kind: ReadingType) -> npt.NDArray[np.float64]:
    """Stored integers as floats in the type's unit; for pictures, never for sums of money."""
    return values.astype(np.float64) * (kind.quantum.numerator / kind.quantum.denominator)


def decimals(kind: ReadingType) -> int:
    """How many decimals show every quantum of the type (3 for Wh in kWh)."""
    return len(str(kind.quantum.denominator)) - 1


def apply_ratio(values: I64, ratio: Fraction) -> I64:
    """Secondary values on the primary side, each day row on its own: shape (n, k) or (k,).

    Multiplies first and rounds then; the remainder is carried to the next interval of the row,
    so that the row's sum is the exact product rounded once. Source: rules, "Readings".
    """
    if ratio.denominator == 1:
        return values * ratio.numerator
    running = np.cumsum(values, axis=-1) * ratio.numerator
    rounded = np.floor_divide(2 * running + ratio.denominator, 2 * ratio.denominator)
    return np.diff(rounded, axis=-1, prepend=np.int64(0)).astype(np.int64)
