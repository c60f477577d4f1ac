"""What a person changes about signing in is in the trail, though allauth does it."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.outbox.models import Message
from tests.cabinet.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = {"password1": "Quite-new-secret-3", "password2": "Quite-new-secret-3"}


@pytest.fixture
def user() -> User:
    return make_user("owner@example.org")


@pytest.fixture
def signed_in(user) -> Client:
    client = Client(REMOTE_ADDR="203.0.113.7")
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def deeds() -> list[tuple[str, object]]:
    found = Entry.objects.filter(action__regex=r"accounts\.(password|second_factor)\.")
    return [(one.action, one.after) for one in found.order_by("id")]


def test_a_password_changed(user, signed_in):
    signed_in.post(reverse("account_change_password"), {"oldpassword": PASSWORD, **NEW})

    assert deeds() == [("accounts.password.changed", None)]
    entry = Entry.objects.get(action="accounts.password.changed")
    assert (entry.person.user, entry.object_id) == (user.pk, str(user.pk))


def test_a_password_set_anew_by_mail(user):
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    url = Message.objects.get(kind="account.password_reset").payload["url"]
    form = client.get(f"/{url.split('/', 3)[3]}", follow=True).redirect_chain[-1][0]
    client.post(form, NEW)

    assert deeds() == [("accounts.password.changed", None)]


def test_a_second_factor_on_and_off(signed_in, django_capture_on_commit_callbacks):
    signed_in.get(reverse("mfa_activate_totp"))
    secret = signed_in.session["mfa.totp.secret"]
    now = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(reverse("mfa_activate_totp"), {"code": now})
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(reverse("mfa_generate_recovery_codes"))
    signed_in.post(reverse("mfa_deactivate_totp"))

    told = [(action, (after or {}).get("factor")) for action, after in deeds()]
    assert told == [
        ("accounts.second_factor.added", "totp"),
        ("accounts.second_factor.added", "recovery_codes"),
        ("accounts.second_factor.renewed", "recovery_codes"),
        ("accounts.second_factor.removed", "totp"),
        ("accounts.second_factor.removed", "recovery_codes"),
    ]
