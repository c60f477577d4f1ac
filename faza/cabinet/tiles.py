"""«All sections» of the board: every section with one fact, from what the board knows already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from faza.accounts.models import User
from faza.cabinet import attention, measured, totype, words
from faza.cabinet.choice import Chosen
from faza.cabinet.costs.cheaper import SAME
from faza.cabinet.costs.words import money
from faza.cabinet.fresh import News
from faza.cabinet.measured import Heard
from faza.charges.advice import queries as advising
from faza.contracts import access
from faza.contracts.permissions import may
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS, BY_CHANNEL, OF_COMMODITY, Commodity, ReadingType
from faza.core.windows import Windows
from faza.events.journal import Tally
from faza.manual_entry.still import Open
from faza.metering.models import MeteringComplex
from faza.readings.network import moments
from faza.readings.register_queries import readings_between
from faza.readings.registers import WHOLE, register
from faza.ui import formats
from faza.ui.contact import contact
from faza.ui.menu import SECTIONS

NEAR = timedelta(days=2)
"""Readings of registers this near to now are what the meter shows."""
TARIFFS = 3
"""So many tariff registers a tile names."""
FRESH = timedelta(days=1)
"""Voltages of longer ago are no news."""
VOLTAGES = tuple(BY_CHANNEL[name].code for name in ("UA", "UB", "UC"))

KINDS: dict[str, ReadingType] = {str(one): kinds[0] for one, kinds in OF_COMMODITY.items()}
RESOURCES = {
    Commodity.ELECTRICITY: pgettext_lazy("resource", "electricity"),
    Commodity.WATER: pgettext_lazy("resource", "water"),
    Commodity.GAS: pgettext_lazy("resource", "gas"),
    Commodity.HEAT: pgettext_lazy("resource", "heat"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A section with its fact."""

    label: str | Promise
    fact: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the board has found: facts cost nothing where they are in here.

    asked: all chosen points, of every resource; chosen: those of the board's. step: minutes of an
    interval, 0 where nothing tells. month: what the month costs so far, as written.
    totype: of what readings are still to be typed.
    """

    asked: Chosen
    chosen: Chosen
    windows: Windows
    step: int
    heard: Heard | None
    standing: dict[int, MeteringComplex]
    week: Tally | None = None
    unread: int = 0
    news: News = News((), 0)
    month: str = ""
    totype: Sequence[Open] = ()


def tiles(user: User, known: Known, *, at: datetime) -> tuple[Tile, ...]:
    """A tile for each section that the user has, and the own account. At most seven queries."""
    facts = _facts(user, known, at=at)
    made = []
    for section in SECTIONS:
        if section.url_name == "cabinet:home":
            continue
        if section.right is not None and not may(user, section.right):
            continue
        try:
            url = reverse(section.url_name)
        except NoReverseMatch:
            continue  # an installation without this section
        name = section.url_name.partition(":")[2]
        made.append(Tile(section.label, facts.get(name, ""), section.icon, url))
    made.append(
        Tile(
            _("Personal data"),
            _("sign-in, consents, own data"),
            icon="user-circle",
            url=reverse("cabinet:profile"),
        )
    )
    return tuple(made)


def _facts(user: User, known: Known, *, at: datetime) -> dict[str, str]:
    count = words.points(len(known.chosen.points))
    by_step = _("by %(minutes)s minutes, %(points)s") % {"minutes": known.step, "points": count}
    return {
        "explorer": by_step if known.step else count,
        "registers": _registers(known, at=at) or _("registers by tariff zones"),
        "entry": totype.fact(known.totype) or _("of meters that nobody reads from afar"),
        "resources": ", ".join(
            str(name) for one, name in RESOURCES.items()
            if any(point.resource == one for point in known.asked.points)
        ),
        "history": _since(known) or _("by months and meters"),
        "events": _events(known.week),
        "network": _voltages(known, at=at) or _("voltages, currents, powers, angles"),
        "meters": _meters(user, known, at=at),
        "complexes": _transformers(known.standing),
        "passport": _passport(known) or _("type, classes, verification"),
        "supply": _("limit, disconnection, connection"),
        "reports": _("on the screen, as PDF and Excel"),
        "costs": _saving(known) or known.month or _("by tariffs and prices"),
        "agreements": _agreements(user, at=at),
        "notices": _count(known.unread, _("all are read")),
        "news": _count(known.news.unread, _("all are read")),
        "cases": _("ask about data, meters and cost"),
    }  # fmt: skip


def _count(count: int, none: str) -> str:
    if not count:
        return none
    return ngettext("%(number)s unread", "%(number)s unread", count) % {
        "number": formats.number(count)
    }


def _registers(known: Known, *, at: datetime) -> str:
    """«T1 20 605,4 · T2 4 558,2»: what the one meter shows. Two queries."""
    if known.chosen.one is None or known.chosen.kind != A_PLUS:
        return ""
    found = readings_between(known.windows, Period(at - NEAR, at))
    if not len(found):
        return ""
    last = int(found.moments.argmax())
    told: list[str] = []
    for tariff in (*range(1, TARIFFS + 1), 0):
        place = register(A_PLUS.code, tariff)
        if found.present[last, place] and (tariff or not told):
            value = Decimal(int(found.values[last, place])) / int(WHOLE[place])
            name = f"T{tariff}" if tariff else "Σ"
            told.append(f"{name} {formats.number(value, 1)}")
    return " · ".join(told)


def _since(known: Known) -> str:
    first = min((window.period.start for window in known.windows), default=None)
    if first is None or first.year < 1990:
        return ""
    return _("since %(day)s") % {"day": f"{first:%m.%Y}"}


def _events(week: Tally | None) -> str:
    if week is None:
        return _("what meters and Faza noted")
    count = week.total()
    if not count:
        return _("none in the week")
    return ngettext("%(number)s in the week", "%(number)s in the week", count) % {
        "number": formats.number(count)
    }


def _voltages(known: Known, *, at: datetime) -> str:
    """«238,8 · 237,8 · 235,0 В»: of the last moment that the one meter told. One query."""
    if known.chosen.one is None or known.chosen.kind != A_PLUS:
        return ""
    found = moments.around(known.windows, at, count=1)
    past = [one for one in found if at - FRESH <= one.at <= at]
    volts = (
        [past[-1].values[code] / 10 for code in VOLTAGES if code in past[-1].values] if past else []
    )
    places = 1 if max(volts, default=0) < 1000 else 0
    told = [formats.number(one, places) for one in volts]
    return f"{' · '.join(told)}{formats.NBSP}{formats.unit_name('V')}" if told else ""


def _meters(user: User, known: Known, *, at: datetime) -> str:
    """All meters of the chosen points, of other resources than the board's too. Three queries."""
    others = set(known.asked.ids) - set(known.chosen.ids)
    standing, heard = dict(known.standing), [known.heard]
    if others and known.heard is not None:
        windows = access.windows_of(user, at=at, points=others)
        kinds = {KINDS[point.resource] for point in known.asked.points if point.id in others}
        open_ = {window.usage_point for window in windows if window.period.end >= at}
        standing |= attention.standing(open_, at=at)
        heard.append(measured.heard(windows, sorted(kinds, key=lambda kind: kind.code), at=at))
    count = len(standing)
    number = ngettext("%(number)s meter", "%(number)s meters", count) % {
        "number": formats.number(count)
    }
    if known.heard is None or not count:
        return number if count else _("contact, readings, verification")
    ends = [
        max((end for one in heard if one and (end := one.of(point))), default=None)
        for point in standing
    ]
    good = sum(contact(end, at=at).kind == "good" for end in ends)
    parts = {"meters": number, "count": formats.number(good)}
    return _("%(meters)s, %(count)s in contact") % parts


