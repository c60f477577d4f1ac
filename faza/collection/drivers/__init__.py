"""Languages of meters behind one face: a driver opens a session, a session tells values.

A driver is a coroutine `open_session(link, opening)`, registered by name in REGISTRY. What it
returns is a Session; what it lacks raises `troubles.Unable`, what ends the session a
`troubles.Trouble`. Drivers do the input and output and nothing else: what is asked and what the
bytes mean is in `faza.protocols`; when something is asked, and what becomes of it, is the
collector's.

A new driver: a module here, a line in REGISTRY, and its row in tests of drivers.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias, cast

from faza.collection.drivers.link import Link
from faza.collection.polling.work import Access, Counter
from faza.core.clock import Now
from faza.protocols.metered import (
    Configuration,
    EventRows,
    Identity,
    Instant,
    Json,
    Limiter,
    ProfileRows,
    QualityCounters,
    RegisterRows,
    Relay,
    TariffCalendar,
)

REGISTRY = {
    "dlms-wrapper": "faza.collection.drivers.dlms:open_wrapper",
    "dlms-hdlc": "faza.collection.drivers.dlms:open_hdlc",
    "mercury230": "faza.collection.drivers.mercury230:open_session",
}
"""Name of a driver → module and function, which is imported when it is first asked for."""

Captured: TypeAlias = Literal["day", "month"]
Switching: TypeAlias = Literal["off", "on", "permit"]
Reserve: TypeAlias = Callable[[int, int], Awaitable[Counter]]
"""(how many more invocation counters, not below which) → those that are ours, put down as used."""


@dataclass(frozen=True, slots=True)
class Opening:
    """All that a driver has to know of a meter, but not where: the link is open already.

    address: in the driver's own words, see the driver. offset: minutes from UTC of the meter's
    zone now. counter: None where nothing is ciphered. reserve: asks for more of them; absent at a
    desk without a database. layouts, habits: what was learned before, opaque. settings: of the
    line.
    """

    access: Access
    now: Now
    address: Mapping[str, Json] = field(default_factory=dict)
    offset: int = 180
    counter: Counter | None = None
    reserve: Reserve | None = None
    layouts: Mapping[str, Json] = field(default_factory=dict)
    habits: Mapping[str, Json] = field(default_factory=dict)
    intervals: Mapping[int, int] = field(default_factory=dict)
    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learned:
    """What is to be kept for the next session. None: nothing new. counter: see SessionResult."""

    layouts: Mapping[str, Json] | None = None
    habits: Mapping[str, Json] | None = None
    counter: Counter | None = None


class Session(Protocol):
    """An open session with one meter. Moments are aware, UTC.

    `captured`: "day" or "month", both ends included. `switch`: "off", "on", or "permit": the
    consumer may switch on by hand. Commands read back and return what the meter now says; they
    raise NotDone if that is something else. All raise Unable, NotDone or Trouble.
    """

    async def number(self) -> str:
        """Its serial number, as cheaply as possible; "" if it does not tell."""
        ...

    async def identity(self) -> Identity: ...
    async def clock(self) -> datetime:
        """What its clock shows, as of the moment half-way between question and answer."""
        ...

    async def registers(self) -> RegisterRows: ...
    async def profile(self, which: int, first: datetime, last: datetime) -> ProfileRows:
        """Rows of the intervals that begin at or after `first` and end at or before `last`."""
        ...

    async def captured(self, kind: Captured, first: datetime, last: datetime) -> RegisterRows: ...
    async def instant(self) -> Instant: ...
    async def events(self, first: datetime, last: datetime) -> EventRows:
        """Entries of all journals, both ends included."""
        ...

    async def quality(self) -> QualityCounters: ...
    async def configuration(self) -> Configuration: ...
    async def relay(self) -> Relay: ...
    async def switch(self, to: Switching) -> Relay: ...
    async def limiters(self) -> tuple[Limiter, ...]: ...
    async def set_limiter(self, limiter: Limiter) -> Limiter: ...
    async def calendar(self) -> TariffCalendar: ...
    async def write_calendar(
        self, calendar: TariffCalendar, activate_at: datetime | None
    ) -> TariffCalendar:
        """Write it; active from `activate_at` on, None: at once."""
        ...

    async def activate_calendar(self) -> TariffCalendar: ...
    async def set_clock(self, at: datetime) -> None:
        """Set the clock to the true time `at`; the caller reads it afterwards."""
        ...

    async def shift_clock(self, seconds: int) -> None: ...
    async def close(self) -> None:
        """Take leave of the meter; never fails, and leaves the link open."""
        ...

    def learned(self) -> Learned: ...


Open: TypeAlias = Callable[[Link, Opening], Awaitable[Session]]


class NoSuchDriver(Exception):
    """A name that is not in the registry, or whose driver is not in this installation."""


def driver(name: str) -> Open:
    """The driver of a name. Raises NoSuchDriver."""
    place = REGISTRY.get(name)
    if place is None:
        raise NoSuchDriver(f"No driver {name!r}; there are {', '.join(REGISTRY)}.")
    module, _, function = place.partition(":")
    try:
        return cast(Open, getattr(importlib.import_module(module), function))
    except ImportError as problem:
        raise NoSuchDriver(f"The driver {name} is not in this installation.") from problem
