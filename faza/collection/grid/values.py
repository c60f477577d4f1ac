"""Cells to values: each distinct text once, with what is wrong and how it was meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from faza.collection.grid.columns import BY_KEY, Column, Kind, folded
from faza.contracts.rules import is_inn
from faza.protocols.tabular.words import unguarded

EMPTY = frozenset({"", "-", "–", "—", "н/д", "нет данных", "#н/д", "#n/a"})
MOST_POWER = 10**9
"""kW: more than a country has."""
FIRST_YEAR, LAST_YEAR = 1950, 2100
RATIO_LIMIT = 2**31 - 1
"""Of the column in the database."""
ZONES = {
    "мск-1": "Europe/Kaliningrad", "мск": "Europe/Moscow", "мск+0": "Europe/Moscow",
    "москва": "Europe/Moscow", "мск+1": "Europe/Samara", "мск+2": "Asia/Yekaterinburg",
    "мск+3": "Asia/Omsk", "мск+4": "Asia/Krasnoyarsk", "мск+5": "Asia/Irkutsk",
    "мск+6": "Asia/Yakutsk", "мск+7": "Asia/Vladivostok", "мск+8": "Asia/Magadan",
    "мск+9": "Asia/Kamchatka",
}  # fmt: skip
"""The hour zones of Russia by the zone that has their capital. Source: law 107-ФЗ, article 5."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a cell says: a value, None if it is empty; or a fault with how it may be meant.

    `expected` is for the sentence of the fault.
    """

    value: Any = None  # of whatever type the column's kind has
    fault: str = ""
    proposal: str = ""
    expected: str = ""


NOTHING = Read()


def clean(text: str) -> str:
    """A cell's text without what nobody means: odd spaces, marks, the guard of formulas."""
    for space in ("\xa0", "\u202f", "\u2009", "\t", "\n", "\r"):
        text = text.replace(space, " ")
    text = "".join(c for c in text if c.isprintable())
    return " ".join(unguarded(text.strip()).split())


class Reader:
    """Reads the cells of one file; remembers texts, which repeat."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Read] = {}

    def read(self, key: str, text: str) -> Read:
        """What a cell of a column says."""
        if not text:
            return NOTHING
        found = self._known.get((key, text))
        if found is None:
            column = BY_KEY[key]
            cleaned = clean(text)
            found = NOTHING
            if cleaned.lower() not in EMPTY:
                found = _KINDS[column.kind](column, cleaned)
            self._known[key, text] = found
        return found


def _text(column: Column, text: str) -> Read:
    if len(text) > column.longest:
        return Read(fault="too-long", expected=str(column.longest))
    return Read(text)


_DIGITS = re.compile(r"\d[\d ]*")


def _number_text(column: Column, text: str) -> Read:
    """A number that is a name: "41 207 660" is written so to be read, ".0" came from a float."""
    if _DIGITS.fullmatch(text):
        text = text.replace(" ", "")
    elif re.fullmatch(r"\d+\.0", text):
        text = text[:-2]
    return _text(column, text)


def _path(column: Column, text: str) -> Read:
    names = tuple(name for part in text.split("\\") if (name := " ".join(part.split())))
    if not names:
        return Read(fault="path")
    if any(len(name) > 200 for name in names):
        return Read(fault="too-long", expected="200")
    return Read(names)


def _choice(column: Column, text: str) -> Read:
    choices = column.choices or {}
    known = {folded(word): name for word, name in choices.items()}
    found = known.get(folded(text)) or known.get(folded(text).rstrip("0 ").rstrip())
    if found is None:
        first = {name: word for word, name in reversed(list(choices.items()))}
        return Read(fault="choice", expected=", ".join(first[name] for name in _unique(choices)))
    if column.key == "is_common":
        return Read(found == "yes")
    return Read(int(found) if column.key == "phases" else found)


def _unique(choices: Any) -> list[str]:
    return list(dict.fromkeys(choices.values()))


def _zone(column: Column, text: str) -> Read:
    name = ZONES.get(text.lower().replace(" ", "").replace("−", "-"))
    if name is None:
        zones = available_timezones()
        name = text if text in zones else None
    if name is None:
        likely = {zone.lower(): zone for zone in zones}.get(text.lower().replace(" ", "_"), "")
        return Read(fault="zone-unknown", proposal=likely)
    return Read(name)


def _power(column: Column, text: str) -> Read:
    """kW as W."""
    bare = re.sub(r"\s*(квт|kw)$", "", text.lower()).replace(" ", "").replace(",", ".")
    try:
        watts = Decimal(bare) * 1000
    except InvalidOperation:
        return Read(fault="number")
    if not (watts.is_finite() and 0 <= watts <= MOST_POWER * 1000):
        return Read(fault="number")
    if watts != watts.to_integral_value():
        return Read(fault="number-fine")
    return Read(int(watts))


def _year(column: Column, text: str) -> Read:
    bare = re.sub(r"(\.0|\s*г\.?)$", "", text)
    if not (bare.isascii() and bare.isdigit() and FIRST_YEAR <= int(bare) <= LAST_YEAR):
        day = _date(column, text)
        meant = str(day.value.year) if day.value else ""
        return Read(fault="year", proposal=meant)
    return Read(int(bare))


_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:\s*г\.?)?(?: 0{1,2}:00(?::00)?)?")
_ISO = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")


def _date(column: Column, text: str) -> Read:
    if match := _DAY.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
        year += 2000 if year < 100 else 0
    elif match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    else:
        return Read(fault="date", proposal=_serial(text))
    try:
        found = date(year, month, day)
    except ValueError:
        return Read(fault="date-none")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Read(fault="date")
    return Read(found)


def _serial(text: str) -> str:
    """A spreadsheet's number of a day as a date, if it is one of our times."""
    bare = text.removesuffix(".0")
    if not (bare.isascii() and bare.isdigit() and len(bare) == 5):
        return ""
    day = date.fromordinal(date(1899, 12, 30).toordinal() + int(bare))
    return f"{day:%d.%m.%Y}" if 1990 <= day.year <= 2060 else ""


