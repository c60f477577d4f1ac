"""The table of values by phase, and how numbers of the network are written."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from faza.readings.network.phasors import Phase, Total, Vectors
from faza.readings.network.verdicts import TOLERANCE, Character, character_of
from faza.ui import formats

SCALE = 84
"""Width of the scale of a deviation; its middle is none, its ends ±10 %."""
CHARACTERS: dict[Character, str | Promise] = {
    Character.RESISTIVE: pgettext_lazy("load", "nearly resistive"),
    Character.SLIGHTLY_INDUCTIVE: pgettext_lazy("load", "slightly inductive"),
    Character.INDUCTIVE: pgettext_lazy("load", "inductive"),
    Character.SLIGHTLY_CAPACITIVE: pgettext_lazy("load", "slightly capacitive"),
    Character.CAPACITIVE: pgettext_lazy("load", "capacitive"),
    Character.IDLE: pgettext_lazy("load", "no load"),
    Character.UNKNOWN: pgettext_lazy("load", "not known"),
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """From the agreed voltage: as written, and the place of its mark on a scale of SCALE."""

    text: str
    mark: float
    is_outside: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A phase, the neutral or all together; texts as read, a dash for what is not known."""

    letter: str
    voltage: str = formats.DASH
    deviation: Deviation | None = None
    current: str = formats.DASH
    active: str = formats.DASH
    reactive: str = formats.DASH
    apparent: str = formats.DASH
    factor: str = formats.DASH
    shift: str = formats.DASH
    character: str = ""
    is_faint: bool = False


@dataclass(frozen=True, slots=True)
class Vector:
    """A line of the list beside the vectors: what, how great, at which angle, in words."""

    sign: str
    letter: str
    size: str
    angle: str
    words: str = ""


def rows(now: Vectors, agreed: float | None) -> tuple[Row, ...]:
    """Phases and neutral, in their order."""
    made = [_of_phase(phase, agreed, places(now)) for phase in now.phases]
    if now.neutral is not None:
        told = (
            _("neutral current, measured")
            if now.is_neutral_told
            else _("neutral current, computed")
        )
        made.append(
            Row("N", current=amperes(now.neutral, now), character=told, is_faint=True)
        )  # fmt: skip
    return tuple(made)


def total(now: Vectors) -> Row:
    """All phases together."""
    of, decimals = now.total, places(now)
    return Row(
        "", "", None, "",
        formats.number(of.active, decimals), formats.number(of.reactive, decimals),
        formats.number(of.apparent, decimals), formats.number(of.factor, 3),
        degrees(of.shift), whole(of),
    )  # fmt: skip


def _of_phase(of: Phase, agreed: float | None, decimals: int) -> Row:
    return Row(
        of.letter,
        volts(of.voltage),
        deviation(of.voltage, agreed),
        formats.number(of.current, 2 if (of.current or 0) < 100 else 1),
        formats.number(of.active, decimals),
        formats.number(of.reactive, decimals),
        formats.number(of.apparent, decimals),
        formats.number(of.factor if of.is_loaded else None, 3),
        degrees(of.shift if of.is_loaded else None),
        of_phase(of),
    )


def places(now: Vectors) -> int:
    """Decimals of powers: three in a house, fewer behind transformers."""
    most = max((abs(p.apparent or 0) for p in now.phases), default=0)
    return 3 if most < 100 else 1


def volts(value: float | None) -> str:
    return formats.number(value, 1 if (value or 0) < 1000 else 0)


def amperes(value: float | None, now: Vectors) -> str:
    most = max((phase.current or 0 for phase in now.phases), default=0)
    return formats.number(value, 2 if most < 100 else 1)


def degrees(value: float | None) -> str:
    """«11,5°»."""
    return formats.DASH if value is None else f"{formats.number(value, 1)}°"


def deviation(value: float | None, agreed: float | None) -> Deviation | None:
    if value is None or not agreed:
        return None
    share = value / agreed - 1
    text = formats.signed_percent(100 * share, 1)
    mark = SCALE / 2 * (1 + max(-1.0, min(1.0, share / TOLERANCE)))
    return Deviation(text, round(mark, 1), abs(share) > TOLERANCE + 1e-9)


def of_phase(of: Phase) -> str:
    """«индуктивная: ток отстаёт на 34°»; what is given back says so first."""
    found = character_of(of)
    told = str(CHARACTERS[found])
    if found in (Character.INDUCTIVE, Character.CAPACITIVE) and abs(of.shift or 0) <= 90:
        told = _("%(load)s: %(shift)s") % {"load": told, "shift": lag(of.shift or 0)}
    return _given(told, of.active if of.is_loaded else None)


def whole(of: Total) -> str:
    """«потребление, индуктивная»."""
    found = character_of(of)
    told = str(CHARACTERS[found])
    if found in (Character.IDLE, Character.UNKNOWN) or of.active is None:
        return told
    word = _("given to the grid") if of.active < 0 else _("consumption")
    return f"{word}, {told}"


def _given(told: str, active: float | None) -> str:
    if active is not None and active < 0:
        return _("to the grid, %(load)s") % {"load": told}
    return told


def lag(shift: float) -> str:
    """«ток отстаёт на 34°»."""
    parts = {"degrees": f"{formats.number(abs(shift))}°"}
    if shift < 0:
        return _("the current leads by %(degrees)s") % parts
    return _("the current lags by %(degrees)s") % parts


def listed(now: Vectors) -> tuple[Vector, ...]:
    """Voltages and currents with their angles, phase after phase."""
    made = []
    for phase in now.phases:
        size = formats.quantity(phase.voltage, "V", 1 if (phase.voltage or 0) < 1000 else 0)
        made.append(Vector("U", phase.letter, str(size), degrees(phase.voltage_angle)))
        size = formats.quantity(phase.current, "A", 2 if (phase.current or 0) < 100 else 1)
        said = _beside(phase) if phase.current_angle is not None and phase.is_loaded else ""
        made.append(Vector("I", phase.letter, str(size), degrees(phase.current_angle), said))
    return tuple(made)


def _beside(phase: Phase) -> str:
    shift = phase.shift or 0.0
    parts = {"degrees": degrees(abs(shift))}
    if abs(shift) > 90:
        return _("against the voltage, %(degrees)s") % parts
    if shift < 0:
        return _("leads by %(degrees)s") % parts
    return _("lags by %(degrees)s") % parts
