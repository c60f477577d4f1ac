"""From the form to the activated account: what is kept, what is told, what is not given away."""

import re
import statistics
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import Acceptance, User
from faza.contracts.models import Application
from faza.outbox.models import Message
from tests.accounts.texts import PASSWORD, publish, publish_both, register, typed
from tests.cabinet.factories import make_user
from tests.cabinet.reading import words

pytestmark = pytest.mark.django_db
SIGNUP, CODE = "account_signup", "account_confirm_code"


@pytest.fixture
def texts():
    return publish_both(at=timezone.now() - timedelta(days=1))


def mail(kind: str = "account.confirm") -> Message:
    return Message.objects.filter(kind=kind).latest("id")


def press(key: str, client: Client | None = None):
    return (client or Client()).post(reverse(CODE), {"code": key})


class TestForm:
    def test_is_closed_without_texts_and_asks_nothing(self, client):
        page = words(client.get(reverse(SIGNUP)))

        assert "Зарегистрироваться здесь пока нельзя" in page
        assert register(client, {}, licence="1", consent="1").status_code == 200
        assert not User.objects.exists()

    def test_makes_an_account_an_application_and_keeps_what_was_accepted(self, client, texts):
        answer = client.post(reverse(SIGNUP), typed(texts), REMOTE_ADDR="203.0.113.7")

        assert answer.url == reverse("account_signup_sent")
        user = User.objects.get()
        assert (user.role, user.phone, user.is_active) == (
            "subscriber", "+7 912 345-67-89", True,
        )  # fmt: skip
        assert not EmailAddress.objects.get(user=user).verified
        asked = Application.objects.get(user=user)
        assert (asked.state, asked.agreement_number) == ("unconfirmed", "42-0042317")
        assert {(one.text_id, one.address) for one in Acceptance.objects.all()} == {
            (text.pk, "203.0.113.7") for text in texts.values()
        }
        assert "Ваша заявка принята в обработку" in words(client.get(answer.url))

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"phone": "12"}, "Это не номер телефона"),
            ({"kind": "organisation"}, "Укажите организацию"),
            ({"password2": "another-Secret-9"}, "Пароли не совпадают"),
            ({"password1": "короткий", "password2": "короткий"}, "10"),
            ({"email": "no address"}, "адрес электронной почты"),
            ({"licence": ""}, "Без соглашения"),
            ({"consent": ""}, "Без согласия"),
            ({"agreement_number": ""}, "Обязательное поле"),
        ],
    )
    def test_a_wrong_field_is_said_beside_it_and_the_rest_is_kept(self, client, texts, wrong, said):
        answer = register(client, texts, **wrong)

        page = words(answer)
        assert "Не удалось создать учётную запись." in page
        assert said in page
        assert 'value="Ковалёва Марина Сергеевна"' in answer.content.decode()
        assert PASSWORD not in answer.content.decode()
        assert not User.objects.exists()

    def test_what_was_read_is_what_is_accepted(self, client, texts):
        """A newer edition came between the form and its button."""
        publish(texts["consent"].kind, "Новое согласие.", at=timezone.now())

        assert "новая редакция" in words(register(client, texts))
        assert not User.objects.exists()

    def test_a_role_cannot_be_typed(self, client, texts):
        """Mass assignment: the form takes its own fields only."""
        register(
            client, texts, role="administrator", is_active="0", is_confirmed="1", verified="1",
            created_at="1970-01-01", state="approved",
        )  # fmt: skip

        user = User.objects.get()
        assert (user.role, user.is_active, user.created_at.year) == (
            "subscriber", True, timezone.now().year,
        )  # fmt: skip
        assert not EmailAddress.objects.get().verified
        assert Application.objects.get().state == "unconfirmed"

    def test_names_are_shown_as_they_are_typed(self, client, texts):
        """Stored XSS: the name comes back on the page of a refused form."""
        answer = register(client, texts, full_name="<script>alert(1)</script>", phone="1")

        assert "<script>alert" not in answer.content.decode()

    def test_is_limited_by_rate(self, client, texts):
        answers = [register(client, texts, phone="1").status_code for _ in range(11)]

        assert answers[:10] == [200] * 10
        assert answers[10] == 429


class TestKnownAddress:
    def test_is_answered_as_an_unknown_one_and_told_by_mail(self, texts):
        known = make_user("known@example.org")
        answers = []
        for email in ("Known@example.org", "unknown@example.org"):
            client = Client()
            sent = register(client, texts, email=email)
            page = client.get(sent.url).content.decode()
            answers.append((sent.status_code, sent.url, page.replace(email.lower(), "")))

        plain = [(status, url, _without_tokens(page)) for status, url, page in answers]
        assert plain[0] == plain[1]
        assert mail("account.exists").recipient == known.pk
        assert User.objects.count() == 2
        assert not Application.objects.filter(user=known).exists()

    @pytest.mark.either_engine
    def test_takes_as_long_as_an_unknown_one(self, texts, monkeypatch, settings):
        """Medians with the slow hash that ships: less than a quarter apart in one of three rounds.

        A machine that is busy otherwise parts two rounds of the same; a missing hash parts all.
        """
        # By the fixture, which has Django forget the hashers that it keeps.
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
        monkeypatch.setattr("allauth.core.ratelimit.consume", lambda *_args, **_options: True)
        for number in range(21):
            make_user(f"known{number}@example.org")

        rounds = []
        for first in (0, 7, 14):
            one, other = _medians(texts, range(first, first + 7))
            rounds.append((one, other))
            if abs(one - other) < 0.25 * max(one, other):
                return
        pytest.fail(f"{rounds}")

    def test_one_that_nobody_proved_is_taken_over_by_the_next(self, texts):
        """A stranger typed my address: their password must not open my account."""
        register(Client(), texts, password1="Strangers-secret-1", password2="Strangers-secret-1")
        strangers = mail().payload["code"]
        register(Client(), texts)

        assert User.objects.count() == 1
        assert User.objects.get().check_password(PASSWORD)
        press(strangers)
        assert not EmailAddress.objects.get().verified
        press(mail().payload["code"])
        assert EmailAddress.objects.get().verified


