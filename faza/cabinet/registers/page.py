"""«Meter readings»: registers at the start of a period and now, beside profile and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet import measured, picks, words, zones
from faza.cabinet.choice import Chosen, Point
from faza.cabinet.columns import HUES
from faza.cabinet.explorer import Channel, ended
from faza.cabinet.registers import asking, beside, how, months, wording
from faza.cabinet.registers import table as tables
from faza.cabinet.registers.asking import Asked
from faza.cabinet.registers.beside import Fact
from faza.cabinet.registers.counting import Counted, agreement, carried, counted
from faza.cabinet.registers.how import How
from faza.cabinet.registers.months import Months, Told
from faza.cabinet.registers.table import Meters, Table
from faza.cabinet.series import Cells
from faza.cabinet.zones import Zones
from faza.charges import queries as charges
from faza.charges.rules.charge import Charge
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS, Commodity, ReadingType
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex
from faza.readings.models import RegisterReading
from faza.readings.register_queries import readings_between, register_consumptions
from faza.ui import addresses, formats, periods
from faza.ui.periods import Choice, Control

AROUND = timedelta(days=35)
"""So far from a boundary a reading may be that stands for it: people type theirs once a month."""
LATE, LATE_BY_HAND = timedelta(hours=36), timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows; without registers `table` is None."""

    chosen: Chosen
    point: Point | None
    picks: tuple[Choice, ...]
    lead: SafeString | str
    control: Control | None = None
    under: str = ""
    state: tuple[str, str, str] | None = None
    title: str = ""
    channels: tuple[Channel, ...] = ()
    table: Table | None = None
    notes: tuple[str, ...] = ()
    how: How | None = None
    months: Months | None = None
    money: tuple[Choice, ...] = ()
    others: tuple[Fact, ...] = ()
    screen: str = ""
    exports: tuple[tuple[str, str], ...] = ()


