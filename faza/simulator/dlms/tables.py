"""Rows of profiles as bytes, all at once.

A column is a matrix of bytes, a row of it for each row of the profile; what is not present
becomes null-data, which takes one byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.protocols.dlms.axdr import INTEGERS, Data, Tag, encode
from faza.protocols.dlms.clock import NO_DEVIATION
from faza.protocols.dlms.reading import length
from faza.protocols.metered import I64, U8, Mask, Stamps

_STAMP_HEAD = bytes((Tag.OCTET_STRING, 12))


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A column: (n, w) bytes with their tags; present (n,), None if all are."""

    table: U8
    present: Mask | None = None


def integers(tag: Tag, values: I64, present: Mask | None = None) -> Cells:
    """A column of integers (n,) of one type. The values must fit it."""
    width, signed = INTEGERS[tag]
    table = np.empty((len(values), 1 + width), np.uint8)
    table[:, 0] = tag
    kind = np.dtype(f">{'i' if signed else 'u'}{width}")
    table[:, 1:] = np.ascontiguousarray(values.astype(kind)).view(np.uint8).reshape(-1, width)
    return Cells(table, None if present is None or present.all() else present)


def stamps(
    moments: Stamps,
    offset: int,
    status: npt.NDArray[np.uint8] | int,
    *,
    deviation: bool = True,
    hundredths: int = 0,
) -> Cells:
    """A column of clocks (n,), given in UTC, shown `offset` minutes later.

    status: of the clock, (n,) or one for all.
    """
    local = moments.astype("M8[s]") + np.timedelta64(offset, "m")
    days = local.astype("M8[D]")
    months = local.astype("M8[M]")
    since, second = months.astype(np.int64), (local - days).astype(np.int64)
    year = since // 12 + 1970
    table = np.empty((len(local), 14), np.uint8)
    table[:, :2] = np.frombuffer(_STAMP_HEAD, np.uint8)
    table[:, 2], table[:, 3] = year >> 8, year & 0xFF
    table[:, 4] = since % 12 + 1
    table[:, 5] = (days - months.astype("M8[D]")).astype(np.int64) + 1
    table[:, 6] = (days.astype(np.int64) + 3) % 7 + 1
    table[:, 7], table[:, 8], table[:, 9] = second // 3600, second // 60 % 60, second % 60
    table[:, 10] = hundredths
    minutes = -offset if deviation else NO_DEVIATION
    table[:, 11:13] = np.frombuffer(minutes.to_bytes(2, "big", signed=True), np.uint8)
    table[:, 13] = status
    return Cells(table)


def constants(values: Sequence[Data]) -> Cells:
    """The one cell of a column of one row, or cells of one width."""
    encoded = [encode(value) for value in values]
    return Cells(np.frombuffer(b"".join(encoded), np.uint8).reshape(len(encoded), -1))


def array(columns: Sequence[Cells], count: int) -> bytes:
    """An array of `count` structures of these columns."""
    head = bytes((Tag.ARRAY,)) + length(count)
    if not count:
        return head
    start = np.frombuffer(bytes((Tag.STRUCTURE,)) + length(len(columns)), np.uint8)
    parts = [np.broadcast_to(start, (count, len(start))), *(cells.table for cells in columns)]
    table = np.concatenate(parts, axis=1)
    if all(cells.present is None for cells in columns):
        return head + table.tobytes()
    kept = np.ones(table.shape, np.bool_)
    at = len(start)
    for cells in columns:
        width = cells.table.shape[1]
        if cells.present is not None:
            missing = ~cells.present
            table[missing, at] = Tag.NULL
            kept[missing, at + 1 : at + width] = False
        at += width
    return head + table[kept].tobytes()
