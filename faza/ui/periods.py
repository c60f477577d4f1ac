"""The period a page shows: read from its address, and the control that leads to other periods.

`?period=week&on=2026-11-16` or `?period=any&from=2026-11-01&to=2026-11-15`. Everything else in the
address is kept, so a view can be shared and Back works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from faza.ui import formats

KINDS = ("day", "week", "month", "quarter", "year", "any")
_DAY = timedelta(days=1)
LONGEST = timedelta(days=366 * 3)  # of a period of any length; more is a report, not a page


@dataclass(frozen=True, slots=True)
class Shown:
    """Civil days first…last, both shown."""

    kind: str
    first: date
    last: date

    @property
    def end(self) -> date:
        """The day after the last: the half-open end."""
        return self.last + timedelta(days=1)

    @property
    def label(self) -> str:
        return formats.dates(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Choice:
    """One part of a segment: a link, or words where there is nothing to choose (`url` empty)."""

    label: str
    url: str
    current: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """What ui/period.html shows. An empty address is a step that leads nowhere."""

    label: str
    previous: str
    following: str
    presets: tuple[Choice, ...]
    shown: Shown
    latest: date
    kept: tuple[tuple[str, str], ...]


def read(query: Mapping[str, str], *, today: date, default: str = "month") -> Shown:
    """The period asked for; what the address says wrongly is today's period of the default kind."""
    kind = query.get("period", default)
    if kind == "any":
        first, last = _date(query.get("from")), _date(query.get("to"))
        if first and last and first <= last <= first + LONGEST:
            return Shown("any", first, last)
        kind = default
    return around(kind if kind in KINDS else default, _date(query.get("on")) or today)


def around(kind: str, day: date) -> Shown:
    """The day, week (from Monday), month, quarter or year a day lies in."""
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Shown(kind, first, first + timedelta(days=6))
    if kind == "month":
        return Shown(kind, day.replace(day=1), _next_month(day) - timedelta(days=1))
    if kind == "quarter":
        first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        return Shown(kind, first, _next_month(first.replace(month=first.month + 2)) - _DAY)
    if kind == "year":
        return Shown(kind, date(day.year, 1, 1), date(day.year, 12, 31))
    return Shown("day", day, day)


def stepped(shown: Shown, steps: int) -> Shown:
    """The neighbouring period of the same kind; one of any length moves by its own length."""
    if shown.kind == "any":
        shift = (shown.end - shown.first) * steps
        return Shown("any", shown.first + shift, shown.last + shift)
    return around(shown.kind, shown.end if steps > 0 else shown.first - timedelta(days=1))


PRESETS = ("day", "week", "month", "year")


def control(
    shown: Shown, query: QueryDict, *, today: date, since: date | None = None,
    presets: Sequence[str] = PRESETS,
) -> Control:  # fmt: skip
    """The control of a page that shows this period; nothing lies after today or before `since`."""
    before, after = stepped(shown, -1), stepped(shown, 1)
    # A preset opens where the reader already is; from a period with today in it, at today.
    at = today if shown.first <= today <= shown.last else shown.first
    names = {
        "day": _("Day"), "week": _("Week"), "month": _("Month"), "quarter": _("Quarter"),
        "year": _("Year"),
    }  # fmt: skip
    choices = tuple(
        Choice(names[kind], _url(query, around(kind, at)), current=kind == shown.kind)
        for kind in presets
    )
    kept = tuple(
        (key, value)
        for key, values in query.lists()
        if key not in {"period", "on", "from", "to", "page"}
        for value in values
    )
    return Control(
        label=shown.label,
        previous="" if since and before.last < since else _url(query, before),
        following="" if after.first > today else _url(query, after),
        presets=choices,
        shown=shown,
        latest=today,
        kept=kept,
    )


def _url(query: QueryDict, shown: Shown) -> str:
    changed = query.copy()
    for key in ("on", "from", "to", "page"):
        changed.pop(key, None)
    changed["period"] = shown.kind
    if shown.kind == "any":
        changed["from"], changed["to"] = shown.first.isoformat(), shown.last.isoformat()
    else:
        changed["on"] = shown.first.isoformat()
    return f"?{changed.urlencode()}"


def _date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    # Years at the ends of the calendar have no neighbours to step to.
    return found if 1990 <= found.year <= 2200 else None


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
