"""How the rows of a profile are laid out in a meter: read once, kept as JSON, told by a hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from types import NoneType
from typing import NamedTuple

from faza.protocols.dlms import CaptureObject, dotted
from faza.protocols.metered import Json

KINDS = {
    (int, str, int, int, scaler, unit) for scaler in (int, NoneType) for unit in (int, NoneType)
}
"""Of what a source consists in JSON."""


class Source(NamedTuple):
    """What stands in a column: an attribute of an object, in 10^scaler of a unit (Blue Book 12,
    table 4); both None where the meter does not say them."""

    class_id: int
    name: str
    attribute: int
    element: int = 0
    scaler: int | None = None
    unit: int | None = None

    @classmethod
    def of(cls, found: CaptureObject) -> Source:
        return cls(found.class_id, dotted(found.name), found.attribute, found.element)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a profile, in the meter's order. `period`: seconds between rows, 0 if none."""

    name: str
    period: int
    sources: tuple[Source, ...]

    @property
    def hash(self) -> str:
        """16 hexadecimal digits that are the same where rows mean the same."""
        told = json.dumps([self.name, self.period, self.sources])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "period": self.period,
            "sources": [list[Json](source) for source in self.sources],
        }

    @classmethod
    def from_json(cls, kept: Json) -> Layout | None:
        """As written by `to_json`; None if it is not that."""
        if not isinstance(kept, dict):
            return None
        name, period, rows = kept.get("name"), kept.get("period"), kept.get("sources")
        if not isinstance(name, str) or not isinstance(period, int) or not isinstance(rows, list):
            return None
        sources = [source for row in rows if (source := _source(row)) is not None]
        return cls(name, period, tuple(sources)) if len(sources) == len(rows) else None


def _source(row: Json) -> Source | None:
    if isinstance(row, list) and tuple(map(type, row)) in KINDS:
        return Source._make(row)
    return None
