"""The phone's pages: scanning, typing, waiting, the key as a cookie, guessing, signing out."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.access import grant_of
from faza.contracts.models import Pairing, Token
from faza.contracts.rules.pairing import check_number
from faza.contracts.services import pairing
from tests.cabinet.factories import make_user
from tests.contracts.phones import connected
from tests.support.browser import ROOT

pytestmark = pytest.mark.django_db
HERE = "session-of-the-owner"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/130.0.0.0 Mobile Safari/537.36"
)
APP = {"X-Faza-App": "1"}


@pytest.fixture(autouse=True)
def no_counters():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def owner() -> User:
    return make_user("owner@example.org")


@pytest.fixture
def shown(owner) -> pairing.Invitation:
    return pairing.invitation(pairing.begin(user=owner, session=HERE, at=timezone.now()))


@pytest.fixture
def phone() -> Client:
    return Client(headers={"User-Agent": ANDROID})


def asked(phone: Client, **told: str):
    return phone.post(reverse("mobile:connect"), told)


def confirm(owner: User) -> None:
    held = Pairing.objects.get(state="asked")
    pairing.confirm(pairing=held.pk, user=owner, session=HERE, at=timezone.now())


def fetch(phone: Client):
    """As the page's script asks."""
    return phone.post(reverse("mobile:connect_wait"), headers={"Accept": "application/json"})


def test_a_phone_gets_its_key_after_the_owners_yes(owner, shown, phone):
    answer = asked(phone, secret=shown.secret, model="Pixel 8")
    assert answer.url == reverse("mobile:connect_wait")
    waiting = answer.cookies["faza_waiting"]
    assert (waiting["httponly"], waiting["samesite"]) == (True, "Strict")
    assert waiting["path"] == "/m/connect/"
    held = Pairing.objects.get()
    assert held.phone == "Pixel 8 · Chrome Mobile 130, Android"
    assert check_number(held.waiting_digest) in phone.get(answer.url).content.decode()

    assert fetch(phone).json() == {"state": "waiting", "next": ""}
    assert "faza_device" not in phone.cookies
    confirm(owner)
    got = fetch(phone)
    assert got.json() == {"state": "connected", "next": got.json()["next"]}
    assert phone.get(got.json()["next"]).status_code == 200
    key = got.cookies["faza_device"]
    assert (key["httponly"], key["samesite"], key["path"]) == (True, "Strict", "/")
    assert not key["secure"]
    assert grant_of(key.value, at=timezone.now()).user == owner
    assert key.value not in got.content.decode()
    assert fetch(phone).json()["state"] == "over"
    assert owner.full_name in phone.get(reverse("mobile:connect")).content.decode()


def test_where_there_is_https_the_key_is_sent_by_nothing_else(owner, shown, phone, settings):
    settings.HTTPS = True
    asked(phone, code=shown.code)
    confirm(owner)
    assert fetch(phone).cookies["faza_device"]["secure"]


def test_without_a_script_a_typed_code_and_a_button_do(owner, shown, phone):
    page = asked(phone, code=shown.code.lower())
    assert phone.post(page.url).url == page.url
    confirm(owner)
    got = phone.post(page.url)
    assert got.url.startswith("/m/")
    assert "/wait/" not in got.url
    assert "faza_device" in got.cookies


def test_a_refused_phone_is_told(owner, shown, phone):
    asked(phone, secret=shown.secret)
    held = Pairing.objects.get()
    pairing.refuse(pairing=held.pk, user=owner, session=HERE, at=timezone.now())
    told = fetch(phone).json()
    assert told["state"] == "refused"
    assert "Владелец кабинета отказал" in phone.get(told["next"]).content.decode()
    assert not Token.objects.exists()


def test_the_second_phone_is_told(owner, shown, phone):
    asked(phone, secret=shown.secret)
    other = Client(headers={"User-Agent": ANDROID})
    answer = asked(other, secret=shown.secret)
    assert answer.status_code == 422
    assert "уже воспользовался другой телефон" in answer.content.decode()
    assert "faza_waiting" not in answer.cookies
    # Sent twice by one finger it is one question.
    assert asked(phone, secret=shown.secret).status_code == 302


