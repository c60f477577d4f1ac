"""Which agreements an application may be about, and what may be approved unseen."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.accounts.models import User
from faza.contracts import access, queries, services
from faza.contracts.models import Application, CustomerAgreement, CustomerMember
from faza.contracts.rules.periods import gaps
from faza.contracts.services import applications
from faza.core.periods import Period
from tests.contracts.factories import (
    FIELDS,
    LONG_AGO,
    NOW,
    make_agreement,
    make_application,
    make_customer,
    make_member,
    make_operator,
)
from tests.metering.factories import make_node, make_point

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
NAME, NUMBER, PHONE = FIELDS["full_name"], FIELDS["agreement_number"], FIELDS["phone"]


def agreement(number: str = NUMBER, name: str = NAME, *, node=None, **fields):
    """An agreement with a point of its own."""
    known = {"phone": PHONE} | fields.pop("customer", {})
    made = make_agreement(make_customer(name=name, **known), number=number, **fields)
    point = make_point(node, address=f"г. Заречье, ул. Садовая, д. 27, кв. {made.pk}")
    services.bind_point(agreement=made, usage_point=point, at=NOW)
    return made


def found(application, **asked):
    return [match.agreement for match in queries.matches_of(application, at=NOW, **asked)]


class TestMatches:
    @pytest.mark.parametrize(
        "written",
        [
            {"agreement_number": "40-0712-88", "full_name": "x", "phone": ""},
            {"agreement_number": "40-071-289", "full_name": "x", "phone": ""},
            {"agreement_number": "", "full_name": "Гринько В. С.", "phone": ""},
            {"agreement_number": "", "full_name": "Гренько Валентина Степановна", "phone": ""},
            {"agreement_number": "", "full_name": "x", "phone": "8 916 204 18 55"},
        ],
    )
    def test_it_is_found_by_each_of_what_was_written(self, written):
        right = agreement()
        agreement("52-118-404", "Соколов Павел Андреевич", customer={"phone": ""})

        looked_for = make_application(**written)
        looked_for.email = ""

        ids = queries._candidates([looked_for], nearly=True)[looked_for.pk]
        assert ids == [right.pk]

    def test_it_is_found_by_the_address_of_a_point(self):
        right = agreement()
        asked = {"agreement_number": "", "full_name": "x", "phone": ""}

        application = make_application(**asked, address=f"Садовая 27-{right.pk}")

        assert found(application) == [right]

    def test_the_likeliest_stands_first(self):
        similar = agreement("40-071-289", "Соколов Павел Андреевич")
        right = agreement()

        assert found(make_application()) == [right, similar]

    def test_an_agreement_that_ended_is_less_likely_and_it_is_told(self):
        agreement(valid_from=LONG_AGO, valid_to=MARCH)
        right = agreement()

        best, ended = queries.matches_of(make_application(), at=NOW)
        assert best.agreement == right
        assert "closed" in ended.reasons
        assert ended.score < best.score

    def test_only_what_is_within_reach_is_looked_at(self):
        here, there = make_node(), make_node()
        right, _ = agreement(node=here), agreement(node=there)
        operator = make_operator(here)

        reach = access.agreements_of(operator, at=NOW)
        assert found(make_application(), among=reach) == [right]

    def test_the_number_of_queries_does_not_grow(self, django_assert_max_num_queries):
        for number in range(12):
            agreement(f"40-071-28{number}")
        many = [make_application(agreement_number=f"40-071-28{n}") for n in range(12)]

        with django_assert_max_num_queries(7):
            queries.matches_of(many[0], at=NOW)
        with django_assert_max_num_queries(5):
            assert len(queries.best_matches(many, at=NOW)) == 12
        with django_assert_max_num_queries(8):
            queries.checked(many, at=NOW)


def checked(*waiting, **asked):
    return [one.obstacles for one in queries.checked(waiting, at=NOW, **asked)]


class TestApprovingUnseen:
    def test_everything_matches(self):
        agreement()

        assert checked(make_application()) == [()]

    @pytest.mark.parametrize(
        ("written", "obstacle"),
        [
            ({"agreement_number": "52-118-404", "full_name": "x", "phone": ""}, "no_agreement"),
            ({"full_name": "Гринько Степан Ильич"}, "name_differs"),
            ({"full_name": "Гринько В. С."}, "name_initials"),
            ({"phone": "+7 495 000-00-00"}, "phone_differs"),
            ({"agreement_number": "40-071-299"}, "number_differs"),
            ({"address": "Полевая, 8"}, "address_differs"),
        ],
    )
    def test_what_differs_stands_against_it(self, written, obstacle):
        agreement()

        assert obstacle in checked(make_application(**written))[0]

    def test_so_does_another_user_a_second_agreement_and_one_without_points(self):
        first, application = agreement(), make_application()
        services.admit_member(user=make_member(), customer=first.customer, at=LONG_AGO)
        assert checked(application) == [("has_user",)]

        CustomerMember.objects.all().delete()
        CustomerAgreement.objects.get(pk=first.pk).points.all().delete()
        assert checked(application) == [("no_points",)]

        agreement()
        assert "several" in checked(application)[0]

    def test_those_that_pass_are_approved_and_the_rest_is_left_with_the_reason(self):
        right, second, third = agreement(), agreement("77-1"), agreement("77-2")
        operator, passing = make_operator(), make_application()
        other = make_application(agreement_number="52-118-404", full_name="x", phone="")
        taken = make_application(agreement_number=second.number)
        applications.take(application=taken, by=make_operator(), at=NOW)
        own = make_application(operator, agreement_number=third.number)

        done = applications.approve_matching(
            applications=[passing, other, taken, own],
            among=CustomerAgreement.objects.all(),
            by=operator,
            at=NOW,
        )

        assert [one.pk for one in done.done] == [passing.pk]
        assert {one.pk: why for one, why in done.left} == {
            other.pk: "no_agreement",
            taken.pk: "taken",
            own.pk: "own",
        }
        assert list(access.agreements_of(passing.user, at=NOW)) == [right]
        assert Application.objects.get(pk=other.pk).state == "waiting"

    def test_of_two_who_name_one_agreement_neither_is_approved_unseen(self):
        agreement()
        both = [make_application(), make_application()]

        assert checked(*both) == [("rivals",), ("rivals",)]
        assert checked(both[0]) == [("rivals",)]

    def test_doing_it_twice_does_it_once(self):
        agreement()
        passing, operator = make_application(), make_operator()
        asked = {"among": CustomerAgreement.objects.all(), "by": operator, "at": NOW}

        applications.approve_matching(applications=[passing], **asked)
        again = applications.approve_matching(applications=[passing], **asked)

        assert again.done == []
        assert CustomerMember.objects.filter(user=passing.user).count() == 1


def test_keys_are_made_in_bulk_too():
    customer = make_customer()
    (made,) = CustomerAgreement.objects.bulk_create(
        [CustomerAgreement(kind="household", number="Д 1-2", customer=customer, valid_from=MARCH)]
    )

    assert CustomerAgreement.objects.get(number_key="Д12") == made


def test_a_subscriber_has_no_matches_within_reach():
    agreement()
    application = make_application()
    reach = access.agreements_of(User.objects.get(pk=application.user_id), at=NOW)

    assert found(application, among=reach) == []


days = st.integers(1, 28).map(lambda day: datetime(2026, 1, day, tzinfo=UTC))
periods = st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


@given(periods, st.lists(periods, max_size=5))
def test_gaps_and_what_is_taken_make_the_whole(asked, taken):
    free = gaps(asked, taken)
    for day in range(1, 29):
        moment = datetime(2026, 1, day, tzinfo=UTC)
        is_free = any(moment in one for one in free)
        assert is_free == (moment in asked and not any(moment in one for one in taken))
    assert all(free)
