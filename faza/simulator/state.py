"""All of a meter that changes, and what changes it by itself: faults, spells, activation.

Moments are whole true seconds since 1970 UTC.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np

from faza.protocols.metered import I64, Limiter, Relay, TariffCalendar
from faza.simulator import journals, load, network, shapes
from faza.simulator.captures import History
from faza.simulator.clocks import Clock
from faza.simulator.counting import Counter
from faza.simulator.faults import Fault, Kind
from faza.simulator.journals import Journals
from faza.simulator.load import TENTHS
from faza.simulator.spec import MeterSpec
from faza.simulator.tariffs import TARIFFS, Calendars

DAY = 86400
KWH = 1000 * TENTHS
ON = Relay(is_on=True, control="on", mode=2)
UNLIMITED = (
    Limiter("power", 15_000, 60, is_on=False),
    Limiter("current", 80_000, 60, is_on=False),
)
_SPELLS = {True: (7, 8, 13), False: (9, 10, 19)}
"""Codes of journal 0 for over-voltage and dip: any phase begins, ends; phase A begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Stay:
    """A meter that was replaced, as it was then (`now`)."""

    spec: MeterSpec
    number: str
    clock: Clock
    history: History
    counter: Counter
    start: I64
    now: int


@dataclass(slots=True)
class Waiting:
    """The passive calendar, and when it comes into force by the meter's clock."""

    calendar: TariffCalendar
    at: int | None = None


class State:
    """A meter since it was installed; `advance` makes everything happen in its order."""

    def __init__(self, spec: MeterSpec) -> None:
        self.spec = spec
        self.now = int(spec.installed_at.timestamp())
        self.number = spec.number
        self.clock = Clock(self.now, drift=spec.faults.drift)
        self.calendars = Calendars(spec.calendar, offset=spec.offset)
        self.counter = Counter(load.of(spec), self.calendars, since=self.now)
        self.history = History(born=self.now)
        self.journals = Journals()
        self.past: list[Stay] = []
        self.unreachable: list[tuple[int, int]] = []
        self.relay = ON
        self.limiters: tuple[Limiter, ...] = UNLIMITED
        self.passive = Waiting(spec.calendar)
        self.sessions = 0
        self.start = _start(spec)
        self._order = count()
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._spelled = (self.now + spec.offset * 60) // DAY
        self._faults = sorted(spec.faults.scheduled, key=lambda fault: fault.at, reverse=True)

    def advance(self, to: int) -> None:
        """Let all happen that is due until a moment; one in the past changes nothing."""
        if to <= self.now:
            return
        while self._faults and self._faults[-1].at.timestamp() <= to:
            self._plan(self._faults.pop())
        self._plan_spells(to)
        while self._due and self._due[0][0] <= to:
            at, _, happen = heapq.heappop(self._due)
            if at >= self.history.born:
                self._go_on(at)
                happen()
        self._go_on(to)

    def write(self, journal: int, code: int) -> None:
        """Write an event down, by the meter's clock, as of now."""
        self.journals.write(journal, code, self.clock.shown(self.now))

    def tenths(self, moments: I64) -> I64:
        """(n, 4, 8) tenths that registers T1 to T8 stand at."""
        return self.start + self.counter.by_tariff(moments)

    def is_dark(self) -> bool:
        """Whether it has no power now."""
        return any(begin <= self.now < end for begin, end in self.history.dark)

    def _go_on(self, to: int) -> None:
        at = self.passive.at
        if at is not None and self.clock.shown(to) >= at:
            self.now = max(self.now, min(self.clock.reached(at), to))
            self.activate()
        self.now = max(self.now, to)

    def activate(self) -> None:
        """Bring the passive calendar into force."""
        self.passive.at = None
        self.change_calendar(self.passive.calendar)
        self.write(journals.PROGRAMMING, journals.ACTIVATED)

    def change_calendar(self, calendar: TariffCalendar) -> None:
        self.calendars.change(calendar, self.now)
        self.counter.forget(self.now)

    # Faults.
    def _plan(self, fault: Fault) -> None:
        at = int(fault.at.timestamp())
        until = at if fault.until is None else int(fault.until.timestamp())
        if until < at:
            raise ValueError(f"{fault.kind} ends before it begins")
        self._at(at, partial(self._befall, fault, at, until))
        for journal, begins, ends in _JOURNALED.get(fault.kind, ()):
            self._at(at, partial(self.write, journal, begins))
            if ends and until > at:
                self._at(until, partial(self.write, journal, ends))

    def _at(self, at: int, happen: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), happen))

    def _befall(self, fault: Fault, at: int, until: int) -> None:
        history = self.history
        match fault.kind:
            case Kind.POWER:
                history.dark.append((at, until))
                self.counter.cut(at, until)
            case Kind.CATCH_UP:
                history.stopped.append((at, until))
            case Kind.MISSING:
                history.missing.append((at, until))
            case Kind.DUPLICATE:
                history.twice.append(at)
            case Kind.CLOCK_JUMP:
                self.clock.set(self.clock.shown(at) + fault.seconds, at)
                self.clock.is_doubtful = True
            case Kind.RESET:
                history.erased = at
            case Kind.REPLACED:
                self._replace(fault.number, at)
            case Kind.MODEM_OFF | Kind.MODEM_REBOOT:
                self.unreachable.append((at, until))

    def _replace(self, number: str, at: int) -> None:
        """Another meter of the same kind stands there: new clock, registers from zero, no rows."""
        spec = self.spec
        self.past.append(
            Stay(spec, self.number, self.clock, self.history, self.counter, self.start, at)
        )
        self.number = number
        self.clock = Clock(at, drift=spec.faults.drift)
        self.history = History(born=at)
        self.journals = Journals()
        self.relay, self.limiters = ON, UNLIMITED
        self.counter.resume(at)
        self.passive = Waiting(spec.calendar)
        self.change_calendar(spec.calendar)
        self.start = -self.counter.by_tariff(np.array([at]))[0]

    # Voltage out of bounds.
    def _plan_spells(self, to: int) -> None:
        end = (to + self.spec.offset * 60) // DAY + 1
        for spell in network.spells(self.spec, self._spelled, end):
            begins, ends, of_phase = _SPELLS[spell.is_over]
            for code, at in (
                (begins, spell.start),
                (of_phase + 2 * spell.phase, spell.start),
                (ends, spell.end),
                (of_phase + 2 * spell.phase + 1, spell.end),
            ):
                self._at(at, partial(self._notice, code))
        self._spelled = end

    def _notice(self, code: int) -> None:
        if not self.is_dark():
            self.write(journals.VOLTAGE, code)


