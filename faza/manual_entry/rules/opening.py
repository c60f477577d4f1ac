"""When readings may be typed: days of the month by rules, openings and closings by date.

Pure. Civil days are those of the usage point; a window is [first day 00:00, day after the last
00:00). Source: design/rules.md, "Manual entry".
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from faza.core.periods import Period, start_of_day

MONTHS_AHEAD = 14
"""So many months from the one before: a rule of once a year has a window within."""


class Scope(IntEnum):
    """Of what a rule is; the narrower one holds."""

    EVERYWHERE = 0
    GROUP = 1
    AREA = 2
    AGREEMENT = 3
    POINT = 4


class Why(StrEnum):
    """Why entry is open, or why it is not."""

    WINDOW = "window"
    OPENED = "opened"
    """The desk has opened it for a time."""
    SILENT = "silent"
    """The point has brought no data for days, or is not read at all."""
    BETWEEN = "between"
    """Outside the days of the rule."""
    NOT_ALLOWED = "not_allowed"
    CLOSED = "closed"
    """The desk has closed it for a time."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for a point: `first_day` to `last_day` of every `every`-th month, both included.

    A last day before the first one lies in the next month; the 29th to 31st are the month's last
    day where it has no such. every 3 is March, June, September and December. silent_days: entry
    opens by itself when nothing has come for so many days (None: never).
    """

    scope: Scope
    depth: int = 0
    """Of areas the deeper one holds."""
    number: int = 0
    """Of two of one scope and depth the one made later holds."""
    is_allowed: bool = True
    first_day: int = 20
    last_day: int = 25
    every: int = 1
    wants_photo: bool = False
    silent_days: int | None = 10

    def windows(self, zone: str, first: date, months: int) -> Iterator[Period]:
        """The windows that begin in so many months, from that of a day on."""
        begin = first.year * 12 + first.month - 1
        for number in range(begin, begin + months):
            year, month = divmod(number, 12)
            if (month + 1) % self.every:
                continue
            start = _day(year, month + 1, self.first_day)
            last = _day(year, month + 1, self.last_day)
            if last < start:
                year, month = divmod(number + 1, 12)
                last = _day(year, month + 1, self.last_day)
            yield Period(start_of_day(start, zone), start_of_day(last + timedelta(days=1), zone))


@dataclass(frozen=True, slots=True)
class Closure:
    """The desk opens or closes entry for a time, whatever the rule says."""

    period: Period
    is_open: bool
    number: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether readings may be typed at a moment: until when, or from when on.

    closes_at: when it closes, None where nothing ends it. opens_at: when it opens next, None
    where it is open or does not open by itself.
    """

    is_open: bool
    why: Why
    closes_at: datetime | None = None
    opens_at: datetime | None = None
    wants_photo: bool = False


def holding(rules: Iterable[Rule]) -> Rule | None:
    """The narrowest of the rules that are of a point; None where nobody has made one."""
    return max(rules, key=lambda one: (one.scope, one.depth, one.number), default=None)


def standing(
    rule: Rule | None,
    exceptions: Iterable[Closure],
    *,
    zone: str,
    at: datetime,
    data_until: datetime | None,
) -> Standing:
    """Whether readings of a point may be typed at a moment, and why.

    data_until: the end of what was measured there, None where nothing ever was. An exception
    outranks the rule, the later made one the earlier; of a rule that allows nothing only the desk
    opens. Without a rule nothing is allowed.
    """
    photo = rule is not None and rule.wants_photo
    now = [one for one in exceptions if one.period.start <= at < one.period.end]
    if now:
        last = max(now, key=lambda one: one.number)
        if last.is_open:
            return Standing(True, Why.OPENED, closes_at=last.period.end, wants_photo=photo)
        return Standing(False, Why.CLOSED, opens_at=last.period.end, wants_photo=photo)
    if rule is None or not rule.is_allowed:
        return Standing(False, Why.NOT_ALLOWED)
    today = at.astimezone(ZoneInfo(zone)).date()
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    found = _windows(rule, zone, before)
    for window in found:
        if window.start <= at < window.end:
            return Standing(True, Why.WINDOW, closes_at=window.end, wants_photo=photo)
    following = next((window.start for window in found if window.start > at), None)
    if rule.silent_days is not None and (
        data_until is None or at - data_until >= timedelta(days=rule.silent_days)
    ):
        return Standing(True, Why.SILENT, wants_photo=photo)
    return Standing(False, Why.BETWEEN, opens_at=following, wants_photo=photo)


@lru_cache(maxsize=1024)
def _windows(rule: Rule, zone: str, first: date) -> tuple[Period, ...]:
    """Kept, for thousands of points have few rules."""
    return tuple(rule.windows(zone, first, MONTHS_AHEAD))


def _day(year: int, month: int, day: int) -> date:
    """A day of a month, or its last one where it is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))
