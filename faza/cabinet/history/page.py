"""«History»: a year of billing months of a point, each with its meters, basis and cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import picks, words
from faza.cabinet.arrival import arrival
from faza.cabinet.choice import Chosen, Point
from faza.cabinet.explorer import ended
from faza.cabinet.history import kept
from faza.cabinet.history.exact import Exact, of_part, shares
from faza.cabinet.history.kept import Kept
from faza.cabinet.registers import asking, months, wording
from faza.cabinet.registers.counting import Counted, counted
from faza.cabinet.registers.months import Months, Told
from faza.cabinet.registers.table import Meters, decimals_of, ratio_told
from faza.charges import queries as charges
from faza.contracts import access
from faza.core.periods import Period, start_of_day
from faza.core.reading_types import ReadingType
from faza.core.units import to_unit
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex
from faza.readings.register_queries import register_consumptions
from faza.ui import addresses, formats
from faza.ui.periods import Choice

AROUND = timedelta(days=35)
DAY = 86_400
"""Seconds: a reading of yesterday is as old as readings of a month that goes on are."""
Settled = tuple[Decimal | None, str]
"""What a month came to, None where nothing is known, and by what in words."""


@dataclass(frozen=True, slots=True)
class OfMeter:
    """A meter's part of a month: number, ratio, readings with their moments, what it counted."""

    number: str
    ratio: str
    opening: str
    opened_at: str
    closing: str
    closed_at: str
    used: str
    exact: Exact


