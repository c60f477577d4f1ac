"""What is measured: commodity, quantity, direction, phase, unit and the integer quantum."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Commodity(StrEnum):
    ELECTRICITY = "electricity"
    WATER = "water"
    GAS = "gas"
    HEAT = "heat"


@dataclass(frozen=True, slots=True)
class ReadingType:
    """A channel's kind of measurement (CIM, ESPI: ReadingType).

    Stored values are integers: value x quantum is the physical value in `unit`. `unit` is what
    people read (kWh); `quantum` the stored step in it (1/1000 of a kWh, a Wh). The quantum fits
    what files and meters say exactly, 80020's 0.5 kvarh included (rules, "Readings").
    `additive`: whether values of intervals add up (energy) or are averages (voltage).
    `code` is stored and never changes its meaning. `channel` is the name in files and addresses.
    """

    code: int
    channel: str
    quantity: str
    unit: str
    quantum: Fraction
    commodity: Commodity = Commodity.ELECTRICITY
    direction: str = ""
    phase: str = ""
    additive: bool = False
    obis: str = ""


MILLI = Fraction(1, 1000)
TENTH = Fraction(1, 10)


def _types() -> list[ReadingType]:
    def energy(code: int, channel: str, unit: str, direction: str, obis: str) -> ReadingType:
        quantity = "active energy" if unit == "kWh" else "reactive energy"
        return ReadingType(
            code, channel, quantity, unit, MILLI, direction=direction, additive=True, obis=obis
        )

    types = [
        energy(1, "A+", "kWh", "import", "1.0.1.29.0.255"),
        energy(2, "A-", "kWh", "export", "1.0.2.29.0.255"),
        energy(3, "R+", "kvarh", "import", "1.0.3.29.0.255"),
        energy(4, "R-", "kvarh", "export", "1.0.4.29.0.255"),
        ReadingType(
            5, "WATER", "volume", "m3", MILLI, Commodity.WATER, direction="import", additive=True
        ),
        ReadingType(
            6, "GAS", "volume", "m3", MILLI, Commodity.GAS, direction="import", additive=True
        ),
        ReadingType(
            7, "HEAT", "heat", "Gcal", MILLI**2, Commodity.HEAT, direction="import", additive=True
        ),
    ]
    # D=7 groups of СПОДЭС, C by phase (reference/domain.md, 3.2).
    by_phase = [
        (10, "U", "voltage", "V", TENTH, 12),
        (15, "I", "current", "A", MILLI, 11),
        (20, "P", "active power", "kW", MILLI, 1),
        (25, "Q", "reactive power", "kvar", MILLI, 3),
        (30, "S", "apparent power", "kVA", MILLI, 9),
        (35, "PF", "power factor", "", MILLI, 13),
    ]
    for base, channel, quantity, unit, quantum, group in by_phase:
        for place, phase in enumerate(("", "A", "B", "C")):
            obis = f"1.0.{group + 20 * place}.7.0.255"
            types.append(
                ReadingType(base + place, channel + phase, quantity, unit, quantum,
                            phase=phase, obis=obis)
            )  # fmt: skip
    types.append(ReadingType(19, "IN", "current", "A", MILLI, phase="N", obis="1.0.91.7.0.255"))
    types.append(ReadingType(40, "F", "frequency", "Hz", Fraction(1, 100), obis="1.0.14.7.0.255"))
    for place, (channel, to, of) in enumerate(
        [("UB-UA", 1, 0), ("UC-UA", 2, 0), ("IA-UA", 4, 0), ("IB-UA", 5, 0), ("IC-UA", 6, 0)]
    ):
        obis = f"1.0.81.7.{10 * to + of}.255"
        types.append(ReadingType(45 + place, channel, "angle", "°", TENTH, obis=obis))
    return types


READING_TYPES: tuple[ReadingType, ...] = tuple(_types())
BY_CODE: dict[int, ReadingType] = {kind.code: kind for kind in READING_TYPES}
BY_CHANNEL: dict[str, ReadingType] = {kind.channel: kind for kind in READING_TYPES}

A_PLUS, A_MINUS = BY_CHANNEL["A+"], BY_CHANNEL["A-"]
R_PLUS, R_MINUS = BY_CHANNEL["R+"], BY_CHANNEL["R-"]
WATER, GAS, HEAT = BY_CHANNEL["WATER"], BY_CHANNEL["GAS"], BY_CHANNEL["HEAT"]
ENERGIES = (A_PLUS, A_MINUS, R_PLUS, R_MINUS)
"""The four channels of 80020 and of load profile 1, in the order of their 80020 codes 01–04."""
OF_COMMODITY = {
    Commodity.ELECTRICITY: ENERGIES,
    Commodity.WATER: (WATER,),
    Commodity.GAS: (GAS,),
    Commodity.HEAT: (HEAT,),
}
"""What a meter of each resource counts; the first is what is consumed."""
