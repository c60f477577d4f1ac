"""How a day's values become bytes, and back; and the counters kept beside them.

A day is empty (all zero) or n unsigned bytes, n unsigned 16-bit, n signed 32-bit or n signed
64-bit little-endian integers: the narrowest that holds it. A day of valid values has no quality
bytes: empty, not null, because a row without nulls is 8 bytes shorter. Measured against int4[],
zlib, lz4, zstd and varints in reference/storage.md: the smallest that needs only NumPy. ADR 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality, is_estimated, is_present

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U8 = npt.NDArray[np.uint8]

WIDTHS: dict[int, np.dtype[Any]] = {
    1: np.dtype("u1"),
    2: np.dtype("<u2"),
    4: np.dtype("<i4"),
    8: np.dtype("<i8"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Counters:
    """Of each day: sum of present values, greatest measured one, and how many are what.

    All (n,) int64 but has_peak (n,) bool: a day without a measured value has no peak.
    valid + missing + estimated = the day's number of intervals.
    """

    total: I64
    peak: I64
    has_peak: npt.NDArray[np.bool_]
    valid: I64
    missing: I64
    estimated: I64


@dataclass(frozen=True, slots=True, eq=False)
class PackedGroup:
    """Days of one layout: rows (m,) indexes into the batch, values and quality (m, bytes)."""

    rows: I64
    values: U8
    quality: U8


def stored_quality(quality: U8) -> U8:
    """Quality as it is kept: what nobody told is missing."""
    return np.where(quality == Quality.UNTOLD, np.uint8(Quality.MISSING), quality)


def count(values: I64, quality: U8, lengths: I16) -> Counters:
    """Counters of days; values (n, k) must be 0 where absent, cells past a length UNTOLD."""
    total = values.sum(axis=1)
    n = lengths.astype(np.int64)
    if not quality.any():
        nothing = np.zeros(len(n), np.int64)
        peak = values.max(axis=1) if values.size else nothing
        return Counters(total, peak, n > 0, n, nothing, nothing)
    estimated = is_estimated(quality)
    measured = is_present(quality) & ~estimated
    n_estimated, n_valid = estimated.sum(axis=1), measured.sum(axis=1)
    lowest = np.iinfo(np.int64).min
    peak = np.where(measured, values, lowest).max(axis=1)
    has_peak = n_valid > 0
    return Counters(
        total, np.where(has_peak, peak, 0), has_peak, n_valid, n - n_valid - n_estimated,
        n_estimated,
    )  # fmt: skip


def pack(values: I64, quality: U8, lengths: I16) -> Iterator[PackedGroup]:
    """Days (n, k) as bytes, in groups of one length, width and kind of quality."""
    if not len(values):
        return
    low, high = values.min(axis=1), values.max(axis=1)
    width = np.full(len(values), 8, np.int64)
    width[(low >= -(2**31)) & (high < 2**31)] = 4
    width[(low >= 0) & (high < 2**16)] = 2
    width[(low >= 0) & (high < 2**8)] = 1
    width[(low == 0) & (high == 0)] = 0
    has_quality = np.zeros(len(values), np.int64)
    if quality.any():
        inside = np.arange(values.shape[1]) < lengths[:, None]
        has_quality = ((quality != Quality.VALID) & inside).any(axis=1).astype(np.int64)
    layout = (lengths.astype(np.int64) * 16 + width) * 2 + has_quality
    for kind in np.unique(layout):
        rows = np.flatnonzero(layout == kind)
        length, size = int(kind) // 32, int(kind) // 2 % 16
        everything = len(rows) == len(values)
        if size:
            chosen = values[:, :length] if everything else values[rows, :length]
            packed = np.ascontiguousarray(chosen.astype(WIDTHS[size])).view(np.uint8)
        else:
            packed = np.zeros((len(rows), 0), np.uint8)
        told = stored_quality(quality[rows, : length * (int(kind) % 2)])
        yield PackedGroup(rows, packed.reshape(len(rows), length * size), told)


def unpack(
    values: Sequence[bytes], quality: Sequence[bytes], lengths: npt.ArrayLike, width: int = 0
) -> tuple[I64, U8]:
    """Days from bytes: values (n, k) int64, quality (n, k) uint8, k the greatest length or `width`.

    Cells past a day's length are 0 and UNTOLD.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    width = max(width, int(sizes.max(initial=0)))
    numbers = np.zeros((len(sizes), width), np.int64)
    told = np.full((len(sizes), width), Quality.UNTOLD, np.uint8)
    layouts: dict[tuple[int, int, bool], list[int]] = {}
    for row, (blob, codes, length) in enumerate(zip(values, quality, sizes.tolist(), strict=True)):
        layouts.setdefault((length, len(blob), not codes), []).append(row)
    for (length, size, all_valid), rows in layouts.items():
        whole = len(rows) == len(sizes)
        place: slice | list[int] = slice(None) if whole else rows
        if size:
            joined = b"".join(values if whole else [values[row] for row in rows])
            numbers[place, :length] = np.frombuffer(joined, WIDTHS[size // length]).reshape(
                len(rows), length
            )
        if all_valid:
            told[place, :length] = Quality.VALID
        else:
            codes_joined = b"".join(quality[row] for row in rows)
            told[place, :length] = np.frombuffer(codes_joined, np.uint8).reshape(len(rows), length)
    return numbers, told