@dataclass(frozen=True, slots=True)
class Month:
    """A row: used by the billing basis, beside it what else is known of the month."""

    day: date
    name: str
    used: str
    basis: str
    completeness: str
    estimated: str
    cost: str
    note: str
    url: str
    meters: tuple[OfMeter, ...] = ()
    facts: tuple[tuple[str, str], ...] = field(default=())
    is_open: bool = False
    exact: tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None] = (None,) * 4
    """What was used, completeness and the estimated share in per cent, the cost."""


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows; without a point or data `rows` is empty."""

    chosen: Chosen
    point: Point | None
    picks: tuple[Choice, ...]
    lead: SafeString | str
    year: int = 0
    earlier: str = ""
    later: str = ""
    rows: tuple[Month, ...] = ()
    total: Month | None = None
    months: Months | None = None
    unit: str = ""
    as_of: str = ""
    until: str = ""
    late: str = ""
    has_cost: bool = False
    exports: tuple[tuple[str, str], ...] = ()


def page(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Page:
    """A year of the first chosen point. At most sixteen questions."""
    here = chosen.asked.into(query)
    chooses = picks.one_of(user, chosen, here, at=at)
    if not chosen.points:
        return Page(chosen, None, chooses, _("No usage points are open to you yet."))
    point = chosen.points[0]
    windows = access.windows_of(user, at=at, points=[point.id])
    over = ended(windows, at=at)
    asked = asking.read(point, query, over or at)
    year = asked.today.year if asked.shown.first > asked.today else asked.shown.first.year
    firsts = [day for n in range(1, 13) if (day := date(year, n, 1)) <= asked.today]
    since = asking.since(windows, point.zone)
    firsts = [day for day in firsts if since is None or charges.next_month(day) > since]
    common: dict[str, Any] = {
        "chosen": chosen, "point": point, "picks": chooses, "year": year,
        "earlier": _year(here, year - 1) if since is None or since.year < year else "",
        "later": _year(here, year + 1) if year < asked.today.year else "",
    }  # fmt: skip
    kind = asking.kinds_of(point)[0]
    found = _counted(windows, point, kind, firsts, asked.now)
    come = arrival(windows, Chosen(chosen.asked, (point,)), over, at=at)
    known = kept.months(windows, kind, firsts, come)
    settled = [_settled(one, known, day, kind) for day, one in zip(firsts, found, strict=True)]
    rows = _rows(point, kind, firsts, found, known, settled, asked)
    common["late"] = come.late(date(year + 1, 1, 1))
    if come.latest is not None or not any(one.lead for one in found):
        common["until"] = come.under(date(year + 1, 1, 1))
    if all(row.used == formats.DASH for row in rows):
        lead = words.filled(_("%(point)s: nothing is known of the year %(year)s."),
                            point=point.name, year=str(year))  # fmt: skip
        return Page(**common, lead=lead)
    return Page(
        **common,
        lead=_lead(kind, year, settled, known, firsts),
        rows=tuple(reversed(rows)),
        months=months.months(
            [Told(day, one, day < asked.today.replace(day=1), None)
             for day, one in zip(firsts, found, strict=True)],
            kind, None, {day: _registers_url(point, day) for day in firsts},
        ),
        unit=formats.unit_name(kind.unit),
        as_of=formats.moment(known.as_of, ZoneInfo(point.zone)) if known.as_of else "",
        has_cost=bool(known.cost),
        exports=_exports(point, year),
    )  # fmt: skip


def _counted(
    windows: Windows, point: Point, kind: ReadingType, firsts: Sequence[date], now: datetime
) -> list[Counted]:
    zone = point.zone
    spans = [
        Period(start_of_day(day, zone), max(start_of_day(day, zone), min(
            start_of_day(charges.next_month(day), zone), now)))
        for day in firsts
    ]  # fmt: skip
    found = register_consumptions(windows, spans, asking.numbers(kind), around=AROUND)
    return [counted(one, point.id, kind.code) for one in found]


def _rows(
    point: Point, kind: ReadingType, firsts: Sequence[date], found: Sequence[Counted],
    known: Kept, settled: Sequence[Settled], asked: asking.Asked,
) -> list[Month]:  # fmt: skip
    meters = _meters(point, firsts)
    present = asked.today.replace(day=1)
    made = []
    for day, one, (used, basis) in zip(firsts, found, settled, strict=True):
        is_open = day >= present
        name = words.month(day)
        if is_open:
            name = _("%(month)s so far") % {"month": name}
        # Of a month that goes on only its beginning has to be bounded.
        is_rough = not is_open or bool(wording.between(one, point.zone, is_open=True))
        said = months.note(one, is_over=True) if one.lead else ""
        made.append(
            Month(
                day=day,
                name=name,
                used=formats.number(used, wording.places(kind)),
                basis=basis,
                completeness=_share(known, day),
                estimated=_estimated(known, day),
                cost=formats.number(known.cost.get(day), 2) if day in known.cost else "",
                note=said if is_rough else _behind(one, basis, point.zone, asked.now),
                url=_registers_url(point, day),
                meters=_of_meters(one, kind, meters, point.zone),
                facts=_facts(one, known, day, kind),
                is_open=is_open,
                exact=(used, *shares(known, day), known.cost.get(day)),
            )
        )
    return made


def _behind(one: Counted, basis: str, zone: str, now: datetime) -> str:
    """Of a month that goes on: that its reading is older than what was used, or stands for it."""
    closed = max((part.closed_at for part in one.lead.parts), default=0) if one.lead else 0
    if not closed or now.timestamp() - closed < DAY:
        return ""
    when = wording.moment(closed, zone)
    if basis == _("registers"):
        return _("the last reading is of %(when)s: what was used is counted up to it") % {
            "when": when
        }
    return _("the last reading is of %(when)s: what was used is of intervals up to later") % {
        "when": when
    }


def _settled(one: Counted, known: Kept, day: date, kind: ReadingType) -> Settled:
    """What a month is settled by, and its name: the registers where they bound it.

    Else whichever of readings near its boundaries and intervals tells of more of it; where both
    tell of all of it the intervals, which are of no other days.
    """
    amount = wording.exact(one.used, kind)
    lead = one.lead
    if amount is not None and not months.is_rough(one):
        return amount, _("registers")
    if day in known.total:
        expected, present, _estimated = known.counts[day]
        parts = lead.parts if amount is not None and lead is not None else ()
        read = sum(min(p.end, p.now_at) - max(p.start, p.opened_at) for p in parts)
        length = sum(part.end - part.start for part in parts)
        # Intervals of `present` of `expected` against seconds of `length` that readings bound.
        if present * length >= read * expected:
            return to_unit(known.total[day], kind), _("intervals")
    return amount, _("registers") if amount is not None else ""


def _of_meters(one: Counted, kind: ReadingType, meters: Meters, zone: str) -> tuple[OfMeter, ...]:
    """The sum register of each meter, or its zones' where it has none."""
    made = []
    registers = [one.whole] if one.whole else list(one.zones)
    for register in registers:
        for part in register.parts:
            places = decimals_of(part.meter, meters)
            number = meters[part.meter].meter.number if part.meter in meters else ""
            made.append(
                OfMeter(
                    number=f"{number} T{register.tariff}" if register.tariff else number,
                    ratio=ratio_told(part),
                    opening=wording.of_register(
                        part.opening if part.opened_at else None, kind, places
                    ),
                    opened_at=wording.moment(part.opened_at, zone) if part.opened_at else "",
                    closing=wording.of_register(
                        part.closing if part.closed_at else None, kind, places
                    ),
                    closed_at=wording.moment(part.closed_at, zone) if part.closed_at else "",
                    used=wording.used(part.used, kind),
                    exact=of_part(part, kind, zone),
                )
            )
    return tuple(made)


