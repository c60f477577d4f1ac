"""What would be done with a file: verdicts of its rows, and what applying them takes. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from faza.collection.grid import words

NEW, CHANGED, SAME, ERROR = "new", "changed", "same", "error"

NodeKey = tuple[str, ...]
"""A node by the names from its root down."""


@dataclass(slots=True)
class Mark:
    """What is said of a cell: an error, a warning, or a change from `was`.

    `found` is the cell's own text; the other words of the sentence are in `args`. `proposal` is
    the whole text that may take the cell's place.
    """

    code: str
    found: str = ""
    proposal: str = ""
    was: str = ""
    args: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return words.kind_of(self.code)

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"code": self.code, "kind": self.kind}
        for name in ("found", "proposal", "was", "args"):
            if value := getattr(self, name):
                told[name] = value
        return told


@dataclass(slots=True)
class Place:
    """Where a row's node is: an existing one, or the key of one to be made."""

    id: int | None
    key: NodeKey


@dataclass(slots=True)
class NewNode:
    """A node to be made under an existing parent, under another new one, or as a root."""

    key: NodeKey
    name: str
    kind: str
    parent_id: int | None
    parent_key: NodeKey | None


@dataclass(slots=True)
class NewAgreement:
    """An agreement to be made, for a customer that is there or is made with it."""

    number: str
    customer_id: int | None
    customer: str
    customer_kind: str
    inn: str
    tariff_id: int | None
    valid_from: datetime
    valid_to: datetime | None


Instrument = tuple[str, str, str, str, int, int]
"""A transformer: kind, type, number, phase, ratio."""


@dataclass(slots=True)
class Draft:
    """A row: what its cells say, what is said of them, and what is to be done for it.

    `point`, `meter`, `complex`, `agreement` are ids of what is there; `…_fields` are what is to
    be set. `ends` are complexes that end where the row's begins.
    """

    line: int
    values: dict[str, Any]
    texts: dict[str, str]
    marks: dict[str, Mark] = field(default_factory=dict)
    is_wrong: bool = False
    is_doubtful: bool = False
    place: Place | None = None
    zone: str = "Europe/Moscow"
    point: int | None = None
    point_fields: dict[str, Any] = field(default_factory=dict)
    model: int | tuple[str, str] | None = None
    meter: int | None = None
    meter_fields: dict[str, Any] = field(default_factory=dict)
    complex: int | None = None
    complex_fields: dict[str, Any] = field(default_factory=dict)
    transformers: tuple[Instrument, ...] | None = None
    starts_at: datetime | None = None
    ends: tuple[int, ...] = ()
    agreement: int | str | None = None
    agreement_fields: dict[str, Any] = field(default_factory=dict)
    bound_from: datetime | None = None

    def say(self, key: str, code: str, *, proposal: str = "", was: str = "", **args: str) -> None:
        """Say something of a cell; what is worse stands, of equals what was said first."""
        told = words.kind_of(code)
        old = self.marks.get(key)
        if old is None or words.WORSE.index(told) > words.WORSE.index(old.kind):
            self.marks[key] = Mark(code, self.texts.get(key, ""), proposal, was, args)
        self.is_wrong |= told == "e"
        self.is_doubtful |= told == "w"

    def changes(self, key: str, was: object, now: str = "") -> None:
        """Say that a cell changes what there is."""
        self.say(key, "change", was=shown(was))

    @property
    def is_new(self) -> bool:
        return self.point is None

    @property
    def does_something(self) -> bool:
        return bool(
            self.point_fields
            or self.meter_fields
            or self.complex_fields
            or self.transformers is not None
            or self.agreement_fields
            or self.bound_from
            or self.ends
        )

    @property
    def state(self) -> str:
        if self.is_wrong:
            return ERROR
        if self.is_new:
            return NEW
        return CHANGED if self.does_something else SAME

    def verdict(self) -> str:
        """All that the row's deed depends on, for comparing two trials."""
        return repr((
            self.line, self.state, self.place, self.point, self.point_fields, self.model,
            self.meter, self.meter_fields, self.complex, self.complex_fields, self.transformers,
            self.starts_at, self.ends, self.agreement, self.agreement_fields, self.bound_from,
            sorted((key, m.code) for key, m in self.marks.items() if m.kind == "e"),
        ))  # fmt: skip


@dataclass(slots=True)
class Plan:
    """What would be done with all rows of a file."""

    drafts: list[Draft]
    nodes: dict[NodeKey, NewNode]
    agreements: dict[str, NewAgreement]
    since: date
    at: datetime

    def chosen(self) -> list[Draft]:
        """The rows that applying does something for."""
        return [draft for draft in self.drafts if draft.state in (NEW, CHANGED)]

    @property
    def fingerprint(self) -> str:
        found = hashlib.sha256()
        for draft in self.drafts:
            found.update(draft.verdict().encode())
        for key in sorted(self.nodes):
            found.update(repr(self.nodes[key]).encode())
        for number in sorted(self.agreements):
            found.update(repr(self.agreements[number]).encode())
        return found.hexdigest()

    def needed_nodes(self) -> set[NodeKey]:
        """The new nodes that the chosen rows stand at or below."""
        found: set[NodeKey] = set()
        for draft in self.chosen():
            place = draft.place
            key = place.key if place and place.id is None else None
            while key is not None and key not in found and key in self.nodes:
                found.add(key)
                key = self.nodes[key].parent_key
        return found

    def counts(self) -> dict[str, int]:
        """Rows by their state, and how many things will come to be."""
        states = Counter(draft.state for draft in self.drafts)
        chosen = self.chosen()
        new_meters = [d for d in chosen if d.meter is None and d.meter_fields]
        instruments = {t[:3] for d in chosen for t in d.transformers or ()}
        return {
            "rows": len(self.drafts),
            NEW: states[NEW],
            CHANGED: states[CHANGED],
            SAME: states[SAME],
            ERROR: states[ERROR],
            "doubtful": sum(d.is_doubtful and not d.is_wrong for d in self.drafts),
            "nodes": len(self.needed_nodes()),
            "meters": len(new_meters),
            "transformers": len(instruments),
            "agreements": len({d.agreement for d in chosen if isinstance(d.agreement, str)}),
            "bindings": sum(d.bound_from is not None for d in chosen),
        }

    def groups(self) -> list[dict[str, Any]]:
        """What is in the way, by kind: how many cells, the first one, how many can be mended."""
        found: dict[str, dict[str, Any]] = {}
        for draft in self.drafts:
            for key, mark in draft.marks.items():
                if mark.kind == "c":
                    continue
                group = found.setdefault(
                    mark.code,
                    {"code": mark.code, "kind": mark.kind, "count": 0, "proposals": 0,
                     "line": draft.line, "key": key, "mark": mark.as_json()},
                )  # fmt: skip
                group["count"] += 1
                group["proposals"] += bool(mark.proposal)
        return sorted(
            found.values(), key=lambda g: (-words.WORSE.index(g["kind"]), -g["count"], g["code"])
        )


def shown(value: object) -> str:
    """A value as a cell has it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return str(value)
