"""One simulated meter: what it counts, keeps and shows, and what may be done to it. No protocol.

    meter = Meter(MeterSpec(number="00012345"))
    meter.registers(at)                    # (4, 9) Wh as shown
    meter.profile(1, at, first, last)      # rows that it holds now
    meter.set_clock(shown, at)

`at` is always the true moment (UTC), which no caller of a real meter knows; it may not go back
(an older one is taken for the latest). Moments in what is returned are the meter's own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np

from faza.protocols.metered import (
    I64,
    EventRows,
    Identity,
    Instant,
    Json,
    Limiter,
    Mask,
    ProfileRows,
    QualityCounters,
    RegisterRows,
    Relay,
    TariffCalendar,
)
from faza.simulator import journals, network, shapes, tariffs
from faza.simulator import rows as rows_of
from faza.simulator.faults import Line, Session
from faza.simulator.load import HALF_HOUR
from faza.simulator.spec import MeterSpec
from faza.simulator.state import State

MAKER, FIRMWARE, PROTOCOL = "Faza", "1.0", "3"
MOST_SHIFT = 900
"""Seconds; the class allows no more (Blue Book 12, 4.5.1)."""
_SWITCHED: dict[str, tuple[int, Relay]] = {
    "off": (3, Relay(is_on=False, control="off", mode=2)),
    "on": (4, Relay(is_on=True, control="on", mode=2)),
    "permit": (5, Relay(is_on=False, control="ready", mode=2)),
}
"""Codes of journal 2 (reference: domain, 3.2), and the state after it."""


class NotPossible(Exception):
    """The meter has no such part, or refuses what was asked (a relay it lacks, a wrong value)."""


class Meter:
    """See the module. `spec` never changes."""

    def __init__(self, spec: MeterSpec) -> None:
        self.spec = spec
        self.state = State(spec)
        """Its insides, for the truth alone."""

    def advance(self, to: datetime) -> None:
        """Bring it to the true moment: whatever its faults have in store until then happens.

        Every method with `at` does this by itself.
        """
        self.state.advance(int(to.timestamp()))

    # What it is.
    def identity(self, at: datetime) -> Identity:
        """Number, model, maker, firmware and passport; another number after a replacement."""
        state = self._at(at)
        spec = self.spec
        return Identity(
            number=state.number,
            model=spec.model,
            manufacturer=MAKER,
            firmware=FIRMWARE,
            made_on=spec.installed_at.date() - timedelta(days=90),
            protocol=PROTOCOL,
            scheme="3" if spec.phases == 3 else "1",
            ct=spec.ct,
            vt=spec.vt,
        )

    def configuration(self, at: datetime) -> dict[str, Json]:
        """Settings by name: "capture_period_1", "capture_period_2" (s), "nominal_voltage",
        "agreed_voltage" (V), "ct", "vt" ("numerator/denominator"), "relay_mode", "firmware"."""
        state = self._at(at)
        spec = self.spec
        return {
            "capture_period_1": spec.interval * 60,
            "capture_period_2": spec.second_interval * 60,
            "nominal_voltage": spec.nominal,
            "agreed_voltage": spec.nominal,
            "ct": f"{spec.ct.numerator}/{spec.ct.denominator}",
            "vt": f"{spec.vt.numerator}/{spec.vt.denominator}",
            "relay_mode": state.relay.mode if spec.has_relay else None,
            "firmware": FIRMWARE,
        }

    # The line.
    def is_reachable(self, at: datetime) -> bool:
        """Whether a connection comes about: False without power or modem."""
        state = self._at(at)
        away = any(begin <= state.now < end for begin, end in state.unreachable)
        return not away and not state.is_dark()

    def line(self) -> Line:
        """How bad the way to it is."""
        return self.spec.faults.line

    def new_session(self, at: datetime) -> Session:
        """What goes wrong in the next session, by seed; call it once for each connection."""
        state = self._at(at)
        state.sessions += 1
        line, seed = self.line(), self.spec.seed
        rolled = [shapes.chance(seed + salt, state.sessions) for salt in (71, 72, 73, 74)]
        return Session(
            drop_after=int(rolled[3] * 600) + 1 if rolled[0] < line.drop else None,
            garbage=_garbage(rolled[3]) if rolled[1] < line.garbage else b"",
            piece=int(rolled[3] * 12) + 1 if rolled[2] < line.slow else None,
        )

    # Its clock.
    def shown(self, at: datetime) -> datetime:
        """What its clock shows, as UTC (its civil time is `spec.offset` minutes ahead)."""
        state = self._at(at)
        return datetime.fromtimestamp(state.clock.shown(state.now), UTC)

    def clock_is_doubtful(self, at: datetime) -> bool:
        """The clock's own status: it stopped or jumped and was not set since."""
        return self._at(at).clock.is_doubtful

    def set_clock(self, shown: datetime, at: datetime) -> None:
        """Set the clock: it shows `shown` at `at`. Raises NotPossible beyond 2000 to 2099."""
        if shown.tzinfo is None or not 2000 <= shown.year <= 2099:
            raise NotPossible(f"the clock does not take {shown}")
        self._set(int(shown.timestamp()), at, journals.TIME_SET)

    def shift_clock(self, seconds: int, at: datetime) -> None:
        """Shift it by up to 900 s either way (class 8, method 6). Raises NotPossible beyond."""
        if abs(seconds) > MOST_SHIFT:
            raise NotPossible(f"the clock is not shifted by {seconds} s")
        state = self._at(at)
        self._set(state.clock.shown(state.now) + seconds, at, journals.TIME_CORRECTED)

    # What it counted.
    def registers(self, at: datetime) -> I64:
        """(4, 9) Wh and varh, A+ A- R+ R- by T0 to T8, cut to `spec.register_step`."""
        state = self._at(at)
        shown: I64 = rows_of.shown(state, np.array([state.now]))[0]
        return shown

    def shows(self, at: datetime) -> Mask:
        """(9,) of which tariffs it tells registers: T0, and those that a calendar has named."""
        state = self._at(at)
        return rows_of.counted_tariffs(state) | self.spec.shows_unused

    def capacity(self, which: Literal[1, 2]) -> int:
        """The most rows a load profile holds."""
        return rows_of.capacity(self.state, which)

    def entries(self, which: Literal[1, 2], at: datetime) -> int:
        """Rows that a load profile holds now."""
        return len(rows_of.held(self._at(at), which))

    def profile(
        self,
        which: Literal[1, 2],
        at: datetime,
        first: datetime | None = None,
        last: datetime | None = None,
        *,
        rows: slice | None = None,
    ) -> ProfileRows:
        """Rows of a load profile in the order in which they were captured, oldest first.

        first, last: only those whose stamp (the interval's end by the meter's clock, UTC) is in
        [first, last], both inclusive. rows: only those at these places (0 is the oldest held).
        Columns of profile 1: A+ A- R+ R- in units of `spec.profile_step` tenths of Wh (or in
        average W of that step, if `spec.profile_power`: see `Column.scale`).
        Columns of profile 2: by phase U, I, P, Q, PF and then frequency.
        """
        state = self._at(at)
        held = rows_of.held(state, which)
        taken = rows_of.chosen(held if rows is None else held[rows], first, last)
        return (rows_of.energies if which == 1 else rows_of.parameters)(state, taken)

    def captured(
        self,
        kind: Literal["day", "month"],
        at: datetime,
        first: datetime | None = None,
        last: datetime | None = None,
    ) -> RegisterRows:
        """Registers kept at starts of its civil days or months, oldest first, in [first, last]."""
        state = self._at(at)
        taken = rows_of.chosen(rows_of.kept_registers(state, kind), first, last)
        return rows_of.registers(state, taken, kind)

    def instant(self, at: datetime) -> Instant:
        """Values by code of the reading type: U I P Q S PF by phase, P Q S PF, F, angles."""
        state = self._at(at)
        slot = state.now // HALF_HOUR
        energy = state.counter.load.flows(slot, slot + 1).T
        if not state.relay.is_on:
            energy = np.zeros_like(energy)
        found = network.values(self.spec, np.array([state.now]), np.array([HALF_HOUR]), energy)
        shown = datetime.fromtimestamp(state.clock.shown(state.now), UTC)
        return Instant(shown, {code: int(value[0]) for code, value in found.items()})

    def quality(self, at: datetime) -> QualityCounters:
        """Counters of supply quality since the start of the month, by OBIS code."""
        state = self._at(at)
        now = state.clock.shown(state.now)
        local = datetime.fromtimestamp(now + self.spec.offset * 60, UTC)
        month = local.replace(day=1, hour=0, minute=0, second=0)
        since = int(month.timestamp()) - self.spec.offset * 60
        shown = datetime.fromtimestamp(now, UTC)
        return QualityCounters(shown, network.counters(self.spec, since, now))

    # Events.
    def journals(self, at: datetime) -> tuple[int, ...]:
        """Numbers of the journals that it keeps."""
        self.advance(at)
        return journals.NUMBERS

    def journal(
        self,
        number: int,
        at: datetime,
        first: datetime | None = None,
        last: datetime | None = None,
        *,
        rows: slice | None = None,
    ) -> EventRows:
        """Entries of a journal, oldest first; selected as those of `profile`."""
        return self._at(at).journals.select(number, first, last, rows)

    def note(self, journal: int, code: int, at: datetime) -> None:
        """Write an event down: by a server, of what it sees itself (6, 1: a wrong password)."""
        self._at(at).write(journal, code)

    # Commands.
    def relay(self, at: datetime) -> Relay | None:
        """The load switch; None if it has none."""
        state = self._at(at)
        return state.relay if self.spec.has_relay else None

    def switch(self, to: Literal["off", "on", "permit"], at: datetime) -> None:
        """Off, on, or permission to switch on by hand. Raises NotPossible without a relay."""
        state = self._at(at)
        if not self.spec.has_relay:
            raise NotPossible("the meter has no relay")
        code, wanted = _SWITCHED[to]
        if to == "permit" and state.relay.is_on:
            return
        if state.relay.is_on and not wanted.is_on:
            state.counter.cut(state.now)
        elif wanted.is_on and not state.relay.is_on:
            state.counter.resume(state.now)
        state.relay = wanted
        state.write(journals.POWER, code)

    def press(self, at: datetime) -> None:
        """The consumer presses the button: on, if that was permitted; else nothing happens."""
        state = self._at(at)
        if self.spec.has_relay and state.relay.control == "ready":
            state.counter.resume(state.now)
            state.relay = _SWITCHED["on"][1]
            state.write(journals.POWER, journals.ON_BY_HAND)

    def limiters(self, at: datetime) -> tuple[Limiter, ...]:
        """Limits: "power" (W) and "current" (mA), in the order of 0.0.17.0.0 and .1."""
        return self._at(at).limiters

    def set_limiter(self, limiter: Limiter, at: datetime) -> None:
        """Set the limit of that name. Raises NotPossible for a name or value that it refuses."""
        state = self._at(at)
        if limiter.threshold < 0 or limiter.seconds < 0:
            raise NotPossible(f"a limit of {limiter.threshold} for {limiter.seconds} s")
        if limiter.what not in [known.what for known in state.limiters]:
            raise NotPossible(f"no limit of {limiter.what!r}")
        state.limiters = tuple(
            limiter if known.what == limiter.what else known for known in state.limiters
        )
        state.write(journals.PROGRAMMING, journals.LIMITS[limiter.what])

    def calendar(self, at: datetime) -> TariffCalendar:
        """The tariff schedule in force."""
        return self._at(at).calendars.present

    def passive_calendar(self, at: datetime) -> TariffCalendar:
        """The schedule that waits; the one in force if nothing was written."""
        return self._at(at).passive.calendar

    def activates_at(self, at: datetime) -> datetime | None:
        """When the passive calendar comes into force by itself, by the meter's clock."""
        moment = self._at(at).passive.at
        return None if moment is None else datetime.fromtimestamp(moment, UTC)

    def set_passive_calendar(self, calendar: TariffCalendar, at: datetime) -> None:
        """Write the passive calendar. Raises NotPossible if it does not hang together."""
        state = self._at(at)
        wrong = tariffs.fault(calendar)
        if wrong:
            raise NotPossible(wrong)
        state.passive.calendar = calendar
        state.write(journals.PROGRAMMING, journals.SEASONS)

    def set_activation(self, moment: datetime | None, at: datetime) -> None:
        """When to activate it, by the meter's clock (UTC); None: not by itself."""
        state = self._at(at)
        state.passive.at = None if moment is None else int(moment.timestamp())
        state.write(journals.PROGRAMMING, journals.ACTIVATION_SET)

    def set_special_days(
        self, days: tuple[tuple[int, int, int | None, int], ...], at: datetime
    ) -> None:
        """Write the table of special days (class 11), which holds at once."""
        state = self._at(at)
        changed = replace(state.calendars.present, special=days)
        wrong = tariffs.fault(changed)
        if wrong:
            raise NotPossible(wrong)
        state.change_calendar(changed)
        state.passive.calendar = replace(state.passive.calendar, special=days)
        state.write(journals.PROGRAMMING, journals.SPECIAL_DAYS)

    def activate_calendar(self, at: datetime) -> None:
        """Bring the passive calendar into force now."""
        self._at(at).activate()

    def _set(self, shown: int, at: datetime, code: int) -> None:
        state = self._at(at)
        state.clock.set(shown, state.now)
        state.clock.is_doubtful = False
        state.write(journals.PROGRAMMING, code)

    def _at(self, at: datetime) -> State:
        self.advance(at)
        return self.state


def _garbage(rolled: float) -> bytes:
    """Up to 24 bytes that belong to nobody."""
    count = int(rolled * 24) + 1
    return bytes((int(rolled * 1e6) + 41 * n) % 256 for n in range(count))
