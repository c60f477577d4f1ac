"""Words of what to tell of."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from faza.core.reading_types import A_PLUS
from faza.core.units import to_unit
from faza.ui import formats

register = template.Library()


@register.filter
def kilowatt_hours(watt_hours: int) -> str:
    """A limit, which has one decimal place, without an idle nought."""
    value = to_unit(watt_hours, A_PLUS)
    return formats.number(value, 0 if value == value.to_integral_value() else 1)


@register.simple_tag
def wish_hint(name: str) -> str:
    """What a topic holds."""
    return {
        "topic-warnings": _("seals, magnetic field, failure, power off and on, restart"),
        "topic-outages": _("how long there was no power, when it is back"),
        "topic-verification": _("three months before it ends, and when it has ended"),
        "topic-cases": _("what the network company writes to your questions"),
        "topic-news": _("important ones always come by e-mail"),
    }.get(name, "")
