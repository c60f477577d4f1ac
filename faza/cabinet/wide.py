"""The board of more points than have their intervals added up: sums by day, and as of when.

What the database adds up by day is all that is asked, so a fleet's board costs what a flat's does.
Comparisons are of whole days, and only where about the same share of the data is there.
"""

from __future__ import annotations

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
from faza.cabinet import ahead, board, fresh, measured, months, roubles, series, tiles, words
from faza.cabinet.attention import Notice
from faza.cabinet.board import Beside, Board
from faza.cabinet.choice import Chosen
from faza.cabinet.explorer import ended
from faza.cabinet.series import Compared, Total
from faza.charges.fleets import Fleet
from faza.contracts import access
from faza.core.periods import start_of_day
from faza.core.reading_types import ReadingType
from faza.core.units import floats
from faza.readings.queries import DayTotals
from faza.ui import formats, periods
from faza.ui.contact import LATE

MOST = 5000
"""Points that the board adds up; more are a report."""
ALIKE = 2.0
"""Sums are compared where their completeness differs by no more percent."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Sums by day of one reading type; minutes: of an interval."""

    found: DayTotals
    kind: ReadingType
    minutes: int

    def total(self, first: date, end: date) -> Total:
        """The sum of the days [first, end)."""
        days = (self.found.days >= np.datetime64(first)) & (self.found.days < np.datetime64(end))
        expected, missing, estimated = (
            int(getattr(self.found, name)[0, days].sum()) * self.minutes
            for name in ("n_expected", "n_missing", "n_estimated")
        )
        value = int(self.found.total[0, days].sum()) if expected > missing else None
        return Total(value, expected, missing, estimated)

    def last(self) -> date | None:
        """The last day that has any data."""
        there = np.flatnonzero(self.found.n_expected[0] > self.found.n_missing[0])
        return self.found.days[there[-1]].astype(object) if len(there) else None

    def points(self, day: date) -> int:
        """How many points have data of a day."""
        return int(self.found.n_points[0, self.found.days == np.datetime64(day)].sum())

    def running(self, first: date, end: date) -> board.Running:
        """[days since the first midnight, total so far]; None over days without any data."""
        points: board.Running = [[0, 0]]
        so_far = 0
        for n in range((end - first).days):
            one = self.total(first + n * DAY, first + (n + 1) * DAY)
            so_far += one.value or 0
            told = round(float(floats(np.array([so_far]), self.kind)[0]), 3)
            points.append([n + 1, None if one.value is None else told])
        while len(points) > 1 and points[-1][1] is None:
            points.pop()
        return points


