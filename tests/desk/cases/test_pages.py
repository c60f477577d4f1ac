"""Cases at the desk: the queue, the answer, whose hands, what was shown then and now."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.cases import services
from faza.cases.models import Case
from faza.readings.models import Finding
from tests.cabinet.factories import deliver, make_user
from tests.cabinet.test_query_counts import counted
from tests.cases.factories import DAY, HOUR, NOW, ask, make_place
from tests.desk.requests.factories import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_place()


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def desk(place) -> Client:
    return signed_in(place.operator)


@pytest.fixture
def case(place) -> Case:
    return ask(place.owner, place.point)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    body = b"".join(answer) if answer.streaming else answer.content
    return unescape(body.decode())


class TestQueue:
    def test_what_waits_is_counted_in_the_menu_and_told(self, desk, case):
        said = page(desk, "/desk/cases/")
        assert "<b>1 обращение</b> ждёт ответа" in said
        assert "Квартира 7" in said
        assert "23.11.2026" in said

    def test_what_is_late_is_red_and_found(self, desk, place, case, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: NOW + 7 * DAY)
        said = page(desk, "/desk/cases/?state=overdue")
        assert "1 просрочено" in said
        assert f"/desk/cases/{case.pk}/" in said
        services.answer(case=case, text="Ответ.", by=place.operator, at=NOW)
        assert f"/desk/cases/{case.pk}/" not in page(desk, "/desk/cases/?state=overdue")

    def test_filters_of_hands_subject_and_words(self, desk, place, case):
        at = f"/desk/cases/{case.pk}/"
        assert at in page(desk, "/desk/cases/?who=nobody&subject=estimate&q=Садовая")
        assert at in page(desk, f"/desk/cases/?q=№ {case.pk}")
        assert at not in page(desk, "/desk/cases/?who=mine")
        assert at not in page(desk, "/desk/cases/?subject=missing")
        services.take(case=case, by=place.operator, at=NOW)
        assert at in page(desk, "/desk/cases/?who=mine&state=in_work")

    def test_the_export_says_the_same_and_is_in_the_trail(self, desk, case):
        said = page(desk, "/desk/cases/?export=csv")
        assert "Расчётное значение неверно" in said
        assert "FLAT-7" in said
        assert Entry.objects.filter(action="desk.list.exported").exists()

    @pytest.mark.parametrize("sort", ["number", "-due_at", "point", "customer", "assigned_to", "x"])
    def test_every_column_sorts(self, desk, case, sort):
        assert f"/desk/cases/{case.pk}/" in page(desk, f"/desk/cases/?sort={sort}")


class TestCase:
    def test_from_the_question_to_the_answer(self, desk, place, case):
        at = f"/desk/cases/{case.pk}/"
        assert "Меня не было дома." in page(desk, at)
        desk.post(f"{at}take/")
        assert "В работе у кого" in page(desk, at)
        desk.post(f"{at}say/", {"as": "note", "text": "Смотрел монтёр."})
        desk.post(f"{at}say/", {"as": "write", "text": "Проверяем."})
        desk.post(f"{at}say/", {"as": "answer", "text": "Пересчитали."})
        said = page(desk, at)
        assert "есть ответ" in said
        assert "Смотрел монтёр." in said
        assert [one.kind for one in case.messages.order_by("pk")] == ["note", "written", "answer"]
        desk.post(f"{at}close/")
        case.refresh_from_db()
        assert case.state == "closed"

    def test_an_empty_answer_is_said_to_be_one(self, desk, case):
        answer = desk.post(f"/desk/cases/{case.pk}/say/", {"as": "answer", "text": ""})
        assert answer.status_code == 422
        assert desk.post(f"/desk/cases/{case.pk}/say/", {"as": "x", "text": "y"}).status_code == 404

    def test_who_was_slower_is_told_so(self, desk, place, case):
        services.answer(case=case, text="Ответ.", by=place.operator, at=NOW)
        desk.post(f"/desk/cases/{case.pk}/say/", {"as": "answer", "text": "Второй ответ."})
        assert "тем временем изменилось" in page(desk, f"/desk/cases/{case.pk}/")
        assert case.messages.count() == 1

    def test_it_is_given_to_a_colleague_who_works_here_only(self, desk, place, case):
        boss = make_user("boss@example.org", User.Role.ADMINISTRATOR, "Главный")
        desk.post(f"/desk/cases/{case.pk}/assign/", {"to": boss.pk})
        assert "Главный" in page(desk, f"/desk/cases/{case.pk}/")
        other = make_place("FLAT-8").operator
        for wrong in (other.pk, place.owner.pk, "x", ""):
            answer = desk.post(f"/desk/cases/{case.pk}/assign/", {"to": wrong})
            assert answer.status_code == 404

    def test_what_was_shown_and_what_is_now(self, desk, place):
        start = NOW - DAY
        deliver(place.point, start, [100, None])
        case = ask(place.owner, place.point, start=start, end=start + HOUR)
        assert "то же" in page(desk, f"/desk/cases/{case.pk}/")
        deliver(place.point, start, [100, 250], number=2)
        said = page(desk, f"/desk/cases/{case.pk}/")
        assert "1 из 2 интервалов без данных" in said
        assert "все измерены" in said

    def test_findings_of_the_stretch_and_no_others(self, desk, place, case):
        for rule, start in (("V05", case.start), ("V06", case.end), ("V01", case.start - HOUR / 2)):
            Finding.objects.create(
                usage_point_id=place.point.pk, reading_type=1, rule=rule, start=start,
                end=start + HOUR, effect=0, found_at=NOW,
            )  # fmt: skip
        said = page(desk, f"/desk/cases/{case.pk}/")
        assert "<b>V05</b>" in said
        assert "<b>V01</b>" in said
        assert "<b>V06</b>" not in said

    def test_looking_at_it_is_in_the_trail_once(self, desk, case):
        for _ in range(2):
            page(desk, f"/desk/cases/{case.pk}/")
        assert Entry.objects.filter(action="cases.case.viewed").count() == 1

    def test_the_auditor_reads_and_writes_nothing(self, case):
        auditor = signed_in(make_user("auditor@example.org", User.Role.AUDITOR))
        said = page(auditor, f"/desk/cases/{case.pk}/")
        assert "<textarea" not in said
        assert "Взять в работу" not in said

    def test_another_area_does_not_find_it(self, case):
        page(signed_in(make_place("FLAT-8").operator), f"/desk/cases/{case.pk}/", 404)


def test_the_pages_ask_as_often_for_many_as_for_one(desk, place, case):
    addresses = ("/desk/cases/", f"/desk/cases/{case.pk}/")
    for address in addresses:
        page(desk, address)

    def questions() -> list[int]:
        found = []
        for address in addresses:
            with counted() as told:
                page(desk, address)
            found.append(len(told))
        return found

    few = questions()
    for number in range(15):
        ask(place.owner, place.point, question=f"Вопрос {number}")
        services.say(case=case, text=f"Слово {number}", by=place.owner, at=NOW)
    assert questions() == few