def test_a_waiting_cookie_of_ones_own_making_fetches_nothing(owner, shown, phone):
    asked(phone, secret=shown.secret)
    confirm(owner)
    stranger = Client()
    stranger.cookies["faza_waiting"] = shown.secret
    assert fetch(stranger).json()["state"] == "over"
    assert not Token.objects.exists()


def test_guessing_is_limited_by_address_and_a_right_code_is_not_counted(owner, shown, phone):
    for _ in range(10):
        assert asked(phone, code="22222222").status_code == 422
    answer = asked(phone, code=shown.code)
    assert answer.status_code == 429
    assert "Слишком много неверных кодов" in answer.content.decode()
    assert Pairing.objects.get().state == "open"
    # The QR goes on working, and so does another address.
    other = Client(headers={"User-Agent": ANDROID}, REMOTE_ADDR="198.51.100.9")
    assert asked(other, code=shown.code).status_code == 302
    for _ in range(20):
        assert asked(other, code=shown.code).status_code == 302


def test_guessing_is_limited_for_all_the_world_together(owner, shown, monkeypatch):
    rates = {"code": "10/5m/ip,6/m/key", "scan": "30/m/ip"}
    monkeypatch.setattr("faza.mobile.connect.limits.RATES", rates)
    statuses = [
        asked(Client(REMOTE_ADDR=f"198.51.100.{number}"), code="22222222").status_code
        for number in range(1, 9)
    ]
    assert statuses == [422] * 6 + [429] * 2
    assert asked(Client(REMOTE_ADDR="192.0.2.1"), secret=shown.secret).status_code == 302


def test_a_flood_of_secrets_is_limited(phone):
    statuses = [asked(phone, secret=f"{number:022d}").status_code for number in range(31)]
    assert statuses == [422] * 30 + [429]


def test_a_form_of_another_site_is_refused(owner, shown):
    careful = Client(enforce_csrf_checks=True)
    assert asked(careful, secret=shown.secret).status_code == 403
    assert careful.post(reverse("mobile:connect_wait")).status_code == 403
    assert Pairing.objects.get().state == "open"


def test_signing_out_ends_the_key_and_takes_the_cookie(owner, phone):
    _token, text = connected(owner)
    phone.cookies["faza_device"] = text
    assert phone.post(reverse("mobile:out")).status_code == 403
    assert grant_of(text, at=timezone.now())

    answer = phone.post(reverse("mobile:out"), headers=APP)
    assert answer.status_code == 204
    assert answer.cookies["faza_device"].value == ""
    assert grant_of(text, at=timezone.now()) is None
    assert phone.post(reverse("mobile:out"), headers=APP).status_code == 204


def test_only_the_page_that_scans_may_use_the_camera(phone):
    assert "camera=(self)" in phone.get(reverse("mobile:connect"))["Permissions-Policy"]
    for name in ("account_login", "mobile:connect_wait"):
        assert "camera=()" in phone.get(reverse(name))["Permissions-Policy"]


def test_the_page_is_kept_by_nobody(phone):
    assert "no-store" in phone.get(reverse("mobile:connect"))["Cache-Control"]


@pytest.mark.parametrize("said", ["<script>", "refused", "over", "x" * 5000])
def test_what_an_address_says_is_not_repeated(phone, said):
    page = phone.get(reverse("mobile:connect"), {"said": said}).content.decode()
    assert "<script>alert" not in page
    assert "xxxx" not in page.replace("XXXX", "")


def test_the_reader_of_codes_is_loaded_only_with_the_camera():
    """jsQR is larger than all the rest of the page's scripts."""
    source = (ROOT / "frontend/src/mobile/scanning.ts").read_text()
    assert 'await import("jsqr")' in source
    assert 'from "jsqr"' not in source
