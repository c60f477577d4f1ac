"""Whole shares of whole sums: nothing is lost by rounding, nothing goes over a limit."""

from __future__ import annotations

import numpy as np

from faza.readings.estimation.shapes import F64, I64, Mask

GRAIN = 256
"""Parts of a quantum in which weights are summed: whole numbers, so that no order matters."""
ROUNDS = 32
"""How often what is over the limit in some cells is spread over the others."""


class Segments:
    """Rows of arrays in groups: `rows` (n,) ascending group numbers below `count`."""

    def __init__(self, rows: I64, count: int) -> None:
        self.rows = rows
        self.counts = np.bincount(rows, minlength=count)
        self.ends = np.cumsum(self.counts)
        self.starts = self.ends - self.counts

    def sum(self, numbers: I64) -> I64:
        """(groups,) exact sums of whole numbers."""
        before = np.concatenate([[0], np.cumsum(numbers, dtype=np.int64)])
        return before[self.ends] - before[self.starts]

    def any(self, mask: Mask) -> Mask:
        """(groups,) whether it holds in some row."""
        return self.sum(mask.astype(np.int64)) > 0


def shared(of: Segments, weights: F64, totals: I64, limits: I64) -> I64:
    """(n,) whole shares, none negative, that sum to `totals` (groups,) exactly.

    In proportion to `weights` (n,), evenly where these are all 0. limits: (n,), the most of a
    share, to the quantum; 0: none. A total beyond all limits goes over them.
    """
    grains = np.rint(weights * GRAIN).astype(np.int64)
    grains[~of.any(grains > 0)[of.rows]] = 1
    full = np.zeros(len(grains), bool)
    if (limits > 0).any():
        grains, full = _limited(of, grains, totals, limits)
    fixed = np.where(full, limits, 0)
    return fixed + _divided(of, np.where(full, 0, grains), totals - of.sum(fixed))


def _limited(of: Segments, grains: I64, totals: I64, limits: I64) -> tuple[I64, Mask]:
    """Weights of the cells that are not full, and which cells are full."""
    full = np.zeros(len(grains), bool)
    roomy = of.any(limits == 0) | (of.sum(limits) >= totals)
    for _ in range(ROUNDS):
        left = totals - of.sum(np.where(full, limits, 0))
        total = of.sum(np.where(full, 0, grains))
        # The others had no weight: what is left goes evenly.
        bare = (total == 0) & (left > 0)
        grains = np.where(bare[of.rows] & ~full, 1, grains)
        total = np.maximum(of.sum(np.where(full, 0, grains)), 1)
        share = grains * (left / total)[of.rows]
        over = ~full & roomy[of.rows] & (limits > 0) & (share > limits)
        if not over.any():
            break
        full |= over
    return grains, full


def _divided(of: Segments, grains: I64, totals: I64) -> I64:
    """Shares by running sums that are rounded, so that what rounding takes it gives next."""
    running = np.cumsum(grains)
    before = np.concatenate([[0], running])[of.starts]
    total = of.sum(grains)
    part = (totals / np.maximum(total, 1))[of.rows] * (running - before[of.rows])
    upto = np.minimum(np.rint(part).astype(np.int64), totals[of.rows])
    # From the last cell with a weight on, all of it: no rounding of a product decides.
    upto = np.where(running - before[of.rows] == total[of.rows], totals[of.rows], upto)
    shares = np.diff(upto, prepend=0)
    begins = of.starts[of.counts > 0]
    shares[begins] = upto[begins]
    return shares
