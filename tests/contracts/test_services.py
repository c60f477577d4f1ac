from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from faza.audit.models import Entry
from faza.contracts import services
from faza.contracts.models import AgreementPoint, OperatorArea
from tests.accounts.factories import make_user
from tests.contracts.factories import LONG_AGO, NOW, cover, make_agreement, make_customer
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def actions():
    return list(Entry.objects.order_by("id").values_list("action", flat=True))


class TestAddCustomer:
    def test_a_taxpayer_number_may_be_missing_but_not_wrong(self):
        make_customer(inn="")
        make_customer(inn="7707083893")

        with pytest.raises(ValidationError):
            make_customer(inn="7707083890")


class TestBindPoint:
    def test_it_holds_from_the_agreements_start_by_default(self):
        agreement, point = make_agreement(valid_from=JANUARY), make_point()

        bound = services.bind_point(agreement=agreement, usage_point=point, at=NOW)

        assert (bound.valid_from, bound.valid_to) == (JANUARY, None)
        assert actions()[-2:] == ["metering.usage_point.added", "contracts.point.bound"]

    def test_an_agreement_covers_a_point_once_at_a_time(self):
        bound = cover(make_customer(), make_point(), JANUARY)
        services.unbind_point(bound=bound, valid_to=MARCH, at=NOW)
        again = {"agreement": bound.agreement, "usage_point": bound.usage_point, "at": NOW}

        with pytest.raises(services.AlreadyBound):
            services.bind_point(**again, valid_from=JANUARY)
        services.bind_point(**again, valid_from=MARCH)

    def test_other_agreements_may_cover_the_same_point(self):
        point = make_point()
        cover(make_customer(), point, JANUARY)
        cover(make_customer(), point, JANUARY)

        assert AgreementPoint.objects.filter(usage_point=point).count() == 2

    def test_it_needs_some_time_of_the_agreement(self):
        agreement = make_agreement(valid_from=JANUARY, valid_to=MARCH)

        with pytest.raises(services.OutsideAgreement):
            services.bind_point(
                agreement=agreement, usage_point=make_point(), valid_from=MARCH, at=NOW
            )


class TestEndings:
    def test_unbinding_twice_does_it_once(self):
        bound = cover(make_customer(), make_point(), JANUARY)

        services.unbind_point(bound=bound, valid_to=MARCH, at=NOW)
        services.unbind_point(bound=bound, valid_to=MARCH, at=NOW)

        assert actions().count("contracts.point.unbound") == 1

    def test_what_ended_does_not_end_at_another_moment(self):
        agreement = make_agreement(valid_from=JANUARY)
        services.close_agreement(agreement=agreement, valid_to=JUNE, at=NOW)

        with pytest.raises(services.AlreadyEnded):
            services.close_agreement(agreement=agreement, valid_to=MARCH, at=NOW)

    def test_nothing_ends_before_it_begins(self):
        with pytest.raises(services.AlreadyEnded):
            services.close_agreement(
                agreement=make_agreement(valid_from=MARCH), valid_to=JANUARY, at=NOW
            )

    def test_the_database_refuses_an_end_before_the_start(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_agreement(valid_from=MARCH, valid_to=MARCH)


class TestMembers:
    def test_admitting_twice_does_it_once(self):
        user, customer = make_user(), make_customer()

        first = services.admit_member(user=user, customer=customer, at=LONG_AGO)

        assert services.admit_member(user=user, customer=customer, at=NOW) == first
        assert actions().count("contracts.member.admitted") == 1

    def test_who_was_dismissed_can_be_admitted_again(self):
        user, customer = make_user(), make_customer()
        first = services.admit_member(user=user, customer=customer, at=LONG_AGO)
        services.dismiss_member(member=first, at=NOW)

        assert services.admit_member(user=user, customer=customer, at=NOW) != first


class TestAreas:
    def test_assigning_twice_does_it_once_and_both_ways_are_in_the_trail(self):
        user, node = make_user(), make_node()

        area = services.assign_area(user=user, node=node, at=NOW)
        assert services.assign_area(user=user, node=node, at=NOW) == area
        services.withdraw_area(area=area, at=NOW)

        assert not OperatorArea.objects.exists()
        assert actions()[-2:] == ["contracts.area.assigned", "contracts.area.withdrawn"]

    def test_a_house_is_assigned_for_a_time(self):
        house = services.assign_house(
            user=make_user(), node=make_node(), valid_from=JANUARY, valid_to=MARCH, at=NOW
        )

        assert (house.valid_from, house.valid_to) == (JANUARY, MARCH)
        assert actions()[-1] == "contracts.house.assigned"
