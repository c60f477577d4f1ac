"""Profiles as an Apache Arrow stream: months of intervals one after another, in bounded memory.

A row is an interval of a channel. Numbers are those of the JSON answer: in `unit`, null where
there is none. nanoarrow (1.2 MB) writes what pyarrow (55 MB) would.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import nanoarrow as na
import numpy as np
from django.http import HttpRequest, StreamingHttpResponse
from nanoarrow import ipc

from faza.core.reading_types import BY_CODE, ReadingType
from faza.readings.queries import Profile

MEDIA = "application/vnd.apache.arrow.stream"
CONTENT = {MEDIA: {"schema": {"type": "string", "format": "binary"}}}
LONGEST = 3_660
"""Days of an answer."""
PART = 31
"""Days that are in memory at a time."""
Fetch = Callable[[date, date], Sequence[Profile]]
"""The profiles of days [first, end)."""


def is_wanted(request: HttpRequest) -> bool:
    """Whether the program asks for Arrow by name; who takes anything gets JSON."""
    told = request.headers.get("Accept", "")
    return any(part.partition(";")[0].strip().lower() == MEDIA for part in told.split(","))


def response(
    fetch: Fetch, first: date, end: date, *, zone: str, kinds: Sequence[ReadingType]
) -> StreamingHttpResponse:  # fmt: skip
    """The stream of days [first, end). It has no ETag: it is not known before it has been sent."""
    return StreamingHttpResponse(_stream(fetch, first, end, zone, kinds), content_type=MEDIA)


def _stream(
    fetch: Fetch, first: date, end: date, zone: str, kinds: Sequence[ReadingType]
) -> Iterator[bytes]:  # fmt: skip
    schema = _schema(zone, kinds)
    out = io.BytesIO()
    writer = ipc.StreamWriter.from_writable(out)
    writer.write_stream(na.c_array_stream([], schema=schema))
    yield _taken(out)
    while first < end:
        stop = min(end, first + timedelta(days=PART))
        for one in fetch(first, stop):
            if len(one.starts):
                writer.write_array(_batch(one, schema))
                yield _taken(out)
        first = stop
    writer.close()
    yield _taken(out)


def _taken(out: io.BytesIO) -> bytes:
    """What was written since the last time."""
    told = out.getvalue()
    out.seek(0)
    out.truncate()
    return told


def _schema(zone: str, kinds: Sequence[ReadingType]) -> na.Schema:
    units = {kind.channel: kind.unit for kind in kinds}
    made = na.struct(
        {
            "channel": na.string(nullable=False),
            "start": na.timestamp("s", timezone=zone, nullable=False),
            "minutes": na.int16(nullable=False),
            "value": na.float64(),
            "quality": na.uint8(),
        }
    )
    told: na.Schema = na.Schema(
        na.c_schema(made).modify(metadata={"units": json.dumps(units), "zone": zone})
    )
    return told


def _batch(one: Profile, schema: na.Schema) -> na.c_array.CArray:
    """A record batch of a profile; nothing is copied value by value."""
    kind, n = BY_CODE[one.reading_type], len(one.starts)
    name = kind.channel.encode()
    present = one.present
    bits = np.packbits(present, bitorder="little")
    missing = n - int(np.count_nonzero(present))
    values = one.values / kind.quantum.denominator * kind.quantum.numerator
    buffers = (
        (0, None, np.arange(n + 1, dtype=np.int32) * len(name), name * n),
        (0, None, np.ascontiguousarray(one.starts, np.int64)),
        (0, None, np.ascontiguousarray(one.minutes, np.int16)),
        (missing, bits, np.ascontiguousarray(np.where(present, values, 0.0))),
        (missing, bits, np.ascontiguousarray(np.where(present, one.quality, 0), np.uint8)),
    )
    plain = na.c_schema(schema)
    columns = [
        na.c_array_from_buffers(plain.child(place), n, told, null_count=nulls)
        for place, (nulls, *told) in enumerate(buffers)
    ]
    return na.c_array_from_buffers(plain, n, [None], null_count=0, children=columns)
