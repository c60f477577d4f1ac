"""PostgreSQL: COPY BINARY from NumPy, month partitions made ahead and on demand."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection as django_connection

from faza.readings.packing import Counters, PackedGroup

if TYPE_CHECKING:
    from faza.readings.blocks import BlockBatch
    from faza.readings.store.writing import Staged

TEXT = "{}::text"
"""A column of JSON as its text."""
STRETCHES = """faza_stage s CROSS JOIN LATERAL (
    SELECT * FROM readings_provenance q WHERE q.usage_point_id = s.usage_point_id
    AND q.reading_type = s.reading_type AND q.day = s.day OFFSET 0) p"""
"""The stretches of staged days, looked up by the key day by day. As a plain join a table without
statistics, as it is in the transaction that fills it, may be read wholly for each day. A cluster
has the plain join only."""
MOMENT = "(extract(epoch FROM b.recorded_at) * 1000000)::bigint"
"""When a day was recorded, as NumPy takes it."""
EPOCH = np.datetime64("2000-01-01")
MONTH_TABLE = "readings_block_"
"""How the tables of months are called, before 2026_01."""
STAGE = """CREATE TEMP TABLE IF NOT EXISTS faza_stage (
    usage_point_id bigint, total bigint, sequence bigint, recorded_at timestamptz, peak bigint,
    version integer, n integer, day date, reading_type smallint, interval smallint,
    n_valid smallint, n_missing smallint, n_estimated smallint, source smallint, fresh smallint,
    "values" bytea, quality bytea) ON COMMIT DELETE ROWS"""
PLANS = """SELECT set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)"""
"""Until the transaction ends. A temporary table has no statistics: left alone the planner reads a
month's partition through a hash join to look up a day's rows. Not on a cluster, whose nodes would
look through what they were sent of the stage again and again."""
FIELDS = [
    ("usage_point_id", ">i8"), ("total", ">i8"), ("sequence", ">i8"), ("recorded_at", ">i8"),
    ("peak", ">i8"), ("version", ">i4"), ("n", ">i4"), ("day", ">i4"), ("reading_type", ">i2"),
    ("interval", ">i2"), ("n_valid", ">i2"), ("n_missing", ">i2"), ("n_estimated", ">i2"),
    ("source", ">i2"), ("fresh", ">i2"),
]  # fmt: skip
COPY = f'COPY faza_stage ({", ".join(name for name, _ in FIELDS)}, "values", quality) FROM STDIN (FORMAT BINARY)'  # noqa: E501
HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)


def is_cluster() -> bool:
    """Whether this is a PostgreSQL with Citus, whose tables may lie on other nodes.

    Asked once of a database in a process: `faza distribute` wants a restart.
    """
    told = django_connection.settings_dict
    return _has_citus(told["HOST"], str(told["PORT"]), told["NAME"])


@cache
def _has_citus(host: str, port: str, name: str) -> bool:
    django_connection.ensure_connection()
    with psycopg.Cursor(django_connection.connection) as cursor:
        found = cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'").fetchone()
        return found is not None


def day(value: date) -> date:
    return value


def moment(at: datetime) -> datetime:
    return at


def question(connection: Any, sql: str, params: Any, *, prepare: bool | None = None) -> list[tuple]:
    """Rows in the binary format, over psycopg's own connection.

    Django's cursors bind on the client's side, which can neither read binary nor be prepared.
    Raises Django's database errors, as its cursors do.
    """
    with django_connection.wrap_database_errors, psycopg.Cursor(connection) as cursor:
        return cursor.execute(sql, params, prepare=prepare, binary=True).fetchall()


def rows(cursor: Any, sql: str, params: Any) -> list[tuple]:
    """Rows in the binary format, over the connection of a Django cursor.

    Planned anew each time: a plan that was made when a table had just begun to fill, and was
    kept, would later read all of it for each staged day.
    """
    return question(cursor.connection, sql, params, prepare=False)


def prepare(cursor: Any, days: npt.NDArray[np.datetime64]) -> None:
    """The stage of this connection, empty, and partitions for the days."""
    cursor.execute(STAGE)
    cursor.execute("DELETE FROM faza_stage")
    if not is_cluster():
        cursor.execute(PLANS)
    ensure_months(cursor, days)


def ensure_months(cursor: Any, days: npt.NDArray[np.datetime64]) -> int:
    """Month partitions of days, not of the time between them; made where missing, and counted.

    Readers and writers of other months go on meanwhile: a table is made beside the others and
    attached, which they do not wait for; `CREATE TABLE … PARTITION OF` would wait for each of
    them, and whoever comes next for it. On a cluster only that has been tried, so it stays there.
    Within a transaction.
    """
    made = 0
    for number in np.unique(days.astype("datetime64[M]")).astype(int).tolist():
        year, month = 1970 + number // 12, number % 12 + 1
        following = (year + month // 12, month % 12 + 1)
        name = f"{MONTH_TABLE}{year:04}_{month:02}"
        if _is_there(cursor, name):
            continue
        # One at a time: two sessions that make the same partition would collide.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('faza.partitions'))")
        if _is_there(cursor, name):  # somebody was faster
            continue
        bounds = (
            f"FOR VALUES FROM ('{year:04}-{month:02}-01')"
            f" TO ('{following[0]:04}-{following[1]:02}-01')"
        )
        if is_cluster():
            cursor.execute("SET LOCAL citus.multi_shard_modify_mode TO 'sequential'")
            cursor.execute(f"CREATE TABLE {name} PARTITION OF readings_block {bounds}")
        else:
            cursor.execute(f"CREATE TABLE {name} (LIKE readings_block INCLUDING ALL)")
            cursor.execute(f"ALTER TABLE readings_block ATTACH PARTITION {name} {bounds}")
        made += 1
    return made


def _is_there(cursor: Any, name: str) -> bool:
    """Whether a table is there at this moment. `to_regclass` may answer from what the session
    remembered before it waited for another one, which made the table meanwhile."""
    cursor.execute(
        "SELECT count(*) FROM pg_class WHERE relname = %s AND pg_table_is_visible(oid)", [name]
    )
    return bool(cursor.fetchone()[0])


def find_months(cursor: Any) -> npt.NDArray[np.datetime64]:
    """The months that have a partition (n,) datetime64[M], in order. One query."""
    cursor.execute(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'readings_block'::regclass"
    )
    names = (name for (name,) in cursor.fetchall() if name.startswith(MONTH_TABLE))
    months = [name.removeprefix(MONTH_TABLE).replace("_", "-") for name in names]
    return np.sort(np.array(months, "datetime64[M]"))


def delete_rows(cursor: Any, table: str, days: BlockBatch) -> None:
    cursor.execute(
        f"DELETE FROM {table} t USING unnest(%s::bigint[], %s::smallint[], %s::date[])"
        " AS k(point, kind, day) WHERE t.usage_point_id = k.point AND t.reading_type = k.kind"
        " AND t.day = k.day",
        [days.usage_points.tolist(), days.reading_types.tolist(), days.days.tolist()],
    )


def insert_labelled(
    cursor: Any, table: str, columns: str, keys: Iterable[tuple], labels: list[tuple]
) -> None:
    """By COPY as text made here: the driver's rows cost five times as much."""
    values = _Texts()
    texts = {label: "\t".join(map(values.__getitem__, label)) for label in set(labels)}
    row = "%s\t" * (len(columns.split(", ")) - len(labels[0])) + "%s\n"
    lines = [row % (*key, texts[label]) for key, label in zip(keys, labels, strict=True)]
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        copy.write("".join(lines))


