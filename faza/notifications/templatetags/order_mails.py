"""Orders about supply in a mail: what, why, up to which power, in the mail's language."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.collection.models import SupplyOrder
from faza.ui import formats

register = template.Library()
DEEDS = {
    "off": gettext_lazy("Supply is limited wholly"),
    "limit": gettext_lazy("The power is limited"),
    "restore": gettext_lazy("Supply may be switched on at the meter"),
    "on": gettext_lazy("Supply is switched on"),
    "lift": gettext_lazy("The limit of power is lifted"),
}


@register.filter
def order_deed(deed: str) -> str:
    """What is done, as its consumer calls it; on: switched on directly."""
    return str(DEEDS.get(deed, deed))


@register.filter
def order_ground(ground: str) -> str:
    return str(dict(SupplyOrder.Ground.choices).get(ground, ground))


@register.filter
def order_power(watts: str | None) -> str:
    """3000 → «3 кВт»; nothing where no power was told."""
    if not watts:
        return ""
    number = Decimal(watts) / 1000
    decimals = 0 if number == number.to_integral_value() else 1
    return _("%(number)s kW") % {"number": formats.number(number, decimals)}
