"""Legal texts: written, previewed, published once, accepted; nothing of them becomes a script."""

import pytest
from django.urls import reverse

from faza.accounts import services as accounts
from faza.accounts import texts
from faza.accounts.models import LegalText, User
from faza.audit.models import Entry
from tests.desk.office.factories import NOW, make, published, signed_in

KIND = LegalText.Kind.CONSENT
DRAFT = {"title": "Согласие", "body": "# О чём\n\nСлова."}
EVIL = "\n\n".join(
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(2)>",
        "[нажмите](javascript:alert(3))",
        "[сюда](data:text/html;base64,PHNjcmlwdD4=)",
        "![знак](https://example.org/spy.png)",
        '[там](https://example.org/"onmouseover=alert(4))',
    ]
)


def write(client, **fields):
    address = reverse("desk:text-draft", args=[KIND])
    page = client.get(address)
    seen = page.context["form"]["seen"].value()
    return client.post(address, DRAFT | {"seen": seen} | fields)


class TestDraft:
    def test_it_is_kept_and_nobody_outside_sees_it(self, office, client):
        assert write(office).status_code == 302
        draft = LegalText.objects.get()
        assert (draft.title, draft.published_at, draft.number) == ("Согласие", None, 1)
        assert not texts.is_registration_open()
        assert Entry.objects.get(action="accounts.text.drafted").person.name == "Администратор"

    def test_it_goes_on_where_it_was_left(self, office):
        write(office)
        page = office.get(reverse("desk:text-draft", args=[KIND])).content.decode()
        assert "О чём" in page
        write(office, body="Другое.")
        assert LegalText.objects.get().body == "Другое."

    def test_a_new_edition_begins_with_the_one_in_force(self, office):
        published(KIND, "Прежнее", "Прежние слова.")
        page = office.get(reverse("desk:text-draft", args=[KIND])).content.decode()
        assert "Прежние слова." in page

    def test_without_words_it_is_not_kept_and_what_was_typed_stays(self, office):
        answer = write(office, title="", body="Набранные слова")
        assert answer.status_code == 422
        assert "Набранные слова" in answer.content.decode()
        assert not LegalText.objects.exists()

    def test_of_two_who_write_at_once_neither_loses_anything(self, office):
        write(office)
        seen = texts.mark(LegalText.objects.get())
        write(office, body="Первый написал.")
        answer = write(office, body="Второй написал.", seen=seen)
        page = answer.content.decode()
        assert LegalText.objects.get().body == "Первый написал."
        assert "Второй написал." in page
        assert "Первый написал." in page
        again = answer.context["form"]["seen"].value()
        assert write(office, body="Оба.", seen=again).status_code == 302
        assert LegalText.objects.get().body == "Оба."

    def test_a_published_edition_stays_as_it_is(self, office):
        old = published(KIND)
        write(office, body="Новое.")
        old.refresh_from_db()
        assert old.body == "Слова."
        assert LegalText.objects.get(published_at=None).number == 2

    def test_other_fields_of_a_request_are_not_read(self, office):
        write(office, number="7", published_at="2020-01-01", kind="licence")
        draft = LegalText.objects.get()
        assert (draft.kind, draft.number, draft.published_at) == (KIND, 1, None)


class TestPublishing:
    def publish(self, client, **fields):
        address = reverse("desk:text-publish", args=[KIND])
        page = client.get(address)
        seen = page.context["seen"] if page.context else ""
        return page, client.post(address, {"seen": seen} | fields)

    def test_the_page_says_how_many_are_asked_and_what_opens(self, office):
        published(LegalText.Kind.LICENCE)
        make(User.Role.SUBSCRIBER), make(User.Role.SUBSCRIBER)
        write(office)
        page, answer = self.publish(office)
        words = page.content.decode()
        # The administrator is of the staff, who are not asked.
        assert "2 человек" in words
        assert "Регистрация откроется" in words
        assert answer.status_code == 302
        assert texts.is_registration_open()

    def test_it_says_that_registration_stays_closed(self, office):
        write(office)
        page, _answer = self.publish(office)
        assert "лицензионное соглашение" in page.content.decode()
        assert not texts.is_registration_open()

    def test_what_was_changed_meanwhile_is_not_published_unread(self, office):
        write(office)
        _page, answer = self.publish(office, seen="something-older")
        assert answer["Location"] == reverse("desk:text-publish", args=[KIND])
        assert LegalText.objects.get().published_at is None

    def test_twice_publishes_once(self, office):
        write(office)
        self.publish(office)
        _page, answer = self.publish(office)
        assert answer["Location"] == reverse("desk:texts")
        assert LegalText.objects.count() == 1
        assert Entry.objects.filter(action="accounts.text.published").count() == 1

    def test_the_list_counts_who_accepted(self, office, operator):
        text = published(KIND)
        reader, _other = make(User.Role.SUBSCRIBER), make(User.Role.SUBSCRIBER)
        for user in (reader, operator):
            accounts.accept(user=user, texts=[text], at=NOW)
        page = office.get(reverse("desk:texts")).content.decode()
        assert "1 из 2" in page
        assert "Регистрация закрыта" in page


class TestScripts:
    @pytest.mark.parametrize("where", ["preview", "draft", "edition", "publish"])
    def test_no_words_of_a_text_become_a_script(self, where, office):
        write(office, title='"><script>alert(0)</script>', body=EVIL)
        draft = LegalText.objects.get()
        told = {"title": draft.title, "body": EVIL}
        answer = {
            "preview": lambda: office.post(reverse("desk:text-preview"), told),
            "draft": lambda: office.get(reverse("desk:text-draft", args=[KIND])),
            "edition": lambda: office.get(reverse("desk:text", args=[draft.pk])),
            "publish": lambda: office.get(reverse("desk:text-publish", args=[KIND])),
        }[where]()
        page = answer.content.decode().lower()
        assert answer.status_code == 200
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
        assert 'href="data:' not in page
        assert "<img" not in page[page.index("<main") if "<main" in page else 0 :]
        assert " onmouseover=" not in page

    def test_the_preview_keeps_nothing(self, office):
        assert office.post(reverse("desk:text-preview"), DRAFT).status_code == 200
        assert not LegalText.objects.exists()

    def test_the_preview_is_for_those_who_write(self, auditor):
        assert signed_in(auditor).post(reverse("desk:text-preview"), DRAFT).status_code == 403


def test_the_page_asks_as_few_queries_for_many_editions(office, django_assert_max_num_queries):
    for _number in range(6):
        for kind in LegalText.Kind:
            published(kind)
    with django_assert_max_num_queries(16):
        office.get(reverse("desk:texts"))
