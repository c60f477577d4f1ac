"""Items of a message: a series, a register reading, an event. Each raises Wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from faza.core.periods import INTERVALS
from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS, BY_CHANNEL, ENERGIES, ReadingType
from faza.protocols.numbers import LARGEST, to_quanta, too_large
from faza.protocols.problems import Problems
from faza.protocols.tabular.series import fits
from faza.protocols.tabular.values import ReadingKind
from faza.protocols.tabular.words import unit_of
from faza.protocols.telemetry import fields
from faza.protocols.telemetry.amounts import EXACT, parsed_of
from faza.protocols.telemetry.fields import Wrong
from faza.protocols.telemetry.values import Amounts, Device, Event, Reading, Series, Who

SIDES = {"primary": False, "meter": True}
LONGEST = 20_000
"""Intervals of a series: more than a year of half-hours."""
_NUMBERS = {float, int, type(None)}
_CODES = frozenset(int(code) for code in Quality if code is not Quality.UNTOLD)
KINDS = ", ".join(ReadingKind)
MOST_DETAILS = 2_000
"""Characters of an event's details as text."""


def who_of(item: Mapping[str, Any], place: str, default: Who) -> Who:
    """Whom an item is about: what it says, else what the message or its topic says."""
    if "point" not in item and "meter" not in item:
        return default
    return Who(fields.text(item, "point", place), fields.text(item, "meter", place))


def series_of(
    item: Mapping[str, Any], place: str, who: Who, is_shown: bool, problems: Problems
) -> Series:
    """One of `intervals`; bad values in it are problems and become None."""
    dot = f"{place}."
    name = fields.text(item, "channel", dot)
    kind = BY_CHANNEL.get(name)
    if kind is None:
        known = ", ".join(BY_CHANNEL)
        raise Wrong(f"{dot}channel", f'"{name}" is none of {known}', "channel")
    interval = fields.whole(item, "interval", dot, 1, 60, 30)
    if interval not in INTERVALS:
        raise Wrong(f"{dot}interval", f"{interval} minutes do not divide an hour", "interval")
    scale = scale_of(name, fields.text(item, "unit", dot), interval)
    if scale is None:
        raise Wrong(f"{dot}unit", f"{fields.shown(item.get('unit'))} is no unit of {name}", "unit")
    values = _numbers(item.get("values"), dot, kind, problems)
    start = fields.moment(item, "start", dot)
    if start % 60:
        raise Wrong(f"{dot}start", "an interval begins on a whole minute", "moment")
    return Series(
        who, kind, start, interval, scale, side_of(item, dot, is_shown), values,
        _quality(item.get("quality"), len(values), dot), place,
    )  # fmt: skip


def side_of(item: Mapping[str, Any], place: str, default: bool) -> bool:
    """Whether values are as the meter shows them, before ratios."""
    if "side" not in item:
        return default
    side = fields.text(item, "side", place)
    if side not in SIDES:
        raise Wrong(f"{place}side", f'"{side}"; expected primary or meter', "side")
    return SIDES[side]


@lru_cache(maxsize=1024)
def scale_of(channel: str, unit: str, minutes: int) -> Fraction | None:
    """Quanta of a channel in one of a unit over an interval; None if it is no unit of it."""
    kind = BY_CHANNEL[channel]
    if not unit or unit == kind.unit:
        return 1 / kind.quantum
    found = unit_of(unit)
    if found is None or kind not in ENERGIES or not fits(kind, found):
        return None
    hours = Fraction(minutes, 60) if found.power else Fraction(1)
    return found.factor * hours / kind.quantum


def _numbers(values: Any, dot: str, kind: ReadingType, problems: Problems) -> Amounts:
    place = f"{dot}values"
    if type(values) is not list or not values:
        raise Wrong(place, f"{fields.shown(values)}; expected a list of numbers", "values")
    if len(values) > LONGEST:
        raise Wrong(place, f"{len(values)} values; the limit is {LONGEST}", "values")
    types = set(map(type, values))
    odd = not types <= _NUMBERS
    huge = int in types and any(type(v) is int and not -EXACT < v < EXACT for v in values)
    if not odd and not huge:
        return values
    kept: list[float | int | None] = []
    for n, value in enumerate(values):
        good = type(value) in _NUMBERS and (type(value) is not int or -EXACT < value < EXACT)
        kept.append(value if good else None)
        if not good:
            reason = f"{fields.shown(value)}; expected a number or null"
            Wrong(f"{place}[{n}]", reason, "value").tell(problems)
    return kept


