"""«Contest» and «My questions»: from a value that looks wrong to the answer, without scripts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.cases import services
from faza.cases.models import Case
from faza.core.quality import Quality
from tests.cabinet.factories import deliver, make_point, make_user
from tests.cabinet.test_query_counts import counted
from tests.cases.factories import DAY, HOUR, NOW, ask, make_place
from tests.desk.requests.factories import signed_in

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 11, 16, 21, tzinfo=UTC)  # of 17.11 in Moscow


@pytest.fixture
def place():
    return make_place()


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def owner(place) -> Client:
    return signed_in(place.owner)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return unescape(answer.content.decode())


def link(text: str) -> str:
    """The address behind «Contest»."""
    (found,) = re.findall(r'href="(/cases/new/[^"]+)"', text)
    return found


FORM = {
    "point": "FLAT-7", "subject": "estimate", "channel": "A+", "start": "2026-11-17T20:00",
    "end": "2026-11-18T00:00", "question": "Меня не было дома.",
}  # fmt: skip


class TestContest:
    @pytest.fixture
    def estimated(self, place):
        """17.11, of which 20:00 to 24:00 is estimated."""
        quality = np.full(48, Quality.VALID)
        quality[40:] = Quality.ESTIMATED_BY_DAY
        deliver(place.point, MIDNIGHT, np.full(48, 100), quality=quality)

    def test_from_why_estimated_to_a_form_that_is_filled_in(self, owner, estimated):
        why = page(owner, "/data/why/?point=FLAT-7&channel=A%2B&period=day&on=2026-11-17")
        form = page(owner, link(why))

        assert 'value="2026-11-17T20:00"' in form
        assert 'value="2026-11-18T00:00"' in form
        assert '<option value="A+" selected>' in form
        assert '<option value="estimate" selected>' in form

    def test_from_what_the_explorer_shows(self, owner, estimated):
        shown = page(owner, "/data/?point=FLAT-7&channel=A%2B&period=day&on=2026-11-17")
        form = page(owner, link(shown))

        assert 'value="2026-11-17T00:00"' in form
        assert '<option value="value" selected>' in form

    def test_up_to_now_and_no_further(self, owner, estimated):
        shown = page(owner, "/data/?point=FLAT-7&channel=A%2B&period=week&on=2026-11-17")
        assert "to=2026-11-18T12%3A00" in link(shown)

    def test_staff_and_several_points_have_no_such_button(self, place, owner, estimated):
        boss = signed_in(make_user("boss@example.org", User.Role.ADMINISTRATOR))
        address = "/data/?point=FLAT-7&channel=A%2B&period=day&on=2026-11-17"
        assert "/cases/new/" not in page(boss, address)
        assert "/cases/new/" not in page(
            boss, "/data/why/?point=FLAT-7&channel=A%2B&period=day&on=2026-11-17"
        )
        assert "по должности" in page(boss, "/cases/new/?point=FLAT-7")


class TestNew:
    def test_what_is_sent_is_a_case_of_that_stretch(self, place, owner):
        answer = owner.post("/cases/new/", FORM)
        case = Case.objects.get()
        assert answer.headers["Location"] == f"/cases/{case.pk}/"
        assert (case.start, case.end) == (MIDNIGHT + 20 * HOUR, MIDNIGHT + 24 * HOUR)
        assert (case.channel, case.customer.name) == ("A+", "Абонент FLAT-7-2")
        said = page(owner, f"/cases/{case.pk}/")
        assert "Обращение в сетевой компании" in said
        assert "17.11.2026, 20:00–24:00" in said
        assert "ответ до 23.11.2026 включительно" in said

    def test_pressing_twice_asks_once(self, place, owner):
        first, again = (owner.post("/cases/new/", FORM).headers["Location"] for _ in range(2))
        assert first == again

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"end": "2026-11-17T20:00"}, "Конец стоит раньше начала"),
            ({"start": "вчера"}, "Укажите день и время"),
            ({"start": "2020-01-01T00:00"}, "не длиннее года"),
            ({"start": "2026-10-01T00:00", "end": "2026-10-02T00:00"}, "точка была не вашей"),
            ({"question": " "}, "Обязательное поле"),
            ({"start": "2026-11-19T00:00", "end": "2026-11-20T00:00"}, "ещё не наступило"),
        ],
    )
    def test_what_cannot_be_is_said_and_what_was_typed_stays(self, place, owner, wrong, said):
        answer = owner.post("/cases/new/", FORM | wrong)
        text = unescape(answer.content.decode())
        assert answer.status_code == 422
        assert said in text
        assert "Меня не было дома." in text or "question" in wrong
        assert not Case.objects.exists()

    def test_an_address_that_says_nonsense_gives_a_form_of_yesterday(self, place, owner):
        form = page(owner, "/cases/new/?point=FLAT-7&channel=X&from=never&to=1&subject=y")
        assert 'value="2026-11-17T00:00"' in form
        assert '<option value="A+" selected>' in form

    def test_time_is_by_the_clock_at_the_point(self, place):
        from tests.cabinet.factories import make_agreement

        point = make_point("OMSK", zone="Asia/Omsk")
        user = make_user("omsk@example.org")
        make_agreement("ОМСК-1", [user], [point])
        signed_in(user).post("/cases/new/", FORM | {"point": "OMSK"})
        assert Case.objects.get().start == datetime(2026, 11, 17, 14, tzinfo=UTC)


class TestTalk:
    @pytest.fixture
    def case(self, place) -> Case:
        return ask(place.owner, place.point)

    def test_the_answer_is_news_until_it_is_opened(self, place, owner):
        case = ask(place.owner, place.point, start=NOW - 2 * DAY, end=NOW - DAY, at=NOW - DAY)
        services.answer(case=case, text="Пересчитали.", by=place.operator, at=NOW - HOUR)
        assert "есть новое" in page(owner, "/")
        assert "не прочитано" in page(owner, "/cases/")

        assert "Пересчитали." in page(owner, f"/cases/{case.pk}/")
        assert "не прочитано" not in page(owner, "/cases/")
        assert "есть новое" not in page(owner, "/")

    def test_notes_and_names_of_the_desk_are_not_shown(self, place, case, owner):
        services.note(case=case, text="Проверить его счётчик тайно.", by=place.operator, at=NOW)
        services.write(case=case, text="Проверяем.", by=place.operator, at=NOW)
        said = page(owner, f"/cases/{case.pk}/")
        assert "Проверяем." in said
        assert "тайно" not in said
        assert "Климова" not in said

    def test_asking_again_and_settling_it(self, place, case, owner):
        services.answer(case=case, text="Всё верно.", by=place.operator, at=NOW)
        owner.post(f"/cases/{case.pk}/say/", {"text": "Не верно."})
        assert "Не верно." in page(owner, f"/cases/{case.pk}/")
        case.refresh_from_db()
        assert case.state == "reopened"
        owner.post(f"/cases/{case.pk}/end/")
        assert "Обращение закрыто" in page(owner, f"/cases/{case.pk}/")
        assert owner.post(f"/cases/{case.pk}/end/").status_code == 302

    def test_an_empty_word_is_said_to_be_one(self, case, owner):
        answer = owner.post(f"/cases/{case.pk}/say/", {"text": " "})
        assert answer.status_code == 422

    def test_late_truth_is_told_beside_what_was_shown(self, place, owner):
        start = NOW - DAY
        deliver(place.point, start, [100, None])
        case = ask(place.owner, place.point, start=start, end=start + HOUR)
        assert "Сейчас" not in page(owner, f"/cases/{case.pk}/")
        deliver(place.point, start, [100, 250], number=2)
        said = page(owner, f"/cases/{case.pk}/")
        assert "1 из 2 интервалов без данных" in said
        assert re.search(r"0,350\s+кВт·ч; все измерены", said)

    def test_the_former_owner_keeps_it_and_the_next_has_none(self, place, case):
        old = ask(place.former, place.point, start=NOW - 40 * DAY, end=NOW - 39 * DAY)
        former = signed_in(place.former)
        assert f"/cases/{old.pk}/" in page(former, "/cases/")
        page(former, f"/cases/{old.pk}/")
        page(former, f"/cases/{case.pk}/", 404)
        page(signed_in(place.owner), f"/cases/{old.pk}/", 404)

    def test_the_file_of_own_data_has_it_without_notes(self, place, case):
        from faza.cabinet.account import own_data

        services.note(case=case, text="Тайно.", by=place.operator, at=NOW)
        services.answer(case=case, text="Ответ.", by=place.operator, at=NOW)
        told = own_data.data(place.owner, at=NOW)
        assert [one["question"] for one in told["cases"]] == ["Меня не было дома."]
        assert [one["text"] for one in told["case_messages"]] == ["Ответ."]


def test_the_pages_ask_as_often_for_many_cases_as_for_one(place, owner):
    first = ask(place.owner, place.point)
    addresses = ("/cases/", f"/cases/{first.pk}/", "/")
    for address in addresses:  # what a page remembers for the next one
        page(owner, address)

    def questions() -> list[int]:
        found = []
        for address in addresses:
            with counted() as told:
                page(owner, address)
            found.append(len(told))
        return found

    few = questions()
    for number in range(15):
        case = ask(place.owner, place.point, question=f"Вопрос {number}", at=NOW)
        for word in range(3):
            services.say(case=case, text=f"Слово {word}", by=place.owner, at=NOW - timedelta(1))
    assert questions() == few
    assert max(few[:2]) <= 20  # the board has a count of its own
