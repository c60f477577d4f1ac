"""The page where readings are typed, its live check, and the history of what was sent."""

from __future__ import annotations

import re
from datetime import datetime
from typing import cast
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet import totype
from faza.cabinet.entry import cards, page, sent, typed
from faza.cabinet.entry.cards import Posted
from faza.cabinet.entry.typed import Typed
from faza.contracts.models import Customer
from faza.manual_entry import asking, photos, queries, services
from faza.manual_entry.matching import Reach
from faza.manual_entry.models import Entry, Photo
from faza.manual_entry.photos import keeping
from faza.manual_entry.photos import queries as kept
from faza.manual_entry.photos.words import told as photo_words
from faza.manual_entry.queries import Due
from faza.manual_entry.rules.moves import WrongMove
from faza.ui.files import FORMATS

TOKEN = re.compile(r"[0-9a-f]{32}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def entry(request: HttpRequest) -> HttpResponse:
    """All meters that are to be read by eye now; POST sends the readings of one."""
    user, at = cast(User, request.user), timezone.now()
    if request.method == "POST":
        return _post(request, user, at)
    return render(
        request, "cabinet/entry/page.html", {"page": page.page(user, request.GET, at=at)}
    )  # fmt: skip


def _post(request: HttpRequest, user: User, at: datetime) -> HttpResponse:
    reach = Reach(user, Entry.Way.CABINET, at=at)
    due = _due(request, reach, at)
    told = typed.read(due.dials, request.POST)
    photo, error = _photo(request, user, at)
    token = request.POST.get("token", "")
    if not TOKEN.fullmatch(token):
        error = error or _("The form was incomplete. Send it once more.")
        token = ""
    posted = Posted(due.point.code, token or uuid4().hex, told, photo, error)
    if not due.standing.is_open or due.installed is None:
        messages.error(request, cards.why_closed(due))
        return redirect("cabinet:entry")
    if error or not told.is_whole:
        return _back(request, user, at, posted)
    try:
        services.send(
            due=due, shown=told.shown, way=Entry.Way.CABINET, token=told.sending(token),
            by=user, at=at, customer=_customer(reach, due), photo=photo,
            confirmed=request.POST.get("sure") == told.plain,
        )  # fmt: skip
    except services.Doubtful:
        return _back(request, user, at, posted)
    except services.PhotoWanted:
        text = _("A photo of the meter's face is wanted here: the reading is taken with it only.")
        return _back(request, user, at, _with(posted, error=text))
    except keeping.NotHeld:
        text = _("The photo is kept no longer. Attach it once more.")
        return _back(request, user, at, _with(posted, error=text, photo=None))
    totype.forget(user)
    messages.success(
        request, _("The readings of “%(point)s” are sent.") % {"point": due.point.name}
    )
    return redirect(reverse("cabinet:entry") + f"#p{due.point.pk}")


def _with(posted: Posted, *, error: str = "", photo: Photo | None | str = "") -> Posted:
    held = posted.photo if isinstance(photo, str) else photo
    return Posted(posted.point, posted.token, posted.typed, held, error)


def _back(request: HttpRequest, user: User, at: datetime, posted: Posted) -> HttpResponse:
    """The page with the form as it was typed, and what is to be done."""
    shown = page.page(user, request.GET, at=at, posted=posted)
    return render(request, "cabinet/entry/page.html", {"page": shown}, status=422)


def _due(request: HttpRequest, reach: Reach, at: datetime) -> Due:
    """The point of a form. Raises Http404 for one that is not there for the person."""
    code = request.POST.get("point", "")
    found = reach.points([code]) if "\0" not in code else {}
    if code not in found:
        raise Http404("no such point")
    return queries.due([found[code]], at=at)[0]


def _customer(reach: Reach, due: Due) -> Customer | None:
    found = reach.customers([due.point]).get(due.point.pk)
    return None if found is None else Customer.objects.get(pk=found)


def _photo(request: HttpRequest, user: User, at: datetime) -> tuple[Photo | None, str]:
    """The photo that came with the form or came before, and what is wrong with it."""
    given = request.FILES.get("photo")
    if given is not None:
        try:
            picture = photos.taken(given)
        except photos.BadPhoto as bad:
            return None, photo_words(bad.reason)
        return keeping.hold(picture, by=user, at=at), ""
    name = request.POST.get("held", "")
    if not name or "without" in request.POST:
        return None, ""
    try:
        return kept.held(user, name), ""
    except (kept.NoPhoto, ValueError):
        return None, _("The photo is kept no longer. Attach it once more.")


@never_cache
@require_POST
@login_required
def check(request: HttpRequest) -> HttpResponse:
    """How what is being typed stands against the history: a part of a card, nothing is sent."""
    user, at = cast(User, request.user), timezone.now()
    due = _due(request, Reach(user, Entry.Way.CABINET, at=at), at)
    told = typed.read(due.dials, request.POST)
    # What is still empty is no error while somebody types.
    errors = {number: text for number, text in told.errors.items() if told.texts.get(number)}
    posted = Posted(due.point.code, "", Typed(told.shown, told.texts, errors))
    if due.installed is None:
        raise Http404("no meter")
    card = cards.made([due], at=at, posted=posted)[0]
    return render(request, "cabinet/entry/check.html", {"card": card, "is_live": True})


@require_POST
@login_required
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what the desk asks about a reading of the own time."""
    user, at = cast(User, request.user), timezone.now()
    entry = get_object_or_404(queries.own_entries(user, at=at), pk=pk)
    try:
        asking.answer(entry=entry, text=request.POST.get("text", ""), by=user, at=at)
    except asking.Empty:
        messages.error(request, _("Write an answer."))
    except WrongMove:
        messages.info(request, _("This question needs no answer any more."))
    else:
        messages.success(request, _("The answer is sent; the reading waits for the check."))
    return redirect(reverse("cabinet:entry") + f"#p{entry.usage_point_id}")


@never_cache
@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """All that was sent, the newest first."""
    user, at = cast(User, request.user), timezone.now()
    pages = Paginator(queries.own_entries(user, at=at), page.HISTORY)
    here = pages.get_page(request.GET.get("page"))
    rows = sent.rows(here.object_list, at=at)  # type: ignore[arg-type]  # of a query set
    return render(request, "cabinet/entry/history.html", {"rows": rows, "page": here})


@require_safe
@login_required
def history_file(request: HttpRequest, format: str) -> HttpResponse:
    """The same as a file, however long it is; taken by staff it is noted."""
    if format not in FORMATS:
        raise Http404(format)
    user, at = cast(User, request.user), timezone.now()
    entries = queries.own_entries(user, at=at)
    if user.role != User.Role.SUBSCRIBER:
        told = {"list": "entries", "filters": "", "format": format, "rows": entries.count()}
        audit.note("desk.list.exported", of=user, by=user, at=at, after=told)
    rows = sent.table(entries)
    return FORMATS[format](rows, title=_("Readings sent"), name="readings")
