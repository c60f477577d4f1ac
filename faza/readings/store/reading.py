"""Days out of the store by cursor: model instances would cost five times as much."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
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
    recorded_at (n,) int64: unix seconds at which they became so; of delivered days only.
    """

    usage_points: I64
    reading_types: npt.NDArray[np.int16]
    days: npt.NDArray[np.datetime64]
    intervals: npt.NDArray[np.int16]
    lengths: npt.NDArray[np.int16]
    values: I64
    quality: U8
    recorded_at: I64 | None = None

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


def day_number(day: str = "day") -> str:
    """The expression for a day as days since 1970: both drivers make dates one by one."""
    if connection.vendor == "postgresql":
        return f"{day} - DATE '1970-01-01'"
    return f"CAST(julianday({day}) - 2440587.5 AS INTEGER)"


def _seconds(moment: str) -> str:
    """The expression for a moment as unix seconds."""
    if connection.vendor == "postgresql":
        return f"floor(extract(epoch FROM {moment}))::bigint"
    return f"unixepoch({moment})"


def day_param(day: date) -> Any:
    """A day as the engine's driver takes it."""
    return day if connection.vendor == "postgresql" else day.isoformat()


def moment_param(moment: datetime) -> Any:
    """A moment as the engine's driver takes it, to compare `recorded_at` with."""
    if connection.vendor == "postgresql":
        return moment
    # With all digits, as days are stored: it is compared as text.
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(sep=" ", timespec="microseconds")


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
    table = "readings_delivered" if delivered else "readings_block"
    chosen, params = _of_days(points, reading_types, first, end)
    return _fetched(
        rows(f"SELECT {_DAY.format(day=day_number())} FROM {table} WHERE {chosen} {_ORDER}", params)
    )


def fetch_delivered(
    points: Collection[int], reading_types: Collection[int], first: date, end: date
) -> Fetched:
    """Days of channels in [first, end) as delivered, whatever stands over them. One query."""
    if not points or not reading_types:
        return _fetched([])
    chosen, params = _of_days(points, reading_types, first, end, "b.")
    found = rows(
        f"SELECT b.usage_point_id, b.reading_type, {day_number('b.day')}, b.interval,"
        " b.n_valid + b.n_missing + b.n_estimated,"
        ' coalesce(d."values", b."values"), coalesce(d.quality, b.quality),'
        f" {_seconds('coalesce(d.recorded_at, b.recorded_at)')}"
        " FROM readings_block b LEFT JOIN readings_delivered d"
        " ON d.usage_point_id = b.usage_point_id AND d.reading_type = b.reading_type"
        f" AND d.day = b.day WHERE {chosen}"
        " ORDER BY b.usage_point_id, b.reading_type, b.day",
        params,
    )
    moments = np.array([row[7] for row in found], np.int64)
    return replace(_fetched(found), recorded_at=moments)


def fetch_as_of(
    points: Collection[int], reading_types: Collection[int], first: date, end: date,
    moment: datetime,
) -> Fetched:  # fmt: skip
    """Effective days of channels in [first, end) as they stood at a moment. One query.

    That is the day itself if it has been so since then, else the version that had not been
    replaced yet. What has come since is not there.
    """
    return _fetched(_stood(_DAY, points, reading_types, first, end, moment))


