"""People of the office, signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from django.test import Client

from faza.accounts import services as accounts
from faza.accounts.models import LegalText, User

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_numbers = count(1)


def make(role: User.Role = User.Role.OPERATOR, name: str = "", email: str = "") -> User:
    number = next(_numbers)
    return accounts.create_user(
        email=email or f"{role}{number}@example.ru",
        full_name=name or f"{role} {number}",
        role=role,
        at=NOW,
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def published(kind: LegalText.Kind, title: str = "Текст", body: str = "Слова.") -> LegalText:
    accounts.draft_text(kind=kind, title=title, body=body, at=NOW)
    return accounts.publish_text(kind=kind, at=NOW)
