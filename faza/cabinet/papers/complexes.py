"""«Измерительные комплексы»: meter, current and voltage transformers, and what was replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import User
from faza.cabinet import words
from faza.cabinet.choice import Chosen
from faza.cabinet.meters import Due, due
from faza.cabinet.papers import facts, points, replaced, seen
from faza.cabinet.papers.points import Listing, Top
from faza.cabinet.papers.replaced import Deed
from faza.cabinet.papers.seen import Stood
from faza.contracts import access
from faza.core.windows import Windows
from faza.metering.models import InstrumentTransformer, Meter, MeteringComplex, UsagePoint
from faza.metering.queries import complexes_of
from faza.ui import addresses, formats, standing
from faza.ui.standing import Timeline, ratio_words

BILLING = MeteringComplex.Role.BILLING
ROLES = (BILLING, MeteringComplex.Role.CONTROL, MeteringComplex.Role.TECHNICAL)


@dataclass(frozen=True, slots=True)
class Device:
    """An instrument of a complex: what it is, its plate, until when it is verified."""

    icon: str
    what: str
    name: str
    number: str
    plate: str
    due: Due | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A complex in a card: its instruments from the wire to the register, and the ratio."""

    role: str
    since: str
    until: str
    is_now: bool
    devices: tuple[Device, ...]
    formula: str
    ratio: str
    url: str


@dataclass(frozen=True, slots=True)
class Complexes:
    """What stands and stood at one point."""

    top: Top
    point: UsagePoint
    lead: SafeString
    ended: str
    standing: tuple[Standing, ...]
    before: tuple[Standing, ...]
    timeline: Timeline | None
    deeds: tuple[Deed, ...]

    @property
    def has_readings(self) -> bool:
        return any(deed.old or deed.new for deed in self.deeds)


@dataclass(frozen=True, slots=True)
class Row:
    """A point in the list: the billing complex that stands, and how many others stood."""

    point: UsagePoint
    url: str
    standing: Standing | None
    others: int
    replacements: int


@dataclass(frozen=True, slots=True)
class ComplexesOfMany:
    top: Top
    listing: Listing
    rows: tuple[Row, ...]
    lead: SafeString


def complexes(user: User, chosen: Chosen, *, at: datetime) -> Complexes:
    """The complexes of one point. Thirteen questions or fewer."""
    point = UsagePoint.objects.get(pk=chosen.ids[0])
    windows = access.windows_of(user, at=at, points=[point.pk])
    mine = seen.accesses(windows, at=at)[point.pk]
    found = seen.stood(complexes_of([point.pk]).get(point.pk, ()), mine, at=at)
    zone = ZoneInfo(point.zone)
    today = at.astimezone(zone).date()
    made = {one.complex.pk: _standing(one, point, zone, today, mine.end) for one in found}
    deeds = _deeds(windows, found, zone)
    billing = [one.complex for one in reversed(found) if one.complex.role == BILLING]
    now = [one for one in found if one.is_now]
    return Complexes(
        top=points.top(user, chosen, at=at),
        point=point,
        lead=_lead(now, found, deeds, _since(found, mine).astimezone(zone).date()),
        ended=formats.day(mine.end.astimezone(zone).date()) if mine.end else "",
        standing=tuple(made[one.complex.pk] for one in _by_role(now)),
        before=tuple(made[one.complex.pk] for one in found if not one.is_now),
        timeline=standing.timeline(billing, point.zone, at=at)
        if mine.end is None and _is_told_wholly(found) else None,
        deeds=deeds,
    )  # fmt: skip


def _is_told_wholly(found: Sequence[Stood]) -> bool:
    """Whether when all billing complexes came and went is told: bars show nothing less."""
    billing = [one for one in found if one.complex.role == BILLING]
    return all(one.since and (one.until or one.is_now) for one in billing)


def _deeds(windows: Windows, found: Sequence[Stood], zone: ZoneInfo) -> tuple[Deed, ...]:
    """What happened at a point in all roles, newest first."""
    told: list[Deed] = []
    for role in ROLES:
        of_role = [one for one in found if one.complex.role == role]
        if of_role:
            shown = replaced.shown_at(windows, of_role, role=role)
            told += replaced.deeds(of_role, shown, zone=zone)
    return tuple(sorted(told, key=lambda one: one.moment, reverse=True))


def _by_role(found: Sequence[Stood]) -> list[Stood]:
    return sorted(found, key=lambda one: ROLES.index(MeteringComplex.Role(one.complex.role)))


def _standing(
    one: Stood, point: UsagePoint, zone: ZoneInfo, today: date, ended: datetime | None
) -> Standing:
    held = one.complex
    known = list(held.transformers.all())
    since = formats.day(one.since.astimezone(zone).date()) if one.since else ""
    until = formats.day(one.until.astimezone(zone).date()) if one.until else ""
    return Standing(
        role=str(facts.ROLES[MeteringComplex.Role(held.role)]),
        since=since,
        until=until,
        is_now=one.is_now,
        devices=(*_transformers(held, known, today, ended), _meter(held.meter, today, ended)),
        formula=formula(held, known),
        ratio=ratio_words(held.ratio),
        url=addresses.changed(QueryDict(), point=point.code, complex=str(held.pk)),
    )


def _meter(meter: Meter, today: date, ended: datetime | None) -> Device:
    model = meter.model
    plate = [_("class %(accuracy)s") % {"accuracy": facts.classes(model)}] * bool(
        model.accuracy_active
    )
    plate += [facts.voltage(model), facts.current(model)] * (model.nominal_voltage is not None)
    return Device(
        icon="device-desktop-analytics",
        what=_("Meter"),
        name=model.name,
        number=f"№ {meter.number}",
        plate=", ".join(one for one in plate if one != formats.DASH),
        due=None if ended else due(meter.verification_due, today=today),
    )


