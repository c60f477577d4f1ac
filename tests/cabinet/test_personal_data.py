"""«Персональные данные» and the cabinet of somebody without points."""

import csv
import io
import json
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts import services
from faza.accounts.models import Acceptance, LegalText, User, Withdrawal
from faza.audit.models import Entry
from faza.cabinet.account import own_data
from faza.contracts import services as contracts
from faza.contracts.models import Application, Customer, CustomerAgreement, CustomerMember
from faza.contracts.services import applications, dismiss_member
from faza.core.periods import start_of_day
from faza.metering.models import UsagePoint
from faza.outbox.models import Message
from faza.readings import rules
from faza.readings.register_services import record_registers
from faza.readings.registers import RegisterBatch, register
from faza.readings.services import get_source as find_source
from tests.accounts.texts import publish, publish_both
from tests.cabinet.factories import (
    SINCE,
    ZONE,
    fill,
    make_agreement,
    make_meter,
    make_point,
    make_user,
)
from tests.cabinet.reading import today, words
from tests.events.factories import happen

pytestmark = pytest.mark.django_db
FIELDS = {
    "kind": "person",
    "full_name": "Ковалёва М. С.",
    "organisation": "",
    "agreement_number": "42-0042317",
    "phone": "+7 912 345-67-89",
    "address": "",
}


@pytest.fixture
def owner() -> User:
    user = make_user("owner@example.org")
    make_agreement("Д-1", [user], [make_point("A", "Аптека")])
    return user


@pytest.fixture
def applicant() -> User:
    user = make_user("new@example.org")
    applications.submit(user=user, fields=FIELDS, at=timezone.now())
    applications.confirm(user=user, at=timezone.now())
    return user


def prove(client) -> None:
    """Put a fresh proof of the password into the session, as the page that asks for it does."""
    user = User.objects.get(pk=client.session["_auth_user_id"])
    user.set_password("a-Rather-long-secret-7")
    user.save()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(
        reverse("account_reauthenticate"), {"password": "a-Rather-long-secret-7", "next": "/x/"}
    )
    assert answer.status_code == 302


def archive(user: User) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(own_data.archive(user, at=timezone.now()))))


def table(pack: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pack.read(name).decode())))


class TestTexts:
    def test_a_newer_edition_is_asked_for_before_the_next_page(self, owner, enter):
        both = publish_both()
        client = enter(owner)

        asked = client.get(f"{reverse('cabinet:meters')}?page=1")
        assert asked.url == f"{reverse('cabinet:accept_texts')}?next=%2Fmeters%2F%3Fpage%3D1"
        some = client.post(asked.url, {"text": both["consent"].pk})
        assert "Отметьте каждый текст" in words(some)
        done = client.post(asked.url, {"text": [text.pk for text in both.values()]})

        assert done.url == "/meters/?page=1"
        assert client.get(done.url).status_code == 200
        assert Acceptance.objects.filter(user=owner).count() == 2
        publish(LegalText.Kind.LICENCE, "Иначе.")
        assert reverse("cabinet:accept_texts") in client.get(done.url).url

    def test_staff_is_not_asked(self, enter):
        publish_both()
        operator = make_user("operator@example.org", User.Role.OPERATOR)

        assert enter(operator).get(reverse("cabinet:meters")).status_code == 200

    def test_a_withdrawn_consent_shuts_the_cabinet_but_not_ones_own_data(self, owner, enter):
        services.accept(user=owner, texts=publish_both().values(), at=timezone.now())
        client = enter(owner)
        assert client.get(reverse("cabinet:meters")).status_code == 200

        client.post(reverse("cabinet:withdraw"))

        assert Withdrawal.objects.get().user == owner
        assert reverse("cabinet:accept_texts") in client.get(reverse("cabinet:meters")).url
        assert "Вы отозвали согласие" in words(client.get(reverse("cabinet:consents")))
        assert client.get(reverse("cabinet:own_data")).status_code == 200


