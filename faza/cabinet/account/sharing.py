"""What people give away: links, and consent to applications of others (OAuth)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from oauthlib.oauth2 import AccessDeniedError, FatalClientError, OAuth2Error

from faza.audit.middleware import network_address
from faza.cabinet.account import consent_words
from faza.cabinet.account.share_forms import Consent, NewLink
from faza.cabinet.account.tokens import reader
from faza.contracts.models import OAuthClient, Token
from faza.contracts.rules.clients import source_of
from faza.contracts.rules.tokens import Kind, Scope, holdable
from faza.contracts.services import sharing
from faza.contracts.services.oauth.server import Server
from faza.contracts.services.sharing import Terms


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def share(request: HttpRequest) -> HttpResponse:
    """A new link; its address is in this one answer and nowhere else."""
    user, at = reader(request), timezone.now()
    form = NewLink(request.POST or None, user=user, at=at)
    general = consent_words.of_link()
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        shown = {"shows_address": told["shows_address"], "shows_name": told["shows_name"]}
        more = [_("Names and addresses of the points are shown.")] if told["shows_address"] else []
        more += [_("My name is shown.")] if told["shows_name"] else []
        text = consent_words.with_choices(
            general,
            user=user,
            points=form.chosen,
            first=told["first"],
            last=told["last"],
            days=told["days"],
            resolution=form.finest,
            more=more,
        )
        terms = Terms(
            form.chosen, told["days"], text, form.finest, first=told["first"], last=told["last"]
        )
        try:
            token, secret = sharing.share(
                user=user,
                name=told["name"],
                terms=terms,
                at=at,
                address=network_address(request),
                **shown,
            )
        except ValidationError as wrong:
            form.add_error(None, wrong)
        else:
            url = request.build_absolute_uri(reverse("share:page", args=[secret]))
            made = {"token": token, "url": url, "secret": secret}
            return render(request, "cabinet/account/share_made.html", made)
    status = 422 if form.errors else 200
    page = {"form": form, "general": general}
    return render(request, "cabinet/account/share_new.html", page, status=status)


class LedBack(HttpResponseRedirect):
    """Back to an application; its address is one of those registered, of whatever scheme."""

    def __init__(self, to: str) -> None:
        self.allowed_schemes = [urlsplit(to).scheme]
        super().__init__(to)
        self["Referrer-Policy"] = "no-referrer"
        self["Cache-Control"] = "no-store"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask a person whether an application may read; then lead back with a code, or a refusal.

    What is wrong with the application or its address is told to the person only (RFC 6749,
    section 4.1.2.1). The question is the query, also of the answer: it is judged anew each time.
    """
    user, at = reader(request), timezone.now()
    server, uri = Server(at), request.build_absolute_uri()
    try:
        scopes, told = server.validate_authorization_request(uri)
    except FatalClientError as wrong:
        page = {"error": wrong.error, "description": wrong.description}
        return render(request, "cabinet/account/authorize_wrong.html", page, status=400)
    except ValueError:  # the query is not form-encoded
        page = {"error": "invalid_request", "description": ""}
        return render(request, "cabinet/account/authorize_wrong.html", page, status=400)
    except OAuth2Error as wrong:
        return LedBack(wrong.in_uri(wrong.redirect_uri))
    client: OAuthClient = told["request"].client
    back: str = told["redirect_uri"]
    form = Consent(request.POST or None, user=user, at=at, asked=scopes)
    general = consent_words.of_application(client)
    if request.method == "POST" and "refuse" in request.POST:
        return LedBack(AccessDeniedError(state=told["state"]).in_uri(back))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                given = _given(request, form, client, general)
                headers, _body, _status = server.create_authorization_response(
                    uri, scopes=given.scopes, credentials={"given": given}
                )
            return LedBack(headers["Location"])
        except ValidationError as wrong:
            form.add_error(None, wrong)
    page = {"form": form, "client": client, "general": general, "host": _host(back)}
    status = 422 if form.errors else 200
    answer = render(request, "cabinet/account/authorize.html", page, status=status)
    # Browsers hold the policy of forms against where the answer to a form leads.
    policy: dict[str, Any] = {"form-action": ["'self'", source_of(back)]}
    answer._csp_replace = policy  # type: ignore[attr-defined]  # django-csp's
    return answer


def _given(request: HttpRequest, form: Consent, client: OAuthClient, general: str) -> Token:
    """The access that a valid form gives. Raises ValidationError."""
    user, told = reader(request), form.cleaned_data
    most = holdable(Kind.APPLICATION, None, is_cut=bool(told["first"] or told["last"]))
    chosen = [scope for scope in Scope if scope.value in told["scopes"] and scope in most]
    text = consent_words.with_choices(
        general,
        user=user,
        points=form.chosen,
        first=told["first"],
        last=told["last"],
        days=told["days"],
        scopes=chosen,
    )
    return sharing.give(
        user=user,
        client=client,
        scopes=chosen,
        terms=Terms(form.chosen, told["days"], text, first=told["first"], last=told["last"]),
        at=timezone.now(),
        address=network_address(request),
    )


def _host(address: str) -> str:
    parts = urlsplit(address)
    return parts.netloc or f"{parts.scheme}:"
