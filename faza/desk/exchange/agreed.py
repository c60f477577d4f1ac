"""Pages of counterparties and places, and deeds on what is sent to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.collection.exchange import agreements, delivering, queries, sftp
from faza.collection.exchange import codes as tables_of_codes
from faza.collection.models import Delivery, ExchangePlace, ExchangeProfile
from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.exchange import filters, tables
from faza.desk.exchange.forms import CodesForm, PlaceForm, ProfileForm
from faza.desk.exchange.reasons import reason_words
from faza.desk.lists import request_user

SHOWN_CODES = 200
SHOWN_SENT = 15
FORMS = ["GET", "HEAD", "POST"]


def _profile(request: HttpRequest, pk: int) -> ExchangeProfile:
    rows = queries.profiles_of(request_user(request), at=timezone.now())
    found: ExchangeProfile = get_object_or_404(rows, pk=pk)
    return found


def _take_errors(form: Form, refused: ValidationError) -> None:
    """Errors of the service at the fields that they are about; others above the form."""
    for name, told in refused.message_dict.items():
        field = name if name in form.fields else None
        for one in told:
            form.add_error(field if name != NON_FIELD_ERRORS else None, one)


@require_safe
@needs(Right.SEE_EXCHANGE)
def profiles(request: HttpRequest) -> HttpResponse:
    """Counterparties: what is agreed with each."""
    rows = queries.profiles_of(request_user(request), at=timezone.now())
    listed = lists.shown(
        request, rows, table=tables.ProfileTable, filters=filters.ProfileFilter,
        name="exchange-profiles",
    )  # fmt: skip
    if file := lists.exported(request, listed, title=_("Counterparties")):
        return file
    return render(request, "desk/exchange/profiles.html", {"listed": listed})


@require_safe
@needs(Right.SEE_EXCHANGE)
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """A counterparty: what is agreed, codes, what was sent lately."""
    found = _profile(request, pk)
    sent = queries.dispatches_of(request_user(request), at=timezone.now()).filter(profile=found)
    codes = found.codes.select_related("usage_point").order_by("code")
    told = {
        "one": found,
        "codes": codes[:SHOWN_CODES],
        "n_codes": getattr(found, "n_codes", 0),
        "sent": [(one, tables.outcome(one)) for one in sent[:SHOWN_SENT]],
        "codes_form": CodesForm(),
    }
    return render(request, "desk/exchange/profile.html", told)


@require_http_methods(FORMS)
@needs(Right.EDIT_EXCHANGE)
def profile_add(request: HttpRequest) -> HttpResponse:
    """Agree with a new counterparty."""
    back = reverse("desk:exchange-profiles")
    return _edit_profile(request, ExchangeProfile(), _("New counterparty"), back)


@require_http_methods(FORMS)
@needs(Right.EDIT_EXCHANGE)
def profile_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is agreed."""
    found = _profile(request, pk)
    return _edit_profile(request, found, str(found), reverse("desk:exchange-profile", args=[pk]))


def _edit_profile(
    request: HttpRequest, found: ExchangeProfile, title: str, back: str
) -> HttpResponse:
    user, at = request_user(request), timezone.now()
    places = queries.places_of(user, at=at).exclude(outbox="")
    sent = request.POST if request.method == "POST" else None
    form = ProfileForm(sent, initial=ProfileForm.first(found), places=places)
    if sent is not None and form.is_valid():
        for name, value in form.cleaned_data.items():
            setattr(found, name, value)
        try:
            agreements.keep_profile(found, at=at, by=user)
        except ValidationError as refused:
            _take_errors(form, refused)
        else:
            messages.success(request, _("The changes are kept."))
            return redirect("desk:exchange-profile", found.pk)
    page = {
        "title": title,
        "lead": _("Under which names and numbers messages go, how, and from whom they come."),
        "submit": _("Keep the changes"),
        "back": back,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/form.html", page, status=status)


@require_POST
@needs(Right.EDIT_EXCHANGE)
def codes(request: HttpRequest, pk: int) -> HttpResponse:
    """Map codes by a table."""
    found = _profile(request, pk)
    form = CodesForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(e[0]) for e in form.errors.values()))
        return redirect("desk:exchange-profile", pk)
    read = tables_of_codes.read(form.cleaned_data["file"].read())
    unknown = agreements.map_table(
        found, read, at=timezone.now(), by=request_user(request),
        replace=form.cleaned_data["replace"],
    )  # fmt: skip
    told = {"count": len(read.codes) - len(unknown)}
    messages.success(request, _("Codes mapped: %(count)s.") % told)
    wrong = [_("line %(line)s: %(reason)s") % {"line": n, "reason": r} for n, r in read.problems]
    wrong += [_("there is no usage point %(code)s") % {"code": point} for _code, point in unknown]
    if wrong:
        more = len(wrong) - 5
        text = "; ".join(wrong[:5]) + (f" … (+{more})" if more > 0 else "")
        messages.warning(request, _("Not taken: %(what)s") % {"what": text})
    return redirect("desk:exchange-profile", pk)


