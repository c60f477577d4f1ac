"""What an address of the queue asks for: which readings, which one of them, which page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.urls import reverse

from faza.desk.readings.rows import FILTERS, Group

GROUPS = frozenset(group.value for group in Group)


@dataclass(frozen=True, slots=True)
class Asked:
    """filters: those of the list, as a query. group: "" for all. key: of the reading, None for
    the first."""

    filters: str = ""
    group: str = ""
    key: int | None = None
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """What cannot be is as if it were not asked for."""
        made = QueryDict(mutable=True)
        for name in FILTERS:
            if value := query.get(name, "")[:200]:
                made[name] = value
        group = query.get("group", "")
        return cls(
            filters=made.urlencode(),
            group=group if group in GROUPS else "",
            key=_number(query.get("f", ""), 19),
            page=_number(query.get("page", ""), 7) or 1,
        )

    @classmethod
    def of_text(cls, text: str) -> Asked:
        """An address that a form hands on."""
        return cls.of(QueryDict(text[:2000]))

    def query(self) -> str:
        made = QueryDict(self.filters, mutable=True)
        told = {
            "group": self.group,
            "page": str(self.page) if self.page > 1 else "",
            "f": "" if self.key is None else str(self.key),
        }
        for name, value in told.items():
            if value:
                made[name] = value
        return made.urlencode()

    def address(self, **changes: object) -> str:
        """The address of this, or of something else."""
        query = replace(self, **changes).query()  # type: ignore[arg-type]
        return reverse("desk:readings") + (f"?{query}" if query else "")


def _number(text: str, length: int) -> int | None:
    if text.isascii() and text.isdecimal() and 0 < len(text) < length:
        return int(text) or None
    return None
