"""«Meters»: the billing meters that stand at the user's points, whether they are heard of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.core.paginator import Page, Paginator
from django.db.models import F, FilteredRelation, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import measured, supply, words
from faza.collection.orders import showing
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import OF_COMMODITY, Commodity, ReadingType
from faza.core.units import to_unit
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex, MeterModel, UsagePoint
from faza.metering.queries import paths_of
from faza.metering.rules import SEPARATOR, VERIFICATION_SOON
from faza.readings import registers
from faza.readings.register_queries import readings_between
from faza.readings.register_store import StoredReadings
from faza.ui import addresses, formats
from faza.ui.contact import Contact, contact

A_PAGE = 50
SOON = VERIFICATION_SOON
CONSUMED = tuple(kinds[0] for kinds in OF_COMMODITY.values())
OF_CONSUMED = frozenset(kind.code for kind in CONSUMED)
LATELY = timedelta(days=40)
"""A monthly reading is in it."""
SORTS = {
    "point": ("node__path", "name_key", "id"),
    "address": ("address", "name_key", "id"),
    "model": ("standing__meter__model__name", "standing__meter__number", "id"),
    "number": ("standing__meter__number", "id"),
    "due": ("standing__meter__verification_due", "id"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a verification, and what it means today."""

    day: date
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A point and the meter by which it is settled; without one `number` is empty."""

    point: UsagePoint
    path: tuple[str, ...]
    url: str
    contact: Contact
    until: str
    model: str = ""
    maker: str = ""
    number: str = ""
    accuracy: str = ""
    ratio: str = ""
    due: Due | None = None
    registers: tuple[tuple[str, str], ...] = ()
    read_at: str = ""
    supply: supply.Told | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a meter showed last: its registers of what is consumed by tariff (0 is the sum)."""

    at: datetime
    registers: dict[int, int]
    kind: ReadingType


@dataclass(frozen=True, slots=True)
class Meters:
    """The page: rows, how to sort them, where the neighbouring pages are."""

    rows: tuple[Instrument, ...]
    page: Page[Any]
    search: str
    sort: str
    sorts: dict[str, tuple[str, str]]
    lead: SafeString
    earlier_url: str
    later_url: str

    @property
    def has_registers(self) -> bool:
        """Whether any meter here has been read."""
        return any(row.registers for row in self.rows)

    @property
    def limited(self) -> list[Instrument]:
        """Where supply is limited, or is going to be changed."""
        return [row for row in self.rows if row.supply and row.supply.is_news]


def meters(user: User, query: QueryDict, *, at: datetime) -> Meters:
    """Meters at the points that the user has now. Fifteen questions or fewer."""
    search = query.get("q", "").strip()[:100]
    asked = query.get("sort", "point")
    sort = asked if asked.lstrip("-") in SORTS else "point"
    own = access.usage_points_of(user, at=at)
    page = _page(own.matching(search) if search else own, sort, query.get("page", "1"))
    rows = list(page.object_list)
    ids = [row.pk for row in rows]
    windows = access.windows_of(user, at=at, points=ids)
    heard = measured.heard(
        windows, list({row.resource: _kind(row) for row in rows}.values()), at=at
    )
    paths = paths_of(ids)
    standing = _standing(ids, at=at)
    shown = _shown(windows, at=at)
    supplies = showing.supplies(windows, at=at)
    made = tuple(
        replace(
            _instrument(row, paths[row.pk], standing.get(row.pk), heard.of(row.pk), shown, at=at),
            supply=supply.told(supplies.get(row.pk), row.zone),
        )
        for row in rows
    )
    return Meters(
        rows=made,
        page=page,
        search=search,
        sort=sort,
        sorts={name: _sorted(query, name, sort) for name in SORTS},
        lead=_lead(page.paginator.count, made, search, page.paginator.num_pages),
        earlier_url=_paged(query, page.number - 1) if page.has_previous() else "",
        later_url=_paged(query, page.number + 1) if page.has_next() else "",
    )


def _page(points: Any, sort: str, number: str) -> Page[Any]:
    """A page of points with `standing` joined, sorted; a page past the last one is the last."""
    is_billing = Q(complexes__role=MeteringComplex.Role.BILLING, complexes__valid_to=None)
    joined = points.annotate(standing=FilteredRelation("complexes", condition=is_billing))
    down = sort.startswith("-")
    order = [
        F(name).desc(nulls_last=True) if down else F(name).asc(nulls_last=True)
        for name in SORTS[sort.lstrip("-")]
    ]
    paginator = Paginator(joined.order_by(*order), A_PAGE)
    # Counting needs neither the join nor the order.
    paginator.count = points.count()  # a cached property, filled early
    return paginator.get_page(number)


def _kind(point: UsagePoint) -> ReadingType:
    return OF_COMMODITY[Commodity(point.resource)][0]


def _standing(points: Sequence[int], *, at: datetime) -> dict[int, MeteringComplex]:
    rows = MeteringComplex.objects.billing().filter(usage_point__in=points).valid_at(at)
    return {row.usage_point_id: row for row in rows.select_related("meter__model")}


