"""Green Button of a point, and where a device is pushed to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.models import Token
from faza.contracts.rules import tokens as rules
from faza.contracts.rules.tokens import Kind, Scope
from faza.notifications.models import PushAddress
from faza.protocols import espi
from tests.api.v1.asking import ask, token_of, write
from tests.cabinet.factories import fill, make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
CODE = "500000000000001"
WHERE = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "keys": {"p256dh": "x" * 10, "auth": "y"},
}


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    point = make_point(CODE, "Дом")
    make_agreement("Д-1", [user], [point])
    fill(point, date(2026, 3, 1), date(2026, 3, 3))
    return user


def device(user: User) -> str:
    at, text = timezone.now(), rules.fresh(Kind.DEVICE)
    Token.objects.create(
        user=user, kind=Kind.DEVICE.value, name="Телефон", digest=rules.digest(text), hint="fzd_",
        scopes=[scope.value for scope in Scope], made_at=at, expires_at=at + timedelta(days=30),
    )  # fmt: skip
    return text


class TestGreenButton:
    def test_it_is_read_back(self, owner):
        query = "from=2026-03-01&to=2026-03-05"
        answer = ask(token_of(owner), "green_button", CODE, query=query)
        feed = b"".join(answer.streaming_content)
        (series,) = espi.read(feed).values.series

        assert answer["Content-Type"].startswith("application/atom+xml")
        assert "attachment" in answer["Content-Disposition"]
        assert "ETag" not in answer
        assert answer["RateLimit-Remaining"]
        assert CODE in feed.decode()
        assert series.values.sum() == 2 * 48 * 100

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("from=2026-03-01&to=2026-03-01", "to"),
            ("from=2001-01-01&to=2026-03-01", "to"),
            ("from=2026-03-01&to=2026-03-02&channels=UA", "channels"),
        ],
    )
    def test_what_does_not_fit_is_named(self, owner, query, field):
        answer = ask(token_of(owner), "green_button", CODE, query=query)
        assert answer.status_code == 422
        assert field in [one["field"] for one in answer.json()["errors"]]


class TestPush:
    def test_off_it_says_so(self, owner, settings):
        settings.PUSH_CONTACT = ""
        text = device(owner)
        assert ask(text, "push").json() == {"on": False, "key": None, "registered": False}
        assert write(text, "start_push", body=WHERE).json()["code"] == "push-off"

    def test_an_address_that_is_none_is_told(self, owner, settings):
        settings.PUSH_CONTACT = "mailto:admin@example.org"
        text = device(owner)
        told = ask(text, "push").json()
        assert (told["on"], told["registered"]) == (True, False)
        assert len(told["key"]) == 87
        assert write(text, "start_push", body=WHERE).json()["code"] == "push-address"
        assert not PushAddress.objects.exists()

    def test_twice_off_is_once(self, owner):
        text = device(owner)
        for _ in range(2):
            answer = write(text, "stop_push")
            assert (answer.status_code, answer.content) == (204, b"")

    def test_others_have_none(self, owner):
        for answer in (ask(token_of(owner), "push"), write(token_of(owner), "stop_push")):
            assert (answer.status_code, answer.json()["code"]) == (403, "devices-only")
