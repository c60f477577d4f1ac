"""What estimates were made from, as JSON by day: the answer to "why is this estimated?"."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from faza.readings.estimation.bounding import Met
from faza.readings.estimation.cells import Cells
from faza.readings.estimation.shapes import I64, METHODS, Bound, Brackets, Channels

DRAWS = np.isin(METHODS, ("interpolation", "like-days"))
"""By method: whether like days had a part in it."""
BOUNDS = tuple(bound.name.lower() for bound in Bound)
YEAR = 364
"""Days back to the same weekday of the year before."""

Inputs = tuple[Mapping[str, object], ...]


def told_inputs(
    channels: Channels, cells: Cells, chosen: I64, row: I64, days: npt.NDArray[np.int32],
    brackets: Brackets, met: Met,
) -> Inputs:  # fmt: skip
    """A mapping for each of the told days; `chosen` are the told cells, `row` (n,) their days.

    "days": like days; "year": the day a year before; "bounds": brackets, as in Estimates.
    """
    d, k = channels.state.shape[1:]
    first = channels.first_day.astype("datetime64[D]")
    inputs: list[dict[str, object]] = [{} for _ in range(int(row.max(initial=-1)) + 1)]

    drawn = DRAWS[cells.method[chosen]]
    pairs = (row[drawn, None] * d + days[chosen[drawn]])[days[chosen[drawn]] >= 0]
    names = np.datetime_as_string(first + np.arange(d)).tolist()
    for at, used in _grouped(np.unique(pairs), d):
        inputs[at]["days"] = [names[day] for day in used]

    past = cells.method[chosen] == METHODS.index("last-year")
    for at in np.unique(row[past]).tolist():
        day = first + cells.days[chosen[np.searchsorted(row, at)]] - YEAR
        inputs[at]["year"] = str(day)

    bounds = _bounds(brackets, met, names, k)
    for at, held in _grouped(_held(cells, chosen, row, met), max(len(brackets), 1)):
        inputs[at]["bounds"] = [bounds[bracket] for bracket in held]
    return tuple(inputs)


def _held(cells: Cells, chosen: I64, row: I64, met: Met) -> I64:
    """Ascending row * brackets + bracket: used brackets that hold told cells of a day."""
    used = np.flatnonzero(met.used)
    flat = cells.flat[chosen]
    low, high = np.searchsorted(flat, met.first[used]), np.searchsorted(flat, met.end[used])
    used, low, high = used[high > low], low[high > low], high[high > low]
    if not len(used):
        return np.zeros(0, np.int64)
    # All told days from a bracket's first told cell to its last hold some of its cells.
    begin, end = row[low], row[high - 1] + 1
    counts = end - begin
    bracket = np.repeat(used, counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort((np.repeat(begin, counts) + within) * len(met.used) + bracket)


def _bounds(
    brackets: Brackets, met: Met, names: list[str], k: int
) -> dict[int, Mapping[str, object]]:
    used = np.flatnonzero(met.used)
    last = brackets.ends[used] - 1
    told = zip(
        used.tolist(), brackets.bounds[used].tolist(), brackets.energies[used].tolist(),
        brackets.resolutions[used].tolist(), met.residuals[used].tolist(),
        (brackets.firsts[used] // k).tolist(), (brackets.firsts[used] % k).tolist(),
        (last // k).tolist(), (last % k + 1).tolist(), strict=True,
    )  # fmt: skip
    return {
        bracket: {
            "by": BOUNDS[by],
            "energy": energy,
            "resolution": resolution,
            "residual": residual,
            "from": [names[day], cell],
            "to": [names[last_day], last_cell],
        }
        for bracket, by, energy, resolution, residual, day, cell, last_day, last_cell in told
    }


def _grouped(numbers: I64, divisor: int) -> list[tuple[int, list[int]]]:
    """Ascending numbers by quotient: (quotient, remainders)."""
    if not len(numbers):
        return []
    row, rest = numbers // divisor, (numbers % divisor).tolist()
    edge = np.flatnonzero(np.diff(row, prepend=-1))
    ends = np.append(edge[1:], len(row)).tolist()
    return [
        (at, rest[begin:end])
        for at, begin, end in zip(row[edge].tolist(), edge.tolist(), ends, strict=True)
    ]
