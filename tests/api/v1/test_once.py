"""Doing it twice does it once: Idempotency-Key."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from faza.accounts import retention
from faza.accounts.models import User
from faza.api import services
from faza.api.models import KeptAnswer
from faza.contracts.models import Token
from faza.contracts.services import tokens
from faza.reports.models import Run
from tests.api.v1.asking import token_of, write
from tests.cabinet.factories import fill, make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
CODE = "500000000000001"
KEY = "0123456789abcdef0123"
ASKED = {"kind": "readings", "format": "csv", "from": "2026-03-01", "to": "2026-04-01"}


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    point = make_point(CODE, "Дом")
    make_agreement("Д-1", [user], [point])
    fill(point, date(2026, 3, 1), date(2026, 3, 3))
    return user


@pytest.fixture
def token(owner) -> str:
    return token_of(owner)


def test_the_same_key_and_question_is_answered_the_same_and_done_once(token):
    first = write(token, "start_report", body=ASKED, key=KEY)
    again = write(token, "start_report", body=dict(reversed(ASKED.items())), key=f'"{KEY}"')

    assert first.status_code == again.status_code == 202
    assert first.content == again.content
    assert first["Location"] == again["Location"]
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Run.objects.count() == 1


def test_another_question_under_the_key_is_refused(token):
    write(token, "start_report", body=ASKED, key=KEY)
    other = write(token, "start_report", body=ASKED | {"format": "xlsx"}, key=KEY)

    assert (other.status_code, other.json()["code"]) == (422, "key-used")
    assert Run.objects.count() == 1


def test_a_key_is_of_one_token_only(owner, token):
    write(token, "start_report", body=ASKED, key=KEY)
    other = write(token_of(owner), "start_report", body=ASKED | {"format": "xlsx"}, key=KEY)

    assert other.status_code == 202
    assert Run.objects.count() == 2


@pytest.mark.parametrize("key", [None, "short", "x" * 101, "with space 0123456789", "ключ" * 5])
def test_a_key_that_is_none_is_named(token, key):
    answer = write(token, "start_report", body=ASKED, key=key)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert not Run.objects.exists()


def test_what_was_refused_leaves_the_key_free(token):
    refused = write(token, "start_report", body=ASKED | {"kind": "nothing"}, key=KEY)
    assert refused.status_code == 422
    assert not KeptAnswer.objects.exists()
    assert write(token, "start_report", body=ASKED, key=KEY).status_code == 202


def test_while_it_is_done_another_one_waits(token):
    row = Token.objects.get()
    digest = _digest_of(token)
    KeptAnswer.objects.create(token=row, key=KEY, digest=digest, begun_at=timezone.now())
    answer = write(token, "start_report", body=ASKED, key=KEY)

    assert (answer.status_code, answer.json()["code"]) == (409, "under-way")
    assert answer["Retry-After"] == "1"
    assert not Run.objects.exists()


def test_after_one_who_was_killed_it_is_done_once(token):
    """The first one has begun the report and could not say so any more."""
    write(token, "start_report", body=ASKED, key=KEY)
    KeptAnswer.objects.update(
        status=None, body="", begun_at=timezone.now() - services.LOST - timedelta(seconds=1)
    )
    answer = write(token, "start_report", body=ASKED, key=KEY)

    assert answer.status_code == 202
    assert answer.json()["id"] == Run.objects.get().pk
    assert KeptAnswer.objects.get().status == 202


def _digest_of(token: str) -> str:
    """What is kept of this very question."""
    write(token, "start_report", body=ASKED, key=KEY)
    digest = KeptAnswer.objects.get().digest
    KeptAnswer.objects.all().delete()
    Run.objects.all().delete()
    return digest


def test_answers_are_kept_a_day(token):
    write(token, "start_report", body=ASKED, key=KEY)
    at = timezone.now()
    assert retention.run(at + timedelta(hours=23))["api.kept_answers"] == 0
    assert KeptAnswer.objects.exists()
    assert retention.run(at + timedelta(hours=25))["api.kept_answers"] == 1


def test_a_token_that_was_revoked_is_told_nothing_again(owner, token):
    write(token, "start_report", body=ASKED, key=KEY)
    tokens.revoke(token=Token.objects.get(), at=timezone.now(), by=owner)
    assert write(token, "start_report", body=ASKED, key=KEY).status_code == 401
