"""What the values of a moment say about a point: voltage, connection, evenness, character.

Pure. Limits without a source are choices of ours and stand here, each by its name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from faza.readings.network.phasors import RIGHT, Angles, Phase, Total, Vectors, wrapped

TOLERANCE = 0.10
"""Share of the agreed voltage. Source: ГОСТ 32144-2013, 4.2.2 (ПП РФ 354, annex 1, 9)."""
ROUNDING = 1e-6
"""Percent; 253 V of 230 V are not above ten percent."""
DEAD = 0.5
"""A phase below this share of its voltage is taken for lost: motors of a three-phase load feed
some voltage back into it."""
CURRENT = 0.05
"""A: a current from here on flows; below it is the noise of transformers."""
APART = 30.0
"""Degrees by which voltages may miss their place and still stand in an order."""
UNEVEN = 0.30
"""By how much the greatest current may exceed the mean of three."""
WORTH = 0.2
"""kVA of all phases from which on evenness and character are spoken of."""
STRAIGHT, SLIGHT, MOTOR = 8.0, 20.0, 25.0
"""Degrees of shift: under the first a load is nearly resistive, under the second slightly
inductive or capacitive; from the third on a motor is likely."""


class State(StrEnum):
    """How a verdict is meant."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    INFO = "info"
    UNKNOWN = "unknown"


class Character(StrEnum):
    """What a load looks like from the meter."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    RESISTIVE = "resistive"
    SLIGHTLY_INDUCTIVE = "slightly inductive"
    INDUCTIVE = "inductive"
    SLIGHTLY_CAPACITIVE = "slightly capacitive"
    CAPACITIVE = "capacitive"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a point besides its values; None is not known.

    agreed: V of a phase. exports: it may send energy into the grid. most: A that its meter
    carries, on the side of the values.
    """

    agreed: float | None = None
    exports: bool = False
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """topic: voltage, connection, evenness or character. code: what it says; `phases` of which.

    numbers: what was compared, by name.
    """

    topic: str
    code: str
    state: State
    phases: str = ""
    numbers: dict[str, float] = field(default_factory=dict)


def verdicts(now: Vectors, of: Circumstances) -> list[Verdict]:
    """All that is to be said, in the order of the topics; of connection there may be several."""
    return [
        voltage(now, of),
        *connection(now, of),
        *([] if now.is_one_phase else [evenness(now, of)]),
        character(now),
    ]


def voltage(now: Vectors, of: Circumstances) -> Verdict:
    """lost: no voltage in some phases; outside, inside: against the agreed voltage."""
    told = [phase for phase in now.phases if phase.voltage is not None]
    if not told or not of.agreed:
        return Verdict("voltage", "unknown", State.UNKNOWN)
    lost = lost_phases(now, of)
    shares = {p.letter: 100 * ((p.voltage or 0) / of.agreed - 1) for p in told}
    numbers = {"agreed": of.agreed, "low": min(shares.values()), "high": max(shares.values())}
    volts = [phase.voltage or 0.0 for phase in told]
    numbers |= {"least": min(volts), "most": max(volts)}
    if lost:
        return Verdict("voltage", "lost", State.BAD, lost, numbers)
    most = 100 * TOLERANCE + ROUNDING
    outside = "".join(letter for letter, share in shares.items() if abs(share) > most)
    if outside:
        return Verdict("voltage", "outside", State.BAD, outside, numbers)
    return Verdict("voltage", "inside", State.GOOD, "".join(shares), numbers)


def lost_phases(now: Vectors, of: Circumstances) -> str:
    """Letters of the phases without voltage: not told while others are, or far too low."""
    if not any(phase.voltage for phase in now.phases):
        return ""
    least = DEAD * (of.agreed or max(phase.voltage or 0 for phase in now.phases))
    return "".join(phase.letter for phase in now.phases if (phase.voltage or 0) < least)


def connection(now: Vectors, of: Circumstances) -> list[Verdict]:
    """How currents and voltages stand to each other; what is wrong first, else one word.

    no voltage: current in a phase that has lost its voltage; the meter does not count it. order:
    phases follow each other as A, C, B. reversed: some phases give while others take, at a point
    that does not export: a current transformer is turned about, or its wires are. backwards: all
    do. gives: it flows to the grid, as it may. right, one phase, idle, unknown.
    """
    found = list(_wrong(now, of))
    return found or [_sound(now, of)]


def _wrong(now: Vectors, of: Circumstances) -> list[Verdict]:
    found = []
    lost = lost_phases(now, of)
    blind = "".join(p.letter for p in now.phases if p.letter in lost and (p.current or 0) > CURRENT)
    if blind:
        found.append(Verdict("connection", "no voltage", State.BAD, blind))
    if order(now) == "ACB":
        found.append(Verdict("connection", "order", State.BAD))
    giving = _giving(now, lost)
    if giving and not of.exports:
        live = "".join(phase.letter for phase in now.phases if phase.is_loaded)
        code = "backwards" if set(giving) >= set(live) else "reversed"
        found.append(Verdict("connection", code, State.BAD, giving))
    return found


def _sound(now: Vectors, of: Circumstances) -> Verdict:
    loaded = [phase for phase in now.phases if phase.is_loaded]
    giving = _giving(now, lost_phases(now, of))
    if giving:
        total = now.total.active or 0.0
        return Verdict("connection", "gives", State.INFO, giving, {"active": total})
    if not loaded:
        known = any(phase.apparent is not None for phase in now.phases)
        code, state = ("idle", State.INFO) if known else ("unknown", State.UNKNOWN)
        return Verdict("connection", code, state)
    if not any(_direction(phase) for phase in loaded):
        return Verdict("connection", "unknown", State.UNKNOWN)
    if now.is_one_phase:
        return Verdict("connection", "one phase", State.GOOD)
    if lost_phases(now, of):
        return Verdict("connection", "lost", State.WARN, lost_phases(now, of))
    if not order(now):
        return Verdict("connection", "order unknown", State.INFO)
    return Verdict("connection", "right", State.GOOD)


