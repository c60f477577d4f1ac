"""The trial: what would be done with a file. Reads a handful of times, writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from faza.collection.grid import scope as asking
from faza.collection.grid.book import Table
from faza.collection.grid.columns import COLUMNS
from faza.collection.grid.meters import MeterChecker
from faza.collection.grid.papers import PaperChecker, name_key
from faza.collection.grid.places import Places
from faza.collection.grid.plan import Draft, Plan
from faza.collection.grid.points import PointChecker, made_code
from faza.collection.grid.scope import Asked, Scope
from faza.collection.grid.values import Reader
from faza.contracts.access import EVERYWHERE
from faza.contracts.rules import keys as paper_keys

Progress = Callable[[int, int, str], None]
"""Told after each step: rows done, of how many, and at what."""

READING, COMPARING = "reading", "comparing"
STEP = 500


def no_progress(done: int, total: int, note: str) -> None:
    """Tell nobody."""


def check(
    table: Table,
    *,
    scope: Scope,
    at: datetime,
    progress: Progress = no_progress,
    lock: bool = False,
) -> Plan:
    """What applying a file would do, row by row.

    Rows outside of the person's areas are errors that tell nothing of what is there. The number
    of queries does not grow with the rows, but for one more of each kind every 5,000. With `lock`
    what would change is held until the end of the surrounding transaction.
    """
    total = len(table.rows)
    drafts = list(_drafts(table, progress, total))
    nodes, own = asking.read_nodes(scope.user, at=at, lock=lock)
    places = Places(nodes, own, everywhere=scope.user.role in EVERYWHERE, base=scope.base)
    points = PointChecker(places, asking.Existing())
    for names, count in Counter(d.values["node"] for d in drafts if "node" in d.values).items():
        places.note(names, count)
    for draft in drafts:
        draft.place = points.place(draft)
    existing = points.existing = asking.read(_asked(drafts, places), scope.user, at=at, lock=lock)
    meters = MeterChecker(scope, existing, places, at.astimezone(ZoneInfo("Europe/Moscow")).date())
    papers = PaperChecker(scope, existing)
    for n, draft in enumerate(drafts):
        if n % STEP == 0:
            progress(total + n, 2 * total, COMPARING)
        points.check(draft)
        if draft.place is not None:
            meters.check(draft)
            papers.check(draft)
    _refuse_rewiring(meters.rewired)
    progress(2 * total, 2 * total, COMPARING)
    return Plan(drafts, places.new, papers.new, scope.since, at)


def _drafts(table: Table, progress: Progress, total: int) -> Iterator[Draft]:
    """Rows with their cells read; what a cell is by itself is judged here."""
    reader, places = Reader(), table.places
    needed = [column.key for column in COLUMNS if column.needed]
    for n, (line, cells) in enumerate(table.rows):
        if n % STEP == 0:
            progress(n, 2 * total, READING)
        draft = Draft(line, {}, {key: cells[index] for key, index in places.items()})
        for key, text in draft.texts.items():
            read = reader.read(key, text)
            if read.fault:
                draft.say(key, read.fault, proposal=read.proposal, expected=read.expected)
            elif read.value is not None:
                draft.values[key] = read.value
        for key in needed:
            if key not in draft.values and key not in draft.marks:
                draft.say(key, "empty")
        yield draft


def _asked(drafts: list[Draft], places: Places) -> Asked:
    """What the rows speak of."""
    asked = Asked()
    for draft in drafts:
        values: Mapping[str, object] = draft.values
        place, name = draft.place, values.get("point_name")
        if code := values.get("point_code"):
            asked.codes.add(str(code))
        elif place is not None and name:
            asked.codes.add(made_code(place.key, str(name)))
        if place is not None and place.id is not None:
            asked.nodes.add(place.id)
        if number := values.get("meter_number"):
            asked.meters.add(str(number))
        if number := values.get("agreement"):
            asked.agreements.add(paper_keys.number_key(str(number)))
        if inn := values.get("inn"):
            asked.inns.add(str(inn))
        elif customer := values.get("customer"):
            asked.firms.add(name_key(str(customer)))
        asked.transformers.update(
            str(number)
            for kind in ("ct", "vt")
            for phase in "abc"
            if (number := values.get(f"{kind}_{phase}"))
        )
    return asked


def _refuse_rewiring(rewired: list[tuple[Draft, list[str]]]) -> None:
    """Where there are readings, what they were multiplied by is not changed under them."""
    read = asking.points_with_readings({draft.point for draft, _ in rewired if draft.point})
    for draft, columns in rewired:
        if draft.point in read:
            for key in columns:
                code = "ratio-read" if key.endswith("_ratio") else "transformer-read"
                was = draft.marks[key].was if key in draft.marks else ""
                draft.say(key, code, was=was)
