"""Vectors of currents and voltages of one moment, told by the meter or built from its values.

Angles are degrees behind the voltage of phase A: they grow with lag, as meters give them (IEC
62056-6-1, group 81; of a right order U_B stands at 120, U_C at 240). `shift` is by how much a
current lags its own voltage, above -180 to 180: below zero it leads; beyond 90 to either side
energy flows to the grid.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Values = Mapping[str, float]
"""Values by channel ("UA", "IB", "PF", "UC-UA"), in the units of core.reading_types: V, A, kW."""

LETTERS = {1: "A", 3: "ABC"}
"""Phases of a point by their number."""
LEAST = 0.01
"""kVA under which a direction is noise: two impulses of a meter of 3,200 an hour are 0.6 W."""
RIGHT = 120.0
"""Degrees from a phase to the next one."""


class Angles(StrEnum):
    """Where the angles of a moment come from."""

    METER = "meter"
    BUILT = "built"
    """Currents by powers or cos φ, voltages 120 degrees apart."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase at a moment; None is not known. V, A, kW, kvar, kVA; angles as the module says.

    Powers have their direction: active below zero flows to the grid, reactive below zero is
    capacitive for what is consumed.
    """

    letter: str
    voltage: float | None
    current: float | None
    active: float | None
    reactive: float | None
    apparent: float | None
    factor: float | None
    shift: float | None
    voltage_angle: float | None
    current_angle: float | None

    @property
    def is_loaded(self) -> bool:
        """Whether so much flows that its direction means anything."""
        return self.apparent is not None and self.apparent >= LEAST


@dataclass(frozen=True, slots=True)
class Total:
    """All phases together; None is not known."""

    active: float | None
    reactive: float | None
    apparent: float | None
    factor: float | None
    shift: float | None


@dataclass(frozen=True, slots=True)
class Vectors:
    """A moment at a point. neutral in A; `is_neutral_told`: measured, else added up as vectors."""

    phases: tuple[Phase, ...]
    total: Total
    frequency: float | None
    neutral: float | None
    is_neutral_told: bool
    angles: Angles

    @property
    def is_one_phase(self) -> bool:
        return len(self.phases) == 1


def vectors(values: Values, phases: int, *, has_neutral: bool = True) -> Vectors:
    """The vectors that values of a moment make. phases: 1 or 3.

    has_neutral: not so in networks above 1 kV, where no current of it is added up.

    A one-phase meter may tell its values with a phase or without ("UA" or "U"). What is not told
    and follows from the rest is computed: S from U and I, P and Q from S and the angle, the angle
    from P and Q or from cos φ and the direction of Q.
    """
    told = _of_one_phase(values) if phases == 1 else values
    made = tuple(
        _phase(told, letter, place, phases) for place, letter in enumerate(LETTERS[phases])
    )
    total = _total(told, made)
    neutral, is_told = _neutral(told, made) if has_neutral else (None, False)
    return Vectors(made, total, told.get("F"), neutral, is_told, _source(told, made))


def _of_one_phase(values: Values) -> Values:
    """Values of a one-phase meter, those without a phase taken for the phase's."""
    found = dict(values)
    for base in ("U", "I", "P", "Q", "S", "PF"):
        if base in values:
            found.setdefault(f"{base}A", values[base])
        elif f"{base}A" in values:
            found[base] = values[f"{base}A"]
    return found


def _phase(values: Values, letter: str, place: int, phases: int) -> Phase:
    voltage, current = values.get(f"U{letter}"), values.get(f"I{letter}")
    active, reactive = values.get(f"P{letter}"), values.get(f"Q{letter}")
    factor = values.get(f"PF{letter}")
    apparent = values.get(f"S{letter}")
    if apparent is None and voltage is not None and current is not None:
        apparent = voltage * current / 1000
    if apparent is None and active is not None and reactive is not None:
        apparent = math.hypot(active, reactive)
    of_voltage = _voltage_angle(values, letter)
    shift = _told_shift(values, letter, of_voltage)
    if shift is None:
        shift = _built_shift(values, active, reactive, apparent, factor)
    if shift is not None and apparent is not None:
        active = apparent * math.cos(math.radians(shift)) if active is None else active
        reactive = apparent * math.sin(math.radians(shift)) if reactive is None else reactive
    if factor is None and active is not None and apparent:
        factor = min(1.0, max(-1.0, active / apparent))
    if of_voltage is None and voltage is not None:
        of_voltage = RIGHT * place
    of_current = None
    if shift is not None and of_voltage is not None and current:
        of_current = (of_voltage + shift) % 360
    return Phase(
        letter, voltage, current, active, reactive, apparent, factor, shift,
        of_voltage, of_current,
    )  # fmt: skip


