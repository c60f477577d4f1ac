"""`{% load faza_ui %}`: icons, the menu, the theme, and the formats as filters."""

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from faza.contracts.permissions import Right, may
from faza.ui import formats, menu

register = template.Library()

Value = Decimal | float | int | None


@register.simple_tag
@lru_cache(maxsize=2048)
def icon(name: str, css: str = "") -> SafeString:
    """A Tabler icon from the sprite; ornament only, so what it means must also stand in words."""
    sprite = static("ui/dist/icons.svg")
    return format_html(
        '<svg class="ti {}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, sprite, name
    )


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """The reader's choice from its cookie: light, dark, or auto (as the system says)."""
    request = context.get("request")
    chosen = request.COOKIES.get("faza_theme", "") if request else ""
    return chosen if chosen in {"light", "dark"} else "auto"


@register.simple_tag(takes_context=True)
def menu_shape(context: template.Context, default: str) -> str:
    """Class of the body: "rail" where the menu is folded, by the reader's choice or by default."""
    request = context.get("request")
    chosen = request.COOKIES.get("faza_menu", "") if request else ""
    return "rail" if (chosen if chosen in {"rail", "wide"} else default) == "rail" else ""


@register.simple_tag(takes_context=True)
def menu_entries(context: template.Context) -> list[menu.Entry]:
    """Sections of the menu for this page."""
    request = context.get("request")
    return menu.entries(request) if request else []


@register.simple_tag(takes_context=True)
def help_here(context: template.Context) -> str:
    """The address of the help's topic about this page; nothing in the help itself."""
    request = context.get("request")
    if request is None or request.path.startswith(("/help/", "/about/")):
        return ""
    found = context.get("entries") or menu.entries(request)
    return menu.help_url(request.path, found)


@register.simple_tag(takes_context=True)
def way_to_desk(context: template.Context) -> str:
    """The desk's address for a person who may open it and is not there, else nothing."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return ""
    try:
        desk = reverse("desk:home")
    except NoReverseMatch:
        return ""
    allowed = may(request.user, Right.OPEN_DESK) and not request.path.startswith(desk)
    return desk if allowed else ""


@register.filter
def initials(name: str) -> str:
    """Two letters for the person's mark: of a name its words', of an address its first two."""
    words = [word for word in name.replace(".", " ").split("@")[0].split() if word]
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else "".join(words)[:2]
    return letters.upper()


@register.filter
def number(value: Value, decimals: int = 0) -> str:
    return formats.number(value, decimals)


@register.filter
def signed(value: Value, decimals: int = 0) -> str:
    return formats.signed(value, decimals)


@register.filter
def percent(value: Value, decimals: int = 0) -> str:
    return formats.percent(value, decimals)


@register.filter
def signed_percent(value: Value, decimals: int = 0) -> str:
    return formats.signed_percent(value, decimals)


@register.filter
def completeness(value: Value) -> str:
    return formats.completeness(value)


@register.filter
def unit(name: str) -> str:
    """A unit's symbol in the reader's language, by its English one."""
    return formats.unit_name(name)


@register.filter
def day(value: date | None) -> str:
    return formats.day(value)


@register.filter
def moment(value: datetime | None, zone: tzinfo | None = None) -> str:
    return formats.moment(value, zone)


@register.filter
def clock(value: datetime | None, zone: tzinfo | None = None) -> str:
    return formats.clock(value, zone)


@register.filter
def duration(value: timedelta | None) -> str:
    return formats.duration(value)


@register.simple_tag
def dates(first: date | None, last: date | None) -> str:
    return formats.dates(first, last)


@register.simple_tag
def energy(value: Value, unit: str = "kWh", decimals: int = 1) -> SafeString:
    """Energy with its unit a shade lighter: `593,5 <span class="u">кВт·ч</span>`."""
    return _marked(formats.energy(value, unit, decimals))


@register.simple_tag
def quantity(value: Value, unit: str, decimals: int = 1) -> SafeString:
    return _marked(formats.quantity(value, unit, decimals))


@register.simple_tag
def energy_text(value: Value, unit: str = "kWh", decimals: int = 1) -> str:
    """Energy as plain text, for sentences and titles."""
    return str(formats.energy(value, unit, decimals))


def _marked(told: formats.Quantity) -> SafeString:
    if not told.unit:
        return format_html("{}", told.number)
    whole = '<span class="nw">{}{}<span class="u">{}</span></span>'
    return format_html(whole, told.number, formats.NBSP, told.unit)
