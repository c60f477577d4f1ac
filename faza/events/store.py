"""Events in and out of the two engines; one question, one way to write.

Only `services` writes through it. Keys are (usage point, moment, meter, journal, code, number),
moments unix seconds. The statements differ where an engine takes many rows at once in another
way: PostgreSQL as arrays, SQLite as JSON. ADR 3.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from faza.events.batches import I64, EventBatch

INSERT = """
    INSERT INTO events_event (usage_point_id, at, meter_id, journal, code, number, importance,
        details, source, recorded_at) """
FROM = {
    "postgresql": """
        SELECT point, to_timestamp(moment), meter, journal, code, number, importance,
            details::jsonb, %s, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::integer[],
            %s::integer[], %s::smallint[], %s::text[])
            AS k(point, moment, meter, journal, code, number, importance, details)
        ORDER BY point, moment, meter, journal, code, number""",
    "sqlite": """
        SELECT value ->> 0, datetime(value ->> 1, 'unixepoch'), value ->> 2, value ->> 3,
            value ->> 4, value ->> 5, value ->> 6, value ->> 7, %s, %s
        FROM json_each(%s) WHERE true""",
}
ONCE = " ON CONFLICT (usage_point_id, at, meter_id, journal, code, number) DO NOTHING"
SECONDS = {
    "postgresql": "floor(extract(epoch FROM {}))::bigint",
    "sqlite": "unixepoch({})",
}
"""Down: a cast alone rounds, and what was received a moment ago would be of the next second."""
DOUBTS = "(journal IN (4, 7) OR (code = 143 AND journal = 3))"
OF_DOUBTS = {
    "postgresql": "events_event",
    # Left alone it reads all events of a point, for the key covers them too.
    "sqlite": "events_event INDEXED BY event_doubts",
}
WINDOWS = {
    "postgresql": "unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::bigint[])"
    " AS w(number, point, low, high)",
    "sqlite": "(SELECT value ->> 0 AS number, value ->> 1 AS point, value ->> 2 AS low,"
    " value ->> 3 AS high FROM json_each(%s)) w",
}
ALIKE = {
    "postgresql": "(SELECT %s::integer AS number, point, to_timestamp(%s) AS low,"
    " to_timestamp(%s) AS high FROM unnest(%s::bigint[]) AS p(point)) w",
    "sqlite": "(SELECT %s AS number, value AS point, %s AS low, %s AS high FROM json_each(%s)) w",
}
"""Windows of one number and one period: of a fleet nearly all are, and its ids are enough."""
WITHIN = "e.at >= w.low AND e.at < w.high"
INSIDE = {
    "postgresql": "e.at >= to_timestamp(w.low) AND e.at < to_timestamp(w.high)",
    "sqlite": "e.at >= datetime(w.low, 'unixepoch') AND e.at < datetime(w.high, 'unixepoch')",
}
BUCKET = 900
"""Seconds in which events are counted: every zone's days begin at the edge of a quarter hour."""


def insert(
    batch: EventBatch, importance: I64, *, source: int, at: datetime
) -> set[tuple[int, ...]]:
    """Put distinct events where they are not yet; the keys of those that were put."""
    keys, told = batch.keys(), _texts(batch)
    columns = [*keys.T.tolist(), importance.tolist(), told]
    epoch = SECONDS[connection.vendor].format("at")
    sql = INSERT + FROM[connection.vendor] + ONCE
    sql += f" RETURNING usage_point_id, {epoch}, meter_id, journal, code, number"
    with connection.cursor() as cursor:
        cursor.execute(sql, [source, _moment(at), *_rows(columns)])
        return {tuple(map(int, key)) for key in cursor.fetchall()}


def counted(windows: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int, int]]:
    """How many events windows hold: (window's number, bucket, journal, code, count).

    windows: number (of a zone, say), point, from and to in unix seconds.
    """
    epoch = SECONDS[connection.vendor].format("e.at")
    source, inside, params = _windows(windows)
    return _ask(
        f"SELECT w.number, {epoch} / {BUCKET}, e.journal, e.code, count(*)"
        f" FROM {source} JOIN events_event e ON e.usage_point_id = w.point"
        f" AND {inside} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        params,
    )


