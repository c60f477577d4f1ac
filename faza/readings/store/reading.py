"""Days out of the store by cursor: model instances would cost five times as much."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from faza.readings import packing
from faza.readings.store import postgres

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Fetched:
    """Stored days in the order of (usage point, reading type, day).

    usage_points (n,) int64, reading_types (n,) int16, days (n,) datetime64[D], intervals and
    lengths (n,) int16, values (n, k) int64, quality (n, k) uint8 (UNTOLD past a day's length).
    """

    usage_points: I64
    reading_types: npt.NDArray[np.int16]
    days: npt.NDArray[np.datetime64]
    intervals: npt.NDArray[np.int16]
    lengths: npt.NDArray[np.int16]
    values: I64
    quality: U8

    def __len__(self) -> int:
        return len(self.usage_points)


def rows(sql: str, params: Collection[Any]) -> list[tuple[Any, ...]]:
    """Rows of a question; on PostgreSQL in the binary format, prepared after some uses.

    Straight to the driver, but seen by Django's execute wrappers and its log of queries, so
    that what counts queries counts these.
    """
    connection.ensure_connection()
    ask: Callable[..., list[tuple[Any, ...]]] = _ask
    for wrapper in reversed(connection.execute_wrappers):
        ask = partial(wrapper, ask)
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": ""})
    return ask(sql, params, False, {"connection": connection, "cursor": None})


def _ask(sql: str, params: Any, many: bool, context: Any) -> list[tuple[Any, ...]]:
    if connection.vendor == "postgresql":
        return postgres.question(connection.connection, sql, params, prepare=True)
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        # Django's wrapper would only translate the placeholders.
        return cursor.execute(sql.replace("%s", "?"), params).fetchall()


def among(column: str, ids: Collection[int]) -> tuple[str, Any]:
    """A condition that a column is one of many ids, with one parameter however many they are."""
    if len(ids) == 1:
        return f"{column} = %s", next(iter(ids))
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", [int(i) for i in ids]
    return f"{column} IN (SELECT value FROM json_each(%s))", json.dumps([int(i) for i in ids])


def day_number() -> str:
    """The expression for a day as days since 1970: both drivers make dates one by one."""
    if connection.vendor == "postgresql":
        return "day - DATE '1970-01-01'"
    return "CAST(julianday(day) - 2440587.5 AS INTEGER)"


def day_param(day: date) -> Any:
    """A day as the engine's driver takes it."""
    return day if connection.vendor == "postgresql" else day.isoformat()


def fetch(
    points: Collection[int],
    reading_types: Collection[int],
    first: date,
    end: date,
    *,
    delivered: bool = False,
) -> Fetched:
    """Effective days of channels in [first, end), or the delivered ones where they differ.

    One query. With `delivered` only the days whose delivery was amended come back.
    """
    if not points or not reading_types:
        return _fetched([])
    of_points, point_param = among("usage_point_id", points)
    of_types, type_param = among("reading_type", reading_types)
    table = "readings_delivered" if delivered else "readings_block"
    found = rows(
        f"SELECT usage_point_id, reading_type, {day_number()}, interval,"
        " n_valid + n_missing + n_estimated,"
        f' "values", quality FROM {table} WHERE {of_points} AND {of_types}'
        " AND day >= %s AND day < %s ORDER BY usage_point_id, reading_type, day",
        (point_param, type_param, day_param(first), day_param(end)),
    )
    return _fetched(found)


def _fetched(found: list[tuple[Any, ...]]) -> Fetched:
    columns = list(zip(*found, strict=True)) if found else [()] * 7
    values, quality = packing.unpack(columns[5], columns[6], columns[4])
    return Fetched(
        usage_points=np.array(columns[0], np.int64),
        reading_types=np.array(columns[1], np.int16),
        days=np.array(columns[2], np.int64).astype("datetime64[D]"),
        intervals=np.array(columns[3], np.int16),
        lengths=np.array(columns[4], np.int16),
        values=values,
        quality=quality,
    )


def totals(
    points: Collection[int], reading_types: Collection[int], first: date, end: date
) -> npt.NDArray[np.void]:
    """Counters of days without their values, as a structured array of one record a day.

    Fields: usage_point, reading_type, day, interval, total, peak, has_peak, valid, missing,
    estimated. One query, nothing is unpacked.
    """
    kind = np.dtype(
        [("usage_point", "i8"), ("reading_type", "i2"), ("day", "M8[D]"), ("interval", "i2"),
         ("total", "i8"), ("peak", "i8"), ("has_peak", "?"), ("valid", "i2"), ("missing", "i2"),
         ("estimated", "i2")]
    )  # fmt: skip
    if not points or not reading_types:
        return np.zeros(0, kind)
    of_points, point_param = among("usage_point_id", points)
    of_types, type_param = among("reading_type", reading_types)
    found = rows(
        f"SELECT usage_point_id, reading_type, {day_number()}, interval, total, coalesce(peak, 0),"
        " peak IS NOT NULL, n_valid, n_missing, n_estimated FROM readings_block"
        f" WHERE {of_points} AND {of_types} AND day >= %s AND day < %s"
        " ORDER BY usage_point_id, reading_type, day",
        (point_param, type_param, day_param(first), day_param(end)),
    )
    result = np.zeros(len(found), kind)
    if found:
        for name, column in zip(kind.names or (), zip(*found, strict=True), strict=True):
            result[name] = np.array(column, "i8" if name == "day" else kind[name])
    return result


def find_sources() -> dict[int, tuple[str, bool]]:
    """Kind and "replaces wholly" of every source, by id."""
    from faza.readings.models import Source

    return {source.id: (source.kind, source.replaces_wholly) for source in Source.objects.all()}
