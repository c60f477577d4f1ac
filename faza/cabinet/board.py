"""«Overview»: the month beside earlier ones, today, thirteen months, what needs attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet import (
    ahead,
    attention,
    fresh,
    measured,
    months,
    picks,
    picture,
    roubles,
    series,
    tiles,
    totype,
    words,
)
from faza.cabinet.ahead import Ahead, MonthForecast
from faza.cabinet.attention import Notice
from faza.cabinet.choice import Chosen, Point
from faza.cabinet.explorer import ended
from faza.cabinet.fresh import Piece
from faza.cabinet.lastday import Today, last_day
from faza.cabinet.months import Row as MonthRow
from faza.cabinet.picks import PICKS
from faza.cabinet.series import Cells, Compared, Total
from faza.cabinet.tiles import Tile
from faza.charges.fleets import Fleet
from faza.contracts import access
from faza.core.reading_types import ReadingType
from faza.events.journal import Tally
from faza.metering.models import MeteringComplex
from faza.ui import formats, periods
from faza.ui.periods import Choice

Running = list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Beside:
    """An earlier stretch beside the month so far."""

    label: str
    when: str
    change: str
    value: str
    reserve: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a point used this month, and its share of the sum in percent."""

    name: str
    value: str
    share: str
    url: str


@dataclass(frozen=True, slots=True)
class Board:
    """All that the page shows; without points or data `total` is None."""

    chosen: Chosen
    name: str
    where: str
    picks: tuple[Choice, ...]
    lead: SafeString | str
    under: str = ""
    late: str = ""
    is_over: bool = False
    total: Total | None = None
    silent: str = ""
    month: str = ""
    number: formats.Quantity | None = None
    daily: formats.Quantity | None = None
    beside: tuple[Beside, ...] = ()
    running: dict[str, Any] | None = None
    running_names: tuple[str, str] = ("", "")
    today: Today | None = None
    months: dict[str, Any] | None = None
    shares: tuple[tuple[str, bool, str], ...] = ()
    first_month: str = ""
    attention: tuple[attention.Notice, ...] = ()
    more_attention: int = 0
    urgent: Notice | None = None
    parts: tuple[Part, ...] = ()
    complex: MeteringComplex | None = None
    points_count: str = ""
    has_several_zones: bool = False
    ahead: Ahead | None = None
    cost: roubles.Month | None = None
    switch: tuple[Choice, ...] = ()
    is_roubles: bool = False
    table: tuple[MonthRow, ...] = ()
    news: tuple[Piece, ...] = ()
    tiles: tuple[Tile, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def board(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Board:
    """The board of chosen points, choice.MOST at most. At most thirty-eight questions."""
    common = named(user, chosen, at=at)
    if (none := nothing(chosen, common)) is not None:
        return none
    asked = chosen
    # Kilowatt-hours and cubic metres do not add up: the board is of one resource.
    chosen = chosen.of_resource()
    kind = chosen.kind
    windows = access.windows_of(user, at=at, points=chosen.ids)
    over = ended(windows, at=at)
    heard = measured.heard(windows, [kind], at=over or at)
    until = heard.among(set(chosen.ids))
    cut = over or measured.arrived(until, at=at)
    zone = chosen.zone
    tz = ZoneInfo(zone)
    today = ((over or at) - timedelta(microseconds=1)).astimezone(tz).date()
    this = periods.around("month", today)
    last, year = periods.stepped(this, -1), periods.around("month", months.year_before(this.first))
    recent = measured.intervals(windows, [kind], last.first, this.end, zone, until=cut)[kind.code]
    recent = recent.heard()
    old = measured.intervals(windows, [kind], year.first, year.end, zone, until=cut)[kind.code]
    old = old.like(recent)
    now = series.during(recent, this, zone)
    before = series.during(recent, last, zone)
    beside = (
        series.compare(now, before, _pairs(now, recent, last, this, zone)),
        series.compare(now, old, _pairs(now, old, year, this, zone)),
    )
    total = series.total(now)
    # What stands now at a point that was sold is its new owner's.
    still = {window.usage_point for window in windows if window.period.end >= at}
    standing = attention.standing(still, at=at)
    notices = attention.notices(
        [point for point in chosen.points if point.id in still], recent, heard, standing,
        zone=zone, at=at, since=today - timedelta(days=29),
    ) if over is None else []  # fmt: skip
    thirteen = months.thirteen(windows.of_points(recent.points), kind, this, zone, until=cut)
    foretold = None
    if over is None and total.value is not None:
        foretold = ahead.found(windows, kind, this.first, len(recent.points), at=at)
    fleet = Fleet.of(windows, at=over or at, now=at)
    costs = roubles.found(fleet, kind, year.first, this.end)
    cost = roubles.month(costs, this.first, total.value)
    week = fresh.week(windows, chosen, today, fleet) if over is None else None
    return Board(
        **common,
        lead=words.board_lead(
            kind, total, this.first, last_month=beside[0], last_year=beside[1],
            cost=cost.amount if cost and cost.of_all else "",
        ),
        under=words.until(until, zone, at=at) if over is None else words.over(over, zone),
        late=words.late(until, at=at) if over is None and until and cut != until else "",
        is_over=over is not None,
        total=total,
        silent=silent(asked, chosen, len(recent.points)),
        month=so_far(today),
        number=formats.energy(words.decimal(total.value, kind), kind.unit),
        daily=_daily(now),
        ahead=ahead.ahead(foretold, at=at) if foretold else None,
        cost=cost,
        beside=_beside(beside, now, this, last, year, zone),
        running=running(
            picture.cumulative(now.together(), kind, zone),
            picture.cumulative(before.together(), kind, zone),
            this, kind, foretold,
        ) if total.value else None,
        running_names=(words.month(this.first), words.month(last.first)),
        today=last_day(recent, chosen, until, zone, user=user, at=at),
        **months.shown(thirteen, costs, foretold, asked.asked.into(query), zone),
        parts=_parts(now, chosen.points),
        complex=standing.get(chosen.ids[0]) if chosen.one else None,
        **surroundings(
            user, notices, week, cost,
            tiles.Known(
                asked=asked, chosen=chosen, windows=windows, heard=heard, standing=standing,
                step=tiles.step_of(recent.start, recent.end),
            ),
            at=at,
        ),
    )  # fmt: skip


def named(user: User, chosen: Chosen, *, at: datetime) -> dict[str, Any]:
    """What every board says of its points. One question."""
    name = chosen.one.name if chosen.one else words.points(len(chosen.points))
    return {
        "chosen": chosen,
        "name": name if chosen.points else "",
        "where": chosen.one.address if chosen.one else "",
        "picks": _picks(user, chosen, at=at),
        "points_count": name,
        "has_several_zones": chosen.has_several_zones,
    }


def nothing(chosen: Chosen, common: dict[str, Any]) -> Board | None:
    """The board of no points or of too many; None where there is something to show."""
    if chosen.too_many:
        return Board(**common, lead=_("Too many points are chosen for one page."))
    if not chosen.points:
        return Board(**common, lead=_("No usage points are open to you yet."))
    return None


def silent(asked: Chosen, chosen: Chosen, heard: int) -> str:
    """What the sum is without: points of other resources, points that send no intervals."""
    said = [*words.left_out(len(asked.points) - len(chosen.points))]
    if rest := words.silent(len(chosen.points) - heard):
        said.append(rest)
    return " · ".join(one.rstrip(".") for one in said)


def surroundings(
    user: User, notices: Sequence[attention.Notice], week: Tally | None,
    cost: roubles.Month | None, known: tiles.Known, *, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """What stands around the numbers: attention, news, the tiles. Questions of each."""
    unread = fresh.unread(user, at=at)
    news = fresh.latest(user, at=at)
    to_type = totype.of(user, at=at)
    every = [
        *attention.answers(user, at=at),
        *totype.notices(to_type),
        *notices,
        *(fresh.events(week) if week else []),
        *fresh.told(unread),
    ]
    known = replace(
        known, week=week, unread=unread, news=news, month=cost.amount if cost else "",
        totype=to_type,
    )  # fmt: skip
    return {
        "attention": tuple(every[: attention.SHOWN]),
        "urgent": next((one for one in every if one.kind in {"bad", "warn"}), None),
        "more_attention": max(0, len(every) - attention.SHOWN),
        "news": news.pieces,
        "tiles": tiles.tiles(user, known, at=at),
    }


def _picks(user: User, chosen: Chosen, *, at: datetime) -> tuple[Choice, ...]:
    """The points to choose from in the top bar: all together, then each."""
    rows = picks.first_of(user, chosen, at=at)
    if len(rows) < 2:
        return ()
    codes = set(chosen.codes) if len(chosen.points) <= PICKS else set[str]()
    made = [
        Choice(name, f"?{urlencode({'point': code})}", current=codes == {code}, title=address)
        for code, name, address in rows[:PICKS]
    ]
    if len(rows) > PICKS:
        more = Choice(_("Choose in the tree…"), reverse("cabinet:explorer"))
        return (*made, more)
    return (Choice(_("All points"), "?points=all", current=len(chosen.points) > 1), *made)


def so_far(today: date) -> str:
    """«1–21 ноября», «1 ноября»."""
    parts = {"month": words.of_month(today), "last": today.day}
    if today.day == 1:
        return _("1 %(month)s") % parts
    return _("1–%(last)s %(month)s") % parts


def _daily(cells: Cells) -> formats.Quantity | None:
    """What a day takes on average, over the time that has data."""
    each = cells.daily()
    if each is None:
        return None
    return formats.energy(words.decimal(round(each), cells.kind), cells.kind.unit)


def _pairs(
    now: Cells, there: Cells, earlier: periods.Shown, this: periods.Shown, zone: str
) -> np.ndarray:
    """Cells of the same day of the month, at the same time after midnight."""
    count = min((this.end - this.first).days, (earlier.end - earlier.first).days)
    days = {this.first + timedelta(days=n): earlier.first + timedelta(days=n) for n in range(count)}
    return series.pairs(now, series.during(there, earlier, zone), zone, days)


def _beside(
    found: Sequence[Compared | None], now: Cells, this: periods.Shown, last: periods.Shown,
    year: periods.Shown, zone: str,
) -> tuple[Beside, ...]:  # fmt: skip
    there = np.flatnonzero(now.present.sum(axis=0) > 0)
    if not len(there):
        return ()
    end = series.walls(now.end[there[-1] : there[-1] + 1], zone)[0]
    labels = (
        _("The same days of %(month)s") % {"month": words.of_month(last.first)},
        _("A year ago, the same days"),
    )
    made = []
    for label, one, shown in zip(labels, found, (last, year), strict=True):
        made.append(
            Beside(
                label=label,
                when=_same_days(shown, end),
                change=formats.signed_percent(one.change) if one else formats.DASH,
                value=words.told(one.before, now.kind, 1) if one else "",
                reserve=words.compared(one),
            )
        )
    return tuple(made)


def _same_days(shown: periods.Shown, end: datetime) -> str:
    """«01.10 – 21.10 до 14:00»."""
    is_midnight = (end.hour, end.minute) == (0, 0)
    day = (end - timedelta(days=1)).day if is_midnight else end.day
    last = shown.first.replace(day=min(day, shown.last.day))
    parts = {"first": f"{shown.first:%d.%m.%Y}", "last": f"{last:%d.%m.%Y}"}
    if is_midnight or last.day != day:
        return _("%(first)s – %(last)s") % parts
    return _("%(first)s – %(last)s until %(time)s") % (parts | {"time": formats.clock(end)})


def running(
    mine: Running, before: Running, this: periods.Shown, kind: ReadingType,
    foretold: MonthForecast | None,
) -> dict[str, Any]:  # fmt: skip
    """The payload of running totals (as picture.cumulative) and the forecast's fan."""
    most = max(mine[-1][1] or 0, before[-1][1] or 0)
    scale, unit = picture.measure(most, kind)

    def scaled(points: Running) -> Running:
        return [[day, None if sum_ is None else round(sum_ * scale, 3)] for day, sum_ in points]

    now = scaled(mine)
    made: dict[str, Any] = {
        "unit": unit,
        "decimals": 1,
        "month": f"{this.first:%Y-%m}",
        "days": this.last.day,
        "current": {"label": words.month(this.first), "points": now},
    }
    if len(before) > 1:
        day = this.first - timedelta(days=1)
        made["previous"] = {"label": words.month(day), "points": scaled(before)}
    if foretold is not None and (fan := ahead.fan(now, foretold, this.last.day, scale)):
        made["forecast"] = fan
    return made


def _parts(now: Cells, points: Sequence[Point]) -> tuple[Part, ...]:
    """What each point used this month, the greatest first; nothing where there is but one."""
    if len(points) < 2:
        return ()
    sums: Mapping[int, Total] = {point: series.total(now.of([point])) for point in now.points}
    whole = sum(total.value or 0 for total in sums.values())
    ranked = sorted(points, key=lambda point: -((t := sums.get(point.id)) and t.value or 0))
    made = []
    for point in ranked:
        total = sums.get(point.id)
        value = total.value if total else None
        share = formats.percent(100 * value / whole) if value is not None and whole else ""
        address = (
            f"{reverse('cabinet:explorer')}?{urlencode({'point': point.code, 'period': 'month'})}"
        )
        made.append(Part(point.name, words.told(value, now.kind, 1), share, address))
    return tuple(made)