def page(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Page:
    """The page of the first chosen point. At most sixteen questions."""
    here = chosen.asked.into(query)
    chooses = picks.one_of(user, chosen, here, at=at)
    if not chosen.points:
        return Page(chosen, None, chooses, _("No usage points are open to you yet."))
    point = chosen.points[0]
    windows = access.windows_of(user, at=at, points=[point.id])
    over = ended(windows, at=at)
    asked = asking.read(point, query, over or at)
    control = periods.control(
        asked.shown, here, today=asked.today, since=asking.since(windows, point.zone)
    )
    kinds = asking.kinds_of(point)
    numbers = [number for kind in kinds for number in asking.numbers(kind)]
    found = register_consumptions(
        windows, [asked.period, *asking.months(asked)], numbers, around=AROUND
    )
    told = {kind.code: counted(found[0], point.id, kind.code) for kind in kinds}
    common: dict[str, Any] = {
        "chosen": chosen,
        "point": point,
        "picks": chooses,
        "control": control,
    }
    if not any(one.lead for one in told.values()):
        time = wording.when(asked.shown, today=asked.today, is_open=asked.is_open)
        lead = words.filled(
            _("%(point)s: there are no readings %(when)s."), point=point.name, when=time
        )
        return Page(**common, lead=lead, channels=_channels(asked, kinds, told, here))
    day_zones = _zones(user, chosen, asked, at=at)
    cells, until = _profile(windows, asked, at=at)
    told = {code: _carried(one, asked, cells.get(code), day_zones, until)
            for code, one in told.items()}  # fmt: skip
    meters = _meters(point, asked)
    charge = _charge(windows, asked) if asked.kind == A_PLUS else None
    return Page(
        **common,
        **_content(windows, asked, told, cells, day_zones, meters, charge,
                   [counted(one, point.id, asked.kind.code) for one in found[1:]], here, at=at),
        channels=_channels(asked, kinds, told, here),
    )  # fmt: skip


def _content(
    windows: Windows, asked: Asked, told: Mapping[int, Counted],
    cells: Mapping[int, Cells], day_zones: Zones | None, meters: Meters, charge: Charge | None,
    by_month: Sequence[Counted], here: QueryDict, *, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """What depends on the numbers."""
    kind, zone = asked.kind, asked.point.zone
    mine = told[kind.code]
    time = wording.between(mine, zone, is_open=asked.is_open) or wording.when(
        asked.shown, today=asked.today, is_open=asked.is_open
    )
    table = tables.table(mine, kind, meters, day_zones, zone, charge)
    lead = mine.lead
    column = lead.parts[-1].now_at if lead else 0
    facts = beside.others(told, kind, meters, time, column, zone)
    if kind.code in cells:
        own = cells[kind.code]
        facts += [
            fact
            for fact in (
                beside.greatest(own, kind, zone), beside.check(agreement(mine, own), kind)
            )
            if fact
        ]  # fmt: skip
    costs = _costs(windows, asked) if kind == A_PLUS else {}
    return {
        "lead": wording.lead(mine, kind, time, day_zones, charge),
        "under": _under(mine, meters, asked),
        "state": _state(windows, asked, mine, at=at),
        "title": str(words.CHANNELS[kind.code][1]),
        "table": table,
        "notes": _notes(mine),
        "how": how.how(mine, kind, charge, meters) if table else None,
        "months": months.months(
            _by_month(asked, by_month, mine, costs),
            kind,
            day_zones,
            _urls(asked, here),
            is_money=asked.is_money,
        ),
        "money": _money(asked, here) if costs else (),
        "others": tuple(facts),
        "screen": _screen(mine, kind),
        "exports": _exports(asked, here),
    }


# Questions


def _zones(user: User, chosen: Chosen, asked: Asked, *, at: datetime) -> Zones | None:
    if asked.point.resource != Commodity.ELECTRICITY:
        return None
    alone = Chosen(chosen.asked, (asked.point,))
    return zones.shared(user, alone, asked.shown, at=at)


def _profile(
    windows: Windows, asked: Asked, *, at: datetime
) -> tuple[dict[int, Cells], datetime | None]:
    """Intervals of the shown days by channel, and up to when they have arrived."""
    kinds = asking.kinds_of(asked.point)
    until = measured.heard(windows, kinds, at=asked.now).of(asked.point.id)
    if until is None or asked.shown.first > asked.today:
        return {}, None
    cells = measured.intervals(
        windows, kinds, asked.shown.first, asked.shown.end, asked.point.zone,
        until=min(until, asked.now),
    )  # fmt: skip
    return {code: one for code, one in cells.items() if (one.present > 0).any()}, until


def _carried(
    told: Counted, asked: Asked, cells: Cells | None, day_zones: Zones | None,
    until: datetime | None,
) -> Counted:  # fmt: skip
    if cells is None or until is None:
        return told
    zone_of = None
    if day_zones is not None and told.zones:
        minutes = zones.minutes_of_day(cells.start, asked.point.zone)
        zone_of = np.array(day_zones.of_minute)[minutes]
    return carried(told, cells, zone_of, int(until.timestamp()))


def _meters(point: Point, asked: Asked) -> dict[int, MeteringComplex]:
    """The complexes of the shown period by their meters."""
    wide = Period(asked.period.start - AROUND, asked.period.end + AROUND)
    rows = MeteringComplex.objects.billing().filter(usage_point=point.id).within(wide)
    return {row.meter_id: row for row in rows.select_related("meter__model")}


def _charge(windows: Windows, asked: Asked) -> Charge | None:
    """The charge of a shown month; of several agreements in it none is the month's."""
    if asked.shown.kind != "month":
        return None
    found = charges.charge(windows, asked.point.id, asked.shown.first)
    return found[0].charge if len(found) == 1 else None


def _costs(windows: Windows, asked: Asked) -> dict[date, Decimal]:
    """What months cost, of those of which all is known."""
    firsts = asking.first_months(asked)
    found = charges.charged(windows, firsts[0], charges.next_month(firsts[-1]))
    made: dict[date, Decimal] = {}
    unknown = set()
    for month, kopecks, known in zip(
        found.months.astype("datetime64[D]").tolist(), found.kopecks.tolist(),
        found.known.tolist(), strict=True,
    ):  # fmt: skip
        if known:
            made[month] = made.get(month, Decimal(0)) + Decimal(kopecks) / 100
        else:
            unknown.add(month)
    return {month: cost for month, cost in made.items() if month not in unknown}


# What is said


def _by_month(
    asked: Asked, found: Sequence[Counted], now: Counted, costs: Mapping[date, Decimal]
) -> list[Told]:
    firsts = asking.first_months(asked)
    present = asked.today.replace(day=1)
    made = []
    for month, one in zip(firsts, found, strict=True):
        # The shown month, as far as it has come, is what the table says.
        is_shown = asked.shown.kind == "month" and month == asked.shown.first
        made.append(Told(month, now if is_shown else one, month < present, costs.get(month)))
    return made


def _under(told: Counted, meters: Meters, asked: Asked) -> str:
    lead = told.lead
    if lead is None:
        return ""
    last = lead.parts[-1]
    number = meters[last.meter].meter.number if last.meter in meters else ""
    if not last.now_at:
        return _("Meter No. %(number)s") % {"number": number}
    parts = {"number": number, "when": wording.moment(last.now_at, asked.point.zone)}
    return _("Meter No. %(number)s, readings of %(when)s") % parts


def _state(
    windows: Windows, asked: Asked, told: Counted, *, at: datetime
) -> tuple[str, str, str] | None:
    """Kind of a chip, icon and words: how the last reading came, and whether it is late."""
    lead = told.lead
    last = lead.parts[-1] if lead else None
    if last is None or not last.closed_at:
        return None
    moment = datetime.fromtimestamp(last.closed_at, UTC)
    found = readings_between(windows, Period(moment, moment + timedelta(seconds=1)))
    mine = found.moments == last.closed_at
    by_hand = bool(mine.any()) and bool((found.kinds[mine] == RegisterReading.Kind.MANUAL).all())
    latest = datetime.fromtimestamp(last.now_at, UTC)
    if asked.is_open and asked.now == at and at - latest > (LATE_BY_HAND if by_hand else LATE):
        return "warn", "clock-exclamation", words.late(latest, at=at)
    if by_hand:
        return "", "pencil", _("Typed by hand")
    return "good", "circle-check", _("Read automatically")


def _notes(told: Counted) -> tuple[str, ...]:
    """What has to be known of the table's numbers."""
    lead = told.lead
    said = []
    if lead is None:
        return ()
    if lead.is_carried:
        last = lead.parts[-1]
        said.append(
            _("The last reading is continued by the measured intervals: underlined with dashes.")
            if last.closed_at
            else ""
        )
    if any(part.fell for part in lead.parts):
        said.append(_("A register shows less than before: its difference is not counted."))
    if any(part.rolled for part in lead.parts):
        said.append(_("A register went over its greatest number and began anew."))
    if not told.is_covered:
        said.append(_("For a part of this time no meter stood at the point."))
    return tuple(filter(None, said))


def _channels(
    asked: Asked, kinds: Sequence[ReadingType], told: Mapping[int, Counted], here: QueryDict
) -> tuple[Channel, ...]:
    if len(kinds) < 2:
        return ()
    made = []
    for kind in kinds:
        label = str(words.CHANNELS[kind.code][0])
        if told[kind.code].lead is None and kind != asked.kind:
            why = _("The meter has no register of it, or it was not read.")
            made.append(Channel(label, HUES[kind.code], "", is_on=False, why=why))
            continue
        url = addresses.changed(here, channel=kind.channel)
        made.append(Channel(label, HUES[kind.code], url, is_on=kind == asked.kind))
    return tuple(made)


def _urls(asked: Asked, here: QueryDict) -> dict[date, str]:
    return {
        month: addresses.changed(
            here, point=asked.point.code, branch=None, points=None, period="month",
            on=month.isoformat(), from_=None, to=None,
        )
        for month in asking.first_months(asked)
    }  # fmt: skip


def _money(asked: Asked, here: QueryDict) -> tuple[Choice, ...]:
    unit = formats.unit_name(asked.kind.unit)
    return (
        Choice(unit, addresses.changed(here, in_=None), current=not asked.is_money),
        Choice("₽", addresses.changed(here, in_="money"), current=asked.is_money),
    )


def _screen(told: Counted, kind: ReadingType) -> str:
    """Where the numbers stand on the meter's own screen. Source: СТО 34.01-5.1-006, C.D.E."""
    if not kind.obis:
        return ""
    group = kind.obis.split(".")[2]
    tariffs = [zone.tariff for zone in told.zones] or [0]
    codes = ", ".join(f"{group}.8.{tariff}" for tariff in tariffs)
    return _("On the meter's screen: %(codes)s.") % {"codes": codes}


def _exports(asked: Asked, here: QueryDict) -> tuple[tuple[str, str], ...]:
    query = urlencode({
        "point": asked.point.code, "period": "any", "from": asked.shown.first.isoformat(),
        "to": asked.shown.last.isoformat(),
    })  # fmt: skip
    return tuple(
        (format, f"{reverse('cabinet:registers_file', args=[format])}?{query}")
        for format in ("xlsx", "csv")
    )