def daily(windows: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """How many events windows hold: (day, journal, code, count).

    windows: offset from UTC in seconds, point, from and to in unix seconds. Days are those since
    1970 by that offset.
    """
    epoch = SECONDS[connection.vendor].format("e.at")
    source, inside, params = _windows(windows)
    return _ask(
        f"SELECT ({epoch} + w.number) / 86400, e.journal, e.code, count(*)"
        f" FROM {source} JOIN events_event e ON e.usage_point_id = w.point"
        f" AND {inside} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        params,
    )


def occurrences(
    windows: Sequence[tuple[int, int, int, int]], *, pairs: Sequence[tuple[int, int]]
) -> list[tuple[int, int, int, int, int]]:
    """Events of some kinds in windows: (point, meter, moment, journal, code), in that order."""
    vendor, epoch = connection.vendor, SECONDS[connection.vendor].format("e.at")
    among = "= ANY(%s)" if vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    kinds = [journal * 2**32 + code for journal, code in pairs]
    source, inside, params = _windows(windows)
    return _ask(
        f"SELECT e.usage_point_id, e.meter_id, {epoch}, e.journal, e.code"
        f" FROM {source} JOIN events_event e ON e.usage_point_id = w.point"
        f" AND {inside} WHERE e.journal * 4294967296 + e.code {among}"
        " ORDER BY 1, 2, 3, 4, 5",
        [*params, kinds if vendor == "postgresql" else json.dumps(kinds)],
    )


def present(windows: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
    """The journals and codes that occur in windows."""
    source, inside, params = _windows(windows)
    return _ask(
        f"SELECT DISTINCT e.journal, e.code FROM {source}"
        f" JOIN events_event e ON e.usage_point_id = w.point AND {inside}",
        params,
    )


def listed(
    windows: Sequence[tuple[int, int, int, int]],
    *,
    pairs: Sequence[tuple[int, int]],
    limit: int,
    offset: int = 0,
) -> list[tuple[Any, ...]]:
    """Events of some kinds in windows, the newest first.

    They are (moment, point, meter, journal, code, number, details as JSON, when recorded).
    """
    vendor, epoch = connection.vendor, SECONDS[connection.vendor].format("e.at")
    recorded = SECONDS[connection.vendor].format("e.recorded_at")
    among = "= ANY(%s)" if vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    kinds = [journal * 2**32 + code for journal, code in pairs]
    source, inside, params = _windows(windows)
    params = [*params, kinds if vendor == "postgresql" else json.dumps(kinds)]
    return _ask(
        f"SELECT {epoch}, e.usage_point_id, e.meter_id, e.journal, e.code, e.number, e.details,"
        f" {recorded} FROM {source} JOIN events_event e ON e.usage_point_id = w.point"
        f" AND {inside} WHERE e.journal * 4294967296 + e.code {among}"
        " ORDER BY e.at DESC, e.usage_point_id, e.meter_id, e.journal, e.code, e.number"
        " LIMIT %s OFFSET %s",
        [*params, limit, offset],
    )


def come(windows: Sequence[tuple[int, int, int, int]], since: datetime, most: int) -> int:
    """How many events of windows were recorded after a moment; counted up to `most`."""
    source, inside, params = _windows(windows)
    [(count,)] = _ask(
        f"SELECT count(*) FROM (SELECT 1 FROM {source}"
        f" JOIN events_event e ON e.usage_point_id = w.point AND {inside}"
        " WHERE e.recorded_at > %s LIMIT %s) c",
        [*params, _moment(since), most],
    )
    return int(count)


def doubted(points: Sequence[int], before: int) -> list[tuple[int, int, int, int, int]]:
    """Events that begin or end doubt, by point: (point, meter, moment, journal, code)."""
    vendor, epoch = connection.vendor, SECONDS[connection.vendor].format("at")
    among = "= ANY(%s)" if vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    told: Any = list(points) if vendor == "postgresql" else json.dumps(list(points))
    return _ask(
        f"SELECT usage_point_id, meter_id, {epoch}, journal, code FROM {OF_DOUBTS[vendor]}"
        f" WHERE usage_point_id {among} AND {DOUBTS} AND at < %s ORDER BY usage_point_id, at",
        [told, _moment(datetime.fromtimestamp(before, UTC))],
    )


def told(
    points: Sequence[int], low: int, high: int, *, pairs: Sequence[tuple[int, int]]
) -> list[tuple[int, int, Any]]:
    """Events of some kinds at points from `low` until before `high`: (point, moment, details)."""
    if not points:
        return []
    vendor, epoch = connection.vendor, SECONDS[connection.vendor].format("at")
    is_server = vendor == "postgresql"
    among = "= ANY(%s)" if is_server else "IN (SELECT value FROM json_each(%s))"
    moment = "to_timestamp(%s)" if is_server else "datetime(%s, 'unixepoch')"
    kinds = [journal * 2**32 + code for journal, code in pairs]
    return _ask(
        f"SELECT usage_point_id, {epoch}, details FROM events_event"
        f" WHERE usage_point_id {among} AND at >= {moment} AND at < {moment}"
        f" AND journal * 4294967296 + code {among} ORDER BY usage_point_id, at",
        [
            list(points) if is_server else json.dumps(list(points)), low, high,
            kinds if is_server else json.dumps(kinds),
        ],
    )  # fmt: skip


def _texts(batch: EventBatch) -> list[str]:
    if not batch.details:
        return ["{}"] * len(batch)
    return [json.dumps(dict(one), ensure_ascii=False) for one in batch.details]


def _ask(sql: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _windows(windows: Sequence[tuple[int, int, int, int]]) -> tuple[str, str, list[Any]]:
    """Windows as a table w, the condition that an event lies in one of them, their parameters."""
    vendor = connection.vendor
    numbers, points, lows, highs = zip(*windows, strict=True) if windows else ([], [], [], [])
    if len(windows) > 1 and len({*numbers}) == len({*lows}) == len({*highs}) == 1:
        ids = list(points)
        if vendor == "postgresql":
            return ALIKE[vendor], WITHIN, [numbers[0], lows[0], highs[0], ids]
        edges = (str(datetime.fromtimestamp(one, UTC).replace(tzinfo=None)) for one in
                 (lows[0], highs[0]))  # fmt: skip
        return ALIKE[vendor], WITHIN, [numbers[0], *edges, json.dumps(ids)]
    columns = [list(column) for column in (numbers, points, lows, highs)]
    return WINDOWS[vendor], INSIDE[vendor], _rows(columns)


def _rows(columns: Sequence[list[Any]]) -> list[Any]:
    """Columns as the engine's statement takes them."""
    if connection.vendor == "sqlite":
        return [json.dumps(list(zip(*columns, strict=True)), ensure_ascii=False)]
    return list(columns)


def _moment(at: datetime) -> Any:
    """A moment as the column keeps it."""
    if connection.vendor == "sqlite":
        return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return at
