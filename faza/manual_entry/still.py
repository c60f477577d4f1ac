"""Of which points readings are still to be typed in a window that is open now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from faza.accounts.models import User
from faza.core.periods import Period
from faza.core.windows import Window, Windows
from faza.manual_entry import queries
from faza.manual_entry.models import Entry, EntryException, EntryRule
from faza.manual_entry.rules import opening
from faza.manual_entry.rules.moves import WAITING, State
from faza.manual_entry.rules.opening import Closure, Rule, Why
from faza.metering.models import UsagePoint

UNREAD = timedelta(days=3)
"""A point of which nothing has come for so long is not read from afar. A choice of ours."""
MONTH = timedelta(days=31)
MOST = 100
"""Points of one person that a page looks at; whoever has more sends a file, and has notices."""


@dataclass(frozen=True, slots=True)
class Open:
    """A point at which readings may be typed now, and the window that is open."""

    point: UsagePoint
    window: Period


def of(user: User, *, at: datetime) -> list[Open]:
    """Those of a person, the window that closes first first. Two questions where nobody types."""
    allowed = EntryRule.objects.filter(is_allowed=True)
    opened = EntryException.objects.filter(is_open=True, starts_at__lte=at, ends_at__gt=at)
    if not (allowed.exists() or opened.exists()):
        return []
    keys = [one.usage_point for one in queries.may_type(user, at=at) if one.period.end >= at]
    if not keys or len(keys) > MOST:
        return []
    points = UsagePoint.objects.filter(pk__in=keys).select_related("node").order_by("pk")
    return sorted(waiting(list(points), at=at), key=lambda one: one.window.end)


def waiting(points: Sequence[UsagePoint], *, at: datetime) -> list[Open]:
    """Those that are to be read by eye in a window of now, and were not yet. Some ten queries."""
    rules = queries.rules_of(points, at=at)
    exceptions = queries.exceptions_of(points, at=at)
    found = []
    for point in points:
        held = rules[point.pk]
        window = window_of(
            held[0].plain(held[1]) if held else None,
            [one.plain() for one in exceptions[point.pk]], point.zone, at,
        )  # fmt: skip
        if window is not None:
            found.append(Open(point, window))
    if not found:
        return []
    spared = read_from_afar([one.point for one in found], at) | _sent(found)
    return [one for one in found if one.point.pk not in spared]


def window_of(
    rule: Rule | None, exceptions: Sequence[Closure], zone: str, at: datetime
) -> Period | None:
    """The window of a rule, or of the desk's opening, in which a moment lies."""
    standing = opening.standing(rule, exceptions, zone=zone, at=at, data_until=at)
    periods: Iterable[Period] = ()
    if standing.why is Why.OPENED:
        periods = [one.period for one in exceptions if one.is_open]
    elif standing.why is Why.WINDOW and rule is not None:
        before = (at - MONTH).astimezone(ZoneInfo(zone)).date()
        periods = rule.windows(zone, before, 3)
    return next((one for one in periods if one.start <= at < one.end), None)


def read_from_afar(points: Collection[UsagePoint], at: datetime) -> set[int]:
    """Those of which intervals or the meter's own registers came lately."""
    period = Period(at - UNREAD, at)
    windows = Windows.merged(Window(point.pk, point.zone, period) for point in points)
    until = queries.data_until(windows, at=at)
    return {key for key, end in until.items() if end > period.start}


def _sent(found: Sequence[Open]) -> set[int]:
    """Those of which a reading was sent in the window that waits or is accepted."""
    windows = {one.point.pk: one.window for one in found}
    rows = Entry.objects.filter(
        usage_point__in=windows, state__in=(*WAITING, State.APPROVED),
        of_at__gte=min(window.start for window in windows.values()),
    )  # fmt: skip
    return {
        point
        for point, of_at in rows.values_list("usage_point", "of_at")
        if of_at in windows[point]
    }
