"""«Характеристики прибора»: what a meter is, how it is set, whether its verification holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import measured, supply, words
from faza.cabinet.choice import Chosen
from faza.cabinet.meters import SOON, Due, due
from faza.cabinet.papers import facts, points, seen, setting
from faza.cabinet.papers.facts import Group
from faza.cabinet.papers.points import Listing, Top
from faza.cabinet.papers.seen import Access, Stood
from faza.cabinet.papers.setting import Schedule, Settings
from faza.collection.models import Device
from faza.collection.orders import showing
from faza.contracts import access
from faza.core.reading_types import A_PLUS
from faza.metering.models import InstrumentTransformer, MeteringComplex, UsagePoint
from faza.metering.queries import complexes_of
from faza.ui import addresses, formats
from faza.ui.contact import Contact, contact
from faza.ui.periods import Choice
from faza.ui.standing import ratio_words

BILLING = MeteringComplex.Role.BILLING
CLOCK = timedelta(days=30)
"""A clock that was compared longer ago says nothing of today."""


@dataclass(frozen=True, slots=True)
class Passport:
    """The card of one meter. ended: the day on which the person's access to the point ended.

    meters: where several stand at the point, which of them is shown.
    """

    top: Top
    point: UsagePoint
    lead: SafeString
    stood: Stood | None
    ended: str = ""
    meters: tuple[Choice, ...] = ()
    role: str = ""
    left: tuple[Group, ...] = ()
    right: tuple[Group, ...] = ()
    transformers: tuple[tuple[InstrumentTransformer, str, Due | None], ...] = ()
    installed: str = ""
    ratio: str = ""
    clock: str = ""
    contact: Contact | None = None
    until: str = ""
    supply: supply.Told | None = None
    schedule: Schedule | None = None
    settings: Settings | None = None

    @property
    def complex(self) -> MeteringComplex | None:
        return self.stood.complex if self.stood else None


@dataclass(frozen=True, slots=True)
class Row:
    """A meter in the list of several points; without a meter `complex` is None."""

    point: UsagePoint
    url: str
    complex: MeteringComplex | None
    accuracy: str = ""
    due: Due | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Passports:
    """The list: meters of the chosen points."""

    top: Top
    listing: Listing
    rows: tuple[Row, ...]
    lead: SafeString


def passport(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Passport:
    """The card of the meter of one point. Twenty-one questions or fewer."""
    point = UsagePoint.objects.select_related("node").get(pk=chosen.ids[0])
    windows = access.windows_of(user, at=at, points=[point.pk])
    mine = seen.accesses(windows, at=at)[point.pk]
    found = seen.stood(complexes_of([point.pk]).get(point.pk, ()), mine, at=at)
    top = points.top(user, chosen, at=at)
    shown = _shown(found, mine, query.get("complex", ""))
    zone = ZoneInfo(point.zone)
    ended = formats.day(mine.end.astimezone(zone).date()) if mine.end else ""
    if shown is None:
        lead = SafeString(_("No meter stands at this point now."))
        return Passport(top, point, lead, None, ended)
    common: dict[str, Any] = {
        "top": top, "point": point, "stood": shown, "ended": ended,
        "meters": _meters(found, shown, query),
        "role": facts.ROLES[MeteringComplex.Role(shown.complex.role)],
        "ratio": ratio_words(shown.complex.ratio),
        "installed": _installed(shown, mine, zone),
    }  # fmt: skip
    model = shown.complex.meter.model
    if mine.end is not None:
        # What became of the meter afterwards is not this person's any more.
        told = (facts.of_model(model, point.resource),)
        return Passport(**common, lead=_lead_of_past(shown), right=told)
    today = at.astimezone(zone).date()
    meter = shown.complex.meter
    heard = measured.heard(windows, [A_PLUS], at=at).of(point.pk)
    supplies = showing.supplies(windows, at=at) if shown.complex.role == BILLING else {}
    return Passport(
        **common,
        lead=_lead(shown, today),
        left=(
            facts.of_verification(meter, model.verification_interval, today=today),
            facts.of_specimen(meter),
        ),
        right=(facts.of_model(model, point.resource),),
        transformers=tuple(
            (one, ratio_words(one.ratio, [one]), due(one.verification_due, today=today))
            for one in shown.complex.transformers.all()
        ),
        clock=_clock(meter.pk, at),
        contact=contact(heard, at=at),
        until=words.until(heard, point.zone, at=at) if heard else "",
        supply=supply.told(supplies.get(point.pk), point.zone),
        schedule=setting.schedule(
            meter.pk, setting.tariff_of(point, at=at), zone=zone, at=at
        ) if point.resource == UsagePoint.Resource.ELECTRICITY else None,
        settings=setting.settings(meter.pk, mine, shown, zone),
    )  # fmt: skip


def _shown(found: Sequence[Stood], mine: Access, asked: str) -> Stood | None:
    """The meter that is asked for, else the billing one that stands, or stood last in the past."""
    if mine.end is None:
        found = [one for one in found if one.is_now]
    by_key = {str(one.complex.pk): one for one in found}
    if asked in by_key:
        return by_key[asked]
    # Complexes come newest first.
    first = sorted(found, key=lambda one: one.complex.role != BILLING)
    return first[0] if first else None


def _meters(found: Sequence[Stood], shown: Stood, query: QueryDict) -> tuple[Choice, ...]:
    standing = [one for one in found if one.is_now == shown.is_now and one.is_now]
    if len(standing) < 2:
        return ()
    return tuple(
        Choice(
            f"{facts.ROLES[MeteringComplex.Role(one.complex.role)]}: № {one.complex.meter.number}",
            addresses.changed(query, complex=str(one.complex.pk)),
            current=one is shown,
        )
        for one in standing
    )


def _installed(shown: Stood, mine: Access, zone: ZoneInfo) -> str:
    if shown.since is not None:
        return formats.moment(shown.since, zone)
    began = mine.first.astimezone(zone).date()
    return _("before %(day)s, when your access begins") % {"day": formats.day(began)}


def _lead(shown: Stood, today: date) -> SafeString:
    meter = shown.complex.meter
    name = words.bold(f"{meter.model.name} № {meter.number}")
    until = due(meter.verification_due, today=today)
    if until is None:
        return words.filled(_("%(name)s: until when it is verified is not known."), name=name)
    day = words.bold(formats.day(until.day))
    if until.kind == "bad":
        return words.filled(
            _("The verification of %(name)s has ended on %(day)s."), name=name, day=day
        )
    if until.kind == "warn":
        said = _("%(name)s is verified until %(day)s: %(left)s.")
        return words.filled(said, name=name, day=day, left=until.words)
    return words.filled(_("%(name)s is verified until %(day)s."), name=name, day=day)


def _lead_of_past(shown: Stood) -> SafeString:
    meter = shown.complex.meter
    name = words.bold(f"{meter.model.name} № {meter.number}")
    return words.filled(_("In your time %(name)s stood here."), name=name)


def _clock(meter: int, at: datetime) -> str:
    """How far the meter's clock was off when it was compared last. One query."""
    row = Device.objects.filter(meter=meter).values_list("clock_offset", "clock_measured_at")
    offset, measured_at = row.first() or (None, None)
    if offset is None or measured_at is None or at - measured_at > CLOCK:
        return ""
    seconds = formats.number(abs(round(offset)))
    if not round(offset):
        return _("The clock is right to a second")
    if offset > 0:
        return _("The clock is %(seconds)s s fast") % {"seconds": seconds}
    return _("The clock is %(seconds)s s slow") % {"seconds": seconds}


