"""A program of the demo: the mistress's smart home reads one point, and has asked a few times."""

from __future__ import annotations

from datetime import datetime

from faza.accounts.models import User
from faza.contracts.rules.tokens import Scope
from faza.contracts.services import tokens
from faza.demo import people
from faza.demo.plan import BY_NAME, POINTS

NAME = "Умный дом"
POINT = "Мастерская"
ASKED = (("usage_points", 2), ("profile", 24), ("forecast", 3))
"""Questions of a day."""


def ask(*, at: datetime) -> None:
    """A token whose text nobody has, with a log of its first day."""
    user = User.objects.get(email=f"kovaleva@{people.DOMAIN}")
    code = POINTS[BY_NAME[POINT]].code
    scopes = (Scope.POINTS, Scope.READINGS)
    token, _text = tokens.make(user=user, name=NAME, scopes=scopes, days=365, points=[code], at=at)
    for operation, times in ASKED:
        for _ in range(times):
            tokens.note_use(token.pk, operation, at=at, address="203.0.113.24")
    tokens.count_in(token.pk, at=at)
