"""«Consumption of resources»: totals of a month by resource, then its points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from faza.accounts.models import User
from faza.cabinet import measured, series, words
from faza.cabinet.arrival import Arrival, arrival
from faza.cabinet.choice import Chosen, Point
from faza.cabinet.columns import HUES
from faza.cabinet.explorer import ended
from faza.cabinet.resources import sums
from faza.cabinet.resources.sums import NOTHING, Sums, Used, kind_of
from faza.charges import queries as charges
from faza.charges.fleets import Fleet
from faza.contracts import access
from faza.core.reading_types import Commodity, ReadingType
from faza.core.units import floats, to_unit
from faza.core.windows import Windows
from faza.ui import addresses, formats
from faza.ui.periods import around

A_PAGE = 50
DAY = 86_400
MONTHS = 13
LIMIT = 10_000
"""Points that one page adds up."""
NAMES: dict[str, str | Promise] = {
    Commodity.ELECTRICITY: gettext_lazy("Electricity"),
    Commodity.WATER: pgettext_lazy("resource", "Water"),
    Commodity.GAS: pgettext_lazy("resource", "Gas"),
    Commodity.HEAT: pgettext_lazy("resource", "Heat"),
}
OF: dict[str, str | Promise] = {
    Commodity.ELECTRICITY: pgettext_lazy("so much", "of electricity"),
    Commodity.WATER: pgettext_lazy("so much", "of water"),
    Commodity.GAS: pgettext_lazy("so much", "of gas"),
    Commodity.HEAT: pgettext_lazy("so much", "of heat"),
}
ICONS = {
    Commodity.ELECTRICITY: "bolt", Commodity.WATER: "droplet", Commodity.GAS: "flame",
    Commodity.HEAT: "temperature",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """A resource's month: amount, how it stands beside the month before, what is missing."""

    resource: str
    name: str
    icon: str
    hue: str
    amount: formats.Quantity
    points: str
    trend: str
    trend_small: str
    share: float | None
    estimated: float
    cost: str
    url: str
    is_current: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A point's month, its share of the resource in percent, and the way to its readings."""

    name: str
    address: str
    used: str
    unit: str
    share: int
    share_told: str
    hue: str
    daily: str
    trend: str
    basis: str
    url: str
    history_url: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows; without points `cards` is empty."""

    chosen: Chosen
    lead: SafeString | str
    where: str = ""
    month: str = ""
    earlier: str = ""
    later: str = ""
    under: str = ""
    late: str = ""
    cards: tuple[Card, ...] = ()
    title: str = ""
    silent: str = ""
    picture: dict[str, Any] | None = None
    lines: tuple[tuple[str, str, str], ...] = ()
    unit: str = ""
    rows: tuple[Row, ...] = ()
    previous_page: str = ""
    next_page: str = ""
    pages: str = ""
    has_several_zones: bool = False


def page(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Page:
    """The page of the chosen points. At most sixteen questions, however many they are."""
    here = chosen.asked.into(query)
    if chosen.too_many:
        return Page(chosen, _("Too many points are chosen for one page."))
    if not chosen.points:
        return Page(chosen, _("No usage points are open to you yet."))
    windows = access.windows_of(user, at=at, points=chosen.ids)
    over = ended(windows, at=at)
    now = over or at
    today = (now - timedelta(microseconds=1)).astimezone(ZoneInfo(chosen.zone)).date()
    month = _month(query, today)
    come = arrival(windows, chosen, over, at=at)
    fleet = Fleet.of(windows, at=now, now=at)
    found = sums.sums(windows, chosen.points, month, come, fleet, at=now)
    by_resource: dict[str, list[Point]] = {}
    for point in chosen.points:
        by_resource.setdefault(point.resource, []).append(point)
    resources = [resource for resource in NAMES if resource in by_resource]
    asked = query.get("resource", "")
    current = asked if asked in by_resource else resources[0]
    cost = fleet.lately(
        f"cost:{month}",
        lambda: charges.so_far(windows, now) if month == today.replace(day=1)
        else charges.charged(windows, month, charges.next_month(month)),
    )  # fmt: skip
    cards = tuple(
        _card(resource, by_resource[resource], found, month, here, current, cost)
        for resource in resources
    )
    mine = by_resource[current]
    kind = kind_of(mine[0])
    cut = over or measured.arrived(come.latest, at=at)
    bars, lines, unit = _months(
        windows.of_points([p.id for p in mine]), kind, month, chosen, cut, kept=found.as_of
    )
    ranked = sorted(mine, key=lambda p: -(found.now.get(p.id, NOTHING).value or 0))
    shown = Paginator(ranked, A_PAGE).get_page(query.get("page", "1"))
    total = sum(found.now.get(point.id, NOTHING).value or 0 for point in mine)
    return Page(
        chosen,
        _lead(cards, month, today),
        where=chosen.one.name if chosen.one else words.points(len(chosen.points)),
        month=f"{capfirst(words.month(month))} {month.year}",
        earlier=_step(here, month, -1),
        later=_step(here, month, 1) if month < today.replace(day=1) else "",
        under=_under(found, come, charges.next_month(month)),
        late=come.late(charges.next_month(month)),
        silent=_silent(found, mine),
        cards=cards,
        title=str(NAMES[current]),
        picture=bars,
        lines=lines,
        unit=unit,
        rows=tuple(_row(point, found, total, month) for point in shown.object_list),
        previous_page=addresses.changed(here, page=str(shown.number - 1))
        if shown.has_previous() else "",
        next_page=addresses.changed(here, page=str(shown.number + 1)) if shown.has_next() else "",
        pages=_("%(first)s–%(last)s of %(all)s")
        % {"first": shown.start_index(), "last": shown.end_index(), "all": len(ranked)},
        has_several_zones=chosen.has_several_zones,
    )  # fmt: skip


def _month(query: QueryDict, today: date) -> date:
    try:
        asked = date.fromisoformat(query.get("on", ""))
    except ValueError:
        asked = today
    month = asked.replace(day=1)
    return month if month.year >= 1990 and month <= today else today.replace(day=1)


def _step(here: QueryDict, month: date, steps: int) -> str:
    other = (month + timedelta(days=32 * steps)).replace(day=1) if steps > 0 else (
        month - timedelta(days=1)
    ).replace(day=1)  # fmt: skip
    return addresses.changed(here, on=other.isoformat(), page=None)


def _card(
    resource: str, points: Sequence[Point], found: Sums, month: date, here: QueryDict,
    current: str, cost: charges.Charged,
) -> Card:  # fmt: skip
    kind = kind_of(points[0])
    now = [found.now.get(point.id, NOTHING) for point in points]
    known = [used for used in now if used.value is not None]
    expected = sum(used.expected for used in now)
    present = sum(used.present for used in now)
    value = sum(used.value or 0 for used in known) if known else None
    trend, small = _trend(points, found, month)
    roubles = cost.total if resource == Commodity.ELECTRICITY else None
    notes = []
    if len(known) < len(points):
        notes.append(
            _("%(count)s without data") % {"count": words.points(len(points) - len(known))}
        )
    if known and all(used.by_registers for used in known):
        notes.append(_("by readings"))
    elif any(used.by_registers for used in known):
        notes.append(_("partly by readings"))
    if roubles is not None and not cost.known.all():
        notes.append(_("the cost is of a part of the points"))
    return Card(
        resource, str(NAMES[resource]), ICONS[Commodity(resource)], HUES[kind.code],
        _amount(value, kind), words.points(len(points)), trend, small,
        100 * present / expected if expected else None,
        max(100 * sum(used.estimated for used in now) / present, 0.1)
        if present and any(used.estimated for used in now) else 0.0,
        str(formats.quantity(roubles, "₽", 0)) if roubles is not None else "",
        addresses.changed(here, resource=resource, page=None), resource == current,
        "; ".join(notes),
    )  # fmt: skip


def _amount(value: int | None, kind: ReadingType) -> formats.Quantity:
    exact = None if value is None else to_unit(value, kind)
    return formats.energy(exact, kind.unit, places(kind))


def places(kind: ReadingType) -> int:
    """Decimals of a month's amount."""
    return {"kWh": 1, "m3": 2, "Gcal": 3}.get(kind.unit, 1)


