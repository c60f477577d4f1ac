"""Addresses that mails bring: always under FAZA_URL, never under a request's Host."""

from __future__ import annotations

from urllib.parse import quote

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from faza.accounts.models import User


def absolute(path: str) -> str:
    """A path of this installation as a full address."""
    return f"{settings.URL}{path}"


def confirmation(key: str) -> str:
    """Where an address is proven by the key of its mail."""
    return absolute(reverse("account_confirm_email", args=[key]))


def new_password(user: User) -> str:
    """Where a user sets a password without the old one; works once, for PASSWORD_RESET_TIMEOUT."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return password_from_key(key)


def password_from_key(key: str) -> str:
    """The same for a key that is made already."""
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return absolute(path.replace("UID-KEY", quote(key)))


def reset_password() -> str:
    """Where a new password is asked for."""
    return absolute(reverse("account_reset_password"))
