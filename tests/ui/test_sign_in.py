"""Pages for those who are not signed in."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

RUSSIAN = {"HTTP_ACCEPT_LANGUAGE": "ru"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("account_login", "Вход в кабинет"),
        ("account_signup", "Зарегистрироваться здесь пока нельзя"),
        ("account_inactive", "Доступ с этим адресом закрыт"),
        ("account_reset_password", "Забытый пароль"),
        ("account_reset_password_done", "Проверьте почту"),
        ("account_reset_password_from_key_done", "Пароль изменён"),
    ],
)
def test_speaks_russian_in_our_own_frame(client, name, words):
    page = client.get(reverse(name), **RUSSIAN).content.decode()
    assert words in page
    assert '<html lang="ru"' in page


def test_speaks_english_to_who_asks_for_it(client):
    page = client.get(reverse("account_login"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Sign in to the cabinet" in page


def test_does_not_offer_what_does_not_exist_yet(client):
    page = client.get(reverse("account_login"), **RUSSIAN).content.decode()
    assert reverse("account_signup") not in page


def test_a_refused_sign_in_keeps_the_address_and_never_the_password(client):
    typed = {"login": "nobody@example.ru", "password": "a-secret-nobody-has"}
    page = client.post(reverse("account_login"), typed, **RUSSIAN).content.decode()
    assert "nobody@example.ru" in page
    assert "a-secret-nobody-has" not in page
    assert 'role="alert"' in page


def test_the_theme_is_rendered_by_the_server(client):
    client.cookies["faza_theme"] = "dark"
    assert 'data-bs-theme="dark"' in client.get(reverse("account_login")).content.decode()
    client.cookies["faza_theme"] = '"><script>'
    assert 'data-theme="auto"' in client.get(reverse("account_login")).content.decode()
