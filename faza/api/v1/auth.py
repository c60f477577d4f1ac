"""Who asks: a program with a person's token. A browser's session has no say here.

A device keeps its token as a cookie that scripts do not see; it counts only beside a header that
no other site can have a browser send. Which points and times a token reads is `access.grants`'s.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from faza.accounts import texts
from faza.api.v1 import asking, limits
from faza.api.v1.errors import Problem
from faza.audit.middleware import network_address
from faza.contracts.access import Grant, grant_of
from faza.contracts.rules.tokens import Kind, Scope

COOKIE = "faza_device"
APP = "X-Faza-App"
"""The header beside the cookie, "1": another site's page is not let send it (no CORS here)."""


class Door(HttpBearer):
    """Lets in tokens that have a scope, or any where it is None; every question is noted.

    as_metered: the operation tells what was measured as finely as it is; a token that reads
    coarser is refused. Four queries; another of a token with points of its own.
    """

    def __init__(self, scope: Scope | None, *, as_metered: bool = False) -> None:
        super().__init__()
        self.scope, self.as_metered = scope, as_metered

    def __call__(self, request: HttpRequest) -> Grant | None:
        if request.headers.get("Authorization"):
            found: Grant | None = super().__call__(request)
            return found
        text = request.COOKIES.get(COOKIE)
        if text and request.headers.get(APP) == "1":
            return self.authenticate(request, text, kind=Kind.DEVICE)
        return None

    def authenticate(self, request: HttpRequest, token: str, kind: Kind | None = None) -> Grant:
        at = timezone.now()
        grant = grant_of(token.strip(), at=at, kind=kind)
        if grant is None:
            raise AuthenticationError
        match = request.resolver_match
        operation = asking.operation_of(match.url_name if match else None, request.method)
        limits.count(request, grant, operation, at=at, address=network_address(request))
        if self.scope is not None and self.scope not in grant.scopes:
            told = _("The scope %(scope)s is wanted.") % {"scope": self.scope.value}
            raise Problem("scope-missing", told)
        if self.as_metered and not grant.reads_by(None):
            raise finer()
        asking.known(operation, request.GET)
        if texts.is_any_due(grant.user):
            raise Problem("texts-due")
        return grant


def grant_in(request: HttpRequest) -> Grant:
    """The grant of a question that was let in."""
    grant = request.auth  # type: ignore[attr-defined]  # ninja's
    if not isinstance(grant, Grant):
        raise AuthenticationError
    return grant


def finer() -> Problem:
    """A token that reads sums only was asked for more."""
    return Problem("resolution-finer")
