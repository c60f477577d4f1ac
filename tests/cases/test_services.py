"""A case from its question to its end: what each deed does, who may, who is told."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.cases import queries, rules, services
from faza.cases.models import Case, CaseMessage
from faza.cases.rules import Subject
from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS
from faza.notifications import mails
from faza.outbox.models import Message
from tests.cabinet.factories import deliver, give_house, make_node, make_point, make_user
from tests.cases.factories import DAY, HOUR, NOW, SOLD, ask, make_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_place()


@pytest.fixture
def case(place) -> Case:
    return ask(place.owner, place.point)


def told(kind: str) -> list[int | None]:
    rows = Message.objects.filter(kind=f"cases.case.{kind}").order_by("pk")
    return list(rows.values_list("recipient", flat=True))


class TestAsk:
    def test_it_waits_for_the_desk_for_three_working_days(self, place, case):
        assert case.state == "new"
        # Asked on a Wednesday; Saturday and Sunday are off.
        assert case.due_on == date(2026, 11, 23)
        assert told("received") == [place.owner.pk]
        assert told("new") == [place.operator.pk]
        assert Entry.objects.filter(action="cases.case.asked").count() == 1

    def test_asking_twice_asks_once(self, place, case):
        assert ask(place.owner, place.point, at=NOW + timedelta(minutes=1)) == case
        assert told("new") == [place.operator.pk]
        # Another question about the same stretch is another case.
        assert ask(place.owner, place.point, question="И почему так?") != case

    def test_what_was_shown_is_kept(self, place):
        start = NOW - DAY
        deliver(place.point, start, [100, None, 300, 400],
                quality=np.array([0, 0, Quality.INTERPOLATED, Quality.QUESTIONABLE]))  # fmt: skip
        case = ask(place.owner, place.point, start=start, end=start + 2 * HOUR)

        seen = queries.Shown.of(case.shown)
        assert seen == queries.Shown(intervals=4, missing=1, estimated=1, doubtful=1, total=800)

    def test_without_a_channel_nothing_is_kept(self, place):
        assert ask(place.owner, place.point, kind=None).shown == {}

    def test_only_the_own_time_is_asked_about(self, place):
        start, end = SOLD - DAY, SOLD + 2 * DAY
        assert ask(place.owner, place.point, start=start, end=end).start == SOLD
        assert ask(place.former, place.point, start=start, end=end).end == SOLD
        with pytest.raises(services.Outside):
            ask(place.former, place.point)
        with pytest.raises(services.Outside):
            ask(place.owner, place.point, start=NOW + DAY, end=NOW + 2 * DAY)

    def test_what_is_yet_to_come_is_cut_off_at_a_whole_minute(self, place):
        at = NOW + timedelta(seconds=31)
        case = ask(place.owner, place.point, end=NOW + DAY, at=at)
        assert case.end == NOW

    def test_strangers_and_staff_have_nothing_to_ask(self, place):
        other = make_place("FLAT-8")
        boss = make_user("boss@example.org", User.Role.ADMINISTRATOR)
        for user in (other.owner, place.operator, boss):
            with pytest.raises(services.Outside):
                ask(user, place.point)

    def test_a_house_manager_asks_about_a_common_meter(self):
        node = make_node("HOUSE", "Дом 14")
        common = make_point("HOUSE-0", "Общедомовой", node=node, is_common=True)
        manager = make_user("house@example.org", User.Role.HOUSE_MANAGER)
        give_house(manager, node)
        case = ask(manager, common)
        assert case.customer is None
        assert list(queries.own_cases(manager, at=NOW)) == [case]
        other = make_user("house2@example.org", User.Role.HOUSE_MANAGER)
        give_house(other, node)
        assert not queries.own_cases(other, at=NOW)

    def test_an_empty_question_and_too_long_a_stretch_are_none(self, place):
        with pytest.raises(ValidationError):
            ask(place.owner, place.point, question="  ")
        with pytest.raises(ValidationError):
            ask(place.former, place.point, start=SOLD - 500 * DAY, end=SOLD)

    def test_there_is_an_end_to_asking(self, place):
        for number in range(rules.MOST_A_DAY):
            ask(place.owner, place.point, question=f"Вопрос {number}")
        with pytest.raises(services.TooMany):
            ask(place.owner, place.point, question="Ещё один")
        ask(place.owner, place.point, question="Завтра", at=NOW + DAY + HOUR)


class TestWhoReads:
    def test_colleagues_of_the_customer_the_desk_of_the_area_and_nobody_else(self, place, case):
        other = make_place("FLAT-8")
        assert list(queries.own_cases(place.owner, at=NOW)) == [case]
        assert list(queries.desk_cases(place.operator, at=NOW)) == [case]
        for user in (place.former, other.owner, place.operator):
            assert not queries.own_cases(user, at=NOW)
        for user in (other.operator, place.owner):
            assert not queries.desk_cases(user, at=NOW)

    def test_a_former_owner_keeps_the_own_cases_and_the_next_never_sees_them(self, place):
        old = ask(place.former, place.point, start=SOLD - DAY, end=SOLD)
        assert list(queries.own_cases(place.former, at=NOW)) == [old]
        assert not queries.own_cases(place.owner, at=NOW)

    def test_who_reads_for_the_customer_no_longer_reads_its_cases_no_longer(self, place, case):
        from faza.contracts.models import CustomerMember

        CustomerMember.objects.filter(user=place.owner).update(valid_to=NOW)
        assert not queries.own_cases(place.owner, at=NOW + HOUR)

    def test_only_the_customer_acted_for(self, place, case):
        place.owner.acting_for = case.customer_id + 1
        assert not queries.own_cases(place.owner, at=NOW)
        place.owner.acting_for = case.customer_id
        assert queries.own_cases(place.owner, at=NOW)


class TestTalk:
    def test_an_answer_is_mailed_and_ends_the_wait(self, place, case):
        services.answer(case=case, text="Пересчитали.", by=place.operator, at=NOW + HOUR)
        case.refresh_from_db()
        assert (case.state, case.assigned_to, case.has_news) == ("answered", place.operator, True)
        assert told("answered") == [place.owner.pk]
        assert not queries.waiting(Case.objects.all())
        with pytest.raises(services.WrongMove):
            services.answer(case=case, text="Ещё раз.", by=place.operator, at=NOW + HOUR)

    def test_a_word_after_the_answer_asks_again_and_the_term_runs_anew(self, place, case):
        services.answer(case=case, text="Всё верно.", by=place.operator, at=NOW + HOUR)
        services.say(case=case, text="Нет.", by=place.owner, at=NOW + 2 * DAY)
        case.refresh_from_db()
        assert (case.state, case.assigned_to) == ("reopened", place.operator)
        assert case.due_on == date(2026, 11, 25)
        assert told("again") == [place.operator.pk]

    def test_so_does_one_after_it_was_closed(self, place, case):
        services.end(case=case, by=place.owner, at=NOW + HOUR)
        services.say(case=case, text="Всё же нет.", by=place.owner, at=NOW + 2 * HOUR)
        case.refresh_from_db()
        assert (case.state, case.closed_at) == ("reopened", None)

    def test_a_word_goes_to_whoever_works_on_it(self, place, case):
        boss = make_user("boss@example.org", User.Role.ADMINISTRATOR)
        services.assign(case=case, to=boss, by=place.operator, at=NOW)
        services.say(case=case, text="Ещё вот что.", by=place.owner, at=NOW + HOUR)
        assert told("assigned") == told("said") == [boss.pk]

    def test_a_note_stays_at_the_desk(self, place, case):
        services.note(case=case, text="Спросить монтёра.", by=place.operator, at=NOW)
        case.refresh_from_db()
        assert (case.state, case.has_news) == ("new", False)
        assert not case.messages.filter(kind__in=queries.PUBLIC)
        assert not told("message")

    def test_a_colleague_who_wrote_is_told_of_the_answer_too(self, place, case):
        from faza.contracts import services as contracts

        colleague = make_user("colleague@example.org")
        contracts.admit_member(user=colleague, customer=case.customer, at=NOW - DAY)
        services.say(case=case, text="Я тоже.", by=colleague, at=NOW)
        services.answer(case=case, text="Ответ.", by=place.operator, at=NOW + HOUR)
        assert told("answered") == [place.owner.pk, colleague.pk]

    def test_who_no_longer_reads_the_case_is_not_told(self, place, case):
        from faza.contracts.models import CustomerMember

        CustomerMember.objects.filter(user=place.owner).update(valid_to=NOW + HOUR)
        services.answer(case=case, text="Ответ.", by=place.operator, at=NOW + 2 * HOUR)
        assert told("answered") == []

    def test_the_desk_closes_what_it_has_answered_only(self, place, case):
        with pytest.raises(services.WrongMove):
            services.close(case=case, by=place.operator, at=NOW)
        services.answer(case=case, text="Ответ.", by=place.operator, at=NOW)
        services.close(case=case, by=place.operator, at=NOW + HOUR)
        assert told("closed") == [place.owner.pk]

    def test_an_empty_word_is_none_and_changes_nothing(self, place, case):
        with pytest.raises(ValidationError):
            services.answer(case=case, text=" ", by=place.operator, at=NOW)
        case.refresh_from_db()
        assert case.state == "new"
        assert not CaseMessage.objects.exists()


class TestHands:
    def test_taking_twice_is_once_and_another_is_told_who_has_it(self, place, case):
        boss = make_user("boss@example.org", User.Role.ADMINISTRATOR)
        services.take(case=case, by=place.operator, at=NOW)
        services.take(case=case, by=place.operator, at=NOW + HOUR)
        assert Entry.objects.filter(action="cases.case.assigned").count() == 1
        with pytest.raises(services.AlreadyTaken):
            services.take(case=case, by=boss, at=NOW)
        services.assign(case=case, to=boss, by=place.operator, at=NOW)
        case.refresh_from_db()
        assert case.assigned_to == boss

    def test_giving_it_back_puts_it_into_the_queue(self, place, case):
        services.take(case=case, by=place.operator, at=NOW)
        services.release(case=case, by=place.operator, at=NOW)
        case.refresh_from_db()
        assert (case.state, case.assigned_to) == ("new", None)

    def test_nobody_answers_the_own_case(self, place):
        from faza.contracts import services as contracts
        from faza.contracts.models import CustomerMember

        customer = CustomerMember.objects.get(user=place.owner).customer
        contracts.admit_member(user=place.operator, customer=customer, at=NOW - DAY)
        case = ask(place.owner, place.point)
        for deed in (services.answer, services.write, services.note):
            with pytest.raises(services.OwnCase):
                deed(case=case, text="Сам себе.", by=place.operator, at=NOW)
        with pytest.raises(services.OwnCase):
            services.take(case=case, by=place.operator, at=NOW)

    def test_without_an_operator_the_administrators_are_the_desk(self, place):
        boss = make_user("boss@example.org", User.Role.ADMINISTRATOR)
        assert queries.desk_of(place.point) == [place.operator]
        User.objects.filter(pk=place.operator.pk).update(is_active=False)
        assert queries.desk_of(place.point) == [boss]
        assert queries.assignable(place.point) == [boss]


class TestReading:
    def test_opening_it_is_no_news_any_more(self, place, case):
        services.write(case=case, text="Проверяем.", by=place.operator, at=NOW + HOUR)
        (case,) = queries.unread(place.owner, at=NOW + HOUR)
        services.mark_read(case, at=NOW + 2 * HOUR)
        assert queries.unread(place.owner, at=NOW + 2 * HOUR) == []


def test_every_mail_of_a_case_is_written_in_both_languages(place, case):
    """The kinds are put together in `telling`: here each is sent once, and composed."""
    boss = make_user("boss@example.org", User.Role.ADMINISTRATOR)
    services.say(case=case, text="Слово.", by=place.owner, at=NOW)
    services.assign(case=case, to=boss, by=place.operator, at=NOW)
    services.write(case=case, text="Слово.", by=place.operator, at=NOW)
    services.answer(case=case, text="Слово.", by=place.operator, at=NOW)
    services.close(case=case, by=place.operator, at=NOW)
    services.say(case=case, text="Слово.", by=place.owner, at=NOW)

    kinds = set(Message.objects.values_list("kind", flat=True))
    names = ("received", "new", "said", "assigned", "message", "answered", "closed", "again")
    assert kinds == {f"cases.case.{name}" for name in names}
    for message in Message.objects.all():
        for language in ("ru", "en"):
            message.language = language
            assert str(case.pk) in mails.compose(message).body
    message = Message.objects.get(kind="cases.case.new")
    assert "Расчётное значение неверно" in mails.compose(message).body
    desk = Message.objects.filter(kind__in=["cases.case.new", "cases.case.said"])
    assert not any("Слово" in str(one.payload) or "дома" in str(one.payload) for one in desk)


def test_closed_cases_are_deleted_at_the_end_of_their_term(place, case):
    from faza.cases import sweeps

    services.end(case=case, by=place.owner, at=NOW)
    other = ask(place.owner, place.point, question="Другой.")
    assert sweeps.sweep_closed(NOW, NOW + DAY) == 0
    assert sweeps.sweep_closed(NOW + HOUR, NOW + DAY) == 1
    assert list(Case.objects.all()) == [other]
    assert other.subject == Subject.ESTIMATE
    assert other.channel == A_PLUS.channel
