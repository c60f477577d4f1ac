"""Cells of tables of prices: texts to values. What a text cannot mean is a Fault with a code.

Numbers have a decimal point or comma, days are 2026-10-01 or 01.10.2026. The words for codes are
in `faza.tariffs.words`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from zoneinfo import available_timezones

from faza.tariffs import rules

Value = str | int | bool | date | Decimal | None
Reader = Callable[[str], Value]

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_RUSSIAN_DAY = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})(?: 0?0:00(?::00)?)?")
_MONTH = re.compile(r"(\d{4})-(\d\d)|(\d\d?)\.(\d{4})")
_NUMBER = re.compile(r"\d{1,15}(?:[.,]\d{1,15})?")
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
"""Prices of other days are slips of the pen."""


class Fault(Exception):
    """A text is not what its column holds; `code` says what was expected."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text(most: int) -> Reader:
    """Any text of so many characters at most."""

    def read(told: str) -> str:
        if len(told) > most:
            raise Fault("too-long")
        return told

    return read


def code(told: str) -> str:
    """A short name without spaces: of a tariff, a market, a region."""
    if not re.fullmatch(r"[\w.\-+/№]{1,30}", told):
        raise Fault("code")
    return told


def day(told: str) -> date:
    if match := _DAY.fullmatch(told):
        year, month, number = map(int, match.groups())
    elif match := _RUSSIAN_DAY.fullmatch(told):
        number, month, year = map(int, match.groups())
    else:
        raise Fault("day")
    return _date(year, month, number)


def first_of_month(told: str) -> date:
    """The first day of a month; the month may stand alone, as 2026-10 or 10.2026."""
    if match := _MONTH.fullmatch(told):
        year, month, russian_month, russian_year = match.groups()
        return _date(int(year or russian_year), int(month or russian_month), 1)
    return day(told)


def _date(year: int, month: int, number: int) -> date:
    try:
        found = date(year, month, number)
    except ValueError as why:
        raise Fault("day") from why
    if not FIRST <= found <= LAST:
        raise Fault("day")
    return found


def number(places: int, *, most: Decimal = Decimal(10**9), above: bool = False) -> Reader:
    """A number from 0 (or above it) to `most` with so many decimals at most."""

    def read(told: str) -> Decimal:
        plain = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", told)
        if not _NUMBER.fullmatch(plain):
            raise Fault("number")
        # A workbook keeps 6.47 as a float, and a formula's result may be 6.470000000000001.
        found = round(Decimal(plain.replace(",", ".")), 10).normalize()
        if found != round(found, places):
            raise Fault("places")
        if found > most or (above and not found):
            raise Fault("too-great" if found else "nothing")
        return found

    return read


def whole(least: int, most: int) -> Reader:
    """A whole number; 1.0 is one too, as workbooks have it."""

    def read(told: str) -> int:
        if not re.fullmatch(r"\d{1,9}(?:[.,]0+)?", told):
            raise Fault("whole")
        found = int(re.split("[.,]", told)[0])
        if not least <= found <= most:
            raise Fault("whole")
        return found

    return read


_YES = {"1", "yes", "y", "true", "да", "+", "с ндс", "истина"}
_NO = {"0", "no", "n", "false", "нет", "-", "без ндс", "ложь"}


def flag(told: str) -> bool:
    word = told.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Fault("yes-no")


def one_of(words: Mapping[str, str], fault: str) -> Reader:
    """One of some words, in any case; the mapping gives the code that each stands for."""

    def read(told: str) -> str:
        found = words.get(" ".join(told.lower().replace("ё", "е").split()))
        if found is None:
            raise Fault(fault)
        return found

    return read


def hours(told: str) -> str:
    """Hours of the day, as "07:00-10:00 17:00-21:00"; dashes and commas are taken as well."""
    plain = " ".join(re.sub(r"[,;]", " ", told.replace("–", "-").replace("—", "-")).split())
    plain = re.sub(r"\s*-\s*", "-", plain)
    if len(plain) > 200:
        raise Fault("too-long")
    try:
        rules.parse_hours(plain)
    except rules.MalformedHours as why:
        raise Fault("hours") from why
    return plain


def time_zone(told: str) -> str:
    if told not in available_timezones():
        raise Fault("zone")
    return told
