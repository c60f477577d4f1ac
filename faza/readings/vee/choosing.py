"""A stretch of one channel that a person wants to be estimated, by a method of their choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.readings.estimation import METHODS, ORDER, Settings, State
from faza.readings.vee import context as contexts
from faza.readings.vee import estimating, judging, kept
from faza.readings.vee.context import Context
from faza.readings.vee.estimating import Ask, Laid

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

AUTO = "auto"
"""The methods in their order, as the job does."""
CHOICES = (AUTO, *(method for method in ORDER))
LONGEST = timedelta(days=62)
"""A person estimates no more at once: registers bind no longer stretch either."""


class NotOnGrid(Exception):
    """A stretch does not begin and end with intervals of the channel, or is too long."""


class NoSuchMethod(Exception):
    """There is no method of this name."""


class NothingKnown(Exception):
    """The channel has no days around the stretch: nobody knows its intervals."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Intervals [start, end), unix seconds, of a channel among the days fetched.

    rows (m,): of Context.delivered, ascending. mask (m, k): the intervals.
    """

    context: Context
    usage_point: int
    reading_type: int
    start: int
    end: int
    rows: I64
    mask: Mask

    def starts(self) -> I64:
        """(i,) when the intervals begin."""
        batch, facts = self.context.delivered.batch, self.context.facts
        steps = batch.intervals[self.rows].astype(np.int64)[:, None] * 60
        moments = facts.midnights[self.rows][:, None] + steps * np.arange(self.mask.shape[1])
        found: I64 = moments[self.mask]
        return found


def days_of(zone: str, start: datetime, end: datetime) -> tuple[date, date]:
    """The civil days, both included, that [start, end) touches."""
    last = end - timedelta(microseconds=1)
    return start.astimezone(ZoneInfo(zone)).date(), last.astimezone(ZoneInfo(zone)).date()


def find(
    point: int, zone: str, reading_type: int, start: datetime, end: datetime, *, at: datetime
) -> Stretch:
    """The intervals of a channel, with what is known around them.

    Raises NotOnGrid, and NothingKnown.
    """
    if not timedelta(0) < end - start <= LONGEST:
        raise NotOnGrid(f"{start} to {end}")
    context = contexts.fetch({point: [days_of(zone, start, end)]}, at=at)
    low, high = int(start.timestamp()), int(end.timestamp())
    return _within(context, point, reading_type, low, high)


def find_count(
    point: int, zone: str, reading_type: int, start: datetime, count: int, *, at: datetime
) -> Stretch:
    """So many intervals from a moment on, of the length that they have on that day.

    Raises NotOnGrid, and NothingKnown.
    """
    longest = min(timedelta(hours=count), LONGEST)
    if count <= 0:
        raise NotOnGrid("no intervals")
    context = contexts.fetch({point: [days_of(zone, start, start + longest)]}, at=at)
    batch, facts = context.delivered.batch, context.facts
    low = int(start.timestamp())
    steps = batch.intervals.astype(np.int64) * 60
    here = (batch.reading_types == reading_type) & (facts.midnights <= low)
    rows = np.flatnonzero(here & (facts.midnights + steps * batch.lengths > low))
    if not len(rows):
        raise NothingKnown(f"{point}/{reading_type}: no days around {start}")
    high = low + int(steps[rows[0]]) * count
    if timedelta(seconds=high - low) > LONGEST:
        raise NotOnGrid(f"{count} intervals from {start}")
    return _within(context, point, reading_type, low, high)


def _within(context: Context, point: int, reading_type: int, low: int, high: int) -> Stretch:
    batch, facts = context.delivered.batch, context.facts
    steps = batch.intervals.astype(np.int64) * 60
    ends = facts.midnights + steps * batch.lengths
    here = (batch.reading_types == reading_type) & (facts.midnights < high) & (ends > low)
    rows = np.flatnonzero(here)
    if not len(rows):
        raise NothingKnown(f"{point}/{reading_type}: no days around {low}")
    columns = np.arange(batch.values.shape[1])
    begins = facts.midnights[rows][:, None] + steps[rows][:, None] * columns
    mask = (begins >= low) & (begins + steps[rows][:, None] <= high)
    mask &= columns < batch.lengths[rows][:, None]
    covered = int((mask * steps[rows][:, None]).sum())
    if covered != high - low:
        raise NotOnGrid(f"{point}/{reading_type}: {low} to {high}")
    return Stretch(context, point, reading_type, low, high, rows, mask)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known around a stretch; `order` and `settings` are the rest of a choice."""

    stretch: Stretch
    ask: Ask


def known(stretch: Stretch) -> Known:
    """The stretch made ready: of it what is missing, doubtful, rejected or estimated is unknown,
    whatever its age; gaps beside it take their share of a register difference and are not told."""
    context = stretch.context
    judged = judging.judge(context)
    held = kept.fetch(context)
    nothing = np.zeros(len(context.delivered), bool)
    found = estimating.ask(context, judged.effects, judged.standing, nothing, held)
    states = found.states.copy()
    own = np.zeros(states.shape, bool)
    own[stretch.rows] = stretch.mask
    states[own & np.isin(states, (State.WAITING, State.DOUBTFUL))] = State.UNKNOWN
    states[own & held.estimated] = State.UNKNOWN
    return Known(stretch, replace(found, states=states))


def estimate(found: Known, method: str) -> Laid:
    """Estimates of the stretch's unknown intervals by a method, bound by registers.

    Raises NoSuchMethod.
    """
    if method not in CHOICES:
        raise NoSuchMethod(method)
    order: Sequence[str] = ORDER if method == AUTO else (method,)
    settings = Settings()
    if method == "interpolation":
        settings = Settings(longest=int(LONGEST.total_seconds()) // 60)
    return estimating.answer(found.ask, order=order, settings=settings)


def method_names(laid: Laid) -> tuple[str, ...]:
    """The methods that estimates were made by, each once."""
    return tuple(METHODS[number] for number in np.unique(laid.method).tolist() if number)
