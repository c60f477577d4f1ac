"""Months of real homes of which intervals were taken away: delivered, validated, read again.

A year of each of the twelve homes of `accuracy`. Where a home has gaps of its own its registers
count on by the week before, as nobody knows better; what registers do not bound is compared where
it was taken away only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np
import numpy.typing as npt

from faza.bench import accuracy
from faza.bench.accuracy import FIRST, LEAST, MONTH, SLOTS, Homes
from faza.bench.truth import world
from faza.bench.truth.world import Registers
from faza.core.quality import is_present

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

DAYS = 364
TAKEN: dict[str, Callable[..., Mask]] = {
    "5 % of half-hours at random": accuracy.at_random,
    "whole days, 5 %": accuracy.whole_days(1),
    "three whole days in a row, 5 %": accuracy.whole_days(3),
}
READ = {
    "each day, 1 Wh": Registers(1),
    "each month, 1 Wh": Registers(1, every=MONTH),
    "each day, 10 Wh": Registers(10),
    "each day, 10 Wh x 12,000": Registers(10, ratio=12_000),
}
UNREAD = Registers(every=0)


@dataclass(frozen=True, slots=True)
class Bound:
    """Months whose gaps registers bound. exact: of these the ones without any error.

    worst, p90: the greatest error and the 90th percentile, in steps of the register by the ratio;
    day: the greatest error of a day. left: intervals that nothing was told of.
    """

    taken: str
    read: str
    months: int
    exact: int
    p90: float
    worst: float
    day: float
    left: int


@dataclass(frozen=True, slots=True)
class Unbound:
    """Errors of months in %, median and 90th percentile, by way; `left` as above."""

    taken: str
    months: int
    ways: tuple[tuple[str, float, float], ...]
    left: int


@cache
def year(homes: int = 12, days: int = DAYS) -> Homes:
    """A year of each home: the second of those that have two, on which nothing was tuned."""
    of = accuracy.homes()
    begins = np.where(of.known[:, DAYS:].any(axis=(1, 2)), DAYS, 0)
    columns = begins[:homes, None] + np.arange(days)
    rows = np.arange(homes)[:, None]
    return Homes(of.values[rows, columns], of.known[rows, columns])


def consumed(of: Homes) -> I64:
    """(c, d, 48) Wh, own gaps as a week before."""
    values = of.values.copy()
    for day in range(7, values.shape[1]):
        values[:, day] = np.where(of.known[:, day], values[:, day], values[:, day - 7])
    return values


def through_the_store(of: Homes, missing: Mask, kind: Registers, name: str) -> tuple[I64, Mask]:
    """What stands in the end, (c, d, 48) Wh on the primary side, and where something does."""
    count, days = of.values.shape[:2]
    complexes = world.make_points(name, count, kind)
    at = world.midnight(days) + timedelta(days=3)
    world.deliver(complexes, of.values * kind.ratio, of.known & ~missing, at)
    world.read(complexes, consumed(of), kind, at)
    world.work(at)
    values, quality = world.effective(complexes, days)
    return values, is_present(quality)


def bound(taken: str, read: str, of: Homes | None = None) -> Bound:
    """The energy of all months after the first weeks against what the meters counted."""
    of = of or year()
    kind = READ[read]
    missing = _missing(of, taken)
    values, there = through_the_store(of, missing, kind, f"{taken[:15]}/{read}")
    off = (values - consumed(of) * kind.ratio)[:, _begin(kind) :]
    step = kind.step * kind.ratio
    months = np.abs(_by_month(off))
    return Bound(
        taken, read, months.size, int((months == 0).sum()),
        float(np.percentile(months, 90)) / step, float(months.max()) / step,
        float(np.abs(off.sum(axis=2)).max()) / step,
        int((~there[:, _begin(kind) :]).sum()),
    )  # fmt: skip


def unbound(taken: str, of: Homes | None = None) -> Unbound:
    """The same without registers: ours, a line, zeros; errors of what was taken away."""
    of = of or year()
    missing = _missing(of, taken)
    values, there = through_the_store(of, missing, UNREAD, f"{taken[:15]}/unread")
    energy = _by_month(of.values)
    hit = _by_month(missing).astype(bool) & (energy >= LEAST)
    ways = []
    for way, filled in (
        ("estimated", np.where(there, values, 0).astype(np.float64)),
        ("line", accuracy.linear(of, missing)),
        ("zeros", accuracy.zeros(of, missing)),
    ):
        wrong = np.where(missing, filled - of.values, 0)
        percent = np.abs(_by_month(wrong)[hit]) / energy[hit] * 100
        ways.append((way, float(np.median(percent)), float(np.percentile(percent, 90))))
    return Unbound(taken, int(hit.sum()), tuple(ways), int((missing & ~there).sum()))


def _missing(of: Homes, taken: str) -> Mask:
    return accuracy.taken_away(of, TAKEN[taken])


def _begin(kind: Registers) -> int:
    """The first day compared: after the first weeks, where a month begins."""
    return -(-FIRST // MONTH) * MONTH


def _by_month(cells: npt.NDArray) -> npt.NDArray:
    """(c, m) sums of (c, d, 48) by months of 28 days; a rest at the end is left out."""
    months = cells.shape[1] // MONTH
    whole = cells[:, : months * MONTH]
    found: npt.NDArray = whole.reshape(len(cells), months, MONTH * SLOTS).sum(axis=2)
    return found
