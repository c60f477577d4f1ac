"""Codes and refresh tokens: given out, taken once; one that comes again ends all of its family.

Source: RFC 6749, sections 4.1.2 and 10.5; RFC 9700, sections 4.13 and 4.14.
"""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe

from django.db import transaction

from faza.audit import services as audit
from faza.contracts.access.grants import READERS
from faza.contracts.models import OAuthClient, OneTimeSecret, Token
from faza.contracts.rules import tokens as rules
from faza.contracts.rules.tokens import Kind as TokenKind
from faza.contracts.services.tokens import revoke

Kind = OneTimeSecret.Kind


class Spent(Exception):
    """The secret was taken by another question a moment ago."""


def fresh(kind: str) -> str:
    """The text of a code or a refresh token: 256 bits of chance."""
    prefix = rules.CODE_PREFIX if kind == Kind.CODE else rules.REFRESH_PREFIX
    return prefix + token_urlsafe(32)


def keep(
    token: Token, kind: str, text: str, *, at: datetime, redirect_uri: str = "", challenge: str = ""
) -> None:
    """Keep the hash of a secret that is given out; a refresh token lasts as long as the token."""
    ends = token.expires_at
    if kind == Kind.CODE:
        ends = min(ends, at + rules.CODE_LIFE)
    OneTimeSecret.objects.create(
        token=token,
        kind=kind,
        digest=rules.digest(text),
        redirect_uri=redirect_uri,
        challenge=challenge,
        made_at=at,
        expires_at=ends,
    )


def found(text: str, kind: str, client: OAuthClient, *, at: datetime) -> OneTimeSecret | None:
    """A secret that works, with its token and person; None where it is none of the client's.

    One that was taken already is in two hands: all that came of it ends.
    """
    rows = OneTimeSecret.objects.filter(kind=kind, digest=rules.digest(text))
    held = rows.select_related("token__user", "token__consent__client").first()
    if held is None:
        return None
    if held.used_at is not None:
        _end_family(held, at)
        return None
    token = held.token
    works = (
        held.expires_at > at
        and token.revoked_at is None
        and token.expires_at > at
        and token.consent.client_id == client.pk
        and token.user.is_active
        and token.user.role in READERS
    )
    return held if works else None


def _end_family(held: OneTimeSecret, at: datetime) -> None:
    if revoke(token=held.token, at=at):
        audit.note("contracts.token.reused", of=held.token, by=None, at=at, after={"of": held.kind})


@transaction.atomic
def exchange(held: OneTimeSecret, text: str, refresh: str, *, at: datetime) -> int:
    """Take a secret; from now on the token's text is `text`, and `refresh` may be taken next.

    Returns the seconds for which the text works. Raises Spent where somebody was quicker: then
    the family is to be ended by whoever called.
    """
    token = Token.objects.select_for_update().get(pk=held.token_id)
    taken = OneTimeSecret.objects.filter(pk=held.pk, used_at=None).update(used_at=at)
    if not taken or token.revoked_at is not None:
        raise Spent
    until = min(at + rules.ACCESS_LIFE, token.expires_at)
    token.digest, token.digest_until = rules.digest(text), until
    token.hint = text[: rules.HINT]
    token.save(update_fields=["digest", "digest_until", "hint"])
    keep(token, Kind.REFRESH, refresh, at=at)
    return int((until - at).total_seconds())


def end_spent(held: OneTimeSecret, *, at: datetime) -> None:
    """End the family of a secret that two asked with at once."""
    _end_family(held, at)


def end_by_text(text: str, client: OAuthClient, *, at: datetime) -> bool:
    """End what a text of the client stands for, as RFC 7009 says; False if it is none of it."""
    digest = rules.digest(text)
    own = Token.objects.filter(kind=TokenKind.APPLICATION, consent__client=client)
    token = own.select_related("user").filter(digest=digest).first()
    if token is None:
        rows = OneTimeSecret.objects.filter(kind=Kind.REFRESH, digest=digest)
        token = own.select_related("user").filter(secrets__in=rows).first()
    return token is not None and revoke(token=token, at=at)
