from __future__ import annotations

from datetime import datetime

from faza.accounts.models import SignIn, User


def record_sign_in(
    *,
    outcome: SignIn.Outcome,
    at: datetime,
    user: User | None = None,
    address: str | None = None,
    browser: str = "",
    method: str = "",
) -> SignIn:
    """Keep an attempt to sign in; the history is its own trail, so the audit has no entry of it."""
    return SignIn.objects.create(
        user=user,
        at=at,
        address=address,
        browser=browser[:120],
        method=method[:40],
        outcome=outcome,
    )
