"""Registers of energy and values of the moment, class 3, and what their columns are in profiles.

Source: ГОСТ Р 58940; reference: Blue Book 12, 4.3.2, 6.3.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from faza.core.reading_types import BY_CODE, READING_TYPES
from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.references import CaptureObject, obis
from faza.protocols.metered import I64, Mask
from faza.simulator.dlms import values as v
from faza.simulator.dlms.cosem import Inside, Reader, Thing, constant
from faza.simulator.dlms.tables import Cells, integers
from faza.simulator.spec import MeterSpec

TARIFFS = 9
"""T0, the sum, to T8."""
UNITS = (v.WATT_HOUR, v.WATT_HOUR, v.VAR_HOUR, v.VAR_HOUR)
POWERS = (v.WATT, v.WATT, v.VAR, v.VAR)
_SCALERS = {1: 0, 10: 1}
_OF_QUANTITY = {
    "voltage": (-1, v.VOLT),
    "current": (-3, v.AMPERE),
    "active power": (0, v.WATT),
    "reactive power": (0, v.VAR),
    "apparent power": (0, v.VOLT_AMPERE),
    "power factor": (-3, v.COUNT),
    "frequency": (-2, v.HERTZ),
    "angle": (-1, v.DEGREE),
}
"""Scaler and unit of a value of the moment in the quanta of its reading type."""
_SIGNED = frozenset({"active power", "reactive power", "power factor", "angle"})


def register_name(quantity: int, tariff: int) -> bytes:
    return bytes((1, 0, quantity + 1, 8, tariff, 255))


def register_tag(spec: MeterSpec) -> Tag:
    """The type that holds the greatest number a register can show."""
    most = 10 ** (spec.digits + 3) // spec.register_step
    return Tag.DOUBLE_LONG_UNSIGNED if most <= v.MOST_U32 else Tag.LONG64_UNSIGNED


def register_scaler(spec: MeterSpec, quantity: int) -> Data:
    return v.scaler_unit(_SCALERS[spec.register_step], UNITS[quantity])


def registers(inside: Inside) -> list[Thing]:
    """1.0.{1..4}.8.{0..8}.255."""
    spec = inside.meter.spec
    return [
        Thing(
            v.REGISTER,
            register_name(quantity, tariff),
            {2: _shown(quantity, tariff), 3: constant(register_scaler(spec, quantity))},
        )
        for quantity in spec.channels
        for tariff in range(TARIFFS)
    ]


def _shown(quantity: int, tariff: int) -> Reader:
    def read(inside: Inside, at: datetime) -> Data:
        spec = inside.meter.spec
        if not inside.meter.shows(at)[tariff]:
            return axdr.null()
        value = int(inside.meter.registers(at)[quantity, tariff]) // spec.register_step
        return Data(register_tag(spec), value)

    return read


def register_columns(spec: MeterSpec) -> list[CaptureObject]:
    """Columns of daily and monthly profiles after the clock."""
    return [
        CaptureObject(v.REGISTER, register_name(quantity, tariff), 2)
        for quantity in spec.channels
        for tariff in range(TARIFFS)
    ]


def register_cells(spec: MeterSpec, values: I64, there: Mask) -> list[Cells]:
    """Values (n, 4, 9) Wh as cells of `register_columns`; there: (9,) tariffs that are told."""
    tag = register_tag(spec)
    shown = values // spec.register_step
    every = np.broadcast_to(there, (len(values), TARIFFS))
    return [
        integers(tag, shown[:, q, t], every[:, t]) for q in spec.channels for t in range(TARIFFS)
    ]


# Values of the moment


def moments(codes: tuple[int, ...]) -> list[Thing]:
    """Registers 1.0.C.7.0 of these reading types."""
    return [
        Thing(
            v.REGISTER,
            obis(BY_CODE[code].obis),
            {2: _moment(code), 3: constant(moment_scaler(code))},
        )
        for code in codes
    ]


def moment_codes(inside: Inside, at: datetime) -> tuple[int, ...]:
    """Which values of the moment a meter has."""
    found = inside.meter.instant(at).values
    return tuple(kind.code for kind in READING_TYPES if kind.code in found and kind.obis)


def moment_scaler(code: int) -> Data:
    return v.scaler_unit(*_OF_QUANTITY[BY_CODE[code].quantity])


def moment_tag(code: int) -> Tag:
    signed = BY_CODE[code].quantity in _SIGNED
    return Tag.DOUBLE_LONG if signed else Tag.DOUBLE_LONG_UNSIGNED


def moment_cells(code: int, values: I64) -> Cells:
    return integers(moment_tag(code), values)


def _moment(code: int) -> Reader:
    tag = moment_tag(code)
    return lambda inside, at: Data(tag, int(inside.meter.instant(at).values[code]))


def one(value: int) -> I64:
    return np.array([value], np.int64)
