"""What a meter tells, in whatever language it was asked: plain values for those who record them.

All numbers are the meter's own, before the ratios of transformers. A column's `scale` is the
exact number of quanta of its reading type in one unit of the meter (a register of 0.01 kWh: 10),
so that nothing is rounded before the ratio is applied. Moments are UTC, datetime64[s].
Missing is `present` False, never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from faza.core.reading_types import ReadingType

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Stamps = npt.NDArray[np.datetime64]
Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a meter says of itself; empty where it does not say it.

    `ct`, `vt`: the ratios that are set in it. `protocol`: the version of its profile (СПОДЭС).
    """

    number: str = ""
    model: str = ""
    manufacturer: str = ""
    firmware: str = ""
    made_on: date | None = None
    protocol: str = ""
    scheme: str = ""
    ct: Fraction | None = None
    vt: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A channel of a profile: `scale` quanta of `kind` for one unit of the meter."""

    kind: ReadingType
    scale: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class ProfileRows:
    """Rows of a load profile as they lie in the meter, oldest first or not, twice or not.

    ends: (n,) when each interval ended, by the meter's clock. interval: minutes.
    values: (n, c) of `columns`; present: (n, c). doubtful: (n,) the meter's own status says that
    the interval is not to be trusted (clock set, power lost in it, day not whole).
    """

    columns: tuple[Column, ...]
    interval: int
    ends: Stamps
    values: I64
    present: Mask
    doubtful: Mask

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True, slots=True, eq=False)
class RegisterRows:
    """Registers at moments: values (n, 4, 9) Wh and varh, A+ A- R+ R- by T0 to T8; present alike.

    `kind` is "on_demand", "day" or "month" (start of it, by the meter's calendar).
    `step`: Wh in the last digit shown; what is finer than a Wh is cut.
    """

    kind: str
    moments: Stamps
    values: I64
    present: Mask
    step: int = 1

    def __len__(self) -> int:
        return len(self.moments)


@dataclass(frozen=True, slots=True, eq=False)
class EventRows:
    """Entries of journals: (n,) each. Journal and code are those of СПОДЭС (0.0.96.11.N).

    `details` are what else the entry has, a mapping each, JSON.
    """

    moments: Stamps
    journals: npt.NDArray[np.int16]
    codes: npt.NDArray[np.int16]
    details: tuple[Mapping[str, Json], ...] = ()

    def __len__(self) -> int:
        return len(self.moments)


@dataclass(frozen=True, slots=True)
class Instant:
    """Values of a moment: by code of the reading type, in its quanta (rounded to them)."""

    at: datetime
    values: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Relay:
    """The load switch. `is_on`: current flows. `control`: "on", "off", "ready" (the consumer may
    switch on by hand). `mode`: the control mode, a number of the standard."""

    is_on: bool
    control: str
    mode: int = 0


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """A kind of day: from when in the day, minutes after midnight, which tariff (1 to 8)."""

    number: int
    switches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Season:
    """`start`: month and day. `week`: seven numbers of kinds of day, Monday first."""

    name: str
    start: tuple[int, int]
    week: tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class TariffCalendar:
    """A meter's tariff schedule. special: (month, day, year or None, number of a kind of day)."""

    name: str
    seasons: tuple[Season, ...]
    days: tuple[DaySchedule, ...]
    special: tuple[tuple[int, int, int | None, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Limiter:
    """A limit of power (W) or current (mA), how long it may be exceeded (s), and what is done."""

    what: str
    threshold: int
    seconds: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings by name, JSON; what changes in it is kept as history."""

    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QualityCounters:
    """The meter's own counters of supply quality, by OBIS code, in the unit of that object."""

    at: datetime
    counters: Mapping[str, int]
