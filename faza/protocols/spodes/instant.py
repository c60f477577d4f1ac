"""Values of a moment: by the stop-frame where there is one, then by single objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from faza.core.reading_types import ENERGIES, READING_TYPES
from faza.protocols.dlms import axdr
from faza.protocols.metered import Instant
from faza.protocols.spodes.asking import Quantity, Step, number_of, power, quantities, several
from faza.protocols.spodes.captures import BUFFER, find_layout
from faza.protocols.spodes.clocks import clock, shown
from faza.protocols.spodes.kinds import kind_of
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import CLOCK_CLASS, PROFILE, STOP_FRAME, attribute, groups

UA, UB, UC, IA, IB, IC = 0, 1, 2, 4, 5, 6
"""Numbers of vectors in names of angles, 1.0.81.7.(10 x to + from)."""
WANTED = tuple(kind.obis for kind in READING_TYPES if kind.obis and kind not in ENERGIES)
OTHER_ANGLES = tuple(f"1.0.81.7.{number}.255" for number in (4, 5, 6, 15, 26, 51, 62))
"""Angles from which those of ours follow: U_A from I_A, I_B from U_B, and so on."""
TURN = Fraction(360)
DEGREE = 8


def instant(meter: Meter) -> Step[Instant | None]:
    """What the meter measures now, in quanta of the reading types, rounded to them.

    None if it measures nothing that is known, or its clock shows no moment. Angles of ours that
    it does not tell are made of others that it tells, 0 to 360 degrees.
    """
    at, found = yield from _stop_frame(meter)
    if not found:
        found = yield from quantities(meter, WANTED, plain=False)
    elif not any(_is_angle(name) for name in found):
        angles = [name for name in WANTED if _is_angle(name)]
        found |= yield from quantities(meter, angles, plain=False)
    told = {groups(name)[4] for name in found if _is_angle(name)}
    if told and not told >= {groups(name)[4] for name in WANTED if _is_angle(name)}:
        found |= yield from quantities(meter, OTHER_ANGLES, plain=False)
    elif not told:
        found |= yield from quantities(meter, OTHER_ANGLES[:3], plain=False)
    if not found:
        return None
    if at is None:
        at = (yield from clock(meter)).at
    values = _values(_with_angles(found))
    return Instant(at, values) if at is not None and values else None


def _stop_frame(meter: Meter) -> Step[tuple[datetime | None, dict[str, Quantity]]]:
    """The row of the stop-frame; nothing if the meter has none."""
    known = yield from find_layout(meter, STOP_FRAME)
    if known is None:
        return None, {}
    (buffer,) = yield from several(meter, [attribute(PROFILE, STOP_FRAME, BUFFER)])
    rows = axdr.parts(buffer) if buffer is not None else ()
    if not rows:
        return None, {}
    at, found = None, {}
    for source, data in zip(known.sources, axdr.parts(rows[-1]), strict=False):
        if source.class_id == CLOCK_CLASS:
            at = shown(meter, data).at
        number = number_of(data)
        if number is not None and source.scaler is not None and source.unit is not None:
            found[source.name] = Quantity(number * power(source.scaler), source.unit)
    return at, found


def _values(found: Mapping[str, Quantity]) -> dict[int, int]:
    values: dict[int, int] = {}
    for name, (value, unit) in found.items():
        column = kind_of(name, unit)
        if column is not None and column.kind not in ENERGIES:
            values[column.kind.code] = round(value * column.scale)
    return values


def _is_angle(name: str) -> bool:
    return groups(name)[2] == 81


def _with_angles(found: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """With angles of ours that follow from others: turned about, or by way of another voltage."""
    angles: dict[tuple[int, int], Fraction] = {}
    for name, (value, unit) in found.items():
        if _is_angle(name) and unit == DEGREE:
            to, of = divmod(groups(name)[4], 10)
            angles.setdefault((to, of), value)
            angles.setdefault((of, to), -value % TURN)
    full = dict(found)
    for name in WANTED:
        if not _is_angle(name) or name in found:
            continue
        to, of = divmod(groups(name)[4], 10)
        angle = _angle(angles, to, of)
        if angle is not None:
            full[name] = Quantity(angle, DEGREE)
    return full


def _angle(angles: Mapping[tuple[int, int], Fraction], to: int, of: int) -> Fraction | None:
    if (to, of) in angles:
        return angles[to, of]
    for by in (UA, UB, UC):
        if (to, by) in angles and (by, of) in angles:
            return (angles[to, by] + angles[by, of]) % TURN
    return None
