"""Applications of others that may ask people for their data (OAuth): registered and closed."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.contracts.models import OAuthClient
from faza.contracts.permissions import Right
from faza.contracts.services.oauth import clients as services
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.office.client_forms import Client, NewClient, of_client


@require_safe
@needs(Right.SEE_OFFICE)
def clients(request: HttpRequest) -> HttpResponse:
    """All of them, those that are open first, with how many people gave them something."""
    at = timezone.now()
    works = Q(consents__token__revoked_at=None, consents__token__expires_at__gt=at)
    found = OAuthClient.objects.annotate(
        people=Count("consents__token__user", filter=works, distinct=True),
        used=Max("consents__token__used_at"),
    )
    told = {"clients": sorted(found, key=lambda one: (one.closed_at is not None, one.name))}
    return render(request, "desk/office/clients.html", told)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_CLIENTS)
def register(request: HttpRequest) -> HttpResponse:
    """A new application; its secret is in this one answer and nowhere else."""
    form = NewClient(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            client, secret = services.register(
                about=form.about,
                is_confidential=form.cleaned_data["is_confidential"],
                by=request_user(request),
                at=timezone.now(),
            )
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            made = {"client": client, "secret": secret}
            return render(request, "desk/office/client_made.html", made)
    told = {
        "title": _("Register an application"),
        "form": form,
        "submit": pgettext("oauth", "Register"),
    }
    told["lead"] = _("Then it may ask people for their data; each decides for themselves.")
    told["back"] = "desk:clients"
    return render(request, "desk/office/form.html", told, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_CLIENTS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Say otherwise of an application."""
    client = get_object_or_404(OAuthClient, pk=pk, closed_at=None)
    form = Client(request.POST or None, initial=of_client(client))
    if request.method == "POST" and form.is_valid():
        try:
            services.change(
                client=client, about=form.about, by=request_user(request), at=timezone.now()
            )
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            messages.success(request, _("The application is changed."))
            return redirect("desk:clients")
    told = {"title": client.name, "lead": client.client_id, "form": form, "submit": _("Save")}
    told["back"] = "desk:clients"
    return render(request, "desk/office/form.html", told, status=422 if form.errors else 200)


@never_cache
@require_POST
@needs(Right.EDIT_CLIENTS)
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Another secret, in this one answer; the old one works no longer."""
    client = get_object_or_404(OAuthClient, pk=pk, closed_at=None)
    try:
        secret = services.renew_secret(client=client, by=request_user(request), at=timezone.now())
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
        return redirect("desk:clients")
    return render(request, "desk/office/client_made.html", {"client": client, "secret": secret})


@require_POST
@needs(Right.EDIT_CLIENTS)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End an application with all that was given to it."""
    client = get_object_or_404(OAuthClient, pk=pk)
    ended = services.close(client=client, by=request_user(request), at=timezone.now())
    told = ngettext(
        "The application is closed; %(count)s access given to it has ended.",
        "The application is closed; %(count)s accesses given to it have ended.",
        ended,
    )
    messages.success(request, told % {"count": ended})
    return redirect("desk:clients")