def _facts(
    one: Counted, known: Kept, day: date, kind: ReadingType
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    unit = formats.unit_name(kind.unit)
    said = [
        (f"T{zone.tariff}", f"{wording.used(zone.used, kind)}{formats.NBSP}{unit}")
        for zone in one.zones
        if one.whole is not None
    ]
    if day in known.total:
        amount = to_unit(known.total[day], kind)
        said.append(
            (
                _("By intervals"),
                f"{formats.number(amount, wording.places(kind))}{formats.NBSP}{unit}",
            )
        )
        if one.used is not None and _share(known, day) == formats.completeness(100):
            exact = wording.exact(one.used, kind)
            rest = amount - exact if exact is not None else None
            said.append(
                (
                    _("Intervals less registers"),
                    f"{formats.signed(rest, wording.places(kind))}{formats.NBSP}{unit}",
                )
            )
    if day in known.power and kind.unit == "kWh":
        power = Decimal(known.power[day]) / 1000
        said.append((_("Highest power"), str(formats.quantity(power, "kW", 2))))
    if day in known.volume:
        volume = Decimal(known.volume[day]) / 1000
        said.append((_("Charged"), f"{formats.number(volume, 0)}{formats.NBSP}{unit}"))
    if day in known.instead:
        wh, clause = known.instead[day]
        billed = formats.energy(Decimal(wh) / 1000, "kWh", 0)
        said.append((_("Volume by the rules where the reading is missing"), f"{billed} ({clause})"))
    if day in known.basis:
        said.append((_("The cost rests on"), known.basis[day]))
    return tuple(said)


def _share(known: Kept, day: date) -> str:
    if not known.total:
        return ""  # a point that sends no intervals is not short of any
    expected, present, _estimated = known.counts.get(day, (0, 0, 0))
    return formats.completeness(Decimal(100 * present) / expected) if expected else ""


def _estimated(known: Kept, day: date) -> str:
    _expected, present, estimated = known.counts.get(day, (0, 0, 0))
    if not present or not estimated:
        return ""
    share = 100 * estimated / present
    return formats.percent(max(share, 0.1), 1)


def _meters(point: Point, firsts: Sequence[date]) -> dict[int, MeteringComplex]:
    if not firsts:
        return {}
    start = start_of_day(firsts[0], point.zone)
    end = start_of_day(charges.next_month(firsts[-1]), point.zone)
    rows = MeteringComplex.objects.billing().filter(usage_point=point.id)
    wide = rows.within(Period(start - AROUND, end + AROUND)).select_related("meter__model")
    return {row.meter_id: row for row in wide}


def _lead(
    kind: ReadingType, year: int, settled: Sequence[Settled], known: Kept, firsts: Sequence[date]
) -> SafeString:  # fmt: skip
    amounts = [amount for amount, _basis in settled]
    told = [amount for amount in amounts if amount is not None]
    parts = {
        "year": str(year),
        "amount": words.bold(formats.energy(sum(told, Decimal(0)), kind.unit, 1)),
        "rest": "",
    }
    if len(told) < len(amounts):
        missing = len(amounts) - len(told)
        parts["rest"] = ngettext(
            ", without %(count)s month of which nothing is known",
            ", without %(count)s months of which nothing is known",
            missing,
        ) % {"count": missing}
    said = words.filled(_("In %(year)s the point used %(amount)s%(rest)s."), **parts)
    costs = [known.cost[day] for day in firsts if day in known.cost]
    if not costs:
        return said
    cost = words.bold(formats.quantity(sum(costs, Decimal(0)), "₽", 0))
    # Where months have no cost, the sum is of the others.
    if len(costs) == len(amounts):
        rest = words.filled(_("That is %(cost)s."), cost=cost)
    else:
        rest = words.filled(_("Of %(count)s months the cost is known: %(cost)s."),
                            count=str(len(costs)), cost=cost)  # fmt: skip
    return SafeString(f"{said} {rest}")


def _year(here: QueryDict, year: int) -> str:
    return addresses.changed(here, period="year", on=f"{year}-01-01", from_=None, to=None)


def _registers_url(point: Point, day: date) -> str:
    address = reverse("cabinet:registers")
    return f"{address}?point={point.code}&period=month&on={day.isoformat()}"


def _exports(point: Point, year: int) -> tuple[tuple[str, str], ...]:
    query = f"?point={point.code}&period=year&on={year}-01-01"
    return tuple(
        (format, f"{reverse('cabinet:history_file', args=[format])}{query}")
        for format in ("xlsx", "csv")
    )