@require_safe
@needs(Right.SEE_EXCHANGE)
def codes_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The map of codes as a table that can be given back."""
    found = _profile(request, pk)
    rows = ((code, *told) for code, told in agreements.codes_of(found).items())
    response = HttpResponse(tables_of_codes.write(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="faza-codes-{pk}.csv"'
    return response


@require_POST
@needs(Right.EDIT_EXCHANGE)
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what is new or has changed now."""
    found = _profile(request, pk)
    if found.sends_from is None:
        messages.warning(request, _("Say first from which day on it sends."))
        return redirect("desk:exchange-profile", pk)
    job = agreements.send_now(found, at=timezone.now(), by=request_user(request))
    return redirect("desk:job", job.pk)


@require_POST
@needs(Right.EDIT_EXCHANGE)
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send once more what was given up."""
    user, at = request_user(request), timezone.now()
    sent = queries.dispatches_of(user, at=at).values("pk")
    found = get_object_or_404(Delivery, pk=pk, dispatch__in=sent)
    if delivering.send_again(found, at=at, by=user):
        messages.success(request, _("It is sent again within minutes."))
    return redirect("desk:exchange-dispatch", found.dispatch_id)


@require_safe
@needs(Right.SEE_EXCHANGE)
def places(request: HttpRequest) -> HttpResponse:
    """The mailbox and the SFTP places: when they were looked into, and what is wrong."""
    user, at = request_user(request), timezone.now()
    rows = queries.places_of(user, at=at)
    told = {
        "places": [
            (one, sftp.fingerprint_of(one.host_key), reason_words(one.problem)) for one in rows
        ],
        "mailboxes": [
            (one, reason_words(one.problem)) for one in queries.mailboxes_of(user, at=at)[:3]
        ],
    }
    return render(request, "desk/exchange/places.html", told)


@require_http_methods(FORMS)
@needs(Right.EDIT_EXCHANGE)
def place_add(request: HttpRequest) -> HttpResponse:
    """A new place."""
    return _edit_place(request, ExchangePlace(), _("New place"))


@require_http_methods(FORMS)
@needs(Right.EDIT_EXCHANGE)
def place_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a place; its secret is written over, never shown."""
    rows = queries.places_of(request_user(request), at=timezone.now())
    found = get_object_or_404(rows, pk=pk)
    return _edit_place(request, found, found.name)


def _edit_place(request: HttpRequest, found: ExchangePlace, title: str) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = PlaceForm(sent, initial=PlaceForm.first(found) if found.pk else None)
    if sent is not None and form.is_valid():
        told: dict[str, Any] = dict(form.cleaned_data)
        secret = told.pop("secret") or None
        for name, value in told.items():
            setattr(found, name, value)
        try:
            agreements.keep_place(found, at=timezone.now(), given=secret, by=request_user(request))
        except ValidationError as refused:
            _take_errors(form, refused)
        else:
            messages.success(request, _("The changes are kept."))
            return redirect("desk:exchange-places")
    page = {
        "title": title,
        "lead": _("Files are taken from it and put into it only while the server has this key."),
        "submit": _("Keep the changes"),
        "back": reverse("desk:exchange-places"),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/form.html", page, status=status)
