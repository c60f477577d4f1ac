"""The code numbers of ESPI, and what they mean in reading types.

Source: NAESB REQ.21, schema espi.xsd, version 4.0 of 2023-12-13.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from faza.core.quality import Quality
from faza.core.reading_types import (
    A_MINUS,
    A_PLUS,
    BY_CHANNEL,
    GAS,
    HEAT,
    R_MINUS,
    R_PLUS,
    WATER,
    Commodity,
    ReadingType,
)
from faza.protocols.tabular.words import Unit

ESPI = "http://naesb.org/espi"
ATOM = "http://www.w3.org/2005/Atom"

FORWARD, REVERSE = 1, 19
"""FlowDirection: from the network to the customer, and back."""
DELTA = 4
"""AccumulationBehaviour: the values are amounts of their intervals."""
ENERGY, VOLUME = 12, 58
"""MeasurementKind."""
NORMAL = 12
"""DataQualifier: neither mean nor maximum."""
WH, VARH, CUBIC_METRE, LITRE, JOULE = 72, 73, 42, 134, 31
"""Unit symbols (uom)."""
QUALITIES = frozenset(q.value for q in Quality if q < Quality.UNTOLD)


@dataclass(frozen=True, slots=True)
class Form:
    """How a reading type is written: values are `uom` x 10^`multiplier`, a quantum is `times`.

    Heat is kept in kcal, of which one is 41,868 tenths of a joule; all others are written as
    they are kept.
    """

    kind: ReadingType
    service: int
    commodity: int
    measured: int
    uom: int
    multiplier: int
    flow: int = FORWARD
    times: int = 1


FORMS: dict[str, Form] = {
    form.kind.channel: form
    for form in (
        Form(A_PLUS, 0, 1, ENERGY, WH, 0),
        Form(A_MINUS, 0, 1, ENERGY, WH, 0, REVERSE),
        Form(R_PLUS, 0, 1, ENERGY, VARH, 0),
        Form(R_MINUS, 0, 1, ENERGY, VARH, 0, REVERSE),
        Form(WATER, 2, 9, VOLUME, CUBIC_METRE, -3),
        Form(GAS, 1, 7, VOLUME, CUBIC_METRE, -3),
        Form(HEAT, 4, 12, ENERGY, JOULE, -1, FORWARD, 41_868),
    )
}
"""By channel: service, commodity, kind of measurement, unit and power of ten."""

SERVICES = {form.service: form.kind.commodity for form in FORMS.values()}
"""ServiceKind. Files of before version 3 have 5 for heat."""
COMMODITIES = {form.commodity: form.kind.commodity for form in FORMS.values()} | {
    2: Commodity.ELECTRICITY,
    8: Commodity.GAS,
    10: Commodity.HEAT,
    14: Commodity.WATER,
}

UNITS: dict[int, Unit] = {
    WH: Unit("Wh", Fraction(1, 1000)),
    VARH: Unit("varh", Fraction(1, 1000), reactive=True),
    38: Unit("W", Fraction(1, 1000), power=True),
    63: Unit("var", Fraction(1, 1000), reactive=True, power=True),
    CUBIC_METRE: Unit("m3", Fraction(1), other="m3"),
    166: Unit("m3", Fraction(1), other="m3"),
    167: Unit("m3", Fraction(1), other="m3"),
    LITRE: Unit("l", Fraction(1, 1000), other="m3"),
    JOULE: Unit("J", Fraction(1, 4_186_800_000), other="Gcal"),
}
"""Units that are understood, by their symbol; their base is what reading types are in."""

_ENERGY = {FORWARD: ("A+", "R+"), REVERSE: ("A-", "R-")}
_OF = {Commodity.WATER: "WATER", Commodity.GAS: "GAS", Commodity.HEAT: "HEAT"}


def kind_of(uom: int, flow: int, commodity: Commodity) -> ReadingType | None:
    """The reading type of values in a unit and direction; None where none fits.

    A direction that is not told (0) is that to the customer. Joules of electricity are refused.
    """
    unit = UNITS.get(uom)
    if unit is None or (flow or FORWARD) not in _ENERGY:
        return None
    if unit.other:
        channel = _OF.get(commodity)
    else:
        channel = _ENERGY[flow or FORWARD][unit.reactive]
        if commodity is not Commodity.ELECTRICITY:
            return None
    if channel is None:
        return None
    kind = BY_CHANNEL[channel]
    return kind if kind.unit == unit.base else None