def passports(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Passports:
    """The meters of several points, by pages. Nine questions or fewer, however many points."""
    listing = points.listing(user, chosen, query, at=at)
    ids = [row.pk for row in listing.rows]
    windows = access.windows_of(user, at=at, points=ids)
    mine = seen.accesses(windows, at=at)
    stood = seen.by_point(complexes_of(ids), windows, at=at)
    rows = tuple(_row(point, stood.get(point.pk, ()), mine[point.pk], at) for point in listing.rows)
    lead = _lead_of_many(user, chosen, listing, at)
    return Passports(points.top(user, chosen, at=at), listing, rows, lead)


def _row(point: UsagePoint, found: Sequence[Stood], mine: Access, at: datetime) -> Row:
    shown = _shown(found, mine, "")
    url = addresses.changed(QueryDict(), point=point.code)
    if shown is None:
        return Row(point, url, None, is_over=mine.end is not None)
    today = at.astimezone(ZoneInfo(point.zone)).date()
    model = shown.complex.meter.model
    is_over = mine.end is not None
    until = None if is_over else due(shown.complex.meter.verification_due, today=today)
    return Row(point, url, shown.complex, facts.classes(model), until, is_over)


def _lead_of_many(user: User, chosen: Chosen, listing: Listing, at: datetime) -> SafeString:
    """How many meters stand at the chosen points, and of how many the verification ends soon."""
    if listing.search:
        many = words.bold(words.points(listing.count))
        return words.filled(_("%(many)s found."), many=many)
    if not listing.count:
        return SafeString(_("No usage points are open to you yet."))
    today = at.astimezone(ZoneInfo(chosen.zone)).date()
    own = points.asked_of(user, chosen, at=at) & access.usage_points_of(user, at=at)
    told = (
        MeteringComplex.objects.billing()
        .valid_at(at)
        .filter(usage_point__in=own.values("id"))
        .aggregate(
            all=Count("pk"),
            over=Count("pk", filter=Q(meter__verification_due__lte=today)),
            soon=Count(
                "pk",
                filter=Q(
                    meter__verification_due__gt=today,
                    meter__verification_due__lte=today + timedelta(days=SOON),
                ),
            ),
        )
    )
    many = words.bold(
        ngettext("%(number)s meter", "%(number)s meters", told["all"])
        % {"number": formats.number(told["all"])}
    )
    if told["over"]:
        said = ngettext(
            "%(many)s: the verification of %(count)s has ended.",
            "%(many)s: the verification of %(count)s has ended.",
            told["over"],
        )
        return words.filled(said, many=many, count=formats.number(told["over"]))
    if told["soon"]:
        said = ngettext(
            "%(many)s: the verification of %(count)s ends soon.",
            "%(many)s: the verification of %(count)s ends soon.",
            told["soon"],
        )
        return words.filled(said, many=many, count=formats.number(told["soon"]))
    return words.filled(_("%(many)s, the verification of all holds."), many=many)