def order(now: Vectors) -> str:
    """ABC or ACB by the meter's own angles of voltages; empty where it tells none."""
    if now.is_one_phase or now.angles is not Angles.METER:
        return ""
    _, second, third = now.phases
    if second.voltage_angle is None or third.voltage_angle is None:
        return ""
    angles = (second.voltage_angle, third.voltage_angle)
    for name, places in (("ABC", (RIGHT, 2 * RIGHT)), ("ACB", (2 * RIGHT, RIGHT))):
        apart = [abs(wrapped(angle - place)) for angle, place in zip(angles, places, strict=True)]
        if max(apart) <= APART:
            return name
    return ""


def _direction(phase: Phase) -> int:
    """1 takes, -1 gives, 0 not known; the angle says it where it is known."""
    if not phase.is_loaded:
        return 0
    if phase.shift is not None:
        return 1 if abs(phase.shift) <= 90 else -1
    return 0 if not phase.active else int(math.copysign(1, phase.active))


def _giving(now: Vectors, lost: str) -> str:
    return "".join(
        phase.letter for phase in now.phases if _direction(phase) < 0 and phase.letter not in lost
    )


def evenness(now: Vectors, of: Circumstances) -> Verdict:
    """even, uneven: the greatest current against the mean; overloaded: more than the meter takes.

    idle: too little flows. share: percent of the apparent power in the phase of most.
    """
    currents = [phase.current for phase in now.phases if phase.current is not None]
    powers = [phase.apparent or 0.0 for phase in now.phases]
    if len(currents) < len(now.phases):
        return Verdict("evenness", "unknown", State.UNKNOWN)
    if sum(powers) < WORTH:
        return Verdict("evenness", "idle", State.INFO)
    mean = sum(currents) / len(currents)
    greatest = max(range(len(currents)), key=lambda place: currents[place])
    numbers = {
        "share": 100 * powers[greatest] / sum(powers),
        "over": 100 * (currents[greatest] / mean - 1) if mean else 0.0,
    }
    if now.neutral is not None:
        numbers["neutral"] = now.neutral
    if of.most:
        numbers["most"] = of.most
        if max(*currents, now.neutral or 0.0) > of.most:
            letter = now.phases[greatest].letter
            return Verdict("evenness", "overloaded", State.BAD, letter, numbers)
    letter = now.phases[greatest].letter
    if numbers["over"] > 100 * UNEVEN:
        return Verdict("evenness", "uneven", State.WARN, letter, numbers)
    return Verdict("evenness", "even", State.GOOD, letter, numbers)


def character(now: Vectors) -> Verdict:
    """motor, capacitive: of the phase that is shifted most; plain; gives; idle; unknown."""
    loaded = [phase for phase in now.phases if phase.is_loaded and phase.shift is not None]
    powers = [phase.apparent for phase in now.phases if phase.apparent is not None]
    if powers and sum(powers) < WORTH:
        return Verdict("character", "idle", State.INFO)
    taking = [phase for phase in loaded if abs(phase.shift or 0) <= 90]
    if not loaded:
        return Verdict("character", "unknown", State.UNKNOWN)
    if not taking:
        return Verdict("character", "gives", State.INFO)
    most = max(taking, key=lambda phase: abs(phase.shift or 0) if _counts(phase) else 0)
    shift = most.shift or 0.0
    numbers = {"shift": shift}
    if shift >= MOTOR and _counts(most):
        return Verdict("character", "motor", State.INFO, most.letter, numbers)
    if shift <= -MOTOR and _counts(most):
        return Verdict("character", "capacitive", State.INFO, most.letter, numbers)
    return Verdict("character", "plain", State.INFO, "", {"shift": now.total.shift or 0.0})


def _counts(phase: Phase) -> bool:
    return (phase.apparent or 0) >= WORTH / 2


def character_of(of: Phase | Total) -> Character:
    """The character of a load; which way it flows is another question."""
    if of.apparent is not None and of.apparent < 0.01:
        return Character.IDLE
    if of.shift is None:
        return Character.UNKNOWN
    # What is given back is seen from the other side: beyond 90 degrees by the way left to 180.
    shift = of.shift if abs(of.shift) <= 90 else wrapped(of.shift - 180)
    size = abs(shift)
    if size < STRAIGHT:
        return Character.RESISTIVE
    if shift > 0:
        return Character.SLIGHTLY_INDUCTIVE if size < SLIGHT else Character.INDUCTIVE
    return Character.SLIGHTLY_CAPACITIVE if size < SLIGHT else Character.CAPACITIVE


def quadrant(active: float, reactive: float) -> int:
    """1 to 4 (IEC 62053-23): takes inductive, gives capacitive, gives inductive, takes capacitive.

    On an axis it is the quadrant before which it lies.
    """
    if active >= 0:
        return 1 if reactive >= 0 else 4
    return 2 if reactive >= 0 else 3


def worst(found: Sequence[Verdict]) -> Verdict:
    """The verdict that answers first: what is bad before what warns, else the first."""
    ranks = {State.BAD: 0, State.WARN: 1}
    bad = [one for one in found if one.state is State.BAD]
    return min(bad or found[:1], key=lambda one: ranks.get(one.state, 2))
