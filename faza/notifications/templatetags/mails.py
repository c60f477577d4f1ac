"""Parts of a mail, each as HTML with inline styles, which mails need, and as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.formats import date_format, time_format
from django.utils.html import format_html, format_html_join, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext

from faza.accounts.models import User

register = template.Library()

STYLES = {
    "p": "margin:0 0 16px;font-size:16px;line-height:1.5;color:#131c2b",
    "small": "margin:0 0 16px;font-size:14px;line-height:1.5;color:#4f5b6c",
    "h1": "margin:0 0 20px;font-size:24px;line-height:1.25;font-weight:650;color:#131c2b",
    "action": "margin:24px 0",
    "button": (
        "display:inline-block;padding:13px 24px;border-radius:8px;background:#2459d3;color:#ffffff;"
        "font-size:16px;font-weight:600;line-height:1.25;text-decoration:none"
    ),
    "address": "color:#1e4cb8;word-break:break-all",
    "code": (
        "margin:0 0 16px;padding:12px 16px;border-radius:8px;background:#f3f5f8;color:#131c2b;"
        "font:15px/1.5 ui-monospace,Consolas,monospace;word-break:break-all"
    ),
    "facts": "margin:0 0 20px;padding:14px 16px 4px;border-radius:8px;background:#f3f5f8",
    "dt": "margin:0;font-size:13px;line-height:1.4;color:#4f5b6c",
    "dd": "margin:0 0 10px;font-size:16px;line-height:1.4;color:#131c2b",
    "quote": (
        "margin:0 0 20px;padding:4px 0 4px 16px;border-left:3px solid #cfd5de;"
        "font-size:16px;line-height:1.5;color:#131c2b"
    ),
    "ul": "margin:0 0 20px;padding:0 0 0 20px;font-size:16px;line-height:1.6;color:#131c2b",
}
Context = Mapping[str, Any]  # a template's context holds anything


@register.simple_tag
def style(name: str) -> SafeString:
    return format_html('class="{}" style="{}"', name, STYLES[name])


@register.simple_block_tag(takes_context=True)
def paragraph(context: Context, content: SafeString, name: str = "p") -> str:
    """A sentence or two; `name` is p or small."""
    said = SafeString(" ".join(content.split()))
    if not context["is_html"]:
        return SafeString(f"\n\n{said}\n\n")
    return format_html("<p {}>{}</p>", style(name), said)


@register.simple_tag(takes_context=True)
def heading(context: Context, words: str) -> str:
    if not context["is_html"]:
        return format_html("{}\n\n", words)
    return format_html("<h1 {}>{}</h1>", style("h1"), words)


@register.simple_tag(takes_context=True)
def button(context: Context, url: str, words: str) -> str:
    """What the reader is to do, and the address in full for a reader that shows no buttons."""
    if not context["is_html"]:
        return format_html("\n\n{}:\n{}\n\n", words, url)
    return format_html(
        '<p {}><a href="{}" {}>{}</a></p><p {}>{}<br><a href="{}" {}>{}</a></p>',
        style("action"), url, style("button"), words,
        style("small"), gettext("If the button does not work, open this address:"),
        url, style("address"), url,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def code(context: Context, words: str) -> str:
    """Something to copy or to type."""
    if not context["is_html"]:
        return format_html("\n\n{}\n\n", words)
    return format_html("<p {}>{}</p>", style("code"), words)


@register.simple_tag(takes_context=True)
def quote(context: Context, words: str) -> str:
    """What a person wrote, with its lines."""
    if not context["is_html"]:
        lines = format_html_join("\n", "> {}", ((line,) for line in str(words).splitlines()))
        return format_html("\n\n{}\n\n", lines)
    # The argument is escaped by linebreaks.
    return format_html("<blockquote {}>{}</blockquote>", style("quote"), _lines(str(words)))


def _lines(words: str) -> SafeString:
    told = linebreaks(words, autoescape=True).replace("<p>", '<p style="margin:0 0 8px">')
    return mark_safe(told)  # noqa: S308  escaped by linebreaks


@register.simple_tag(takes_context=True)
def facts(context: Context, *labels_and_values: object) -> str:
    """Labels with their values, turn by turn; a label without a value is left out."""
    pairs = zip(labels_and_values[::2], labels_and_values[1::2], strict=True)
    known = [(label, value) for label, value in pairs if value not in ("", None)]
    if not known:
        return ""
    if not context["is_html"]:
        return format_html("\n\n{}\n\n", format_html_join("\n", "{}: {}", known))
    rows = ((style("dt"), label, style("dd"), value) for label, value in known)
    inner = format_html_join("", "<dt {}>{}</dt><dd {}>{}</dd>", rows)
    return format_html("<dl {}>{}</dl>", style("facts"), inner)


@register.simple_tag(takes_context=True)
def listing(context: Context, lines: Iterable[object]) -> str:
    """Things one under the other; each is a text, or an object with a code, a name, an address."""
    told = [(_line(one),) for one in lines or ()]
    if not told:
        return ""
    if not context["is_html"]:
        return format_html("\n\n{}\n\n", format_html_join("\n", "– {}", told))
    return format_html("<ul {}>{}</ul>", style("ul"), format_html_join("", "<li>{}</li>", told))


def _line(one: object) -> str:
    if not isinstance(one, Mapping):
        return str(one)
    known = (str(one[name]) for name in ("code", "name", "address") if one.get(name))
    return ", ".join(known)


@register.filter
def moment(value: object) -> str:
    """A day, or a moment with the name of its zone, as people read it; anything else as it is."""
    if isinstance(value, datetime):
        local = value.astimezone(get_current_timezone())
        zone = gettext("MSK") if local.tzname() == "MSK" else local.tzname()
        return f"{date_format(local, 'd.m.Y')} {time_format(local, 'H:i')} ({zone})"
    if isinstance(value, date):
        return date_format(value, "d.m.Y")
    return str(value or "")


@register.filter
def role_name(role: object) -> object:
    """A role as people call it."""
    return dict(User.Role.choices).get(str(role), role)