def _stood(
    columns: str, points: Collection[int], reading_types: Collection[int], first: date, end: date,
    moment: datetime,
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Columns of days as they stood at a moment, by key."""
    if not points or not reading_types:
        return []
    chosen, params = _of_days(points, reading_types, first, end)
    at = moment_param(moment)
    columns = columns.format(day=day_number())
    found = rows(
        f"SELECT {columns}, 2147483647 AS standing FROM readings_block"
        f" WHERE {chosen} AND recorded_at <= %s UNION ALL"
        f" SELECT {columns}, version FROM readings_version"
        f" WHERE {chosen} AND recorded_at <= %s AND replaced_at > %s {_ORDER}, standing",
        (*params, at, *params, at, at),
    )
    # Where two clocks disagreed a day may come twice: the last one stood the longest.
    return [*{row[:3]: row[:-1] for row in found}.values()]


Fetch = Callable[[Collection[int], Collection[int], date, date], Fetched]

_DAY = (
    "usage_point_id, reading_type, {day} AS day_number, interval,"
    ' n_valid + n_missing + n_estimated, "values", quality'
)
_ORDER = "ORDER BY usage_point_id, reading_type, day_number"


def _of_days(
    points: Collection[int], reading_types: Collection[int], first: date, end: date,
    table: str = "",
) -> tuple[str, tuple[Any, ...]]:  # fmt: skip
    """A condition for the days [first, end) of channels, and its parameters."""
    of_points, point_param = among(f"{table}usage_point_id", points)
    of_types, type_param = among(f"{table}reading_type", reading_types)
    return (
        f"{of_points} AND {of_types} AND {table}day >= %s AND {table}day < %s",
        (point_param, type_param, day_param(first), day_param(end)),
    )


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


TOTALS = np.dtype(
    [("usage_point", "i8"), ("reading_type", "i2"), ("day", "M8[D]"), ("interval", "i2"),
     ("total", "i8"), ("peak", "i8"), ("has_peak", "?"), ("valid", "i2"), ("missing", "i2"),
     ("estimated", "i2")]
)  # fmt: skip
_COUNTERS = (
    "usage_point_id, reading_type, {day} AS day_number, interval, total, coalesce(peak, 0),"
    " peak IS NOT NULL, n_valid, n_missing, n_estimated"
)


def totals(
    points: Collection[int], reading_types: Collection[int], first: date, end: date
) -> npt.NDArray[np.void]:
    """Counters of days without their values, as a structured array of one record a day.

    Fields: usage_point, reading_type, day, interval, total, peak, has_peak, valid, missing,
    estimated. One query, nothing is unpacked.
    """
    if not points or not reading_types:
        return np.zeros(0, TOTALS)
    chosen, params = _of_days(points, reading_types, first, end)
    columns = _COUNTERS.format(day=day_number())
    return _records(
        rows(f"SELECT {columns} FROM readings_block WHERE {chosen} {_ORDER}", params), TOTALS
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """How days are read: as they stand, or as they stood at a moment."""

    fetch: Fetch
    totals: Callable[[Collection[int], Collection[int], date, date], npt.NDArray[np.void]]


def reader(as_of: datetime | None) -> Reader:
    """Reads what stands now (None), or what stood at a moment; see `fetch_as_of`."""
    if as_of is None:
        return Reader(fetch, totals)

    def totals_then(
        points: Collection[int], reading_types: Collection[int], first: date, end: date
    ) -> npt.NDArray[np.void]:
        found = _stood(_COUNTERS, points, reading_types, first, end, as_of)
        return _records(found, TOTALS)

    return Reader(partial(fetch_as_of, moment=as_of), totals_then)


def changes(
    points: Collection[int], reading_types: Collection[int], first: date, end: date,
    between: tuple[datetime, datetime],
) -> list[tuple[Any, ...]]:  # fmt: skip
    """When days of [first, end) became what they are or were: after one moment, up to another.

    Rows by key and moment: (usage point, reading type, day as a number, unix seconds, began,
    reason, by). began 0: something was replaced then; 1: something began to stand then. One query.
    """
    chosen, params = _of_days(points, reading_types, first, end)
    both = tuple(moment_param(moment) for moment in between)
    key = f"SELECT usage_point_id, reading_type, {day_number()} AS day_number, "
    began = f"{key}{_seconds('recorded_at')} AS moment, 1 AS began, '', ''"
    in_time = f"WHERE {chosen} AND recorded_at > %s AND recorded_at <= %s"
    return rows(
        f"{began} FROM readings_block {in_time} UNION ALL"
        f" {began} FROM readings_version {in_time} UNION ALL"
        f" {key}{_seconds('replaced_at')}, 0, reason, replaced_by FROM readings_version"
        f" WHERE {chosen} AND replaced_at > %s AND replaced_at <= %s {_ORDER}, moment, began",
        (*params, *both) * 3,
    )


def amending(
    points: Collection[int], reading_types: Collection[int], first: date, end: date
) -> npt.NDArray[np.void]:
    """What stands over the deliveries of the civil days [first, end), a record a stretch, by key.

    Fields: usage_point, reading_type, day, layer, first, end, source; one query.
    """
    kind = np.dtype(
        [("usage_point", "i8"), ("reading_type", "i2"), ("day", "M8[D]"), ("layer", "i2"),
         ("first", "i2"), ("end", "i2"), ("source", "i2")]
    )  # fmt: skip
    if not points or not reading_types:
        return np.zeros(0, kind)
    chosen, params = _of_days(points, reading_types, first, end)
    found = rows(
        f'SELECT usage_point_id, reading_type, {day_number()}, layer, first, "end", source'
        f" FROM readings_provenance WHERE {chosen} AND layer <> 0"
        " ORDER BY usage_point_id, reading_type, day, layer, first",
        params,
    )
    return _records(found, kind)


def _records(found: list[tuple[Any, ...]], kind: np.dtype[Any]) -> npt.NDArray[np.void]:
    """Rows as a structured array; days are numbers."""
    result = np.zeros(len(found), kind)
    if found:
        for name, column in zip(kind.names or (), zip(*found, strict=True), strict=True):
            result[name] = np.array(column, "i8" if name == "day" else kind[name])
    return result


def find_sources() -> dict[int, tuple[str, bool]]:
    """Kind and "replaces wholly" of every source, by id."""
    from faza.readings.models import Source

    return {source.id: (source.kind, source.replaces_wholly) for source in Source.objects.all()}
