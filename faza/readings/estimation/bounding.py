"""Brackets: what registers prove of a stretch is what its intervals sum to.

Unknown cells share what the known ones leave, in proportion to what was estimated of them. A
bracket is left alone where it contradicts the cells that stand: they hold more than it, beyond
its resolution, or more would have to flow than can. Then the residual tells (rule V07).
Source: rules, "Readings".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.readings.estimation.cells import Cells, flat_ends
from faza.readings.estimation.shapes import F64, I64, Bound, Brackets, Channels, Mask, State
from faza.readings.estimation.sharing import Segments, shared

NONE = -1
"""Stands for "no value" among whole values, which are never negative."""
COARSE = 20
"""Steps of a register that a bracket holds at most, where an estimate that agrees with it within
a step stays as it is; else it is met exactly. Found by measurement: 10 and 20 halve the month's
error with steps of 100 Wh, and change nothing with those of 1 kWh.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Fallback:
    """For cells of which nothing is known but a bracket's energy, (n,).

    weights: how much of the bracket's mean interval, NaN: none may be given. methods: of METHODS.
    """

    weights: F64
    methods: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """What became of brackets, (b,), and of cells, (n,).

    values: (n,) whole values, NONE where there still is none. residuals: energy - sum of all
    cells. complete: no cell without a value. used: there were cells to estimate, and the
    bracket did not contradict those that stand. first, end: flat indexes.
    """

    values: I64
    residuals: I64
    complete: Mask
    used: Mask
    first: I64
    end: I64


def bound(channels: Channels, cells: Cells, brackets: Brackets, fallback: Fallback) -> Met:
    """Whole values of cells, such that brackets are met; fills in methods of the fallback."""
    work = _Work(channels, cells, brackets, fallback)
    for wave in _waves(brackets, np.flatnonzero(work.holds_cells())):
        work.meet(wave)
    return work.met()