def _daily(used: Used, other: Used, other_days: int) -> tuple[float, float] | None:
    """What a day took on average in both months, each over the time that has data."""
    if used.value is None or other.value is None:
        return None
    if used.by_registers and other.by_registers:
        return used.value * DAY / used.seconds, other.value * DAY / other.seconds
    if not used.present or not other.present or not other.expected:
        return None
    a_day = other.expected / other_days
    return used.value * a_day / used.present, other.value * a_day / other.present


def _trend(points: Sequence[Point], found: Sums, month: date) -> tuple[str, str]:
    """The change of a mean day to the month before, over the points that have both."""
    before = (month - timedelta(days=1)).day
    pairs = [
        _daily(found.now.get(p.id, NOTHING), found.before.get(p.id, NOTHING), before)
        for p in points
    ]
    known = [pair for pair in pairs if pair is not None]
    was = sum(pair[1] for pair in known)
    if not known or not was:
        return "", _("nothing to compare with")
    change = 100 * (sum(pair[0] for pair in known) / was - 1)
    earlier = words.of_month((month - timedelta(days=1)).replace(day=1))
    return formats.signed_percent(change), _("a day to a day of %(month)s") % {"month": earlier}


def _row(point: Point, found: Sums, total: int, month: date) -> Row:
    kind = kind_of(point)
    used, before = found.now.get(point.id, NOTHING), found.before.get(point.id, NOTHING)
    daily = _daily(used, before, (month - timedelta(days=1)).day)
    share = 100 * used.value / total if used.value is not None and total else None
    change = 100 * (daily[0] / daily[1] - 1) if daily and daily[1] else None
    if used.value is None:
        basis = _("no data")
    elif used.by_registers:
        basis = _("by readings")
    else:
        basis = formats.completeness(Decimal(100 * used.present) / used.expected)
    query = f"?point={point.code}"
    return Row(
        point.name, point.address,
        formats.number(to_unit(used.value, kind) if used.value is not None else None, places(kind)),
        formats.unit_name(kind.unit), round(share or 0), formats.percent(share),
        HUES[kind.code],
        formats.number(to_unit(round(daily[0]), kind), places(kind)) if daily else formats.DASH,
        formats.signed_percent(change), basis,
        f"{reverse('cabinet:registers')}{query}&period=month&on={month.isoformat()}",
        f"{reverse('cabinet:history')}{query}&period=year&on={month.year}-01-01",
    )  # fmt: skip


