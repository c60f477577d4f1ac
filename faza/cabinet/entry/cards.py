"""A card for each meter that may be read by eye: its fields, or what was sent of it already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet.entry import typed, verdict
from faza.cabinet.entry.sent import Row
from faza.cabinet.entry.typed import Typed
from faza.core.periods import Period, start_of_day
from faza.core.reading_types import BY_CODE
from faza.core.units import to_unit
from faza.manual_entry import queries, services, still
from faza.manual_entry.dials import Dial
from faza.manual_entry.models import Entry, EntryWord, Photo
from faza.manual_entry.queries import Due
from faza.manual_entry.rules.moves import WAITING, State
from faza.manual_entry.rules.opening import Why
from faza.manual_entry.wording import name_of, values_of
from faza.metering.models import Meter, UsagePoint
from faza.readings.registers import meaning
from faza.ui import formats


@dataclass(frozen=True, slots=True)
class Field:
    """A register's field. digits, decimals: as on the meter's face."""

    name: str
    zone: str
    unit: str
    digits: int
    decimals: int
    last: str
    last_on: str
    text: str = ""
    error: str = ""
    verdict: verdict.Verdict | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """state: open (fields), sent (waits for the check), done (accepted in this window), afar (may
    be typed, and is read without anybody's help).
    """

    point: UsagePoint
    due: Due
    meter: str
    state: str
    zones: str
    closes: str
    window: Period | None
    entry: Entry | None = None
    shown: list[str] = field(default_factory=list)
    fields: tuple[Field, ...] = ()
    token: str = ""
    sure: str = ""
    """The values that are asked about, which sending them again confirms; empty without doubts."""
    wants_photo: bool = False
    photo: Photo | None = None
    error: str = ""
    refused: str = ""
    """Why the last one of this window was refused."""
    label: str = ""
    when: str = ""
    """When what was sent was read."""
    row: Row | None = None
    """What was sent, as the list tells it."""
    said: tuple[EntryWord, ...] = ()
    """What the desk asked about it, and what was answered."""

    @property
    def is_asked(self) -> bool:
        """Whether the desk waits for an answer."""
        return self.state == "sent" and self.entry is not None and self.entry.state == State.ASKED

    @property
    def has_fields(self) -> bool:
        return self.state == "open"

    @property
    def is_wide(self) -> bool:
        return len(self.fields) > 1


@dataclass(frozen=True, slots=True)
class Posted:
    """A form that came back: whose it is, what was typed, what is wrong with it."""

    point: str
    token: str
    typed: Typed
    photo: Photo | None = None
    error: str = ""


def made(
    dues: Sequence[Due], *, at: datetime, again: str = "", posted: Posted | None = None
) -> list[Card]:
    """The cards of points where readings may be typed now, in their order. Five queries.

    again: the code of a point whose fields are wanted though something was sent. posted: a form
    that was not taken, shown as it was typed.
    """
    points = [due.point for due in dues]
    numbers = dict(
        Meter.objects.filter(
            pk__in=[due.installed.meter for due in dues if due.installed]
        ).values_list("pk", "number")
    )  # fmt: skip
    exceptions = queries.exceptions_of(points, at=at)
    windows = {
        due.point.pk: still.window_of(
            due.rule.plain() if due.rule else None,
            [one.plain() for one in exceptions[due.point.pk]], due.point.zone, at,
        )
        for due in dues
    }  # fmt: skip
    latest = _latest(dues, windows, at)
    newest = _newest(points)
    afar = still.read_from_afar(points, at) if points else set()
    return [
        _card(
            due, numbers, windows[due.point.pk], latest.get(due.point.pk), at=at,
            token=typed.digest(f"{due.point.pk}:{newest.get(due.point.pk, 0)}"),
            is_afar=due.point.pk in afar, again=again == due.point.code,
            posted=posted if posted and posted.point == due.point.code else None,
        )
        for due in dues
    ]  # fmt: skip


def _latest(
    dues: Sequence[Due], windows: Mapping[int, Period | None], at: datetime
) -> dict[int, Entry]:
    """The last decided sending of each point since its window opened, or since the month began."""
    starts = {
        due.point.pk: (window.start if (window := windows[due.point.pk]) else _month(due.point, at))
        for due in dues
    }
    rows = Entry.objects.filter(
        usage_point__in=starts, state__in=(State.APPROVED, State.REFUSED),
        of_at__gte=min(starts.values(), default=at),
    )  # fmt: skip
    return {
        entry.usage_point_id: entry
        for entry in rows.order_by("sent_at", "pk")
        if entry.of_at >= starts[entry.usage_point_id]
    }


def _newest(points: Sequence[UsagePoint]) -> dict[int, int]:
    """The last sending of each point, whatever became of it.

    A form is named by it: what two windows of a browser send before either is taken is one.
    """
    rows = Entry.objects.filter(usage_point__in=points).order_by().values("usage_point")
    return dict(rows.values_list("usage_point", Max("pk")))


def _is_asked(one: Field) -> bool:
    return one.verdict is not None and bool(one.verdict.advice)


def _month(point: UsagePoint, at: datetime) -> datetime:
    today = at.astimezone(ZoneInfo(point.zone)).date()
    return start_of_day(today.replace(day=1), point.zone)


def _card(
    due: Due, numbers: Mapping[int, str], window: Period | None, latest: Entry | None, *,
    at: datetime, token: str, is_afar: bool, again: bool, posted: Posted | None,
) -> Card:  # fmt: skip
    assert due.installed is not None
    zone = ZoneInfo(due.point.zone)
    decimals = due.installed.decimals
    refused = latest is not None and latest.state == State.REFUSED
    entry = due.waiting or (None if refused else latest)
    state = "open"
    if not again and posted is None:
        if entry is not None:
            state = "sent" if entry.state in WAITING else "done"
        elif is_afar and not refused:
            state = "afar"
    fields = _fields(due, posted.typed if posted else _before(entry, again), at)
    sure = posted.typed.plain if posted and any(_is_asked(one) for one in fields) else ""
    return Card(
        point=due.point, due=due, meter=numbers.get(due.installed.meter, ""), state=state,
        zones=_zones(due.dials), window=window, closes=closes_of(due, zone), entry=entry,
        shown=[] if entry is None else _shown(entry, decimals), fields=fields,
        token=posted.token if posted else token, sure=sure,
        wants_photo=due.standing.wants_photo, photo=posted.photo if posted else None,
        error=posted.error if posted else "",
        refused=latest.reason if refused and latest is not None and due.waiting is None else "",
        when="" if entry is None else formats.moment(entry.of_at, zone),
        label=button(due, fields, is_doubtful=bool(sure)),
    )  # fmt: skip


def _before(entry: Entry | None, again: bool) -> Typed | None:
    """What was sent, to be mended."""
    if entry is None or not again:
        return None
    texts = {
        number: f"{to_unit(value, BY_CODE[meaning(number)[0]]):f}".replace(".", ",")
        for number, value in entry.values.items()
    }
    return Typed(shown={}, texts=texts)


def _shown(entry: Entry, decimals: int) -> list[str]:
    values = {str(key): value for key, value in sorted(entry.values.items())}
    return [values_of({key: value}, decimals) for key, value in values.items()]


def closes_of(due: Due, zone: ZoneInfo) -> str:
    """The last day on which a point may be typed, in words; empty where nothing ends it."""
    if due.standing.closes_at is None:
        return ""
    return formats.day((due.standing.closes_at.astimezone(zone)).date())


def _fields(due: Due, told: Typed | None, at: datetime) -> tuple[Field, ...]:
    zone = ZoneInfo(due.point.zone)
    judged = {}
    if told and told.shown and due.installed is not None:
        judged = services.judge(due, told.shown)
    return tuple(
        Field(
            name=typed.name_of(dial.register), zone=name_of(dial.register),
            unit=formats.unit_name(BY_CODE[dial.reading_type].unit),
            digits=typed.digits_of(dial), decimals=dial.decimals,
            last="" if dial.last is None else _last(dial),
            last_on=_day(dial.last_at, zone),
            text=told.texts.get(dial.register, "") if told else "",
            error=told.errors.get(dial.register, "") if told else "",
            verdict=verdict.verdict(
                dial, judged[dial.register], ratio=due.installed.ratio, at=at
            ) if dial.register in judged and due.installed else None,
        )
        for dial in due.dials
    )  # fmt: skip


def _last(dial: Dial) -> str:
    kind = BY_CODE[dial.reading_type]
    return formats.number(to_unit(dial.last or 0, kind), dial.decimals)


def _day(seconds: int | None, zone: ZoneInfo) -> str:
    if seconds is None:
        return ""
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(zone):%d.%m.%Y}"


def _zones(dials: Sequence[Dial]) -> str:
    if len(dials) == 1:
        return "" if BY_CODE[dials[0].reading_type].unit != "kWh" else _("one zone")
    if len(dials) <= 3:
        return _("two zones") if len(dials) == 2 else _("three zones")
    return ngettext("%(count)s register", "%(count)s registers", len(dials)) % {"count": len(dials)}


def button(due: Due, fields: Sequence[Field], *, is_doubtful: bool) -> str:
    """What is written on the button: the number that goes."""
    texts = [one.text for one in fields if one.text and not one.error]
    if len(texts) != len(fields) or len(fields) != 1 or not fields[0].verdict:
        return _("All is right, send it") if is_doubtful else _("Send the readings")
    value = typed.value_of(due.dials[0], texts[0])
    if value is None:
        return _("Send the readings")
    # As many places as were typed: those after the comma are often left out.
    places = len(texts[0].replace(".", ",").partition(",")[2])
    shown = formats.number(to_unit(value, BY_CODE[due.dials[0].reading_type]), places)
    pattern = _("All is right, send %(value)s") if is_doubtful else _("Send %(value)s")
    return pattern % {"value": shown}


def why_closed(due: Due) -> str:
    """Why readings of a point may not be typed now, and when they may."""
    zone = ZoneInfo(due.point.zone)
    opens = due.standing.opens_at
    when = "" if opens is None else f"{opens.astimezone(zone):%d.%m.%Y}"
    if due.installed is None:
        return _("No meter stands at this point now.")
    match due.standing.why:
        case Why.NOT_ALLOWED:
            return _("Readings are not taken by hand here.")
        case Why.CLOSED:
            return _("Closed by the network company until %(day)s.") % {"day": when}
        case _:
            return _("Opens on %(day)s.") % {"day": when} if when else _("Closed now.")