def _voltage_angle(values: Values, letter: str) -> float | None:
    """Of the voltage, as the meter tells it; A is where angles begin."""
    if letter == "A":
        return 0.0 if "UA" in values else None
    told = values.get(f"U{letter}-UA")
    return None if told is None else told % 360


def _told_shift(values: Values, letter: str, of_voltage: float | None) -> float | None:
    of_current = values.get(f"I{letter}-UA")
    if of_current is None or of_voltage is None:
        return None
    return wrapped(of_current - of_voltage)


def _built_shift(
    values: Values,
    active: float | None,
    reactive: float | None,
    apparent: float | None,
    factor: float | None,
) -> float | None:
    if active is not None and reactive is not None:
        return _angle_of(active, reactive)
    if factor is None and active is not None and apparent:
        factor = active / apparent
    if factor is None:
        return None
    size = math.degrees(math.acos(min(1.0, max(-1.0, factor))))
    # Whether it lags is told by reactive power alone; near 0 and 180 it is the same.
    side = reactive if reactive is not None else values.get("Q")
    if side is None:
        return size if min(size, 180 - size) < 6 else None
    return -size if side < 0 else size


def _angle_of(active: float, reactive: float) -> float | None:
    if not active and not reactive:
        return None
    return math.degrees(math.atan2(reactive, active))


def _total(values: Values, phases: tuple[Phase, ...]) -> Total:
    active = _or_sum(values.get("P"), [phase.active for phase in phases])
    reactive = _or_sum(values.get("Q"), [phase.reactive for phase in phases])
    apparent = values.get("S")
    if apparent is None and active is not None and reactive is not None:
        apparent = math.hypot(active, reactive)
    factor = values.get("PF")
    if factor is None and active is not None and apparent:
        factor = min(1.0, max(-1.0, active / apparent))
    shift = None
    if active is not None and reactive is not None:
        shift = _angle_of(active, reactive)
    return Total(active, reactive, apparent, factor, shift)


def _or_sum(told: float | None, parts: list[float | None]) -> float | None:
    """What is told, else the sum of all parts; of some of them there is none."""
    known = [part for part in parts if part is not None]
    if told is not None or len(known) < len(parts):
        return told
    return sum(known)


def _neutral(values: Values, phases: tuple[Phase, ...]) -> tuple[float | None, bool]:
    """Current of the neutral, and whether it is measured; of one phase there is none to add."""
    if "IN" in values:
        return values["IN"], True
    if len(phases) == 1:
        return None, False
    total = 0j
    for phase in phases:
        if phase.current is None or (phase.current and phase.current_angle is None):
            return None, False
        angle = math.radians(-(phase.current_angle or 0.0))
        total += cmath.rect(phase.current, angle)
    return abs(total), False


def _source(values: Values, phases: tuple[Phase, ...]) -> Angles:
    shown = [phase for phase in phases if phase.current_angle is not None]
    if not shown:
        return Angles.NONE
    live = [phase.letter for phase in phases if phase.voltage]
    is_told = all(f"I{phase.letter}-UA" in values for phase in shown)
    is_told &= all(letter == "A" or f"U{letter}-UA" in values for letter in live)
    return Angles.METER if is_told else Angles.BUILT


def wrapped(angle: float) -> float:
    """An angle as -180 to 180 degrees, 180 included."""
    found = angle % 360
    return found - 360 if found > 180 else found
