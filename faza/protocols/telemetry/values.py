"""What a telemetry message carries: series, register readings, events, and of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from faza.core.reading_types import ReadingType
from faza.protocols.metered import Json
from faza.protocols.tabular.values import ReadingKind

Amounts = Sequence[float | int | None]
"""Numbers as JSON has them, None where there is no value; each fits a float exactly enough."""


class Device(StrEnum):
    """What reports an event. A concentrator is an УСПД."""

    METER = "meter"
    CONCENTRATOR = "concentrator"
    MODEM = "modem"
    SYSTEM = "system"


class Who(NamedTuple):
    """A usage point by its code, or a meter by its number; with both the meter at that point."""

    point: str = ""
    meter: str = ""

    def __str__(self) -> str:
        return self.point or self.meter

    def __bool__(self) -> bool:
        return bool(self.point or self.meter)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Values of one channel, interval after interval.

    `start`: unix seconds, when the first interval begins. `interval`: minutes. `scale`: quanta of
    `kind` in one of the message's unit over an interval. `is_shown`: as the meter shows them,
    before the ratios of its transformers. `quality`: a code of `core.Quality` for all, or for each.
    `place` is where in the message they stand.
    """

    who: Who
    kind: ReadingType
    start: int
    interval: int
    scale: Fraction
    is_shown: bool
    values: Amounts
    quality: int | tuple[int, ...]
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a meter's registers showed at a moment (unix seconds), before ratios.

    `shown`: Wh or varh by (row, column) of (4, 9): A+ A- R+ R- by T0 to T8.
    """

    who: Who
    at: int
    kind: ReadingKind
    shown: Mapping[tuple[int, int], int]
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """An entry of a journal: of the meter at `who`, or of another device by its `number`.

    Journal and code are those of СПОДЭС (0.0.96.11.N). `at`: unix seconds.
    """

    device: Device
    who: Who
    number: str
    at: int
    journal: int
    code: int
    details: Mapping[str, Json]
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One telemetry message. `sent_at`: unix seconds, None where it does not say."""

    intervals: tuple[Series, ...] = ()
    registers: tuple[Reading, ...] = ()
    events: tuple[Event, ...] = ()
    sent_at: int | None = None
    n_values: int = 0
