"""Pages: a cursor tells where the next one begins; nobody has to know what is in it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from faza.api.v1.errors import invalid

LONGEST = 200
GREATEST = 2**53
M = TypeVar("M", bound=Model)


def cursor_of(place: int) -> str:
    """A place in a list, as a cursor."""
    packed = json.dumps([1, place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def place_of(cursor: str | None) -> int:
    """The place that a cursor tells, 0 without one. Raises Problem if it is none of ours."""
    if not cursor:
        return 0
    try:
        told = cursor[:LONGEST].encode("ascii")
        padded = told + b"=" * (-len(told) % 4)
        found: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        found = None
    if not (isinstance(found, list) and len(found) == 2 and found[0] == 1):
        raise _foreign()
    place = found[1]
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place <= GREATEST:
        raise _foreign()
    return place


def _foreign() -> Exception:
    return invalid("cursor", _("It is not the `next` of an answer."))


def page_of(rows: QuerySet[M], cursor: str | None, limit: int) -> tuple[list[M], str | None]:
    """Rows after a cursor, by number, and the cursor of the next ones. One query."""
    found = list(rows.filter(pk__gt=place_of(cursor)).order_by("pk")[: limit + 1])
    page = found[:limit]
    return page, cursor_of(page[-1].pk) if len(found) > limit else None
