"""«Why estimated?»: what stands behind values of one point and channel that nobody measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import addresses, forms, words
from faza.cabinet.choice import Chosen
from faza.contracts import access
from faza.core.periods import Period
from faza.core.quality import is_estimated, is_present
from faza.core.reading_types import ReadingType
from faza.readings import queries
from faza.readings.queries import Origin, Profile
from faza.ui import formats
from faza.ui.periods import Shown

LONGEST = 31
"""Days of a period whose estimates are explained one by one."""
AROUND = timedelta(days=7)
"""So far to both sides it is looked how long nothing was measured."""
LISTED = 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """An explanation of one stretch, in the fixed order of its lines."""

    when: str
    amount: str
    lines: tuple[tuple[str, str], ...]
    exact: str


@dataclass(frozen=True, slots=True)
class Why:
    """The explanations of a period, oldest first; none where nothing is estimated."""

    name: str
    channel: str
    label: str
    stretches: tuple[Stretch, ...]
    more: int
    back: str


def address(query: QueryDict, kind: ReadingType, shown: Shown) -> str:
    """Where the estimates of a channel in a period are explained; empty for a long period."""
    if (shown.end - shown.first).days > LONGEST:
        return ""
    days: dict[str, Any] = {"period": shown.kind, "on": shown.first.isoformat()}
    if shown.kind == "any":
        days = {"period": "any", "from": shown.first.isoformat(), "to": shown.last.isoformat()}
    asked = QueryDict(mutable=True)
    for name in ("point", "branch", "points"):
        asked.setlist(name, query.getlist(name))
    told = addresses.changed(asked, channel=kind.channel, **days)
    return f"{reverse('cabinet:why')}{told}"


def why(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Why | None:
    """The explanation of an address; None where it names not one point. At most six questions."""
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
    found: list[Stretch] = []
    around = Period(days.start - AROUND, days.end + AROUND)
    profiles = queries.profiles(windows, [kind.code], around, until=at)
    if any(is_estimated(profile.quality).any() for profile in profiles):
        origins = queries.origins(windows, kind.code, shown.first, end)
        for profile in profiles:
            found += _stretches(profile, origins, days, kind, zone)
    back = addresses.changed(here, channel=kind.channel, by="interval")
    return Why(
        name=point.name,
        channel=str(words.CHANNELS[kind.code][1]),
        label=formats.dates(shown.first, end - timedelta(days=1)),
        stretches=tuple(found[:LISTED]),
        more=max(0, len(found) - LISTED),
        back=f"{reverse('cabinet:explorer')}{back}",
    )


def _stretches(
    profile: Profile, origins: tuple[Origin, ...], days: Period, kind: ReadingType, zone: ZoneInfo
) -> Iterator[Stretch]:
    """The estimated stretches of one origin each that lie in the days."""
    inside = (profile.starts >= days.start.timestamp()) & (profile.ends <= days.end.timestamp())
    # Which origin stands behind each interval: its place, -1 for none.
    which = np.full(len(profile.starts), -1)
    for place, origin in enumerate(origins):
        which[(profile.starts >= origin.start) & (profile.ends <= origin.end)] = place
    shown = is_estimated(profile.quality) & inside
    unmeasured = is_estimated(profile.quality) | ~is_present(profile.quality)
    for low, high in _runs(np.where(shown, which, -2)):
        start, end = (
            datetime.fromtimestamp(int(second), zone)
            for second in (profile.starts[low], profile.ends[high - 1])
        )
        amount = words.told(int(profile.values[low:high].sum()), kind, 3)
        behind = origins[which[low]] if which[low] >= 0 else None
        gap = _around(profile, unmeasured, low, zone)
        yield Stretch(
            words.stretch(start, end), amount, tuple(_lines(behind, gap, zone)), _exact(behind)
        )


def _runs(values: np.ndarray) -> list[tuple[int, int]]:
    """[low, high) of runs of one value, except of -2."""
    edges = np.flatnonzero(np.diff(values)) + 1
    bounds = [0, *edges.tolist(), len(values)]
    pairs = zip(bounds[:-1], bounds[1:], strict=True)
    return [(low, high) for low, high in pairs if high > low and values[low] != -2]


def _around(profile: Profile, unmeasured: np.ndarray, place: int, zone: ZoneInfo) -> str:
    """How long nothing was measured around an interval."""
    measured_at = np.flatnonzero(~unmeasured)
    after = int(np.searchsorted(measured_at, place))
    low = int(measured_at[after - 1]) + 1 if after else 0
    high = int(measured_at[after]) if after < len(measured_at) else len(unmeasured)
    start = datetime.fromtimestamp(int(profile.starts[low]), zone)
    end = datetime.fromtimestamp(int(profile.ends[high - 1]), zone)
    return words.stretch(start, end)


def _lines(origin: Origin | None, gap: str, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    if origin is None:
        yield _("Reason"), _("The values came from the sender marked as estimated.")
        yield _("Rule"), _("The sender's own; it does not tell which.")
        return
    reason = origin.reason or _("Nothing was measured: %(when)s") % {"when": gap}
    yield _("Reason"), reason
    yield _("Rule"), _rule(origin)
    if made_of := _made_of(origin):
        yield _("Made of"), made_of
    yield _("Replaced"), formats.moment(origin.recorded_at, zone)


def _rule(origin: Origin) -> str:
    has_registers = bool(origin.inputs.get("registers"))
    if origin.is_override:
        return _("Set by a person of the network company")
    if origin.method == "similar_days":
        if has_registers:
            return _("Similar days, scaled to the difference of readings")
        return _("Similar days")
    if origin.method == "register_difference":
        return _("Difference of readings, shaped as on a similar day")
    return _("A rule of the system that has no description yet")


def _made_of(origin: Origin) -> str:
    """«Дни: 13.11 и 12.11. Показания счётчика по краям промежутка»."""
    told = []
    days = [day for text in origin.inputs.get("days") or () if (day := _day(text))]
    if days:
        names = ", ".join(f"{day:%d.%m} ({words.weekday(day)})" for day in sorted(days))
        told.append(ngettext("The day %(days)s", "The days %(days)s", len(days)) % {"days": names})
    if origin.inputs.get("registers"):
        told.append(_("The meter's readings at the edges of the stretch"))
    return ". ".join(told)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _exact(origin: Origin | None) -> str:
    if origin is not None and origin.is_override:
        return _("A person answers for these values; they can be withdrawn.")
    if origin is not None and origin.inputs.get("registers"):
        return _(
            "The sum of the stretch is exact, how it spreads over the hours is an estimate. "
            "Measured values will replace it if the meter gives them."
        )
    return _(
        "Both the sum and the hours are an estimate. Measured values will replace it if they come."
    )


__all__ = ["Stretch", "Why", "address", "why"]