class _Work:
    """Values of cells on the way: those of brackets that were met are settled."""

    def __init__(
        self, channels: Channels, cells: Cells, brackets: Brackets, fallback: Fallback
    ) -> None:
        self.cells, self.brackets, self.fallback = cells, brackets, fallback
        self.first, self.end = flat_ends(channels, brackets)
        natural = cells.natural
        self.values = np.where(np.isnan(natural), NONE, np.rint(natural)).astype(np.int64)
        self.limits = (
            np.zeros(len(cells), np.int64)
            if channels.limits is None
            else channels.limits[cells.channels]
        )
        told = self.limits > 0
        self.values[told] = np.minimum(self.values[told], self.limits[told])
        state = channels.state.reshape(-1)
        stands = state <= State.KEPT
        self.energy = _before(np.where(stands, channels.values.reshape(-1), 0))
        self.stands = _before(stands)
        self.there = _before(state != State.ABSENT)
        self.settled = np.zeros(len(cells), bool)
        self.by_jump = np.zeros(len(cells), bool)
        self.used = np.zeros(len(brackets), bool)

    def holds_cells(self) -> Mask:
        """(b,) which brackets hold cells to estimate."""
        flat = self.cells.flat
        return np.searchsorted(flat, self.end) > np.searchsorted(flat, self.first)

    def within(self, before: I64, chosen: I64) -> I64:
        """What running sums say of brackets."""
        return before[self.end[chosen]] - before[self.first[chosen]]

    def meet(self, chosen: I64) -> None:
        """Meet brackets that do not overlap, by what is not settled in them."""
        chosen = chosen[np.argsort(self.first[chosen], kind="stable")]
        first, end, flat = self.first[chosen], self.end[chosen], self.cells.flat
        place = np.maximum(np.searchsorted(first, flat, side="right") - 1, 0)
        inside = (flat >= first[place]) & (flat < end[place])
        low, high = np.searchsorted(flat, first), np.searchsorted(flat, end)
        resolution = np.maximum(self.brackets.resolutions[chosen], 1)
        left = self._left(chosen, low, high)
        wrong = self._refutes(chosen, left, resolution, low, high)
        if wrong.any():
            self.settled[inside & self.by_jump & wrong[place]] = False
            left = self._left(chosen, low, high)

        mine = np.flatnonzero(inside & ~self.settled)
        of = Segments(place[mine], len(chosen))
        natural, nothing = self._natural(mine, chosen[place[mine]])
        usable = (of.counts > 0) & (left >= -resolution) & ~of.any(np.isnan(natural))
        limits = self.limits[mine]
        unlimited = of.any(limits == 0)
        usable &= unlimited | (left <= of.sum(limits) + resolution)
        # Where a step of the register is a good part of it, an estimate that agrees is better.
        rounded = np.rint(np.nan_to_num(natural)).astype(np.int64)
        coarse = (resolution > 1) & (COARSE * resolution >= self.brackets.energies[chosen])
        agrees = coarse & (np.abs(left - of.sum(rounded)) <= resolution)
        agrees &= ~of.any(nothing)

        told = usable[of.rows]
        share = shared(of, np.nan_to_num(natural), np.maximum(left, 0), limits)
        value = np.where(agrees[of.rows], rounded, share)
        self.values[mine[told]] = value[told]
        self.settled[mine[told]] = True
        self.by_jump[mine[told]] = (self.brackets.bounds[chosen] == Bound.JUMP)[of.rows][told]
        fresh = mine[told & nothing]
        self.cells.method[fresh] = self.fallback.methods[fresh]
        self.used[chosen] = usable

    def _left(self, chosen: I64, low: I64, high: I64) -> I64:
        """Energy of brackets that neither known cells nor settled ones hold."""
        settled = _before(np.where(self.settled, self.values, 0))
        left: I64 = self.brackets.energies[chosen] - self.within(self.energy, chosen)
        return left - (settled[high] - settled[low])

    def _refutes(self, chosen: I64, left: I64, resolution: I64, low: I64, high: I64) -> Mask:
        """(b,) where registers say another energy than jumps within: registers are believed."""
        free = _before(~self.settled)
        none_free = free[high] == free[low]
        wrong: Mask = (left < -resolution) | (none_free & (np.abs(left) >= resolution))
        return wrong & (self.brackets.bounds[chosen] == Bound.REGISTER)

    def _natural(self, mine: I64, bracket: I64) -> tuple[F64, Mask]:
        """Estimates of cells, where there is none by the fallback; and where that was."""
        natural = self.cells.natural[mine]
        nothing = np.isnan(natural)
        mean = np.maximum(self.brackets.energies[bracket], 0) / np.maximum(
            self.within(self.there, bracket), 1
        )
        return np.where(nothing, self.fallback.weights[mine] * mean, natural), nothing

    def met(self) -> Met:
        """What became of it all."""
        every = np.arange(len(self.brackets))
        low = np.searchsorted(self.cells.flat, self.first)
        high = np.searchsorted(self.cells.flat, self.end)
        valued = self.values != NONE
        energy, count = _before(np.where(valued, self.values, 0)), _before(valued)
        sums = self.within(self.energy, every) + energy[high] - energy[low]
        full = self.within(self.stands, every) + count[high] - count[low]
        return Met(
            values=self.values,
            residuals=self.brackets.energies - sums,
            complete=full == self.within(self.there, every),
            used=self.used,
            first=self.first,
            end=self.end,
        )


def _before(numbers: npt.NDArray) -> I64:
    """(n + 1,) sums of what comes before each place."""
    return np.concatenate([[0], np.cumsum(numbers, dtype=np.int64)])


def _waves(brackets: Brackets, chosen: I64) -> list[I64]:
    """Chosen brackets in groups that do not overlap; of a channel the shorter come earlier."""
    if not len(chosen):
        return []
    length = brackets.ends - brackets.firsts
    order = chosen[np.lexsort((brackets.firsts[chosen], length[chosen], brackets.channels[chosen]))]
    channel, length, first = brackets.channels[order], length[order], brackets.firsts[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = channel[1:] != channel[:-1]
    later = np.zeros(len(order), np.int64)
    # Brackets of one length that do not overlap are met at once.
    later[1:] = (length[1:] != length[:-1]) | (first[1:] < first[:-1] + length[:-1])
    rank = np.cumsum(later)
    rank -= rank[fresh][np.cumsum(fresh) - 1]
    by_rank = np.argsort(rank, kind="stable")
    return np.split(order[by_rank], np.cumsum(np.bincount(rank))[:-1])
