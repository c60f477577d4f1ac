"""Users of the cabinet at the desk: the list, the card, what may be done to an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import SignIn, User
from faza.audit.models import Entry, PersonalValue
from faza.audit.queries import deeds
from faza.contracts import services as contracts
from faza.contracts.services import applications
from faza.outbox.models import Message
from tests.cabinet.factories import make_user
from tests.cabinet.test_query_counts import counted
from tests.desk.requests.factories import NOW, make_application, make_papers, make_person, signed_in

pytestmark = pytest.mark.django_db
LIST = "/desk/subscribers/"


@pytest.fixture
def person(papers) -> User:
    """A subscriber who reads for the customer of the flat."""
    user = make_person("Лапина Таисия Юрьевна", email="lapina@example.org")
    contracts.admit_member(user=user, customer=papers.customer, at=NOW - timedelta(days=9))
    return user


@pytest.fixture
def stranger(foreign) -> User:
    user = make_person("Чужой Пётр Ильич", email="stranger@example.org")
    contracts.admit_member(user=user, customer=foreign.customer, at=NOW)
    return user


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode()


def do(client, deed: str, user: User, body: dict | None = None):
    address = reverse(f"desk:subscriber-{deed}", args=[user.pk])
    return client.post(address, body or {}, follow=True)


class TestList:
    def test_it_has_those_within_reach_with_their_customers(self, desk, person, stranger, operator):
        said = page(desk, LIST)

        assert "Лапина Таисия Юрьевна" in said
        assert "Гринько Валентина Степановна" in said
        assert "Чужой" not in said
        assert f"{LIST}{operator.pk}/" not in said

    def test_customers_out_of_reach_are_not_named(self, desk, person, foreign):
        contracts.admit_member(user=person, customer=foreign.customer, at=NOW)

        assert "Чужой" not in page(desk, LIST)
        assert "Чужой" not in page(desk, f"{LIST}{person.pk}/")
        assert "Чужой" not in page(desk, f"{LIST}?export=csv")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=лапина", True),
            ("q=9162041855", True),
            ("q=сомов", False),
            ("state=open", True),
            ("state=blocked", False),
            ("state=unproven", False),
            ("role=supplier", False),
            ("seen=never", True),
            ("seen=month", False),
        ],
    )
    def test_filters(self, desk, person, query, found):
        assert ("Лапина" in page(desk, f"{LIST}?{query}")) is found

    def test_each_state_is_found_by_its_filter(self, desk, papers):
        about = {
            "unproven": {},
            "blocked": {"is_active": False},
            "closed": {"is_active": False, "closed_at": NOW},
            "erased": {"is_active": False, "closed_at": NOW, "erased_at": NOW},
            "open": {},
        }
        for state, fields in about.items():
            user = make_person(f"Имя-{state}", is_confirmed=state != "unproven")
            contracts.admit_member(user=user, customer=papers.customer, at=NOW)
            User.objects.filter(pk=user.pk).update(**fields)

        for state in about:
            said = page(desk, f"{LIST}?state={state}")
            assert [name for name in about if f"Имя-{name}" in said] == [state]

    def test_taking_it_away_is_written_down(self, desk, person):
        said = page(desk, f"{LIST}?export=csv&q=лапина")

        assert "Лапина Таисия Юрьевна;lapina@example.org" in said
        assert "Гринько" in said
        entry = Entry.objects.get(action="desk.list.exported")
        assert entry.after["rows"] == 1

    def test_a_name_is_never_a_formula(self, desk, person):
        User.objects.filter(pk=person.pk).update(full_name='=HYPERLINK("http://x")')

        assert ";=HYPERLINK" not in page(desk, f"{LIST}?export=csv")
        assert "\n=HYPERLINK" not in page(desk, f"{LIST}?export=csv")

    def test_many_cost_what_few_do(self, desk, papers):
        def add(number):
            user = make_person(f"Имя {number}")
            contracts.admit_member(user=user, customer=papers.customer, at=NOW)
            own = make_papers(f"9-{number}", f"Абонент {number}")
            contracts.admit_member(user=user, customer=own.customer, at=NOW)

        def cost(address):
            page(desk, address)
            with counted() as told:
                page(desk, address)
            return len(told)

        for number in range(2):
            add(number)
        few = cost(LIST)
        for number in range(2, 30):
            add(number)

        assert cost(LIST) == few
        assert few <= 20

    def test_closing_access_says_first_whose(self, desk, person):
        body = {"chosen": person.pk}
        first = desk.post(f"{LIST}close/", body).content.decode()

        assert "Лапина Таисия Юрьевна · lapina@example.org" in first
        assert "Закрыть доступ 1 человеку" in first
        assert User.objects.get(pk=person.pk).is_active

        desk.post(f"{LIST}close/", {**body, "sure": "1", "reason": "по заявлению"})

        assert not User.objects.get(pk=person.pk).is_active

    def test_closing_needs_a_reason(self, desk, person):
        answer = desk.post(f"{LIST}close/", {"chosen": person.pk, "sure": "1", "reason": " "})

        assert answer.status_code == 422
        assert User.objects.get(pk=person.pk).is_active

    def test_all_found_are_those_of_the_filter(self, desk, person, papers, stranger):
        other = make_person("Сомов Илья Ильич")
        contracts.admit_member(user=other, customer=papers.customer, at=NOW)
        body = {"all": "1", "filters": "q=лапина", "sure": "1", "reason": "по заявлению"}

        desk.post(f"{LIST}close/", body)

        closed = User.objects.filter(is_active=False)
        assert [user.pk for user in closed] == [person.pk]

    def test_a_foreign_person_is_not_there(self, desk, person, stranger):
        answer = desk.post(
            f"{LIST}close/", {"chosen": [person.pk, stranger.pk], "sure": "1", "reason": "x"}
        )

        assert answer.status_code == 404
        assert User.objects.get(pk=person.pk).is_active


class TestCard:
    def test_it_tells_what_the_person_sees_and_since_when(self, desk, person):
        SignIn.objects.create(
            user=person, at=NOW, address="192.0.2.7", browser="Firefox", outcome="done",
            method="password+totp",
        )  # fmt: skip

        said = page(desk, f"{LIST}{person.pk}/")

        assert "доступ с 11.11.2026" in said
        assert "Квартира 5" in said
        assert "с 01.01.2020" in said
        assert "192.0.2.7" in said
        assert "пароль, код из приложения" in said

    def test_looking_is_written_down_once_in_a_while(self, desk, person, monkeypatch, operator):
        page(desk, f"{LIST}{person.pk}/")
        page(desk, f"{LIST}{person.pk}/")
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=1))
        page(desk, f"{LIST}{person.pk}/")

        looks = Entry.objects.filter(action="accounts.card.viewed", object_id=str(person.pk))
        assert [entry.person.user for entry in looks] == [operator.pk] * 2

    def test_applications_are_on_it(self, desk, person):
        one = make_application("40-071-288", user=person)

        assert f"/desk/requests/{one.pk}/" in page(desk, f"{LIST}{person.pk}/")

    def test_a_foreign_one_is_not_there(self, desk, stranger):
        assert desk.get(f"{LIST}{stranger.pk}/").status_code == 404
        for deed in ("block", "unblock", "confirm", "sign-out", "factor"):
            assert do(desk, deed, stranger, {"reason": "x"}).status_code == 404
        assert not Entry.objects.filter(action="accounts.card.viewed").exists()
        assert User.objects.get(pk=stranger.pk).is_active

    def test_an_auditor_only_reads(self, auditor, person):
        said = page(auditor, f"{LIST}{person.pk}/")

        assert "Закрыть доступ" not in said
        for deed in ("block", "unblock", "confirm", "sign-out", "factor"):
            assert do(auditor, deed, person, {"reason": "x"}).status_code == 403

    def test_staff_are_not_managed_from_here(self, db):
        admin = make_user("admin@example.org", User.Role.ADMINISTRATOR)
        other = make_user("other@example.org", User.Role.OPERATOR)
        client = signed_in(admin)

        assert "Закрыть доступ" not in page(client, f"{LIST}{other.pk}/")
        assert do(client, "block", other, {"reason": "x"}).status_code == 404

    def test_names_are_never_a_script(self, desk, person):
        nasty = "<script>alert(1)</script>"
        User.objects.filter(pk=person.pk).update(full_name=nasty, phone=nasty[:30])

        for address in (LIST, f"{LIST}{person.pk}/", f"{LIST}{person.pk}/block/"):
            said = page(desk, address)
            assert "<script>alert" not in said
            assert "&lt;script&gt;alert" in said


class TestDeeds:
    def test_closing_and_opening(self, desk, person):
        do(desk, "block", person, {"reason": "по заявлению"})
        assert not User.objects.get(pk=person.pk).is_active
        (deed,) = deeds(Entry.objects.filter(action="accounts.user.deactivated"))
        assert deed.after == {"reason": "по заявлению"}

        said = do(desk, "unblock", person).content.decode()
        assert "Доступ снова открыт" in said
        assert User.objects.get(pk=person.pk).is_active

    def test_an_erased_account_stays_closed(self, desk, person):
        User.objects.filter(pk=person.pk).update(is_active=False, erased_at=NOW)

        said = do(desk, "unblock", person).content.decode()

        assert "остаётся закрытой" in said

    def test_the_confirmation_is_sent_again(self, desk, person):
        EmailAddress.objects.filter(user=person).update(verified=False)

        said = do(desk, "confirm", person).content.decode()

        assert "Письмо отправляется на lapina@example.org" in said
        assert Message.objects.filter(kind="account.confirm").exists()
        assert Entry.objects.filter(action="accounts.confirmation.sent").exists()

    def test_a_confirmed_address_needs_none(self, desk, person):
        said = do(desk, "confirm", person).content.decode()

        assert "Этот адрес уже подтверждён" in said
        assert not Message.objects.filter(kind="account.confirm").exists()

    def test_sessions_end(self, desk, person):
        client = Client()
        person.set_password("Zarechny-35-10")
        person.save()
        told = {"login": person.email, "password": "Zarechny-35-10"}
        client.post(reverse("account_login"), told)
        assert client.get("/").status_code == 200

        said = do(desk, "sign-out", person).content.decode()

        assert "Завершён 1 сеанс" in said
        assert client.get("/").status_code == 302
        assert Entry.objects.get(action="accounts.sessions.ended").after == {"sessions": 1}
        assert "Открытых сеансов не было" in do(desk, "sign-out", person).content.decode()

    def test_the_second_factor_is_taken_off_with_a_reason(self, desk, person):
        Authenticator.objects.create(user=person, type="totp", data={})

        refused = do(desk, "factor", person, {"reason": ""}).content.decode()
        assert "Как проверили личность" in refused
        assert Authenticator.objects.filter(user=person).exists()

        do(desk, "factor", person, {"reason": "паспорт, в офисе"})

        assert not Authenticator.objects.filter(user=person).exists()
        entry = Entry.objects.get(action="accounts.second_factor.reset")
        # What was written of a person can be erased.
        assert PersonalValue.objects.get(pk=entry.after["reason"]["$personal"]).value
        mail = Message.objects.get(kind="account.security_changed")
        assert mail.payload["what"] == "оператор снял второй фактор входа"
        assert "снимать нечего" in do(desk, "factor", person, {"reason": "x"}).content.decode()


class TestSearch:
    def test_the_card_is_found_from_the_search(self, desk, person):
        assert f"{LIST}{person.pk}/" in page(desk, "/desk/search/?q=Лапина")


def test_the_menu_counts_what_waits(desk, operator, papers, monkeypatch):
    make_application()
    late = make_application("2", at=NOW - timedelta(days=4))
    applications.take(application=late, by=operator, at=NOW)

    said = page(desk, "/desk/")

    assert 'href="/desk/requests/"' in said
    assert 'class="cnt hot"' in said
