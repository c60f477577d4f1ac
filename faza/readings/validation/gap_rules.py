"""Rules about gaps with what lies around them: V01 and V18. Pure, over arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.readings.validation.cells import expected, numbers_of, present
from faza.readings.validation.day_rules import MINUTE, energy_of, flagged
from faza.readings.validation.history_shapes import BACK, History
from faza.readings.validation.index import Index
from faza.readings.validation.register_rules import Sums
from faza.readings.validation.shapes import Findings, Flags
from faza.readings.validation.summary import ENERGY, Summary
from faza.readings.validation.usual import Usual

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Parameters = Mapping[str, float]

DAY = 86_400
NOTHING = 0.2
"""Share of its usual energy below which a gap is left with nothing. A choice of ours."""
_TIME = 36
"""Bits of a moment, below the number of its channel."""


def gaps(history: History, summary: Summary, parameters: Parameters) -> Flags:
    """V01: absent between values of the day, or for more than `wait` hours; whole days too."""
    days = history.days
    rows = np.flatnonzero(history.looked & ~summary.whole)
    some = days.take(rows)
    here = present(some)
    between = np.logical_or.accumulate(here[:, ::-1], axis=1)[:, ::-1]
    columns = np.arange(1, here.shape[1] + 1)
    ended = some.midnights[:, None] + columns * some.steps()[:, None]
    old = ended <= days.now - parameters["wait"] * 60 * MINUTE
    return flagged(rows, ~here & expected(some) & (between | old))


@dataclass(frozen=True, slots=True, eq=False)
class Jumps:
    """Intervals that may hold the energy of what came before, (j,), in the order of rows.

    rows, columns: where. first: the first column of the stretch that is told. since: unix
    seconds, where the gap or the zeros begin.
    """

    rows: I64
    columns: I64
    first: I64
    since: I64

    def take(self, some: Mask) -> Jumps:
        return Jumps(self.rows[some], self.columns[some], self.first[some], self.since[some])


def jumps(
    history: History, summary: Summary, usual: Usual, index: Index, sums: Sums,
    parameters: Parameters,
) -> Findings:  # fmt: skip
    """V18: an interval after a gap or zeros that holds what was to be expected of both.

    By registers that bound the gap: they leave less than half of its usual, while the interval
    holds more than twice its own usual and half of that of the gap; where they leave the gap its
    energy, it is none. Else by likeness: above the peaks of the weeks before by `factor`, and
    within `fit` times of the usual energy of the gap and itself.
    """
    found = _after_gaps(history, summary, index, parameters)
    batch = history.days.batch
    energy = batch.values[found.rows, found.columns]
    named, back = np.unique(found.rows, return_inverse=True)
    middle, _ = usual.profiles(named, parameters["days"])
    totals = usual.totals(named, parameters["days"])
    peaks = usual.peaks(named, parameters["days"])[back]
    own = middle[back, found.columns]
    whole = _usual_between(history, found, middle[back], totals[back])
    known = totals[back] >= 0
    fits = (energy * parameters["fit"] >= whole) & (energy <= parameters["fit"] * whole)
    likely = fits & (energy > parameters["factor"] * peaks) & (peaks >= 0)
    least = (whole - own) / 2
    rest, share = _left(history, index, found, sums)
    empty = (rest < NOTHING * (whole - own)) & (energy > 2 * own) & (energy - own > least)
    told = known & (empty | (likely & ~(share >= least)))
    return _told(
        history, found.take(told), energy[told], whole[told], parameters["effect"]
    )  # fmt: skip


def _after_gaps(history: History, summary: Summary, index: Index, parameters: Parameters) -> Jumps:
    """Intervals of `floor` W at least that come right after absent ones, or after zeros."""
    days = history.days
    batch = days.batch
    floor = energy_of(days, parameters["floor"])
    rows = np.flatnonzero(
        history.looked & ENERGY[batch.reading_types] & (summary.greatest >= floor)
    )  # fmt: skip
    if not len(rows):
        return Jumps(rows, rows, rows, rows)
    some = days.take(rows)
    here, wanted = present(some), expected(some)
    high = here & (some.batch.values >= floor[rows, None])
    ended = _last_moments(history, index)
    gap = np.zeros(here.shape, bool)
    gap[:, 1:] = ~here[:, :-1] & wanted[:, :-1]
    gap[:, 0] = ended[rows] < some.midnights
    place, column = np.nonzero(high & gap)
    before = _last_true(here)[place, column]
    inside = days.midnights[rows[place]] + (before + 1) * some.steps()[place]
    since = np.where(before >= 0, inside, ended[rows[place]])
    after_gap = Jumps(rows[place], column, column, since).take(since > 0)
    return _joined(after_gap, _after_zeros(history, rows, here, high, int(parameters["zeros"])))


def _after_zeros(history: History, rows: I64, here: Mask, high: Mask, least: int) -> Jumps:
    """Intervals that come right after `least` zeros of the same day."""
    days = history.days
    zero = here & (days.batch.values[rows] == 0)
    place, column = np.nonzero(high[:, 1:] & zero[:, :-1])
    column += 1
    first = _last_true(~zero)[place, column] + 1
    since = days.midnights[rows[place]] + first * days.steps()[rows[place]]
    return Jumps(rows[place], column, first, since).take(column - first >= least)


def _last_true(mask: Mask) -> I64:
    """(n, k) the last True column before each one, -1 where there is none."""
    columns = np.where(mask, np.arange(mask.shape[1]), -1)
    last = np.full(mask.shape, -1)
    np.maximum.accumulate(columns[:, :-1], axis=1, out=last[:, 1:])
    return last


def _last_moments(history: History, index: Index) -> I64:
    """(n,) when the last value of the channel before each day ended; 0 where BACK days have none.

    Unix seconds.
    """
    days = history.days
    here = present(days)
    last = here.shape[1] - here[:, ::-1].argmax(axis=1)
    ended = np.where(here.any(axis=1), days.midnights + last * days.steps(), 0)
    keys = (index.of_row << _TIME) + ended
    before = np.zeros(len(days), np.int64)
    before[1:] = np.maximum.accumulate(keys)[:-1]
    same = before >> _TIME == index.of_row
    moment = before & ((1 << _TIME) - 1)
    near = moment >= days.midnights - BACK * DAY
    return np.where(same & near, moment, 0)


def _joined(one: Jumps, other: Jumps) -> Jumps:
    """Both, in the order of rows."""
    parts = [np.concatenate(pair) for pair in zip(_fields(one), _fields(other), strict=True)]
    order = np.lexsort((parts[1], parts[0]))
    return Jumps(*(part[order] for part in parts))


def _fields(jumps: Jumps) -> tuple[I64, I64, I64, I64]:
    return jumps.rows, jumps.columns, jumps.first, jumps.since


def _usual_between(history: History, found: Jumps, middle: I64, totals: I64) -> I64:
    """(j,) usual energy from the gap's begin to the interval's end, by the like days of its day."""
    days = history.days
    steps = days.steps()[found.rows]
    end = found.columns + 1
    begin = (found.since - days.midnights[found.rows]) // steps
    lengths = days.batch.lengths[found.rows].astype(np.int64)
    whole, column = np.divmod(begin, lengths)
    before = np.zeros((len(middle), middle.shape[1] + 1), np.int64)
    np.cumsum(middle, axis=1, out=before[:, 1:])
    place = np.arange(len(middle))
    # The profile of medians is scaled to the median of the sums: medians do not add up.
    scale = totals / np.maximum(before[place, lengths], 1)
    shape = before[place, end] - before[place, column] - whole * before[place, lengths]
    return (scale * shape).astype(np.int64)


def _left(history: History, index: Index, found: Jumps, sums: Sums) -> tuple[F64, F64]:
    """(j,) the most that registers leave for what is missing between them, each gap among it, and
    the least that they leave for each gap; infinite and none where they tell nothing: unbound, or
    in contradiction to the intervals, or zeros that are no gap.

    Of several gaps between two readings each has its share by length.
    """
    days, pairs = history.days, history.pairs
    rest = pairs.differences - sums.known
    most, least = np.full(len(found.rows), np.inf), np.full(len(found.rows), -np.inf)
    some = np.flatnonzero(sums.fits & (sums.missing > 0) & (rest >= -pairs.resolutions))
    if not len(some):
        return most, least
    channels = index.channels(pairs.usage_points[some], pairs.reading_types[some])
    keys = (channels << _TIME) + pairs.starts[some]
    order = np.lexsort((-pairs.ends[some], keys))
    mine = index.of_row[found.rows]
    last = np.searchsorted(keys[order], (mine << _TIME) + found.since, side="right") - 1
    pair = some[order[last.clip(min=0)]]
    steps = days.steps()[found.rows]
    begin = days.midnights[found.rows] + found.columns * steps
    within = (last >= 0) & (channels[order[last.clip(min=0)]] == mine)
    within &= (pairs.starts[pair] <= found.since) & (begin + steps <= pairs.ends[pair])
    within &= found.first == found.columns
    share = ((begin - found.since) / steps / sums.missing[pair]).clip(max=1)
    most[within] = (rest + pairs.resolutions)[pair][within]
    least[within] = (rest[pair] * share - pairs.resolutions[pair])[within]
    return most, least


def _told(history: History, found: Jumps, energy: I64, whole: I64, effect: float) -> Findings:
    days = history.days
    batch, steps = days.batch, days.steps()[found.rows]
    begin = days.midnights[found.rows]
    numbers = {
        "since": found.since.tolist(),
        "energy": energy.tolist(),
        "usual": whole.tolist(),
        "intervals": (found.columns + 1 - found.first).tolist(),
    }
    return Findings(
        batch.usage_points[found.rows],
        batch.reading_types[found.rows],
        begin + found.first * steps,
        begin + (found.columns + 1) * steps,
        ("V18",) * len(energy),
        np.full(len(energy), effect, np.int8),
        numbers_of(numbers, len(energy)),
    )