class _Texts(dict[Any, str]):
    r"""Values as the text format of COPY has them: \N for none, marks escaped. Most come often."""

    def __missing__(self, value: Any) -> str:
        text = str(value)
        if value is None:
            text = r"\N"
        elif isinstance(value, str):
            text = value.translate(_ESCAPED)
        self[value] = text
        return text


_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_columns(cursor: Any, table: str, columns: Mapping[str, npt.NDArray]) -> None:
    """Rows of a narrow table by binary COPY; columns (n,) big-endian, as the server keeps them."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, column in columns.items():
        layout += [(f"{name}_size", ">i4"), (name, column.dtype.str)]
    block = np.zeros(len(next(iter(columns.values()))), np.dtype(layout))
    block["fields"] = len(columns)
    for name, column in columns.items():
        block[f"{name}_size"] = column.dtype.itemsize
        block[name] = column
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(HEADER)
        copy.write(block.view(np.uint8).data)
        copy.write(TRAILER)


def day_numbers(days: npt.NDArray[np.datetime64]) -> npt.NDArray:
    """Days as the server keeps them."""
    return (days.astype("datetime64[D]") - EPOCH).astype(">i4")


def moment_numbers(at: datetime, n: int) -> npt.NDArray:
    """One moment for n rows, as the server keeps it."""
    naive = np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")
    return np.full(n, (naive - EPOCH.astype("datetime64[us]")).astype(np.int64), ">i8")


def fill(cursor: Any, staged: Staged, counters: Counters, groups: Iterable[PackedGroup]) -> None:
    """Days into the stage."""
    with cursor.copy(COPY) as copy:
        copy.write(HEADER)
        for chunk in encode(staged, counters, groups):
            copy.write(chunk)
        copy.write(TRAILER)


def encode(staged: Staged, counters: Counters, groups: Iterable[PackedGroup]) -> Iterator[Any]:
    """Days in the binary format of COPY: per group a packed struct array, nothing per row."""
    batch = staged.batch
    columns = {
        "usage_point_id": batch.usage_points, "total": counters.total,
        "sequence": staged.sequences,
        "recorded_at": (staged.recorded_at - EPOCH.astype("datetime64[us]")).astype(np.int64),
        "peak": counters.peak, "version": staged.versions,
        "n": np.arange(len(batch)), "day": (batch.days - EPOCH).astype(np.int64),
        "reading_type": batch.reading_types, "interval": batch.intervals,
        "n_valid": counters.valid, "n_missing": counters.missing,
        "n_estimated": counters.estimated, "source": staged.sources, "fresh": staged.fresh,
    }  # fmt: skip
    for group in groups:
        for with_peak in (True, False):
            inside = counters.has_peak[group.rows] == with_peak
            if not inside.any():
                continue
            every = bool(inside.all())
            chosen = group.rows if every else group.rows[inside]
            values = group.values if every else group.values[inside]
            quality = group.quality if every else group.quality[inside]
            record = _record(values.shape[1], quality.shape[1], with_peak=with_peak)
            block = np.zeros(len(chosen), record)
            block["fields"] = len(FIELDS) + 2
            for name, kind in FIELDS:
                null = name == "peak" and not with_peak
                block[f"{name}_size"] = -1 if null else np.dtype(kind).itemsize
                if not null:
                    block[name] = columns[name][chosen]
            block["values_size"] = values.shape[1]
            if values.shape[1]:
                block["values"] = values
            block["quality_size"] = quality.shape[1]
            if quality.shape[1]:
                block["quality"] = quality
            yield block.view(np.uint8).data


def _record(values: int, quality: int, *, with_peak: bool) -> np.dtype:
    layout: list[tuple] = [("fields", ">i2")]
    for name, kind in FIELDS:
        layout.append((f"{name}_size", ">i4"))
        if name != "peak" or with_peak:
            layout.append((name, kind))
    layout.append(("values_size", ">i4"))
    if values:
        layout.append(("values", "u1", (values,)))
    layout.append(("quality_size", ">i4"))
    if quality:
        layout.append(("quality", "u1", (quality,)))
    return np.dtype(layout)
