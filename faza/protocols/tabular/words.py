"""The words of headers and cells, Russian and English, and what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from faza.core.quality import Quality
from faza.core.reading_types import BY_CHANNEL, ReadingType
from faza.protocols.tabular.values import REGISTERS, SINGLE, ReadingKind


class Role(StrEnum):
    """What a column holds."""

    POINT = "point"
    METER = "meter"
    CHANNEL = "channel"
    DATE = "date"
    TIME = "time"
    MOMENT = "moment"
    START = "start"
    END = "end"
    VALUE = "value"
    UNIT = "unit"
    QUALITY = "quality"
    KIND = "kind"
    OFFSET = "offset"


_ROLES = {
    Role.POINT: "usage_point|point|point code|usage point|точка|точка учета|код точки|код|код ту|ту"
    "|код точки учета|точка измерения|наименование точки учета|присоединение|код точки измерения",
    Role.METER: "meter|meter number|serial|serial number|прибор|прибор учета|номер прибора|счетчик"
    "|номер счетчика|№ счетчика|серийный номер|заводской номер|зав. №|зав. номер|№ прибора"
    "|номер прибора учета|№ прибора учета|номер пу|№ пу|пу",
    Role.CHANNEL: "channel|канал|измерение|вид измерения|вид энергии|тип энергии|параметр",
    Role.DATE: "date|day|дата|день|сутки",
    Role.TIME: "time|hour|время|час",
    Role.MOMENT: "moment|timestamp|datetime|date time|date/time|дата и время|дата/время|дата время"
    "|дата, время|метка времени|момент|reading time|read at|дата снятия|дата показания",
    Role.START: "start|from|starts_at|start time|начало|начало интервала|начало периода|с"
    "|время начала|interval start",
    Role.END: "end|to|ends_at|end time|конец|конец интервала|окончание|окончание интервала|по"
    "|конец периода|время окончания|interval end",
    Role.VALUE: "value|значение|энергия|расход|потребление|мощность|energy|consumption|power"
    "|показание|показания|reading",
    Role.UNIT: "unit|units|единица|единица измерения|ед|ед.|ед. изм.|ед.изм.|ед. измерения",
    Role.QUALITY: "quality|качество|статус|status|достоверность|признак",
    Role.KIND: "kind|вид|вид показания|тип показания|вид показаний|reading kind|причина",
    Role.OFFSET: "utc_offset|utc offset|offset|смещение|смещение utc|смещение от utc|utc",
}
ROLES: dict[str, Role] = {word: role for role, text in _ROLES.items() for word in text.split("|")}

_NO_VALUE = (
    "-|–|—|--|n/a|na|#n/a|#н/д|null|none|nan|нет|нет данных|н/д|нд|отсутствует|missing|no data"
)
NO_VALUE = frozenset(_NO_VALUE.split("|"))
"""Cells that say that there is no value."""
TOTALS = ("total", "итого", "всего", "completeness", "полнота")
"""First words of rows that sum up the others; such rows are no data."""


def plain(text: str) -> str:
    """A header's text for comparing: lower case, ё as е, single spaces, no byte order mark."""
    text = text.replace("\ufeff", "").replace("\xa0", " ").replace("ё", "е").replace("Ё", "е")
    return " ".join(text.lower().split()).strip(" :\"'")


