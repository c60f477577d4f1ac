"""SQLite: executemany into the temporary table; the rest is the same SQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from django.db import connection as django_connection

from faza.readings.packing import U8, Counters, PackedGroup

if TYPE_CHECKING:
    from faza.readings.blocks import BlockBatch
    from faza.readings.store.writing import Staged

STAGE = """CREATE TEMP TABLE IF NOT EXISTS faza_stage (
    usage_point_id integer, total integer, sequence integer, recorded_at text, peak integer,
    version integer, n integer, day text, reading_type integer, interval integer,
    n_valid integer, n_missing integer, n_estimated integer, source integer, fresh integer,
    "values" blob, quality blob)"""
TEXT = "{}"
"""A column of JSON as its text."""
MOMENT = "b.recorded_at"
"""When a day was recorded, as NumPy takes it."""
INSERT = f"INSERT INTO faza_stage VALUES ({', '.join('?' * 17)})"


def day(value: date) -> str:
    return value.isoformat()


def moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def rows(cursor: Any, sql: str, params: Any) -> list[tuple]:
    cursor.execute(sql, params)
    return cursor.fetchall()


def prepare(cursor: Any, days: npt.NDArray[np.datetime64]) -> None:
    """The stage of this connection, empty. `PRAGMA temp_store` would end the transaction."""
    cursor.execute(STAGE)
    cursor.execute("DELETE FROM faza_stage")


def delete_rows(cursor: Any, table: str, days: BlockBatch) -> None:
    many(
        cursor,
        f"DELETE FROM {table} WHERE usage_point_id = ? AND reading_type = ? AND day = ?",
        zip(
            days.usage_points.tolist(), days.reading_types.tolist(),
            np.datetime_as_string(days.days, unit="D").tolist(), strict=True,
        ),
    )  # fmt: skip


def insert_labelled(
    cursor: Any, table: str, columns: str, keys: Iterable[tuple], labels: list[tuple]
) -> None:
    adapted = {
        label: tuple(moment(v) if isinstance(v, datetime) else v for v in label)
        for label in set(labels)
    }
    marks = ", ".join(["?"] * len(columns.split(", ")))
    found = ((*key, *adapted[label]) for key, label in zip(keys, labels, strict=True))
    many(cursor, f"INSERT INTO {table} ({columns}) VALUES ({marks})", found)


def many(cursor: Any, sql: str, rows: Iterable[tuple]) -> None:
    """Execute for each row, past Django's cursor, which would translate the placeholders.

    Raises Django's database errors, as its cursors do.
    """
    with django_connection.wrap_database_errors:
        cursor.connection.cursor().executemany(sql, rows)


def fill(cursor: Any, staged: Staged, counters: Counters, groups: Iterable[PackedGroup]) -> None:
    """Days into the stage; a tuple a day, nothing per value."""
    batch = staged.batch
    recorded_at = np.char.replace(np.datetime_as_string(staged.recorded_at, "us"), "T", " ")
    for group in groups:
        chosen = group.rows
        values, quality = _blobs(group.values), _blobs(group.quality)
        peaks = counters.peak[chosen].tolist()
        for row in np.flatnonzero(~counters.has_peak[chosen]).tolist():
            peaks[row] = None
        many(
            cursor,
            INSERT,
            zip(
                batch.usage_points[chosen].tolist(), counters.total[chosen].tolist(),
                staged.sequences[chosen].tolist(), recorded_at[chosen].tolist(), peaks,
                staged.versions[chosen].tolist(), chosen.tolist(),
                np.datetime_as_string(batch.days[chosen], unit="D").tolist(),
                batch.reading_types[chosen].tolist(), batch.intervals[chosen].tolist(),
                counters.valid[chosen].tolist(), counters.missing[chosen].tolist(),
                counters.estimated[chosen].tolist(), staged.sources[chosen].tolist(),
                staged.fresh[chosen].astype(int).tolist(), values, quality, strict=True,
            ),
        )  # fmt: skip


def _blobs(rows: U8) -> list[bytes]:
    """Rows (m, bytes) as m bytes."""
    size, joined = rows.shape[1], rows.tobytes()
    if not size:
        return [b""] * len(rows)
    return [joined[at : at + size] for at in range(0, len(joined), size)]
