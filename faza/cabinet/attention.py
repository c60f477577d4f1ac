"""What needs attention at the points of the board. Facts only; nothing is guessed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import series, words
from faza.cabinet.choice import Point
from faza.cabinet.measured import Heard
from faza.cabinet.meters import due
from faza.cabinet.series import Cells, Gap
from faza.cases import queries
from faza.metering.models import MeteringComplex
from faza.ui import formats
from faza.ui.contact import contact

SHOWN = 4
FRESH = 3
"""Hours: data that reach nearer to now leave no gap at the end worth a word."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One fact: what it is, what is known of it, where to see it."""

    icon: str
    kind: str
    title: str
    text: str
    url: str


def standing(points: Collection[int], *, at: datetime) -> dict[int, MeteringComplex]:
    """The billing complexes that stand at points now, with meter and model. One query."""
    rows = MeteringComplex.objects.billing().filter(usage_point__in=points).valid_at(at)
    return {row.usage_point_id: row for row in rows.select_related("meter__model")}


def notices(
    points: Sequence[Point], cells: Cells, heard: Heard, complexes: Mapping[int, MeteringComplex],
    *, zone: str, at: datetime, since: date,
) -> list[Notice]:  # fmt: skip
    """Late data first, then gaps since a day, then verifications that end soon."""
    late = {point.id for point in points if contact(heard.of(point.id), at=at).is_late}
    start = datetime(since.year, since.month, since.day, tzinfo=ZoneInfo(zone)).timestamp()
    by_point: dict[int, list[Gap]] = {}
    for gap in series.gaps(cells):
        until = heard.of(gap.point)
        is_tail = until is not None and gap.start >= until.timestamp()
        if gap.end > start and not is_tail:
            by_point.setdefault(gap.point, []).append(gap)
    several = len(points) > 1
    found = [_late(point, heard.of(point.id), at=at) for point in points if point.id in late]
    fresh = at - timedelta(hours=FRESH)
    found += [
        _gaps(
            point,
            [Gap(gap.point, max(gap.start, int(start)), gap.end) for gap in by_point[point.id]],
            zone,
            several,
            is_rest_there=(heard.of(point.id) or fresh) > fresh,
        )
        for point in sorted(points, key=lambda p: -_length(by_point.get(p.id, ())))
        if point.id in by_point
    ]
    return found + _verifications(points, complexes, zone=zone, at=at)


def _length(gaps: Collection[Gap]) -> float:
    return sum((gap.length for gap in gaps), timedelta()).total_seconds()


def answers(user: User, *, at: datetime) -> list[Notice]:
    """That the network company has written about the reader's questions. At most five questions."""
    news = queries.unread(user, at=at)
    if not news:
        return []
    first = news[0]
    if len(news) > 1:
        title = ngettext(
            "There is news in %(count)s question", "There is news in %(count)s questions", len(news)
        ) % {"count": len(news)}  # fmt: skip
        url = reverse("cabinet:cases")
        return [Notice("message-question", "", title, _("Nobody has read it yet."), url)]
    title = _("Your question No. %(number)s: there is news") % {"number": first.pk}
    url = reverse("cabinet:case", args=[first.pk])
    return [Notice("message-question", "", title, f"{first.get_subject_display()}.", url)]


def _late(point: Point, until: datetime | None, *, at: datetime) -> Notice:
    parts = {"name": point.name, "time": formats.duration(at - until) if until else formats.DASH}
    return Notice(
        icon="clock-exclamation",
        kind="warn",
        title=_("%(name)s: data are late by %(time)s") % parts,
        text=words.until(until, point.zone, at=at) + ".",
        url=_explorer(point),
    )


def _gaps(
    point: Point, gaps: Sequence[Gap], zone: str, several: bool, *, is_rest_there: bool
) -> Notice:
    tz = ZoneInfo(zone)
    whole = formats.duration(timedelta(seconds=_length(gaps)))
    last = gaps[-1]
    start, end = (datetime.fromtimestamp(at, tz) for at in (last.start, last.end))
    when = words.stretch(start, end)
    if len(gaps) == 1 and not is_rest_there:
        text = f"{when}."
    elif len(gaps) == 1:
        text = _("%(when)s; the rest of the last 30 days is there.") % {"when": when}
    else:
        parts = {"count": len(gaps), "when": when}
        text = ngettext(
            "%(count)s gap, the last one %(when)s.", "%(count)s gaps, the last one %(when)s.",
            len(gaps),
        ) % parts  # fmt: skip
    title = (
        _("%(name)s: no data for %(time)s") % {"name": point.name, "time": whole}
        if several
        else _("No data for %(time)s") % {"time": whole}
    )
    url = _explorer(point, period="week", on=start.date().isoformat())
    return Notice(icon="plug-connected-x", kind="warn", title=title, text=text, url=url)


def _verifications(
    points: Sequence[Point], complexes: Mapping[int, MeteringComplex], *, zone: str, at: datetime
) -> list[Notice]:
    today = at.astimezone(ZoneInfo(zone)).date()
    found = []
    for point in points:
        complex_ = complexes.get(point.id)
        ends = due(complex_.meter.verification_due, today=today) if complex_ else None
        if complex_ is None or ends is None or not ends.kind:
            continue
        parts = {"number": complex_.meter.number, "day": formats.day(ends.day), "when": ends.words}
        found.append(
            (
                ends.day,
                Notice(
                    icon="calendar-due",
                    kind=ends.kind,
                    title=_("%(name)s: verification of the meter") % {"name": point.name},
                    text=_("Meter No. %(number)s, valid until %(day)s: %(when)s.") % parts,
                    url=f"{reverse('cabinet:meters')}?{urlencode({'q': complex_.meter.number})}",
                ),
            )
        )
    return [notice for _day, notice in sorted(found, key=lambda pair: pair[0])]


def _explorer(point: Point, **more: str) -> str:
    return f"{reverse('cabinet:explorer')}?{urlencode({'point': point.code} | more)}"