# Units


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of files: `factor` makes it one of `base`; a power still wants hours."""

    name: str
    factor: Fraction
    reactive: bool = False
    power: bool = False
    other: str = ""
    """The base where it is of no electricity: m3, Gcal."""

    @property
    def base(self) -> str:
        return self.other or ("kvarh" if self.reactive else "kWh")


_OTHERS = (
    ("m3", "m3", Fraction(1), "m3|м3|m³|м³|кубм|куб"),
    ("l", "m3", Fraction(1, 1000), "l|л|литр|dm3|дм3|dm³|дм³"),
    ("Gcal", "Gcal", Fraction(1), "gcal|гкал"),
    ("Mcal", "Gcal", Fraction(1, 1000), "mcal|мкал"),
    # The international calorie is 4.1868 J by its definition.
    ("GJ", "Gcal", Fraction(10_000, 41_868), "gj|гдж"),
)


def _units() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    prefixes = [("", "", -3), ("k", "к", 0), ("M", "М", 3), ("G", "Г", 6)]
    stems = [("Wh", "Втч", False, False), ("varh", "варч", True, False),
             ("W", "Вт", False, True), ("var", "вар", True, True)]  # fmt: skip
    for latin, russian, power_of_ten in prefixes:
        for stem, russian_stem, reactive, power in stems:
            unit = Unit(latin + stem, Fraction(10) ** power_of_ten, reactive, power)
            for text in (latin + stem, russian + russian_stem):
                units[text.lower()] = unit
    for name, base, factor, texts in _OTHERS:
        units |= dict.fromkeys(texts.split("|"), Unit(name, factor, other=base))
    return units


UNITS = _units()
_UNIT_NOISE = re.compile(r"[\s·*.\-⋅×]")


LONGEST = 200
"""Characters of a unit or channel, at most; longer texts are not kept either."""


def unit_of(text: str) -> Unit | None:
    """The unit that a text is, None for none that is known: "кВт·ч", "kWh", "МВт*ч"."""
    return _unit_of(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=1024)
def _unit_of(text: str) -> Unit | None:
    return UNITS.get(_UNIT_NOISE.sub("", text.lower()))


# Channels

_CHANNELS = {
    "A+": "a+|01|ap|ae|a +|активная прием|акт. прием|активная потребление|активная|active import"
    "|активная энергия прием|активная энергия|прием активной|p+",
    "A-": "a-|02|am|ai|a -|активная отдача|акт. отдача|активная генерация|active export"
    "|активная энергия отдача|отдача активной|p-",
    "R+": "r+|03|rp|re|r +|реактивная прием|реак. прием|реактивная|reactive import"
    "|реактивная энергия прием|реактивная энергия|прием реактивной|q+",
    "R-": "r-|04|rm|ri|r -|реактивная отдача|реак. отдача|reactive export"
    "|реактивная энергия отдача|отдача реактивной|q-",
    "WATER": "water|вода|холодная вода|горячая вода|хвс|гвс|водоснабжение",
    "GAS": "gas|газ|природный газ|газоснабжение",
    "HEAT": "heat|тепло|тепловая энергия|отопление|теплоснабжение",
}
CHANNELS = {word: BY_CHANNEL[name] for name, text in _CHANNELS.items() for word in text.split("|")}


def channel_of(text: str) -> ReadingType | None:
    """The reading type that a text names: "A+", "А−", "01", "активная прием", "U"; or None."""
    return _channel_of(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=1024)
def _channel_of(text: str) -> ReadingType | None:
    exact = BY_CHANNEL.get(text.strip())
    if exact is not None:
        return exact
    text = plain(text).replace("−", "-").replace("–", "-").replace(",", "")
    # Cyrillic А and Р look like Latin A and P; a word of three letters (газ) stays one.
    if len(text) <= 3 and text not in CHANNELS:
        text = text.replace("а", "a").replace("р", "p")
    return CHANNELS.get(text)


# Headers

_IN_BRACKETS = re.compile(r"^(.*?)[\s,]*[(\[]([^()\[\]]+)[)\]]$")


@dataclass(frozen=True, slots=True)
class Heading:
    """A header cell: its text without unit and channel, and what those are."""

    text: str
    role: Role | None = None
    channel: ReadingType | None = None
    unit: Unit | None = None


def heading(cell: str) -> Heading:
    """A header cell taken apart: "ТП-1 A+, кВт·ч" is a text, a channel and a unit."""
    text = cell.replace("\ufeff", "").strip()
    role = ROLES.get(plain(text))
    if role is not None:
        return Heading(text, role)
    if (only := unit_of(text)) is not None:
        return Heading("", Role.VALUE, unit=only)
    text, unit = _without_unit(text)
    role = ROLES.get(plain(text))
    if role is not None:
        return Heading(text, role, unit=unit)
    if not re.fullmatch(r"\d\d?", text) and (channel := channel_of(text)) is not None:
        return Heading("", None, channel, unit)
    first, _, last = text.rpartition(" ")
    if first and (channel := channel_of(last)) is not None and not last.isdigit():
        return Heading(first.strip(" ,"), None, channel, unit)
    return Heading(text, None, None, unit)


def _without_unit(text: str) -> tuple[str, Unit | None]:
    match = _IN_BRACKETS.match(text)
    if match and (unit := unit_of(match[2])) is not None:
        return match[1].strip(), unit
    for separator in (",", " "):
        first, _, last = text.rpartition(separator)
        if first and (unit := unit_of(last)) is not None:
            return first.strip(" ,"), unit
    return text, None


_REGISTER = re.compile(r"^(?:(.*?)[\s,_(]*)?(?:t|т|тариф\s*)\s*(\d)\)?$")
_SUM = re.compile(r"^(?:(.*?)[\s,_(]*)?(?:сумма|всего|sum|total)\)?$")


def register_of(cell: str) -> tuple[int, int] | None:
    """(row, column) of a register header in (7, 9): "A+ T1", "T1", "Сумма", "A+"; or None.

    Water, gas and heat have their first column only.
    """
    text = plain(_without_unit(cell.strip())[0])
    match = _REGISTER.match(text)
    tariff = 0
    if match:
        text, tariff = match[1] or "", int(match[2])
        if tariff > 8:
            return None
    elif match := _SUM.match(text):
        text = match[1] or ""
    elif not text or text.isdigit():
        return None
    kind = BY_CHANNEL["A+"] if not text else channel_of(text)
    if kind is None or kind.channel not in REGISTERS:
        return None
    if tariff and kind.channel in SINGLE:
        return None
    return REGISTERS.index(kind.channel), tariff


# Cells

_KINDS = {
    ReadingKind.START_OF_DAY: "day|start of day|начало суток|на начало суток|суточное|сутки|daily",
    ReadingKind.START_OF_MONTH: "month|start of month|начало месяца|на начало месяца|месячное"
    "|месяц|monthly|расчетное|billing",
    ReadingKind.ON_DEMAND: "demand|on demand|по запросу|текущее|мгновенное|current",
    ReadingKind.MANUAL: "manual|ручное|вручную|ручной ввод|введено вручную",
    ReadingKind.CLOSING: "closing|закрывающее|конечное|при снятии|снятие|removal",
    ReadingKind.OPENING: "opening|открывающее|начальное|при установке|установка|installation",
}
KINDS = {word: kind for kind, text in _KINDS.items() for word in text.split("|")}


def quality_of(text: str) -> Quality | None:
    """A quality by its name or code; None if it is neither. UNTOLD is none a file can say."""
    text = text.strip()
    found = Quality.__members__.get(text.upper().replace("-", "_").replace(" ", "_"))
    if found is None and text.isascii() and text.isdecimal() and len(text) <= 3:
        found = next((q for q in Quality if q == int(text)), None)
    return None if found is Quality.UNTOLD else found


def is_guarded(text: str) -> bool:
    """Whether a text begins with the apostrophe that keeps a spreadsheet from calculating it."""
    return text[:1] == "'" and _is_dangerous(text[1:])


DANGEROUS = "=+-@\t\r'"
"""First characters that make a spreadsheet calculate a text, and the guard itself."""


MARKUP = "<r>"
"""XlsxWriter puts a text between this and its end into the sheet as it is: formulas and all."""


def _is_dangerous(text: str) -> bool:
    return bool(text) and (text[0] in DANGEROUS or text.startswith(MARKUP))


def unguarded(text: str) -> str:
    return text[1:] if is_guarded(text) else text


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `unguarded` gives it back."""
    return "'" + text if _is_dangerous(text) else text
