"""What a file of prices would change: nothing is written here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from faza.tariffs import stored
from faza.tariffs.models import Market, Tariff
from faza.tariffs.rules import columns
from faza.tariffs.rules.tables import Found, Key, Problem, Row, Table


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one table: the rows that stand and those of the file."""

    table: Table
    outcome: Outcome
    before: tuple[Row, ...] = ()

    @property
    def sort(self) -> str:
        return self.table.sort

    @property
    def key(self) -> Key:
        return self.table.key

    @property
    def is_writing(self) -> bool:
        return self.outcome in (Outcome.NEW, Outcome.CHANGED)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a file would do, in the order in which it is done."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def writes(self) -> int:
        return self.counts[Outcome.NEW] + self.counts[Outcome.CHANGED]

    @property
    def digest(self) -> str:
        """A text that is another one where the file would do something else by now."""
        told = [
            (change.sort, change.key, change.outcome.value,
             sorted(stored.plain(change.sort, row) for row in change.before))
            for change in self.changes
        ]  # fmt: skip
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def tried(found: Found) -> Trial:
    """What the tables of a file would change as things stand. A dozen queries at most.

    Tables that name a tariff or market that is neither there nor in the file are refused.
    """
    _refuse_unknown(found)
    standing = stored.standing(table for table in found.tables if not table.is_refused)
    changes = tuple(_change(table, standing) for table in found.tables)
    counts = Counter(change.outcome.value for change in changes)
    problems = sorted(found.problems, key=lambda one: (one.file, one.sheet, one.line or 0))
    return Trial(changes, tuple(problems), counts)


def _change(table: Table, standing: dict[tuple[str, Key], list[Row]]) -> Change:
    if table.is_refused:
        return Change(table, Outcome.REFUSED)
    before = tuple(standing.get((table.sort, table.key), ()))
    if not before:
        return Change(table, Outcome.NEW)
    old = sorted(stored.plain(table.sort, row) for row in before)
    new = sorted(stored.plain(table.sort, row) for row in table.rows)
    return Change(table, Outcome.SAME if old == new else Outcome.CHANGED, before)


def _refuse_unknown(found: Found) -> None:
    """Refuse what names something that is not there: a market, a tariff, a zone."""
    coming = [table for table in found.tables if not table.is_refused]
    markets = set(Market.objects.values_list("code", flat=True))
    markets |= {str(table.key[0]) for table in coming if table.sort == columns.MARKETS}
    for table in coming:
        market = table.rows[0].get("market")
        if market and market not in markets:
            found.refuse(table, "no-market", found=str(market))
    zones = dict(Tariff.objects.values_list("code", "zones_count"))
    zones |= {code: zones.get(code, 1) for code in _codes(coming, columns.TARIFFS)}
    told: dict[str, int] = {}
    for table in coming:
        if table.sort == columns.ZONES and not table.is_refused:
            most = max(int(str(row["number"])) for row in table.rows)
            told[str(table.key[0])] = max(told.get(str(table.key[0]), 0), most)
    for table in coming:
        if table.is_refused or table.sort not in BY_TARIFF:
            continue
        code = str(table.key[0])
        if code not in zones:
            found.refuse(table, "no-tariff", found=code)
        elif table.sort == columns.PRICES:
            _refuse_zones(found, table, max(zones[code], told.get(code, 0)))


BY_TARIFF = (columns.ZONES, columns.RANGES, columns.SEASONS, columns.PRICES)
"""Sorts whose tables are of a tariff and a date."""


def _codes(tables: Iterable[Table], sort: str) -> set[str]:
    return {str(table.key[0]) for table in tables if table.sort == sort and not table.is_refused}


def _refuse_zones(found: Found, table: Table, count: int) -> None:
    """Refuse prices of a zone that the tariff has not, and those that leave out one that it has."""
    by_component: dict[str, set[int]] = {}
    for row in table.rows:
        by_component.setdefault(str(row["component"]), set()).add(int(str(row["zone"])))
    for component, told in by_component.items():
        over, left = told - {*range(count + 1)}, {*range(1, count + 1)} - told
        if over:
            found.refuse(table, "no-zone", found=_zones(component, over))
        elif left and 0 not in told:
            found.refuse(table, "hole", found=_zones(component, left))


def _zones(component: str, zones: Iterable[int]) -> str:
    return f"{component}: " + ", ".join(f"T{zone}" for zone in sorted(zones))


def since_of(change: Change) -> date | None:
    """The first day that a change is of; None where it is of all days."""
    return next((part for part in change.key if isinstance(part, date)), None)
