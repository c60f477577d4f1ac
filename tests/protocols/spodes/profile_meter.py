"""A meter with a load profile of one energy, and what is read from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from faza.protocols import spodes
from faza.protocols.dlms import (
    Data,
    axdr,
)
from faza.protocols.metered import ProfileRows
from tests.protocols.spodes.meter import (
    CLOCK,
    WH,
    Bench,
    SpodesMeter,
    at,
    register,
    stamp,
    u32,
)
from tests.protocols.spodes.whole import LOAD_1

NULL = axdr.null()

IMPORT = "1.0.1.29.0.255"


def meter_of(rows: Sequence[Data], *, scaler: int = 0, code: int = WH) -> SpodesMeter:
    """A meter with a load profile of one energy."""
    meter = SpodesMeter()
    meter.put_register(IMPORT, 0, scaler, code)
    meter.put_profile(LOAD_1, [CLOCK, register(IMPORT)], rows, 1800)
    return meter


def row(hours: float, value: Data | int, **more: object) -> Data:
    found = u32(value) if isinstance(value, int) else value
    return axdr.structure(stamp(at(hours), **more), found)  # type: ignore[arg-type]


def read(on: Bench, first: float = 0, last: float = 24, which: int = 1) -> ProfileRows:
    return on.run(spodes.profile(on.known, which, at(first), at(last)))


def moments(*hours: float) -> list[datetime]:
    return [at(hour).replace(tzinfo=None) for hour in hours]
