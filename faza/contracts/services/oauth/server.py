"""The conversation of OAuth 2 (RFC 6749, 7636, 7009) by oauthlib, over our own rows.

Only the authorization code with PKCE (S256) and its refresh tokens are spoken.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    RefreshTokenGrant,
    RequestValidator,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError

from faza.contracts.models import OAuthClient
from faza.contracts.rules import tokens as rules
from faza.contracts.rules.tokens import Kind as TokenKind
from faza.contracts.services.oauth import clients, secrets
from faza.contracts.services.oauth.secrets import Kind

METHOD = "S256"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url."""
GRANTS = ("authorization_code", "refresh_token")
LONGEST_STATE = 2_000


class Validator(RequestValidator):
    """What oauthlib asks of us, at a moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    # Who asks

    def validate_client_id(self, client_id: str, request: Any, *_: Any, **__: Any) -> bool:
        request.client = _client(client_id)
        return request.client is not None

    def client_authentication_required(self, request: Any, *_: Any, **__: Any) -> bool:
        """Of a confidential one, and wherever a secret is told."""
        if request.client_secret or _basic(request):
            return True
        found = _client(request.client_id)
        return found is not None and found.is_confidential

    def authenticate_client(self, request: Any, *_: Any, **__: Any) -> bool:
        name, secret = _basic(request) or (request.client_id, request.client_secret)
        found = _client(name)
        if found is None or not secret or not clients.proves(found, secret):
            return False
        request.client = found
        return True

    def authenticate_client_id(self, client_id: str, request: Any, *_: Any, **__: Any) -> bool:
        found = _client(client_id)
        if found is None or found.is_confidential:
            return False
        request.client = found
        return True

    # What it may ask

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *_: Any, **__: Any
    ) -> bool:
        return redirect_uri in request.client.redirect_uris

    def get_default_redirect_uri(self, client_id: str, request: Any, *_: Any, **__: Any) -> None:
        """None: the address is always to be told (RFC 9700, section 4.1)."""

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        return response_type == "code"

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        return grant_type in GRANTS

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        return bool(scopes) and set(scopes) <= set(client.scopes)

    def get_default_scopes(self, client_id: str, request: Any, *_: Any, **__: Any) -> list[str]:
        return list(request.client.scopes)

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return True

    # Codes

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Any, *_: Any, **__: Any
    ) -> None:
        """The token behind it was made by the consent: `given` of the credentials."""
        secrets.keep(
            request.given,
            Kind.CODE,
            code["code"],
            at=self.at,
            redirect_uri=request.redirect_uri,
            challenge=request.code_challenge,
        )

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        return self._find(code, Kind.CODE, client, request)

    def get_code_challenge(self, code: str, request: Any) -> str:
        return str(request.held.challenge)

    def get_code_challenge_method(self, code: str, request: Any) -> str:
        return METHOD

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Any,
        *_: Any, **__: Any,
    ) -> bool:  # fmt: skip
        return bool(redirect_uri == request.held.redirect_uri)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *_: Any, **__: Any
    ) -> None:
        """It was taken with the exchange."""

    # Refresh tokens

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        return self._find(refresh_token, Kind.REFRESH, client, request)

    def get_original_scopes(
        self, refresh_token: str, request: Any, *_: Any, **__: Any
    ) -> list[str]:
        return list(request.held.token.scopes)

    def _find(self, text: str, kind: str, client: OAuthClient, request: Any) -> bool:
        held = secrets.found(text, kind, client, at=self.at)
        if held is None:
            return False
        request.held, request.user = held, held.token.user
        request.scopes = list(held.token.scopes)
        return True

    # Both

    def save_token(self, token: dict[str, Any], request: Any, *_: Any, **__: Any) -> None:
        """Take the secret and give the next texts out; told is what the person agreed to."""
        held = request.held
        try:
            token["expires_in"] = secrets.exchange(
                held, token["access_token"], token["refresh_token"], at=self.at
            )
        except secrets.Spent as quicker:
            secrets.end_spent(held, at=self.at)
            raise InvalidGrantError(request=request) from quicker
        token["scope"] = " ".join(held.token.scopes)

    def revoke_token(
        self, token: str, token_type_hint: str, request: Any, *_: Any, **__: Any
    ) -> None:
        secrets.end_by_text(token, request.client, at=self.at)


class _Code(AuthorizationCodeGrant):
    """The code grant with S256 alone; a challenge in plain is refused."""

    _code_challenge_methods = {METHOD: AuthorizationCodeGrant._code_challenge_methods[METHOD]}

    def create_authorization_code(self, request: Any) -> dict[str, str]:
        made = {"code": secrets.fresh(Kind.CODE)}
        return made | ({"state": request.state} if request.state else {})

    def validate_authorization_request(self, request: Any) -> Any:
        scopes, told = super().validate_authorization_request(request)
        if not CHALLENGE.fullmatch(request.code_challenge):
            raise InvalidRequestError("It is no S256 challenge.", request=request)
        if len(request.state or "") > LONGEST_STATE:
            raise InvalidRequestError("The state is too long.", request=request)
        return scopes, told


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):
    """Our endpoints at a moment."""

    def __init__(self, at: datetime) -> None:
        validator = Validator(at)
        code, refresh = _Code(validator), RefreshTokenGrant(validator)
        bearer = BearerToken(
            validator,
            token_generator=lambda _request: rules.fresh(TokenKind.APPLICATION),
            expires_in=int(rules.ACCESS_LIFE.total_seconds()),
            refresh_token_generator=lambda _request: secrets.fresh(Kind.REFRESH),
        )
        AuthorizationEndpoint.__init__(self, "code", bearer, {"code": code})
        TokenEndpoint.__init__(
            self, "authorization_code", bearer, dict(zip(GRANTS, (code, refresh), strict=True))
        )
        RevocationEndpoint.__init__(self, validator)


def _client(client_id: str | None) -> OAuthClient | None:
    """An application that may ask, by its public name."""
    if not client_id or "\0" in client_id:
        return None
    return OAuthClient.objects.filter(client_id=client_id, closed_at=None).first()


def _basic(request: Any) -> tuple[str, str] | None:
    """Name and secret of HTTP Basic; each is form-encoded before (RFC 6749, section 2.3.1)."""
    kind, _space, told = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(told, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (unquote_plus(name), unquote_plus(secret)) if colon else None