_FRACTION = re.compile(r"(\d+(?:[.,]\d+)?) ?([/:\\|-]) ?(\d+(?:[.,]\d+)?)")
_BARE = re.compile(r"\d+(?:[.,]0+)?")


def _ratio(column: Column, text: str) -> Read:
    """A plate's ratio as (numerator, denominator), not reduced: 200/5 is no 40."""
    bare = re.sub(r"(\d) (?=\d{3}\b)", r"\1", text)
    match = _FRACTION.fullmatch(re.sub(r"\s*(а|a|в|кв|v|kv)$", "", bare.lower()))
    if match is None:
        if _BARE.fullmatch(bare) and int(Decimal(bare.replace(",", "."))) == 1:
            return Read((1, 1))
        if _BARE.fullmatch(bare):
            return Read(fault="ratio-bare", proposal=_by_five(column, bare))
        day = _ISO.fullmatch(text)
        return Read(fault="ratio-date" if day else "ratio")
    top, mark, bottom = match.groups()
    parts = [Decimal(part.replace(",", ".")) for part in (top, bottom)]
    if not all(parts):
        return Read(fault="ratio")
    if column.key == "vt_ratio" and parts[1] < 1:
        volts = [part * 1000 for part in parts]
        if all(part == part.to_integral_value() for part in volts):
            return Read(fault="ratio-kv", proposal="/".join(str(int(part)) for part in volts))
        return Read(fault="ratio")
    if any(part != part.to_integral_value() or part > RATIO_LIMIT for part in parts):
        return Read(fault="ratio")
    numbers = int(parts[0]), int(parts[1])
    if mark != "/":
        return Read(fault="ratio-mark", proposal=f"{numbers[0]}/{numbers[1]}")
    return Read(numbers)


def _by_five(column: Column, text: str) -> str:
    """What a bare coefficient of current transformers usually means: 40 is 200/5."""
    number = int(Decimal(text.replace(",", ".")))
    return f"{number * 5}/5" if column.key == "ct_ratio" and 2 <= number <= 2000 else ""


def _inn(column: Column, text: str) -> Read:
    bare = text.replace(" ", "").removesuffix(".0")
    if is_inn(bare):
        return Read(bare)
    # A spreadsheet takes away the zero that the numbers of some regions begin with.
    longer = "0" + bare
    return Read(fault="inn", proposal=longer if is_inn(longer) else "")


_KINDS: dict[Kind, Callable[[Column, str], Read]] = {
    Kind.PATH: _path,
    Kind.TEXT: _text,
    Kind.NUMBER_TEXT: _number_text,
    Kind.CHOICE: _choice,
    Kind.ZONE: _zone,
    Kind.POWER: _power,
    Kind.YEAR: _year,
    Kind.DATE: _date,
    Kind.RATIO: _ratio,
    Kind.INN: _inn,
}
