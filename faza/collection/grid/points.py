"""A row's place and usage point against those that there are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from faza.collection.grid.places import Ambiguous, Outside, Places
from faza.collection.grid.plan import Draft, NodeKey, Place
from faza.collection.grid.scope import Existing, Point
from faza.metering.rules import MOST_LEVELS

FIELDS = ("address", "phases", "max_power", "voltage_level", "is_common")
DEFAULTS: dict[str, Any] = {
    "address": "", "phases": 3, "max_power": None, "voltage_level": "LV", "is_common": False,
}  # fmt: skip
ZONE = "Europe/Moscow"
RESOURCE = "electricity"


def made_code(key: NodeKey, name: str) -> str:
    """The code of a point that a file gives none: the same for the same place and name."""
    told = "\\".join((*key, name)).encode()
    return f"G-{hashlib.blake2s(told, digest_size=6).hexdigest().upper()}"


@dataclass(slots=True)
class PointChecker:
    """Goes through the rows of one file."""

    places: Places
    existing: Existing
    _seen: dict[object, int] = field(default_factory=dict)
    _odd: dict[tuple[str, ...], tuple[str, str, str] | None] = field(default_factory=dict)

    def place(self, draft: Draft) -> Place | None:
        """The row's place; what is wrong with its path is said."""
        names = draft.values.get("node")
        if names is None:
            return None
        try:
            if names not in self._odd:
                self._odd[names] = self.places.mistaken(names)
            odd = self._odd[names]
            if odd:
                code, name, meant = odd
                draft.say("node", code, proposal=meant, name=name)
            place = self.places.resolve(names, draft.values.get("node_kind"))
        except Outside:
            draft.say("node", "node-outside")
            return None
        except Ambiguous as problem:
            draft.say("node", "node-ambiguous", name=str(problem))
            return None
        if len(place.key) > MOST_LEVELS:
            draft.say("node", "node-deep", expected=str(MOST_LEVELS))
            return None
        return place

    def check(self, draft: Draft) -> None:
        """Which point the row is of, and what of it would change."""
        name, code = draft.values.get("point_name"), draft.values.get("point_code")
        place = draft.place
        if place is None or name is None:
            return
        point = self._find(draft, place, name, code)
        if draft.is_wrong and point is None and code in self.existing.points:
            return
        unique = point.id if point else code or (place.key, name)
        first = self._seen.setdefault(unique, draft.line)
        if first != draft.line:
            draft.say("point_code" if code else "point_name", "point-twice", line=str(first))
            return
        draft.zone = draft.values.get("zone") or (point.zone if point else ZONE)
        if point is None:
            self._new(draft, place, name, code)
        else:
            self._changed(draft, place, name, point)

    def _find(self, draft: Draft, place: Place, name: str, code: str | None) -> Point | None:
        point = self.existing.points.get(code) if code else None
        if point is not None:
            if self.places.everywhere or point.node_id in self.places.own:
                return point
            draft.say("point_code", "code-taken")
            return None
        named = self.existing.at_nodes.get((place.id, name), []) if place.id else []
        if code is not None:
            if named:
                draft.say("point_name", "point-like", was=named[0].code)
            return None
        if len(named) > 1:
            draft.say("point_name", "point-ambiguous")
        return named[0] if named else None

    def _new(self, draft: Draft, place: Place, name: str, code: str | None) -> None:
        values = draft.values
        if code is None:
            code = made_code(place.key, name)
            while code in self.existing.points:
                code += "-2"
        draft.point_fields = {
            "code": code,
            "name": name,
            "zone": draft.zone,
            "resource": values.get("resource") or RESOURCE,
            **{key: DEFAULTS[key] if values.get(key) is None else values[key] for key in FIELDS},
        }

    def _changed(self, draft: Draft, place: Place, name: str, point: Point) -> None:
        values = draft.values
        draft.point = point.id
        if values.get("zone") not in (None, point.zone):
            draft.say("zone", "zone-change", was=point.zone)
        if values.get("resource") not in (None, point.resource):
            draft.say("resource", "resource-change")
        if name != point.name:
            draft.changes("point_name", point.name)
            draft.point_fields["name"] = name
        if place.id != point.node_id:
            draft.changes("node", "\\".join(self.places.key_of(point.node_id)))
            draft.point_fields["node_id"] = place.id
        for key in FIELDS:
            value, was = values.get(key), getattr(point, key)
            if value is not None and value != was:
                draft.changes(key, _shown(key, was))
                draft.point_fields[key] = value


def _shown(key: str, value: Any) -> object:
    """A field as the file writes it."""
    if key == "max_power" and value is not None:
        return f"{value / 1000:g}".replace(".", ",")
    if key == "is_common":
        return "да" if value else "нет"
    return value
