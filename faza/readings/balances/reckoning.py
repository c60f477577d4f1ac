"""The balance itself: sums over what is known at all points at once. Plain NumPy.

A step (an hour, or a day where days are enough) counts only if every point of the balance is known
in it: otherwise a gap of one meter would read as a theft.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from faza.readings.balances import accuracy

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
N = TypeVar("N", np.int64, np.float64)

COS_PHI = 0.9
"""Of the load of a transformer, for its losses: with active energy alone S is not measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """Energy of m points over s steps, in Wh.

    points (m,) int64: ids, ascending where `of` is to find some among them.
    starts (s,) int64: unix seconds. hours (s,) float64: length of each step. arrived (s,): the step
    had ended at the moment of looking. plus, minus (m, s) int64: A+ and A−, 0 where not known.
    known (m, s): every interval of the step is there. intervals, estimated (m, s) int32: numbers
    of intervals that are there, and of those that nobody measured. has_minus (m,): the point
    tells A− at all.
    """

    points: I64
    starts: I64
    hours: F64
    arrived: Mask
    plus: I64
    minus: I64
    known: Mask
    intervals: I32
    estimated: I32
    has_minus: Mask

    def of(self, points: Sequence[int]) -> Flows:
        """Some points, in the order asked for; of one that is not there nothing is known."""
        asked = np.array(points, np.int64)
        if not len(self.points):
            nothing = np.zeros((len(points), len(self.starts)), np.int64)
            return replace(
                self, points=asked, plus=nothing, minus=nothing,
                known=nothing.astype(bool), intervals=nothing.astype(np.int32),
                estimated=nothing.astype(np.int32), has_minus=np.zeros(len(points), bool),
            )  # fmt: skip
        rows = np.searchsorted(self.points, asked).clip(max=len(self.points) - 1)
        there = self.points[rows] == asked
        mask = there[:, None]
        return replace(
            self,
            points=asked,
            plus=self.plus[rows] * mask,
            minus=self.minus[rows] * mask,
            known=self.known[rows] & mask,
            intervals=self.intervals[rows] * mask,
            estimated=self.estimated[rows] * mask,
            has_minus=self.has_minus[rows] & there,
        )


