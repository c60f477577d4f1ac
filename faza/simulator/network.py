"""Voltages, currents, powers, frequency and angles of a meter, and the quality of its supply.

Measured voltage of one house is turned by weeks from phase to phase; currents follow from the
meter's own energy, in shares by phase. Over-voltages and dips come by the seed, and are seen
alike in the values, the events and the counters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from faza.core.reading_types import BY_CHANNEL
from faza.protocols.metered import I64
from faza.simulator import shapes
from faza.simulator.load import HALF_HOUR
from faza.simulator.shapes import F64, SLOTS
from faza.simulator.spec import MeterSpec

MEASURED = 240
"""The mean voltage of the measured house."""
SHARES = (0.36, 0.3, 0.34)
WEEKS_APART = (0, 7, 19)
PER_DAY = 0.03
"""Chance of an over-voltage, and of a dip, in a day."""
LOUD, LOW = 1.13, 0.83
"""What they multiply voltage by: beyond 10 % either way (reference: domain, 1.2)."""
_SEEDS = {True: 31, False: 32}


class Spell(NamedTuple):
    """Voltage of a phase (0, 1, 2) out of bounds, [start, end) in seconds since 1970."""

    start: int
    end: int
    phase: int
    is_over: bool


def spells(spec: MeterSpec, first: int, end: int) -> list[Spell]:
    """Spells that begin in the local days [first, end) since 1970, in order."""
    found = []
    days = np.arange(first, end)
    for is_over, salt in _SEEDS.items():
        rolled = shapes.uniform(spec.seed + salt, days)
        for day in days[rolled < PER_DAY].tolist():
            slot, length, phase = (
                int(shapes.chance(spec.seed + salt + n, day) * most)
                for n, most in ((100, 40), (200, 6), (300, spec.phases))
            )
            start = (day * SLOTS + slot) * HALF_HOUR - spec.offset * 60
            found.append(Spell(start, start + (length + 1) * HALF_HOUR, phase, is_over))
    return sorted(found)


def values(spec: MeterSpec, begins: I64, seconds: I64, energy: I64) -> dict[int, I64]:
    """Averages over stretches, (n,) by code of the reading type, in its quanta.

    begins: seconds since 1970. energy: (n, 4) tenths of Wh and varh that flowed in `seconds`.
    """
    watts = energy * (360 / np.maximum(seconds, 1))[:, None]
    active, reactive = watts[:, 0] - watts[:, 1], watts[:, 2] - watts[:, 3]
    found: dict[str, F64] = {}
    slots = (begins + spec.offset * 60) // HALF_HOUR
    for phase, part in enumerate(_parts(spec, slots)):
        volts = _volts(spec, begins, slots, phase)
        found |= _of_phase("ABC"[phase], volts, active * part, reactive * part)
    total = np.hypot(active, reactive)
    found |= {
        "P": active,
        "Q": reactive,
        "S": total,
        "PF": _factor(active, total),
        "F": 5000 + 8 * (2 * shapes.uniform(61, begins // HALF_HOUR) - 1),
    }
    made = {BY_CHANNEL[channel].code: np.rint(found[channel]).astype(np.int64) for channel in found}
    return made | _told(spec, begins, made)


def _told(spec: MeterSpec, begins: I64, made: dict[int, I64]) -> dict[int, I64]:
    """What the load tells of its half-hours; beyond them what was made stands."""
    if spec.load is None:
        return {}
    places = begins // HALF_HOUR - int(spec.load.start.timestamp()) // HALF_HOUR
    inside = (places >= 0) & (places < spec.load.tenths.shape[1])
    return {
        code: np.where(inside, told[np.where(inside, places, 0)], made[code])
        for code, told in spec.load.parameters.items()
    }


def _parts(spec: MeterSpec, slots: I64) -> list[F64]:
    """Shares of the phases in the current, (n,) each, which change from hour to hour."""
    if spec.phases == 1:
        return [np.ones(len(slots))]
    second, third = (
        share * (0.9 + 0.2 * shapes.uniform(spec.seed + 60 + n, slots // 2))
        for n, share in enumerate(SHARES[1:])
    )
    return [1 - second - third, second, third]


def _of_phase(letter: str, volts: F64, active: F64, reactive: F64) -> dict[str, F64]:
    """Quanta: tenths of V, mA, W, var, VA, thousandths, tenths of a degree."""
    apparent = np.hypot(active, reactive)
    place = "ABC".index(letter)
    angle = np.degrees(np.arctan2(reactive, active)) + 120 * place
    found = {
        f"U{letter}": volts * 10,
        f"I{letter}": apparent / np.maximum(volts, 1) * 1000,
        f"P{letter}": active,
        f"Q{letter}": reactive,
        f"S{letter}": apparent,
        f"PF{letter}": _factor(active, apparent),
        f"I{letter}-UA": angle % 360 * 10,
    }
    if place:
        found[f"U{letter}-UA"] = np.full(len(volts), 1200.0 * place)
    return found


def _factor(active: F64, apparent: F64) -> F64:
    return np.where(apparent > 0, 1000 * active / np.maximum(apparent, 1e-9), 1000)


def _volts(spec: MeterSpec, begins: I64, slots: I64, phase: int) -> F64:
    rotate = WEEKS_APART[phase] + spec.seed % 5
    volts = shapes.at_half_hours(shapes.stored()["volts"], slots, rotate=rotate)
    volts *= spec.nominal / MEASURED / 10
    if len(slots):
        first, last = int(slots.min()) // SLOTS, int(slots.max()) // SLOTS
        for spell in spells(spec, first - 1, last + 1):
            if spell.phase == phase:
                within = (begins >= spell.start) & (begins < spell.end)
                volts[within] = spec.nominal * (LOUD if spell.is_over else LOW)
    return volts


def counters(spec: MeterSpec, month: int, at: int) -> dict[str, int]:
    """Since the start of a month (seconds): time out of bounds in s, count of over-voltages.

    Source: reference, domain 3.2 (1.0.147.133.0, 1.0.148.36.0).
    """
    shift = spec.offset * 60
    found = spells(spec, (month + shift) // (SLOTS * HALF_HOUR), (at + shift) // 86400 + 1)
    begun = [spell for spell in found if month <= spell.start <= at]
    return {
        "1.0.147.133.0.255": sum(min(spell.end, at) - spell.start for spell in begun),
        "1.0.148.36.0.255": sum(spell.is_over for spell in begun),
    }