class TestOwnData:
    def test_the_file_has_all_and_no_secret(self, owner, enter):
        services.accept(user=owner, texts=publish_both().values(), at=timezone.now())
        other = make_user("other@example.org")
        make_agreement("Чужой", [other], [make_point("B", "Чужая")])
        client = enter(owner)
        prove(client)

        answer = client.get(reverse("cabinet:own_data_file"))

        pack = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
        assert pack.testzip() is None
        assert set(pack.namelist()) == {
            *("README.txt", "data.json", "texts/licence-1.md", "texts/consent-1.md"),
            *("registers.csv", "events.csv", "charges.csv", "days.csv", "typed.csv"),
        }
        assert Entry.objects.filter(action="accounts.own_data.taken").count() == 1
        text = pack.read("data.json").decode()
        told = json.loads(text)
        assert told["account"]["email"] == "owner@example.org"
        assert [one["number"] for one in told["agreements"]] == ["Д-1"]
        assert [one["usage_point__code"] for one in told["points"]] == ["A"]
        assert len(told["acceptances"]) == 2
        assert "password" not in text
        assert "Чужой" not in text

    def test_what_was_measured_is_there_to_the_last_interval(self, owner):
        point = UsagePoint.objects.get(code="A")
        meter = make_meter(point, "100")
        first, last = today() - timedelta(days=4), today() - timedelta(days=2)
        fill(point, first, last)
        moment = start_of_day(last, ZONE)
        shown = {register(1): 1_234_560, register(1, 1): 1_000_000}
        reading = RegisterBatch.of(
            usage_point=point.pk, meter=meter.pk, at=moment, kind=1, shown=shown
        )
        record_registers(
            reading, source=find_source("meter"), sequence=rules.sequence(1), at=timezone.now()
        )
        happen((f"{first} 15:40:02", 1, 1), point=point.pk, meter=meter.pk)

        pack = archive(owner)
        days, registers, events = (
            table(pack, f"{name}.csv") for name in ("days", "registers", "events")
        )
        year = f"intervals/A/{first.year}.csv"
        intervals = table(pack, year)

        assert [row["day"] for row in days] == [str(first), str(first + timedelta(days=1))]
        assert {(row["channel"], row["value"], row["unit"]) for row in days} == {
            ("A+", "4.8", "kWh")
        }
        if first.year == last.year:
            assert len(intervals) == 96
            assert sum(Decimal(row["value"]) for row in intervals) == Decimal("9.6")
        assert [(row["tariff"], row["value"]) for row in registers] == [
            ("0", "1234.56"), ("1", "1000"),
        ]  # fmt: skip
        assert registers[0]["meter"] == "100"
        assert datetime.fromisoformat(registers[0]["at"]) == moment
        assert len(events) == 1
        assert events[0]["what"]

    def test_of_two_customers_in_turn_each_has_the_own_time(self):
        former, buyer = make_user("former@example.org"), make_user("buyer@example.org")
        flat, sold = make_point("F", "Квартира"), today() - timedelta(days=3)
        moment = start_of_day(sold, ZONE)
        make_agreement("Д-7", [former], [flat], end=moment)
        make_agreement("Д-8", [buyer], [flat], start=moment)
        fill(flat, sold - timedelta(days=2), sold + timedelta(days=2))

        told = [
            [row["day"] for row in table(archive(user), "days.csv")] for user in (former, buyer)
        ]

        days = [str(sold + timedelta(days=n)) for n in range(-2, 2)]
        assert told == [days[:2], days[2:]]

    @pytest.mark.parametrize("role", [User.Role.SUPPLIER, User.Role.ADMINISTRATOR])
    def test_other_peoples_points_are_nobodys_own_data(self, owner, role):
        sees = make_user("sees@example.org", role)
        sales = contracts.add_customer(
            Customer(kind=Customer.Kind.ORGANISATION, name="Сбыт"), at=SINCE
        )
        contracts.admit_member(user=sees, customer=sales, at=SINCE)
        CustomerAgreement.objects.update(supplier=sales)
        fill(UsagePoint.objects.get(code="A"), today() - timedelta(days=3), today())

        pack = archive(sees)

        assert table(pack, "days.csv") == []
        assert "Д-1" not in pack.read("data.json").decode()

    def test_notices_and_subscriptions_are_there(self, owner):
        told = own_data.data(owner, at=timezone.now())

        assert (told["notices"], told["subscriptions"]) == ([], [])

    def test_of_a_former_customer_the_file_tells_nothing_new(self, owner, enter):
        at = timezone.now()
        member = CustomerMember.objects.get(user=owner)
        dismiss_member(member=member, at=at - timedelta(days=1))
        Customer.objects.filter(pk=member.customer_id).update(actual_address="Новый дом, 1")

        told = str(own_data.data(owner, at=at))

        assert "Новый дом" not in told
        assert str(member.customer_id) in told

    def test_the_file_is_of_all_customers_whichever_is_chosen(self, owner, enter):
        make_agreement("Д-2", [owner], [make_point("B", "Баня")])
        owner.acting_for = CustomerMember.objects.filter(user=owner).first().customer_id

        told = str(own_data.data(owner, at=timezone.now()))

        assert "Аптека" in told
        assert "Баня" in told

    def test_a_name_that_was_checked_is_not_changed_here(self, owner, applicant, enter):
        for user in (owner, applicant):
            typed = {"full_name": "Другой Человек", "phone": "8 (912) 345-67-89"}
            enter(user).post(reverse("cabinet:profile"), typed)
            user.refresh_from_db()

        assert (owner.full_name == "Другой Человек", owner.phone) == (False, "+7 912 345-67-89")
        assert applicant.full_name == "Другой Человек"

    def test_an_account_is_closed_by_typing_its_address(self, owner, enter):
        client = enter(owner)
        prove(client)
        page = client.post(reverse("cabinet:close"), {"email": "x@example.org"})
        assert "Введите адрес, с которым вы входите" in words(page)

        gone = client.post(reverse("cabinet:close"), {"email": "Owner@example.org"})

        assert gone.url == reverse("account_closed")
        assert "Учётная запись закрыта" in words(client.get(gone.url))
        owner.refresh_from_db()
        assert (owner.is_active, owner.closed_at is not None) == (False, True)
        assert Message.objects.filter(kind="account.security_changed").count() == 1