def _months(
    windows: Windows, kind: ReadingType, month: date, chosen: Chosen, until: datetime,
    kept: datetime | None,
) -> tuple[dict[str, Any] | None, tuple[tuple[str, str, str], ...], str]:  # fmt: skip
    """Thirteen months of a resource by intervals: the picture, its table, their unit."""
    first = month.replace(year=month.year - 1)
    end = charges.next_month(month)
    edges = series.month_edges(first, end, chosen.zone)
    found = measured.months(windows, kind, first, end, edges, until=until, kept=kept)
    there = found.present[0] > 0
    unit = formats.unit_name(kind.unit)
    if not there.any():
        return None, (), unit
    values = floats(found.value[0], kind)
    starts = [wall.date() for wall in series.walls(found.start, chosen.zone)]
    rough = (found.missing[0] > 0) & there
    notes = [
        _("%(time)s without data")
        % {"time": formats.duration(timedelta(minutes=int(found.missing[0, n])))}
        if rough[n] else ""
        for n in range(len(starts))
    ]  # fmt: skip
    told = [round(float(value), 3) if some else None
            for value, some in zip(values, there, strict=True)]  # fmt: skip
    picture = {
        "unit": unit,
        "decimals": places(kind),
        "zones": [{"label": unit, "hue": HUES[kind.code]}],
        "months": [
            {"month": f"{day:%Y-%m}", "values": [value], "is_rough": False, "note": note}
            for day, value, note in zip(starts, told, notes, strict=True)
        ],
    }
    lines = tuple(
        (f"{words.month(day)} {day.year}", formats.number(value, places(kind)), note)
        for day, value, note in zip(starts, told, notes, strict=True)
    )
    return picture, lines, unit


def _lead(cards: Sequence[Card], month: date, today: date) -> SafeString:
    """«В ноябре израсходовано 4 812,3 кВт·ч электроэнергии и 8,2 м³ воды»."""
    known = [card for card in cards if card.amount.unit]
    when = capfirst(words.during(around("month", month), today=today))
    if not known:
        return words.filled(_("%(when)s nothing is known of what was used."), when=when)
    parts = [
        words.filled("%(amount)s %(of)s", amount=words.bold(card.amount), of=str(OF[card.resource]))
        for card in known
    ]
    joined = SafeString(pgettext("list", ", ").join(parts[:-1]))
    if len(parts) > 1:
        amounts = words.filled(
            pgettext("list", "%(some)s and %(last)s"), some=joined, last=parts[-1]
        )
    else:
        amounts = parts[0]
    return words.filled(_("%(when)s was used: %(amounts)s."), when=when, amounts=amounts)


def _silent(found: Sums, points: Sequence[Point]) -> str:
    """What stands in place of the picture where nobody sends intervals."""
    if any(found.now.get(point.id, NOTHING).by_registers for point in points):
        return _("The chosen points send no intervals; what was used by their readings is in the"
                 " table.")  # fmt: skip
    return _("The chosen points have sent neither intervals nor readings yet.")


def _under(found: Sums, come: Arrival, end: date) -> str:
    said = []
    if found.as_of is not None:
        when = formats.moment(found.as_of, ZoneInfo(come.zone))
        said.append(_("As of %(when)s") % {"when": when})
    # Of points that are read and send no intervals there is no such moment.
    if come.latest is not None or come.over is not None or not _is_read(found):
        said.append(come.under(end))
    if found.unread:
        said.append(_("%(points)s without intervals are not counted")
                    % {"points": words.points(found.unread)})  # fmt: skip
    return " · ".join(filter(None, said))


def _is_read(found: Sums) -> bool:
    return any(used.by_registers for used in found.now.values())
