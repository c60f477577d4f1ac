"""A list as a file; that it was taken away is written down."""

from __future__ import annotations

from datetime import datetime

from faza.accounts.models import User
from faza.audit import services as audit
from faza.ui.files import FORMATS, Rows, as_csv, as_xlsx


def note(user: User, name: str, query: str, format: str, count: int, at: datetime) -> None:
    """Write into the trail that a list that names people was taken away as a file.

    Source: design/rules.md, Access.
    """
    told = {"list": name, "filters": query, "format": format, "rows": count}
    audit.note("desk.list.exported", of=user, by=user, at=at, after=told)


__all__ = ["FORMATS", "Rows", "as_csv", "as_xlsx", "note"]
