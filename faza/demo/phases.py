"""How the power of a point divides into its phases, and what is wrong with some installations.

Powers of the phases add up to the point's own, as its meter counts it. What a turned transformer
or a lost phase makes of the registers is in the truth already: here it is only shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.core.reading_types import BY_CHANNEL
from faza.demo import profiles
from faza.demo.loads import Truth
from faza.demo.plan import MODELS, POINTS

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

NOMINAL = 240
"""The mean voltage of the measured house."""
WEEKS = (0, 7, 19)
"""Weeks by which the voltage of a phase is turned."""
ACTIVE, REACTIVE = (0.40, 0.28, 0.32), (0.30, 0.14, 0.56)
"""Shares of the phases: motors stand on C. Behind voltage transformers all are nearly alike."""
SPREAD, SPREAD_HIGH = 0.22, 0.03

TAKES = {"turned": -0.45, "lost": 0.0}
"""What a fault makes of the share of its phase."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in an installation: "order", "turned", "lost"; in which phase (0, 1, 2).

    days: since so many days before the grid was made first.
    """

    kind: str
    phase: int
    days: int


FAULTS = {
    "Офис продаж": Fault("order", 1, 400),
    'Кафе "Пристань"': Fault("turned", 1, 6),
    'Автосервис "Колея"': Fault("lost", 2, 3),
}


def letters(n: int) -> str:
    """The phases of a point."""
    return "A" if MODELS[POINTS[n].model].phases == 1 else "ABC"


def voltages(truth: Truth, n: int, place: int) -> F64:
    """(slots,) V of a phase; where the profile is as measured, so are they."""
    point, measured = POINTS[n], profiles.stored()["uci"][2]
    if point.load.as_measured:
        return truth.calendar.shape(measured) / 10
    volts = truth.calendar.shape(measured, rotate=WEEKS[place] + point.seed % 5)
    return volts / 10 * (point.nominal * 1.02 / NOMINAL)


def divided(truth: Truth, n: int, fault: Fault | None = None, since: int = 0) -> dict[str, F64]:
    """U, P, Q, I by phase ("UA", V, W, var, A), all (slots,); the fault from a half-hour on."""
    flow = truth.primary[:, n].astype(np.float64)
    active, reactive = 2 * (flow[0] - flow[1]), 2 * (flow[2] - flow[3])
    names = letters(n)
    takes, moves = _shares(truth, n, ACTIVE, 11), _shares(truth, n, REACTIVE, 21)
    found = {}
    if fault is not None and fault.kind in TAKES:
        takes[fault.phase, since:] *= TAKES[fault.kind]
        moves[fault.phase, since:] *= TAKES[fault.kind]
    takes, moves = takes / takes.sum(axis=0), moves / moves.sum(axis=0)
    for place, letter in enumerate(names):
        volts = voltages(truth, n, place)
        if fault is not None and fault.kind == "lost" and fault.phase == place:
            volts[since:] *= 0.03
        found[f"U{letter}"] = volts
        found[f"P{letter}"], found[f"Q{letter}"] = takes[place] * active, moves[place] * reactive
        apparent = np.hypot(found[f"P{letter}"], found[f"Q{letter}"])
        found[f"I{letter}"] = np.where(volts > 40, apparent / np.maximum(volts, 1), 0)
    return found


def _shares(truth: Truth, n: int, usual: tuple[float, ...], salt: int) -> F64:
    """(phases, slots) how a power divides; they change from hour to hour."""
    count = len(letters(n))
    if count == 1:
        return np.ones((1, truth.calendar.slots))
    point = POINTS[n]
    is_high = point.vt is not None
    spread = SPREAD_HIGH if is_high else SPREAD
    return np.stack(
        [
            (1 / 3 if is_high else share)
            * (1 + spread * truth.calendar.noise(point.seed + salt + place, each=2))
            for place, share in enumerate(usual)
        ]
    )


def told(of: Mapping[str, F64], *, is_swapped: bool = False) -> dict[int, I64]:
    """What a meter tells of divided powers, by reading type, in quanta, all of one length.

    With totals, factors, and angles behind U_A; is_swapped: phases follow as A, C, B.
    """
    names = [name[1] for name in of if name[0] == "U"]
    found: dict[str, F64] = {}
    for place, letter in enumerate(names):
        active, reactive = of[f"P{letter}"], of[f"Q{letter}"]
        apparent = of[f"U{letter}"] * of[f"I{letter}"]
        found |= {
            f"U{letter}": of[f"U{letter}"] * 10, f"I{letter}": of[f"I{letter}"] * 1000,
            f"P{letter}": active, f"Q{letter}": reactive, f"S{letter}": apparent,
            f"PF{letter}": _factor(active, apparent),
        }  # fmt: skip
        turn = -place if is_swapped else place
        behind = np.degrees(np.arctan2(reactive, active)) + 120 * turn
        found[f"I{letter}-UA"] = behind % 360 * 10
        if place:
            found[f"U{letter}-UA"] = np.full(len(active), 1200.0 * (turn % 3))
    for name in "PQ":
        found[name] = np.add.reduce([of[f"{name}{letter}"] for letter in names])
    found["S"] = np.hypot(found["P"], found["Q"])
    found["PF"] = _factor(found["P"], found["S"])
    return {BY_CHANNEL[name].code: _whole(values) for name, values in found.items()}


def _factor(active: F64, apparent: F64) -> F64:
    return np.where(apparent > 0, 1000 * active / np.maximum(apparent, 1e-9), 1000).clip(
        -1000, 1000
    )


def _whole(values: F64) -> I64:
    return np.rint(np.nan_to_num(values)).astype(np.int64)
