"""«Мобильный клиент»: the code behind the password, the question about the phone, the list."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.access import grant_of
from faza.contracts.models import Pairing, Token
from faza.contracts.rules.pairing import MOST_DEVICES, check_number
from faza.contracts.services import pairing
from faza.notifications import placing
from faza.notifications.models import Notice
from faza.outbox.models import Message
from tests.cabinet.factories import PASSWORD, make_agreement, make_point, make_user
from tests.contracts.phones import PHONE, connected

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PART = {"HX-Request": "true"}
CONNECT = "cabinet:connect"


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    make_agreement("Д-1", [user], [make_point("500000000000001", "Дом")])
    return user


def signed_in(user: User, *, is_fresh: bool = True) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    if is_fresh:
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.fixture
def browser(owner) -> Client:
    """Of the owner, who has just typed the password."""
    return signed_in(owner)


def text(answer) -> str:
    return answer.content.decode()


def begun(browser: Client) -> tuple[str, str]:
    """The secret and the code that the page shows."""
    page = text(browser.post(reverse(CONNECT), follow=True))
    secret = re.search(r"/m/connect/#([\w-]{22})\"", page)
    code = re.search(r"pair-code mono\">([\w-]{9})<", page)
    assert secret
    assert code
    return secret[1], code[1]


def claim(words: str) -> str:
    return pairing.claim(text=words, at=timezone.now(), **PHONE)[1]


def test_the_page_shows_a_code_names_the_phone_and_says_connected(browser, owner):
    secret, code = begun(browser)
    page = text(browser.get(reverse(CONNECT)))
    assert "<svg" in page
    assert "style=" not in page[page.index("<svg") : page.index("</svg>")]
    assert secret in page  # until it is renewed, a reload shows the same one
    waiting = claim(code)

    asked = text(browser.get(reverse(CONNECT)))
    held = Pairing.objects.get()
    assert secret not in asked
    for words in ("Pixel 8 · Chrome Mobile 130, Android", PHONE["address"]):
        assert words in asked
    assert f">{check_number(held.waiting_digest)}<" in asked
    browser.post(reverse("cabinet:connect_confirm", args=[held.pk]))
    got = pairing.collect(waiting=waiting, at=timezone.now())
    assert grant_of(got.text, at=timezone.now()).user == owner
    assert "Подключено: Pixel 8" in text(browser.get(reverse(CONNECT)))


def test_the_password_is_asked_before_a_code_is_shown(owner):
    client = signed_in(owner, is_fresh=False)
    assert client.get(reverse("cabinet:devices")).status_code == 200
    assert "<svg xmlns" not in text(client.get(reverse(CONNECT)))
    answer = client.post(reverse(CONNECT))
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert not Pairing.objects.exists()
    page = text(
        client.post(answer.url, {"password": PASSWORD, "next": reverse(CONNECT)}, follow=True)
    )
    assert "pair-code" in page


def test_a_page_left_open_shows_no_further_code(browser, settings):
    secret, _code = begun(browser)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    for answer in (
        browser.get(reverse(CONNECT)),
        browser.get(reverse(CONNECT), headers=PART),
        browser.post(reverse(CONNECT), headers=PART),
    ):
        assert answer.status_code == 200
        assert secret not in text(answer)
        assert "pair-code" not in text(answer)
    # But a phone that asked in time is still answered.
    waiting = claim(secret)
    held = Pairing.objects.get()
    assert "Pixel 8" in text(browser.get(reverse(CONNECT)))
    assert browser.post(reverse("cabinet:connect_confirm", args=[held.pk])).status_code == 302
    assert pairing.collect(waiting=waiting, at=timezone.now()).text


def test_the_page_is_told_only_of_what_has_changed(browser):
    secret, _code = begun(browser)
    mark = f"{Pairing.objects.get().pk}-open"
    address = f"{reverse(CONNECT)}?seen={mark}"
    assert browser.get(address, headers=PART).status_code == 204
    claim(secret)
    part = text(browser.get(address, headers=PART))
    assert "Подключить этот телефон?" in part
    assert "<html" not in part


def test_a_code_that_is_over_renews_itself(browser):
    begun(browser)
    Pairing.objects.update(expires_at=timezone.now())
    part = text(browser.get(f"{reverse(CONNECT)}?seen=old", headers=PART))
    assert 'hx-trigger="load, submit"' in part
    assert "pair-code" in text(browser.post(reverse(CONNECT), headers=PART))


def test_another_session_of_the_owner_answers_nothing(browser, owner):
    secret, _code = begun(browser)
    claim(secret)
    held = Pairing.objects.get()
    for other in (signed_in(owner), signed_in(make_user("other@example.org"))):
        for name in ("cabinet:connect_confirm", "cabinet:connect_refuse"):
            assert other.post(reverse(name, args=[held.pk])).status_code in (302, 404)
        assert "Pixel 8" not in text(other.get(reverse(CONNECT)))
    held.refresh_from_db()
    assert held.state == Pairing.State.ASKED


def test_refused_at_the_page(browser):
    secret, _code = begun(browser)
    waiting = claim(secret)
    held = Pairing.objects.get()
    part = browser.post(reverse("cabinet:connect_refuse", args=[held.pk]), headers=PART)
    assert "Телефону отказано" in text(part)
    assert pairing.collect(waiting=waiting, at=timezone.now()).outcome == "refused"
    # Once answered there is nothing to answer.
    again = browser.post(reverse("cabinet:connect_confirm", args=[held.pk]))
    assert again.status_code == 404


def test_what_a_phone_says_of_itself_is_only_words(browser):
    secret, _code = begun(browser)
    pairing.claim(
        text=secret, at=timezone.now(), address=None, browser="", model="<img src=x>"
    )  # fmt: skip
    page = text(browser.get(reverse(CONNECT)))
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page


def test_the_list_names_phones_and_ends_one_at_once(browser, owner):
    assert "Телефоны не подключены" in text(browser.get(reverse("cabinet:devices")))
    token, words = connected(owner)
    page = text(browser.get(reverse("cabinet:devices")))
    assert "Подключён <b>1 телефон</b>" in page
    assert "Pixel 8" in page

    browser.post(reverse("cabinet:device_revoke", args=[token.pk]))
    assert grant_of(words, at=timezone.now()) is None
    assert "Pixel 8" not in text(browser.get(reverse("cabinet:devices"))).partition("<table")[2]


def test_changing_the_password_ends_phones(browser, owner):
    _token, words = connected(owner)
    told = {"oldpassword": PASSWORD, "password1": "Sosnovka-77-11", "password2": "Sosnovka-77-11"}
    assert browser.post(reverse("account_change_password"), told).status_code == 302
    assert grant_of(words, at=timezone.now()) is None


def test_signing_out_on_other_devices_ends_phones(browser, owner):
    _token, words = connected(owner)
    browser.post(reverse("usersessions_list"))
    assert grant_of(words, at=timezone.now()) is None


def test_there_is_an_end_to_their_number(browser, owner, monkeypatch):
    monkeypatch.setattr("faza.contracts.rules.pairing.MOST_DEVICES", 1)
    assert MOST_DEVICES > 1
    connected(owner)
    page = text(browser.post(reverse(CONNECT), follow=True))
    assert "Подключено слишком много телефонов" in page
    part = browser.post(reverse(CONNECT), headers=PART)
    assert part["HX-Redirect"] == reverse("cabinet:devices")


def test_the_person_finds_a_notice_that_leads_to_the_list(browser, owner):
    connected(owner)
    placing.place(Message.objects.get(kind="contracts.device.connected").pk, at=timezone.now())
    notice = Notice.objects.get(user=owner)
    assert "Подключено новое устройство" in text(browser.get(reverse("cabinet:notices")))
    assert browser.get(reverse("cabinet:notice", args=[notice.pk])).url == reverse(
        "cabinet:devices"
    )
    # It is mailed whatever the person chose of other topics.
    assert Message.objects.get(kind="contracts.device.connected").state == "waiting"


def test_the_list_asks_as_much_for_many_phones_as_for_one(
    browser, owner, django_assert_max_num_queries
):
    connected(owner, "first")
    with django_assert_max_num_queries(14) as few:
        browser.get(reverse("cabinet:devices"))
    for number in range(5):
        connected(owner, f"of {number}")
    with django_assert_max_num_queries(len(few)):
        browser.get(reverse("cabinet:devices"))
    assert Token.objects.count() == 6
