"""Findings as rows: read, compared with what is found now, written. And what accepting means."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.db import connection

from faza.readings.models import Finding
from faza.readings.store import sqlite
from faza.readings.store.reading import among
from faza.readings.store.reading import rows as asked
from faza.readings.validation.shapes import Findings

Mask = npt.NDArray[np.bool_]
State = Finding.State
FOUND = frozenset({State.OPEN, State.DECIDED})
"""States of findings that rules still find, and that have their effect."""

COLUMNS = (
    "usage_point_id", "reading_type", "rule", "start", "end", "effect", "numbers", "state",
    "found_at", "run", "closed_at", "decided_by", "reason",
)  # fmt: skip
KEY = ("usage_point_id", "reading_type", "rule", "start")
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
_SETS = ", ".join(f'"{name}" = excluded."{name}"' for name in COLUMNS if name not in KEY)
_MET = f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {_SETS}"
PUT = {
    "postgresql": f"""
        INSERT INTO readings_finding ({_NAMES})
        SELECT point, kind, rule, to_timestamp(start), to_timestamp("end"), effect,
            numbers::jsonb, state, found_at, run, closed_at, decided_by, reason
        FROM json_to_recordset(%s::json) AS k(point bigint, kind smallint, rule text,
            start bigint, "end" bigint, effect smallint, numbers text, state smallint,
            found_at timestamptz, run bigint, closed_at timestamptz, decided_by text, reason text)
        ORDER BY point, kind, rule, start {_MET}""",  # noqa: S608
    "sqlite": f"""
        INSERT INTO readings_finding ({_NAMES})
        VALUES (?, ?, ?, datetime(?, 'unixepoch'), datetime(?, 'unixepoch'), ?, ?, ?, ?, ?, ?, ?, ?)
        {_MET}""",  # noqa: S608
}


PLACES = (
    "point", "kind", "rule", "start", "end", "effect", "numbers", "state", "found_at", "run",
    "closed_at", "decided_by", "reason",
)  # fmt: skip
SECONDS = {"postgresql": "extract(epoch FROM {})::bigint", "sqlite": "unixepoch({})"}
MOMENT = {"postgresql": "to_timestamp(%s)", "sqlite": "datetime(%s, 'unixepoch')"}
TEXT = {"postgresql": "numbers::text", "sqlite": "numbers"}


class Key(NamedTuple):
    """What a finding is named by; start in unix seconds."""

    usage_point: int
    reading_type: int
    rule: str
    start: int

    @property
    def text(self) -> str:
        """For addresses: "12-1-V05-1763300000"."""
        return "-".join(map(str, self))

    @classmethod
    def of(cls, text: str) -> Key:
        """The key of a text. Raises ValueError if it is none."""
        point, kind, rule, start = text.split("-")
        key = cls(int(point), int(kind), rule, int(start))
        if not (0 < key.usage_point < 2**63 and 0 <= key.reading_type < 2**15) or not (
            0 <= key.start < 2**33
        ):
            raise ValueError(text)
        return key


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as it is kept; `models.Finding` says what each means. end: unix seconds."""

    key: Key
    end: int
    effect: int
    numbers: Mapping[str, Any]
    state: int
    found_at: datetime
    run: int | None = None
    closed_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""

    @property
    def starts_at(self) -> datetime:
        return datetime.fromtimestamp(self.key.start, UTC)

    @property
    def ends_at(self) -> datetime:
        return datetime.fromtimestamp(self.end, UTC)

    def overlaps(self, start: int, end: int) -> bool:
        return self.key.start < end and start < self.end


VALUES = (
    "usage_point_id", "reading_type", "rule", "start", "end", "effect", "numbers", "state",
    "found_at", "run", "closed_at", "decided_by", "reason",
)  # fmt: skip


def row_of(values: Sequence[Any]) -> Row:
    """A finding from `VALUES` of a queryset."""
    point, kind, rule, start, end, *rest = values
    key = Key(point, kind, rule, int(start.timestamp()))
    return Row(key, int(end.timestamp()), *rest)


def of_points(
    points: Collection[int], low: int, high: int, *, states: Collection[int] = tuple(State)
) -> list[Row]:
    """Findings of points that share time with [low, high), unix seconds. One query.

    Past the ORM: after an outage of a feeder there are as many as days.
    """
    if not points:
        return []
    of_points, point_param = among("usage_point_id", points)
    of_states, state_param = among("state", [int(state) for state in states])
    second, epoch = MOMENT[connection.vendor], SECONDS[connection.vendor]
    start, end = epoch.format("start"), epoch.format('"end"')
    found = asked(
        f"SELECT usage_point_id, reading_type, rule, {start}, {end}, effect,"  # noqa: S608
        f" {TEXT[connection.vendor]}, state, found_at, run, closed_at, decided_by, reason"
        f" FROM readings_finding WHERE {of_points} AND {of_states}"
        f' AND start < {second} AND "end" > {second}',
        (point_param, state_param, high, max(low, 0)),
    )
    return [
        Row(Key(point, kind, rule, start), end, effect, json.loads(numbers), state,
            _aware(found_at), run, closed_at and _aware(closed_at), by, reason)
        for point, kind, rule, start, end, effect, numbers, state, found_at, run, closed_at, by,
            reason in found
    ]  # fmt: skip


