"""What an address of the balances asks for: which days, by which steps, in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.http import urlencode

from faza.desk.dates import FIRST

ONE_DAY = timedelta(days=1)
DAY, MONTH, ANY = "day", "month", "any"
SPANS = (DAY, MONTH, ANY)
STEPS = ("hour", "day", "month")
SUSPICION, VOLUME, TREE = "suspicion", "volume", "tree"
ORDERS = (SUSPICION, VOLUME, TREE)
LONGEST = 366
"""Days of a period of any length."""
MOST_HOURS = 7
"""Days that are drawn by the hour."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Civil days first…last, both shown; the step of the picture; the order of the points."""

    span: str
    first: date
    last: date
    by: str = "day"
    order: str = SUSPICION

    @property
    def end(self) -> date:
        return self.last + ONE_DAY

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps by which the period can be drawn."""
        return STEPS if self.days <= MOST_HOURS else STEPS[1:]

    @property
    def drawn(self) -> tuple[date, date]:
        """[first, end) days of the picture: the hours of the period, its month, or a year."""
        if self.by == "hour":
            return self.first, self.end
        if self.by == "month":
            return month_of(self.last, back=11), month_of(self.last, back=-1)
        if self.span == ANY:
            return self.first, self.end
        return month_of(self.first), month_of(self.last, back=-1)

    def address(self, **changes: object) -> str:
        """The address's query of this, or of something else."""
        other = replace(self, **changes)  # type: ignore[arg-type]
        told = {"span": other.span, "day": other.last.isoformat()}
        if other.span == ANY:
            told["from"] = other.first.isoformat()
        if other.by != "day":
            told["by"] = other.by
        if other.order != SUSPICION:
            told["order"] = other.order
        return f"?{urlencode(told)}"

    def moved(self, times: int) -> Asked:
        """The same length of time, so many times later."""
        if self.span == MONTH:
            first = month_of(self.first, back=-times)
            return replace(self, first=first, last=month_of(first, back=-1) - ONE_DAY)
        far = timedelta(days=self.days * times)
        return replace(self, first=self.first + far, last=self.last + far)


def month_of(day: date, *, back: int = 0) -> date:
    """The first of a day's month, or of one so many months before."""
    years, month = divmod(day.year * 12 + day.month - 1 - back, 12)
    return date(years, month + 1, 1)


def read(query: QueryDict, *, today: date) -> Asked:
    """What an address asks for; what it cannot mean is as if it said nothing.

    Without a day it is yesterday: today is never whole.
    """
    span = query.get("span", DAY)
    span = span if span in SPANS else DAY
    day = _day(query.get("day", ""), latest=today) or today - ONE_DAY
    first, last = day, day
    if span == MONTH:
        first, last = month_of(day), month_of(day, back=-1) - ONE_DAY
    if span == ANY:
        asked = _day(query.get("from", ""), latest=today) or day
        first, last = min(asked, day), max(asked, day)
        first = max(first, last - timedelta(days=LONGEST - 1))
    order = query.get("order", SUSPICION)
    found = Asked(span, first, last, order=order if order in ORDERS else SUSPICION)
    by = query.get("by", "day")
    return replace(found, by=by) if by in found.steps else found


def _day(text: str, *, latest: date) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # The days before are needed too.
    return min(day, latest) if day >= FIRST.replace(year=FIRST.year + 2) else None
