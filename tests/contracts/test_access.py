from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from faza.accounts.models import User
from faza.contracts import access, services
from faza.contracts.models import AgreementPoint, CustomerAgreement, HouseManagement, OperatorArea
from faza.core.periods import ALWAYS, Period
from faza.core.windows import Window
from faza.metering.models import UsagePoint
from tests.accounts.factories import make_user
from tests.contracts.factories import (
    NOW,
    cover,
    make_agreement,
    make_customer,
    make_member,
)
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db

Role = User.Role
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def seen(user, at=NOW, **asked):
    """What a user sees, as (point, start, end)."""
    windows = access.windows_of(user, at=at, **asked)
    return [(w.usage_point, w.period.start, w.period.end) for w in windows]


def visible(user, at=NOW):
    return set(access.points_visible(user, at=at))


def open_now(user, at=NOW):
    return set(access.usage_points_of(user, at=at))


class TestSubscriber:
    def test_of_two_successive_owners_each_sees_the_own_time_only(self):
        flat, seller, buyer = make_point(), make_customer(), make_customer()
        cover(seller, flat, JANUARY, MARCH)
        cover(buyer, flat, MARCH)
        former, present = make_member(seller), make_member(buyer)

        assert seen(former) == [(flat.pk, JANUARY, MARCH)]
        assert seen(present) == [(flat.pk, MARCH, NOW)]
        assert (visible(former), open_now(former)) == ({flat}, set())
        assert (visible(present), open_now(present)) == ({flat}, {flat})

    def test_at_the_moment_of_the_change_the_point_is_the_new_owners(self):
        flat, seller, buyer = make_point(), make_customer(), make_customer()
        cover(seller, flat, JANUARY, MARCH)
        cover(buyer, flat, MARCH)

        assert open_now(make_member(seller), MARCH) == set()
        assert open_now(make_member(buyer), MARCH) == {flat}

    def test_overlapping_and_touching_agreements_make_one_window(self):
        point, customer = make_point(), make_customer()
        cover(customer, point, JANUARY, JUNE)
        cover(customer, point, MARCH, datetime(2026, 8, 1, tzinfo=UTC))
        cover(customer, point, datetime(2026, 8, 1, tzinfo=UTC))

        assert seen(make_member(customer)) == [(point.pk, JANUARY, NOW)]

    def test_a_pause_between_agreements_is_not_seen(self):
        point, customer = make_point(), make_customer()
        cover(customer, point, JANUARY, MARCH)
        cover(customer, point, JUNE)

        assert seen(make_member(customer)) == [(point.pk, JANUARY, MARCH), (point.pk, JUNE, NOW)]

    def test_a_point_is_covered_only_while_its_agreement_holds(self):
        point, customer = make_point(), make_customer()
        agreement = make_agreement(customer, valid_from=MARCH)
        services.bind_point(agreement=agreement, usage_point=point, valid_from=JANUARY, at=NOW)
        services.close_agreement(agreement=agreement, valid_to=JUNE, at=NOW)

        user = make_member(customer)
        assert seen(user) == [(point.pk, MARCH, JUNE)]
        assert open_now(user) == set()

    def test_a_future_agreement_shows_nothing_yet(self):
        point, customer = make_point(), make_customer()
        cover(customer, point, NEXT_YEAR)
        user = make_member(customer)

        assert (seen(user), visible(user), open_now(user)) == ([], set(), set())
        assert seen(user, at=NEXT_YEAR + timedelta(1))[0][:2] == (point.pk, NEXT_YEAR)

    def test_a_membership_that_ended_shows_nothing(self):
        point, customer = make_point(), make_customer()
        cover(customer, point, JANUARY)
        user = make_user()
        member = services.admit_member(user=user, customer=customer, at=MARCH)
        services.dismiss_member(member=member, at=JUNE)

        assert seen(user, at=JUNE) == []
        assert seen(user, at=JUNE - timedelta(1)) == [(point.pk, JANUARY, JUNE - timedelta(1))]
        assert seen(user, at=JANUARY) == []

    def test_one_user_reads_for_several_customers_and_they_for_several_points(self):
        ours, theirs = make_customer(), make_customer()
        points = [make_point() for _ in range(3)]
        cover(ours, points[0], JANUARY)
        cover(ours, points[1], MARCH)
        cover(theirs, points[2], JUNE)
        make_point()

        assert access.windows_of(make_member(ours, theirs), at=NOW).points == [
            point.pk for point in points
        ]

    def test_windows_have_the_zone_of_their_point(self):
        customer = make_customer()
        cover(customer, make_point(zone="Asia/Omsk"), JANUARY)

        assert [w.zone for w in access.windows_of(make_member(customer), at=NOW)] == ["Asia/Omsk"]

    def test_a_user_who_is_not_active_sees_nothing(self):
        point = make_point()
        user = make_user(Role.ADMINISTRATOR)
        user.is_active = False

        assert (seen(user), visible(user), open_now(user)) == ([], set(), set())
        with pytest.raises(access.NoSuchPoint):
            access.point_of(user, point.code, at=NOW)


