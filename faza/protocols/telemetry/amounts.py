"""Numbers of JSON to exact decimals, many rows at a time.

A JSON number arrives as a float. Those of at most nine decimals are taken back to the decimal
that was written: the float nearest to m / 10^d is divided by nothing else but m. What is finer is
read from its shortest text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from faza.core.quality import U8
from faza.core.units import I64
from faza.protocols.numbers import Bools, Parsed, State, parse
from faza.protocols.telemetry.values import Amounts

EXACT = 2.0**53
"""Below it every whole number is a float of its own."""
DECIMALS = (3, 6, 9)


def parsed_of(rows: Sequence[Amounts]) -> tuple[Parsed, Bools]:
    """Rows of one length as numbers (n, t), and which of them there are (n, t)."""
    table = np.array(rows, dtype=np.float64).reshape(len(rows), -1)  # None is nan
    present = np.isfinite(table)
    values = np.where(present, table, 0.0)
    mantissa, decimals, wrong = _decimals(values)
    for place in np.argwhere(wrong).tolist():
        one = parse([repr(float(values[tuple(place)])).encode()], exponents=True)
        mantissa[tuple(place)], decimals[tuple(place)] = one.mantissa[0], one.decimals[0]
        if one.state[0] != State.NUMBER:
            present[tuple(place)] = False
    state = np.where(present, np.uint8(State.NUMBER), np.uint8(State.EMPTY))
    return Parsed(mantissa, decimals, state), present


def _decimals(values: npt.NDArray[np.float64]) -> tuple[I64, U8, Bools]:
    """Mantissa and decimals of each, and which are finer than the finest that is tried."""
    wrong = np.ones(values.shape, bool)
    whole, power = values, 0
    for power in DECIMALS:
        whole = np.rint(values * 10.0**power)
        wrong = (whole / 10.0**power != values) | (np.abs(whole) >= EXACT)
        if not wrong.any():
            break
    mantissa = np.where(wrong, 0.0, whole).astype(np.int64)
    return mantissa, np.where(wrong, 0, power).astype(np.uint8), wrong
