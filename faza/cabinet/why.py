"""«Why estimated?», «Why no data?»: what stands behind intervals that are not simply measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet import forms, why_lines, words
from faza.cabinet.cases.links import contest
from faza.cabinet.choice import Chosen
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import ReadingType
from faza.core.windows import Windows
from faza.metering.models import UsagePoint
from faza.readings import queries
from faza.readings.queries import Profile
from faza.readings.validation import defaults
from faza.readings.vee import settings
from faza.readings.vee import why as vee
from faza.ui import addresses, formats
from faza.ui.periods import Shown

LONGEST = 31
"""Days of a period whose intervals are explained one by one."""
AROUND = timedelta(days=7)
"""So far to both sides it is looked how long nothing was measured."""
LISTED = 20
GAP_RULE, WAIT = "V01", "wait"


@dataclass(frozen=True, slots=True)
class Stretch:
    """An explanation of one stretch, in the fixed order of its lines.

    what: the word for its intervals. contest: where it is contested; empty for the staff.
    """

    when: str
    amount: str
    what: str
    lines: tuple[tuple[str, str], ...]
    exact: str
    contest: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """The explanations of a period, oldest first; none where everything is measured.

    history: (value, quality, since, until when) of a chosen interval, the oldest first.
    """

    title: str
    name: str
    channel: str
    label: str
    stretches: tuple[Stretch, ...]
    more: int
    back: str
    history: tuple[tuple[str, str, str, str], ...] = ()


def address(query: QueryDict, kind: ReadingType, shown: Shown, *, interval: int = 0) -> str:
    """Where a channel in a period is explained, or one interval that begins at a moment (unix
    seconds); empty for a long period."""
    if (shown.end - shown.first).days > LONGEST:
        return ""
    days: dict[str, Any] = {"period": shown.kind, "on": shown.first.isoformat()}
    if shown.kind == "any":
        days = {"period": "any", "from": shown.first.isoformat(), "to": shown.last.isoformat()}
    asked = QueryDict(mutable=True)
    for name in ("point", "branch", "points"):
        asked.setlist(name, query.getlist(name))
    if interval:
        days["interval"] = str(interval)
    told = addresses.changed(asked, channel=kind.channel, **days)
    return f"{reverse('cabinet:why')}{told}"


def why(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Why | None:
    """The explanation of an address; None where it names not one point. At most 16 questions."""
    point = chosen.one
    if point is None:
        return None
    zone = ZoneInfo(point.zone)
    here = chosen.asked.into(query)
    view = forms.read(here, today=at.astimezone(zone).date(), points=1, default="day")
    kind, shown = view.kinds[0], view.shown
    end = min(shown.end, shown.first + timedelta(days=LONGEST))
    days = Period.of_days(shown.first, end, point.zone)
    windows = access.windows_of(user, at=at, points=[point.id])
    around = Period(days.start - AROUND, days.end + AROUND)
    profiles = queries.profiles(windows, [kind.code], around, until=at)
    told = _asked_interval(query, profiles, days)
    part = told or days

    def link(start: datetime, end: datetime) -> str:
        return contest(user, point.code, kind, start, end, zone)

    page = _Page(kind, zone, at, _wait(point.id), link, profiles)
    found = page.stretches(vee.why(windows, kind.code, around, at=at), part, windows, around)
    back = addresses.changed(here, channel=kind.channel, by="interval", interval=None)
    label = formats.dates(shown.first, end - timedelta(days=1))
    history: tuple[tuple[str, str, str, str], ...] = ()
    if told:
        versions = vee.history(windows, kind.code, told)
        if len(versions) > 1:
            history = tuple(why_lines.version(one, kind, zone) for one in versions)
        label = words.stretch(told.start.astimezone(zone), told.end.astimezone(zone))
    return Why(
        title=_heading(found),
        name=point.name,
        channel=str(words.CHANNELS[kind.code][1]),
        label=label,
        stretches=tuple(one for one, _what in found[:LISTED]),
        more=max(0, len(found) - LISTED),
        back=f"{reverse('cabinet:explorer')}{back}",
        history=history,
    )


def _heading(found: Sequence[tuple[Stretch, str]]) -> str:
    """The question that the page answers."""
    kinds = {what for _one, what in found}
    if kinds and kinds <= {vee.MISSING, vee.REJECTED}:
        return _("Why no data?")
    if kinds == {vee.DOUBTFUL}:
        return _("Why doubtful?")
    if kinds == {vee.EDITED}:
        return _("Why replaced?")
    return _("Why estimated?") if kinds <= {vee.ESTIMATED} else _("Why is it so?")


def _asked_interval(
    query: QueryDict, profiles: Sequence[Profile], days: Period
) -> Period | None:  # fmt: skip
    """The interval that an address chooses; None for none, or for one that the reader has not."""
    text = query.get("interval", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 11:
        return None
    for profile in profiles:
        for place in np.flatnonzero(profile.starts == int(text)).tolist():
            start, end = (
                datetime.fromtimestamp(int(edge[place]), UTC)
                for edge in (profile.starts, profile.ends)
            )
            if days.start <= start and end <= days.end:
                return Period(start, end)
    return None


def _wait(point: int) -> float:
    """Hours until a gap of a point is estimated. Two questions."""
    path = UsagePoint.objects.values_list("node__path", flat=True).get(pk=point)
    return float(settings.in_force([path])[path].get(GAP_RULE, defaults()[GAP_RULE])[WAIT])


@dataclass(frozen=True, slots=True)
class _Page:
    """What every stretch of a page has in common."""

    kind: ReadingType
    zone: ZoneInfo
    at: datetime
    wait: float
    link: Callable[[datetime, datetime], str]
    profiles: Sequence[Profile]

    def stretches(
        self, found: Sequence[vee.Why], part: Period, windows: Windows, around: Period
    ) -> list[tuple[Stretch, str]]:
        """Those that share time with a part of the page, each with its kind. A question more
        where a value came that does not stand."""
        low, high = part.start.timestamp(), part.end.timestamp()
        inside = [
            place for place, one in enumerate(found) if one.start < high and one.end > low
        ]  # fmt: skip
        came: Sequence[Profile] = ()
        if any(found[place].had and found[place].what != vee.DOUBTFUL for place in inside):
            came = queries.profiles(
                windows, [self.kind.code], around, until=self.at, delivered=True
            )
        return [
            (told, found[place].what)
            for place in inside
            for told in self._told(found, place, (int(low), int(high)), came)
        ]

    def _told(
        self, found: Sequence[vee.Why], place: int, part: tuple[int, int], came: Sequence[Profile]
    ) -> Iterator[Stretch]:
        one = found[place]
        gap = self._when(*why_lines.contiguous(found, place))
        inner = replace(one, start=max(one.start, part[0]), end=min(one.end, part[1]))
        has_value = one.what not in (vee.MISSING, vee.REJECTED)
        is_other = bool(one.had) and one.what != vee.DOUBTFUL and one.origin is not None
        gave = self._sum(came, inner) if is_other or one.what == vee.REJECTED else ""
        start, end = inner.starts_at.astimezone(self.zone), inner.ends_at.astimezone(self.zone)
        yield Stretch(
            when=words.stretch(start, end),
            amount=self._sum(self.profiles, inner) if has_value else "",
            what=why_lines.title(one.what),
            lines=tuple(
                why_lines.lines(one, gap=gap, came=gave, zone=self.zone, kind=self.kind)
            ),
            exact=why_lines.after(one, wait=self.wait, at=self.at),
            contest=self.link(start, end),
        )  # fmt: skip

    def _when(self, start: int, end: int) -> str:
        return words.stretch(*(datetime.fromtimestamp(at, self.zone) for at in (start, end)))

    def _sum(self, profiles: Sequence[Profile], one: vee.Why) -> str:
        total = 0
        for profile in profiles:
            mine = (profile.starts >= one.start) & (profile.ends <= one.end)
            total += int(profile.values[mine].sum())
        return words.told(total, self.kind, 3)


__all__ = ["Stretch", "Why", "address", "why"]