def _quality(told: Any, length: int, dot: str) -> int | tuple[int, ...]:
    if told is None:
        return int(Quality.VALID)
    codes = told if type(told) is list else [told]
    for code in codes:
        if type(code) is not int or code not in _CODES:
            raise Wrong(f"{dot}quality", f"{fields.shown(code)} is no code of quality", "quality")
    if type(told) is not list:
        return int(told)
    if len(codes) != length:
        raise Wrong(f"{dot}quality", f"{len(codes)} codes of {length} values", "quality")
    return tuple(codes)


@lru_cache(maxsize=256)
def register_of(name: str) -> tuple[int, int] | None:
    """(row, column) in (4, 9) of "A+", "A+ T0" to "R- T8"; None for anything else."""
    channel, _, tariff = name.strip().partition(" ")
    row = next((n for n, kind in enumerate(ENERGIES) if kind.channel == channel), None)
    if row is None or tariff not in ("", *(f"T{n}" for n in range(9))):
        return None
    return row, int(tariff[1:] or 0)


def reading_of(item: Mapping[str, Any], place: str, who: Who, problems: Problems) -> Reading:
    """One of `registers`; a register that makes no sense is a problem, the others are kept."""
    dot = f"{place}."
    at = fields.moment(item, "at", dot)
    name = fields.text(item, "kind", dot, "demand")
    if name not in set(ReadingKind):
        raise Wrong(f"{dot}kind", f'"{name}"; expected one of {KINDS}', "kind")
    told = item.get("values")
    if type(told) is not dict or not told:
        raise Wrong(f"{dot}values", f"{fields.shown(told)}; expected registers by name", "values")
    shown: dict[tuple[int, int], int] = {}
    for register, value in told.items():
        if value is None:
            continue
        try:
            found, amount = _register(register, value, f"{dot}values")
        except Wrong as wrong:
            wrong.tell(problems)
        else:
            shown[found] = amount
    if not shown:
        raise Wrong(f"{dot}values", "there is no register with a value", "values")
    return Reading(who, at, ReadingKind(name), shown, place)


def _register(name: str, value: Any, place: str) -> tuple[tuple[int, int], int]:
    """A register and its Wh or varh. Raises Wrong."""
    found, inner = register_of(name[:20]), f'{place}["{name[:20]}"]'
    if found is None:
        raise Wrong(inner, "there is no such register; expected A+ T0 to R- T8", "register")
    if type(value) not in (int, float) or not 0 <= value < EXACT:
        reason = f"{fields.shown(value)}; expected a number of kWh or kvarh, 0 or more"
        raise Wrong(inner, reason, "value")
    number, present = parsed_of([[value]])
    scale = int(1 / A_PLUS.quantum)
    if not present[0, 0] or too_large(number, numerator=scale)[0, 0]:
        raise Wrong(inner, f"{fields.shown(value)} is beyond any meter", "value")
    quanta, _ = to_quanta(number, present, numerator=scale)
    assert abs(int(quanta[0, 0])) <= 2 * LARGEST
    return found, int(quanta[0, 0])


def _can_be_kept(details: Mapping[str, Any]) -> bool:
    """Whether details are small, and such that every database takes them as JSON."""
    try:
        told = json.dumps(details, ensure_ascii=False, allow_nan=False)
        told.encode()
    except (ValueError, RecursionError):  # 1e999, half a surrogate pair, nested too deep
        return False
    return len(told) <= MOST_DETAILS and "\\u0000" not in told


def event_of(item: Mapping[str, Any], place: str, who: Who, device: Device, number: str) -> Event:
    """One of `events`."""
    dot = f"{place}."
    at = fields.moment(item, "at", dot)
    journal = fields.whole(item, "journal", dot, 0, 999)
    code = fields.whole(item, "code", dot, 0, 9_999)
    details = item.get("details") or {}
    if type(details) is not dict or not _can_be_kept(details):
        reason = f"{fields.shown(details)}; expected a small object"
        raise Wrong(f"{dot}details", reason, "details")
    return Event(device, who, number, at, journal, code, details, place)