def _transformers(standing: dict[int, MeteringComplex]) -> str:
    count = sum(one.ratio != 1 for one in standing.values())
    if not count:
        return _("without transformers") if standing else _("meters with their transformers")
    return ngettext(
        "%(count)s with transformers", "%(count)s with transformers", count
    ) % {"count": formats.number(count)}  # fmt: skip


def _passport(known: Known) -> str:
    found = list(known.standing.values())
    ends = [one.meter.verification_due for one in found if one.meter.verification_due]
    if not ends:
        return ""
    parts = {"day": f"{min(ends):%m.%Y}", "class": found[0].meter.model.accuracy_active}
    if len(found) == 1 and parts["class"]:
        return _("class %(class)s, verified until %(day)s") % parts
    return _("verified until %(day)s") % parts


def _saving(known: Known) -> str:
    """Which tariff is cheaper for the one point, and by how much a year. Two queries."""
    point = known.chosen.one
    if point is None or known.chosen.kind != A_PLUS:
        return ""
    told = advising.advice(known.windows, point.id, zone=point.zone)
    if told is None or told.own is None or told.best is None:
        return ""
    own, best = told.own.total, told.best.total
    if own is None or best is None or told.best.is_own or own - best < SAME * own:
        return ""
    return _("%(name)s: %(sum)s a year less") % {
        "name": told.best.name, "sum": money(told.a_year(own - best), 0)
    }  # fmt: skip


def _agreements(user: User, *, at: datetime) -> str:
    """How many agreements the user reads. One query."""
    count = access.readable_agreements_of(user, at=at).count()
    return ngettext("%(number)s agreement", "%(number)s agreements", count) % {
        "number": formats.number(count)
    }


def step_of(starts: np.ndarray, ends: np.ndarray) -> int:
    """Minutes of the intervals of an axis; 0 for an empty one."""
    return int(ends[0] - starts[0]) // 60 if len(starts) else 0
