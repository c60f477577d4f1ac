"""The content of a message 80020 or 80040 as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from faza.core.quality import U8
from faza.core.reading_types import ENERGIES, ReadingType
from faza.core.units import I64

I32 = npt.NDArray[np.int32]

CLASSES = ("80020", "80040")
CHANNELS: dict[str, ReadingType] = {f"{n:02d}": kind for n, kind in enumerate(ENERGIES, start=1)}
"""Channel codes. Source: reference/domain.md, 3.1."""
CODES: dict[str, str] = {kind.channel: code for code, kind in CHANNELS.items()}
"""The channel code of a reading type, by its channel ("A+": "01")."""


class Kind(StrEnum):
    """Children of an area that carry values."""

    MEASURING_POINT = "measuringpoint"
    ACCOUNT_POINT = "accountpoint"
    DELIVERY_POINT = "deliverypoint"
    DELIVERY_GROUP = "deliverygroup"
    FLOW = "peretok"


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a message: an object or AIIS. `timezone` is the raw attribute, "" if absent."""

    inn: str
    name: str = ""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A series of a message: whose, and of what.

    `area` is the place in Message.areas. `code` is the point's code; a flow has
    "codefrom→codeto". `channel` is the raw channel code, "" where periods stand directly in a
    group or flow. `reading_type` is None for codes other than 01–04 and for groups and flows.
    `line` is where the series begins in the file, 0 if it was not read from one.
    """

    kind: Kind
    area: int
    code: str
    channel: str
    name: str = ""
    desc: str = ""
    line: int = field(default=0, compare=False)

    @property
    def reading_type(self) -> ReadingType | None:
        return CHANNELS.get(self.channel)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The series of a message that share an interval and a zone: one from_series call.

    They cover the civil day of the message in `zone`: `start` is its first moment (aware, UTC),
    k the true number of intervals (46 or 50 half-hours where clocks change).
    values: (n, k) int64, Wh or varh, 0 where missing. quality: (n, k) uint8, never UNTOLD.
    rounded: (n,) int32, how many values of a row were finer than the quantum; their remainder
    is carried to the next interval, from 0 each day and channel, so a row's sum is its exact sum
    rounded once (rules, "Readings").
    """

    zone: str
    interval: int
    start: datetime
    channels: tuple[Channel, ...]
    values: I64
    quality: U8
    rounded: I32


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A row of a grid."""

    channel: Channel
    zone: str
    interval: int
    start: datetime
    values: I64
    quality: U8
    rounded: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message: one day of one sender.

    `number` grows with each message of a sender; a greater one of the same (sender, area, day)
    replaces the smaller. `created` is the timestamp read as Moscow time (aware, UTC).
    `daylight` is the raw code: 0 winter, 1 summer, 2 the day of the switch.
    """

    class_: str
    number: int
    day: date
    sender_inn: str
    sender_name: str = ""
    version: str = "2"
    created: datetime | None = None
    daylight: int | None = None
    areas: tuple[Area, ...] = ()
    grids: tuple[Grid, ...] = ()
    comment: str = ""

    def series(self) -> Iterator[Series]:
        """Every series, one by one; for small messages and tests."""
        for grid in self.grids:
            for n, channel in enumerate(grid.channels):
                yield Series(
                    channel, grid.zone, grid.interval, grid.start,
                    grid.values[n], grid.quality[n], int(grid.rounded[n]),
                )  # fmt: skip