def _transformers(
    held: MeteringComplex, known: Sequence[InstrumentTransformer], today: date,
    ended: datetime | None,
) -> Iterator[Device]:  # fmt: skip
    """Current, then voltage transformers; a ratio without instruments is told all the same."""
    for kind, ratio, icon, what in (
        ("VT", held.vt_ratio, "circles", _("Voltage transformers")),
        ("CT", held.ct_ratio, "circles", _("Current transformers")),
    ):
        own = sorted((one for one in known if one.kind == kind), key=lambda one: one.phase)
        if not own:
            if ratio != 1:
                about = _("the instruments are not told")
                yield Device(icon, what, ratio_words(ratio), about, "", None)
            continue
        first = own[0]
        plate = ratio_words(first.ratio, own)
        if first.accuracy:
            plate += ", " + _("class %(accuracy)s") % {"accuracy": first.accuracy}
        ends = [one.verification_due for one in own if one.verification_due]
        yield Device(
            icon=icon,
            what=f"{what}, {len(own)}",
            name=first.type_name,
            number=", ".join(_numbered(one) for one in own),
            plate=plate,
            due=None if ended or not ends else due(min(ends), today=today),
        )


def _numbered(one: InstrumentTransformer) -> str:
    number = f"№{formats.NBSP}{one.number}"
    return f"{one.phase}:{formats.NBSP}{number}" if one.phase else number


def formula(held: MeteringComplex, known: Sequence[InstrumentTransformer]) -> str:
    """«200/5 × 10000/100 = 4 000»; «1, включён напрямую» where nothing is in front of it."""
    ct = ratio_words(held.ct_ratio, [one for one in known if one.kind == "CT"])
    vt = ratio_words(held.vt_ratio, [one for one in known if one.kind == "VT"])
    parts = [text for text, ratio in ((ct, held.ct_ratio), (vt, held.vt_ratio)) if ratio != 1]
    whole = held.ratio
    number = formats.number(whole.numerator) if whole.denominator == 1 else ratio_words(whole)
    if not parts:
        return _("1, connected directly")
    told = f"{formats.NBSP}×{formats.NBSP}".join(parts)
    return told if told == number else f"{told}{formats.NBSP}={formats.NBSP}{number}"


def _since(found: Sequence[Stood], mine: seen.Access) -> datetime:
    """From when on the page tells: since the access began, or since something stands there."""
    return max(mine.first, min((one.complex.valid_from for one in found), default=mine.first))


def _lead(
    now: Sequence[Stood], found: Sequence[Stood], deeds: Sequence[Deed], since: date
) -> SafeString:
    changes = sum(one.is_change for one in deeds)
    changed = ngettext("%(n)s replacement", "%(n)s replacements", changes) % {"n": changes}
    billing = next((one for one in now if one.complex.role == BILLING), None)
    day = formats.day(since)
    if billing is None:
        if not found:
            return SafeString(_("No complex has stood at this point in your time."))
        if now:
            return SafeString(_("No billing complex stands at this point now."))
        return SafeString(_("What stood at this point in your time."))
    name = words.bold(f"{billing.complex.meter.model.name} № {billing.complex.meter.number}")
    ratio = ratio_words(billing.complex.ratio)
    if billing.complex.ratio != 1:
        said = _("Energy is counted by %(name)s with the ratio %(ratio)s")
    else:
        said = _("Energy is counted by %(name)s")
    told = words.filled(said, name=name, ratio=ratio)
    if not changes:
        return told + words.filled("; " + _("nothing was replaced since %(day)s."), day=day)
    return told + words.filled("; " + _("%(changes)s since %(day)s."), changes=changed, day=day)


def of_many(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> ComplexesOfMany:
    """The complexes of several points, by pages. Eight questions or fewer."""
    listing = points.listing(user, chosen, query, at=at)
    ids = [row.pk for row in listing.rows]
    windows = access.windows_of(user, at=at, points=ids)
    mine = seen.accesses(windows, at=at)
    found = seen.by_point(complexes_of(ids), windows, at=at)
    rows = tuple(_row(point, found, mine, at) for point in listing.rows)
    many = words.bold(words.points(listing.count))
    if listing.search:
        lead = words.filled(_("%(many)s found."), many=many)
    elif not listing.count:
        lead = SafeString(_("No usage points are open to you yet."))
    else:
        lead = words.filled(_("What meters and transformers stand at %(many)s."), many=many)
    return ComplexesOfMany(points.top(user, chosen, at=at), listing, rows, lead)


def _row(
    point: UsagePoint, found: Mapping[int, Sequence[Stood]], mine: Mapping[int, seen.Access],
    at: datetime,
) -> Row:  # fmt: skip
    zone = ZoneInfo(point.zone)
    own = found.get(point.pk, ())
    now = [one for one in own if one.is_now] or list(own[:1])
    billing = _by_role(now)[:1]
    today = at.astimezone(zone).date()
    shown = [_standing(one, point, zone, today, mine[point.pk].end) for one in billing]
    came = [one for one in own if one.since and one.complex.role == BILLING]
    first = min((one.complex.valid_from for one in own), default=None)
    return Row(
        point=point,
        url=addresses.changed(QueryDict(), point=point.code),
        standing=shown[0] if shown else None,
        others=max(len(now) - 1, 0),
        replacements=len([one for one in came if one.complex.valid_from != first]),
    )
