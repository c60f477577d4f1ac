"""Rows of a meter's profiles and kept registers as values, made when asked for."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Literal

import numpy as np

from faza.core.reading_types import BY_CODE, ENERGIES
from faza.protocols.metered import I64, Column, Mask, ProfileRows, RegisterRows, Stamps
from faza.simulator import captures, network
from faza.simulator.captures import Captures
from faza.simulator.load import TENTHS
from faza.simulator.state import DAY, State, Stay
from faza.simulator.tariffs import TARIFFS

_SLACK = 40
"""Days beyond a profile's depth that are looked at: so long a meter may have been without power."""
_SINGLE = (10, 15, 20, 25, 35)
"""Codes of U, I, P, Q and PF; a phase's are 1, 2, 3 more."""


def held(state: State, which: Literal[1, 2]) -> Captures:
    """The rows of a load profile that are there, oldest first."""
    spec = state.spec
    most = capacity(state, which)
    since = state.now - (spec.depth + _SLACK) * DAY
    return captures.held(_made(state, interval(state, which) * 60, since), most)


def ever_made(state: State | Stay) -> Captures:
    """All rows of load profile 1 that were made since this meter stands there."""
    return _made(state, state.spec.interval * 60, None)


def _made(state: State | Stay, period: int, since: int | None) -> Captures:
    return captures.made(
        state.history,
        state.clock,
        period=period,
        phase=state.spec.offset * 60,
        until=state.now,
        since=since,
    )


def interval(state: State, which: Literal[1, 2]) -> int:
    """Minutes."""
    return state.spec.interval if which == 1 else state.spec.second_interval


def capacity(state: State, which: Literal[1, 2]) -> int:
    """The most rows that a profile holds."""
    return state.spec.depth * 1440 // interval(state, which)


def chosen(rows: Captures, first: datetime | None, last: datetime | None) -> Captures:
    """Those whose stamps are in [first, last]."""
    there = np.ones(len(rows), bool)
    if first is not None:
        there &= rows.stamps >= first.timestamp()
    if last is not None:
        there &= rows.stamps <= last.timestamp()
    return rows[there]


def energies(state: State, rows: Captures) -> ProfileRows:
    """Load profile 1: each row is what whole units the registers went on by."""
    spec = state.spec
    values = energies_in_tenths(state, rows) // spec.profile_step
    scale = Fraction(spec.profile_step, TENTHS)
    if spec.profile_power:
        values = values * 60 // spec.interval
        scale = scale * spec.interval / 60
    return ProfileRows(
        columns=tuple(Column(kind, scale) for kind in ENERGIES),
        interval=spec.interval,
        ends=stamps(rows.stamps),
        values=values,
        present=np.ones(values.shape, bool),
        doubtful=rows.doubtful,
    )


def energies_in_tenths(state: State | Stay, rows: Captures) -> I64:
    """(n, 4): what whole units of the profile the registers went on by in each row."""
    step = state.spec.profile_step
    start = state.start.sum(axis=1)
    begun, ended = (
        (start + state.counter.total(moments)) // step for moments in (rows.begins, rows.moments)
    )
    found: I64 = (ended - begun) * step
    return found


def parameters(state: State, rows: Captures) -> ProfileRows:
    """Load profile 2: averages over each interval, or what of it was counted."""
    spec = state.spec
    begins = np.maximum(rows.begins, rows.moments - spec.second_interval * 60)
    energy = state.counter.total(rows.moments) - state.counter.total(begins)
    found = network.values(spec, begins, rows.moments - begins, energy)
    codes = [base + 1 + phase for phase in range(spec.phases) for base in _SINGLE] + [40]
    values = np.stack([found[code] for code in codes], axis=1)
    return ProfileRows(
        columns=tuple(Column(BY_CODE[code], Fraction(1)) for code in codes),
        interval=spec.second_interval,
        ends=stamps(rows.stamps),
        values=values,
        present=np.ones(values.shape, bool),
        doubtful=rows.doubtful,
    )


def kept_registers(state: State, kind: Literal["day", "month"]) -> Captures:
    """Starts of the civil days, or months, at which it kept its registers."""
    spec = state.spec
    depth = spec.daily_depth if kind == "day" else 31 * (spec.monthly_depth + 1)
    rows = _made(state, DAY, state.now - (depth + _SLACK) * DAY)
    if kind == "day":
        return rows[-spec.daily_depth :]
    local = (rows.stamps + spec.offset * 60).astype("datetime64[s]").astype("datetime64[D]")
    return rows[local == local.astype("datetime64[M]")][-spec.monthly_depth :]


def registers(state: State, rows: Captures, kind: Literal["day", "month"]) -> RegisterRows:
    """Registers at the moments of rows."""
    values = shown(state, rows.moments)
    return RegisterRows(
        kind=kind,
        moments=stamps(rows.stamps),
        values=values,
        present=np.broadcast_to(counted_tariffs(state), values.shape),
        step=state.spec.register_step,
    )


def shown(state: State, moments: I64) -> I64:
    """(n, 4, 9) Wh and varh as shown: each register is cut to its last digit and rolls over."""
    spec = state.spec
    by_tariff = state.tenths(moments)
    tenths = np.concatenate([by_tariff.sum(axis=2, keepdims=True), by_tariff], axis=2)
    step = spec.register_step
    found: I64 = tenths // (TENTHS * step) * step % 10 ** (spec.digits + 3)
    return found


def counted_tariffs(state: State) -> Mask:
    """(9,) whether a register is there: T0 and those tariffs that some calendar names."""
    there = np.zeros(TARIFFS + 1, bool)
    there[0] = True
    for calendar in state.calendars.calendars:
        for day in calendar.days:
            there[[tariff for _, tariff in day.switches]] = True
    return there


def stamps(seconds: I64) -> Stamps:
    """Seconds since 1970 as moments."""
    return seconds.astype("datetime64[s]")
