"""Values that a meter told of one moment (the stop-frame), kept whole, in and out of the engines.

Other than an average over an interval they belong together: voltages, currents, powers and the
angles between them are of the same second. A row per point, moment and meter; nothing is ever
changed in it, doing it twice does it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction

from faza.core.windows import Windows
from faza.readings.models import Source
from faza.readings.store.reading import rows

EPOCH = {"postgresql": "extract(epoch FROM {})::bigint", "sqlite": "unixepoch({})"}
AT = {"postgresql": "to_timestamp({})", "sqlite": "datetime({}, 'unixepoch')"}
WRITE = {
    "postgresql": """
        INSERT INTO readings_moment (usage_point_id, at, meter_id, recorded_at, source, kinds,
            "values")
        SELECT point, to_timestamp(moment), meter, %s, %s, kinds, "values"
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[], %s::bytea[])
            AS k(point, moment, meter, kinds, "values")
        ORDER BY point, moment, meter
        ON CONFLICT (usage_point_id, at, meter_id) DO NOTHING
        RETURNING 1""",
    "sqlite": """
        INSERT INTO readings_moment (usage_point_id, at, meter_id, recorded_at, source, kinds,
            "values")
        VALUES (%s, datetime(%s, 'unixepoch'), %s, %s, %s, %s, %s)
        ON CONFLICT (usage_point_id, at, meter_id) DO NOTHING""",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Values of a moment at a usage point: by code of the reading type, in its quanta.

    On the primary side of the transformers. meter: its id. at: whole seconds.
    """

    usage_point: int
    meter: int
    at: datetime
    values: Mapping[int, int]


def record(moments: Sequence[Moment], *, source: Source, at: datetime) -> int:
    """Store moments; how many were new. One statement, in the order of the key.

    What a meter told of the same second before stays as it is. at: when they were received.
    """
    told = sorted(moments, key=lambda one: (one.usage_point, one.at, one.meter))
    if not told:
        return 0
    keys = [(one.usage_point, int(one.at.timestamp()), one.meter) for one in told]
    packed = [_packed(one.values) for one in told]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*keys, strict=True)]
            blobs = [list(column) for column in zip(*packed, strict=True)]
            cursor.execute(WRITE["postgresql"], [at, source.pk, *columns, *blobs])
            return len(cursor.fetchall())  # on a cluster `rowcount` counts those kept out as well
        kept = at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        cursor.executemany(
            WRITE["sqlite"],
            [(*key, kept, source.pk, *blobs) for key, blobs in zip(keys, packed, strict=True)],
        )
        return max(cursor.rowcount, 0)


def around(windows: Windows, at: datetime, *, count: int = 2) -> list[Moment]:
    """The last moments of windows at or before `at` and the first ones after it, ascending.

    So many on either side, over all points of the windows together: of one point, as a rule. One
    query; none without windows.
    """
    if not windows:
        return []
    epoch, moment = EPOCH[connection.vendor].format("at"), AT[connection.vendor]
    # A moment lies in a window from its start on to its end, which is left out.
    inside = " OR ".join(
        f"(usage_point_id = %s AND at >= {moment.format('%s')} AND at < {moment.format('%s')})"
        for _ in windows
    )
    params: list[Any] = []
    for window in windows:
        params += [window.usage_point, *_seconds(window.period.start, window.period.end)]
    (middle,) = _seconds(at)
    columns = f'usage_point_id, meter_id, {epoch} AS told, kinds, "values"'
    halves = [
        f"SELECT * FROM (SELECT {columns} FROM readings_moment WHERE ({inside})"  # noqa: S608
        f" AND at {side} {moment.format('%s')} ORDER BY at {order} LIMIT {int(count)}) one"
        for side, order in (("<=", "DESC"), (">", "ASC"))
    ]
    found = rows(" UNION ALL ".join(halves), [*params, middle, *params, middle])
    made = [
        Moment(point, meter, datetime.fromtimestamp(told, UTC), _unpacked(kinds, values))
        for point, meter, told, kinds, values in found
    ]
    return sorted(made, key=lambda one: (one.at, one.usage_point, one.meter))


def _seconds(*moments: datetime) -> list[int]:
    """Unix seconds that every engine's calendar holds: windows without an end reach far."""
    least, most = -62_135_596_800, 253_402_214_400
    return [min(max(int(one.timestamp()), least), most) for one in moments]


def _packed(values: Mapping[int, int]) -> tuple[bytes, bytes]:
    """Codes as little-endian u16, values as i64, in the order of the codes."""
    codes = sorted(values)
    told = np.array([values[code] for code in codes], "<i8")
    return np.array(codes, "<u2").tobytes(), told.tobytes()


def _unpacked(kinds: Any, values: Any) -> dict[int, int]:
    codes = np.frombuffer(bytes(kinds), "<u2").tolist()
    return dict(zip(codes, np.frombuffer(bytes(values), "<i8").tolist(), strict=True))


__all__ = ["Moment", "around", "record"]
