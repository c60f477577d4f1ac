"""Who a meter is: single objects, and the passport where they are not told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from faza.protocols.dlms import Data, Date, Malformed, axdr
from faza.protocols.metered import Identity, Json
from faza.protocols.spodes.asking import Step, power, quantities, several
from faza.protocols.spodes.captures import BUFFER, find_layout
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import (
    CURRENT_RATIO,
    DATA,
    FIRMWARE,
    MADE_ON,
    MANUFACTURER,
    MODEL,
    NUMBER,
    PASSPORT,
    PROFILE,
    PROTOCOL,
    SCHEME,
    VOLTAGE_RATIO,
    attribute,
)

TEXTS = (NUMBER, MODEL, FIRMWARE, MANUFACTURER, MADE_ON, PROTOCOL, SCHEME)
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


def identity(meter: Meter) -> Step[Identity]:
    """What the meter says of itself; empty where it says nothing, in single objects or passport."""
    asked = [attribute(DATA, name, 2) for name in TEXTS]
    told = dict(zip(TEXTS, (yield from several(meter, asked)), strict=True))
    numbers = yield from quantities(meter, [CURRENT_RATIO, VOLTAGE_RATIO])
    ratios = {name: found.value for name, found in numbers.items()}
    if told[NUMBER] is None:
        cells = yield from _passport(meter)
        told |= {name: cells[name][0] for name in TEXTS if told[name] is None and name in cells}
        for name in (CURRENT_RATIO, VOLTAGE_RATIO):
            if name not in ratios and name in cells:
                data, scaler = cells[name]
                if type(data.value) is int:
                    ratios[name] = data.value * power(scaler)
    return Identity(
        number=text_of(told[NUMBER]),
        model=text_of(told[MODEL]),
        manufacturer=text_of(told[MANUFACTURER]),
        firmware=text_of(told[FIRMWARE]),
        made_on=date_of(told[MADE_ON]),
        protocol=text_of(told[PROTOCOL]),
        scheme=text_of(told[SCHEME]),
        ct=_ratio(ratios.get(CURRENT_RATIO)),
        vt=_ratio(ratios.get(VOLTAGE_RATIO)),
    )


def passport(meter: Meter) -> Step[dict[str, Json]]:
    """The passport's values by name of object; {} if the meter has none."""
    cells = yield from _passport(meter)
    return {name: plain(data) for name, (data, _) in cells.items()}


def _passport(meter: Meter) -> Step[Mapping[str, tuple[Data, int]]]:
    """Values of the passport with their scalers."""
    found = yield from find_layout(meter, PASSPORT)
    if found is None:
        return {}
    (buffer,) = yield from several(meter, [attribute(PROFILE, PASSPORT, BUFFER)])
    rows = axdr.parts(buffer) if buffer is not None else ()
    if not rows:
        return {}
    cells = zip(found.sources, axdr.parts(rows[-1], len(found.sources)), strict=True)
    return {source.name: (data, source.scaler or 0) for source, data in cells}


def _ratio(value: Fraction | None) -> Fraction | None:
    return value if value is not None and value > 0 else None


# Values of many types as plain ones


def text_of(data: Data | None) -> str:
    """Words or a number as text, "" for none; Russian letters in either of their alphabets."""
    if data is None or data.value is None:
        return ""
    if not isinstance(data.value, bytes):
        return str(data.value) if isinstance(data.value, int | float | str) else ""
    raw = data.value.strip(b"\x00 \r\n\t")
    try:
        found = raw.decode("utf-8")
    except UnicodeDecodeError:
        found = raw.decode("cp1251", "replace")
    return found if found.isprintable() else raw.hex()


def date_of(data: Data | None) -> date | None:
    """A date of COSEM (5 or 12 bytes) or in words; None if it is none."""
    if data is None or not isinstance(data.value, bytes):
        return None
    raw = data.value
    if len(raw) in (5, 12):
        try:
            found = Date.decode(raw[:5])
        except Malformed:
            found = Date()
        if found.year and found.month and found.day:
            return _date(found.year, found.month, found.day)
    words = text_of(data)
    if match := _DAY_FIRST.search(words):
        return _date(int(match[3]), int(match[2]), int(match[1]))
    if match := _YEAR_FIRST.search(words):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def plain(data: Data) -> Json:
    """Any value as JSON: strings as text, lists as lists."""
    value = data.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, bytes):
        return text_of(data)
    return [plain(part) for part in axdr.parts(data)]
