"""Words that reports share: periods, channels, units, notes on quality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from faza.core.periods import start_of_day
from faza.core.reading_types import A_MINUS, A_PLUS, GAS, HEAT, R_MINUS, R_PLUS, WATER, Commodity
from faza.reports.gathering import Point, Tally, zones_of
from faza.reports.parameters import Parameters
from faza.ui import formats
from faza.ui.periods import Shown

NAMED = 3
"""So many points are named in the head of a report; of more their number is told."""
LONGEST_NAME = 120

RESOURCES = {
    Commodity.ELECTRICITY: pgettext_lazy("resource", "Electricity"),
    Commodity.WATER: pgettext_lazy("resource", "Water"),
    Commodity.GAS: pgettext_lazy("resource", "Gas"),
    Commodity.HEAT: pgettext_lazy("resource", "Heat"),
}
CHANNELS: dict[int, str | Promise] = {
    A_PLUS.code: pgettext_lazy("channel", "Active energy, import"),
    A_MINUS.code: pgettext_lazy("channel", "Active energy, export"),
    R_PLUS.code: pgettext_lazy("channel", "Reactive energy, import"),
    R_MINUS.code: pgettext_lazy("channel", "Reactive energy, export"),
    WATER.code: pgettext_lazy("channel", "Water, volume"),
    GAS.code: pgettext_lazy("channel", "Gas, volume"),
    HEAT.code: pgettext_lazy("channel", "Heat energy"),
}
MOSCOW = "Europe/Moscow"


def period(shown: Shown, points: Sequence[Point]) -> str:
    """«01.10.2026 00:00 – 01.11.2026 00:00, московское время»."""
    ends = f"{formats.day(shown.first)} 00:00 – {formats.day(shown.end)} 00:00"
    zones = zones_of(points)
    if not zones:
        return ends
    return f"{ends}, {_time(zones, shown)}"


def _time(zones: Sequence[str], shown: Shown) -> str:
    if len(zones) > 1:
        return _("each point's own time")
    if zones[0] == MOSCOW:
        return pgettext("report", "Moscow time")
    offset = start_of_day(shown.first, zones[0]).astimezone(ZoneInfo(zones[0])).utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    sign = formats.MINUS if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return _("time of UTC%(offset)s") % {"offset": f"{sign}{hours}{f':{rest:02d}' if rest else ''}"}


def channel(parameters: Parameters) -> str:
    return str(CHANNELS[parameters.reading_type.code])


def unit(parameters: Parameters) -> str:
    """«кВт·ч»."""
    return formats.unit_name(parameters.reading_type.unit)


def facts(
    parameters: Parameters, points: Sequence[Point], *more: tuple[str, str]
) -> tuple[tuple[str, str], ...]:
    """What was asked: points, resource, parameter, then what the kind adds."""
    named = ", ".join(short(point.name) for point in points) if len(points) <= NAMED else ""
    count = ngettext("%(count)s point", "%(count)s points", len(points)) % {
        "count": formats.number(len(points))
    }
    return (
        (_("Usage points"), named or count),
        (_("Resource"), str(RESOURCES[parameters.commodity])),
        (_("Parameter"), channel(parameters)),
        *more,
    )


def tick(label: str, *, is_on: bool) -> tuple[str, str]:
    return label, pgettext("tick", "yes") if is_on else pgettext("tick", "no")


def short(name: str) -> str:
    """A name that a heading can bear; what is shown of a long one is told by the ellipsis."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def quality(tally: Tally) -> list[str]:
    """Footnotes on what the numbers are made of."""
    if not tally.expected:
        return [_("Nothing was to be measured in this period.")]
    missing = tally.expected - tally.present
    said = []
    if missing:
        said.append(
            _("Completeness %(share)s: %(missing)s of %(expected)s intervals are missing.")
            % {
                "share": formats.completeness(100 * tally.present / tally.expected),
                "missing": formats.number(missing),
                "expected": formats.number(tally.expected),
            }
        )
    else:
        said.append(_("All %(expected)s intervals are there.")
                    % {"expected": formats.number(tally.expected)})  # fmt: skip
    if tally.estimated:
        said.append(
            _("%(estimated)s intervals are estimated, %(share)s of what is there.")
            % {
                "estimated": formats.number(tally.estimated),
                "share": formats.percent(100 * tally.estimated / tally.present, 1),
            }
        )
    return said


def unfinished(shown: Shown, points: Sequence[Point], at: datetime) -> list[str]:
    """A footnote where the period is not over."""
    zones = zones_of(points) or [MOSCOW]
    if all(start_of_day(shown.end, zone) <= at for zone in zones):
        return []
    now = at.astimezone(UTC if len(zones) > 1 else ZoneInfo(zones[0]))
    told = formats.moment(now) + (" UTC" if len(zones) > 1 else "")
    return [_("The period is not over: what is told holds up to %(moment)s.") % {"moment": told}]


def nothing(points: Sequence[Point]) -> list[str]:
    """A footnote where there are no points."""
    return [] if points else [_("There are no usage points of this resource.")]