def _instrument(
    point: UsagePoint, path: str, standing: MeteringComplex | None, until: datetime | None,
    shown: dict[tuple[int, int], Shown], *, at: datetime,
) -> Instrument:  # fmt: skip
    found = contact(until, at=at)
    common: dict[str, Any] = {
        "point": point,
        # In parts, so that a line breaks between two names.
        "path": tuple(path.split(SEPARATOR)),
        "url": f"{reverse('cabinet:explorer')}?point={point.code}",
        "contact": found,
        "until": words.until(until, point.zone, at=at) if until else "",
    }
    if standing is None:
        return Instrument(**common)
    meter, model = standing.meter, standing.meter.model
    classes = [c for c in (model.accuracy_active, model.accuracy_reactive) if c]
    today = at.astimezone(ZoneInfo(point.zone)).date()
    return Instrument(
        **common,
        model=model.name,
        maker=model.manufacturer,
        number=meter.number,
        accuracy=" / ".join(classes),
        ratio=formats.number(standing.ratio.numerator)
        if standing.ratio.denominator == 1 and standing.ratio != 1
        else "",
        due=due(meter.verification_due, today=today),
        **_read(shown.get((point.pk, meter.pk)), model, point.zone),
    )


def _read(last: Shown | None, model: MeterModel, zone: str) -> dict[str, Any]:
    """The last reading as the meter shows it: its zones, else the sum."""
    if last is None:
        return {}
    zones = {tariff: wh for tariff, wh in last.registers.items() if tariff} or last.registers
    told = tuple(
        (f"T{tariff}" if tariff else "", formats.number(to_unit(one, last.kind), model.decimals))
        for tariff, one in sorted(zones.items())
    )
    return {"registers": told, "read_at": formats.moment(last.at, ZoneInfo(zone))}


def _shown(windows: Windows, *, at: datetime) -> dict[tuple[int, int], Shown]:
    """The last reading of each point and meter, of those lately read. Two queries."""
    found = readings_between(windows, Period(at - LATELY, at))
    # Rows come in time: the last one that shows what is consumed stands.
    numbers = [n for n in range(found.values.shape[1]) if registers.meaning(n)[0] in OF_CONSUMED]
    told = np.flatnonzero(found.present[:, numbers].any(axis=1)).tolist()
    keys = list(zip(found.usage_points.tolist(), found.meters.tolist(), strict=True))
    return {key: _showed(found, row) for key, row in {keys[row]: row for row in told}.items()}


def _showed(found: StoredReadings, row: int) -> Shown:
    told: dict[int, dict[int, int]] = {}
    for number in np.flatnonzero(found.present[row]).tolist():
        code, tariff = registers.meaning(number)
        told.setdefault(code, {})[tariff] = int(found.values[row, number])
    kind = next(kind for kind in CONSUMED if kind.code in told)
    at = datetime.fromtimestamp(int(found.moments[row]), UTC)
    return Shown(at, told[kind.code], kind)


def due(day: date | None, *, today: date) -> Due | None:
    """What the end of a verification means; `day` itself is the first on which it does not hold."""
    if day is None:
        return None
    left = (day - today).days
    if left <= 0:
        return Due(day, "bad", _("overdue"))
    if left <= SOON:
        said = ngettext("in %(days)s day", "in %(days)s days", left) % {"days": left}
        return Due(day, "warn", said)
    return Due(day, "", "")


def _lead(count: int, rows: Sequence[Instrument], search: str, pages: int) -> SafeString:
    number = formats.number(count)
    many = ngettext("%(number)s meter", "%(number)s meters", count) % {"number": number}
    if search:
        return words.filled(_("%(many)s found."), many=words.bold(many))
    if not count:
        return SafeString(_("No usage points are open to you yet."))
    late = sum(row.contact.is_late for row in rows)
    good = sum(row.contact.kind == "good" for row in rows)
    if pages > 1 or not rows:
        return words.filled(_("%(many)s at your points."), many=words.bold(many))
    if good == count == 1:
        return words.filled(_("%(many)s, in contact."), many=words.bold(many))
    if good == count:
        return words.filled(_("%(many)s, all in contact."), many=words.bold(many))
    said = [_("%(number)s in contact") % {"number": good}]
    if late:
        told = ngettext("%(number)s is late with data", "%(number)s are late with data", late)
        said.append(told % {"number": late})
    return words.filled(_("%(many)s: %(states)s."), many=words.bold(many), states=", ".join(said))


def _sorted(query: QueryDict, name: str, sort: str) -> tuple[str, str]:
    """Where a heading leads, and how the column stands now (for screen readers)."""
    if sort == name:
        return addresses.changed(query, sort=f"-{name}", page=None), "ascending"
    state = "descending" if sort == f"-{name}" else ""
    return addresses.changed(query, sort=name, page=None), state


def _paged(query: QueryDict, number: int) -> str:
    return addresses.changed(query, page=str(number))
