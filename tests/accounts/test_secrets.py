"""Secrets of second factors in the database."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import InvalidToken

from faza.accounts import secrets
from tests.cabinet.factories import make_user


def test_a_secret_comes_back_and_looks_different_each_time():
    assert secrets.opened(secrets.closed("ABC")) == "ABC"
    assert secrets.closed("ABC") != secrets.closed("ABC")


def test_another_key_opens_nothing_unless_it_is_a_former_one(settings):
    kept = secrets.closed("ABC")

    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    with pytest.raises(InvalidToken):
        secrets.opened(kept)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert secrets.opened(kept) == "ABC"


@pytest.mark.django_db
def test_the_database_does_not_tell_the_secret():
    user = make_user("a@example.org")

    TOTP.activate(user, "JBSWY3DPEHPK3PXP")

    kept = Authenticator.objects.get(user=user)
    assert "JBSWY3DPEHPK3PXP" not in str(kept.data)
