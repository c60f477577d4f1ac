"""Rules about registers: V07, V08, V09 and V12. Pure, over arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.core.reading_types import BY_CODE, ENERGIES
from faza.readings.registers import SINGLE, SIZE, TARIFFS, WHOLE, register
from faza.readings.validation.cells import numbers_of, present
from faza.readings.validation.history_shapes import Pairs, Readings
from faza.readings.validation.index import Index
from faza.readings.validation.shapes import Days, Findings

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Parameters = Mapping[str, float]

_CURRENT = (1, 2, 3, 4, 6, 8, 10, 15, 16, 20, 30, 40, 60, 80, 100, 120, 150, 160, 200, 240, 300,
            400, 600, 800, 1000, 1200, 1600, 2000)  # fmt: skip
_VOLTAGE = (1, 30, 60, 63, 100, 105, 110, 150, 200, 350, 1100, 2200)
RATIOS = np.unique(np.multiply.outer(_CURRENT, _VOLTAGE))
"""Ratios of usual transformers: currents over 5 A or 1 A, voltages over 100 V.

Sources: series of GOST 7746 and GOST 1983 [?].
"""
NEAR = 0.02
"""How far an implied ratio may be from a usual one. A choice of ours."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What the intervals of pairs hold, (p,).

    known: the sum of the values there are; missing: how many intervals have none. fits: the
    pair lies on edges of intervals of days that are there.
    """

    known: I64
    missing: I64
    fits: Mask


def sums_of(days: Days, pairs: Pairs, index: Index) -> Sums:
    """Sum up the intervals between readings."""
    n = len(days)
    channels = index.channels(pairs.usage_points, pairs.reading_types)
    first, after = index.rows(channels.clip(min=0), pairs.starts, pairs.ends)
    fits = (channels >= 0) & (after > first)
    if not fits.any():
        nothing = np.zeros(len(pairs), np.int64)
        return Sums(nothing, nothing, fits)
    here = present(days)
    last = (after - 1).clip(0, n - 1)
    first = first.clip(max=n - 1)
    steps = days.steps()
    fits &= ((pairs.starts - days.midnights[first]) % steps[first]) == 0
    fits &= ((pairs.ends - days.midnights[last]) % steps[last]) == 0
    fits &= steps[first] == steps[last]
    known, count = (
        _up_to(table, days, last, pairs.ends) - _up_to(table, days, first, pairs.starts)
        for table in (np.where(here, days.batch.values, 0), here.astype(np.int64))
    )
    return Sums(known, (pairs.ends - pairs.starts) // steps[first] - count, fits)


def _up_to(table: I64, days: Days, rows: I64, moments: I64) -> I64:
    """(p,) the sum of (n, k) over all rows before a row, and in it up to a moment."""
    before = np.concatenate([[0], np.cumsum(table.sum(axis=1))])
    columns = ((moments - days.midnights[rows]) // days.steps()[rows]).clip(0, table.shape[1])
    named, back = np.unique(rows, return_inverse=True)
    within = np.zeros((len(named), table.shape[1] + 1), np.int64)
    np.cumsum(table[named], axis=1, out=within[:, 1:])
    found: I64 = before[rows] + within[back, columns]
    return found


def sum_check(pairs: Pairs, sums: Sums, parameters: Parameters) -> Findings:
    """V07: the sum is off the register difference by more than its resolution or `percent`.

    Where intervals are missing, only if the others hold more than the register has counted.
    """
    off = sums.known - pairs.differences
    wrong = sums.fits & (np.abs(off) > tolerance(pairs, parameters))
    wrong &= (sums.missing <= 0) | (off > 0)
    return _of_pairs(
        pairs, "V07", parameters, wrong,
        {"sum": sums.known, "difference": pairs.differences, "resolution": pairs.resolutions,
         "missing": sums.missing},
    )  # fmt: skip


def tolerance(pairs: Pairs, parameters: Parameters) -> npt.NDArray[np.float64]:
    """(p,) how far sum and register may be apart."""
    return np.maximum(
        parameters["steps"] * pairs.resolutions, parameters["percent"] / 100 * pairs.differences
    )


def other_ratio(pairs: Pairs, sums: Sums, parameters: Parameters) -> Findings:
    """V12: the intervals have counted by a usual ratio that is not that of the complex."""
    enough = pairs.differences >= parameters["precise"] * pairs.resolutions
    enough &= sums.fits & (sums.missing == 0) & (pairs.shown > 0)
    implied = sums.known / np.maximum(pairs.shown, 1)
    place = np.searchsorted(RATIOS, implied).clip(1, len(RATIOS) - 1)
    low, high = RATIOS[place - 1], RATIOS[place]
    nearest = np.where(implied - low < high - implied, low, high)
    near = np.abs(implied - nearest) <= NEAR * nearest
    apart = np.abs(nearest / pairs.ratios - 1) > parameters["deviation"] / 100
    return _of_pairs(
        pairs, "V12", parameters, enough & near & apart,
        {"ratio": pairs.ratios, "implied": implied.round(3)},
    )  # fmt: skip


def tariffs(readings: Readings, parameters: Parameters) -> Findings:
    """V08: the tariffs together have counted something else than the total, by more than steps.

    Between two readings in turn; each register may be off by a step of its own.
    """
    place, before = _in_turn(readings)
    found = []
    for energy in ENERGIES:
        total = (energy.code - 1) * TARIFFS
        each = slice(total + 1, total + TARIFFS)
        both = readings.present[place] & readings.present[before]
        same = (readings.present[place, each] == readings.present[before, each]).all(axis=1)
        same &= both[:, total] & both[:, each].any(axis=1)
        counted = _counted(readings, place, before)
        parts = np.where(both[:, each], counted[:, each], 0).sum(axis=1)
        allowed = parameters["steps"] * readings.steps[place] * (1 + both[:, each].sum(axis=1))
        wrong: Mask = same & (np.abs(parts - counted[:, total]) >= allowed)
        found.append(
            _of_readings(
                readings, (before, place), energy.code, "V08", parameters, wrong,
                {"sum": parts, "difference": counted[:, total],
                 "resolution": readings.steps[place]},
            )
        )  # fmt: skip
    return Findings.concatenate(found)


def falls(readings: Readings, parameters: Parameters) -> Findings:
    """V09: a register shows less than before; one finding an energy, of its first such register."""
    place, before = _in_turn(readings)
    both = readings.present[place] & readings.present[before]
    less = both & (readings.values[place] < readings.values[before])
    found = []
    for energy in (*ENERGIES, *(BY_CODE[code] for code in SINGLE)):
        first = register(energy.code)
        each = less[:, first : first + (1 if energy.code in SINGLE else TARIFFS)]
        which = first + each.argmax(axis=1)
        wrong: Mask = each.sum(axis=1) > 0
        capacities = readings.capacities[place] * WHOLE[first] // 1000
        was, now = readings.values[before, which], readings.values[place, which]
        found.append(
            _of_readings(
                readings, (before, place), energy.code, "V09", parameters, wrong,
                {"register": which, "before": was, "after": now,
                 "rolled": _rolled(capacities, now - was).astype(np.int64)},
            )
        )  # fmt: skip
    return Findings.concatenate(found)


def _in_turn(readings: Readings) -> tuple[I64, I64]:
    """Readings looked at and the one before of the same meter at another moment."""
    place = np.flatnonzero(readings.looked)
    place = place[place > 0]
    before = place - 1
    same = (readings.usage_points[place] == readings.usage_points[before]) & (
        readings.meters[place] == readings.meters[before]
    )
    same &= readings.moments[place] > readings.moments[before]
    return place[same], before[same]


def _rolled(capacities: I64, shown: I64) -> Mask:
    """Less by half of the way round and more is a roll-over (register_queries)."""
    rolled: Mask = shown <= -capacities // 2
    return rolled


def _counted(readings: Readings, place: I64, before: I64) -> I64:
    """(r, 39) differences as the meter counts, a roll-over undone."""
    shown = readings.values[place] - readings.values[before]
    capacities = np.repeat(readings.capacities[place, None], SIZE, axis=1)
    return np.where(_rolled(capacities, shown), shown + capacities, shown)


def _of_pairs(
    pairs: Pairs, code: str, parameters: Parameters, wrong: Mask,
    numbers: Mapping[str, npt.NDArray],
) -> Findings:  # fmt: skip
    rows = np.flatnonzero(wrong)
    columns = {name: one[rows].tolist() for name, one in numbers.items()}
    return Findings(
        pairs.usage_points[rows], pairs.reading_types[rows], pairs.starts[rows], pairs.ends[rows],
        (code,) * len(rows),
        np.full(len(rows), parameters["effect"], np.int8),
        numbers_of(columns, len(rows)),
    )  # fmt: skip


def _of_readings(
    readings: Readings, sides: tuple[I64, I64], reading_type: int, code: str,
    parameters: Parameters, wrong: Mask, numbers: Mapping[str, npt.NDArray],
) -> Findings:  # fmt: skip
    """Findings between pairs of readings: sides are the rows (r,) of the first and the second."""
    before, place = sides
    rows = np.flatnonzero(wrong)
    columns = {name: one[rows].tolist() for name, one in numbers.items()}
    return Findings(
        readings.usage_points[place[rows]],
        np.full(len(rows), reading_type, np.int16),
        readings.moments[before[rows]],
        readings.moments[place[rows]],
        (code,) * len(rows),
        np.full(len(rows), parameters["effect"], np.int8),
        numbers_of(columns, len(rows)),
    )
