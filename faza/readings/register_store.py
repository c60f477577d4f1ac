"""Register readings in and out of the two engines; one question, one way to write.

Only `register_services` writes through it. Keys are (usage point, meter, moment, kind), moments
unix seconds. The statements differ where an engine takes many keys at once in another way:
PostgreSQL as arrays, SQLite as JSON. ADR 3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from faza.readings import registers
from faza.readings.store import postgres, sqlite
from faza.readings.store.reading import rows

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

BETWEEN = {
    "postgresql": """
        SELECT r.usage_point_id, r.meter_id, extract(epoch FROM r.at)::bigint, r.kind, r.source,
            r.quality, r.sequence, r.version, r.present, r.registers
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
            AS k(point, meter, low, high)
        JOIN readings_register r ON r.usage_point_id = k.point AND r.meter_id = k.meter
            AND r.at >= to_timestamp(k.low) AND r.at <= to_timestamp(k.high)
            AND r.present <> 0
        ORDER BY 1, 2, 3, 4""",
    "sqlite": """
        SELECT r.usage_point_id, r.meter_id, unixepoch(r.at), r.kind, r.source,
            r.quality, r.sequence, r.version, r.present, r.registers
        FROM json_each(%s) k
        JOIN readings_register r ON r.usage_point_id = k.value ->> 0 AND r.meter_id = k.value ->> 1
            AND r.at >= datetime(k.value ->> 2, 'unixepoch')
            AND r.at <= datetime(k.value ->> 3, 'unixepoch')
            AND r.present <> 0
        ORDER BY 1, 2, 3, 4""",
}
# Not BETWEEN with low = high: PostgreSQL would join by the meter and then look at each pair of
# its moments, a minute for the history of one meter where this takes a tenth of a second.
AT = {
    "postgresql": """
        SELECT r.usage_point_id, r.meter_id, extract(epoch FROM r.at)::bigint, r.kind, r.source,
            r.quality, r.sequence, r.version, r.present, r.registers
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS k(point, meter, moment)
        JOIN readings_register r ON r.usage_point_id = k.point AND r.meter_id = k.meter
            AND r.at = to_timestamp(k.moment)
        ORDER BY 1, 2, 3, 4""",
    "sqlite": """
        SELECT r.usage_point_id, r.meter_id, unixepoch(r.at), r.kind, r.source,
            r.quality, r.sequence, r.version, r.present, r.registers
        FROM json_each(%s) k
        JOIN readings_register r ON r.usage_point_id = k.value ->> 0 AND r.meter_id = k.value ->> 1
            AND r.at = datetime(k.value ->> 2, 'unixepoch')
        ORDER BY 1, 2, 3, 4""",
}
# A step down the key for each question, however many readings the meter has; but a cluster cannot
# look into its tables for each row of something else: its nodes read all that lies in the stretch.
BEFORE = {
    "citus": """
        SELECT k.place, (array_agg(extract(epoch FROM r.at)::bigint ORDER BY r.at DESC))[1 + %s]
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
            WITH ORDINALITY AS k(point, meter, low, high, place)
        JOIN readings_register r ON r.usage_point_id = k.point AND r.meter_id = k.meter
            AND r.at >= to_timestamp(k.low) AND r.at <= to_timestamp(k.high)
            AND r.present <> 0 AND r.kind <> %s
        GROUP BY r.usage_point_id, k.place""",
    "postgresql": """
        SELECT k.place, (
            SELECT extract(epoch FROM r.at)::bigint FROM readings_register r
            WHERE r.usage_point_id = k.point AND r.meter_id = k.meter
                AND r.at >= to_timestamp(k.low) AND r.at <= to_timestamp(k.high)
                AND r.present <> 0 AND r.kind <> %s
            ORDER BY r.at DESC LIMIT 1 OFFSET %s)
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
            WITH ORDINALITY AS k(point, meter, low, high, place)""",
    "sqlite": """
        SELECT k.key + 1, (
            SELECT unixepoch(r.at) FROM readings_register r
            WHERE r.usage_point_id = k.value ->> 0 AND r.meter_id = k.value ->> 1
                AND r.at >= datetime(k.value ->> 2, 'unixepoch')
                AND r.at <= datetime(k.value ->> 3, 'unixepoch')
                AND r.present <> 0 AND r.kind <> %s
            ORDER BY r.at DESC LIMIT 1 OFFSET %s)
        FROM json_each(%s) k""",
}
UPSERT = """
    ON CONFLICT (usage_point_id, meter_id, at, kind) DO UPDATE SET
        recorded_at = excluded.recorded_at, present = excluded.present,
        sequence = excluded.sequence, version = excluded.version, source = excluded.source,
        quality = excluded.quality, registers = excluded.registers
    WHERE readings_register.version = excluded.version - 1"""
RETURNING = " RETURNING usage_point_id, meter_id, extract(epoch FROM at)::bigint, kind"
WRITE = {
    "postgresql": """
        INSERT INTO readings_register (usage_point_id, meter_id, at, kind, source, quality,
            sequence, version, present, registers, recorded_at)
        SELECT point, meter, to_timestamp(moment), kind, source, quality, sequence, version,
            present, registers, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::smallint[],
            %s::smallint[], %s::bigint[], %s::integer[], %s::bigint[], %s::bytea[])
            AS k(point, meter, moment, kind, source, quality, sequence, version, present,
                registers)
        ORDER BY point, meter, moment, kind""",
    "sqlite": """
        INSERT INTO readings_register (usage_point_id, meter_id, at, kind, source, quality,
            sequence, version, present, registers, recorded_at)
        VALUES (?, ?, datetime(?, 'unixepoch'), ?, ?, ?, ?, ?, ?, ?, ?)""",
}
KEEP = {
    "postgresql": """
        INSERT INTO readings_register_version (usage_point_id, meter_id, at, kind, source,
            quality, sequence, version, present, registers, recorded_at, replaced_at)
        SELECT r.usage_point_id, r.meter_id, r.at, r.kind, r.source, r.quality, r.sequence,
            r.version, r.present, r.registers, r.recorded_at, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::integer[])
            AS k(point, meter, moment, kind, version)
        JOIN readings_register r ON r.usage_point_id = k.point AND r.meter_id = k.meter
            AND r.at = to_timestamp(k.moment) AND r.kind = k.kind AND r.version = k.version
        ON CONFLICT (usage_point_id, meter_id, at, kind, version) DO NOTHING""",
    "sqlite": """
        INSERT INTO readings_register_version (usage_point_id, meter_id, at, kind, source,
            quality, sequence, version, present, registers, recorded_at, replaced_at)
        SELECT r.usage_point_id, r.meter_id, r.at, r.kind, r.source, r.quality, r.sequence,
            r.version, r.present, r.registers, r.recorded_at, %s
        FROM json_each(%s) k
        JOIN readings_register r ON r.usage_point_id = k.value ->> 0 AND r.meter_id = k.value ->> 1
            AND r.at = datetime(k.value ->> 2, 'unixepoch') AND r.kind = k.value ->> 3
            AND r.version = k.value ->> 4
        WHERE true
        ON CONFLICT (usage_point_id, meter_id, at, kind, version) DO NOTHING""",
}


@dataclass(frozen=True, slots=True, eq=False)
class StoredReadings:
    """Readings in the order of their key, all (n,); values, present (n, 39) as in RegisterBatch.

    sources are ids, sequences and versions as in models.RegisterReading.
    """

    usage_points: I64
    meters: I64
    moments: I64
    kinds: I16
    sources: I16
    quality: U8
    sequences: I64
    versions: I64
    values: I64
    present: Mask

    def __len__(self) -> int:
        return len(self.usage_points)

    def keys(self) -> I64:
        """(n, 4) int64: usage point, meter, moment, kind."""
        return np.column_stack(
            [self.usage_points, self.meters, self.moments, self.kinds.astype(np.int64)]
        )

    def merged(self, other: StoredReadings) -> StoredReadings:
        """The readings of both in the order of their keys, each once."""
        both = StoredReadings(
            *(np.concatenate([getattr(self, n), getattr(other, n)]) for n in self.__slots__)
        )
        keys = both.keys()
        order = np.lexsort(keys.T[::-1])
        ordered = keys[order]
        is_new = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))[: len(order)]
        return both.take(order[is_new])

    def take(self, chosen: Any) -> StoredReadings:
        """Some of the rows, by index or mask."""
        return StoredReadings(*(getattr(self, name)[chosen] for name in self.__slots__))


def between(points: I64, meters: I64, lows: I64, highs: I64) -> StoredReadings:
    """Readings of meters at points from `low` to `high`, both included; all (k,). One query.

    What was withdrawn is not among them.
    Stretches of one meter at one point must not overlap: what lies in two comes twice.
    """
    return _read(BETWEEN, points, meters, lows, highs)


def last_moments(
    points: I64, meters: I64, lows: I64, highs: I64, *, skipping: int = 0, without: int = 0
) -> I64:
    """(k,) when meters at points were last read in [low, high], 0 where they were not. One query.

    skipping: so many readings before the last one. without: a kind that does not count.
    """
    told = np.zeros(len(points), np.int64)
    if not len(points):
        return told
    keys = _keys([key.tolist() for key in (points, meters, lows, highs)])
    if connection.vendor == "postgresql" and postgres.is_cluster():
        found = rows(BEFORE["citus"], [skipping, *keys, without])
    else:
        found = rows(BEFORE[connection.vendor], [without, skipping, *keys])
    for place, moment in found:
        told[place - 1] = moment or 0
    return told


def at_moments(points: I64, meters: I64, moments: I64) -> StoredReadings:
    """Readings of meters at points at these very moments, of all kinds; all (k,), distinct.

    One query. A withdrawn one is there with no register present.
    """
    return _read(AT, points, meters, moments)


def _read(question: Mapping[str, str], *keys: I64) -> StoredReadings:
    found: list[tuple[Any, ...]] = []
    if len(keys[0]):
        found = rows(question[connection.vendor], _keys([key.tolist() for key in keys]))
    parts = list(zip(*found, strict=True)) if found else [()] * 10
    values, present = registers.unpack(parts[8], parts[9])
    return StoredReadings(
        usage_points=np.array(parts[0], np.int64),
        meters=np.array(parts[1], np.int64),
        moments=np.array(parts[2], np.int64),
        kinds=np.array(parts[3], np.int16),
        sources=np.array(parts[4], np.int16),
        quality=np.array(parts[5], np.uint8),
        sequences=np.array(parts[6], np.int64),
        versions=np.array(parts[7], np.int64),
        values=values,
        present=present,
    )


def put(readings: StoredReadings, *, at: datetime) -> Mask:
    """Write readings where the stored version is the one before theirs; (n,) who was written.

    Call it in a transaction. On SQLite it holds the only writer's place, so all are.
    """
    masks, blobs = registers.pack(readings.values, readings.present)
    columns: list[list[Any]] = [
        *(getattr(readings, name).tolist() for name in readings.__slots__[:8]),
        masks.tolist(),
        blobs,
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            moment = sqlite.moment(at)
            found = zip(*columns, [moment] * len(readings), strict=True)
            sqlite.many(cursor, WRITE["sqlite"] + UPSERT, found)
            return np.ones(len(readings), bool)
        cursor.execute(WRITE["postgresql"] + UPSERT + RETURNING, [at, *columns])
        written = {tuple(map(int, key)) for key in cursor.fetchall()}
    return np.array([tuple(key) in written for key in readings.keys().tolist()], bool)


def keep(keys: I64, versions: I64, *, at: datetime) -> None:
    """Copy stored readings (n, 4) of some versions (n,) to the versions, before they change."""
    if not len(keys):
        return
    columns = [*keys.T.tolist(), versions.tolist()]
    moment = sqlite.moment(at) if connection.vendor == "sqlite" else at
    with connection.cursor() as cursor:
        cursor.execute(KEEP[connection.vendor], [moment, *_keys(columns)])


def _keys(columns: Sequence[list[int]]) -> list[Any]:
    """Columns of keys as the engine's statement takes them."""
    if connection.vendor == "sqlite":
        return [json.dumps(list(zip(*columns, strict=True)))]
    return list(columns)