class TestCustomers:
    def test_one_of_several_is_chosen_in_the_header(self, owner, enter):
        shop = make_agreement("Д-2", [owner], [make_point("S", "Прилавок")]).customer
        client = enter(owner)
        both = words(client.get(reverse("cabinet:meters")))
        assert "Аптека" in both
        assert "Прилавок" in both

        client.post(reverse("cabinet:act_for"), {"customer": shop.pk})
        one = words(client.get(reverse("cabinet:meters")))
        assert "Прилавок" in one
        assert "Аптека" not in one

        client.post(reverse("cabinet:act_for"), {"customer": ""})
        assert "Аптека" in words(client.get(reverse("cabinet:meters")))

    @pytest.mark.parametrize("asked", ["999999", "-1", "x", "1 OR 1=1"])
    def test_a_foreign_one_is_not_chosen(self, owner, enter, asked):
        client = enter(owner)
        client.post(reverse("cabinet:act_for"), {"customer": asked})

        assert "acting_for" not in client.session


class TestRequest:
    def test_stands_instead_of_the_sections(self, applicant, enter):
        client = enter(applicant)

        for name in ("home", "explorer", "meters", "why"):
            assert client.get(reverse(f"cabinet:{name}")).url == reverse("cabinet:request")
        page = words(client.get(reverse("cabinet:request")))
        assert "Сверяем ваши данные с договором" in page
        assert "42-0042317" in page

    def test_the_talk_goes_both_ways(self, applicant, enter):
        client = enter(applicant)
        client.post(reverse("cabinet:request_write"), {"text": "Когда <b>ждать</b>?"})
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        asked = Application.objects.get()
        applications.write(application=asked, text="Сегодня.", by=operator, at=timezone.now())

        answer = client.get(reverse("cabinet:request"))

        assert "Сегодня." in words(answer)
        assert "&lt;b&gt;ждать&lt;/b&gt;" in answer.content.decode()

    def test_a_correction_is_shown_and_sent(self, applicant, enter):
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        asked = Application.objects.get()
        applications.ask(application=asked, text="Номер?", by=operator, at=timezone.now())
        client = enter(applicant)
        assert "Номер?" in words(client.get(reverse("cabinet:request")))

        wrong = client.post(reverse("cabinet:request_correct"), FIELDS | {"phone": "1"})
        assert (wrong.status_code, "Это не номер телефона" in words(wrong)) == (422, True)
        client.post(reverse("cabinet:request_correct"), FIELDS | {"agreement_number": "42-1"})

        asked.refresh_from_db()
        assert (asked.state, asked.agreement_number) == ("waiting", "42-1")

    def test_after_a_refusal_one_may_apply_again(self, applicant, enter):
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        asked = Application.objects.get()
        applications.refuse(application=asked, reason="Нет такого.", by=operator, at=timezone.now())
        client = enter(applicant)
        assert "Нет такого." in words(client.get(reverse("cabinet:request")))

        for _twice in range(2):
            client.post(reverse("cabinet:request_correct"), FIELDS)

        assert list(
            Application.objects.order_by("id").values_list("state", flat=True)
        ) == ["refused", "waiting"]  # fmt: skip

    @pytest.mark.parametrize("sees", [True, False])
    def test_an_approved_one_says_whether_the_points_are_open(self, applicant, enter, sees):
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        moved = {"state": "approved", "decided_at": timezone.now(), "decided_by": operator}
        Application.objects.update(**moved)
        if sees:
            make_agreement("42-0042317", [applicant], [make_point("A")])

        page = words(enter(applicant).get(reverse("cabinet:request")))

        assert ("Ваши точки открыты" in page) == sees
        assert ("подайте заявку снова" in page) == ("Отправить заявку" in page) == (not sees)

    def test_shows_nobody_elses(self, applicant, enter):
        other = make_user("other@example.org")

        page = words(enter(other).get(reverse("cabinet:request")))

        assert "42-0042317" not in page
        assert "Вам пока не открыто ни одной точки" in page
