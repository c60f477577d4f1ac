"""Health and figures, as plain text."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.watch import figures, text
from faza.watch.ready import checks

PLAIN = "text/plain; charset=utf-8"
STRICT = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer says; these do not pass the middleware that says it elsewhere."""
PROXIED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
"""What proxies add: a request with any of it did not begin on this machine."""


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing of anybody."""
    return _answer("alive\n", 200)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether pages can be served: 200, else 503 and which condition does not hold."""
    found = checks()
    is_ready = all(check.is_met for check in found)
    lines = ["ready" if is_ready else "not ready", *(f"{c.name}: {c.words}" for c in found)]
    return _answer("\n".join(lines) + "\n", 200 if is_ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for who has the token; without one, for programs on this machine."""
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not _is_same(token.strip()):
            refused = _answer("FAZA_METRICS_TOKEN is wanted: Authorization: Bearer …\n", 401)
            refused.headers["WWW-Authenticate"] = "Bearer"
            return refused
    elif not _is_from_here(request):
        return _answer("Told on this machine only, as no FAZA_METRICS_TOKEN is set.\n", 403)
    return _answer(text.written(figures.all_figures(at=timezone.now())), 200, text.MEDIA)


def _is_same(token: str) -> bool:
    return hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a program of this machine asks itself, without any proxy between."""
    if any(name in request.headers for name in PROXIED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a Unix socket: a proxy's, who knows for whom
        return False


def _answer(words: str, status: int, kind: str = PLAIN) -> HttpResponse:
    return HttpResponse(words, status=status, content_type=kind, headers=STRICT)
