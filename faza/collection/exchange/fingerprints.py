"""What a message says, apart from its number and moment: a fingerprint, and what it lacks. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.core.quality import is_present
from faza.protocols.xml80020 import Message
from faza.protocols.xml80020.writer import COMMERCIAL, Rounding

_GOOD = np.isin(np.arange(256), [int(code) for code in COMMERCIAL])


@dataclass(frozen=True, slots=True)
class Said:
    """A day as a message says it.

    `fingerprint`: 32 hexadecimal digits, the same for the same codes, channels, values and
    statuses, whatever names, number and moment the message has. `missing`, `estimated`:
    intervals with status 1, without a value and with one.
    """

    fingerprint: str
    points: int
    missing: int
    estimated: int


def of(message: Message, rounding: Rounding) -> Said:
    """What a message says when it is written with a rounding."""
    digest = hashlib.blake2b(digest_size=16)
    rows: list[tuple[str, str, int, bytes]] = []
    points: set[str] = set()
    missing = estimated = 0
    for grid in message.grids:
        there = is_present(grid.quality)
        good = _GOOD[grid.quality]
        values = _shown(np.where(there, grid.values, 0), rounding)
        values[~there] = 0
        missing += int((~there).sum())
        estimated += int((there & ~good).sum())
        for n, channel in enumerate(grid.channels):
            told = values[n].tobytes() + there[n].tobytes() + good[n].tobytes()
            rows.append((channel.code, channel.channel, grid.interval, told))
            points.add(channel.code)
    for code, name, interval, told in sorted(rows):
        digest.update(f"{code}\0{name}\0{interval}\0{len(told)}\0".encode() + told)
    return Said(digest.hexdigest(), len(points), missing, estimated)


def _shown(values: npt.NDArray[np.int64], rounding: Rounding) -> npt.NDArray[np.int64]:
    """Values as the writer rounds them: (n, t) Wh."""
    if rounding == "exact":
        return values
    running = np.cumsum(values, axis=1)
    whole: npt.NDArray[np.int64] = np.diff((2 * running + 1000) // 2000, axis=1, prepend=0) * 1000
    return whole
