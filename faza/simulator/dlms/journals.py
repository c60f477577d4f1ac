"""Journals of events, class 7, and the codes that they capture.

Source: СТО 34.01-5.1-006, appendix Д: journal 0.0.99.98.N, code 0.0.96.11.N (class 1, two
bytes), time of operation 0.0.96.8.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.references import CaptureObject, obis
from faza.simulator.dlms import values as v
from faza.simulator.dlms.cosem import Inside, Thing, constant
from faza.simulator.dlms.profiles import Buffer, Fetch, Wanted, profile, stamp_cells
from faza.simulator.dlms.tables import Cells, integers

OPERATING = obis("0.0.96.8.0.255")
MOST_EVENTS = 1000


def journals(numbers: tuple[int, ...]) -> list[Thing]:
    """Each journal with the object of its code, and the time of operation."""
    found = [
        Thing(
            v.REGISTER,
            OPERATING,
            {2: _operating, 3: constant(v.scaler_unit(0, v.SECOND))},
        )
    ]
    for number in numbers:
        code = bytes((0, 0, 96, 11, number, 255))
        columns = (v.STAMP, CaptureObject(v.DATA, code, 2), CaptureObject(v.REGISTER, OPERATING, 2))
        name = bytes((0, 0, 99, 98, number, 255))
        buffer = Buffer(
            name, columns, _fetch(number), 0, _entries(number), lambda inside, at: MOST_EVENTS
        )
        found += [profile(buffer), Thing(v.DATA, code, {2: _last(number)})]
    return found


def _operating(inside: Inside, at: datetime) -> Data:
    return v.u32(max(0, int((at - inside.meter.spec.installed_at).total_seconds())))


def _entries(number: int) -> Callable[[Inside, datetime], int]:
    return lambda inside, at: len(inside.meter.journal(number, at))


def _last(number: int) -> Callable[[Inside, datetime], Data]:
    """The code of the last event, 0 if none was."""

    def read(inside: Inside, at: datetime) -> Data:
        codes = inside.meter.journal(number, at).codes
        return v.u16(int(codes[-1]) if len(codes) else 0)

    return read


def _fetch(number: int) -> Fetch:
    def fetch(inside: Inside, at: datetime, wanted: Wanted) -> tuple[Sequence[Cells], int]:
        first, last, places = wanted
        rows = inside.meter.journal(number, at, first, last, rows=places)
        begun = np.datetime64(
            inside.meter.spec.installed_at.astimezone(UTC).replace(tzinfo=None), "s"
        )
        worked = (rows.moments.astype("M8[s]") - begun).astype(np.int64).clip(0)
        return [
            stamp_cells(inside, rows.moments),
            integers(Tag.LONG_UNSIGNED, rows.codes.astype(np.int64)),
            integers(Tag.DOUBLE_LONG_UNSIGNED, worked),
        ], len(rows)

    return fetch
