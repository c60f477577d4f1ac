"""Registers of energy by tariff: now, and as captured at the start of a day or month."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Literal

import numpy as np

from faza.protocols.dlms import Columns
from faza.protocols.metered import RegisterRows
from faza.protocols.spodes.asking import Step, learn_units, number_of, power, several
from faza.protocols.spodes.captures import layout
from faza.protocols.spodes.clocks import shown
from faza.protocols.spodes.layouts import Layout
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import (
    CAPTURED,
    CLOCK,
    CLOCK_CLASS,
    REGISTER,
    attribute,
    energy,
    groups,
)
from faza.protocols.spodes.profiles import numbers_of
from faza.protocols.spodes.rows import rows, stamps

WIDTH = 4, 9
WATT_HOURS, VAR_HOURS = 30, 32
UNIT_OF = {1: WATT_HOURS, 2: WATT_HOURS, 3: VAR_HOURS, 4: VAR_HOURS}
REGISTERS = {energy(group, tariff): (group - 1, tariff) for group in UNIT_OF for tariff in range(9)}
"""Names of registers and their place in RegisterRows."""
MOST = 10**18
"""Wh that no register holds: what is greater, or less than nothing, is not present."""


def registers(meter: Meter) -> Step[RegisterRows]:
    """A+ A- R+ R- by T0 to T8 now; the moment is that of the meter's clock, NaT if it has none.

    The units are read once. What the meter has not, or measures in another unit, is not present.
    """
    yield from learn_units(meter, list(REGISTERS))
    wanted = [name for name in REGISTERS if _is_energy(name, meter.units.get(name))]
    asked = [attribute(CLOCK_CLASS, CLOCK, 2)] + [attribute(REGISTER, name, 2) for name in wanted]
    clock, *found = yield from several(meter, asked)
    values, present = np.zeros((1, *WIDTH), np.int64), np.zeros((1, *WIDTH), np.bool_)
    step = 1
    for name, data in zip(wanted, found, strict=True):
        unit, number = meter.units[name], number_of(data)
        if unit is None or number is None:
            continue
        scale = power(unit[0])
        value = int(number * scale // 1)
        if not 0 <= value < MOST:
            continue
        values[0, *REGISTERS[name]] = value
        present[0, *REGISTERS[name]] = True
        step = max(step, int(scale))
    at = shown(meter, clock).at
    moment = np.datetime64("NaT") if at is None else np.datetime64(at.replace(tzinfo=None), "s")
    return RegisterRows("on_demand", np.array([moment], "M8[s]"), values, present, step)


def captured(
    meter: Meter, kind: Literal["day", "month"], first: datetime, last: datetime
) -> Step[RegisterRows]:
    """Registers as captured at moments within [first, last], both included, both aware."""
    found = yield from layout(meter, CAPTURED[kind])
    if found is None:
        return _rows_of(kind, 0)
    found, columns = yield from rows(meter, found, first, last)
    return _captured(meter, kind, found, columns)


def _captured(meter: Meter, kind: str, found: Layout, columns: Columns) -> RegisterRows:
    if not columns.count:
        return _rows_of(kind, 0)
    step = 1
    table = _rows_of(kind, columns.count)
    for index, source in enumerate(found.sources):
        if source.name not in REGISTERS or source.scaler is None or source.unit is None:
            continue
        if not _is_energy(source.name, (source.scaler, source.unit)):
            continue
        row, tariff = REGISTERS[source.name]
        numbers, present, finer = numbers_of(columns[index])
        scale = power(source.scaler) / finer
        fits = present & (numbers >= 0) & (numbers < int(MOST / max(scale, Fraction(1))))
        numbers = np.where(fits, numbers, 0)
        table.values[:, row, tariff] = numbers * scale.numerator // scale.denominator
        table.present[:, row, tariff] = fits
        step = max(step, int(scale))
    when, _ = stamps(meter, found, columns)
    return RegisterRows(kind, when, table.values, table.present, step)


def _rows_of(kind: str, count: int) -> RegisterRows:
    shape = (count, *WIDTH)
    return RegisterRows(
        kind, np.full(count, "NaT", "M8[s]"), np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    )


def _is_energy(name: str, unit: tuple[int, int] | None) -> bool:
    """Whether a register is in Wh or varh as its name says."""
    return unit is not None and unit[1] == UNIT_OF[groups(name)[2]]