def wide(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Board:
    """The board of up to MOST points. At most thirty-four questions."""
    common = board.named(user, chosen, at=at)
    if (none := board.nothing(chosen, common)) is not None:
        return none
    asked, chosen = chosen, chosen.of_resource()
    kind, zone = chosen.kind, chosen.zone
    windows = access.windows_of(user, at=at, points=chosen.ids)
    over = ended(windows, at=at)
    today = ((over or at) - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    this = periods.around("month", today)
    last, year = periods.stepped(this, -1), periods.around("month", months.year_before(this.first))
    fleet = Fleet.of(windows, at=over or at, now=at)
    totals = fleet.day_totals(kind.code, year.first, this.end, until=over or at)
    days = Days(totals, kind, measured.interval_of(totals, len(windows.points)))
    heard = days.last()
    end = max(this.first, heard + DAY) if heard else this.first
    # What has not arrived yet is not missing: the sum is of the days up to the last with data.
    total = days.total(this.first, end)
    whole = min(end, today)
    then = [_compared(days, this.first, whole, one) for one in (last, year)]
    count = days.points(heard) if heard else 0
    is_late = heard is not None and over is None and at - start_of_day(heard + DAY, zone) > LATE
    edges = series.month_edges(year.first, this.end, zone)
    thirteen = measured.months_from(totals, kind, len(windows.points), edges)
    foretold = None
    if over is None and total.value is not None:
        foretold = fleet.lately(
            f"forecast:{this.first}:{count}",
            lambda: ahead.found(windows, kind, this.first, count, at=at),
        )
    costs = roubles.found(fleet, kind, year.first, this.end)
    cost = roubles.month(costs, this.first, total.value)
    week = fresh.week(windows, chosen, today, fleet) if over is None else None
    return Board(
        **common,
        lead=words.board_lead(
            kind, total, this.first, last_month=then[0], last_year=then[1],
            cost=cost.amount if cost and cost.of_all else "",
        ),
        under=words.over(over, zone) if over else _as_of(heard),
        late=words.late(start_of_day(heard + DAY, zone), at=at) if heard and is_late else "",
        is_over=over is not None,
        total=total,
        silent=board.silent(asked, chosen, len(chosen.points)),
        month=board.so_far(max(this.first, end - DAY)),
        number=formats.energy(words.decimal(total.value, kind), kind.unit),
        ahead=ahead.ahead(foretold, at=at) if foretold else None,
        cost=cost,
        beside=_beside(days, then, (last, year), this.first, whole),
        running=board.running(
            _until_now(days.running(this.first, end), at, today, this.first, zone),
            days.running(last.first, last.end), this, kind, foretold
        ) if total.value else None,
        running_names=(words.month(this.first), words.month(last.first)),
        **months.shown(thirteen, costs, foretold, asked.asked.into(query), zone),
        facts=_facts(chosen, heard, count, foretold),
        **board.surroundings(
            user, _silent(chosen, heard, count) if over is None else [], week, cost,
            tiles.Known(asked=asked, chosen=chosen, windows=windows, heard=None, standing={},
                        step=days.minutes),
            at=at,
        ),
    )  # fmt: skip


def _until_now(
    points: board.Running, at: datetime, today: date, first: date, zone: str
) -> board.Running:
    """A running total by days whose last point stands at now, where that is today's."""
    passed = (at - start_of_day(today, zone)) / DAY
    if len(points) > 1 and points[-1][0] == (today - first).days + 1 and passed < 1:
        points[-1][0] = round((today - first).days + passed, 4)
    return points


def _as_of(heard: date | None) -> str:
    if heard is None:
        return _("No data have arrived yet")
    return _("By data up to %(day)s") % {"day": formats.day(heard)}


def _same(first: date, whole: date, earlier: periods.Shown) -> date:
    """The day after the last one of an earlier month that is compared."""
    return min(earlier.first + (whole - first), earlier.end)


def _compared(days: Days, first: date, whole: date, earlier: periods.Shown) -> Compared | None:
    """Whole days of the month beside the same ones; None where too much is not there."""
    end = _same(first, whole, earlier)
    now = days.total(first, first + (end - earlier.first))
    then = days.total(earlier.first, end)
    if now.value is None or then.value is None or now.share is None or then.share is None:
        return None
    if abs(now.share - then.share) > ALIKE:
        return None
    return Compared(now.value, then.value, min(now.share, then.share))


def _beside(
    days: Days, found: list[Compared | None], shown: tuple[periods.Shown, periods.Shown],
    first: date, whole: date,
) -> tuple[Beside, ...]:  # fmt: skip
    if whole <= first:
        return ()
    labels = (
        _("The same days of %(month)s") % {"month": words.of_month(shown[0].first)},
        _("A year ago, the same days"),
    )
    made = []
    for label, one, earlier in zip(labels, found, shown, strict=True):
        end = _same(first, whole, earlier)
        then = days.total(earlier.first, end)
        reserve = ""
        if one is None:
            reserve = _("nothing to compare with")
            if then.value is not None and then.share is not None:
                share = formats.completeness(then.share)
                reserve = _("not compared: %(share)s of the data is there") % {"share": share}
        made.append(
            Beside(
                label=label,
                when=formats.dates(earlier.first, end - DAY),
                change=formats.signed_percent(one.change) if one else formats.DASH,
                value=words.told(then.value, days.kind, 1) if then.value is not None else "",
                reserve=reserve,
            )
        )
    return tuple(made)


def _silent(chosen: Chosen, heard: date | None, count: int) -> list[Notice]:
    """One line of the points that sent nothing on the last day with data."""
    rest = len(chosen.points) - count
    if heard is None or rest <= 0:
        return []
    title = ngettext(
        "No data from %(number)s point", "No data from %(number)s points", rest
    ) % {"number": formats.number(rest)}  # fmt: skip
    text = _("On %(day)s, the last day with data.") % {"day": formats.day(heard)}
    return [Notice("plug-connected-x", "warn", title, text, reverse("cabinet:meters"))]


def _facts(
    chosen: Chosen, heard: date | None, count: int, foretold: ahead.MonthForecast | None
) -> tuple[tuple[str, str], ...]:
    made: list[tuple[str, Any]] = [(_("In all"), len(chosen.points))]
    if heard is not None:
        made.append((_("With data of %(day)s") % {"day": formats.day(heard)}, count))
    if foretold is not None:
        made.append((_("With a forecast"), foretold.n_points))
    return tuple((name, formats.number(value)) for name, value in made)
