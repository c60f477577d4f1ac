"""/s/…: what was given away by a link. Whoever has the address reads, and nothing tells of it.

No search engine lists it, no other site is told the address, and no cache keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from faza.accounts import texts
from faza.audit.middleware import network_address
from faza.cabinet.share.page import Page, is_early, read, table
from faza.contracts.access import grant_of
from faza.contracts.rules.tokens import Kind
from faza.contracts.services import counting
from faza.ui.files import as_csv

LIMIT = "share"
"""The name of the limit of wrong secrets of an address (settings.ACCOUNT_RATE_LIMITS)."""
View = Callable[[HttpRequest, str], HttpResponse]


def unlisted(view: View) -> View:
    """Have an address that is a secret told to nobody else."""

    @wraps(view)
    def shown(request: HttpRequest, secret: str) -> HttpResponse:
        answer = view(request, secret)
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        answer["Referrer-Policy"] = "no-referrer"
        return answer

    return shown


@never_cache
@unlisted
@require_safe
def page(request: HttpRequest, secret: str) -> HttpResponse:
    """Chart and table of a point."""
    found = _found(request, secret, "share_page")
    if isinstance(found, HttpResponse):
        return found
    return render(request, "cabinet/share/page.html", {"page": found, "secret": secret})


@never_cache
@unlisted
@require_safe
def file(request: HttpRequest, secret: str) -> HttpResponse:
    """The table as CSV."""
    found = _found(request, secret, "share_file")
    if isinstance(found, HttpResponse):
        return found
    return as_csv(table(found), title=_("Consumption"), name="consumption")


def _found(request: HttpRequest, secret: str, operation: str) -> Page | HttpResponse:
    """What the link shows, or why it shows nothing; wrong, ended and lost look alike."""
    if not _may_guess(request, dry_run=True):
        return _nothing(request, 429)
    at = timezone.now()
    grant = grant_of(secret, at=at, kind=Kind.SHARE)
    if grant is None:
        _may_guess(request)
        return _nothing(request, 404)
    address = network_address(request)
    if not counting.asked(grant.token, operation, at=at, address=address):
        return _nothing(request, 429)
    if texts.is_any_due(grant.user):
        return _nothing(request, 404)
    shown = read(grant, request.GET.dict(), at=at)
    return shown or _nothing(request, 404, is_early=is_early(grant, at=at))


def _may_guess(request: HttpRequest, *, dry_run: bool = False) -> bool:
    """Whether an address may try another secret. What allauth offers in public counts no GET."""
    told = {"app": "allauth.account", "action": LIMIT, "limit_get": True, "dry_run": dry_run}
    return ratelimit.consume(request, **told) is not None


def _nothing(request: HttpRequest, status: int, *, is_early: bool = False) -> HttpResponse:
    told = {"is_busy": status == 429, "is_early": is_early}
    answer = render(request, "cabinet/share/nothing.html", told)
    answer.status_code = status
    # Django would write the address into the log, and with it a secret that may still work.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer
