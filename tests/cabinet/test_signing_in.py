"""Guards of the door: brute force, fixation, redirects, second factors, sessions."""

import time
from multiprocessing import get_context

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts import services
from faza.accounts.models import SignIn, User
from faza.audit.models import Entry
from faza.outbox.models import Message
from tests.accounts.guessing import KEYS, add_all
from tests.cabinet.factories import make_user
from tests.cabinet.reading import words

pytestmark = pytest.mark.django_db
PASSWORD = "a-Rather-long-secret-7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def user() -> User:
    found = make_user("owner@example.org")
    found.set_password(PASSWORD)
    found.save()
    return found


def enter(client: Client, password: str = PASSWORD, email: str = "owner@example.org", **typed):
    asked = {"login": email, "password": password, **typed}
    return client.post(reverse("account_login"), asked, headers={"user-agent": FIREFOX})


def confirm(client: Client) -> None:
    """Prove once more that it is oneself, as pages about security ask."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def outcomes() -> list[str]:
    return list(SignIn.objects.order_by("id").values_list("outcome", flat=True))


class TestBruteForce:
    def test_an_account_is_locked_after_five_and_the_right_password_too(self, user):
        answers = [words(enter(Client(), "wrong-password-1")) for _ in range(6)]

        assert all("не подходят друг к другу" in page for page in answers[:5])
        assert "Слишком много попыток" in answers[5]
        assert "Слишком много попыток" in words(enter(Client()))
        assert outcomes() == ["wrong_password"] * 5 + ["locked"] * 2

    def test_names_of_the_host_and_of_the_address_do_not_make_more(self, user):
        for host in ("localhost", "127.0.0.1", "[::1]", "localhost", "127.0.0.1"):
            enter(Client(headers={"host": host}), "wrong-password-1", " Owner@Example.org")

        assert "Слишком много попыток" in words(enter(Client()))

    def test_a_network_address_is_locked_for_all_accounts(self, user):
        for number in range(20):
            enter(Client(REMOTE_ADDR="203.0.113.7"), "wrong", f"nobody{number}@example.org")

        assert "Слишком много попыток" in words(enter(Client(REMOTE_ADDR="203.0.113.7")))
        assert enter(Client(REMOTE_ADDR="203.0.113.8")).status_code == 302

    def test_an_unknown_address_is_answered_as_a_known_one(self, user):
        known, unknown = (
            words(enter(Client(), "wrong-password-1", email)).replace(email, "")
            for email in ("owner@example.org", "nobody@example.org")
        )

        assert known == unknown

    def test_codes_are_limited_too(self, user):
        TOTP.activate(user, SECRET)
        client = Client()
        enter(client)
        pages = [
            words(client.post(reverse("mfa_authenticate"), {"code": "000000"})) for _ in range(6)
        ]

        assert "Код не подходит" in pages[0]
        assert "Слишком много попыток" in pages[5]
        assert set(outcomes()) == {"wrong_code"}


def test_the_counters_are_common_to_all_processes(tmp_path):
    """Of two processes only one wins an `add`: so one guess cannot be counted as none."""
    begin = time.time() + 1.5
    with get_context("spawn").Pool(4) as pool:
        won = pool.starmap_async(add_all, [(str(tmp_path), begin)] * 4).get(timeout=60)

    assert sum(won) == KEYS


class TestSessions:
    def test_the_key_changes_when_one_signs_in(self, user):
        """Fixation: a key that somebody else put into the browser opens nothing."""
        client = Client()
        client.get(reverse("account_login"))
        session = client.session
        session["planted"] = True
        session.save()
        before = session.session_key
        client.cookies[settings.SESSION_COOKIE_NAME] = before

        assert enter(client).status_code == 302

        assert client.session.session_key != before
        stranger = Client()
        stranger.cookies[settings.SESSION_COOKIE_NAME] = before
        assert stranger.get(reverse("cabinet:profile")).status_code == 302

    def test_remember_me_keeps_the_session_and_nothing_else_does(self, user):
        brief, long = Client(), Client()
        enter(brief)
        enter(long, remember="on")

        assert brief.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""
        assert long.cookies[settings.SESSION_COOKIE_NAME]["max-age"] > 86_400

    def test_a_new_password_ends_the_other_ones(self, user):
        here, there = Client(), Client()
        enter(here)
        enter(there)
        asked = {
            "oldpassword": PASSWORD,
            "password1": "New-secret-12",
            "password2": "New-secret-12",
        }

        assert here.post(reverse("account_change_password"), asked).status_code == 302

        assert here.get(reverse("cabinet:profile")).status_code == 200
        assert there.get(reverse("cabinet:profile")).status_code == 302
        assert Message.objects.get(kind="account.password_changed").recipient == user.pk

    def test_one_is_ended_at_will_and_nobody_elses(self, user):
        here, there, stranger = Client(), Client(), Client()
        enter(here)
        enter(there)
        other = make_user("other@example.org")
        other.set_password(PASSWORD)
        other.save()
        enter(stranger, email="other@example.org")
        theirs = UserSession.objects.get(user=other).pk
        mine = UserSession.objects.get(session_key=there.session.session_key).pk

        here.post(reverse("usersessions_end", args=[theirs]))
        here.post(reverse("usersessions_end", args=[mine]))

        assert stranger.get(reverse("cabinet:profile")).status_code == 200
        assert there.get(reverse("cabinet:profile")).status_code == 302
        assert Entry.objects.filter(action="accounts.session.ended").count() == 1

    def test_all_others_are_ended_at_once(self, user):
        here, others = Client(), [Client(), Client()]
        for client in (here, *others):
            enter(client)
        assert "на 3 устройствах" in words(here.get(reverse("usersessions_list")))

        here.post(reverse("usersessions_list"))

        assert "на 1 устройстве" in words(here.get(reverse("usersessions_list")))
        assert all(one.get(reverse("cabinet:profile")).status_code == 302 for one in others)

    def test_a_role_taken_away_ends_them_all(self, user):
        client = Client()
        enter(client)

        services.change_role(user=user, role=User.Role.AUDITOR, at=timezone.now())

        assert client.get(reverse("cabinet:profile")).status_code == 302

    def test_the_language_of_the_account_is_spoken_after_sign_in(self, user):
        services.change_language(user=user, language="en", at=timezone.now())
        client = Client()
        enter(client)
        assert "Personal data" in words(client.get(reverse("cabinet:profile")))

        client.post(reverse("set_language"), {"language": "ru", "next": "/"})

        user.refresh_from_db()
        assert user.language == "ru"
        assert "Персональные данные" in words(client.get(reverse("cabinet:profile")))


class TestRedirects:
    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
    )
    def test_next_leads_nowhere_else(self, user, target):
        assert enter(Client(), next=target).url == reverse("cabinet:home")
        client = Client()
        enter(client)
        away = client.post(reverse("set_language"), {"language": "en", "next": target})
        assert away.url == "/"
        assert client.get(f"{reverse('cabinet:accept_texts')}?next={target}").url == "/"

    def test_next_leads_inside(self, user):
        assert enter(Client(), next="/meters/?page=2").url == "/meters/?page=2"


class TestHistory:
    def test_shows_when_from_where_and_with_what(self, user):
        client = Client()
        enter(client, "wrong-password-1")
        enter(client)

        page = words(client.get(reverse("cabinet:sign_ins")))

        assert "неверный пароль" in page
        assert "вход выполнен" in page
        assert "Firefox 145, Linux" in page
        assert "127.0.0.1" in page

    def test_is_ones_own(self, user, enter):
        SignIn.objects.create(
            user=user, at=timezone.now(), address="203.0.113.99", outcome=SignIn.Outcome.DONE
        )
        page = words(enter(make_user("other@example.org")).get(reverse("cabinet:sign_ins")))

        assert "203.0.113.99" not in page

    def test_a_closed_access_is_said_to_who_knows_the_password_only(self, user):
        services.deactivate(user=user, at=timezone.now())

        assert enter(Client()).url == reverse("account_inactive")
        assert "не подходят" in words(enter(Client(), "wrong-password-1"))
        assert outcomes() == ["inactive", "wrong_password"]


class TestSecondFactor:
    def test_pages_of_security_ask_for_the_password_first(self, user):
        client = Client()
        enter(client)
        asking = reverse("account_reauthenticate")
        for name in ("mfa_activate_totp", "mfa_add_webauthn", "cabinet:own_data_file"):
            assert client.get(reverse(name)).url.startswith(asking)
        answer = client.post(reverse("account_email"), {"email": "x@example.org", "action_add": ""})
        assert answer.url.startswith(asking)
        assert client.get(reverse("cabinet:close")).url.startswith(asking)

    def test_a_code_is_wanted_and_works_once(self, user):
        TOTP.activate(user, SECRET)
        first, second = Client(), Client()
        assert enter(first).url == reverse("mfa_authenticate")
        assert first.get(reverse("cabinet:profile")).status_code == 302
        enter(second)
        now = code()

        assert first.post(reverse("mfa_authenticate"), {"code": now}).status_code == 302
        assert first.get(reverse("cabinet:profile")).status_code == 200
        # Replayed: somebody looked over the shoulder.
        assert "уже использован" in words(second.post(reverse("mfa_authenticate"), {"code": now}))
        assert second.get(reverse("cabinet:profile")).status_code == 302

    def test_is_switched_on_with_recovery_codes_and_told_by_mail(
        self, user, django_capture_on_commit_callbacks
    ):
        client = Client()
        enter(client)
        confirm(client)
        page = client.get(reverse("mfa_activate_totp"))
        secret = client.session["mfa.totp.secret"]
        assert secret in page.content.decode()
        assert "style=" not in page.content.decode()

        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})

        assert answer.url == reverse("mfa_view_recovery_codes")
        kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        assert kinds == {"totp", "recovery_codes"}
        told = Message.objects.get(kind="account.security_changed")
        assert told.payload["what"] == "включены коды из приложения для входа"

    def test_a_recovery_code_works_once(self, user):
        TOTP.activate(user, SECRET)
        spare = RecoveryCodes.activate(user).get_unused_codes()[0]
        for expected in (302, 200):
            client = Client()
            enter(client)
            answer = client.post(reverse("mfa_authenticate"), {"code": spare})
            assert answer.status_code == expected


class TestAddress:
    def test_a_new_one_counts_when_it_is_proven_and_the_old_one_is_told(self, user):
        client, other = Client(), Client()
        enter(client)
        enter(other)
        confirm(client)
        client.post(reverse("account_email"), {"email": "New@example.org", "action_add": ""})
        told = Message.objects.get(kind="account.confirm")
        assert told.address == "new@example.org"
        user.refresh_from_db()
        assert user.email == "owner@example.org"

        client.post(reverse("account_confirm_code"), {"code": told.payload["code"]})

        user.refresh_from_db()
        assert user.email == "new@example.org"
        assert [one.email for one in EmailAddress.objects.filter(user=user)] == ["new@example.org"]
        warned = Message.objects.get(kind="account.security_changed")
        assert warned.address == "owner@example.org"
        assert client.get(reverse("cabinet:profile")).status_code == 200
        assert other.get(reverse("cabinet:profile")).status_code == 302

    def test_of_somebody_else_is_not_taken_and_not_given_away(self, user):
        other = make_user("other@example.org")
        client = Client()
        enter(client)
        confirm(client)
        answers = []
        for email in ("other@example.org", "fresh@example.org"):
            asked = {"email": email, "action_add": ""}
            answers.append(client.post(reverse("account_email"), asked).status_code)

        assert answers == [302, 302]
        other.refresh_from_db()
        assert other.email == "other@example.org"


def test_reset_by_mail_goes_end_to_end(user):
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "OWNER@example.org"})
    url = Message.objects.get(kind="account.password_reset").payload["url"]
    path = url.removeprefix(settings.URL)

    page = client.get(path, follow=True)
    form = page.redirect_chain[-1][0]
    asked = {"password1": "Quite-new-secret-3", "password2": "Quite-new-secret-3"}
    assert client.post(form, asked).status_code == 302

    assert enter(Client(), "Quite-new-secret-3").status_code == 302
    assert "больше не работает" in words(Client().get(path, follow=True))
    assert Message.objects.filter(kind="account.password_changed").exists()
