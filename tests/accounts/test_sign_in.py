from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse

import faza.settings
from tests.accounts.factories import make_user
from tests.accounts.texts import publish_both

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counters_of_refused_sign_ins():
    cache.clear()


def sign_in(client, email, password):
    asked = {"login": email, "password": password, "next": "/there/"}
    return client.post(reverse("account_login"), asked)


def test_an_address_in_any_case_and_the_password_open_the_door(client):
    user = make_user(email="ivan@example.org", password="a long secret")

    response = sign_in(client, "Ivan@Example.org", "a long secret")

    assert (response.status_code, response.url) == (302, "/there/")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_sign_up_is_closed_until_both_texts_are_published():
    from allauth.account.adapter import get_adapter

    assert get_adapter().is_open_for_signup(None) is False
    publish_both()
    assert get_adapter().is_open_for_signup(None) is True


def test_pages_that_are_not_used_have_no_address():
    for name in ("account_set_password", "account_request_login_code", "mfa_trust"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_passwords_are_hashed_with_argon2():
    # The suite itself hashes quickly; what ships is read from the module.
    first = faza.settings.PASSWORD_HASHERS[0]

    assert first.endswith(".Argon2PasswordHasher")


def test_the_secret_key_is_the_owners_only():
    file = Path(settings.CACHES["default"]["LOCATION"]).parent / "secret-key"

    assert file.stat().st_mode & 0o777 == 0o600
