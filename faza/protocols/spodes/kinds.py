"""What a column or an object measures: from its name and unit to a reading type, exactly.

A register's value x 10^scaler is in its unit; a `Kind` says how many quanta of the reading type
that is. Power in a profile of energy is an average over the interval: x its hours is energy.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from faza.core.reading_types import ENERGIES, READING_TYPES, ReadingType
from faza.protocols.metered import Column
from faza.protocols.spodes.asking import power
from faza.protocols.spodes.layouts import Layout
from faza.protocols.spodes.names import groups

KILO = Fraction(1, 1000)
UNITS: dict[int, tuple[str, Fraction]] = {
    8: ("°", Fraction(1)),
    27: ("kW", KILO),
    28: ("kVA", KILO),
    29: ("kvar", KILO),
    30: ("kWh", KILO),
    31: ("kVAh", KILO),
    32: ("kvarh", KILO),
    33: ("A", Fraction(1)),
    35: ("V", Fraction(1)),
    44: ("Hz", Fraction(1)),
    255: ("", Fraction(1)),
}
"""Units of COSEM that are read: ours, and how many of ours one is. Blue Book 12, table 4."""
HOURLY = {"kW": "kWh", "kvar": "kvarh"}
MOMENTARY = frozenset({4, 5, 7, 14, 15, 24, 25, 27, 28})
"""D of values of a moment and of averages."""
INCREMENTS = frozenset({29, 30})
"""D of energy in an interval; 8 and 9 are registers, which no interval is."""
STATES = {"0.0.96.10.1.255", "0.0.96.10.2.255"}
"""Columns that tell the state of a row. Source: Blue Book 12, 7.4 (AMR profile status)."""
UNTRUSTED = 0b1010_0111
"""Bits of it: critical error, clock invalid, data not valid, clock adjusted, power down."""

_BY_GROUPS: dict[tuple[int, int], ReadingType] = {
    (groups(kind.obis)[2], groups(kind.obis)[4]): kind
    for kind in READING_TYPES
    if kind.obis and kind not in ENERGIES
}


class Plan(NamedTuple):
    """What of a row is read."""

    places: tuple[int, ...]
    columns: tuple[Column, ...]
    """Those of the places."""
    states: tuple[int, ...]


@lru_cache(maxsize=512)
def plan(layout: Layout, *, energies: bool) -> Plan:
    """What of a profile's rows is read; `energies`: powers A+ A- R+ R- in it are energies.

    Columns of unknown units or of no reading type of ours are left out.
    """
    hours = Fraction(layout.period, 3600)
    places: list[int] = []
    columns: list[Column] = []
    taken = set()
    for index, source in enumerate(layout.sources):
        if source.scaler is None or source.unit is None or source.element:
            continue
        found = kind_of(source.name, source.unit, hours if energies else None)
        if found is None or found.kind.code in taken:
            continue
        taken.add(found.kind.code)
        column = Column(found.kind, found.scale * power(source.scaler))
        places.append(index)
        columns.append(column)
    states = [index for index, source in enumerate(layout.sources) if source.name in STATES]
    return Plan(tuple(places), tuple(columns), tuple(states))


def kind_of(name: str, unit: int, hours: Fraction | None = None) -> Column | None:
    """What an object measures, and the quanta of it in one of its unit; None if not one of ours.

    `hours`: powers of C 1 to 4 are averages over so many hours, and are told as energy.
    """
    known = UNITS.get(unit)
    a, _, group, way, number, _ = groups(name)
    if known is None or a != 1:
        return None
    symbol, factor = known
    if 1 <= group <= 4 and not number and way in MOMENTARY | INCREMENTS:
        energy = ENERGIES[group - 1]
        if symbol == energy.unit:
            return Column(energy, factor / energy.quantum)
        if hours and HOURLY.get(symbol) == energy.unit:
            return Column(energy, factor * hours / energy.quantum)
    kind = _BY_GROUPS.get((group, number))
    if kind is None or kind.unit != symbol or way not in MOMENTARY:
        return None
    return Column(kind, factor / kind.quantum)
