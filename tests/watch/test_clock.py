"""A clock that jumps, as people meet it: sessions and codes of a second factor.

Of leases and jobs tests/jobs tells, of times of collection tests/collection/polling/test_ahead.
"""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal import auth
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cabinet.factories import make_user

SECRET = "JBSWY3DPEHPK3PXP"
NOON = 1_790_000_010  # the beginning of a half minute


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "is_open"), [(13, True), (15, False), (-400, True)], ids=["soon", "late", "before"]
)
def test_sessions_end_by_the_clock_of_the_machine(days, is_open, monkeypatch):
    client = Client()
    client.force_login(make_user("anna@example.ru"))
    now = timezone.now()

    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=days))
    answer = client.get(reverse("usersessions_list"))
    assert (answer.status_code == 200) is is_open, answer.headers
    if not is_open:
        assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("seconds", "is_taken"),
    [(0, True), (29, True), (-1, False), (30, False), (86_400, False)],
)
def test_a_code_is_good_for_its_own_half_minute(seconds, is_taken, monkeypatch):
    """No longer: a code that was used is remembered as long, so none is taken twice."""
    code = auth.format_hotp_value(auth.hotp_value(SECRET, NOON // 30))

    monkeypatch.setattr(auth.time, "time", lambda: NOON + seconds)
    assert auth.validate_totp_code(SECRET, code) is is_taken
