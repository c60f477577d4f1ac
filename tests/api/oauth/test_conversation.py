"""OAuth 2 with PKCE: consent, code, token, refresh, revocation, and what is refused."""

import base64
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.contracts.models import AccessConsent, OneTimeSecret, Token
from faza.contracts.services import tokens
from faza.contracts.services.oauth import clients
from tests.api.oauth.asking import (
    ALLOWED,
    BACK,
    VERIFIER,
    browser_of,
    code_for,
    exchange,
    led_back,
    make_client,
    question,
    refresh,
)
from tests.api.v1.asking import ask
from tests.cabinet.factories import make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
CODE, FOREIGN = "500000000000001", "500000000000003"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org", name="Ковалёва Анна")
    make_agreement("Д-1", [user], [make_point(CODE, "Дом")])
    make_agreement("Д-3", [make_user("other@example.org")], [make_point(FOREIGN, "Чужая")])
    return user


@pytest.fixture
def browser(owner) -> Client:
    return browser_of(owner)


@pytest.fixture
def app():
    return make_client()[0]


@pytest.fixture
def given(browser, app) -> dict:
    """What the token endpoint told."""
    return exchange(app, code_for(browser, app)).json()


def test_a_consent_becomes_a_token_that_reads(browser, app, owner):
    page = browser.get(question(app))
    shown = page.content.decode()
    assert page.status_code == 200
    assert "Домовой" in shown
    assert "ООО «Пример»" in shown
    assert "https://app.example" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"

    answer = exchange(app, code_for(browser, app))
    told = answer.json()

    assert answer["Cache-Control"] == "no-store"
    assert told["token_type"] == "Bearer"
    assert told["scope"] == "points readings"
    assert told["expires_in"] == 3600
    assert ask(told["access_token"], "usage_point", CODE).status_code == 200
    assert ask(told["access_token"], "usage_point", FOREIGN).status_code == 404
    assert ask(told["access_token"], "events").status_code == 403
    assert ask(told["refresh_token"], "usage_points").status_code == 401
    consent = AccessConsent.objects.get()
    assert consent.client == app
    assert "Домовой" in consent.text
    assert "owner@example.org" in consent.text
    listed = browser.get(reverse("cabinet:tokens")).content.decode()
    assert "Домовой" in listed
    log = browser.get(reverse("cabinet:token", args=[consent.token_id])).content.decode()
    assert "точка учёта" in log


def test_only_hashes_are_kept(browser, app):
    code = code_for(browser, app)
    told = exchange(app, code).json()
    kept = str(list(Token.objects.values())) + str(list(OneTimeSecret.objects.values()))
    kept += str(list(Entry.objects.values_list("before", "after")))
    for text in (code, told["access_token"], told["refresh_token"]):
        assert text not in kept


def test_a_code_works_once_and_its_replay_ends_what_came_of_it(browser, app):
    code = code_for(browser, app)
    told = exchange(app, code).json()
    again = exchange(app, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert ask(told["access_token"], "usage_points").status_code == 401
    assert refresh(app, told["refresh_token"]).status_code == 400
    assert Entry.objects.filter(action="contracts.token.reused").exists()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_verifier": VERIFIER + "x"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "https://app.example/back"}, "invalid_request"),
        ({"code": "fzc_nothing"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "fz-nobody"}, "invalid_client"),
    ],
)
def test_what_does_not_fit_gets_no_token(browser, app, wrong, error):
    code = code_for(browser, app)
    answer = exchange(app, **({"code": code} | wrong))
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == error
    assert not Token.objects.filter(digest__isnull=False).exists()


def test_a_code_of_another_application_is_none(browser, app):
    stranger, _secret = make_client(name="Чужак")
    assert exchange(stranger, code_for(browser, app)).json()["error"] == "invalid_grant"


def test_a_code_ends_after_minutes(browser, app):
    code = code_for(browser, app)
    OneTimeSecret.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert exchange(app, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "points entry"}, "invalid_scope"),
        ({"scope": "charges"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
def test_a_wrong_question_is_led_back_with_its_error(browser, app, wrong, error):
    told = led_back(browser.get(question(app, **wrong)))
    assert told["error"] == error
    assert told["kept"] == "1"
    assert told["state"] == "st-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": BACK + "&more=1"},
        {"redirect_uri": "https://app.example/back"},
        {"redirect_uri": None},
        {"client_id": "fz-nobody"},
        {"client_id": None},
    ],
)
def test_nobody_is_led_to_an_address_that_is_not_registered(browser, app, wrong):
    answer = browser.get(question(app, **wrong))
    assert answer.status_code == 400
    assert "Location" not in answer


def test_a_refusal_is_led_back(browser, app):
    told = led_back(browser.post(question(app), {"refuse": "1"}))
    assert (told["error"], told["state"]) == ("access_denied", "st-1")
    assert not Token.objects.exists()


