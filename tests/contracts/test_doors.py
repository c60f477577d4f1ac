"""Objects at the desk: who reaches which, with a stranger's beside each."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from faza.accounts.models import User
from faza.contracts import access, services
from faza.contracts.services import applications
from faza.core.windows import Window
from faza.metering.models import InstrumentTransformer, MeteringComplex
from tests.accounts.factories import make_user
from tests.contracts.factories import (
    NOW,
    cover,
    make_agreement,
    make_application,
    make_customer,
    make_member,
    make_operator,
)
from tests.metering.factories import make_meter, make_node, make_point

pytestmark = pytest.mark.django_db

Role = User.Role
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def transformer(number: str) -> InstrumentTransformer:
    return InstrumentTransformer.objects.create(
        kind="CT", type_name="Т-0,66", number=number, ratio_numerator=100, ratio_denominator=5
    )


def side(name: str) -> SimpleNamespace:
    """A part of the network with one of everything."""
    node = make_node(name)
    point, customer, meter, ct = make_point(node), make_customer(), make_meter(), transformer(name)
    complex_ = MeteringComplex.objects.create(usage_point=point, meter=meter, valid_from=JANUARY)
    complex_.transformers.add(ct)
    agreement = cover(customer, point, JANUARY).agreement
    return SimpleNamespace(
        node=node,
        point=point,
        customer=customer,
        meter=meter,
        transformer=ct,
        complex=complex_,
        agreement=agreement,
        member=make_member(customer),
        application=make_application(agreement_number=agreement.number),
    )


@pytest.fixture
def here():
    return side("здесь")


@pytest.fixture
def there():
    return side("там")


DOORS = {
    "nodes_of": "node",
    "worked_points_of": "point",
    "complexes_of": "complex",
    "meters_of": "meter",
    "transformers_of": "transformer",
    "customers_of": "customer",
    "agreements_of": "agreement",
    "applications_of": "application",
    "people_of": "member",
}


@pytest.mark.parametrize(("door", "what"), DOORS.items())
class TestDoors:
    def test_an_operator_reaches_what_is_in_the_own_areas(self, door, what, here, there):
        found = getattr(access, door)(make_operator(here.node), at=NOW)

        assert getattr(here, what) in found
        assert getattr(there, what) not in found

    def test_an_operator_of_no_area_reaches_nothing_of_anybody(self, door, what, here, there):
        found = getattr(access, door)(make_operator(), at=NOW)

        assert not {getattr(here, what), getattr(there, what)} & set(found)

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
    def test_administrators_and_auditors_reach_all(self, role, door, what, here, there):
        found = set(getattr(access, door)(make_user(role), at=NOW))

        assert {getattr(here, what), getattr(there, what)} <= found

    @pytest.mark.parametrize("role", [Role.SUBSCRIBER, Role.SUPPLIER, Role.HOUSE_MANAGER])
    def test_who_is_no_staff_reaches_nothing_of_others(self, role, door, what, here, there):
        user = make_member(here.customer, role=role)
        if role == Role.HOUSE_MANAGER:
            services.assign_house(user=user, node=here.node, valid_from=JANUARY, at=NOW)

        found = set(getattr(access, door)(user, at=NOW))

        papers = {"customer", "agreement"}
        assert (getattr(here, what) in found) == (what in papers)
        assert getattr(there, what) not in found

    def test_who_is_not_active_reaches_nothing(self, door, what, here, there):
        user = make_user(Role.ADMINISTRATOR)
        user.is_active = False

        assert not getattr(access, door)(user, at=NOW).exists()

    def test_it_asks_one_question(self, door, what, here, django_assert_num_queries):
        operator = make_operator(here.node)

        with django_assert_num_queries(1):
            assert len(getattr(access, door)(operator, at=NOW)) == 1 + (door == "people_of")


class TestWhatBelongsToNobodyYet:
    def test_an_operator_reaches_customers_agreements_and_devices_without_a_place(self, here):
        meter, ct, customer = make_meter(), transformer("склад"), make_customer()
        agreement, operator = make_agreement(customer), make_operator(here.node)

        assert meter in access.meters_of(operator, at=NOW)
        assert ct in access.transformers_of(operator, at=NOW)
        assert customer in access.customers_of(operator, at=NOW)
        assert agreement in access.agreements_of(operator, at=NOW)

    def test_what_once_stood_here_stays_within_reach(self, here):
        MeteringComplex.objects.filter(pk=here.complex.pk).update(valid_to=MARCH)

        assert here.meter in access.meters_of(make_operator(here.node), at=NOW)


class TestApplications:
    def test_an_unknown_number_is_everybodys_to_check(self, here):
        unknown = make_application(agreement_number="нет такого")
        empty = make_application(agreement_number="")

        assert {unknown, empty} <= set(access.applications_of(make_operator(), at=NOW))

    def test_one_number_in_two_areas_is_seen_in_both(self, here, there):
        services.change_agreement(
            agreement=there.agreement, fields={"number": here.agreement.number}, at=NOW
        )

        for node in (here.node, there.node):
            assert here.application in access.applications_of(make_operator(node), at=NOW)

    def test_what_was_decided_goes_with_its_agreement(self, here, there):
        wrong_number = make_application(agreement_number="нет такого")
        applications.approve(
            application=wrong_number,
            agreement=there.agreement,
            points=(),
            valid_from=MARCH,
            by=make_operator(),
            at=NOW,
        )

        assert wrong_number not in access.applications_of(make_operator(here.node), at=NOW)
        assert wrong_number in access.applications_of(make_operator(there.node), at=NOW)

    def test_an_unproven_address_and_the_own_application_are_not_for_an_operator(self, here):
        operator = make_operator(here.node)
        own = make_application(operator, agreement_number=here.agreement.number)
        unproven = applications.submit(
            user=make_user(), fields={"full_name": "x", "agreement_number": "1"}, at=NOW
        )

        assert not {own, unproven} & set(access.applications_of(operator, at=NOW))


class TestPapers:
    def test_at_the_desk_an_operator_does_not_reach_the_own_agreement_elsewhere(self, here, there):
        operator = make_operator(here.node)
        services.admit_member(user=operator, customer=there.customer, at=JANUARY)

        assert there.agreement not in access.agreements_of(operator, at=NOW)
        assert there.customer not in access.customers_of(operator, at=NOW)
        assert there.point not in access.worked_points_of(operator, at=NOW)
        assert there.agreement in access.readable_agreements_of(operator, at=NOW)
        assert there.point in access.points_visible(operator, at=NOW)

    def test_a_supplier_reaches_those_it_supplies(self, here):
        supplier = make_customer()
        services.change_agreement(agreement=here.agreement, fields={"supplier": supplier}, at=NOW)
        user = make_member(supplier, role=Role.SUPPLIER)

        assert set(access.customers_of(user, at=NOW)) == {supplier, here.customer}
        assert set(access.agreements_of(user, at=NOW)) == {here.agreement}

    def test_staff_is_not_among_an_operators_people(self, here):
        colleague = make_operator(here.node)
        services.admit_member(user=colleague, customer=here.customer, at=JANUARY)

        assert colleague not in access.people_of(make_operator(here.node), at=NOW)


class TestActingFor:
    def test_of_several_customers_only_the_chosen_one_is_seen(self, here, there):
        user = make_member(here.customer, there.customer)
        assert access.windows_of(user, at=NOW).points == [here.point.pk, there.point.pk]

        user.acting_for = there.customer.pk

        assert access.windows_of(user, at=NOW).points == [there.point.pk]
        assert set(access.points_visible(user, at=NOW)) == {there.point}
        assert set(access.usage_points_of(user, at=NOW)) == {there.point}
        assert set(access.agreements_of(user, at=NOW)) == {there.agreement}
        assert set(access.own_customers_of(user, at=NOW)) == {here.customer, there.customer}

    def test_a_customer_of_others_shows_nothing(self, here, there):
        user = make_member(here.customer)
        user.acting_for = there.customer.pk

        assert not access.windows_of(user, at=NOW)
        assert not access.agreements_of(user, at=NOW).exists()


class TestCustomersOfARequest:
    """What the doorstep found holds for that request, and gives no more than the memberships."""

    def test_they_show_what_the_memberships_show(self, here, there):
        user = make_member(here.customer, there.customer)
        plain = shown(user)
        user.member_of = NOW, frozenset({here.customer.pk, there.customer.pk})
        assert shown(user) == plain
        user.acting_for = there.customer.pk
        plain = shown(user)
        user.member_of = None
        assert shown(user) == plain

    def test_a_customer_of_others_shows_nothing(self, here, there):
        user = make_member(here.customer)
        user.member_of, user.acting_for = (NOW, frozenset({here.customer.pk})), there.customer.pk
        assert shown(user) == ([], set(), set())

    @pytest.mark.parametrize("after", [-timedelta(seconds=1), timedelta(minutes=2)])
    def test_at_other_moments_the_memberships_are_asked(self, here, after):
        user = make_member(here.customer)
        user.member_of = NOW - after, frozenset()
        assert shown(user)[0] == [here.point.pk]


def shown(user):
    windows = access.windows_of(user, at=NOW)
    return (
        windows.points, set(access.points_visible(user, at=NOW)),
        set(access.agreements_of(user, at=NOW)),
    )  # fmt: skip


def test_windows_of_the_previous_and_the_next_owner_never_overlap(here):
    """Approved one after the other for one flat."""
    flat, windows = make_point(here.node), []
    for start, end in ((JANUARY, MARCH), (MARCH, None)):
        application = make_application(agreement_number="нет такого")
        applications.approve(
            application=application,
            agreement=make_agreement(),
            points=[flat],
            valid_from=start,
            valid_to=end,
            by=make_operator(here.node),
            at=NOW,
        )
        windows += list(access.windows_of(application.user, at=NOW))

    former, present = windows
    assert isinstance(former, Window)
    assert former.period.intersect(present.period) is None
    assert (former.period.end, present.period.start) == (MARCH, MARCH)
