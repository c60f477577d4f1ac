"""Phones for tests: one that is connected, one that asks."""

from __future__ import annotations

from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.models import Pairing, Token
from faza.contracts.services import pairing

PHONE = {"model": "Pixel 8", "browser": "Chrome Mobile 130, Android", "address": "203.0.113.7"}


def connected(user: User, session: str = "session-of-a-test") -> tuple[Token, str]:
    """The token of a phone that went the whole way, and its text."""
    at = timezone.now()
    held, waiting = asking(user, session)
    pairing.confirm(pairing=held.pk, user=user, session=session, at=at)
    got = pairing.collect(waiting=waiting, at=at)
    assert got.token is not None
    return got.token, got.text


def asking(user: User, session: str = "session-of-a-test") -> tuple[Pairing, str]:
    """A phone that waits for the answer of a web session, and the secret that it waits with."""
    at = timezone.now()
    secret = pairing.invitation(pairing.begin(user=user, session=session, at=at)).secret
    return pairing.claim(text=secret, at=at, **PHONE)


def things(prefix: str, user: User) -> dict[str, str]:
    """A connected phone of a user and one that asks, for the table of addresses."""
    token, _text = connected(user, f"{prefix}first")
    held, _waiting = asking(user, f"{prefix}second")
    return {f"{prefix}phone": str(token.pk), f"{prefix}pairing": str(held.pk)}
