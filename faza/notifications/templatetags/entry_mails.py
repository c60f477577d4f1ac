"""Typed readings in a mail: what each showed, in the mail's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.translation import ngettext

from faza.notifications import words

register = template.Library()
Line = Mapping[str, Any]  # JSON, as `manual_entry.telling` wrote it


@register.filter
def entry_lines(lines: Iterable[Line], kind: str) -> list[str]:
    """Where each is of, its values and the reason."""
    told = [(line, words.told(kind, line, line["zone"])) for line in lines]
    return [
        ". ".join(part for part in (one.place, *one.lines) if part) + "." for _line, one in told
    ]


@register.filter
def entry_where(lines: list[Line], more: int) -> str:
    """The place of the one reading, or how many there are."""
    if len(lines) == 1 and not more:
        return str(lines[0]["place"])
    count = len(lines) + more
    return ngettext("%(count)s reading", "%(count)s readings", count) % {"count": count}
