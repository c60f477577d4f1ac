"""Customers, agreements and access at the desk, as an operator of some area uses them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.contracts import access
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement, CustomerMember
from tests.cabinet.factories import give_area, make_agreement, make_node, make_point, make_user

pytestmark = pytest.mark.django_db
END = {"last_day": "2026-03-31"}
MIDNIGHT = datetime(2025, 12, 31, 21, tzinfo=UTC)
"""The first of January 2026 in Moscow."""


@pytest.fixture
def operator():
    user = make_user("o@example.org", User.Role.OPERATOR)
    give_area(user, make_node())
    return user


@pytest.fixture
def desk(operator):
    client = Client()
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def reader():
    return make_user("reader@example.org", name="Гринько Валентина")


def words(answer) -> str:
    return answer.content.decode()


class TestFromNothingToAccess:
    def test_a_customer_an_agreement_a_point_and_a_reader(self, desk, reader, operator):
        """What the operator types at four forms opens the point to the reader, and only it."""
        point, other = make_point("P1"), make_point("P2")
        make_agreement("Старый", [reader], [other], end=datetime(2021, 1, 1, tzinfo=UTC))

        desk.post("/desk/customers/add/", {"kind": "person", "name": "Гринько В. С."})
        customer = Customer.objects.get(name="Гринько В. С.")
        desk.post(
            f"/desk/customers/{customer.pk}/agreement/",
            {"number": "40-1", "kind": "household", "valid_from": "2026-01-01", "valid_to": ""},
        )
        agreement = CustomerAgreement.objects.get(number="40-1")
        desk.post(
            f"/desk/agreements/{agreement.pk}/bind/",
            {"point": "P1", "valid_from": "2026-01-01", "valid_to": "2026-12-31"},
        )
        answer = desk.post(
            f"/desk/customers/{customer.pk}/admit/",
            {"email": "Reader@example.org", "valid_from": "2026-01-01", "valid_to": ""},
        )

        assert answer.status_code == 302
        bound = AgreementPoint.objects.get(usage_point=point)
        assert bound.valid_from == MIDNIGHT
        assert bound.valid_to == datetime(2026, 12, 31, 21, tzinfo=UTC)
        now = datetime(2026, 6, 1, tzinfo=UTC)
        seen = access.windows_of(reader, at=now, points=[point.pk]).items
        assert [(one.period.start, one.period.end) for one in seen] == [(MIDNIGHT, now)]

    def test_an_ended_agreement_stays_readable_and_nothing_newer(self, desk, reader):
        point = make_point("P1")
        agreement = make_agreement("40-1", [reader], [point])

        desk.post(f"/desk/agreements/{agreement.pk}/close/", {"last_day": "2026-03-31"})

        now = datetime(2026, 6, 1, tzinfo=UTC)
        [seen] = access.windows_of(reader, at=now).items
        assert seen.period.end == datetime(2026, 3, 31, 21, tzinfo=UTC)


class TestRefusals:
    def test_typed_values_stay_and_the_error_stands_by_its_field(self, desk):
        answer = desk.post(
            "/desk/customers/add/", {"kind": "person", "name": "Гринько", "inn": "123"}
        )

        assert "введённое сохранено" in words(answer)
        assert 'value="Гринько"' in words(answer)
        assert Customer.objects.count() == 0

    def test_the_last_day_is_not_before_the_first(self, desk):
        agreement = make_agreement("40-1", [], [make_point("P1")])
        period = {"valid_from": "2026-02-01", "valid_to": "2026-01-31"}

        answer = desk.post(f"/desk/bindings/{agreement.points.get().pk}/", period)

        assert "раньше первого" in words(answer)

    def test_a_point_of_another_area_is_not_there(self, desk):
        make_point("THERE", node=make_node("T", "Там"))
        agreement = make_agreement("40-1", [], [make_point("P1")])
        body = {"point": "THERE", "valid_from": "2026-01-01"}

        foreign = desk.post(f"/desk/agreements/{agreement.pk}/bind/", body)
        absent = desk.post(f"/desk/agreements/{agreement.pk}/bind/", body | {"point": "NOWHERE"})

        assert foreign.status_code == absent.status_code == 422
        assert "В ваших участках нет точки" in words(foreign)
        assert "В ваших участках нет точки" in words(absent)

    def test_binding_twice_says_so(self, desk):
        agreement = make_agreement("40-1", [], [make_point("P1")])
        body = {"point": "P1", "valid_from": "2026-01-01"}

        answer = desk.post(f"/desk/agreements/{agreement.pk}/bind/", body)

        assert answer.status_code == 422
        assert AgreementPoint.objects.count() == 1

    def test_what_a_form_does_not_ask_for_is_not_taken(self, desk):
        """Mass assignment: the customer of an agreement is not changed by a field of the body."""
        agreement = make_agreement("40-1", [], [make_point("P1")])
        other = make_agreement("40-2", [], [make_point("P2")])
        body = {
            "number": "40-1", "kind": "household", "valid_from": "2020-01-01",
            "customer": other.customer_id, "customer_id": other.customer_id, "id": other.pk,
        }  # fmt: skip

        assert desk.post(f"/desk/agreements/{agreement.pk}/edit/", body).status_code == 302

        again = CustomerAgreement.objects.get(pk=agreement.pk)
        assert again.customer_id == agreement.customer_id


class TestBulk:
    def test_nothing_is_done_before_it_is_confirmed(self, desk):
        first = make_agreement("40-1", [], [make_point("P1")])
        ended = make_agreement("40-2", [], [make_point("P2")], end=datetime(2021, 1, 1, tzinfo=UTC))

        page = words(desk.post("/desk/agreements/close/", {"chosen": [first.pk, ended.pk]}))

        assert "Завершить 1 договор" in page
        assert "окончание уже указано" in page
        assert CustomerAgreement.objects.filter(valid_to=None).count() == 1

    def test_all_that_is_found_is_what_the_filter_finds(self, desk):
        for number in range(3):
            make_agreement(f"A-{number}", [], [make_point(f"P{number}")])
        make_agreement("B-1", [], [make_point("Q")])

        page = words(desk.post("/desk/agreements/close/", {"all": "1", "filters": "q=A-"}))
        [kept] = re.findall(r'name="chosen" value="([\d,]+)"', page)
        desk.post("/desk/agreements/close/", {"chosen": kept, "sure": "1", **END})

        assert "Завершить 3 договора" in page
        assert [one.number for one in CustomerAgreement.objects.filter(valid_to=None)] == ["B-1"]


class TestTrail:
    def test_looking_at_a_card_is_written_down(self, desk, operator):
        agreement = make_agreement("40-1", [], [make_point("P1")])

        desk.get(f"/desk/customers/{agreement.customer_id}/")

        entry = Entry.objects.get(action="contracts.card.viewed")
        assert entry.person.user == operator.pk
        assert entry.object_id == str(agreement.customer_id)

    def test_an_export_is_written_down(self, desk):
        make_agreement("40-1", [], [make_point("P1")])

        b"".join(desk.get("/desk/customers/?export=csv"))

        assert Entry.objects.get(action="desk.list.exported").after["rows"] == 1

    def test_the_history_tells_from_what_to_what(self, desk):
        agreement = make_agreement("40-1", [], [make_point("P1")])
        body = {"number": "40-77", "kind": "household", "valid_from": "2020-01-01"}

        desk.post(f"/desk/agreements/{agreement.pk}/edit/", body)
        page = words(desk.get(f"/desk/agreements/{agreement.pk}/"))

        assert "40-1" in page
        assert "40-77" in page


class TestWords:
    EVIL = '<img src=x onerror="alert(1)">'

    def test_names_are_not_markup(self, desk):
        customer = Customer.objects.create(kind="person", name=self.EVIL, actual_address=self.EVIL)
        agreement = make_agreement(self.EVIL, [make_user("e@example.org", name=self.EVIL)], [])
        pages = [
            "/desk/customers/", f"/desk/customers/{customer.pk}/", "/desk/agreements/",
            f"/desk/agreements/{agreement.pk}/", f"/desk/customers/{agreement.customer_id}/",
            f"/desk/customers/{customer.pk}/edit/",
        ]  # fmt: skip

        for page in pages:
            assert "<img" not in words(desk.get(page)), page

    def test_a_name_is_no_formula_in_an_export(self, desk):
        Customer.objects.create(kind="person", name='=HYPERLINK("http://x")')

        told = b"".join(desk.get("/desk/customers/?export=csv")).decode("utf-8-sig")

        assert "'=HYPERLINK" in told


class TestQuestions:
    def test_more_customers_ask_no_more_questions(self, desk, django_assert_max_num_queries):
        def visit():
            desk.get("/desk/customers/")
            desk.get("/desk/agreements/")

        for number in range(2):
            make_agreement(f"{number}", [], [make_point(f"P{number}")])
        with django_assert_max_num_queries(40) as few:
            visit()
        for number in range(2, 30):
            make_agreement(f"{number}", [], [make_point(f"P{number}")])
        with django_assert_max_num_queries(40) as many:
            visit()

        assert len(few) == len(many)


def test_ending_a_membership_closes_the_cabinet_for_that_user(desk, reader):
    agreement = make_agreement("40-1", [reader], [make_point("P1")])
    member = CustomerMember.objects.get(user=reader)
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()

    desk.post(f"/desk/members/{member.pk}/dismiss/", {"last_day": yesterday})

    assert access.windows_of(reader, at=timezone.now()).items == ()
    assert agreement.points.count() == 1
