"""Keys for programs that push telemetry: made, used, revoked."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection.models import AccessToken
from faza.metering.models import NetworkNode

PREFIX = "faza_"
HINT = 10
"""So many characters of a token are kept, to tell tokens apart."""
USED = timedelta(minutes=10)
"""How exactly the last use is known: not every packet writes a row."""
SENDER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def _digest(token: str) -> str:
    # 256 bits of chance need no salt and no slow hash.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def make(
    *, name: str, sender: str, node: NetworkNode | None, at: datetime, by: User | None = None,
    expires_at: datetime | None = None,
) -> tuple[AccessToken, str]:  # fmt: skip
    """A new token and its text, which nobody can read again.

    With a node it may write to usage points at it and below, without one to all. Raises
    ValidationError where the name is empty or the sender is no short word of small letters.
    """
    if not name.strip():
        raise ValidationError(_("A token needs a name."))
    if not SENDER.fullmatch(sender):
        raise ValidationError(_("A sender is up to 64 small Latin letters, digits, dots, dashes."))
    text = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken.objects.create(
        name=name.strip()[:100],
        sender=sender,
        digest=_digest(text),
        hint=text[:HINT],
        node=node,
        made_by=by,
        made_at=at,
        expires_at=expires_at,
    )
    audit.note(
        "collection.token.made",
        of=token,
        by=by,
        at=at,
        after={"name": token.name, "sender": sender, "area": node.code if node else ""},
    )
    return token, text


@transaction.atomic
def revoke(token: AccessToken, *, at: datetime, by: User | None = None) -> bool:
    """End a token at once; False if it had ended before."""
    fresh = AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)
    if fresh:
        token.refresh_from_db()
        audit.note("collection.token.revoked", of=token, by=by, at=at, before={"name": token.name})
    return bool(fresh)


def open_tokens(at: datetime) -> QuerySet[AccessToken]:
    """Tokens that work at a moment."""
    lasting = Q(expires_at=None) | Q(expires_at__gt=at)
    return AccessToken.objects.filter(lasting, revoked_at=None)


def token_of(text: str, *, at: datetime) -> AccessToken | None:
    """The token of that text, if it works at that moment; its use is noted now and then."""
    if not text.startswith(PREFIX) or len(text) > 200:
        return None
    token = open_tokens(at).filter(digest=_digest(text)).select_related("node").first()
    if token is not None and (token.used_at is None or token.used_at + USED <= at):
        AccessToken.objects.filter(pk=token.pk).update(used_at=at)
    return token
