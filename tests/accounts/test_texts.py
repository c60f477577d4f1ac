"""Editions of legal texts: drafts, publication, acceptance, withdrawal."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from faza.accounts import services, texts
from faza.accounts.models import Acceptance, LegalText, Withdrawal
from faza.audit.models import Entry
from faza.outbox.models import Message
from tests.accounts.factories import NOW, make_user
from tests.accounts.texts import publish, publish_both

pytestmark = pytest.mark.django_db
CONSENT, LICENCE = LegalText.Kind.CONSENT, LegalText.Kind.LICENCE


class TestEditions:
    def test_are_numbered_within_their_kind(self):
        found = [publish(LICENCE), publish(CONSENT), publish(LICENCE, "Иначе.")]

        assert [(text.kind, text.number) for text in found] == [
            ("licence", 1), ("consent", 1), ("licence", 2),
        ]  # fmt: skip
        assert texts.current()[LICENCE].number == 2

    def test_a_draft_is_rewritten_and_seen_by_nobody(self):
        first = services.draft_text(kind=LICENCE, title="А", body="Б", at=NOW)
        second = services.draft_text(kind=LICENCE, title="А", body="В", at=NOW)

        assert (second.pk, second.body) == (first.pk, "В")
        assert texts.current() == {}

    def test_an_empty_one_is_not_published(self):
        with pytest.raises(services.NoDraft):
            services.publish_text(kind=LICENCE, at=NOW)
        services.draft_text(kind=LICENCE, title="А", body="  ", at=NOW)
        with pytest.raises(services.EmptyText):
            services.publish_text(kind=LICENCE, at=NOW)

    def test_the_database_keeps_a_published_one_as_it_is(self):
        text = publish(LICENCE)

        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            LegalText.objects.filter(pk=text.pk).update(body="Другое")
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            LegalText.objects.filter(pk=text.pk).update(published_at=None)

        assert LegalText.objects.get().body == "Мы храним ваше имя."

    def test_publishing_is_in_the_trail_and_seen_at_once(self):
        assert texts.current() == {}  # and is cached
        text = publish(LICENCE)

        assert texts.current() == {LICENCE: text}
        entry = Entry.objects.get(action="accounts.text.published")
        assert entry.after == {"kind": "licence", "number": 1, "title": "Текст licence"}


class TestRegistration:
    def test_is_open_when_both_are_published(self):
        assert (texts.is_registration_open(), texts.missing()) == (False, [LICENCE, CONSENT])
        publish(LICENCE)
        assert (texts.is_registration_open(), texts.editions()) == (False, "")
        publish(CONSENT)
        assert (texts.is_registration_open(), texts.missing()) == (True, [])


class TestRendering:
    @pytest.mark.parametrize(
        "evil",
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "![x](http://elsewhere.example/x.png)",
            "<b onclick=alert(1)>x</b>",
        ],
    )
    def test_nothing_typed_becomes_markup_or_a_script(self, evil):
        shown = texts.render(f"Текст\n\n{evil}")

        assert "<script" not in shown
        assert "<img" not in shown
        assert "<b" not in shown
        assert 'href="javascript' not in shown

    def test_markdown_becomes_markup_under_the_page_s_heading(self):
        assert texts.render("# А\n\n- *б*") == (
            "<h2>А</h2>\n<ul>\n<li><em>б</em></li>\n</ul>\n"
        )  # fmt: skip

    def test_an_excerpt_is_plain_words_without_headings(self):
        body = "## О чём\n\nВы *пользуетесь*\nкабинетом. " + "слово " * 80

        shown = texts.excerpt(body)

        assert shown.startswith("Вы пользуетесь кабинетом. слово")
        assert shown.endswith("слово…")
        assert len(shown) <= texts.LONGEST_EXCERPT + 1
        assert texts.excerpt("Коротко.") == "Коротко."


class TestAcceptance:
    def test_keeps_who_which_when_and_from_where_once(self):
        user, text = make_user(), publish(LICENCE)

        for _twice in range(2):
            services.accept(user=user, texts=[text], at=NOW, address="203.0.113.7")

        given = Acceptance.objects.get()
        assert (given.user, given.text, given.at, given.address) == (
            user, text, NOW, "203.0.113.7",
        )  # fmt: skip

    def test_of_an_old_edition_or_a_draft_is_refused(self):
        old, _new = publish(LICENCE), publish(LICENCE, "Новое.")
        draft = services.draft_text(kind=CONSENT, title="А", body="Б", at=NOW)

        for text in (old, draft):
            with pytest.raises(services.NotCurrent):
                services.accept(user=make_user(), texts=[text], at=NOW)

    def test_a_new_edition_is_due_again(self):
        user, both = make_user(), publish_both()
        services.accept(user=user, texts=both.values(), at=NOW)
        assert texts.due_from(user) == []

        newer = publish(CONSENT, "Другое согласие.")

        assert texts.due_from(user) == [newer]


class TestWithdrawal:
    def test_ends_the_acceptance_and_waits_at_the_desk_by_a_day(self):
        user, both = make_user(), publish_both()
        services.accept(user=user, texts=both.values(), at=NOW)

        for _twice in range(2):
            services.withdraw_consent(user=user, at=NOW)

        asked = Withdrawal.objects.get()
        assert asked.due_at == NOW + timedelta(days=30)
        assert texts.due_from(user) == [both["consent"]]
        assert Message.objects.get(kind="accounts.withdrawal.received").recipient == user.pk

    def test_is_handled_once(self):
        operator, user = make_user(), make_user()
        asked = services.withdraw_consent(user=user, at=NOW)

        done = services.handle_withdrawal(withdrawal=asked, by=operator, at=NOW)

        assert done.handled_by == operator
        with pytest.raises(services.AlreadyHandled):
            services.handle_withdrawal(withdrawal=asked, by=operator, at=NOW)
