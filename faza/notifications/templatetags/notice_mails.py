"""Notices in a mail: one a line, in the mail's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.translation import ngettext

from faza.notifications import words

register = template.Library()
Line = Mapping[str, Any]  # JSON, as `telling` wrote it


@register.filter
def notice_lines(notices: Iterable[Line]) -> list[str]:
    """What each says, where and when."""
    return [words.told(one["kind"], one["payload"], one["zone"]).whole for one in notices]


@register.filter
def notice_subject(notices: list[Line], more: int) -> str:
    """The one notice, or how many there are."""
    if len(notices) == 1 and not more:
        one = words.told(notices[0]["kind"], notices[0]["payload"], notices[0]["zone"])
        return f"{one.title}: {one.place}" if one.place else one.title
    total = len(notices) + more
    return ngettext("%(count)s notice", "%(count)s notices", total) % {"count": total}