_JOURNALED: dict[Kind, tuple[tuple[int, int, int], ...]] = {
    Kind.POWER: ((journals.POWER, 1, 2),),
    Kind.CLOCK_JUMP: ((journals.ITSELF, 5, 0),),
    Kind.RESET: ((journals.PROGRAMMING, 46, 0), (journals.PROGRAMMING, 47, 0)),
    Kind.REPLACED: ((journals.ITSELF, 1, 0), (journals.POWER, 2, 0)),
    Kind.MODEM_OFF: ((journals.CONNECTION, 1, 2),),
    Kind.MODEM_REBOOT: ((journals.CONNECTION, 1, 2),),
    Kind.MAGNET: ((journals.OUTER, 1, 2),),
    Kind.COVER: ((journals.OUTER, 3, 0),),
    Kind.CASE: ((journals.OUTER, 4, 0),),
    Kind.FAILURE: ((journals.ITSELF, 2, 3),),
}
"""Journal, code when it begins, code when it ends (reference: domain, 3.2)."""


def _start(spec: MeterSpec) -> I64:
    """(4, 8) tenths at which registers stood when it was installed."""
    if spec.registers is not None:
        return spec.registers[:, 1:].astype(np.int64)
    found = np.zeros((4, TARIFFS), np.int64)
    active = int(shapes.chance(spec.seed, 9) * 20_000_000) * TENTHS
    for channel, share in enumerate((1.0, 0.0, 0.4, 0.02)):
        found[channel, :2] = int(active * share * 0.7), int(active * share * 0.3)
    return found // (100 * TENTHS) * (100 * TENTHS)
