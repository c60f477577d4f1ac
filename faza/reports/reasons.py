"""Why intervals are missing or estimated: what is known of each stretch, in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.events.outages import outages
from faza.metering.queries import Installed, ratios_of
from faza.readings import queries
from faza.readings.estimation.words import TITLES
from faza.readings.models import Finding
from faza.readings.validation import RULES
from faza.readings.validation.shapes import Effect
from faza.readings.vee import why as vee
from faza.ui import formats

SHOWN = frozenset({vee.MISSING, vee.REJECTED, vee.ESTIMATED})
"""What counts against completeness: no value, or one that nobody measured."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A stretch [start, end), unix seconds, of so many intervals, and why it was not measured."""

    point: int
    start: int
    end: int
    intervals: int
    is_estimated: bool
    why: str


def reasons(windows: Windows, reading_type: int, period: Period, *, at: datetime) -> list[Reason]:
    """The stretches of a channel without a measured value, by point and time.

    Fourteen queries at most. An outage and a time without a meter come before what the checks say:
    they explain why there is nothing to check.
    """
    found = vee.why(windows, reading_type, period, at=at)
    told = [one for one in found if one.what in SHOWN]
    if not told:
        return []
    points = sorted({one.usage_point for one in told})
    off = outages(windows.of_points(points), period)
    installed = ratios_of(points, period)
    last, before = (
        _last(windows.of_points(points), reading_type, moment)
        for moment in (at, min(at, period.end))
    )
    zones = {window.usage_point: window.zone for window in windows}
    made = []
    for one in told:
        zone = ZoneInfo(zones[one.usage_point])
        mine = np.flatnonzero(
            (off.points == one.usage_point) & (off.starts < one.end)
            & ((off.ends < 0) | (off.ends > one.start))
        )  # fmt: skip
        cuts = [(int(off.starts[row]), int(off.ends[row])) for row in mine.tolist()]
        heard = last.get(one.usage_point, 0), before.get(one.usage_point, 0)
        why = _why(one, cuts, installed.get(one.usage_point, ()), heard, zone)
        made.append(
            Reason(
                one.usage_point, one.start, one.end, one.intervals, one.what == vee.ESTIMATED,
                why,
            )
        )  # fmt: skip
    return made


def _last(windows: Windows, reading_type: int, before: datetime) -> dict[int, int]:
    """Unix seconds up to which points have sent something in the weeks before; 0 for nothing."""
    found = queries.latest(windows, [reading_type], before=before)
    return dict(zip(found.usage_points.tolist(), found.ends.tolist(), strict=True))


def _why(
    one: vee.Why, cuts: Sequence[tuple[int, int]], installed: Sequence[Installed],
    heard: tuple[int, int], zone: ZoneInfo,
) -> str:  # fmt: skip
    """heard: unix seconds up to which data had come by now, and by the end of the period."""
    said = []
    last = heard[0]
    if not any(
        meter.period.start.timestamp() < one.end and meter.period.end.timestamp() > one.start
        for meter in installed
    ):
        said.append(_("no meter at the point"))
    elif cuts:
        said.append(_("supply interrupted: %(when)s") % {"when": _when(*cuts[0], zone)})
    elif one.had and (rules := _rules(one)):
        said.append(_("a value has come, but did not pass: %(rules)s") % {"rules": rules})
    elif one.what == vee.ESTIMATED and one.origin is None:
        said.append(_("the sender marked the values as estimated"))
    elif one.what == vee.REJECTED:
        said.append(_("a value has come, but was not accepted"))
    elif one.what == vee.MISSING and last and one.start >= last:
        moment = formats.moment(datetime.fromtimestamp(last, UTC), zone)
        said.append(_("not read yet: data up to %(moment)s") % {"moment": moment})
    elif not any(heard):
        said.append(_("no load profile comes from this meter"))
    else:
        said.append(_("nothing came from the meter"))
    if one.what == vee.ESTIMATED and one.method in TITLES:
        said.append(_("estimated: %(method)s") % {"method": _small(_(TITLES[one.method]))})
    return "; ".join(said)


def _small(title: str) -> str:
    """A title inside a sentence."""
    return f"{title[:1].lower()}{title[1:]}"


def _rules(one: vee.Why) -> str:
    """The titles of the checks that decided here."""
    rows = [
        row for row in one.findings
        if row.effect > Effect.TELL and row.state != Finding.State.ACCEPTED
    ]  # fmt: skip
    titles = (_small(_(RULES[row.key.rule].title)) for row in rows if row.key.rule in RULES)
    return ", ".join(dict.fromkeys(titles))


def _when(start: int, end: int, zone: ZoneInfo) -> str:
    opened = formats.moment(datetime.fromtimestamp(start, UTC), zone)
    if end < 0:
        return _("since %(moment)s") % {"moment": opened}
    closed = datetime.fromtimestamp(end, UTC)
    is_same = closed.astimezone(zone).date() == datetime.fromtimestamp(start, zone).date()
    told = formats.clock(closed, zone) if is_same else formats.moment(closed, zone)
    return f"{opened} – {told}"
