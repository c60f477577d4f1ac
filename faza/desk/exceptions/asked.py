"""What an address of the exceptions asks for besides its filters: which finding, seen how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.urls import reverse

from faza.desk.exceptions.rows import FILTERS
from faza.readings.vee.choosing import CHOICES

ACCEPT, EDIT, ESTIMATE, READ = "accept", "edit", "estimate", "read"
DEEDS = (ACCEPT, EDIT, ESTIMATE, READ)
SPANS = ("day", "days", "week")
"""The finding's own days, one more to both sides, three more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """filters: those of the list, as a query. key: of the finding, "" for the first. deed,
    method: what is weighed up, "" for what is proposed. page: of a narrowed list."""

    filters: str = ""
    key: str = ""
    deed: str = ""
    method: str = ""
    span: str = "day"
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """What cannot be is as if it were not asked for."""
        deed, method = query.get("do", ""), query.get("method", "")
        span, page = query.get("span", ""), query.get("page", "")
        return cls(
            filters=narrowed(query),
            key=query.get("f", ""),
            deed=deed if deed in DEEDS else "",
            method=method if method in CHOICES else "",
            span=span if span in SPANS else "day",
            page=int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 7 else 1,
        )

    def address(self, **changes: object) -> str:
        """The address of this, or of something else."""
        other = replace(self, **changes)  # type: ignore[arg-type]
        made = QueryDict(other.filters, mutable=True)
        told = {
            "page": "" if other.page <= 1 else str(other.page),
            "f": other.key,
            "span": "" if other.span == "day" else other.span,
            "do": other.deed,
            "method": other.method,
        }
        for name, value in told.items():
            if value:
                made[name] = value
        query = made.urlencode()
        return reverse("desk:exceptions") + (f"?{query}" if query else "")

    def of_finding(self, key: str) -> str:
        """The address of another finding in the same list."""
        return self.address(key=key, deed="", method="")


def narrowed(query: Mapping[str, str]) -> str:
    """The filters of an address alone, in a fixed order."""
    made = QueryDict(mutable=True)
    for name in FILTERS:
        if value := query.get(name, "")[:200]:
            made[name] = value
    return made.urlencode()
