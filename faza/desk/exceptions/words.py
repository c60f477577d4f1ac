"""Words of findings: rules, effects, states, methods, and the numbers that a rule compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from faza.core.reading_types import A_MINUS, A_PLUS, BY_CODE, R_MINUS, R_PLUS, ReadingType
from faza.events import catalogue
from faza.readings.registers import meaning
from faza.readings.validation import RULES, Shown, shown
from faza.readings.validation.shapes import Effect
from faza.readings.vee.findings import Row, State
from faza.ui import formats

WHOLE_POINT = 0
"""The reading type of a finding that is about no single channel."""
LITTLE = 100
"""Below so many units three places are shown, else one."""

CHANNELS: Mapping[int, str | Promise] = {
    A_PLUS.code: pgettext_lazy("channel", "A+ import"),
    A_MINUS.code: pgettext_lazy("channel", "A− export"),
    R_PLUS.code: pgettext_lazy("channel", "R+ reactive"),
    R_MINUS.code: pgettext_lazy("channel", "R− reactive"),
}
EFFECTS: Mapping[int, str | Promise] = {
    Effect.TELL: _("only told"),
    Effect.DOUBT: _("value is doubtful"),
    Effect.REJECT: _("value does not stand"),
}
EFFECTS_CSS: Mapping[int, str] = {Effect.TELL: "", Effect.DOUBT: "warn", Effect.REJECT: "bad"}
STATES: Mapping[int, str | Promise] = {
    State.OPEN: pgettext_lazy("finding", "open"),
    State.ACCEPTED: pgettext_lazy("finding", "accepted"),
    State.DECIDED: pgettext_lazy("finding", "other values put"),
    State.GONE: pgettext_lazy("finding", "found no longer"),
}
STATES_CSS: Mapping[int, str] = {
    State.OPEN: "warn", State.ACCEPTED: "good", State.DECIDED: "info", State.GONE: "",
}  # fmt: skip
METHODS: Mapping[str, str | Promise] = {
    "auto": pgettext_lazy("method", "In order of trust"),
    "control": pgettext_lazy("method", "Control meter"),
    "interpolation": pgettext_lazy("method", "Between neighbours"),
    "like-days": pgettext_lazy("method", "Like days"),
    "last-year": pgettext_lazy("method", "A year ago"),
    "group": pgettext_lazy("method", "Profile of the group"),
    "flat": pgettext_lazy("method", "Evenly"),
}


def title(rule: str) -> str:
    """The short name of a rule; a code of an earlier version stands for itself."""
    return gettext(RULES[rule].title) if rule in RULES else rule


def explains(rule: str) -> str:
    return gettext(RULES[rule].explains) if rule in RULES else ""


def channel(reading_type: int) -> str:
    """A channel on a page: «A+ приём», «U», empty for a whole point."""
    if reading_type in CHANNELS:
        return str(CHANNELS[reading_type])
    return BY_CODE[reading_type].channel if reading_type in BY_CODE else ""


def stretch(start: datetime, end: datetime, zone: str) -> str:
    """«16.11 14:30 – 15:30», «16.11», «16.11 – 18.11» on the point's wall clock."""
    place = ZoneInfo(zone)
    first, last = start.astimezone(place), end.astimezone(place)
    if first.time() == last.time() == datetime.min.time():
        final = (last - timedelta(hours=1)).date()
        if final <= first.date():
            return f"{first:%d.%m.%Y}"
        return f"{first:%d.%m} – {final:%d.%m.%Y}"
    if first.date() == last.date():
        return f"{first:%d.%m.%Y %H:%M} – {last:%H:%M}"
    if last.time() == datetime.min.time() and last.date() - first.date() == timedelta(days=1):
        return f"{first:%d.%m.%Y %H:%M} – 24:00"
    return f"{first:%d.%m %H:%M} – {last:%d.%m.%Y %H:%M}"


def stretch_of(row: Row, zone: str) -> str:
    return stretch(row.starts_at, row.ends_at, zone)


def in_unit(value: float | Decimal, kind: ReadingType) -> Decimal:
    """A stored integer in the unit people read."""
    told = value if isinstance(value, Decimal) else Decimal(str(value))
    return told * kind.quantum.numerator / kind.quantum.denominator


def places(value: Decimal) -> int:
    return 3 if abs(value) < LITTLE else 1


def told(value: float, kind: ReadingType) -> str:
    """A stored integer with its unit: `1 206,4 кВт·ч`."""
    amount = in_unit(value, kind)
    return str(formats.quantity(amount, kind.unit, places(amount)))


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a rule compared, as it is shown."""

    name: str
    value: str


def numbers(row: Row, zone: str) -> list[Number]:
    """What a rule compared on a stretch, in the rule's order."""
    names = RULES[row.key.rule].numbers if row.key.rule in RULES else {}
    kind = BY_CODE.get(row.key.reading_type)
    ordered = [name for name in names if name in row.numbers]
    return [
        Number(gettext(names[name]), _value(name, row.numbers[name], kind, zone))
        for name in ordered
    ]


def _value(name: str, value: Any, kind: ReadingType | None, zone: str) -> str:
    match shown(name):
        case Shown.EVENT:
            return _event(str(value))
        case Shown.YES:
            return gettext("yes") if value else gettext("no")
        case Shown.COUNT:
            return formats.number(value)
        case Shown.MOMENT:
            moment = datetime.fromtimestamp(int(value), UTC).astimezone(ZoneInfo(zone))
            return formats.moment(moment)
        case Shown.SECONDS:
            return formats.duration(timedelta(seconds=abs(int(value))))
        case Shown.REGISTER:
            code, tariff = meaning(int(value))
            return f"{BY_CODE[code].channel} T{tariff}"
        case Shown.VALUE if kind is not None:
            return told(value, kind)
    return formats.number(Decimal(str(value)), 0 if float(value).is_integer() else 2)


def _event(text: str) -> str:
    journal, _sep, code = text.partition("-")
    if not (journal.isdecimal() and code.isdecimal()):
        return text
    return str(catalogue.find(int(journal), int(code)).words)
