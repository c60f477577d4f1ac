"""V16, phases that do not fit, and V17, doubt by events. Pure, over arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from faza.core.reading_types import BY_CHANNEL
from faza.readings.validation.cells import painted, present
from faza.readings.validation.day_rules import flagged
from faza.readings.validation.history_shapes import History
from faza.readings.validation.index import Index
from faza.readings.validation.shapes import Flags

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Parameters = Mapping[str, float]

PHASES = "ABC"
CODES = {name: kind.code for name, kind in BY_CHANNEL.items()}
_VOLT = int(1 / BY_CHANNEL["U"].quantum)
_DEGREE = int(1 / BY_CHANNEL["UB-UA"].quantum)
_ROUND = 360 * _DEGREE


def phases(history: History, index: Index, parameters: Parameters) -> Iterator[Flags]:
    """V16, of the channel at fault: current, power of a phase, or the first angle.

    Current without voltage in its phase. Voltages in the order A, C, B: angles to A grow the
    other way round (IEC 62056-6-1, group 81: UB to UA is 120°). Power of one phase against
    that of both others, where energy is not sent.
    """
    for phase in PHASES:
        yield _current_without_voltage(history, index, parameters, phase)
        yield _against_the_others(history, index, parameters, phase)
    yield _wrong_order(history, index, parameters)


def _of(history: History, name: str) -> I64:
    """The rows looked at that are of a channel."""
    return np.flatnonzero(history.looked & (history.days.batch.reading_types == CODES[name]))


def _with(history: History, index: Index, rows: I64, names: list[str]) -> tuple[I64, list[I64]]:
    """Those of the rows beside which all these channels are, and the rows of each of them."""
    beside = [index.beside(rows, CODES[name]) for name in names]
    all_there = np.logical_and.reduce([one >= 0 for one in beside])
    return rows[all_there], [one[all_there] for one in beside]


def _all_present(history: History, several: list[I64]) -> Mask:
    found: Mask = np.logical_and.reduce([present(history.days.take(one)) for one in several])
    return found


def _current_without_voltage(
    history: History, index: Index, parameters: Parameters, phase: str
) -> Flags:
    rows, beside = _with(history, index, _of(history, f"I{phase}"), [f"U{phase}"])
    values = history.days.batch.values
    mask = values[rows] >= parameters["current"]
    mask &= values[beside[0]] < parameters["volts"] * _VOLT
    mask &= _all_present(history, [rows, *beside])
    return flagged(rows, mask, value=np.where(mask, values[rows], 0).max(axis=1, initial=0))


def _against_the_others(
    history: History, index: Index, parameters: Parameters, phase: str
) -> Flags:
    others = [f"P{other}" for other in PHASES if other != phase]
    rows, beside = _with(history, index, _of(history, f"P{phase}"), others)
    kept = ~history.days.exports[rows]
    rows, beside = rows[kept], [one[kept] for one in beside]
    values, least = history.days.batch.values, parameters["power"]
    mask = values[rows] <= -least
    for one in beside:
        mask &= values[one] >= least
    mask &= _all_present(history, [rows, *beside])
    return flagged(rows, mask, value=np.where(mask, values[rows], 0).min(axis=1, initial=0))


def _wrong_order(history: History, index: Index, parameters: Parameters) -> Flags:
    rows, beside = _with(history, index, _of(history, "UB-UA"), ["UC-UA"])
    values = history.days.batch.values
    mask = _all_present(history, [rows, *beside])
    for angle, wrong in ((values[rows], 240), (values[beside[0]], 120)):
        away = (angle - wrong * _DEGREE + _ROUND // 2) % _ROUND - _ROUND // 2
        mask &= np.abs(away) <= parameters["angle"] * _DEGREE
    return flagged(rows, mask, value=np.where(mask, values[rows], 0).max(axis=1, initial=0))


def doubted(history: History, index: Index) -> Flags:
    """V17: values in stretches that events cast doubt on; `event` is that which began first."""
    doubts = history.doubts
    order = np.argsort(doubts.starts, kind="stable")
    places, rows, first, end = index.touched_of_points(
        doubts.usage_points[order], doubts.starts[order], doubts.ends[order]
    )
    kept = history.looked[rows]
    places, rows, first, end = places[kept], rows[kept], first[kept], end[kept]
    named, where, back = np.unique(rows, return_index=True, return_inverse=True)
    mask = painted((len(named), history.days.batch.values.shape[1]), back, first, end)
    mask &= present(history.days.take(named))
    kinds = np.array(doubts.kinds, np.str_)[order] if doubts.kinds else np.zeros(0, np.str_)
    return flagged(named, mask, event=kinds[places[where]])
