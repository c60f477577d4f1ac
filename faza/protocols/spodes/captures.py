"""How the rows of a profile are laid out: read from the meter once, kept, renewed when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from faza.protocols.dlms import CaptureObject, Data, axdr
from faza.protocols.spodes.asking import (
    NO_UNIT,
    Step,
    learn_units,
    quantities,
    several,
    unit_of,
)
from faza.protocols.spodes.layouts import Layout, Source
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import (
    DEMAND,
    EXTENDED,
    PERIODS,
    PROFILE,
    REGISTER,
    SCALERS,
    attribute,
)
from faza.protocols.spodes.problems import Denied

BUFFER, OBJECTS, PERIOD = 2, 3, 4
"""Attributes of a profile."""
MINUTE = 60
MINUTES_UNIT = 6
UNIT_AT = {REGISTER: 3, EXTENDED: 3, DEMAND: 4}
"""Which attribute of a class is its scaler and unit."""


def layout(meter: Meter, name: str) -> Step[Layout | None]:
    """The layout of a profile, kept in the meter; None if the meter has no such profile.

    Raises Denied if the meter has it and does not tell it.
    """
    known = meter.layouts.get(name)
    if known is not None:
        return known
    return (yield from read_layout(meter, name))


def find_layout(meter: Meter, name: str) -> Step[Layout | None]:
    """As `layout`, for profiles that may be missed: None where it is not told either."""
    try:
        return (yield from layout(meter, name))
    except Denied:
        return None


def renew_layouts(meter: Meter, names: Sequence[str] = ()) -> Step[tuple[str, ...]]:
    """Read kept layouts anew, with their units; those that are other than they were, or gone.

    names: of which profiles; () for all that are kept.
    """
    kept = [meter.layouts[name] for name in names or list(meter.layouts) if name in meter.layouts]
    changed = []
    for before in kept:
        del meter.layouts[before.name]
        for source in before.sources:
            meter.units.pop(source.name, None)
        now = yield from find_layout(meter, before.name)
        if now is None or now.hash != before.hash:
            changed.append(before.name)
    return tuple(changed)


def read_layout(meter: Meter, name: str) -> Step[Layout | None]:
    """Read a layout, units included, and keep it; None if the meter has no such profile.

    Raises Denied if the meter has it and does not tell it.
    """
    asked = [attribute(PROFILE, name, index) for index in (OBJECTS, PERIOD)]
    objects, period = yield from several(meter, asked)
    if objects is None:
        meter.layouts.pop(name, None)
        if str(asked[0]) not in meter.absent:
            raise Denied(name, "columns not told")
        return None
    return (yield from _learn(meter, name, objects, period))


def find_layouts(meter: Meter, names: Sequence[str]) -> Step[list[Layout]]:
    """Layouts of several profiles with few questions; without those that are not told."""
    unknown = [name for name in names if name not in meter.layouts]
    asked = [attribute(PROFILE, name, index) for name in unknown for index in (OBJECTS, PERIOD)]
    told = yield from several(meter, asked)
    for name, objects, period in zip(unknown, told[::2], told[1::2], strict=True):
        if objects is not None:
            yield from _learn(meter, name, objects, period)
    return [meter.layouts[name] for name in names if name in meter.layouts]


def _learn(meter: Meter, name: str, objects: Data, period: Data | None) -> Step[Layout]:
    """Keep the layout that a profile's columns and period make, with the columns' units."""
    plain = [Source.of(CaptureObject.of(part)) for part in axdr.parts(objects)]
    units = yield from _units(meter, name, plain)
    seconds = 0 if period is None else axdr.whole(period)
    if not seconds and name in PERIODS:
        seconds = yield from _stated_period(meter, PERIODS[name])
    sources = [
        source if source.name not in units
        else source._replace(scaler=units[source.name][0], unit=units[source.name][1])
        for source in plain
    ]  # fmt: skip
    found = Layout(name, seconds, tuple(sources))
    meter.layouts[name] = found
    return found


def _units(
    meter: Meter, name: str, sources: Sequence[Source]
) -> Step[Mapping[str, tuple[int, int]]]:
    """Scalers and units by name of object: from the profile of scalers, then from registers."""
    wanted = {source.name: source.class_id for source in sources if source.class_id in UNIT_AT}
    found: dict[str, tuple[int, int]] = {}
    if name in SCALERS and wanted:
        found.update((yield from _scaler_profile(meter, SCALERS[name])))
        meter.units |= {
            known: found[known]
            for known, class_id in wanted.items()
            if class_id == REGISTER and known in found
        }
    missing = [name for name in wanted if name not in found]
    registers = [name for name in missing if wanted[name] == REGISTER]
    yield from learn_units(meter, registers)
    for known in registers:
        unit = meter.units.get(known)
        if unit is not None:
            found[known] = unit
    others = [name for name in missing if wanted[name] != REGISTER]
    asked = [attribute(wanted[name], name, UNIT_AT[wanted[name]]) for name in others]
    answers = yield from several(meter, asked)
    for known, data in zip(others, answers, strict=True):
        unit = unit_of(data)
        if unit is not None:
            found[known] = unit
    return found


def _scaler_profile(meter: Meter, name: str) -> Step[dict[str, tuple[int, int]]]:
    """What a profile of scalers says, by name of object; {} if there is none."""
    asked = [attribute(PROFILE, name, index) for index in (OBJECTS, BUFFER)]
    objects, buffer = yield from several(meter, asked)
    rows = axdr.parts(buffer) if buffer is not None else ()
    if objects is None or not rows:
        return {}
    found = {}
    for part, cell in zip(axdr.parts(objects), axdr.parts(rows[-1]), strict=False):
        unit = unit_of(cell)
        if unit is not None:
            found[Source.of(CaptureObject.of(part)).name] = unit
    return found


def _stated_period(meter: Meter, name: str) -> Step[int]:
    """Seconds of a recording interval that an object of its own tells; 0 if none does.

    Plain data and «min» are minutes, «s» are seconds.
    """
    found = (yield from quantities(meter, [name])).get(name)
    if found is None:
        return 0
    minutes = found.unit == MINUTES_UNIT or (found.unit == NO_UNIT and found.value <= MINUTE)
    return int(found.value) * (MINUTE if minutes else 1)
