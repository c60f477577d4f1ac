"""Decisions on applications through their pages: every deed, and what stands against it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.contracts.models import AgreementPoint, ApplicationNote, CustomerMember
from faza.contracts.services import applications
from faza.outbox.models import Message
from tests.cabinet.factories import make_point
from tests.desk.requests.factories import NOW, PHONE, make_application, make_papers, signed_in

pytestmark = pytest.mark.django_db


def do(client, deed: str, application, body: dict | None = None, **extra):
    return client.post(
        reverse(f"desk:request-{deed}", args=[application.pk]), body or {}, follow=True, **extra
    )


def approve(client, application, agreement, **body):
    return do(client, "approve", application, {"agreement": agreement.pk, **body})


def told(answer) -> str:
    return answer.content.decode()


class TestApprove:
    def test_the_applicant_reads_for_the_customer_and_gets_a_mail(self, desk, operator, papers):
        one = make_application()

        said = told(approve(desk, one, papers, letter="Ждём вас"))

        one.refresh_from_db()
        assert (one.state, one.decided_by, one.agreement) == ("approved", operator, papers)
        member = CustomerMember.objects.get(user=one.user)
        assert (member.customer, member.valid_from) == (papers.customer, NOW)
        mail = Message.objects.get(kind="contracts.application.approved")
        assert mail.payload["letter"] == "Ждём вас"
        assert [point["name"] for point in mail.payload["points"]] == ["Квартира 5"]
        assert "Гринько Валентина Степановна: подтверждено." in said
        assert "Отменить можно ещё 15" in said

    def test_ticked_points_are_bound_for_the_days_given(self, desk, papers, here):
        garage = make_point("HERE-G", "Гараж 3", node=here)
        one = make_application()

        approve(desk, one, papers, points=garage.pk, valid_from="2026-11-01", valid_to="2026-12-31")

        bound = AgreementPoint.objects.get(usage_point=garage)
        assert bound.agreement == papers
        # Days of Moscow, the last one included.
        assert bound.valid_from == datetime(2026, 10, 31, 21, tzinfo=UTC)
        assert bound.valid_to == datetime(2026, 12, 31, 21, tzinfo=UTC)

    def test_contacts_are_written_down_only_where_ticked(self, desk, papers):
        one = make_application()

        approve(desk, one, papers, contacts="phone")

        papers.customer.refresh_from_db()
        assert (papers.customer.phone, papers.customer.email) == (PHONE, "")

    def test_wrong_days_are_told_and_lose_nothing(self, desk, papers, here):
        garage = make_point("HERE-G", "Гараж 3", node=here)
        one = make_application()

        said = told(
            approve(
                desk, one, papers, touched="1", points=garage.pk, letter="Слова от себя",
                valid_from="2026-12-31", valid_to="2026-11-01",
            )
        )  # fmt: skip

        one.refresh_from_db()
        assert one.state == "waiting"
        assert "Последний день стоит раньше первого" in said
        assert "Слова от себя" in said
        assert f'value="{garage.pk}" form="decide" checked' in said
        assert 'value="2026-12-31"' in said

    def test_the_next_application_follows(self, desk, papers):
        one, other = make_application(), make_application("2", at=NOW + timedelta(minutes=1))

        answer = approve(desk, one, papers, following=other.pk)

        assert answer.redirect_chain[0][0] == f"/desk/requests/?id={other.pk}"

    def test_what_is_foreign_is_not_there_and_nothing_is_done(self, desk, papers, foreign):
        one = make_application()
        theirs = make_application("99-000-001", "Чужой Пётр Ильич")
        point = foreign.points.get().usage_point

        answers = [
            approve(desk, one, foreign),
            approve(desk, one, papers, points=point.pk),
            approve(desk, one, papers, points="x"),
            approve(desk, one, papers, following=theirs.pk),
            do(desk, "approve", one),
            approve(desk, theirs, papers),
            *(
                do(desk, deed, theirs, {"text": "Слова"})
                for deed in ("refuse", "ask", "write", "take", "release", "reopen")
            ),
        ]

        one.refresh_from_db()
        theirs.refresh_from_db()
        assert {answer.status_code for answer in answers} == {404}
        assert (one.state, theirs.state) == ("waiting", "waiting")
        assert not CustomerMember.objects.exists()
        assert not ApplicationNote.objects.exists()

    def test_fields_that_were_not_asked_for_change_nothing(self, desk, papers):
        one = make_application()

        approve(desk, one, papers, user="1", state="refused", decided_by="1", reason="x")

        one.refresh_from_db()
        assert (one.state, one.reason) == ("approved", "")


class TestTwoOperators:
    def test_the_loser_is_told_who_decided(self, desk, colleague, papers):
        one = make_application()
        applications.refuse(application=one, reason="Нет договора", by=colleague, at=NOW)

        said = told(approve(desk, one, papers))

        one.refresh_from_db()
        assert one.state == "refused"
        assert "Заявка уже решена: отказано 20.11.2026 12:00" in said
        assert "Жданов П. И." in said

    def test_twice_by_the_same_button_does_it_once(self, desk, papers):
        one = make_application()
        approve(desk, one, papers)

        said = told(approve(desk, one, papers))

        assert "Заявка уже решена: подтверждена" in said
        assert CustomerMember.objects.count() == 1
        assert Message.objects.filter(kind="contracts.application.approved").count() == 1

    def test_who_holds_it_is_shown(self, desk, colleague, papers):
        one = make_application()
        applications.take(application=one, by=colleague, at=NOW)

        said = told(desk.get("/desk/requests/"))

        assert "в работе: Жданов П. И." in said
        assert "Взять в работу" not in said
        assert "Вернуть в очередь" in said

    def test_one_cannot_take_what_a_colleague_holds(self, desk, colleague):
        one = make_application()
        applications.take(application=one, by=colleague, at=NOW)

        said = told(do(desk, "take", one))

        one.refresh_from_db()
        assert one.taken_by == colleague
        assert "Заявка уже в работе: Жданов П. И." in said

    def test_taking_and_giving_back(self, desk, operator):
        one = make_application()

        assert "в вашей работе" in told(do(desk, "take", one))
        one.refresh_from_db()
        assert one.taken_by == operator
        do(desk, "release", one)
        one.refresh_from_db()
        assert one.taken_by is None


class TestRefuseAndAsk:
    def test_a_picked_reason_and_own_words_go_together(self, desk):
        one = make_application()

        do(desk, "refuse", one, {"template": "no_agreement", "text": "Позвоните нам."})

        one.refresh_from_db()
        assert one.state == "refused"
        assert one.reason.startswith("Мы не нашли договор")
        assert one.reason.endswith("\n\nПозвоните нам.")
        assert Message.objects.get(kind="contracts.application.refused").payload["reason"]

    def test_the_picked_text_is_in_the_readers_language(self, desk):
        one = make_application()
        one.user.language = "en"
        one.user.save()

        do(desk, "ask", one, {"template": "address"})

        assert one.notes.get().text.startswith("Please add the address")

    @pytest.mark.parametrize("deed", ["refuse", "ask"])
    def test_without_a_text_nothing_is_done_and_a_page_asks(self, desk, deed):
        one = make_application()

        said = told(do(desk, deed, one, {"template": "", "text": "  "}))

        one.refresh_from_db()
        assert one.state == "waiting"
        assert "Выберите готовый текст или напишите свой" in said

    @pytest.mark.parametrize("deed", ["refuse", "ask"])
    def test_a_page_of_its_own_serves_those_without_scripts(self, desk, deed):
        one = make_application()

        answer = desk.get(reverse(f"desk:request-{deed}", args=[one.pk]))

        assert answer.status_code == 200
        assert "Своими словами" in told(answer)

    def test_a_question_waits_for_the_applicant(self, desk):
        one = make_application()

        said = told(do(desk, "ask", one, {"template": "number"}))

        one.refresh_from_db()
        assert one.state == "correction"
        assert "Вопрос отправлен" in said
        assert one.notes.get().kind == "correction"
        assert Message.objects.filter(kind="contracts.application.correction").exists()

    def test_an_unknown_template_is_refused(self, desk):
        one = make_application()

        do(desk, "refuse", one, {"template": "nonsense", "text": "x"})

        one.refresh_from_db()
        assert one.state == "waiting"


class TestTalk:
    def test_a_message_goes_to_the_applicant(self, desk):
        one = make_application()

        said = told(do(desk, "write", one, {"text": "Какой у вас дом?"}))

        assert "Какой у вас дом?" in said
        assert "Климова О. В." in said
        assert Message.objects.filter(kind="contracts.application.message").exists()

    def test_an_empty_one_does_not(self, desk):
        one = make_application()

        said = told(do(desk, "write", one, {"text": " "}))

        assert "Сообщение не отправлено" in said
        assert not one.notes.exists()


class TestUndo:
    def test_within_fifteen_minutes_it_is_as_before(self, desk, papers, here):
        garage = make_point("HERE-G", node=here)
        one = make_application()
        approve(desk, one, papers, points=garage.pk)

        said = told(do(desk, "reopen", one))

        one.refresh_from_db()
        assert (one.state, one.agreement) == ("waiting", None)
        assert not CustomerMember.objects.filter(user=one.user).exists()
        assert not AgreementPoint.objects.filter(usage_point=garage).exists()
        assert "Решение отменено" in said

    def test_later_it_is_too_late(self, desk, papers, monkeypatch):
        one = make_application()
        approve(desk, one, papers)
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=16))

        said = told(do(desk, "reopen", one))

        one.refresh_from_db()
        assert one.state == "approved"
        assert "Решение можно отменить 15 минут" in said
        assert "Отменить решение" not in said


class TestRights:
    @pytest.mark.parametrize(
        "deed", ["approve", "refuse", "ask", "write", "take", "release", "reopen"]
    )
    def test_an_auditor_decides_nothing(self, auditor, deed, papers):
        one = make_application()

        answer = do(auditor, deed, one, {"agreement": papers.pk, "text": "x"})

        one.refresh_from_db()
        assert answer.status_code == 403
        assert (one.state, one.taken_by, one.notes.count()) == ("waiting", None, 0)

    def test_nobody_decides_about_oneself(self, papers):
        from faza.accounts.models import User
        from tests.cabinet.factories import make_user

        admin = make_user("admin@example.org", User.Role.ADMINISTRATOR, "Северов Глеб Ильич")
        one = make_application(user=admin)

        said = told(approve(signed_in(admin), one, papers))

        one.refresh_from_db()
        assert one.state == "waiting"
        assert "Вашу собственную заявку решает коллега" in said

    def test_decisions_are_posts(self, desk, papers):
        one = make_application()

        for deed in ("approve", "write", "take", "release", "reopen"):
            answer = desk.get(reverse(f"desk:request-{deed}", args=[one.pk]))
            assert answer.status_code == 405

    def test_a_post_without_its_token_is_refused(self, operator, papers):
        from django.test import Client

        one = make_application()
        client = Client(enforce_csrf_checks=True)
        backend = "allauth.account.auth_backends.AuthenticationBackend"
        client.force_login(operator, backend=backend)

        assert do(client, "take", one).status_code == 403


class TestMatched:
    ADDRESS = "/desk/requests/matched/"

    def test_it_says_first_who_passes_and_who_stays(self, desk, papers):
        make_application()
        make_application("77", "Сомов Илья Ильич")

        said = told(desk.get(self.ADDRESS))

        assert "Гринько Валентина Степановна — договор 40-071-288" in said
        assert "Сомов Илья Ильич" in said
        assert "договор не найден" in said
        assert "Подтвердить 1 заявку" in said
        assert "Здравствуйте, Валентина Степановна" in said

    def test_only_those_that_were_shown_are_approved(self, desk, here):
        shown, come_since = [], []
        for number, kept in ((1, shown), (2, come_since)):
            name = f"Гринько Анна{'аб'[number - 1]} Ильинична"
            make_papers(f"4{number}", name, (make_point(f"P{number}", node=here),))
            kept.append(make_application(f"4{number}", name))

        said = told(desk.post(self.ADDRESS, {"sure": "1", "chosen": shown[0].pk}, follow=True))

        shown[0].refresh_from_db()
        come_since[0].refresh_from_db()
        assert (shown[0].state, come_since[0].state) == ("approved", "waiting")
        assert "Подтверждена 1 заявка" in said

    def test_what_changed_meanwhile_stays_with_the_reason(self, desk, papers, colleague):
        one = make_application()
        applications.take(application=one, by=colleague, at=NOW)

        said = told(desk.post(self.ADDRESS, {"sure": "1", "chosen": one.pk}, follow=True))

        one.refresh_from_db()
        assert one.state == "waiting"
        assert "в работе у коллеги" in said

    def test_a_foreign_one_is_not_there(self, desk, papers, foreign):
        mine, theirs = make_application(), make_application("99-000-001", "Чужой Пётр Ильич")

        for chosen in ([mine.pk, theirs.pk], ["x"], [999_999]):
            answer = desk.post(self.ADDRESS, {"sure": "1", "chosen": chosen})
            assert answer.status_code == 404

        mine.refresh_from_db()
        assert mine.state == "waiting"

    def test_nothing_to_approve_gives_no_button(self, desk):
        make_application("77", "Сомов Илья Ильич")

        assert 'name="sure"' not in told(desk.get(self.ADDRESS))

    def test_an_auditor_may_not(self, auditor):
        assert auditor.get(self.ADDRESS).status_code == 403
        assert auditor.post(self.ADDRESS, {"sure": "1"}).status_code == 403
