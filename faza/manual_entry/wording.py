"""Values of registers in words, as the meter's face and people say them."""

from __future__ import annotations

from collections.abc import Mapping

from faza.core.reading_types import BY_CODE
from faza.core.units import to_unit
from faza.readings.registers import meaning
from faza.ui import formats

DIRECTIONS = {2: "A−", 3: "R+", 4: "R−"}
"""Registers of energy given and of reactive energy say what they count."""


def name_of(register: int) -> str:
    """«T1»; «A− T1» of energy given; empty of a meter with one register."""
    reading_type, tariff = meaning(register)
    zone = f"T{tariff}" if tariff else ""
    return " ".join(part for part in (DIRECTIONS.get(reading_type, ""), zone) if part)


def value_of(register: int, quanta: int, decimals: int) -> str:
    """«4 821,64 кВт·ч», in the language that is active."""
    kind = BY_CODE[meaning(register)[0]]
    return str(formats.quantity(to_unit(quanta, kind), kind.unit, decimals))


def values_of(shown: Mapping[str, int], decimals: int) -> str:
    """All values of a reading: «T1 4 821,64 кВт·ч, T2 1 904,20 кВт·ч»."""
    numbers = sorted((int(register), value) for register, value in shown.items())
    return ", ".join(
        " ".join(part for part in (name_of(register), value_of(register, value, decimals)) if part)
        for register, value in numbers
    )
