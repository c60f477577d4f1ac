"""Decimal texts to integers in a quantum, exactly and many at a time.

A text becomes an integer mantissa and a number of decimals; only then is it scaled to the
quantum, with the remainder carried where it is finer (rules, "Readings").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from faza.core.quality import U8
from faza.core.units import I64

I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

DIGITS = 18
"""How many significant digits are kept exactly: all that fit an int64."""
WIDTH = 24
"""Longer texts are read one by one, so that one huge cell does not widen all."""
SAFE = 2**61
"""Below it a sum of two products cannot leave int64."""


class State(IntEnum):
    NUMBER = 0
    EMPTY = 1
    JUNK = 2


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """Numbers as mantissa x 10^-decimals; both are 0 where `state` is not NUMBER.

    mantissa: int64, below 10^DIGITS. decimals: uint8, at most DIGITS. state: uint8 State.
    """

    mantissa: I64
    decimals: U8
    state: U8

    def reshape(self, *shape: int) -> Parsed:
        return Parsed(
            self.mantissa.reshape(shape), self.decimals.reshape(shape), self.state.reshape(shape)
        )

    def take(self, index: Any) -> Parsed:  # whatever NumPy takes as an index
        return Parsed(self.mantissa[index], self.decimals[index], self.state[index])


def parse(texts: Sequence[bytes], *, exponents: bool = False) -> Parsed:
    """The numbers in ASCII texts, with a decimal point or comma, shape (n,).

    Surrounding spaces and spaces between thousands are ignored. An exponent is JUNK unless
    `exponents`. A text of more than DIGITS significant digits is rounded to them.
    """
    count = len(texts)
    width = max(map(len, texts), default=0)
    # What is cut off here has too many digits or an odd character before, and is read again.
    table = np.array(texts, dtype=f"S{max(min(width, WIDTH), 1)}")
    columns = np.ascontiguousarray(table.view(np.uint8).reshape(count, -1).T)
    mantissa = np.zeros(count, np.int64)
    decimals = np.zeros(count, np.uint8)
    digits = np.zeros(count, np.uint8)
    past_point = np.zeros(count, bool)
    odd = np.zeros(count, bool)
    for column in columns:
        digit = column - np.uint8(ord("0"))  # wraps round below "0"
        is_digit = digit <= 9
        is_point = (column == ord(".")) | (column == ord(","))
        np.multiply(mantissa, 10, out=mantissa, where=is_digit)
        np.add(mantissa, digit, out=mantissa, where=is_digit, casting="unsafe")
        digits += is_digit
        decimals += is_digit & past_point
        odd |= ~(is_digit | is_point | (column == 0)) | (is_point & past_point)
        past_point |= is_point
    state = np.where(digits == 0, State.EMPTY, State.NUMBER).astype(np.uint8)
    odd |= (digits > DIGITS) | (past_point & (digits == 0))
    for n in np.flatnonzero(odd).tolist():
        mantissa[n], decimals[n], state[n] = _parse_one(texts[n], exponents)
    return Parsed(mantissa, decimals, state)


_PLAIN = re.compile(rb"[+-]?(\d+[.,]?\d*|[.,]\d+)")
_EXPONENT = re.compile(rb"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(rb"(?<=\d)[ \xa0](?=\d{3}(?:\D|$))")


def _parse_one(text: bytes, exponents: bool) -> tuple[int, int, State]:
    text = _THOUSANDS.sub(b"", text.strip())
    if not text:
        return 0, 0, State.EMPTY
    shape = _EXPONENT if exponents else _PLAIN
    if len(text) > 400 or not shape.fullmatch(text):
        return 0, 0, State.JUNK
    try:
        number = Decimal(text.replace(b",", b".").decode("ascii")).normalize()
    except InvalidOperation:
        return 0, 0, State.JUNK
    whole = max(number.adjusted() + 1, 0)
    if whole > DIGITS:
        return 0, 0, State.JUNK
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    decimals = min(max(-exponent, 0), DIGITS - whole)
    return int(number.scaleb(decimals).to_integral_value()), decimals, State.NUMBER


def to_quanta(
    parsed: Parsed,
    present: Bools,
    *,
    numerator: int,
    denominator: int = 1,
    day_starts: Sequence[int] = (0,),
) -> tuple[I64, I32]:
    """Numbers (n, k) in quanta, one quantum being denominator/numerator of the text's unit.

    Gives values: (n, k) int64, 0 where not present; and rounded: (n,), how many of a row are
    finer than the quantum. Their remainder is carried to the next value; it starts at 0 in each
    row and at each column of `day_starts`, so the sum of such a stretch is the exact sum rounded
    once, halves up. Source: rules, "Readings".

    Raises OverflowError where a value does not fit int64; bound them before (`too_large`).
    """
    mantissa = np.where(present, parsed.mantissa, 0)
    decimals = np.where(present, parsed.decimals, 0)
    values = np.zeros(mantissa.shape, np.int64)
    rounded = np.zeros(len(mantissa), np.int32)
    if not mantissa.size:
        return values, rounded
    bottom, factor = int(decimals.max()), numerator
    scale = denominator * 10**bottom
    # In the unit 1/scale of a quantum everything is an integer.
    powers = np.array([10**n for n in range(bottom + 1)], dtype=object)
    largest = int(np.abs(mantissa).max()) * factor * 10**bottom
    exact_type: Any = np.int64 if 2 * largest * mantissa.shape[1] + scale < SAFE else object
    if exact_type is object and _plain_decimals(bottom, factor, denominator):
        # The usual kWh with at most three decimals, however large.
        up = (factor // powers).astype(np.int64)
        return mantissa * up[decimals], rounded
    fine = mantissa.astype(exact_type) * factor * powers.astype(exact_type)[bottom - decimals]
    inexact = (fine % scale) != 0
    rounded[:] = inexact.sum(axis=1)
    carrying = rounded > 0
    values[~carrying] = (fine[~carrying] // scale).astype(np.int64)
    if carrying.any():
        values[carrying] = _carry(fine[carrying], scale, day_starts)
    return values, rounded


def _plain_decimals(bottom: int, factor: int, denominator: int) -> bool:
    return denominator == 1 and factor % 10**bottom == 0


def _carry(fine: npt.NDArray[Any], scale: int, day_starts: Sequence[int]) -> I64:
    """Differences of the rounded running sums, each stretch on its own."""
    out = np.zeros(fine.shape, np.int64)
    edges = [*day_starts, fine.shape[1]]
    for first, end in zip(edges[:-1], edges[1:], strict=True):
        running = np.cumsum(fine[:, first:end], axis=1)
        whole = (2 * running + scale) // (2 * scale)
        out[:, first:end] = np.diff(whole, axis=1, prepend=0).astype(np.int64)
    return out


LARGEST = 10**15
"""Quanta: 10^12 kWh in one interval is nobody's energy, and sums of days stay in int64."""


def too_large(parsed: Parsed, *, numerator: int, denominator: int = 1) -> Bools:
    """Which numbers pass LARGEST quanta; judged by floats, so the edge itself is blurred."""
    size = np.abs(parsed.mantissa) / np.power(10.0, parsed.decimals)
    return size * (numerator / denominator) > LARGEST