class TestSupplier:
    def test_it_sees_the_agreements_it_supplies_for_their_validity(self):
        supplier, customer, other = make_customer(), make_customer(), make_customer()
        mine, theirs = make_point(), make_point()
        cover(customer, mine, JANUARY, MARCH, supplier=supplier)
        cover(customer, mine, MARCH, supplier=other)
        cover(customer, theirs, JANUARY, supplier=other)

        user = make_member(supplier, role=Role.SUPPLIER)
        assert seen(user) == [(mine.pk, JANUARY, MARCH)]
        assert visible(user) == {mine}

    def test_a_subscriber_of_the_suppliers_office_does_not(self):
        supplier, customer = make_customer(), make_customer()
        cover(customer, make_point(), JANUARY, supplier=supplier)

        assert seen(make_member(supplier, role=Role.SUBSCRIBER)) == []


class TestStaff:
    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
    def test_administrators_and_auditors_see_all_points_for_all_time(self, role):
        points = {make_point(), make_point()}
        user = make_user(role)

        assert seen(user) == [(pk, ALWAYS, NOW) for pk in sorted(p.pk for p in points)]
        assert visible(user) == open_now(user) == points

    def test_an_operator_sees_the_own_areas_with_all_under_them(self):
        here, there, beyond = make_node(), make_node(), make_node()
        deep, near, far = make_point(make_node("В", here)), make_point(there), make_point(beyond)
        user = make_user(Role.OPERATOR)
        for node in (here, there):
            OperatorArea.objects.create(user=user, node=node)

        assert seen(user) == [(point.pk, ALWAYS, NOW) for point in (deep, near)]
        assert visible(user) == open_now(user) == {deep, near}
        assert far not in visible(user)

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.HOUSE_MANAGER, Role.SUPPLIER])
    def test_without_areas_houses_and_agreements_they_see_nothing(self, role):
        make_point()
        user = make_user(role)

        assert (seen(user), visible(user), open_now(user)) == ([], set(), set())

    def test_an_area_of_somebody_who_is_no_operator_counts_for_nothing(self):
        node = make_node()
        make_point(node)
        user = make_user(Role.SUBSCRIBER)
        OperatorArea.objects.create(user=user, node=node)
        HouseManagement.objects.create(user=user, node=node, valid_from=JANUARY)

        assert (seen(user), visible(user), open_now(user)) == ([], set(), set())

    def test_a_house_manager_sees_common_meters_of_the_house_and_no_flat(self):
        house, other = make_node("Дом 5"), make_node("Дом 7")
        common = make_point(make_node("Подъезд 1", house), is_common=True)
        make_point(house)
        make_point(other, is_common=True)
        user = make_user(Role.HOUSE_MANAGER)
        HouseManagement.objects.create(user=user, node=house, valid_from=MARCH)

        assert seen(user) == [(common.pk, MARCH, NOW)]
        assert visible(user) == open_now(user) == {common}

    def test_of_two_houses_each_is_seen_for_the_own_time(self):
        user, seen_from = make_user(Role.HOUSE_MANAGER), {}
        for start in (JANUARY, MARCH):
            house = make_node()
            seen_from[make_point(house, is_common=True).pk] = start
            HouseManagement.objects.create(user=user, node=house, valid_from=start)

        assert seen(user) == [(point, start, NOW) for point, start in seen_from.items()]


