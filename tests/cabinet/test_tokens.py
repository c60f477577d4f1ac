"""«Доступ для программ»: made behind the password, shown once, revoked, with its log."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.audit.models import Entry
from faza.cabinet.account import own_data
from faza.contracts import sweeps
from faza.contracts.models import Token, TokenPoint
from faza.contracts.rules.tokens import MOST
from faza.contracts.services import tokens
from tests.api.v1.asking import ask, token_of
from tests.cabinet.factories import PASSWORD, make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CODE, FOREIGN = "500000000000001", "500000000000003"
NEW = {"name": "Умный дом", "scopes": ["readings", "points"], "days": "30", "reach": "all"}


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    make_agreement("Д-1", [user], [make_point(CODE, "Дом")])
    make_agreement("Д-3", [make_user("other@example.org")], [make_point(FOREIGN, "Чужая")])
    return user


@pytest.fixture
def browser(owner) -> Client:
    """Of the owner, who has just typed the password."""
    client = Client()
    client.force_login(owner, backend=BACKEND)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def text_in(page: str) -> str:
    found = re.search(r'value="(fzp_[^"]+)"', page)
    assert found
    return found[1]


def test_without_a_token_the_page_says_what_it_is_for(browser):
    page = browser.get(reverse("cabinet:tokens")).content.decode()
    assert "Токенов пока нет" in page
    assert "Программы ваши данные не читают" in page


def test_a_token_is_shown_once_and_works(browser):
    made = browser.post(reverse("cabinet:token_new"), NEW)
    text = text_in(made.content.decode())

    assert made["Cache-Control"].find("no-store") >= 0
    assert ask(text, "usage_point", CODE).json()["name"] == "Дом"
    assert ask(text, "notices").status_code == 403
    for page in (
        reverse("cabinet:tokens"),
        reverse("cabinet:token", args=[Token.objects.get().pk]),
    ):
        shown = browser.get(page).content.decode()
        assert text not in shown
        assert "Умный дом" in shown
    told = Entry.objects.get(action="contracts.token.made")
    assert text not in str(told.before) + str(told.after)


def test_the_password_is_asked_before_one_is_made(owner):
    client = Client()
    client.force_login(owner, backend=BACKEND)
    for answer in (
        client.get(reverse("cabinet:token_new")),
        client.post(reverse("cabinet:token_new"), NEW),
    ):
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_reauthenticate"))
    assert not Token.objects.exists()
    assert client.get(reverse("cabinet:tokens")).status_code == 200


def test_of_chosen_points(browser):
    told = NEW | {"reach": "chosen", "point": [CODE]}
    text = text_in(browser.post(reverse("cabinet:token_new"), told).content.decode())

    assert TokenPoint.objects.get().usage_point.code == CODE
    assert ask(text, "usage_point", CODE).status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " "}, "Обязательное поле"),
        ({"scopes": []}, "Выберите, что программе можно читать."),
        ({"reach": "chosen"}, "Выберите точки учёта"),
        ({"reach": "chosen", "point": [FOREIGN]}, f"Таких точек учёта нет: {FOREIGN}."),
        ({"reach": "chosen", "codes": FOREIGN}, f"Таких точек учёта нет: {FOREIGN}."),
        ({"days": "1000"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(browser, change, said):
    answer = browser.post(reverse("cabinet:token_new"), NEW | change)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "fzp_" not in answer.content.decode()
    if "name" not in change:
        assert 'value="Умный дом"' in answer.content.decode()
    assert not Token.objects.exists()


def test_many_points_are_typed_as_codes(browser, monkeypatch):
    monkeypatch.setattr("faza.cabinet.account.token_forms.LISTED", 0)
    assert "<textarea" in browser.get(reverse("cabinet:token_new")).content.decode()
    told = NEW | {"reach": "chosen", "codes": f"{CODE}\n{CODE},"}
    browser.post(reverse("cabinet:token_new"), told)
    assert TokenPoint.objects.get().usage_point.code == CODE


def test_revoked_by_a_button_it_ends_at_once(browser, owner):
    text = token_of(owner)
    address = reverse("cabinet:token_revoke", args=[Token.objects.get().pk])

    assert ask(text, "usage_points").status_code == 200
    page = browser.post(address, follow=True).content.decode()
    assert "Токен отозван и больше не действует." in page
    assert ask(text, "usage_points").status_code == 401
    browser.post(address)
    assert Entry.objects.filter(action="contracts.token.revoked").count() == 1


def test_the_log_tells_what_was_asked(browser, owner):
    text = token_of(owner)
    for _ in range(3):
        ask(text, "usage_points")
    ask(text, "profile", CODE, query="from=2026-01-01&to=2026-01-02")
    page = browser.get(reverse("cabinet:token", args=[Token.objects.get().pk])).content.decode()

    assert "<b>4 запроса</b> за 7 дней" in page
    assert "список точек учёта" in page
    assert "профиль по интервалам" in page
    assert "127.0.0.1" in page


def test_an_old_log_is_swept(owner):
    token_of(owner)
    now, key = timezone.now(), Token.objects.get().pk
    for days in (1, 400):
        tokens.note_use(key, "profile", at=now - timedelta(days=days))
    assert sweeps.sweep_uses(now - timedelta(days=sweeps.USES_DAYS), now) == 1
    assert Token.objects.get().uses.count() == 1


def test_tokens_of_a_closed_account_end_at_once_and_are_swept(owner):
    text, at = token_of(owner), timezone.now()
    accounts.close_account(user=owner, at=at)

    assert ask(text, "usage_points").status_code == 401
    assert sweeps.sweep_tokens(at, at) == 0
    assert sweeps.sweep_tokens(at + timedelta(seconds=1), at) == 1
    assert not Token.objects.exists()


def test_the_file_of_own_data_tells_of_them(owner):
    text = token_of(owner)
    ask(text, "usage_points")
    told = own_data.data(owner, at=timezone.now())

    assert [one["name"] for one in told["tokens"]] == ["Домашний сервер"]
    assert [one["operation"] for one in told["token_uses"]] == ["usage_points"]
    assert text not in str(told)


def test_there_is_an_end_to_their_number(owner, monkeypatch):
    monkeypatch.setattr("faza.contracts.rules.tokens.MOST", 2)
    assert MOST > 2
    token_of(owner)
    token_of(owner)
    with pytest.raises(Exception, match="Токенов слишком много"):
        token_of(owner)


def test_pages_ask_as_much_for_many_tokens_as_for_one(
    browser, owner, django_assert_max_num_queries
):
    for _ in range(3):
        token_of(owner, points=[CODE])
    with django_assert_max_num_queries(12) as few:
        browser.get(reverse("cabinet:tokens"))
    for _ in range(9):
        token_of(owner, points=[CODE])
    with django_assert_max_num_queries(len(few)):
        browser.get(reverse("cabinet:tokens"))
