"""Asking for attributes, several at once where the meter allows it, and what a refusal means."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import isfinite
from typing import NamedTuple, TypeAlias, TypeVar

from faza.protocols.dlms import (
    Acted,
    Action,
    ActionResult,
    Attribute,
    Data,
    DataAccessResult,
    Done,
    Get,
    GetList,
    Got,
    GotList,
    Malformed,
    Method,
    Refused,
    Request,
    Set,
    Tag,
    TryLater,
    axdr,
    obis,
)
from faza.protocols.dlms.events import Answer, Result
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import DATA, REGISTER, attribute
from faza.protocols.spodes.problems import Denied

_T = TypeVar("_T")
Step: TypeAlias = Generator[Request, Answer, _T]

ABSENT = frozenset({DataAccessResult.OBJECT_UNDEFINED, DataAccessResult.OBJECT_CLASS_INCONSISTENT})
"""Refusals that say: I have no such object."""
NO_UNIT = 255
MOST_SCALER = 15
"""A greater power of ten is no unit of anything that is metered."""


class Quantity(NamedTuple):
    """A value in a unit (Blue Book 12, table 4; NO_UNIT if it has none)."""

    value: Fraction
    unit: int


def result_of(answer: Answer, what: Attribute) -> Result:
    """The bytes of an attribute or why there are none. Raises TryLater if they are busy."""
    if isinstance(answer, Got):
        result = answer.result
    elif isinstance(answer, Refused):
        result = DataAccessResult.OTHER_REASON
    else:
        raise TypeError(f"{type(answer).__name__} answers a Get.")
    if result is DataAccessResult.TEMPORARY_FAILURE:
        raise TryLater(f"{what}: not now.")
    return result


def one(meter: Meter, what: Attribute) -> Step[Data | None]:
    """An attribute's value; None if the meter has none or does not tell it."""
    (found,) = yield from several(meter, [what])
    return found


def several(meter: Meter, wanted: Sequence[Attribute]) -> Step[list[Data | None]]:
    """Values of attributes, in order; None where the meter has none or does not tell it.

    What it says it has not is not asked for again. Raises TryLater if it is busy.
    """
    found: list[Data | None] = [None] * len(wanted)
    asked = [n for n, item in enumerate(wanted) if str(item) not in meter.absent]
    at = 0
    while at < len(asked):
        part = asked[at : at + meter.list_most]
        results = yield from _results(meter, [wanted[n] for n in part])
        if results is None:
            continue  # lists are refused: from now on one by one
        for n, result in zip(part, results, strict=True):
            if isinstance(result, bytes):
                found[n] = axdr.decode(result)
            elif result in ABSENT:
                meter.absent.add(str(wanted[n]))
        at += len(part)
    return found


def _results(meter: Meter, wanted: Sequence[Attribute]) -> Step[list[Result] | None]:
    """Results of one question; None if it was refused because it is a list."""
    if len(wanted) == 1:
        answer = yield Get(wanted[0])
        return [result_of(answer, wanted[0])]
    answer = yield GetList(tuple([(item, None) for item in wanted]))
    if isinstance(answer, GotList):
        results = answer.results
        first = results[0]
        alike = all(result is first for result in results)
        if isinstance(first, bytes) or first in ABSENT or not alike:
            return [
                result_of(Got(result), what) for what, result in zip(wanted, results, strict=True)
            ]
    meter.list_most = 1
    if isinstance(answer, Refused):
        meter.habits = replace(meter.habits, lists=False)
    return None


def written(what: Attribute, value: Data, told: str) -> Step[None]:
    """Write an attribute. Raises Denied if the meter refuses, TryLater if it is busy."""
    answer = yield Set(what, value)
    result = answer.result if isinstance(answer, Done) else DataAccessResult.OTHER_REASON
    if result is DataAccessResult.TEMPORARY_FAILURE:
        raise TryLater(f"{told}: not now.")
    if result is not DataAccessResult.SUCCESS:
        raise Denied(told, result.name)


def acted(class_id: int, name: str, method: int, value: Data, told: str) -> Step[None]:
    """Have a method done. Raises Denied if the meter refuses, TryLater if it is busy."""
    answer = yield Action(Method(class_id, obis(name), method), value)
    result = answer.result if isinstance(answer, Acted) else ActionResult.OTHER_REASON
    if result is ActionResult.TEMPORARY_FAILURE:
        raise TryLater(f"{told}: not now.")
    if result is not ActionResult.SUCCESS:
        raise Denied(told, result.name)


# Registers and plain data


def like(data: Data, number: Fraction, told: str) -> Data:
    """A number in the type of another value. Raises Denied if it does not fit."""
    value = float(number) if isinstance(data.value, float) else int(number)
    found = Data(data.tag, value)
    try:
        axdr.encode(found)
    except ValueError:
        raise Denied(told, f"{value} is no {data.tag.name}") from None
    return found


def unit_of(data: Data | None) -> tuple[int, int] | None:
    """Scaler and unit of a scaler_unit; None if it is none."""
    try:
        scaler, unit = axdr.parts(data, 2) if data is not None else ()
        found = axdr.whole(scaler), axdr.whole(unit)
    except (Malformed, ValueError):
        return None
    return found if abs(found[0]) <= MOST_SCALER else None


def learn_units(meter: Meter, wanted: Sequence[str]) -> Step[None]:
    """Learn scalers and units of names that are not known: a register has one, plain data none."""
    unknown = [name for name in dict.fromkeys(wanted) if name not in meter.units]
    found = yield from several(meter, [attribute(REGISTER, name, 3) for name in unknown])
    for name, data in zip(unknown, found, strict=True):
        unit = unit_of(data)
        if unit is not None:
            meter.units[name] = unit


def quantities(
    meter: Meter, wanted: Sequence[str], *, plain: bool = True
) -> Step[dict[str, Quantity]]:
    """Numbers of registers, or of plain data, by name; without those that the meter lacks."""
    yield from learn_units(meter, wanted)
    kinds = [
        (name, REGISTER if meter.units.get(name) is not None else DATA)
        for name in wanted
        if plain or meter.units.get(name) is not None
    ]
    found = yield from several(meter, [attribute(kind, name, 2) for name, kind in kinds])
    values = {}
    for (name, kind), data in zip(kinds, found, strict=True):
        number = number_of(data)
        if number is None:
            continue
        known = meter.units.get(name)
        scaler, unit = known if known is not None else (0, NO_UNIT)
        values[name] = Quantity(number * power(scaler), unit)
        if kind == DATA:
            meter.units.setdefault(name, None)
    return values


def number_of(data: Data | None) -> Fraction | None:
    """The number that a value is, a float as the decimals it stands for; None if it is none."""
    if data is None:
        return None
    if isinstance(data.value, int):
        return Fraction(data.value)
    if isinstance(data.value, float) and isfinite(data.value):
        digits = 15 if data.tag is Tag.FLOAT64 else 7
        return Fraction(f"{data.value:.{digits}g}")
    return None


def power(scaler: int) -> Fraction:
    """10 to the scaler, exactly."""
    return Fraction(10) ** scaler
