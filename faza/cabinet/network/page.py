"""«Network parameters»: the questions of a moment joined into what the page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet.choice import Chosen, Point
from faza.cabinet.network import asked as asking
from faza.cabinet.network import controls, pictures, rows, says, supply, words
from faza.cabinet.network import course as courses
from faza.cabinet.network.asked import Asked
from faza.cabinet.network.course import Table
from faza.cabinet.network.rows import Row, Vector
from faza.collection import supply_quality
from faza.collection.standing import standing
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import Commodity
from faza.core.windows import Windows
from faza.readings.network import queries
from faza.readings.network.phasors import vectors
from faza.readings.network.queries import Snapshot
from faza.readings.network.verdicts import Circumstances, verdicts
from faza.readings.vee.context import known_to_export
from faza.ui import formats
from faza.ui.periods import Choice

FRESH = timedelta(hours=3)
"""So long what was measured is what is now."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows; without a snapshot `empty` says why."""

    chosen: Chosen
    picks: tuple[Choice, ...]
    lead: SafeString | str
    asked: Asked
    under: str = ""
    late: str = ""
    empty: str = ""
    notes: tuple[str, ...] = ()
    label: str = ""
    typed: str = ""
    earlier: str = ""
    later: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    cards: tuple[words.Card, ...] = ()
    frequency: str = ""
    agreed: str = ""
    phases: tuple[Row, ...] = ()
    total: Row | None = None
    listed: tuple[Vector, ...] = ()
    phasor: dict[str, Any] | None = None
    angles: str = ""
    power: dict[str, Any] | None = None
    power_words: str = ""
    regime: dict[str, Any] | None = None
    regime_title: str = ""
    regime_meta: str = ""
    band: str = ""
    quantities: tuple[Choice, ...] = ()
    spans: tuple[Choice, ...] = ()
    table: Table | None = None
    stats: tuple[supply.Stat, ...] = ()
    interruptions: supply.Interruptions | None = None
    files: tuple[tuple[str, str], ...] = ()

    @property
    def point(self) -> Point | None:
        return self.chosen.one


