"""What sheets of a round say of a register."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.translation import get_language

from faza.core.reading_types import BY_CODE
from faza.core.units import to_unit
from faza.manual_entry.dials import Dial
from faza.manual_entry.queries import Due
from faza.manual_entry.table import register_word
from faza.ui import formats

register = template.Library()


@register.filter
def register_name(dial: Dial) -> str:
    """A register as files name it: A+ T1."""
    return register_word(dial.register, get_language() or "ru")


@register.filter
def shown_last(dial: Dial) -> str:
    """The last reading as the face shows it, without its unit."""
    if dial.last is None:
        return "—"
    return formats.number(to_unit(dial.last, BY_CODE[dial.reading_type]), dial.decimals)


@register.filter
def last_on(dial: Dial, zone: str) -> str:
    """The day of the last reading at the point."""
    if dial.last_at is None:
        return ""
    return formats.day(datetime.fromtimestamp(dial.last_at, UTC).astimezone(ZoneInfo(zone)).date())


@register.filter
def boxes(dial: Dial, due: Due) -> list[str]:
    """A box for each digit of the meter's face; "," where its decimals begin."""
    digits = due.installed.digits if due.installed else 0
    return [""] * digits + ([","] + [""] * dial.decimals if dial.decimals else [])
