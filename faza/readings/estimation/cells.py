"""The cells that are estimated, and how the time around them runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.readings.estimation.shapes import F64, I64, METHODS, U8, Brackets, Channels, Mask, State

WALL = 180
"""Minutes: where a longer stretch has no intervals at all, its two sides are not neighbours.

A day lacks at most so much against the longest day of a run (22 to 26 hours, rules "Time").
"""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells without a good value, (n,), ascending; what was found for them is filled in.

    flat: index in the flattened (c, d, k). channels, days, slots: the same, apart.
    natural: float, the estimate before registers bound it; NaN: none yet.
    method: index of METHODS. told: whether the cell was asked for (UNKNOWN, not WAITING).
    """

    flat: I64
    channels: I64
    days: I64
    slots: I64
    natural: F64
    method: U8
    told: Mask

    def __len__(self) -> int:
        return len(self.flat)

    def put(self, name: str, values: F64, where: Mask | None = None) -> None:
        """Fill in (n,) values by a method where there is none yet and they are no NaN."""
        fresh = np.isnan(self.natural) & ~np.isnan(values)
        if where is not None:
            fresh &= where
        self.natural[fresh] = np.maximum(values[fresh], 0)
        self.method[fresh] = METHODS.index(name)


def find(channels: Channels, brackets: Brackets) -> Cells:
    """All UNKNOWN cells, and WAITING ones that share a bracket with such."""
    state = channels.state.reshape(-1)
    unknown = state == State.UNKNOWN
    flat = np.flatnonzero(unknown)
    if len(brackets) and (state == State.WAITING).any():
        first, end = flat_ends(channels, brackets)
        count = np.concatenate([[0], np.cumsum(unknown)])
        shared = count[end] > count[first]
        depth = np.zeros(len(state) + 1, np.int64)
        np.add.at(depth, first[shared], 1)
        np.add.at(depth, end[shared], -1)
        within = np.cumsum(depth[:-1]) > 0
        flat = np.flatnonzero(unknown | (within & (state == State.WAITING)))
    _, d, k = channels.state.shape
    return Cells(
        flat=flat,
        channels=flat // (d * k),
        days=flat // k % d,
        slots=flat % k,
        natural=np.full(len(flat), np.nan),
        method=np.zeros(len(flat), np.uint8),
        told=state[flat] == State.UNKNOWN,
    )


def flat_ends(channels: Channels, brackets: Brackets) -> tuple[I64, I64]:
    """(b,) first and end of brackets as indexes of the flattened (c, d, k)."""
    _, d, k = channels.state.shape
    offset = brackets.channels * (d * k)
    return offset + brackets.firsts, offset + brackets.ends


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The measured neighbours of cells, all (n,); where `both` is false the rest means nothing.

    before, after: how many intervals away. left, right: their values.
    """

    both: Mask
    before: I64
    after: I64
    left: F64
    right: F64


def edges(channels: Channels, cells: Cells) -> Edges:
    """The nearest measured cells before and after each cell, within the channel."""
    c, d, k = channels.state.shape
    rows, inverse = np.unique(cells.channels, return_inverse=True)
    state = channels.state.reshape(c, d * k)[rows]
    measured = state == State.MEASURED
    index = np.arange(d * k)
    left = np.maximum.accumulate(np.where(measured, index, -1), axis=1)
    right = np.minimum.accumulate(np.where(measured, index, d * k)[:, ::-1], axis=1)[:, ::-1]
    at = cells.days * k + cells.slots
    lefts, rights = left[inverse, at], right[inverse, at]
    both = (lefts >= 0) & (rights < d * k)
    lefts, rights = np.where(both, lefts, 0), np.where(both, rights, 0)
    place = _places(state, channels.interval)
    values = channels.values.reshape(c, d * k)
    return Edges(
        both=both,
        before=place[inverse, at] - place[inverse, lefts],
        after=place[inverse, rights] - place[inverse, at],
        left=values[cells.channels, lefts].astype(np.float64),
        right=values[cells.channels, rights].astype(np.float64),
    )


def _places(state: U8, interval: int) -> I64:
    """(r, t) how many intervals lie before a cell: what pads short days is none."""
    absent = state == State.ABSENT
    if not absent.any():
        return np.broadcast_to(np.arange(state.shape[1]), state.shape)
    padding = absent & (_run_lengths(absent) * interval <= WALL)
    return np.cumsum(~padding, axis=1)


def _run_lengths(mask: Mask) -> npt.NDArray[np.int64]:
    """(r, t) the length of the run of equal cells that each cell lies in, along rows."""
    edge = np.ones(mask.shape, bool)
    edge[:, 1:] = mask[:, 1:] != mask[:, :-1]
    starts = np.flatnonzero(edge)
    lengths = np.diff(np.append(starts, mask.size))
    return np.repeat(lengths, lengths).reshape(mask.shape)