def page(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Page:
    """The page of a point for an address. Fifteen questions or fewer."""
    picks = controls.picks(user, chosen, query, at=at)
    zone = chosen.zone
    asked = asking.read(query, zone, now=at)
    told: dict[str, Any] = {"chosen": chosen, "picks": picks, "asked": asked}
    point = chosen.one
    if point is None:
        what = "many" if chosen.points or chosen.too_many else "none"
        lead = _("Choose one point to see its network.")
        if what == "none" and not picks and query.get("points") != "none":
            lead = _("No usage points are open to you yet.")
        return Page(**told, lead=lead, empty=what)
    if point.resource != Commodity.ELECTRICITY:
        lead = _("%(who)s: this meter has no electrical network.") % {"who": point.name}
        return Page(**told, lead=lead, empty="other")
    windows = access.windows_of(user, at=at, points=[point.id])
    over = max((window.period.end for window in windows), default=at)
    now = min(at, over)
    near = queries.nearest(windows, zone, asked.at or now, side=asked.side or _side(asked))
    told |= controls.steps(query, near, zone)
    if near.snapshot is None:
        return _silent(told, point, windows, zone, now)
    return _full(told, query, point, windows, near.snapshot, now=now, is_over=over < at)


def _side(asked: Asked) -> str:
    return "" if asked.at else "before"


def _silent(
    told: dict[str, Any], point: Point, windows: Windows, zone: str, now: datetime
) -> Page:  # fmt: skip
    """The page of a point whose meter tells no parameters; interruptions it may tell still."""
    cuts, _cut = _interruptions(windows, zone, now)
    lead = _("%(who)s: the network's parameters are not read here.") % {"who": point.name}
    return Page(**told, lead=lead, empty="silent", interruptions=cuts)


def _full(
    told: dict[str, Any], query: QueryDict, point: Point, windows: Windows, shown: Snapshot, *,
    now: datetime, is_over: bool,
) -> Page:  # fmt: skip
    asked: Asked = told["asked"]
    zone, tz = point.zone, ZoneInfo(point.zone)
    stands = standing(point.id, at=shown.at)
    vector = vectors(shown.values, point.phases, has_neutral=stands.vt == 1)
    exports = point.id in known_to_export([point.id])
    found = verdicts(vector, Circumstances(stands.agreed, exports, stands.most))
    times = courses.Times.of(shown.at, asked.length, tz)
    course = courses.fetch(windows, asked.quantity, point.phases, times)
    lately = supply.of_course(
        supply.part(course, times.day, times.end), point.phases, stands.agreed
    )
    span = supply.of_course(
        supply.part(course, times.start, times.end), point.phases, stands.agreed
    )
    month = supply.of_course(
        supply.part(course, times.month, times.end), point.phases, stands.agreed
    )
    counted = supply_quality.counted(windows, Period(times.month, max(times.end, times.month)))
    cuts, cut = _interruptions(windows, zone, min(now, _month_end(times.month)))
    outside = timedelta(minutes=lately.outside) if lately and lately.known else None
    beside = words.Beside(vector, outside, stands.ct != 1)
    drawn = supply.part(course, times.start, times.end)
    is_now = not is_over and now - shown.at <= FRESH
    quantity = str(pictures.NAMES[asked.quantity])
    agreed = f"{formats.number(stands.agreed)}{formats.NBSP}{formats.unit_name('V')}"
    first = times.month.astimezone(tz).date()
    regime = pictures.regime(
        asked.quantity, drawn, Period(times.start, times.end), point.phases, zone,
        agreed=stands.agreed, at=shown.at,
    )  # fmt: skip
    return Page(
        **told,
        lead=words.lead(found, beside, is_now=is_now),
        under=says.under(shown, stands, tz),
        late=says.late(asked, shown, now, is_over=is_over),
        notes=says.notes(asked, shown, tz),
        label=formats.moment(shown.at, tz),
        typed=asking.written(shown.at, zone)[:16],
        cards=words.cards(found, beside),
        frequency=str(formats.quantity(vector.frequency, "Hz", 2)) if vector.frequency else "",
        agreed=agreed if stands.agreed else "",
        phases=rows.rows(vector, stands.agreed),
        total=rows.total(vector),
        listed=rows.listed(vector),
        phasor=pictures.phasor(vector),
        angles=says.angles(vector),
        power=pictures.power(vector),
        power_words=says.power(vector),
        regime=regime,
        regime_title=says.title(asked, quantity),
        regime_meta=says.meta(times, course.minutes, tz),
        band=says.band(asked, stands.agreed),
        quantities=controls.quantities(query, asked),
        spans=controls.spans(query, asked),
        table=courses.table(asked.quantity, drawn, point.phases, tz),
        stats=supply.strip(span, month, counted, first, cut, over=says.over(asked)),
        interruptions=cuts,
        files=controls.files(query, point, shown, zone),
    )


def _month_end(month: datetime) -> datetime:
    """The start of the next month on the same wall clock."""
    later = (month + timedelta(days=32)).replace(day=1)
    return later.replace(hour=month.hour, minute=month.minute)


def _interruptions(
    windows: Windows, zone: str, now: datetime
) -> tuple[supply.Interruptions, supply.MonthOf | None]:
    """Of the months to now; nothing is told where no journal of the meter was ever read."""
    tz = ZoneInfo(zone)
    seen = max(min((one.period.start for one in windows), default=now), now - timedelta(days=400))
    today, since = now.astimezone(tz).date(), seen.astimezone(tz).date()
    found, is_read = queries.interruptions(windows, Period(min(seen, now), now))
    if not is_read:
        why = _(
            "Journals of the meter are not read: whether there were interruptions is not known."
        )
        return supply.Interruptions(silent=why), None
    return supply.interruptions(found, since, today, zone, at=now)
