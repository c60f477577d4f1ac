"""Payloads of the three charts, as frontend/src/charts/payloads.ts describes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from faza.cabinet.network.rows import places, volts
from faza.core.periods import Period
from faza.readings.network.phasors import Angles, Vectors
from faza.readings.network.queries import Course
from faza.readings.network.verdicts import TOLERANCE, quadrant
from faza.ui import formats

UNITS = {"U": "V", "I": "A", "P": "kW", "Q": "kvar", "PF": "", "F": "Hz"}
NAMES: dict[str, str | Promise] = {
    "U": pgettext_lazy("network", "voltage"),
    "I": pgettext_lazy("network", "current"),
    "P": pgettext_lazy("network", "active power"),
    "Q": pgettext_lazy("network", "reactive power"),
    "PF": pgettext_lazy("network", "cos φ"),
    "F": pgettext_lazy("network", "frequency"),
}
SIGNS = {"U": "U", "I": "I", "P": "P", "Q": "Q", "PF": "cos φ", "F": "f"}
FINE = {"U": 1, "I": 2, "P": 3, "Q": 3, "PF": 3, "F": 2}
FREQUENCY = (49.8, 50.0, 50.2)
"""Hz: what is permitted 95 % of a week. Source: ГОСТ 32144-2013, 4.2.1."""


def phasor(now: Vectors) -> dict[str, Any] | None:
    """Vectors of the moment; None where there is not one to draw."""
    most_volts = max((phase.voltage or 0 for phase in now.phases), default=0)
    most_amperes = max((phase.current or 0 for phase in now.phases), default=0)
    vectors = []
    for phase in now.phases:
        voltage = _vector(phase.voltage, phase.voltage_angle, most_volts)
        current = _vector(phase.current, phase.current_angle, most_amperes / 0.78)
        vectors.append({"letter": phase.letter, "voltage": voltage, "current": current})
    if not any(one["voltage"] for one in vectors):
        return None
    return {"vectors": vectors, "built": now.angles is not Angles.METER}


def _vector(size: float | None, angle: float | None, most: float) -> dict[str, float] | None:
    if not size or angle is None or not most:
        return None
    return {"length": round(size / most, 4), "angle": round(angle, 1)}


def power(now: Vectors) -> dict[str, Any] | None:
    """Powers of the moment; None where the total is not known."""
    total = now.total
    if total.active is None or total.reactive is None:
        return None
    known = [p for p in now.phases if p.active is not None and p.reactive is not None]
    whole = len(known) == len(now.phases)
    return {
        "phases": [
            {"letter": p.letter, "active": _round(p.active), "reactive": _round(p.reactive)}
            for p in (known if whole else [])
        ],
        "total": {"active": _round(total.active), "reactive": _round(total.reactive)},
        "alone": now.is_one_phase or not whole,
        "decimals": places(now),
        "quadrant": quadrant(total.active, total.reactive),
        "words": {
            "active": f"P, {formats.unit_name('kW')}",
            "reactive": f"Q, {formats.unit_name('kvar')}",
            "quadrants": [list(map(str, pair)) for pair in QUADRANTS],
        },
    }


QUADRANTS = (
    (pgettext_lazy("quadrant", "consumption"), pgettext_lazy("quadrant", "inductive")),
    (pgettext_lazy("quadrant", "to the grid"), pgettext_lazy("quadrant", "capacitive")),
    (pgettext_lazy("quadrant", "to the grid"), pgettext_lazy("quadrant", "inductive")),
    (pgettext_lazy("quadrant", "consumption"), pgettext_lazy("quadrant", "capacitive")),
)


def _round(value: float | None) -> float:
    return round(value or 0.0, 4)


def lines(quantity: str, values: Mapping[str, np.ndarray], phases: int) -> dict[str, np.ndarray]:
    """The channels that a quantity draws, by letter: "A", "N", or "" for all phases together.

    Of a one-phase meter what is told without a phase is the phase's.
    """
    if phases == 1:
        alone = values.get(f"{quantity}A", values.get(quantity))
        return {} if alone is None else {"" if quantity == "F" else "A": alone}
    names = {"A": f"{quantity}A", "B": f"{quantity}B", "C": f"{quantity}C"}
    if quantity == "I":
        names["N"] = "IN"
    if quantity not in "UI":
        names[""] = quantity
    return {letter: values[name] for letter, name in names.items() if name in values}


def regime(
    quantity: str, course: Course, period: Period, phases: int, zone: str, *,
    agreed: float | None, at: datetime | None,
) -> dict[str, Any] | None:  # fmt: skip
    """A quantity over a period; None where nothing of it is known."""
    drawn = lines(quantity, course.values, phases)
    known = [np.abs(one[~np.isnan(one)]) for one in drawn.values()]
    if not any(len(one) for one in known):
        return None
    decimals = FINE[quantity]
    # A phase may have told nothing at all over these times.
    most = max(float(one.max()) for one in known if len(one))
    if most >= 1000:
        decimals = 0
    elif most >= 100 and quantity in "PQI":
        decimals = 1
    start = int(course.starts[0]) if len(course.starts) else int(period.start.timestamp())
    return {
        "unit": formats.unit_name(UNITS[quantity]) if UNITS[quantity] else "",
        "decimals": decimals,
        "zone": zone,
        "start": start * 1000,
        "step": course.minutes * 60,
        "end": int(period.end.timestamp()) * 1000,
        "lines": [
            {"label": line_name(letter), "letter": letter, "value": _values(one, decimals)}
            for letter, one in drawn.items()
        ],
        "band": _band(quantity, agreed),
        "at": int(at.timestamp()) * 1000 if at and period.start <= at < period.end else None,
        "zero": quantity in "IP",
    }


def line_name(letter: str) -> str:
    if letter == "N":
        return _("neutral")
    return _("phase %(letter)s") % {"letter": letter} if letter else _("all phases")


def _values(values: np.ndarray, decimals: int) -> list[float | None]:
    rounded = np.round(values, decimals)
    return [None if np.isnan(one) else float(one) for one in rounded]


def _band(quantity: str, agreed: float | None) -> dict[str, Any] | None:
    if quantity == "F":
        low, middle, high = FREQUENCY
        words = [formats.number(high, 1), formats.number(middle), formats.number(low, 1)]
        unit = formats.unit_name("Hz")
    elif quantity == "U" and agreed:
        low, middle, high = agreed * (1 - TOLERANCE), agreed, agreed * (1 + TOLERANCE)
        share = formats.percent(100 * TOLERANCE)
        unit = formats.unit_name("V")
        words = [
            f"+{share} · {formats.number(high)}", formats.number(middle),
            f"{formats.MINUS}{share} · {formats.number(low)}",
        ]  # fmt: skip
    else:
        return None
    told = [f"{word}{formats.NBSP}{unit}" for word in words]
    return {"low": low, "high": high, "middle": middle, "words": told}


__all__ = ["NAMES", "SIGNS", "UNITS", "line_name", "lines", "phasor", "power", "regime", "volts"]
