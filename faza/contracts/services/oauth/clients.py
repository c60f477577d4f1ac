"""Applications of others: registered, changed and closed at the desk."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import OAuthClient, Token
from faza.contracts.rules import clients as rules
from faza.contracts.rules import tokens as of_tokens
from faza.contracts.rules.tokens import Scope
from faza.contracts.services.tokens import revoke


@dataclass(frozen=True, slots=True)
class About:
    """What is said of an application; owner: who answers for it, redirect_uris: where back to."""

    name: str
    owner: str
    site: str
    email: str
    redirect_uris: Collection[str]
    scopes: Collection[Scope]


@transaction.atomic
def register(
    *, about: About, is_confidential: bool, by: User, at: datetime
) -> tuple[OAuthClient, str]:
    """A new application, and its secret, which nobody can read again; "" of a public one.

    Raises ValidationError, in words.
    """
    _check(about)
    text = rules.fresh_secret() if is_confidential else ""
    client = OAuthClient.objects.create(
        client_id=rules.fresh_id(),
        is_confidential=is_confidential,
        secret_digest=of_tokens.digest(text) if text else "",
        made_at=at,
        made_by=by,
        **_fields(about),
    )
    after = _fields(about) | {"client_id": client.client_id, "is_confidential": is_confidential}
    audit.note("contracts.oauth_client.registered", of=client, by=by, at=at, after=after)
    return client, text


@transaction.atomic
def change(*, client: OAuthClient, about: About, by: User, at: datetime) -> None:
    """Say otherwise of an application. What was given to it stays. Raises ValidationError."""
    _check(about)
    held = OAuthClient.objects.select_for_update().get(pk=client.pk)
    told = _fields(about)
    before = {name: getattr(held, name) for name in told}
    changed = [name for name in told if told[name] != before[name]]
    if not changed:
        return
    for name in changed:
        setattr(held, name, told[name])
    held.save(update_fields=changed)
    audit.note(
        "contracts.oauth_client.changed",
        of=held,
        by=by,
        at=at,
        before={name: before[name] for name in changed},
        after={name: told[name] for name in changed},
    )


@transaction.atomic
def renew_secret(*, client: OAuthClient, by: User, at: datetime) -> str:
    """Another secret of a confidential application; the old one works no longer.

    Raises ValidationError of a public or a closed one.
    """
    held = OAuthClient.objects.select_for_update().get(pk=client.pk)
    if not held.is_confidential or held.closed_at is not None:
        raise ValidationError(_("This application has no secret."))
    text = rules.fresh_secret()
    held.secret_digest = of_tokens.digest(text)
    held.save(update_fields=["secret_digest"])
    audit.note("contracts.oauth_client.secret_renewed", of=held, by=by, at=at)
    return text


@transaction.atomic
def close(*, client: OAuthClient, by: User, at: datetime) -> int:
    """End an application and all that was given to it, at once; how many people's access ended."""
    held = OAuthClient.objects.select_for_update().get(pk=client.pk)
    if held.closed_at is not None:
        return 0
    held.closed_at = at
    held.save(update_fields=["closed_at"])
    given = Token.objects.filter(consent__client=held, revoked_at=None, expires_at__gt=at)
    ended = sum(revoke(token=token, at=at, by=by) for token in given.select_related("user"))
    after = {"ended": ended}
    audit.note("contracts.oauth_client.closed", of=held, by=by, at=at, after=after)
    return ended


def proves(client: OAuthClient, secret: str) -> bool:
    """Whether that is the secret of a confidential application."""
    told = of_tokens.digest(secret)
    return bool(client.secret_digest) and secrets.compare_digest(told, client.secret_digest)


def _check(about: About) -> None:
    if not about.name.strip() or not about.owner.strip():
        raise ValidationError(_("Say what the application is called and who answers for it."))
    if not about.redirect_uris or len(about.redirect_uris) > rules.MOST_ADDRESSES:
        raise ValidationError(_("Give one to ten addresses to which people are led back."))
    for address in about.redirect_uris:
        if not rules.is_redirect_address(address):
            raise ValidationError(
                _("%(address)s is no address to be led back to: https, or http of 127.0.0.1.")
                % {"address": address[:100]}
            )
    if not about.scopes or not frozenset(about.scopes) <= of_tokens.FOREIGN:
        raise ValidationError(_("Choose what the program may read."))


def _fields(about: About) -> dict[str, object]:
    return {
        "name": about.name.strip(),
        "owner": about.owner.strip(),
        "site": about.site,
        "email": about.email,
        "redirect_uris": list(dict.fromkeys(about.redirect_uris)),
        "scopes": [scope.value for scope in Scope if scope in about.scopes],
    }
