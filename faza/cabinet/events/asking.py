"""What an address asks of the journal: `?level=high&category=power&device=meter&text=…&page=2`.

What it says wrongly is as if it were not said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.http import QueryDict

from faza.events.kinds import Category, Device, Importance
from faza.events.queries import Filter

LONGEST_TEXT = 60


class Level(StrEnum):
    """Importance as pages tell it, in three steps."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"


IMPORTANCES: dict[Level, tuple[Importance, ...]] = {
    Level.HIGH: (Importance.ALARM,),
    Level.MIDDLE: (Importance.WARNING,),
    Level.LOW: (Importance.NOTICE, Importance.INFO),
}
LEVELS = {one: level for level, several in IMPORTANCES.items() for one in several}


@dataclass(frozen=True, slots=True)
class Asked:
    """Empty parts of the filter let everything through; `page` counts from 1."""

    level: Level | None = None
    categories: tuple[Category, ...] = ()
    devices: tuple[Device, ...] = ()
    text: str = ""
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        return bool(self.level or self.categories or self.devices or self.text)

    @property
    def filter(self) -> Filter:
        importances = IMPORTANCES[self.level] if self.level else ()
        return Filter(self.categories, importances, self.devices, self.text)


def read(query: QueryDict) -> Asked:
    """The filters and the page of an address."""
    levels, told = set(Level), query.get("level", "")
    page = query.get("page", "")
    return Asked(
        level=Level(told) if told in levels else None,
        categories=tuple(one for one in Category if one.value in query.getlist("category")),
        devices=tuple(one for one in Device if one.value in query.getlist("device")),
        text=" ".join(query.get("text", "").split())[:LONGEST_TEXT],
        page=int(page) if page.isdecimal() and 0 < len(page) < 7 and int(page) else 1,
    )
