"""The outbox to a real mail server: what is sent, what is tried again, what is given up."""

import smtplib
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller

from faza.accounts import services as accounts
from faza.demo import mailbox as local
from faza.notifications.services import deliver
from faza.outbox import rules
from faza.outbox import services as outbox
from faza.outbox.models import Message
from tests.support.mailbox import link_in, text_in
from tests.support.postgres import free_port

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def tell(key: str = "deed:1", kind: str = "account.password_reset", **fields) -> Message:
    known = {"address": "a@example.ru", "payload": {"url": "/accounts/reset/"}, "at": AT}
    return outbox.tell(kind, key=key, **(known | fields))


class Refusing(local.Keeper):
    """A mail server that says no to some."""

    def __init__(self, folder, **answers: str) -> None:
        super().__init__(folder)
        self.answers = answers

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "sender" in self.answers:
            return self.answers["sender"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        for name, answer in self.answers.items():
            if address.startswith(name):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"


@contextmanager
def refusing(mailbox, settings, **answers: str):
    port = free_port()
    server = Controller(Refusing(mailbox.folder, **answers), hostname=local.HOST, port=port)
    server.start()
    settings.EMAIL_PORT = port
    try:
        yield
    finally:
        server.stop()


class TestSent:
    def test_a_mail_goes_as_text_and_html_and_the_message_is_emptied(self, mailbox):
        tell()
        told = deliver(at=AT)

        (mail,) = mailbox.all()
        assert (told.sent, told.later, told.never) == (1, 0, 0)
        assert mail["To"] == "a@example.ru"
        assert mail["Subject"] == "Новый пароль"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert "<html" in text_in(mail, "html")
        found = Message.objects.get()
        assert (found.state, found.payload) == ("delivered", {})

    def test_delivering_twice_sends_once(self, mailbox):
        tell()
        deliver(at=AT)

        assert deliver(at=AT + timedelta(days=1)).count == 0
        assert len(mailbox.all()) == 1

    def test_a_user_gets_it_where_their_address_is_now(self, mailbox):
        user = accounts.create_user(email="old@example.ru", full_name="Иванова Анна", at=AT)
        tell(to=user.pk, address="")
        type(user).objects.filter(pk=user.pk).update(email="new@example.ru")
        deliver(at=AT)

        assert mailbox.find(to="new@example.ru")

    def test_links_lead_to_our_own_address_whatever_host_was_asked(self, mailbox, settings):
        settings.URL = "https://faza.example"
        tell(payload={"url": "http://evil.example/accounts/reset/key/?next=/a#b"})
        deliver(at=AT)

        (mail,) = mailbox.all()
        assert link_in(mail) == "https://faza.example/accounts/reset/key/?next=/a#b"
        assert "evil.example" not in text_in(mail) + text_in(mail, "html")

    def test_what_a_person_wrote_is_no_markup(self, mailbox):
        tell(kind="contracts.application.refused", payload={"reason": "<b>нет</b> & <img src=x>"})
        deliver(at=AT)

        (mail,) = mailbox.all()
        assert "<b>нет</b> & <img src=x>" in text_in(mail)
        assert "<b>" not in text_in(mail, "html")
        assert "<img" not in text_in(mail, "html")

    def test_a_name_with_line_ends_makes_no_header(self, mailbox):
        tell(payload={"name": "Анна\r\nBcc: b@example.ru", "url": "/"})
        deliver(at=AT)

        (mail,) = mailbox.all()
        assert mail["Bcc"] is None


class TestRefused:
    def test_an_address_that_is_not_there_is_given_up_with_the_reason(self, mailbox, settings):
        tell()
        with refusing(mailbox, settings, a="550 5.1.1 <a@example.ru> no such user"):
            assert deliver(at=AT).never == 1

        found = Message.objects.get()
        assert found.state == "given_up"
        assert "no such user" in found.reason
        assert "a@example.ru" not in found.reason

    def test_a_full_box_is_tried_again_after_a_pause(self, mailbox, settings):
        tell()
        with refusing(mailbox, settings, a="452 4.2.2 mailbox full"):
            assert deliver(at=AT).later == 1
        assert deliver(at=AT + timedelta(seconds=1)).count == 0

        with refusing(mailbox, settings):
            assert deliver(at=AT + rules.PAUSES[0] + timedelta(seconds=9)).sent == 1
        assert Message.objects.get().reason == ""

    def test_a_refused_sender_is_a_wrong_setting_and_nothing_is_given_up(self, mailbox, settings):
        tell()
        with refusing(mailbox, settings, sender="550 not from you"):
            assert deliver(at=AT).later == 1

        assert Message.objects.get().reason == "550 not from you"

    def test_one_refusal_holds_up_no_other(self, mailbox, settings):
        for name in ("a", "b", "c"):
            tell(name, address=f"{name}@example.ru")
        with refusing(mailbox, settings, b="550 no"):
            told = deliver(at=AT)

        assert (told.sent, told.never) == (2, 1)
        assert {mail["To"] for mail in mailbox.all()} == {"a@example.ru", "c@example.ru"}

    def test_a_server_that_is_away_is_asked_once_for_all(self, settings, mailbox, monkeypatch):
        asked = []
        monkeypatch.setattr(smtplib, "SMTP", lambda *args, **options: asked.append(1) or refuse())
        for name in ("a", "b", "c"):
            tell(name)

        told = deliver(at=AT)
        assert (told.later, told.never, len(asked)) == (3, 0, 1)
        assert set(Message.objects.values_list("reason", flat=True)) == {
            "ConnectionRefusedError: nobody there"
        }

    def test_a_kind_that_nobody_wrote_a_mail_for_is_given_up(self, mailbox):
        tell(kind="nobody.knows")
        assert deliver(at=AT).never == 1
        assert Message.objects.get().reason == "no mail is written for nobody.knows"

    def test_a_user_who_is_gone_is_given_up(self, mailbox):
        tell(to=404, address="")
        assert deliver(at=AT).never == 1
        assert Message.objects.get().reason == "there is no user 404"

    def test_a_payload_that_does_not_fit_is_kept_for_a_correction(self, mailbox, caplog):
        tell("bad", kind="contracts.application.approved", payload={"points": 5})
        tell("good")
        told = deliver(at=AT)

        assert (told.sent, told.later) == (1, 1)
        assert "TypeError" in Message.objects.get(key="bad").reason


def refuse():
    raise ConnectionRefusedError("nobody there")


def test_the_same_message_has_the_same_id_and_another_another(mailbox):
    first, second = tell("the first deed"), tell("the second deed")
    deliver(at=AT)
    Message.objects.filter(pk=first.pk).update(state="waiting", payload={"url": "/"})
    deliver(at=AT + timedelta(hours=1))

    ids = [mail["Message-ID"] for mail in mailbox.all()]
    assert len(ids) == 3
    assert len(set(ids)) == 2
    assert second.key not in ids[1]
