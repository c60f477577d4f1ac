"""Tokens: what they open and what they do not, how they end, what is noted of them."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from faza.accounts import services as accounts
from faza.accounts.models import LegalText, User
from faza.contracts.models import CustomerMember, Token, TokenUse
from faza.contracts.rules.tokens import LIMIT, Scope
from faza.contracts.services import tokens
from faza.metering.models import UsagePoint
from faza.notifications.models import Notice
from tests.api.v1.asking import LISTS, OPERATIONS, WRITES, ask, ask_of, token_of, write
from tests.cabinet.factories import make_agreement, make_point, make_user
from tests.doors.walk import drain

pytestmark = pytest.mark.django_db
CODE, OTHER, FOREIGN = "500000000000001", "500000000000002", "500000000000003"
SPAN = {"first": "2026-10-01", "end": "2026-11-01"}
ARGS = {"send_entry": (CODE,), "answer_entry": ("1",), "cancel_run": ("1",)}
"""Of writes with something in their address."""


@pytest.fixture
def owner() -> User:
    """Reads two points by an agreement each; a third one is somebody else's."""
    user = make_user("owner@example.org")
    make_agreement("Д-1", [user], [make_point(CODE)])
    make_agreement("Д-2", [user], [make_point(OTHER)])
    make_agreement("Д-3", [make_user("other@example.org")], [make_point(FOREIGN)])
    return user


@pytest.mark.parametrize("text", [None, "", "fzp_", "fzp_guess", "faza_x", "fzp_" + "x" * 300])
def test_without_one_nothing_is_told(owner, text):
    answers = []
    for name in OPERATIONS:
        answers.append(ask_of(text, name, CODE, **SPAN))
    for name in WRITES:
        answers.append(write(text, name, *ARGS.get(name, ()), body={}))
    for answer in answers:
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthorised"


def test_one_that_has_ended_or_was_revoked_is_none(owner):
    old = token_of(owner, at=timezone.now() - timedelta(days=31))
    revoked = token_of(owner)
    row = Token.objects.latest("pk")
    assert ask(revoked, "usage_points").status_code == 200
    tokens.revoke(token=row, at=timezone.now(), by=owner)

    assert [ask(one, "usage_points").status_code for one in (old, revoked)] == [401, 401]
    assert tokens.revoke(token=row, at=timezone.now(), by=owner) is False


def test_an_inactive_person_has_none(owner):
    token = token_of(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert ask(token, "usage_points").status_code == 401


def test_a_scope_that_is_missing_is_named(owner):
    for scope in Scope:
        others = [one for one in Scope if one != scope]
        token = token_of(owner, scopes=others)
        for name, (wanted, _) in OPERATIONS.items():
            answer = ask_of(token, name, CODE, **SPAN)
            assert answer.status_code == (403 if wanted == scope else 200), name
            drain(answer)
            if wanted == scope:
                assert answer.json()["code"] == "scope-missing"
                assert scope.value in answer.json()["detail"]
        for name, (wanted, _, _) in WRITES.items():
            answer = write(token, name, *ARGS.get(name, ()), body={})
            refused = answer.status_code == 403 and answer.json()["code"] == "scope-missing"
            assert refused == (wanted == scope), name


def test_money_of_a_forecast_wants_the_scope_of_charges(owner):
    answer = ask(token_of(owner, scopes=[Scope.READINGS]), "forecast", CODE).json()
    assert answer["forecast"] is None or answer["forecast"]["money"] is None


def test_points_that_are_not_granted_are_not_there(owner):
    at = timezone.now()
    for code in (CODE, OTHER, None):
        Notice.objects.create(
            user=owner, key=f"n{code}", kind="x", topic="events", happened_at=at, created_at=at,
            usage_point=UsagePoint.objects.get(code=code) if code else None,
        )  # fmt: skip
    token = token_of(owner, points=[OTHER])

    assert [one["code"] for one in ask(token, "usage_points").json()["items"]] == [OTHER]
    assert [one["number"] for one in ask(token, "agreements").json()["items"]] == ["Д-2"]
    assert [one["name"] for one in ask(token, "customers").json()["items"]] == ["Абонент Д-2"]
    assert [one["usage_point"] for one in ask(token, "notices").json()["items"]] == [OTHER]
    assert len(ask(token_of(owner), "notices").json()["items"]) == 3
    for name in OPERATIONS:
        for code in (CODE, FOREIGN):
            answer = ask_of(token, name, code, **SPAN)
            assert answer.status_code == (200 if name in LISTS else 404), name
        answer = ask_of(token, name, OTHER, **SPAN)
        assert answer.status_code == 200, name
        drain(answer)
    for name in ("meters", "complexes", "usage_points"):
        assert CODE not in ask(token, name).content.decode()


def test_a_point_that_is_lost_is_lost_for_the_program(owner):
    token = token_of(owner, points=[OTHER])
    CustomerMember.objects.filter(user=owner).delete()

    assert ask(token, "usage_point", OTHER).status_code == 404
    assert ask(token, "usage_points").json()["items"] == []


def test_nobody_makes_one_for_a_foreign_point(owner):
    with pytest.raises(ValidationError, match=FOREIGN):
        token_of(owner, points=[CODE, FOREIGN])
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"days": 1000}, {"points": []}, {"points": [" "]}]
)
def test_what_it_is_made_of_is_checked(owner, wrong):
    with pytest.raises(ValidationError):
        token_of(owner, **wrong)


def test_its_text_is_kept_nowhere(owner):
    text = token_of(owner)
    row = Token.objects.values().get()
    assert text not in str(row)
    assert row["hint"] == text[:10]


def test_each_question_is_in_the_log_refused_ones_too(owner):
    token = token_of(owner, scopes=[Scope.POINTS])
    for name in ("usage_points", "usage_points", "notices"):
        ask(token, name, query="")
    ask(token, "profile", FOREIGN, query="")

    told = dict(TokenUse.objects.values_list("operation", "count"))
    assert told == {"usage_points": 2, "notices": 1, "profile": 1}
    assert Token.objects.get().used_at is not None
    assert TokenUse.objects.first().address == "127.0.0.1"


def test_too_many_questions_are_refused_until_the_minute_ends(owner):
    token = token_of(owner)
    first = ask(token, "usage_points")
    assert int(first["RateLimit-Limit"]) == LIMIT
    assert int(first["RateLimit-Remaining"]) == LIMIT - 1
    minute = timezone.now().replace(second=0, microsecond=0)
    for since in (minute, minute + timedelta(minutes=1)):  # the minute may end meanwhile
        Token.objects.update(counted=LIMIT, counted_since=since)
        answer = ask(token, "usage_points")
        if answer.status_code == 429:
            break

    assert answer.json()["code"] == "too-often"
    assert answer["RateLimit-Remaining"] == "0"
    assert 1 <= int(answer["Retry-After"]) <= 60
    Token.objects.update(counted_since=minute - timedelta(minutes=5))
    assert ask(token, "usage_points").status_code == 200


def test_texts_to_accept_come_first(owner):
    token = token_of(owner)
    for kind in LegalText.Kind:
        accounts.draft_text(kind=kind, title="Текст", body="Слова", at=timezone.now())
        accounts.publish_text(kind=kind, at=timezone.now())
    answer = ask(token, "usage_points")

    assert (answer.status_code, answer.json()["code"]) == (403, "texts-due")


def test_who_is_signed_in_in_a_browser_is_nobody(client, owner):
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/v1/usage-points").status_code == 401