def _aware(moment: datetime | str) -> datetime:
    """A moment as the driver gives it; SQLite keeps UTC as text."""
    if isinstance(moment, str):
        return datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def put(rows: Sequence[Row]) -> None:
    """Write findings over what is there by their key, in the caller's transaction."""
    if not rows:
        return
    ordered = [
        (
            *row.key, row.end, int(row.effect), json.dumps(row.numbers), int(row.state),
            row.found_at, row.run, row.closed_at, row.decided_by, row.reason,
        )
        for row in sorted(rows, key=lambda row: row.key)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            moment = sqlite.moment
            sqlite.many(
                cursor, PUT["sqlite"],
                ((*row[:8], moment(row[8]), row[9], row[10] and moment(row[10]), *row[11:])
                 for row in ordered),
            )  # fmt: skip
            return
        # As one text: the driver takes arrays to pieces in Python.
        told = [dict(zip(PLACES, row, strict=True)) for row in ordered]
        cursor.execute(PUT["postgresql"], [json.dumps(told, default=datetime.isoformat)])


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What findings become. written: rows to put; found: those that are new or other than
    before; gone: those that are found no longer. standing (f,): which of the found have effect,
    for nobody accepted what they name."""

    written: tuple[Row, ...]
    found: tuple[Row, ...]
    gone: tuple[Row, ...]
    standing: Mask


Looked = Mapping[tuple[int, int], Sequence[tuple[int, int]]]
"""By usage point and reading type the stretches [start, end) that were looked at; unix seconds.

Reading type 0 is of all that was looked at at the point."""


def reconcile(
    now_found: Findings, before: Sequence[Row], looked: Looked, *, at: datetime, run: int | None
) -> Reconciled:
    """Compare what rules found with the rows of the same time.

    What a person accepted stays so, in its whole stretch, unless a finding reaches further. What
    was looked at and is not found again is gone.
    """
    there = {row.key: row for row in before}
    accepted: dict[tuple[int, int, str], list[tuple[int, int]]] = defaultdict(list)
    for row in before:
        if row.state == State.ACCEPTED:
            accepted[row.key[:3]].append((row.key.start, row.end))
    keys: set[Key] = set()
    changed: list[Row] = []
    standing = np.ones(len(now_found), bool)
    columns = zip(
        now_found.usage_points.tolist(), now_found.reading_types.tolist(), now_found.rules,
        now_found.starts.tolist(), now_found.ends.tolist(), now_found.effects.tolist(),
        now_found.numbers, strict=True,
    )  # fmt: skip
    for place, (point, kind, rule, start, end, effect, numbers) in enumerate(columns):
        key = Key(point, kind, rule, start)
        keys.add(key)
        spans = accepted.get((point, kind, rule), ()) if accepted else ()
        if any(low <= start and end <= high for low, high in spans):
            standing[place] = False
            continue
        old = there.get(key)
        if old is None or old.state not in FOUND:
            changed.append(Row(key, end, effect, numbers, State.OPEN, at, run))
        elif (old.end, old.effect, old.numbers) != (end, effect, numbers):
            # It is another one than what a person decided about.
            changed.append(
                replace(
                    old, end=end, effect=effect, numbers=numbers, run=run, state=State.OPEN,
                    closed_at=None, decided_by="", reason="",
                )
            )  # fmt: skip
    gone = [
        replace(row, state=State.GONE, closed_at=at, run=run)
        for row in before
        if row.state in FOUND and row.key not in keys and was_looked_at(row, looked)
    ]
    return Reconciled((*changed, *gone), tuple(changed), tuple(gone), standing)


def was_looked_at(row: Row, looked: Looked) -> bool:
    return any(
        row.overlaps(*span)
        for key in (row.key[:2], (row.key.usage_point, 0))
        for span in looked.get(key, ())
    )


def stands(before: Sequence[Row]) -> list[Row]:
    """Findings that have their effect."""
    return [row for row in before if row.state in FOUND]


def as_found(rows: Sequence[Row]) -> Findings:
    """Rows as the arrays that rules say."""
    return Findings(
        np.array([row.key.usage_point for row in rows], np.int64),
        np.array([row.key.reading_type for row in rows], np.int16),
        np.array([row.key.start for row in rows], np.int64),
        np.array([row.end for row in rows], np.int64),
        tuple(row.key.rule for row in rows),
        np.array([row.effect for row in rows], np.int8),
        tuple(row.numbers for row in rows),
    )
