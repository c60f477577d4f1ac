from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from faza.accounts.models import User
from faza.audit import services as audit


class EmailTaken(Exception):
    """Somebody else signs in with this address already."""


def create_user(
    *,
    email: str,
    full_name: str,
    at: datetime,
    role: User.Role = User.Role.SUBSCRIBER,
    password: str | None = None,
    phone: str = "",
    language: str = "ru",
    by: User | None = None,
) -> User:
    """Make a user; without a password nobody can sign in as them until one is set by mail.

    Raises EmailTaken, whatever the case of the letters.
    """
    user = User(
        email=email.strip().lower(),
        full_name=full_name,
        role=role,
        phone=phone,
        language=language,
        created_at=at,
    )
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            audit.note("accounts.user.created", of=user, by=by, at=at, after={"role": role})
    except IntegrityError as refused:
        if User.objects.filter(email=user.email).exists():
            raise EmailTaken(user.email) from refused
        raise
    return user
