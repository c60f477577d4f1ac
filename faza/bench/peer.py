"""The peer: a plain table with a row a value, loaded by the fastest usual way.

Binary COPY from NumPy into a temporary table, then one upsert; reference/storage.md, option A.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from django.db import connection

from faza.readings.blocks import BlockBatch

TABLE = """CREATE TABLE bench_value (usage_point_id bigint, reading_type smallint,
    at timestamptz, value bigint NOT NULL, quality smallint NOT NULL,
    PRIMARY KEY (usage_point_id, reading_type, at))"""
ROW = np.dtype(
    [("fields", ">i2"), ("s1", ">i4"), ("point", ">i8"), ("s2", ">i4"), ("kind", ">i2"),
     ("s3", ">i4"), ("at", ">i8"), ("s4", ">i4"), ("value", ">i8"), ("s5", ">i4"),
     ("quality", ">i2")]
)  # fmt: skip
EPOCH = np.array("2000-01-01", "datetime64[us]")


def make_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_value")
        cursor.execute(TABLE)


def rows(batch: BlockBatch) -> Any:
    """The batch as rows of COPY's binary format."""
    n, k = batch.values.shape
    block = np.zeros(n * k, ROW)
    block["fields"], block["s1"], block["s2"], block["s3"], block["s4"], block["s5"] = (
        5,
        8,
        2,
        8,
        8,
        2,
    )
    block["point"], block["kind"] = (
        np.repeat(batch.usage_points, k),
        np.repeat(batch.reading_types, k),
    )
    steps = np.arange(k) * np.timedelta64(30 * 60 * 10**6, "us")
    starts = batch.days.astype("datetime64[us]")[:, None] + steps
    block["at"] = (starts - EPOCH).astype(np.int64).ravel()
    block["value"], block["quality"] = batch.values.ravel(), batch.quality.ravel()
    return block.view(np.uint8).data


def record(batch: BlockBatch) -> None:
    """Store a batch a row a value: COPY, upsert where it differs, commit."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("CREATE TEMP TABLE bench_stage (LIKE bench_value) ON COMMIT DROP")
        with cursor.copy("COPY bench_stage FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0))
            copy.write(rows(batch))
            copy.write(struct.pack(">h", -1))
        cursor.execute(
            "INSERT INTO bench_value SELECT * FROM bench_stage ORDER BY 1, 2, 3"
            " ON CONFLICT (usage_point_id, reading_type, at) DO UPDATE"
            " SET value = excluded.value, quality = excluded.quality"
            " WHERE (bench_value.value, bench_value.quality)"
            " IS DISTINCT FROM (excluded.value, excluded.quality)"
        )
        cursor.execute("COMMIT")