class TestPointOf:
    def test_it_gives_the_point_and_its_windows(self):
        point, customer = make_point(code="7"), make_customer()
        cover(customer, point, JANUARY)
        cover(customer, make_point(), JANUARY)

        found, windows = access.point_of(make_member(customer), "7", at=NOW)

        assert found == point
        assert windows.items == (Window(point.pk, point.zone, Period(JANUARY, NOW)),)

    def test_a_strangers_point_and_none_at_all_are_told_alike(self):
        make_point(code="7")

        for code in ("7", "8"):
            with pytest.raises(access.NoSuchPoint, match=code):
                access.point_of(make_user(), code, at=NOW)

    def test_a_code_that_no_database_keeps_is_none(self):
        with pytest.raises(access.NoSuchPoint):
            access.point_of(make_user(), "\0", at=NOW)


class TestAgreements:
    def test_each_role_reads_its_own(self):
        node, supplier, customer = make_node(), make_customer(), make_customer()
        point = make_point(node)
        ours = cover(customer, point, JANUARY, supplier=supplier).agreement
        coming = cover(customer, make_point(), NEXT_YEAR).agreement
        theirs = make_agreement()
        operator = make_user(Role.OPERATOR)
        OperatorArea.objects.create(user=operator, node=node)

        read = {
            make_member(customer): {ours, coming},
            make_member(supplier, role=Role.SUPPLIER): {ours},
            # What has no point yet is everybody's: somebody has to bind it.
            operator: {ours, theirs},
            make_user(Role.AUDITOR): {ours, coming, theirs},
            make_user(): set(),
        }
        for user, expected in read.items():
            assert set(access.agreements_of(user, at=NOW)) == expected


class TestQueries:
    @pytest.mark.parametrize("role", list(Role))
    def test_their_number_does_not_grow_with_points(self, role, django_assert_max_num_queries):
        house, customer = make_node(), make_customer()
        user = make_member(customer, role=role)
        for node in (house, make_node()):
            OperatorArea.objects.create(user=user, node=node)
            HouseManagement.objects.create(user=user, node=node, valid_from=JANUARY)
        for number in range(12):
            cover(customer, make_point(house, is_common=bool(number % 2)), JANUARY)

        with django_assert_max_num_queries(3):
            assert len(access.windows_of(user, at=NOW)) == 12
        with django_assert_max_num_queries(3):
            assert access.points_visible(user, at=NOW).count() == 12

    def test_points_may_be_asked_for_by_ids_or_by_a_queryset(self):
        points = [make_point() for _ in range(3)]
        user = make_user(Role.ADMINISTRATOR)
        some = UsagePoint.objects.filter(code=points[1].code).values_list("id", flat=True)

        assert [point for point, *_ in seen(user, points=some)] == [points[1].pk]
        assert [point for point, *_ in seen(user, points=[points[2].pk])] == [points[2].pk]


moments = st.integers(0, 40).map(lambda day: JANUARY + timedelta(day))
spans = st.tuples(moments, st.none() | moments).filter(lambda s: s[1] is None or s[0] < s[1])
bindings = st.tuples(st.integers(0, 2), spans, spans)


@given(bound=st.lists(bindings, max_size=6), at=moments)
def test_a_moment_is_seen_if_and_only_if_a_binding_and_its_agreement_hold_then(bound, at):
    with transaction.atomic():
        points, customer = [make_point() for _ in range(3)], make_customer()
        user = make_member(customer)
        for which, span, agreed in bound:
            agreement = CustomerAgreement.objects.create(
                kind="household",
                number="1",
                customer=customer,
                valid_from=agreed[0],
                valid_to=agreed[1],
            )
            AgreementPoint.objects.create(
                agreement=agreement,
                usage_point=points[which],
                valid_from=span[0],
                valid_to=span[1],
            )

        def holds(which, moment):
            return any(
                which == index and moment in Period.open(*span) and moment in Period.open(*agreed)
                for index, span, agreed in bound
            )

        windows = access.windows_of(user, at=at)
        for which, point in enumerate(points):
            mine = windows.of_points([point.pk])
            for day in range(42):
                moment = JANUARY + timedelta(day)
                is_seen = any(moment in window.period for window in mine)
                assert is_seen == (moment < at and holds(which, moment))
            assert (point in open_now(user, at)) == holds(which, at)
        assert sorted(point.pk for point in visible(user, at)) == windows.points
        transaction.set_rollback(True)
