"""The way of an application through the desk, and back."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.contracts import access
from faza.contracts.models import (
    AgreementPoint,
    Application,
    ApplicationNote,
    Customer,
    CustomerMember,
)
from faza.contracts.rules.applications import (
    MOVES,
    AlreadyDecided,
    Move,
    State,
    WrongMove,
    after,
)
from faza.contracts.services import OutsideAgreement, applications, bind_point
from faza.contracts.services.changing import NoSuchField
from faza.outbox.models import Message
from faza.tariffs.models import CalendarDay
from tests.accounts.factories import make_user
from tests.contracts.factories import (
    FIELDS,
    LONG_AGO,
    NOW,
    cover,
    make_agreement,
    make_application,
    make_customer,
    make_member,
    make_operator,
)
from tests.metering.factories import make_point

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


def told(*, of: Application | None = None):
    """The kinds of mail so far."""
    mails = Message.objects.order_by("id")
    if of:
        mails = mails.filter(recipient=of.user_id)
    return [
        kind.removeprefix("contracts.application.") for kind in mails.values_list("kind", flat=True)
    ]


def actions():
    return list(Entry.objects.order_by("id").values_list("action", flat=True))


def approve(application, agreement, *points, **fields):
    asked = {"valid_from": MARCH, "by": make_operator(), "at": NOW}
    return applications.approve(
        application=application, agreement=agreement, points=points, **(asked | fields)
    )


def everything():
    """All rows that an approval may touch, as values."""
    models = (Application, ApplicationNote, AgreementPoint, CustomerMember, Customer)
    return [list(model.objects.order_by("pk").values()) for model in models]


class TestTable:
    @pytest.mark.parametrize("state", State)
    @pytest.mark.parametrize("move", Move)
    def test_what_the_table_has_not_is_refused_and_both_states_are_named(self, state, move):
        if (state, move) in MOVES:
            assert after(state, move) == MOVES[state, move]
            return
        with pytest.raises(WrongMove, match=state) as refused:
            after(state, move)
        assert refused.value.state == state
        if refused.value.wanted:
            assert refused.value.wanted in str(refused.value)

    def test_what_is_decided_is_told_apart(self):
        with pytest.raises(AlreadyDecided):
            after(State.APPROVED, Move.REFUSE)

    def test_from_every_state_there_is_a_way_on(self):
        assert {state for state, _ in MOVES} == set(State)


class TestSubmit:
    def test_it_waits_for_the_proof_of_the_address_and_then_for_the_desk(self):
        user = make_user()
        sent = applications.submit(user=user, fields=FIELDS, at=NOW)
        assert (sent.state, sent.email, told()) == ("unconfirmed", user.email, [])

        confirmed = applications.confirm(user=user, at=LATER)

        assert confirmed
        assert (confirmed.state, confirmed.confirmed_at) == ("waiting", LATER)
        assert told() == ["received"]

    def test_confirming_twice_does_it_once(self):
        application = make_application()

        assert applications.confirm(user=application.user, at=LATER) is None
        assert told() == ["received"]

    def test_a_user_has_one_under_way(self):
        application = make_application()

        with pytest.raises(applications.AlreadyApplied):
            applications.submit(user=application.user, fields=FIELDS, at=NOW)

    def test_after_a_refusal_there_may_be_another(self):
        application = make_application()
        applications.refuse(application=application, reason="Нет", by=make_operator(), at=NOW)

        assert make_application(application.user).pk != application.pk

    def test_an_organisation_has_a_name(self):
        with pytest.raises(ValidationError):
            applications.submit(user=make_user(), fields=FIELDS | {"kind": "organisation"}, at=NOW)

    def test_what_is_nobodys_to_write_is_refused(self):
        with pytest.raises(NoSuchField):
            applications.submit(user=make_user(), fields=FIELDS | {"state": "approved"}, at=NOW)

    def test_the_term_is_one_working_day_by_the_calendar_from_the_proof_on(self):
        friday = datetime(2026, 11, 20, 13, 31, tzinfo=UTC)
        CalendarDay.objects.create(day="2026-11-23", kind="holiday", source="пример")

        assert make_application(at=friday).due_at == datetime(2026, 11, 24, 13, 31, tzinfo=UTC)

    def test_what_comes_on_a_day_off_has_the_whole_working_day(self):
        """Sent in the night of a Sunday, it is due at the end of Monday, Moscow."""
        sunday = datetime(2026, 11, 21, 23, 39, tzinfo=UTC)

        assert make_application(at=sunday).due_at == datetime(2026, 11, 23, 21, tzinfo=UTC)


class TestTaking:
    def test_two_operators_do_not_take_the_same(self):
        application, olga, petr = make_application(), make_operator(), make_operator()
        applications.take(application=application, by=olga, at=NOW)
        applications.take(application=application, by=olga, at=NOW)

        with pytest.raises(applications.AlreadyTaken):
            applications.take(application=application, by=petr, at=NOW)
        applications.release(application=application, by=petr, at=NOW)
        taken = applications.take(application=application, by=petr, at=NOW)

        assert taken.taken_by == petr
        assert actions().count("contracts.application.taken") == 2

    def test_nobody_decides_about_the_own_application(self):
        operator = make_operator()
        application = make_application(operator)

        for deed, fields in (
            (applications.take, {}),
            (applications.refuse, {"reason": "Нет"}),
            (applications.ask, {"text": "?"}),
        ):
            with pytest.raises(applications.OwnApplication):
                deed(application=application, by=operator, at=NOW, **fields)
        with pytest.raises(applications.OwnApplication):
            approve(application, make_agreement(), by=operator)


class TestApprove:
    def test_the_applicant_sees_exactly_the_bound_points_for_their_time(self):
        agreement, bound, other = make_agreement(), make_point(), make_point()
        application = make_application()

        approve(application, agreement, bound)

        windows = access.windows_of(application.user, at=NOW)
        assert [(w.usage_point, w.period.start, w.period.end) for w in windows] == [
            (bound.pk, MARCH, NOW)
        ]
        assert other not in access.points_visible(application.user, at=NOW)
        assert told() == ["received", "approved"]
        assert Message.objects.last().payload["points"] == [
            {"name": bound.name, "address": bound.address}
        ]

    def test_what_is_covered_already_is_left_as_it_is(self):
        agreement, partly, fresh = make_agreement(), make_point(), make_point()
        bind_point(agreement=agreement, usage_point=partly, valid_to=MARCH, at=NOW)

        approve(make_application(), agreement, partly, fresh, valid_from=LONG_AGO)

        rows = AgreementPoint.objects.order_by("pk")
        assert list(rows.values_list("usage_point", "valid_from", "valid_to")) == [
            (partly.pk, LONG_AGO, MARCH),
            (partly.pk, MARCH, None),
            (fresh.pk, LONG_AGO, None),
        ]

    def test_contacts_of_the_customer_may_be_corrected_with_it(self):
        agreement = make_agreement()
        contacts = {"phone": "+7 916 204-18-55", "email": "v@pochta.example"}

        approve(make_application(), agreement, contacts=contacts)

        customer = Customer.objects.get(pk=agreement.customer_id)
        assert (customer.phone, customer.email) == (contacts["phone"], contacts["email"])
        with pytest.raises(NoSuchField):
            approve(make_application(), agreement, contacts={"name": "x"})

    def test_nothing_is_half_done(self):
        agreement = make_agreement(valid_from=LONG_AGO, valid_to=MARCH)
        application = make_application()
        before = everything()

        with pytest.raises(OutsideAgreement):
            approve(application, agreement, make_point(), contacts={"phone": "1"})

        assert everything() == before
        assert told() == ["received"]

    def test_the_second_of_two_operators_gets_already_decided(self):
        agreement, application = make_agreement(), make_application()
        approve(application, agreement)

        with pytest.raises(AlreadyDecided):
            approve(application, agreement)
        with pytest.raises(AlreadyDecided):
            applications.refuse(application=application, reason="Нет", by=make_operator(), at=NOW)

    def test_after_the_end_the_own_period_stays_readable_and_nothing_newer(self):
        june, point = datetime(2026, 6, 1, tzinfo=UTC), make_point()
        application = make_application()
        approve(application, make_agreement(), point, valid_to=june)

        (window,) = access.windows_of(application.user, at=NOW)
        assert (window.period.start, window.period.end) == (MARCH, june)
        assert not access.usage_points_of(application.user, at=NOW).exists()

    @pytest.mark.parametrize("state", [State.UNCONFIRMED, State.WAITING, State.CORRECTION])
    def test_who_is_not_approved_sees_nothing(self, state):
        agreement = cover(make_customer(), make_point(), LONG_AGO).agreement
        application = make_application(agreement_number=agreement.number)
        Application.objects.filter(pk=application.pk).update(state=state)
        user = application.user

        assert not access.windows_of(user, at=NOW)
        for door in (
            access.points_visible,
            access.usage_points_of,
            access.agreements_of,
            access.customers_of,
            access.meters_of,
            access.transformers_of,
            access.complexes_of,
            access.nodes_of,
            access.worked_points_of,
        ):
            assert not door(user, at=NOW).exists()
        assert list(access.applications_of(user, at=NOW)) == [application]


class TestReopen:
    def test_approve_and_reopen_leave_all_as_before(self):
        standing = cover(make_customer(phone="1"), make_point(), MARCH)
        application = make_application()
        before = everything()

        approve(
            application,
            standing.agreement,
            standing.usage_point,
            make_point(),
            valid_from=LONG_AGO,
            contacts={"phone": "2", "email": "a@b.example"},
        )
        assert everything() != before
        applications.reopen(application=application, by=make_operator(), at=LATER)

        assert everything() == before
        assert told() == ["received", "approved", "reopened"]
        assert not access.windows_of(application.user, at=LATER)

    def test_a_member_from_before_stays_one(self):
        customer = make_customer()
        user = make_member(customer)
        application = make_application(user)
        before = everything()

        approve(application, make_agreement(customer))
        applications.reopen(application=application, by=make_operator(), at=LATER)

        assert everything() == before

    def test_a_refusal_is_taken_back_with_its_words(self):
        application = make_application()
        before = everything()

        applications.refuse(application=application, reason="Нет", by=make_operator(), at=NOW)
        applications.reopen(application=application, by=make_operator(), at=LATER)

        assert everything() == before

    def test_a_contact_that_somebody_changed_since_stays(self):
        agreement, application = make_agreement(), make_application()
        approve(application, agreement, contacts={"phone": "2"})
        Customer.objects.filter(pk=agreement.customer_id).update(phone="3")

        applications.reopen(application=application, by=make_operator(), at=LATER)

        assert Customer.objects.get(pk=agreement.customer_id).phone == "3"

    def test_after_a_quarter_of_an_hour_it_is_too_late(self):
        application = make_application()
        approve(application, make_agreement())

        with pytest.raises(applications.TooLate):
            applications.reopen(
                application=application, by=make_operator(), at=NOW + timedelta(minutes=16)
            )

    def test_what_is_not_decided_is_not_taken_back(self):
        with pytest.raises(WrongMove):
            applications.reopen(application=make_application(), by=make_operator(), at=NOW)


class TestTalk:
    def test_a_correction_goes_there_and_back(self):
        application = make_application()
        applications.ask(application=application, text="Номер?", by=make_operator(), at=NOW)

        corrected = applications.correct(
            application=application,
            fields={"agreement_number": "40-071-289"},
            by=application.user,
            at=LATER,
        )

        assert (corrected.state, corrected.number_key) == ("waiting", "40071289")
        assert corrected.due_at > application.due_at
        assert told() == ["received", "correction"]

    def test_only_the_applicant_corrects_and_only_when_asked(self):
        application = make_application()
        with pytest.raises(WrongMove):
            applications.correct(
                application=application, fields=FIELDS, by=application.user, at=NOW
            )
        applications.ask(application=application, text="Номер?", by=make_operator(), at=NOW)
        with pytest.raises(applications.NotYours):
            applications.correct(application=application, fields=FIELDS, by=make_user(), at=NOW)
        with pytest.raises(NoSuchField):
            applications.correct(
                application=application, fields={"state": "approved"}, by=application.user, at=NOW
            )

    def test_words_of_the_desk_are_mailed_those_of_the_applicant_are_not(self):
        application = make_application()

        applications.write(application=application, text="Когда?", by=application.user, at=NOW)
        applications.write(application=application, text="Сегодня", by=make_operator(), at=LATER)

        assert list(ApplicationNote.objects.values_list("text", flat=True)) == ["Когда?", "Сегодня"]
        assert told() == ["received", "message"]

    @pytest.mark.parametrize("text", ["", "  \n"])
    def test_a_reason_and_a_question_need_words(self, text):
        application = make_application()
        for deed, field in ((applications.refuse, "reason"), (applications.ask, "text")):
            with pytest.raises(ValidationError):
                deed(application=application, by=make_operator(), at=NOW, **{field: text})
        application.refresh_from_db()
        assert application.state == State.WAITING

    def test_what_people_wrote_does_not_stand_in_the_trail(self):
        application = make_application(full_name="Секретов Пётр Ильич")
        applications.ask(application=application, text="Тайное", by=make_operator(), at=NOW)
        applications.correct(
            application=application,
            fields={"full_name": "Секретова Анна Ильинична", "agreement_number": "С-1"},
            by=application.user,
            at=NOW,
        )

        trail = str(list(Entry.objects.values_list("before", "after")))
        for word in ("Секретов", "Тайное", "С-1"):
            assert word not in trail


def sent(user: User) -> None:
    """Nobody is told twice of one deed."""
    keys = list(Message.objects.filter(recipient=user.pk).values_list("key", flat=True))
    assert len(keys) == len(set(keys))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins():
    agreement, application = make_agreement(), make_application()
    operators, start = [make_operator(), make_operator()], threading.Barrier(2)
    outcomes: list[str] = []

    def decide(by: User) -> None:
        try:
            start.wait()
            applications.approve(
                application=application,
                agreement=agreement,
                points=(),
                valid_from=MARCH,
                by=by,
                at=NOW,
            )
            outcomes.append("approved")
        except AlreadyDecided:
            outcomes.append("too late")
        finally:
            connection.close()

    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        # One connection cannot meet itself: there the second begins after the first's end.
        approve(application, agreement, by=operators[0])
        with pytest.raises(AlreadyDecided), transaction.atomic():
            approve(application, agreement, by=operators[1])
    else:
        threads = [threading.Thread(target=decide, args=(by,)) for by in operators]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["approved", "too late"]
    assert CustomerMember.objects.count() == 1
    assert told(of=application) == ["received", "approved"]
    sent(application.user)
