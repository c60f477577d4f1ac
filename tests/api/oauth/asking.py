"""An application of others, and a person who is asked by it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.models import OAuthClient
from faza.contracts.rules.tokens import Scope
from faza.contracts.services.oauth import clients
from tests.cabinet.factories import PASSWORD, make_user

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
BACK = "https://app.example/back?kept=1"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
ALLOWED = {"scopes": ["points", "readings"], "reach": "all", "days": "90"}


def make_client(
    *,
    is_confidential: bool = False,
    name: str = "Домовой",
    scopes: Collection[Scope] = (Scope.POINTS, Scope.READINGS, Scope.EVENTS),
    back: str = BACK,
) -> tuple[OAuthClient, str]:
    """A registered application and its secret."""
    by = User.objects.filter(role=User.Role.ADMINISTRATOR).first()
    by = by or make_user("registrar@example.org", User.Role.ADMINISTRATOR)
    about = clients.About(name, "ООО «Пример»", "https://app.example", "", [back], scopes)
    return clients.register(about=about, is_confidential=is_confidential, by=by, at=timezone.now())


def browser_of(user: User) -> Client:
    """A browser whose person has just typed the password."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def question(client: OAuthClient, **told: Any) -> str:
    """The address that an application leads a person to; None leaves a parameter out."""

    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": BACK,
        "scope": "points readings",
        "state": "st-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | told
    kept = {name: value for name, value in asked.items() if value is not None}
    return f"{reverse('cabinet:authorize')}?{urlencode(kept)}"


def led_back(answer: HttpResponse) -> dict[str, str]:
    """What a person brings back to the application."""
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return {name: told[0] for name, told in parse_qs(urlsplit(answer["Location"]).query).items()}


def code_for(browser: Client, client: OAuthClient, form: dict[str, Any] | None = None) -> str:
    """The code after a person has allowed it."""
    told = led_back(browser.post(question(client), form or ALLOWED))
    assert told["state"] == "st-1"
    return told["code"]


def fetch(client: OAuthClient, headers: dict[str, str] | None = None, **told: str) -> HttpResponse:
    """The answer of the token endpoint."""
    body = {"client_id": client.client_id} | told
    asker = Client(enforce_csrf_checks=True)

    return asker.post(
        reverse("oauth:token"),
        urlencode(body),
        content_type="application/x-www-form-urlencoded",
        headers=headers or {},
    )


def exchange(client: OAuthClient, code: str, **told: Any) -> HttpResponse:
    """The answer to a code."""
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    } | told
    return fetch(client, **body)


def refresh(client: OAuthClient, token: str, **told: Any) -> HttpResponse:
    """The answer to a refresh token."""
    return fetch(client, grant_type="refresh_token", refresh_token=token, **told)
