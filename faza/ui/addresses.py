"""Addresses of the same page with something changed: all that a page shows is in its address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import QueryDict


def changed(query: QueryDict, /, **values: str | Iterable[str] | None) -> str:
    """The query with some keys replaced; None or nothing leaves a key out. `from_` is `from`."""
    made: dict[str, Iterable[str]] = dict(query.lists())
    for name, value in values.items():
        made[name.rstrip("_")] = [value] if isinstance(value, str) else list(value or ())
    # QueryDict's own copy and urlencode cost ten times as much; a page has hundreds of links.
    return f"?{urlencode(made, doseq=True)}"


def toggled(listed: Iterable[str], one: str) -> list[str]:
    """A list with one entry taken out if it was in, put in if it was not."""
    kept = list(listed)
    if one in kept:
        kept.remove(one)
    else:
        kept.append(one)
    return kept
