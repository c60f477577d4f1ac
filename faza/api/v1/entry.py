"""Readings that people type: what is due, sending, photos, and what became of what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, File, Query, Router
from ninja.files import UploadedFile

from faza.api.v1 import entry_shapes as shapes
from faza.api.v1 import numbers
from faza.api.v1.asking import Page
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.entry_told import dial, sent
from faza.api.v1.errors import Problem, invalid
from faza.api.v1.http import told
from faza.api.v1.once import Key, once
from faza.api.v1.paging import cursor_of, page_of, place_of
from faza.contracts import access
from faza.contracts.access import Grant, NoSuchPoint
from faza.contracts.rules.tokens import Kind, Scope
from faza.core.windows import Window, Windows
from faza.manual_entry import asking, photos, programs, queries, services
from faza.manual_entry.matching import Reach
from faza.manual_entry.models import Entry
from faza.manual_entry.photos import keeping
from faza.manual_entry.photos import queries as kept
from faza.manual_entry.photos.words import told as photo_words
from faza.manual_entry.programs import Misread, Superseded, Told, WrongMoment
from faza.manual_entry.queries import Due
from faza.manual_entry.rules.moves import WrongMove
from faza.manual_entry.rules.plausible import Doubt
from faza.metering.models import UsagePoint

router = Router(auth=Door(Scope.ENTRY), tags=["entry"], by_alias=True)
FARTHEST = 10_000
"""Readings that are counted through."""


class OfPoints(Page):
    limit: int = Field(20, ge=1, le=50, description="Usage points of a page.")
    usage_point: str | None = Field(None, max_length=50, description="Of one usage point only.")


class OfSent(Page):
    limit: int = Field(50, ge=1, le=200, description="Rows of a page.")
    usage_point: str | None = Field(None, max_length=50, description="Of one usage point only.")


@router.get("/entry", response=shapes.Entries, url_name="entry", operation_id="entry",
            summary="What may be typed now, and how it stood last")  # fmt: skip
def entry(request: HttpRequest, asked: Query[OfPoints]) -> HttpResponse:
    """Usage points at which the person reads the meter as a subscriber, also those closed now."""
    grant, at = grant_in(request), timezone.now()
    reach = _reach(grant, at)
    if asked.usage_point is not None:
        points, after = [_open(reach, grant, asked.usage_point, at)[0]], None
    else:
        here = _now(access.granted_windows(grant, at=at, points=reach.all_points()), at)
        rows = UsagePoint.objects.filter(pk__in=here).select_related("node")
        points, after = page_of(rows, asked.cursor, asked.limit)
    found = programs.standing(points, at=at)
    items = [_wanted(due, found, at) for due in found.dues]
    return told({"items": items, "next": after})


def _reach(grant: Grant, at: datetime) -> Reach:
    return Reach(grant.user, programs.way_of(is_device=grant.kind == Kind.DEVICE), at=at)


def _now(windows: Iterable[Window], at: datetime) -> set[int]:
    """Points of which a window reaches up to now."""
    return {one.usage_point for one in windows if one.period.end >= at}


def _open(reach: Reach, grant: Grant, code: str, at: datetime) -> tuple[UsagePoint, Windows]:
    """A point at which the person types now, and the granted windows. Raises NoSuchPoint."""
    point, windows = access.granted_point(grant, code, at=at)
    if point.pk not in _now(windows, at) or code not in reach.points([code]):
        raise NoSuchPoint(code)
    return point, windows


def _wanted(due: Due, found: programs.Standing, at: datetime) -> dict[str, Any]:
    point, standing = due.point, due.standing
    zone = ZoneInfo(point.zone)
    return {
        "usage_point": point.code,
        "name": point.name,
        "address": point.address,
        "zone": point.zone,
        "meter": found.numbers.get(due.installed.meter) if due.installed else None,
        "is_open": standing.is_open and due.installed is not None,
        "why": standing.why.value,
        "opens_at": numbers.iso(standing.opens_at, zone),
        "closes_at": numbers.iso(standing.closes_at, zone),
        "is_wanted": point.pk in found.wanted,
        "is_read_from_afar": point.pk in found.afar,
        "wants_photo": standing.wants_photo,
        "waiting": due.waiting.pk if due.waiting else None,
        "registers": [dial(one, zone) for one in due.dials],
    }


@router.post("/usage-points/{point}/entry", response={201: shapes.OneEntry}, url_name="send_entry",
             operation_id="send_entry", summary="Send what a meter shows")  # fmt: skip
def send(
    request: HttpRequest, point: str, key: Key, sending: shapes.Sending
) -> HttpResponse:  # fmt: skip
    """Values outside of what is usual are asked about first: the problem `doubtful` tells them.

    Nothing that the meter can show is refused; the desk decides, or the rule of the point does.
    """
    return once(request, key, lambda name: _send(request, point, sending, name))


def _send(request: HttpRequest, code: str, sending: shapes.Sending, name: str) -> HttpResponse:
    grant, at = grant_in(request), timezone.now()
    reach = _reach(grant, at)
    point, windows = _open(reach, grant, code, at)
    mine = next(one.period for one in windows if one.period.end >= at)
    try:
        read_at = programs.moment(sending.read_at and sending.read_at.astimezone(UTC), mine, at=at)
        due = programs.due_of(point, read_at)
    except WrongMoment:
        raise invalid("read_at", _("Expected a moment of the last three days.")) from None
    except Superseded:
        raise Problem("superseded") from None
    if due.installed is None or not due.standing.is_open:
        raise _closed(due)
    try:
        values = programs.shown(
            due, [Told(one.channel, one.tariff, one.value) for one in sending.registers]
        )
    except Misread as wrong:
        raise _misread(wrong) from None
    entry = _taken(due, values, sending, name, reach, grant, at=at, read_at=read_at)
    made = told(sent(entry, at=at), status=201)
    made["Location"] = reverse("api:v1:sent_entry", args=[entry.pk])
    return made


def _taken(
    due: Due, values: dict[int, int], sending: shapes.Sending, name: str, reach: Reach,
    grant: Grant, *, at: datetime, read_at: datetime,
) -> Entry:  # fmt: skip
    """The entry that the values made. Raises Problem."""
    mark = programs.mark_of(due, values)
    try:
        photo = kept.held(grant.user, sending.photo) if sending.photo else None
        return services.send(
            due=due, shown=values, way=reach.way, token=name, by=grant.user, at=at,
            customer=programs.customer_of(reach, due.point), of_at=read_at, photo=photo,
            confirmed=sending.confirm == mark,
        )  # fmt: skip
    except services.Doubtful as doubtful:
        raise _doubtful(due, values, doubtful.doubts, mark) from None
    except services.PhotoWanted:
        raise Problem("photo-wanted") from None
    except services.NotOnTheFace:
        raise invalid("registers", _("The meter cannot show this.")) from None
    except services.Closed:
        raise _closed(due) from None
    except (kept.NoPhoto, services.NotHeld):
        raise invalid("photo", _("The photo is kept no longer. Attach it once more.")) from None


def _closed(due: Due) -> Problem:
    why = due.standing.why.value if due.installed is not None else "no-meter"
    opens = numbers.iso(due.standing.opens_at, ZoneInfo(due.point.zone))
    return Problem("closed", more={"why": why, "opens_at": opens})


def _misread(wrong: Misread) -> Problem:
    reasons = {
        "not-asked": _("This register is not asked for."),
        "twice": _("The register is there twice."),
        "missing": _("The register is missing."),
        "no-number": _("Expected a number."),
        "too-fine": _("The meter has fewer digits after the comma."),
        "too-large": _("The meter has fewer digits before the comma."),
    }
    return Problem(
        "invalid",
        errors=[
            (f"registers.{channel}.{tariff}"[:60], reasons[why])
            for channel, tariff, why in wrong.faults
        ],
    )


def _doubtful(
    due: Due, values: dict[int, int], doubts: dict[int, tuple[Doubt, ...]], mark: str
) -> Problem:  # fmt: skip
    zone = ZoneInfo(due.point.zone)
    judged = services.judge(due, values)
    listed = [
        dial(one, zone, counted=judged[one.register].counted)
        | {"doubts": [doubt.value for doubt in doubts[one.register]]}
        for one in due.dials
        if one.register in doubts
    ]
    return Problem("doubtful", more={"confirm": mark, "doubts": listed})


@router.post("/entry/photos", response={201: shapes.Photo}, url_name="send_photo",
             operation_id="send_photo", summary="A photo of a meter's face")  # fmt: skip
def send_photo(request: HttpRequest, key: Key, photo: File[UploadedFile]) -> HttpResponse:
    """JPEG, PNG or WebP up to 10 MB; what it holds beside pixels is not kept."""
    return once(request, key, lambda _name: _photo(request, photo))


def _photo(request: HttpRequest, file: UploadedFile) -> HttpResponse:
    at = timezone.now()
    try:
        picture = photos.taken(file)
    except photos.BadPhoto as bad:
        raise Problem("bad-photo", photo_words(bad.reason)) from None
    held = keeping.hold(picture, by=grant_in(request).user, at=at)
    until = at + timedelta(hours=keeping.UNSENT_HOURS)
    return told(
        {
            "photo": held.name, "width": held.width, "height": held.height, "size": held.size,
            "kept_until": numbers.iso(until, ZoneInfo(settings.TIME_ZONE)),
        },
        status=201,
    )  # fmt: skip


@router.get("/entry/sent", response=shapes.SentEntries, url_name="sent_entries",
            operation_id="sent_entries",
            summary="What was typed, by whomever, the newest first")  # fmt: skip
def sent_entries(request: HttpRequest, asked: Query[OfSent]) -> HttpResponse:
    grant, at = grant_in(request), timezone.now()
    only = None
    if asked.usage_point is not None:
        only = access.granted_point(grant, asked.usage_point, at=at)[0].pk
    offset = min(place_of(asked.cursor), FARTHEST)
    rows = _typed(grant, at, only)[offset : offset + asked.limit + 1]
    found = list(rows.select_related("usage_point", "meter", "photo").prefetch_related("words"))
    more = len(found) > asked.limit and offset + asked.limit <= FARTHEST
    items = [sent(one, at=at) for one in found[: asked.limit]]
    return told({"items": items, "next": cursor_of(offset + asked.limit) if more else None})


@router.get("/entry/sent/{entry}", response=shapes.OneEntry, url_name="sent_entry",
            operation_id="sent_entry", summary="What was typed once")  # fmt: skip
def sent_entry(request: HttpRequest, entry: int) -> HttpResponse:
    at = timezone.now()
    return told(sent(_one(grant_in(request), entry, at), at=at))


@router.post("/entry/sent/{entry}/answer", response={201: shapes.OneEntry},
             url_name="answer_entry", operation_id="answer_entry",
             summary="Answer what the desk asks about a reading")  # fmt: skip
def answer_entry(
    request: HttpRequest, entry: int, key: Key, answering: shapes.Answering
) -> HttpResponse:  # fmt: skip
    """The reading waits for the desk again. Whoever may type at the point may answer."""
    return once(request, key, lambda _name: _answered(request, entry, answering.text))


def _answered(request: HttpRequest, number: int, text: str) -> HttpResponse:
    grant, at = grant_in(request), timezone.now()
    entry = _one(grant, number, at)
    try:
        asking.answer(entry=entry, text=text, by=grant.user, at=at)
    except asking.Empty:
        raise invalid("text", _("Write an answer.")) from None
    except WrongMove as wrong:
        # The process may have been killed between the deed and its answer.
        if not asking.is_answered(entry=entry, text=text, by=grant.user):
            raise Problem("not-asked", more={"state": wrong.state.value}) from None
    made = told(sent(_one(grant, number, at), at=at), status=201)
    made["Location"] = reverse("api:v1:sent_entry", args=[number])
    return made


def _one(grant: Grant, number: int, at: datetime) -> Entry:
    """An entry that a grant reads. Raises Http404."""
    rows = _typed(grant, at).filter(pk=number if 0 < number < 2**63 else 0)
    found = rows.select_related("usage_point", "meter", "photo").prefetch_related("words").first()
    if not isinstance(found, Entry):
        raise Http404("no such entry")
    return found


def _typed(grant: Grant, at: datetime, only: int | None = None) -> Any:
    """Entries that a grant reads, the newest first."""
    reach = _reach(grant, at)
    points = None if only is None else [only]
    windows = access.granted_windows(grant, at=at, points=points)
    return queries.entries_in(programs.typed_in(reach, windows, at=at), at=at)
