"""What a person decides about a finding: it stands, other values, read the meter again, undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from faza.accounts.models import User
from faza.collection.models import Device
from faza.collection.polling import services as polling
from faza.collection.polling.work import Order
from faza.contracts.permissions import Right, may
from faza.core.periods import Period
from faza.core.reading_types import BY_CODE
from faza.core.windows import Window, Windows
from faza.desk.doors import needs
from faza.desk.exceptions import asked as address
from faza.desk.exceptions import forms, rows
from faza.desk.exceptions.asked import Asked, narrowed
from faza.desk.exceptions.evidence import evidence, starts_in
from faza.desk.exceptions.views import reached, shown
from faza.desk.lists import request_user
from faza.metering.models import UsagePoint
from faza.readings.models import Provenance, Source
from faza.readings.queries import origins
from faza.readings.vee import deeds
from faza.readings.vee.choosing import CHOICES
from faza.readings.vee.findings import Row, State

Layer = Provenance.Layer


def _row(request: HttpRequest, key: str) -> tuple[User, datetime, Row]:
    user, at = request_user(request), timezone.now()
    return user, at, reached(user, key, at)


def _back(request: HttpRequest, key: str, *, done: bool) -> HttpResponse:
    """After a decision the next of the list; else the same finding."""
    filters = narrowed(QueryDict(request.POST.get("filters", "")[:2000]))
    following = request.POST.get("following", "")
    if not done:
        return redirect(Asked(filters=filters, key=key).address())
    target = Asked(filters=filters)
    if following:
        target = Asked(filters=filters, key=rows.key_of(following).text)
    url = target.address()
    return redirect(f"{url}{'&' if '?' in url else '?'}{urlencode({'done': key})}")


def _reason(request: HttpRequest) -> str:
    form = forms.ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


@require_POST
@needs(Right.SOLVE_EXCEPTIONS)
def accept(request: HttpRequest, key: str) -> HttpResponse:
    """The values stand as they were delivered, in later runs too."""
    user, at, row = _row(request, key)
    done = deeds.accept([row.key], by=user, at=at, reason=_reason(request)).done
    return _told(request, key, bool(done))


@require_POST
@needs(Right.SOLVE_EXCEPTIONS)
def estimate(request: HttpRequest, key: str) -> HttpResponse:
    """Put estimates by a method in the place of what is missing, doubtful or rejected."""
    user, at, row = _row(request, key)
    method = request.POST.get("method", "")
    if method not in CHOICES:
        raise Http404("no such method")
    done = deeds.estimate_keys([row.key], method, by=user, at=at, reason=_reason(request))
    if not done.done and any(why == deeds.NOT_INTERVALS for _key, why in done.left):
        messages.error(request, _("There is nothing here that this method can estimate."))
        return _back(request, key, done=False)
    return _told(request, key, bool(done.done))


def _told(request: HttpRequest, key: str, done: bool) -> HttpResponse:
    if not done:
        messages.error(request, _("It was decided meanwhile, or is found no longer."))
    return _back(request, key, done=done)


@require_POST
@needs(Right.SOLVE_EXCEPTIONS)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Put typed values over the finding's intervals; what is wrong is told beside the fields."""
    user, at, row = _row(request, key)
    kind = BY_CODE.get(row.key.reading_type)
    asked = Asked(
        filters=narrowed(QueryDict(request.POST.get("filters", "")[:2000])), key=key,
        deed=address.EDIT,
    )  # fmt: skip
    if row.state != State.OPEN:
        return _told(request, key, done=False)
    found = evidence(user, row, asked, at=at)
    if kind is None or not found.may_edit:
        raise Http404("too long to be typed in")
    typed = [text[:30] for text in request.POST.getlist("value")]
    form = forms.EditForm(request.POST)
    try:
        values = forms.values_of(typed, kind, int(found.inside.sum()))
        if not form.is_valid():
            raise ValidationError(_("A value by hand needs a reason."))
    except ValidationError as wrong:
        error = " ".join(wrong.messages)
        reason = request.POST.get("reason", "")[: forms.LONGEST]
        return shown(request, asked, error=error, typed=typed, reason=reason)
    reason = str(form.cleaned_data["reason"])
    start = starts_in(found)[0]
    with transaction.atomic():
        deeds.edit(
            found.point, row.key.reading_type, start, values, by=user, at=at, reason=reason
        )  # fmt: skip
        done = deeds.decide([row.key], by=user, at=at, reason=reason).done
    return _told(request, key, bool(done))


@require_POST
@needs(Right.SOLVE_EXCEPTIONS)
def read_again(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the meter for its profile once more; the finding stays open until it answers."""
    user, at, row = _row(request, key)
    if not may(user, Right.RUN_COLLECTION):
        raise Http404("may not read meters")
    device = evidence(user, row, Asked(key=key), at=at).device
    if device is None:
        messages.error(request, _("This meter is not read by Faza itself."))
    else:
        _ask(device, user, at)
        messages.success(request, _("It is read as soon as its line is free."))
    return _back(request, key, done=False)


def _ask(device: Device, user: User, at: datetime) -> None:
    """Asked twice while the first waits, it is one command."""
    waits = device.commands.filter(kind=Order.READ_NOW, state="waiting", arguments={})
    if not waits.exists():
        polling.ask(device, Order.READ_NOW, at=at, by=user)


@require_POST
@needs(Right.SOLVE_EXCEPTIONS)
def undo(request: HttpRequest, key: str) -> HttpResponse:
    """Take a decision back: what a person put there goes, the finding is looked at again."""
    user, at, row = _row(request, key)
    point = UsagePoint.objects.get(pk=row.key.usage_point)
    with transaction.atomic():
        if row.state == State.DECIDED:
            for layer, start, end in _persons(point, row):
                _withdraw(point, row, layer, start, end, user, at)
        done = deeds.reopen([row.key], by=user, at=at).done
    if not done:
        messages.error(request, _("There is no decision to take back."))
    else:
        messages.success(request, _("The decision is taken back."))
    return _back(request, key, done=False)


def _persons(point: UsagePoint, row: Row) -> list[tuple[Layer, datetime, datetime]]:
    """Which layers of a person stand over the finding's stretch, and where."""
    first = (row.starts_at - timedelta(days=1)).date()
    end = (row.ends_at + timedelta(days=2)).date()
    windows = Windows((Window(point.pk, point.zone, Period(row.starts_at, row.ends_at)),))
    found = []
    for one in origins(windows, row.key.reading_type, first, end):
        start, stop = (datetime.fromtimestamp(edge, UTC) for edge in (one.start, one.end))
        if one.is_override:
            found.append((Layer.OVERRIDE, start, stop))
        elif one.kind == Source.Kind.OPERATOR:
            found.append((Layer.ESTIMATE, start, stop))
    return found


def _withdraw(
    point: UsagePoint, row: Row, layer: Layer, start: datetime, end: datetime, user: User,
    at: datetime,
) -> None:  # fmt: skip
    deeds.withdraw(
        point, row.key.reading_type, start, end, layer=layer, by=user, at=at,
        reason=_("The decision is taken back"),
    )  # fmt: skip
