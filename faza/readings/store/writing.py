"""Days into the store: a temporary table, filled by the engine's fastest way, and SQL from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from faza.readings import packing
from faza.readings.blocks import BlockBatch
from faza.readings.store import postgres, sqlite
from faza.readings.store.reading import day_number

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

KEY = "usage_point_id, reading_type, day"
COLUMNS = (
    "usage_point_id, total, sequence, recorded_at, peak, version, day, reading_type, interval,"
    ' n_valid, n_missing, n_estimated, source, "values", quality'
)
OTHER = (
    '(b."values" <> s."values" OR b.quality <> s.quality OR b.source <> s.source'
    " OR b.sequence <> s.sequence OR b.interval <> s.interval)"
)
SAME_KEY = (
    "b.usage_point_id = s.usage_point_id AND b.reading_type = s.reading_type AND b.day = s.day"
)
"""Staged days and stored ones; what else is joined is joined to the stored ones by the same key:
tables of a cluster find each other by their own columns only, never by the stage's."""
STRETCHES = (
    "faza_stage s JOIN readings_provenance p ON p.usage_point_id = s.usage_point_id"
    " AND p.reading_type = s.reading_type AND p.day = s.day"
)


@dataclass(frozen=True, slots=True, eq=False)
class Staged:
    """A batch made ready for the table: what `record` decided, row by row.

    sequences, versions (n,) int64, sources (n,) int16. fresh (n,) bool: may be inserted as it
    is where the day is not stored yet. recorded_at (n,) datetime64[us], UTC.
    """

    batch: BlockBatch
    sources: npt.NDArray[np.int16]
    sequences: I64
    versions: I64
    fresh: npt.NDArray[np.bool_]
    recorded_at: npt.NDArray[np.datetime64]

    def take(self, rows: I64) -> Staged:
        """Some of the rows, by index."""
        return Staged(
            self.batch.take(rows), self.sources[rows], self.sequences[rows],
            self.versions[rows], self.fresh[rows], self.recorded_at[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Stored days that meet staged ones. `rows` (m,) are the staged rows' numbers, sorted.

    values, quality (m, k) are the effective day, delivered_* the day as delivered (the same
    where `amended` is False). found False: the day is not stored; then all else is empty.
    """

    rows: I64
    found: npt.NDArray[np.bool_]
    amended: npt.NDArray[np.bool_]
    intervals: npt.NDArray[np.int16]
    sources: npt.NDArray[np.int16]
    sequences: I64
    versions: I64
    values: I64
    quality: U8
    delivered_values: I64
    delivered_quality: U8
    recorded_at: npt.NDArray[np.datetime64]

    def take(self, rows: I64) -> Stored:
        """Some of the rows, by index."""
        return Stored(*(getattr(self, name)[rows] for name in self.__slots__))


class Writer:
    """One transaction's way into the store, over the connection's temporary table."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.engine: Any = postgres if connection.vendor == "postgresql" else sqlite
        self._days: tuple[Any, ...] = ()
        self._within = "b.day >= %s AND b.day <= %s"
        self._on_nodes: tuple[Any, ...] = ()

    def stage(self, staged: Staged) -> None:
        """Put days into the temporary table in place of what is there."""
        days = staged.batch.days
        low, high = days.min().astype(object), days.max().astype(object)
        self._days = (self.engine.day(low), self.engine.day(high))
        if self.engine is postgres and postgres.is_cluster():
            # By the days alone each node would read all that it has of them.
            self._within = "b.day >= %s AND b.day <= %s AND b.usage_point_id = ANY(%s)"
            self._on_nodes = (np.unique(staged.batch.usage_points).tolist(),)
        self.engine.prepare(self.cursor, days)
        counters = packing.count(staged.batch.values, staged.batch.quality, staged.batch.lengths)
        groups = packing.pack(staged.batch.values, staged.batch.quality, staged.batch.lengths)
        self.engine.fill(self.cursor, staged, counters, groups)

    def is_all_there(self, staged: Staged) -> bool:
        """Whether each staged day is stored already, the same to the byte.

        So is a file that is delivered again. Asked only where the first day is stored, so that a
        first delivery does not pay for the look-ups.
        """
        first = staged.batch.ids()[0].tolist()[:2]
        day = self.engine.day(staged.batch.days[0].astype(object))
        key = "usage_point_id = %s AND reading_type = %s AND day = %s"
        sql = f"SELECT 1 FROM readings_block WHERE {key}"
        if not staged.fresh.all() or not self.engine.rows(self.cursor, sql, (*first, day)):
            return False
        found = self.engine.rows(
            self.cursor,
            f"SELECT count(*) FROM faza_stage s JOIN readings_block b ON {SAME_KEY}"
            f" WHERE {self._within} AND NOT ({OTHER})",
            (*self._days, *self._on_nodes),
        )
        return bool(found[0][0] == len(staged.batch))

    def insert_fresh(self, staged: Staged) -> npt.NDArray[np.bool_]:
        """Store the fresh staged days that nobody stored yet; (n,) which were stored."""
        found = self.engine.rows(
            self.cursor,
            f"INSERT INTO readings_block ({COLUMNS}) SELECT {COLUMNS} FROM faza_stage"
            f" WHERE fresh = 1 ORDER BY {KEY} ON CONFLICT ({KEY}) DO NOTHING"
            f" RETURNING usage_point_id, reading_type, {day_number()}",
            (),
        )
        return _among(staged.batch, found)

    def differing(self, staged: Staged) -> Stored:
        """What is stored at the staged days, of those that are not the same to the byte."""
        found = self.engine.rows(
            self.cursor,
            'SELECT s.n, b.interval, b.source, b.sequence, b.version, b."values", b.quality,'
            ' d."values", d.quality, d.usage_point_id IS NOT NULL,'
            f" b.n_valid + b.n_missing + b.n_estimated, {self.engine.MOMENT}"
            f" FROM faza_stage s JOIN readings_block b ON {SAME_KEY}"
            " LEFT JOIN readings_delivered d ON d.usage_point_id = b.usage_point_id"
            " AND d.reading_type = b.reading_type AND d.day = b.day"
            f" WHERE {self._within} AND (s.fresh = 0 OR {OTHER}) ORDER BY s.n",
            (*self._days, *self._on_nodes),
        )
        return _stored(found, np.flatnonzero(~staged.fresh), staged.batch.values.shape[1])

    def upsert(
        self, staged: Staged, table: str = "readings_block", *, guarded: bool = True
    ) -> npt.NDArray[np.bool_]:
        """Write the staged days over what is there; (n,) which were written.

        Guarded: only where the stored version is the one before the staged one; somebody was
        faster at the rest.
        """
        names = [c.strip() for c in COLUMNS.split(",") if c.strip() not in KEY.split(", ")]
        sets = ", ".join(f"{name} = excluded.{name}" for name in names)
        guard = f" WHERE {table}.version = excluded.version - 1" if guarded else ""
        found = self.engine.rows(
            self.cursor,
            f"INSERT INTO {table} ({COLUMNS}) SELECT {COLUMNS} FROM faza_stage"
            f" WHERE true ORDER BY {KEY} ON CONFLICT ({KEY}) DO UPDATE SET {sets}{guard}"
            f" RETURNING usage_point_id, reading_type, {day_number()}",
            (),
        )
        return _among(staged.batch, found)

    def provenance(self) -> list[tuple[Any, ...]]:
        """Stretches of the staged days: (number of the day, layer, first, end, its label)."""
        stretches, params = STRETCHES, ()
        if self._on_nodes:
            stretches, params = f"{STRETCHES} WHERE p.usage_point_id = ANY(%s)", self._on_nodes
        elif self.engine is postgres:
            stretches = postgres.STRETCHES
        found: list[tuple[Any, ...]] = self.engine.rows(
            self.cursor,
            'SELECT s.n, p.layer, p.first, p."end", p.source, p.sequence, p.recorded_at,'
            f' p.method, {self.engine.TEXT.format("p.inputs")}, p.reason, p."by", p.run'
            f" FROM {stretches}",
            params,
        )
        return found

    def delete_rows(self, table: str, days: BlockBatch) -> None:
        """Delete the rows of days."""
        if len(days):
            self.engine.delete_rows(self.cursor, table, days)

    def insert_labelled(
        self, table: str, columns: str, keys: Iterable[tuple], labels: list[tuple]
    ) -> None:
        """Insert rows in bulk, each a key of numbers and days and a label; many share a label."""
        if labels:
            self.engine.insert_labelled(self.cursor, table, columns, keys, labels)

    def keep_versions(self, *, at: datetime, by: str, reason: str) -> None:
        """Put the staged days, which are those that were replaced, into the versions."""
        self.cursor.execute(
            f"INSERT INTO readings_version ({COLUMNS}, replaced_at, replaced_by, reason)"
            f" SELECT {COLUMNS}, %s, %s, %s FROM faza_stage ORDER BY {KEY}",
            [self.engine.moment(at), by, reason],
        )


def writer(cursor: Any) -> Writer:
    """The writer of this connection's engine."""
    return Writer(cursor)


def _among(batch: BlockBatch, found: list[tuple]) -> npt.NDArray[np.bool_]:
    """(n,) which days of a batch are among those told by key."""
    if len(found) == len(batch):
        return np.ones(len(batch), bool)
    keys = set(found)
    return np.array([tuple(key) in keys for key in batch.ids().tolist()], bool)


def moments(at: datetime, n: int) -> npt.NDArray[np.datetime64]:
    """One moment for n rows."""
    return np.full(n, np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us"))


def _stored(found: list[tuple], pieces: I64, width: int) -> Stored:
    """Rows of `differing` with those pieces that met nothing, by row number."""
    columns = list(zip(*found, strict=True)) if found else [()] * 12
    numbers = np.array(columns[0], np.int64)
    alone = np.setdiff1d(pieces, numbers)
    lengths = np.array(columns[10], np.int64)
    values, quality = packing.unpack(columns[5], columns[6], lengths, width)
    amended = np.array(columns[9], bool)
    delivered_values, delivered_quality = values.copy(), quality.copy()
    if amended.any():
        where = np.flatnonzero(amended)
        blobs = [columns[7][i] for i in where]
        codes = [columns[8][i] for i in where]
        delivered_values[where], delivered_quality[where] = packing.unpack(
            blobs, codes, lengths[where], values.shape[1]
        )
    order = np.argsort(np.concatenate([numbers, alone]), kind="stable")
    empty = np.zeros(len(alone), np.int64)
    blank = np.zeros((len(alone), values.shape[1]), np.int64)
    untold = np.full(blank.shape, 254, np.uint8)
    recorded_at = np.zeros(len(numbers) + len(alone), "datetime64[us]")
    recorded_at[: len(numbers)] = np.array(columns[11] or [0], "datetime64[us]")[: len(numbers)]

    def column(at: int, dtype: type) -> npt.NDArray:
        return np.concatenate([np.array(columns[at], dtype), empty.astype(dtype)])[order]

    return Stored(
        rows=np.concatenate([numbers, alone])[order],
        found=np.concatenate([np.ones(len(numbers), bool), np.zeros(len(alone), bool)])[order],
        amended=np.concatenate([amended, np.zeros(len(alone), bool)])[order],
        intervals=column(1, np.int16),
        sources=column(2, np.int16),
        sequences=column(3, np.int64),
        versions=column(4, np.int64),
        values=np.concatenate([values, blank])[order],
        quality=np.concatenate([quality, untold])[order],
        delivered_values=np.concatenate([delivered_values, blank])[order],
        delivered_quality=np.concatenate([delivered_quality, untold])[order],
        recorded_at=recorded_at[order],
    )
