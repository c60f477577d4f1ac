"""Load profiles, daily and monthly registers, the stop-frame, and the profiles of their scalers.

Source: ГОСТ Р 58940; СТО 34.01-5.1-006 (1.0.99.1.0, 1.0.99.2.0, 1.0.98.1.0, 1.0.98.2.0,
1.0.94.7.0 and scaler profiles 1.0.94.7.1 to .4, of which the last is for both load profiles).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Literal

import numpy as np

from faza.core.reading_types import BY_CODE
from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.references import CaptureObject, obis
from faza.protocols.metered import Column, ProfileRows
from faza.simulator.dlms import energies as e
from faza.simulator.dlms import values as v
from faza.simulator.dlms.cosem import Inside, Thing, constant
from faza.simulator.dlms.profiles import (
    Buffer,
    Fetch,
    Wanted,
    one_row,
    profile,
    stamp_cells,
    status_of,
)
from faza.simulator.dlms.tables import Cells, integers
from faza.simulator.spec import MeterSpec

ENERGY, POWER = 29, 5
"""D of the energy of an interval, and of its average power."""
STATUS = CaptureObject(v.DATA, obis("0.0.96.10.1.255"), 2)
DO_NOT_TRUST = 0x04
_DAY = 24 * 3600
_STEPS = {1: -1, 10: 0, 100: 1}
"""Scaler of Wh by tenths of Wh in a unit of the profile."""


def load_name(spec: MeterSpec, quantity: int) -> bytes:
    return bytes((1, 0, quantity + 1, POWER if spec.profile_power else ENERGY, 0, 255))


def load_scaler(spec: MeterSpec, quantity: int) -> Data:
    units = e.POWERS if spec.profile_power else e.UNITS
    return v.scaler_unit(_STEPS[spec.profile_step], units[quantity])


def first_load(inside: Inside) -> list[Thing]:
    """1.0.99.1.0.255, its registers and its period."""
    spec, style = inside.meter.spec, inside.style
    registers = [
        Thing(
            v.REGISTER,
            load_name(spec, quantity),
            {2: _last_load(quantity), 3: constant(load_scaler(spec, quantity))},
        )
        for quantity in spec.channels
    ]
    columns = [CaptureObject(v.REGISTER, load_name(spec, q), 2) for q in _order(inside)]
    head = [v.STAMP, STATUS] if style.has_status else [v.STAMP]
    status = Thing(v.DATA, STATUS.name, {2: constant(v.u8(0))})
    buffer = Buffer(
        obis("1.0.99.1.0.255"),
        (*head, *columns),
        _fetch_first,
        spec.interval * 60,
        lambda inside, at: inside.meter.entries(1, at),
        lambda inside, at: inside.meter.capacity(1),
    )
    return [profile(buffer), *registers, *([status] if style.has_status else [])]


def _order(inside: Inside) -> list[int]:
    """Places of A+ A- R+ R- that the meter has, in the order of its profiles."""
    return [q for q in inside.style.order if q in inside.meter.spec.channels]


def _last_load(quantity: int) -> Callable[[Inside, datetime], Data]:
    def read(inside: Inside, at: datetime) -> Data:
        held = inside.meter.entries(1, at)
        rows = inside.meter.profile(1, at, rows=slice(max(held - 1, 0), held))
        return v.u32(int(rows.values[-1, quantity]) if len(rows) else 0)

    return read


def _load(inside: Inside, which: Literal[1, 2], at: datetime, wanted: Wanted) -> ProfileRows:
    first, last, places = wanted
    return inside.meter.profile(which, at, first, last, rows=places)


def _fetch_first(inside: Inside, at: datetime, wanted: Wanted) -> tuple[Sequence[Cells], int]:
    rows = _load(inside, 1, at, wanted)
    stamps = stamp_cells(inside, rows.ends, status_of(rows.doubtful))
    head = [stamps]
    if inside.style.has_status:
        head.append(integers(Tag.UNSIGNED, rows.doubtful.astype(np.int64) * DO_NOT_TRUST))
    tag = Tag.DOUBLE_LONG_UNSIGNED
    energies = [integers(tag, rows.values[:, q], rows.present[:, q]) for q in _order(inside)]
    return [*head, *energies], len(rows)


# Network parameters


def second_columns(inside: Inside, at: datetime) -> tuple[Column, ...]:
    return inside.meter.profile(2, at, rows=slice(0, 0)).columns


def second_load(inside: Inside, columns: tuple[Column, ...]) -> Thing:
    """1.0.99.2.0.255."""
    codes = [column.kind.code for column in columns]
    named = [CaptureObject(v.REGISTER, obis(BY_CODE[code].obis), 2) for code in codes]

    def fetch(inside: Inside, at: datetime, wanted: Wanted) -> tuple[Sequence[Cells], int]:
        rows = _load(inside, 2, at, wanted)
        cells = [
            integers(e.moment_tag(code), rows.values[:, place], rows.present[:, place])
            for place, code in enumerate(codes)
        ]
        return [stamp_cells(inside, rows.ends, status_of(rows.doubtful)), *cells], len(rows)

    return profile(
        Buffer(
            obis("1.0.99.2.0.255"),
            (v.STAMP, *named),
            fetch,
            inside.meter.spec.second_interval * 60,
            lambda inside, at: inside.meter.entries(2, at),
            lambda inside, at: inside.meter.capacity(2),
        )
    )


# Days, months, the stop-frame


def captured(inside: Inside) -> list[Thing]:
    """1.0.98.1.0 months and 1.0.98.2.0 days: the clock and all registers."""
    spec = inside.meter.spec
    return [
        _captured(spec, "1.0.98.1.0.255", "month", 0, spec.monthly_depth),
        _captured(spec, "1.0.98.2.0.255", "day", _DAY, spec.daily_depth),
    ]


def _captured(
    spec: MeterSpec, name: str, kind: Literal["day", "month"], period: int, most: int
) -> Thing:
    return profile(
        Buffer(
            obis(name),
            (v.STAMP, *e.register_columns(spec)),
            _fetch_captured(kind),
            period,
            lambda inside, at: len(inside.meter.captured(kind, at)),
            lambda inside, at: most,
        )
    )


def _fetch_captured(kind: Literal["day", "month"]) -> Fetch:
    def fetch(inside: Inside, at: datetime, wanted: Wanted) -> tuple[Sequence[Cells], int]:
        rows = inside.meter.captured(kind, at, wanted.first, wanted.last)
        places = wanted.places or slice(None)
        moments, values = rows.moments[places], rows.values[places]
        cells = e.register_cells(inside.meter.spec, values, inside.meter.shows(at))
        return [stamp_cells(inside, moments), *cells], len(moments)

    return fetch


def stop_frame(spec: MeterSpec, codes: tuple[int, ...]) -> Thing:
    """1.0.94.7.0: one row of now: the clock, totals of energies, values of the moment."""
    channels = list(spec.channels)
    totals = [CaptureObject(v.REGISTER, e.register_name(q, 0), 2) for q in channels]

    def row(inside: Inside, at: datetime) -> Sequence[Data]:
        shown = inside.meter.registers(at)[channels, 0] // spec.register_step
        found = inside.meter.instant(at).values
        stamp = np.array([inside.meter.shown(at).replace(tzinfo=None)], "M8[s]")
        return [
            axdr.decode(stamp_cells(inside, stamp).table.tobytes()),
            *[Data(e.register_tag(spec), int(value)) for value in shown],
            *[Data(e.moment_tag(code), int(found[code])) for code in codes],
        ]

    return one_row(obis("1.0.94.7.0.255"), (v.STAMP, *totals, *_moment_columns(codes, 2)), row)


def _moment_columns(codes: tuple[int, ...], attribute: int) -> list[CaptureObject]:
    return [CaptureObject(v.REGISTER, obis(BY_CODE[code].obis), attribute) for code in codes]


def scalers(inside: Inside, codes: tuple[int, ...], columns: tuple[Column, ...]) -> list[Thing]:
    """1.0.94.7.{1..4}.255: attribute 3 of each register that the profiles have, in one row."""
    spec = inside.meter.spec
    registers = [
        (e.register_name(q, t), e.register_scaler(spec, q)) for q in spec.channels for t in range(9)
    ]
    totals = registers[:: e.TARIFFS]
    of_moment = [(obis(BY_CODE[code].obis), e.moment_scaler(code)) for code in codes]
    loads = [(load_name(spec, q), load_scaler(spec, q)) for q in _order(inside)]
    second = [(obis(column.kind.obis), _scaled(column)) for column in columns]
    return [
        _scaler_profile(number, named)
        for number, named in (
            (1, registers),
            (2, registers),
            (3, [*totals, *of_moment]),
            (4, [*loads, *second]),
        )
    ]


def _scaled(column: Column) -> Data:
    """Scaler and unit of a column of profile 2, whose step is a power of ten of the quantum."""
    scaler, unit = axdr.parts(e.moment_scaler(column.kind.code), 2)
    power, left = 0, column.scale
    while left > 1:
        power, left = power + 1, left / 10
    while left < 1:
        power, left = power - 1, left * 10
    if left != Fraction(1):
        raise ValueError(f"{column.scale} is no power of ten.")
    return v.scaler_unit(axdr.whole(scaler) + power, axdr.whole(unit))


def _scaler_profile(number: int, named: list[tuple[bytes, Data]]) -> Thing:
    columns = tuple([CaptureObject(v.REGISTER, name, 3) for name, _ in named])
    row = [scaler for _, scaler in named]
    return one_row(bytes((1, 0, 94, 7, number, 255)), columns, lambda inside, at: row)
