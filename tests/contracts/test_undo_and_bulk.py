"""Decisions that meet: taking one back beside another, many approved at once."""

from datetime import UTC, datetime, timedelta

import pytest

from faza.contracts import access
from faza.contracts.models import AgreementPoint, Application, CustomerAgreement, CustomerMember
from faza.contracts.rules.applications import State, WrongMove
from faza.contracts.services import applications, bind_point
from tests.contracts.factories import (
    FIELDS,
    NOW,
    cover,
    make_agreement,
    make_application,
    make_customer,
    make_operator,
)
from tests.metering.factories import make_point

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)


def approve(application, agreement, *points, at=NOW):
    return applications.approve(
        application=application, agreement=agreement, points=points, valid_from=MARCH,
        by=make_operator(), at=at,
    )  # fmt: skip


def reopen(application):
    return applications.reopen(application=application, by=make_operator(), at=LATER)


def test_a_refusal_stands_where_the_person_has_applied_anew():
    refused = make_application()
    applications.refuse(application=refused, reason="Нет", by=make_operator(), at=NOW)
    make_application(refused.user, at=SOON)

    with pytest.raises(WrongMove):
        reopen(refused)

    refused.refresh_from_db()
    assert refused.state == State.REFUSED


def test_undoing_one_approval_takes_nothing_from_who_was_approved_after():
    """Both live there: the second approval found the points bound by the first one."""
    agreement, shared, own = make_agreement(), make_point(), make_point()
    husband, wife = make_application(), make_application()
    approve(husband, agreement, shared, own)
    approve(wife, agreement, shared, at=SOON)

    reopen(husband)

    assert list(access.usage_points_of(wife.user, at=LATER)) == [shared]
    assert not access.usage_points_of(husband.user, at=LATER).exists()

    reopen(wife)
    assert not AgreementPoint.objects.exists()
    assert not CustomerMember.objects.exists()


def test_undoing_one_of_a_persons_approvals_leaves_the_other():
    customer = make_customer()
    first = make_application()
    approve(first, make_agreement(customer), make_point())
    second, point = make_application(first.user, at=SOON), make_point()
    approve(second, make_agreement(customer), point, at=SOON)

    reopen(first)

    assert list(access.usage_points_of(first.user, at=LATER)) == [point]


def test_of_two_who_ask_for_one_customer_only_the_first_is_approved_unseen():
    """Each is checked when its turn comes: by then somebody reads there."""
    customer = make_customer(name=FIELDS["full_name"])
    standing = cover(customer, make_point(), MARCH)
    other = make_agreement(customer)
    bind_point(agreement=other, usage_point=make_point(), at=NOW)
    asked = [make_application(agreement_number=number, phone="")
             for number in (standing.agreement.number, other.number)]  # fmt: skip

    done = applications.approve_matching(
        applications=asked, among=CustomerAgreement.objects.all(), by=make_operator(), at=NOW
    )

    assert [one.pk for one in done.done] == [asked[0].pk]
    assert [(one.pk, why) for one, why in done.left] == [(asked[1].pk, "has_user")]
    assert Application.objects.get(pk=asked[1].pk).state == State.WAITING