def test_no_other_site_can_allow_in_a_persons_name(owner, app):
    client = Client(enforce_csrf_checks=True)
    client.cookies = browser_of(owner).cookies
    assert client.post(question(app), ALLOWED).status_code == 403
    assert not Token.objects.exists()


def test_refresh_tokens_rotate(app, given):
    told = refresh(app, given["refresh_token"]).json()
    assert told["access_token"] != given["access_token"]
    assert ask(given["access_token"], "usage_points").status_code == 401
    assert ask(told["access_token"], "usage_points").status_code == 200
    assert refresh(app, told["refresh_token"]).status_code == 200


def test_an_old_refresh_token_ends_the_family(app, given):
    told = refresh(app, given["refresh_token"]).json()
    again = refresh(app, given["refresh_token"])
    assert again.json()["error"] == "invalid_grant"
    assert ask(told["access_token"], "usage_points").status_code == 401
    assert refresh(app, told["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_gives_no_more_than_was_agreed_to(app, given):
    assert refresh(app, given["refresh_token"], scope="events").json()["error"] == "invalid_scope"
    told = refresh(app, given["refresh_token"], scope="points").json()
    assert told["scope"] == "points readings"


def test_the_text_ends_after_an_hour_and_the_refresh_gives_the_next(app, given):
    Token.objects.update(digest_until=timezone.now() - timedelta(seconds=1))
    assert ask(given["access_token"], "usage_points").status_code == 401
    told = refresh(app, given["refresh_token"]).json()
    assert ask(told["access_token"], "usage_points").status_code == 200


def test_the_person_ends_it_at_once(browser, app, given):
    token = Token.objects.get()
    browser.post(reverse("cabinet:token_revoke", args=[token.pk]))
    assert ask(given["access_token"], "usage_points").status_code == 401
    assert refresh(app, given["refresh_token"]).json()["error"] == "invalid_grant"
    assert AccessConsent.objects.get().withdrawn_at is not None


def test_a_code_of_a_withdrawn_consent_is_none(browser, app, owner):
    code = code_for(browser, app)
    tokens.revoke(token=Token.objects.get(), at=timezone.now(), by=owner)
    assert exchange(app, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_an_application_gives_its_token_back(app, given, which):
    asker = Client(enforce_csrf_checks=True)
    stranger, _secret = make_client(name="Чужак")
    for client, status in ((stranger, 200), (app, 401)):
        body = f"token={given[which]}&client_id={client.client_id}"
        answer = asker.post(
            reverse("oauth:revoke"), body, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 200
        assert ask(given["access_token"], "usage_points").status_code == status
    assert AccessConsent.objects.get().withdrawn_at is None


def test_a_confidential_application_has_to_prove_itself(browser):
    app, secret = make_client(is_confidential=True)
    code = code_for(browser, app)
    assert exchange(app, code).json()["error"] == "invalid_client"
    assert exchange(app, code, client_secret="wrong").json()["error"] == "invalid_client"
    proof = base64.b64encode(f"{app.client_id}:{secret}".encode()).decode()
    told = exchange(app, code, headers={"authorization": f"Basic {proof}"}).json()
    assert ask(told["access_token"], "usage_points").status_code == 200
    assert refresh(app, told["refresh_token"], client_secret=secret).status_code == 200


def test_a_closed_application_has_nothing_left(app, given):
    ended = clients.close(client=app, by=User.objects.get(role="administrator"), at=timezone.now())
    assert ended == 1
    assert ask(given["access_token"], "usage_points").status_code == 401
    assert refresh(app, given["refresh_token"]).json()["error"] == "invalid_client"


def test_only_chosen_points_and_days_are_read(browser, app, owner):
    make_agreement("Д-2", [owner], [make_point("500000000000002", "Дача")])
    chosen = ALLOWED | {"reach": "chosen", "point": ["500000000000002"], "first": "2026-10-01"}
    told = exchange(app, code_for(browser, app, chosen)).json()
    listed = ask(told["access_token"], "usage_points").json()["items"]
    assert [one["code"] for one in listed] == ["500000000000002"]
    assert listed[0]["windows"][0]["from"].startswith("2026-10-01T00:00")
    assert ask(told["access_token"], "usage_point", CODE).status_code == 404
    assert "01.10.2026" in AccessConsent.objects.get().text


def test_a_foreign_point_cannot_be_given(browser, app):
    chosen = ALLOWED | {"reach": "chosen", "point": [FOREIGN]}
    assert browser.post(question(app), chosen).status_code == 422
    assert not Token.objects.exists()


def test_whoever_guesses_is_held_up(app):
    statuses = [refresh(app, f"fzr_{i}").status_code for i in range(31)]
    assert set(statuses[:30]) == {400}
    assert statuses[30] == 429


def test_the_metadata_say_where_and_what():
    told = Client().get("/.well-known/oauth-authorization-server").json()
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["token_endpoint"].endswith("/oauth/token")
    assert told["authorization_endpoint"].startswith(told["issuer"])
    assert "entry" not in told["scopes_supported"]