def _medians(texts, numbers) -> tuple[float, float]:
    times: dict[str, list[float]] = {"known": [], "fresh": []}
    for number in numbers:
        for kind, spent in times.items():
            client = Client()
            began = time.perf_counter()
            assert register(client, texts, email=f"{kind}{number}@example.org").url
            spent.append(time.perf_counter() - began)
    known, fresh = (statistics.median(spent) for spent in times.values())
    return known, fresh


def _without_tokens(page: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken": )"?[=:"]*\w+', "", page)


class TestLink:
    def test_leads_under_our_own_address_whatever_the_host_says(self, texts):
        register(Client(headers={"host": "127.0.0.1"}), texts)

        told = mail().payload
        assert told["url"].startswith(f"{settings.URL}/accounts/confirm/")
        assert Client(headers={"host": "evil.example"}).get(reverse(SIGNUP)).status_code == 400

    def test_of_a_new_password_too(self, texts):
        make_user("known@example.org")
        client = Client(headers={"host": "[::1]"})
        client.post(reverse("account_reset_password"), {"email": "known@example.org"})

        assert mail("account.password_reset").payload["url"].startswith(f"{settings.URL}/")

    def test_opened_by_a_scanner_activates_nothing(self, client, texts):
        register(client, texts)
        path = mail().payload["url"].removeprefix(settings.URL)

        for method in ("get", "head"):
            assert getattr(Client(), method)(path).status_code == 200
        page = Client().get(path).content.decode()

        assert f'value="{mail().payload["code"]}"' in page
        assert not EmailAddress.objects.get().verified
        assert Application.objects.get().state == "unconfirmed"

    def test_s_button_activates_on_another_device_and_sends_the_application(self, client, texts):
        register(client, texts)
        other = Client()

        answer = press(mail().payload["code"], other)

        assert answer.url == reverse("account_activated")
        assert "Учётная запись успешно активирована" in words(other.get(answer.url))
        assert EmailAddress.objects.get().verified
        assert Application.objects.get().state == "waiting"
        assert Message.objects.filter(kind="contracts.application.received").count() == 1

    def test_works_once(self, client, texts):
        register(client, texts)
        key = mail().payload["code"]
        press(key)

        page = words(press(key))

        assert "Адрес уже подтверждён" in page
        assert Message.objects.filter(kind="contracts.application.received").count() == 1

    def test_works_for_a_day(self, client, texts, monkeypatch):
        register(client, texts)
        key = mail().payload["code"]
        soon, late = (time.time() + hours * 3600 for hours in (23.9, 24.1))

        monkeypatch.setattr(signing.time, "time", lambda: late)
        assert "Срок ссылки истёк" in words(press(key))
        assert reverse("account_send_again") in press(key).content.decode()
        monkeypatch.setattr(signing.time, "time", lambda: soon)
        assert press(key).status_code == 302

    @pytest.mark.parametrize("key", ["abc", "MQ:1abc:xyz", "' OR 1=1", "я"])
    def test_a_forged_one_is_refused_kindly(self, client, texts, key):
        register(client, texts)

        assert "Такого кода нет" in words(press(key))
        assert not EmailAddress.objects.get().verified

    def test_of_a_closed_account_does_nothing(self, client, texts):
        register(client, texts)
        User.objects.update(is_active=False)

        assert "Такого кода нет" in words(press(mail().payload["code"]))


class TestSendAgain:
    def test_brings_another_letter_and_both_links_work(self, client, texts):
        register(client, texts)
        first = mail().payload["code"]

        answer = Client().post(reverse("account_send_again"), {"email": "NEW@example.org"})

        assert answer.url == reverse("account_signup_sent")
        assert Message.objects.filter(kind="account.confirm").count() == 2
        assert press(first).status_code == 302

    @pytest.mark.parametrize("email", ["nobody@example.org", "known@example.org"])
    def test_says_the_same_to_others_and_sends_nothing(self, client, texts, email):
        make_user("known@example.org")

        answer = client.post(reverse("account_send_again"), {"email": email})

        assert answer.url == reverse("account_signup_sent")
        assert not Message.objects.exists()

    def test_is_limited_by_rate(self, client, texts):
        register(client, texts)
        asked = {"email": "new@example.org"}

        answers = [client.post(reverse("account_send_again"), asked).status_code for _ in range(2)]

        assert answers == [302, 429]


class TestBeforeActivation:
    def test_one_cannot_sign_in_and_is_told_why(self, client, texts):
        register(client, texts)

        answer = client.post(
            reverse("account_login"), {"login": "new@example.org", "password": PASSWORD}
        )

        assert answer.url == reverse("account_email_verification_sent")
        assert "Подтвердите почту" in words(client.get(answer.url))
        assert client.get(reverse("cabinet:home")).status_code == 302


def test_a_pretended_mail_goes_to_nobody(client, texts):
    """What is done for a known address to take as long leaves no trace."""
    make_user("known@example.org")
    before = User.objects.count()

    register(client, texts, email="known@example.org")
    client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})

    assert User.objects.count() == before
    assert [one.kind for one in Message.objects.all()] == ["account.exists"]
    assert not Application.objects.exists()
