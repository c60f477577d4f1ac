from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "faza.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.mfa.signals import authentication_failed

        from faza.accounts import changes, sweeps

        sweeps.register()
        changes.listen()
        authentication_failed.connect(wrong_code, dispatch_uid="accounts.wrong_code")


def wrong_code(sender: object, **told: Any) -> None:
    """Keep a refused second factor: allauth tells of it by a signal only."""
    from django.utils import timezone

    from faza.accounts import services
    from faza.accounts.browsers import name_of
    from faza.accounts.models import SignIn
    from faza.audit.middleware import network_address

    request = told["request"]
    services.record_sign_in(
        outcome=SignIn.Outcome.WRONG_CODE,
        user=told["user"],
        address=network_address(request),
        browser=name_of(request.META.get("HTTP_USER_AGENT", "")),
        method=str(told["authenticator"].type),
        at=timezone.now(),
    )