@dataclass(frozen=True, slots=True)
class Lost:
    """A part of the computed losses; as metering's BalanceLoss. power in W, rated in VA."""

    kind: str
    power: int = 0
    rated: int = 0
    percents: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """How a balance is judged: m points of which the first n_in come in.

    reverse (m,): the meter stands the other way round. errors (m,): δ in percent.
    permitted: percent, where somebody set it. least: share of steps, 0 … 1.
    """

    n_in: int
    reverse: Mask
    errors: F64
    losses: tuple[Lost, ...] = ()
    losses_error: float = 0.0
    permitted: float | None = None
    least: float = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Balances:
    """Balances of b stretches of time, all (b,); energies int64 in Wh.

    received: A+ of what comes in and A− of what goes out; released: the other way round.
    losses: computed. imbalance = received − released − losses: above zero, less went out than
    should have. All of them over the steps that are known at all points only.
    expected, counted int64: how many steps have passed, and how many of them are known.
    intervals, estimated int64: of the counted steps. percent: imbalance of received, NaN where
    nothing came in. permitted: percent, NaN so. counts: enough was known to judge.
    """

    received: I64
    released: I64
    losses: I64
    imbalance: I64
    expected: I64
    counted: I64
    intervals: I64
    estimated: I64
    percent: F64
    permitted: F64
    counts: Mask

    @classmethod
    def empty(cls, count: int) -> Balances:
        """Balances of which nothing is known."""
        n: list[I64] = [np.zeros(count, np.int64) for _ in range(8)]
        percent, permitted = np.full(count, np.nan), np.full(count, np.nan)
        never = np.zeros(count, bool)
        return cls(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], percent, permitted, never)

    def put(self, places: I64, others: Balances) -> None:
        """Take over other balances at some places."""
        for field in fields(self):
            getattr(self, field.name)[places] = getattr(others, field.name)

    @property
    def share(self) -> F64:
        """(b,) of the steps that have passed, how many are known at all points; NaN of none."""
        return np.where(self.expected > 0, self.counted / np.maximum(self.expected, 1), np.nan)

    @property
    def estimated_share(self) -> F64:
        """(b,) of the intervals that count, how many nobody measured; NaN of none."""
        return np.where(self.intervals > 0, self.estimated / np.maximum(self.intervals, 1), np.nan)

    @property
    def is_over(self) -> Mask:
        """(b,) whether the imbalance counts and is greater than permitted."""
        return self.counts & (np.abs(self.percent) > self.permitted)

    @property
    def ratio(self) -> F64:
        """(b,) |imbalance| to what is permitted; NaN where it does not count."""
        told = np.where(self.counts, np.abs(self.percent), np.nan)
        return told / np.where(self.permitted > 0, self.permitted, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What balances are made of: m points and l losses over b stretches, Wh.

    forth, back (m, b) int64: energy of each point in the balance's direction and against it, over
    the steps that count. complete (m, b): share of the steps known of the point itself, 0 … 1.
    losses (l, b) int64.
    """

    forth: I64
    back: I64
    complete: F64
    losses: I64


def reckon(
    flows: Flows, starts: I64, ends: I64, months: I64, terms: Terms
) -> tuple[Balances, Parts]:
    """The balances of stretches: i is made of the steps [starts[i], ends[i]).

    flows: of the points in the order of `terms`. months (s,) int64: calendar month of each step.
    """
    all_known = flows.known.all(axis=0) & flows.arrived
    turned = terms.reverse[:, None]
    forward = np.where(turned, flows.minus, flows.plus) * all_known
    backward = np.where(turned, flows.plus, flows.minus) * all_known
    n = terms.n_in
    received = forward[:n].sum(axis=0) + backward[n:].sum(axis=0)
    released = forward[n:].sum(axis=0) + backward[:n].sum(axis=0)
    each = lost(terms.losses, received, flows.hours * all_known, months)

    def summed(values: npt.NDArray[N]) -> npt.NDArray[N]:
        return _summed(values, starts, ends)

    parts = np.rint(summed(each)).astype(np.int64)
    come, gone, losses = summed(received), summed(released), parts.sum(axis=0)
    forth, back = summed(forward), summed(backward)
    expected = summed(flows.arrived.astype(np.int64))
    counted = summed(all_known.astype(np.int64))
    own = summed((flows.known & flows.arrived).astype(np.int64))
    imbalance = come - gone - losses
    flowing, divisor = come > 0, np.where(come > 0, come, 1)
    if terms.permitted is None:
        shares = (forth + back) / divisor
        limit = accuracy.permitted(terms.errors, shares, terms.losses_error, losses / divisor)
    else:
        limit = np.full(len(come), terms.permitted)
    told = Balances(
        received=come,
        released=gone,
        losses=losses,
        imbalance=imbalance,
        expected=expected,
        counted=counted,
        intervals=summed((flows.intervals * all_known).sum(axis=0).astype(np.int64)),
        estimated=summed((flows.estimated * all_known).sum(axis=0).astype(np.int64)),
        percent=np.where(flowing, 100 * imbalance / divisor, np.nan),
        permitted=np.where(flowing, limit, np.nan),
        counts=flowing & (counted >= np.maximum(terms.least * expected, 1)),
    )
    return told, Parts(forth, back, own / np.maximum(expected, 1), parts)


def lost(losses: Sequence[Lost], received: I64, hours: F64, months: I64) -> F64:
    """(l, s) computed losses in Wh of each step; hours (s,): of steps that do not count 0."""
    each = np.zeros((len(losses), len(received)))
    for row, loss in zip(each, losses, strict=True):
        match loss.kind:
            case "constant":
                row[:] = loss.power * hours
            case "load":
                counts = hours > 0
                power = received[counts] / hours[counts] / COS_PHI
                row[counts] = loss.power * (power / loss.rated) ** 2 * hours[counts]
            case _:
                percents = np.array([float(one) for one in loss.percents])
                of_month = percents[(months - 1) % len(percents)]
                row[:] = received * of_month / 100
    return each


def _summed(values: npt.NDArray[N], starts: I64, ends: I64) -> npt.NDArray[N]:
    """Sums of (…, s) over the stretches, (…, b); of an empty stretch 0."""
    running = np.zeros((*values.shape[:-1], values.shape[-1] + 1), values.dtype)
    np.cumsum(values, axis=-1, out=running[..., 1:])
    found: npt.NDArray[N] = running[..., ends] - running[..., starts]
    return found
