"""Who asks: a program with a person's token. A browser's session has no say here."""

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
from faza.contracts.rules.tokens import Scope
from faza.contracts.services import tokens


class Door(HttpBearer):
    """Lets in tokens that have a scope; every question of a token is noted, refused ones too.

    Five queries with texts in force, three without; another of a token with points of its own.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Grant:
        at = timezone.now()
        grant = grant_of(token.strip(), at=at)
        if grant is None:
            raise AuthenticationError
        limits.count(request, grant, at=at)
        match = request.resolver_match
        operation = (match.url_name if match else "") or ""
        tokens.note_use(grant.token, operation, at=at, address=network_address(request))
        if self.scope not in grant.scopes:
            told = _("The scope %(scope)s is wanted.") % {"scope": self.scope.value}
            raise Problem("scope-missing", told)
        asking.known(operation, request.GET)
        if texts.editions() and texts.due_from(grant.user):
            raise Problem("texts-due")
        return grant


def grant_in(request: HttpRequest) -> Grant:
    """The grant of a question that was let in."""
    grant = request.auth  # type: ignore[attr-defined]  # ninja's
    if not isinstance(grant, Grant):
        raise AuthenticationError
    return grant
