"""Token, revocation and metadata endpoints (RFC 6749, 7009, 8414).

A browser's session has no say here: what counts are codes, refresh tokens and secrets.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from oauthlib.oauth2 import OAuth2Error

from faza.contracts.rules.tokens import FOREIGN, Scope
from faza.contracts.services.oauth.server import GRANTS, METHOD, Server

LONGEST = 20_000
"""Bytes of a question."""
FORM = "application/x-www-form-urlencoded"
LIMIT = "oauth"
"""The name of the limit of refused questions of an address (settings.ACCOUNT_RATE_LIMITS)."""
Answer = tuple[dict[str, str], str | None, int]


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Give a token for a code, or the next one for a refresh token."""
    return _answered(request, lambda server, *told: server.create_token_response(*told))


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token and all that came of the same consent; 200 also where there was none."""
    return _answered(request, lambda server, *told: server.create_revocation_response(*told))


def _answered(request: HttpRequest, ask: Callable[..., Answer]) -> HttpResponse:
    if not ratelimit.consume(request, action=LIMIT, dry_run=True):
        return _refused(429, "temporarily_unavailable", {"Retry-After": "60"})
    if request.content_type != FORM or len(request.body) > LONGEST:
        return _refused(400, "invalid_request")
    told = (request.build_absolute_uri(), "POST", request.body.decode("utf-8", "replace"))
    try:
        headers, body, status = ask(Server(timezone.now()), *told, _headers(request))
    except OAuth2Error as wrong:
        headers, body, status = dict(wrong.headers), wrong.json, wrong.status_code
    except ValueError:  # it is not form-encoded
        return _refused(400, "invalid_request")
    if status >= 400:
        ratelimit.consume(request, action=LIMIT)
    answer = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        answer[name] = value
    answer["Cache-Control"] = "no-store"
    return answer


def _headers(request: HttpRequest) -> dict[str, str]:
    """Of what was sent only the proof of who asks; an Origin gets no CORS here."""
    told = request.headers.get("Authorization")
    return {"Authorization": told} if told else {}


def _refused(status: int, error: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return JsonResponse(
        {"error": error}, status=status, headers={"Cache-Control": "no-store"} | (headers or {})
    )


@cache_control(public=True, max_age=3600)
@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """What we speak, for libraries to set themselves up by."""
    parts = urlsplit(settings.URL)
    issuer = f"{parts.scheme}://{parts.netloc}"
    methods = ["none", "client_secret_basic", "client_secret_post"]
    told = {
        "issuer": issuer,
        "authorization_endpoint": issuer + reverse("cabinet:authorize"),
        "token_endpoint": issuer + reverse("oauth:token"),
        "revocation_endpoint": issuer + reverse("oauth:revoke"),
        "scopes_supported": [scope.value for scope in Scope if scope in FOREIGN],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "code_challenge_methods_supported": [METHOD],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
    }
    return JsonResponse(told)
