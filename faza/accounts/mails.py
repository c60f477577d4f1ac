"""Which mail of ours takes the place of which mail of allauth's, and what it tells."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.outbox import services as outbox

PASSWORD_CHANGED = frozenset({"password_changed", "password_reset", "password_set"})
CHANGED: dict[str, str | Promise] = {
    "email_changed": _("the address that you sign in with was changed"),
    "totp_activated": _("codes from an app were switched on for signing in"),
    "totp_deactivated": _("codes from an app were switched off for signing in"),
    "webauthn_added": _("a device key was added"),
    "webauthn_removed": _("a device key was removed"),
    "recovery_codes_generated": _("new recovery codes were made"),
    "account_closed": _("the account was closed"),
    "second_factor_reset": _("the second factor was taken off by the operator"),
}


def tell(
    template: str,
    *,
    user: User | None,
    address: str,
    context: Mapping[str, Any],
    browser: str,
    came_from: str | None,
    at: datetime,
) -> None:
    """Put the mail that allauth asks for by a template's name into the outbox.

    Mails that Faza has no words for are not sent: there are none by our settings.
    """
    name = template.rpartition("/")[2]
    if user is None:
        return
    if name == "password_reset_key":
        url = context["password_reset_url"]
        _tell("account.password_reset", user, address, {"url": url}, at)
    elif name in PASSWORD_CHANGED:
        told = {"when": at, "address": came_from, "browser": browser}
        _tell("account.password_changed", user, address, told, at)
    elif name in CHANGED:
        tell_security_changed(
            name, user=user, address=address, browser=browser, came_from=came_from, at=at
        )


def tell_security_changed(
    what: str,
    *,
    user: User,
    at: datetime,
    address: str = "",
    browser: str = "",
    came_from: str | None = None,
) -> None:
    """Tell a person that something about signing in was changed; `what` is a key of CHANGED."""
    with translation.override(user.language):
        words = str(CHANGED[what])
    told = {"what": words, "when": at, "address": came_from, "browser": browser}
    _tell("account.security_changed", user, address or user.email, told, at)


def _tell(kind: str, user: User, address: str, payload: Mapping[str, object], at: datetime) -> None:
    mark = hashlib.sha256(repr(sorted(payload.items())).encode()).hexdigest()[:12]
    outbox.tell(
        kind,
        to=user.pk,
        address=address,
        language=user.language,
        key=f"{kind}:{user.pk}:{at.isoformat()}:{mark}",
        payload={"name": user.full_name, **payload},
        at=at,
    )
