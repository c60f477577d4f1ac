"""Changing what is written down of customers, agreements and access, each with its trace."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from faza.accounts import retention
from faza.audit import queries as audit
from faza.audit.models import Entry
from faza.contracts import services
from faza.contracts.models import AgreementPoint, Application, Customer, CustomerAgreement
from faza.contracts.rules import keys
from faza.contracts.services import applications
from faza.contracts.services.changing import NoSuchField
from tests.accounts.factories import make_user
from tests.contracts.factories import (
    FIELDS,
    LONG_AGO,
    NOW,
    cover,
    make_agreement,
    make_application,
    make_customer,
    make_operator,
)
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
LONG_AFTER = datetime(2027, 6, 1, tzinfo=UTC)


def last():
    return Entry.objects.order_by("id").last()


def count(action):
    return Entry.objects.filter(action=action).count()


class TestCustomer:
    def test_only_what_differs_is_told_and_what_is_personal_stands_apart(self):
        customer = make_customer(name="Секретов Пётр", phone="")

        services.change_customer(
            customer=customer,
            fields={"name": "Секретова Анна", "kind": customer.kind, "phone": "8 916 204-18-55"},
            at=NOW,
        )

        entry = last()
        assert set(entry.after) == {"name", "phone"}
        assert "Секрет" not in str([entry.before, entry.after])
        deed = audit.history_of(customer)[0]
        assert "Секретова Анна" in str(deed)
        changed = Customer.objects.get(pk=customer.pk)
        assert changed.name_key == keys.name_key("Секретова Анна")
        assert changed.phone_key == "+79162041855"

    def test_what_is_the_same_leaves_no_trace(self):
        customer = make_customer()
        services.change_customer(customer=customer, fields={"name": customer.name}, at=NOW)

        assert count("contracts.customer.changed") == 0

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"id": 1}, NoSuchField),
            ({"name_key": "x"}, NoSuchField),
            ({"inn": "7707083890"}, ValidationError),
            ({"name": ""}, ValidationError),
            ({"email": "x"}, ValidationError),
        ],
    )
    def test_what_cannot_be_is_refused(self, fields, why):
        customer = make_customer()
        with pytest.raises(why):
            services.change_customer(customer=customer, fields=fields, at=NOW)
        assert Customer.objects.get(pk=customer.pk).name == customer.name

    def test_contacts_may_be_taken_away(self):
        customer = make_customer(phone="1", email="a@b.example")

        changed = services.change_contacts(customer=customer, phone="2", email="", at=NOW)

        assert (changed.phone, changed.email) == ("2", "")


class TestAgreement:
    def test_its_fields_change_with_a_trace(self):
        agreement, supplier = make_agreement(), make_customer()

        services.change_agreement(
            agreement=agreement,
            fields={"number": "52-118", "supplier": supplier, "signed_on": date(2026, 1, 2)},
            at=NOW,
        )

        assert CustomerAgreement.objects.get(number_key="52118").supplier == supplier
        assert last().before == {"number": agreement.number, "supplier": None, "signed_on": None}
        assert last().after["supplier"] == supplier.pk

    def test_it_cannot_leave_a_bound_point_without_time(self):
        bound = cover(make_customer(), make_point(), MARCH)
        services.unbind_point(bound=bound, valid_to=JUNE, at=NOW)

        with pytest.raises(services.BreaksBindings, match=bound.usage_point.code):
            services.change_agreement(
                agreement=bound.agreement, fields={"valid_from": JUNE}, at=NOW
            )
        assert CustomerAgreement.objects.get(pk=bound.agreement_id).valid_from == MARCH

    def test_it_does_not_go_to_another_customer_nor_end_before_its_start(self):
        agreement = make_agreement(valid_from=MARCH)
        with pytest.raises(NoSuchField):
            services.change_agreement(
                agreement=agreement, fields={"customer": make_customer()}, at=NOW
            )
        with pytest.raises(ValidationError):
            services.change_agreement(agreement=agreement, fields={"valid_to": JANUARY}, at=NOW)


class TestBinding:
    def test_its_time_changes_with_a_trace(self):
        bound = cover(make_customer(), make_point(), JANUARY)

        services.change_binding(bound=bound, valid_from=MARCH, valid_to=JUNE, at=NOW)

        assert AgreementPoint.objects.get().period.end == JUNE
        assert set(last().after) == {"valid_from", "valid_to"}

    def test_it_stays_within_the_agreement_and_apart_from_the_next(self):
        bound = cover(make_customer(), make_point(), JANUARY)
        services.unbind_point(bound=bound, valid_to=MARCH, at=NOW)
        services.bind_point(
            agreement=bound.agreement, usage_point=bound.usage_point, valid_from=MARCH, at=NOW
        )

        with pytest.raises(services.AlreadyBound):
            services.change_binding(bound=bound, valid_from=JANUARY, valid_to=JUNE, at=NOW)
        with pytest.raises(services.OutsideAgreement):
            services.change_binding(bound=bound, valid_from=LONG_AGO, valid_to=JANUARY, at=NOW)
        with pytest.raises(ValidationError):
            services.change_binding(bound=bound, valid_from=MARCH, valid_to=JANUARY, at=NOW)

    def test_one_made_by_mistake_goes_and_leaves_its_trace(self):
        bound = cover(make_customer(), make_point(), JANUARY)

        services.remove_binding(bound=bound, at=NOW)
        services.remove_binding(bound=bound, at=NOW)

        assert not AgreementPoint.objects.exists()
        assert count("contracts.point.removed") == 1


class TestAccess:
    def test_a_member_is_admitted_for_a_time_once(self):
        user, customer = make_user(), make_customer()
        services.admit_member(
            user=user, customer=customer, valid_from=JANUARY, valid_to=MARCH, at=NOW
        )

        with pytest.raises(services.AlreadyMember):
            services.admit_member(user=user, customer=customer, valid_from=JANUARY, at=NOW)
        after = services.admit_member(user=user, customer=customer, valid_from=MARCH, at=NOW)
        services.dismiss_member(member=after, valid_to=JUNE, at=NOW)
        services.dismiss_member(member=after, valid_to=JUNE, at=NOW)

        assert count("contracts.member.admitted") == 2
        assert count("contracts.member.dismissed") == 1

    def test_what_was_given_for_a_time_may_end_sooner_not_later(self):
        member = services.admit_member(
            user=make_user(), customer=make_customer(), valid_from=JANUARY, valid_to=JUNE, at=NOW
        )

        services.dismiss_member(member=member, valid_to=MARCH, at=NOW)
        assert (last().before, last().after) == (
            {"valid_to": "2026-06-01T00:00:00Z"},
            {"valid_to": "2026-03-01T00:00:00Z"},
        )
        with pytest.raises(services.AlreadyEnded):
            services.dismiss_member(member=member, valid_to=JUNE, at=NOW)

    def test_a_house_is_given_and_taken(self):
        house = services.assign_house(
            user=make_user(), node=make_node(), valid_from=JANUARY, at=NOW
        )
        services.withdraw_house(house=house, valid_to=MARCH, at=NOW)

        with pytest.raises(services.AlreadyEnded):
            services.withdraw_house(house=house, valid_to=JUNE, at=NOW)
        assert count("contracts.house.withdrawn") == 1


class TestRetention:
    def test_what_came_to_nothing_is_not_kept(self):
        kept, refused = make_application(), make_application(full_name="Секретов Пётр Ильич")
        applications.refuse(application=refused, reason="Нет", by=make_operator(), at=NOW)
        unproven = applications.submit(user=make_user(), fields=FIELDS, at=NOW)

        retention.run(NOW)
        assert Application.objects.count() == 3
        done = retention.run(LONG_AFTER)

        assert done["contracts.refused_applications"] == 1
        assert set(Application.objects.all()) == {kept}
        assert not Application.objects.filter(pk=unproven.pk).exists()
        assert retention.run(LONG_AFTER)["contracts.refused_applications"] == 0

    def test_what_the_trail_knows_of_them_is_forgotten(self):
        application = make_application()
        applications.ask(application=application, text="Имя?", by=make_operator(), at=NOW)
        applications.correct(
            application=application,
            fields={"full_name": "Секретов Пётр Ильич"},
            by=application.user,
            at=NOW,
        )
        applications.refuse(application=application, reason="Нет", by=make_operator(), at=NOW)
        assert "Секретов" in str(audit.history_of(application))

        retention.run(LONG_AFTER)

        assert "Секретов" not in str(audit.history_of(application))
        assert count("contracts.application.expired") == 1
