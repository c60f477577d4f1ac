"""The page of the queue: what it shows to whom, and what it asks the database."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.audit.models import Entry
from faza.contracts.services import applications
from tests.cabinet.factories import make_point
from tests.cabinet.test_query_counts import counted
from tests.desk.requests.factories import NOW, make_application, make_papers, make_person

pytestmark = pytest.mark.django_db
ADDRESS = "/desk/requests/"


def page(client, query: str = "", **headers) -> str:
    answer = client.get(ADDRESS + query, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


class TestQueue:
    def test_an_empty_queue_says_what_will_be_here(self, desk):
        said = page(desk)

        assert "Очередь пуста" in said
        assert "Заявка не выбрана" in said

    def test_the_first_application_stands_beside_the_list(self, desk, papers):
        make_application()

        said = page(desk)

        assert "Проверки ждёт <b>1 заявка</b>" in said
        assert "Гринько Валентина Степановна" in said
        assert "Подтвердить и открыть 1 точку" in said
        assert "Совпало всё" in said

    def test_an_overdue_one_is_told(self, desk, papers, monkeypatch):
        make_application()
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=4))

        said = page(desk)

        assert '<b class="bad">1 просроч' in said
        assert "due" in said
        assert re.search(r"просроч\w+ на 24.ч", said)

    def test_tabs_part_what_waits_from_what_is_asked_and_decided(self, desk, operator, papers):
        asked, refused = make_application(name="Исаева Анна Ильинична"), make_application("7")
        make_application("8", "Мельников Артём Игоревич")
        applications.ask(application=asked, text="Проверьте номер", by=operator, at=NOW)
        applications.refuse(application=refused, reason="Нет договора", by=operator, at=NOW)

        assert "Мельников" in page(desk)
        assert "Исаева" not in page(desk)
        assert "Исаева Анна Ильинична" in page(desk, "?tab=correction")
        assert "Нет договора" in page(desk, "?tab=decided")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?q=мельников", {"Мельников"}),
            ("?which=organisations", {"Хлебозавод"}),
            ("?which=persons", {"Мельников"}),
            ("?which=mine", set()),
            ("?which=free", {"Мельников", "Хлебозавод"}),
            ("?matched=1", set()),
            ("?order=new&tab=nothing&page=x", {"Мельников", "Хлебозавод"}),
        ],
    )
    def test_filters_narrow_it(self, desk, query, found):
        make_application("8", "Мельников Артём Игоревич")
        make_application(
            "9", "Юрьев Пётр Ильич", kind="organisation", organisation="Хлебозавод № 2"
        )

        said = page(desk, query)

        assert {name for name in ("Мельников", "Хлебозавод") if name in said} == found

    def test_for_htmx_only_the_application_comes(self, desk, papers):
        one = make_application()

        said = page(desk, f"?id={one.pk}", **{"HX-Request": "true"})

        assert said.strip().startswith("<section")
        assert "<html" not in said

    def test_it_works_from_a_link_of_another_page(self, desk, papers):
        one = make_application()

        answer = desk.get(reverse("desk:request", args=[one.pk]))

        assert answer.url == f"{ADDRESS}?id={one.pk}"

    def test_the_next_one_is_a_link_away(self, desk):
        first, second = make_application("1"), make_application("2", at=NOW + timedelta(minutes=1))

        said = page(desk, f"?id={first.pk}")

        assert f'href="?id={second.pk}"' in said
        assert 'data-key="KeyJ"' in said
        assert 'data-key="KeyK"' not in said

    def test_looking_at_it_is_written_down_once_in_a_while(self, desk, papers):
        one = make_application()

        page(desk, f"?id={one.pk}")
        page(desk, f"?id={one.pk}")

        looks = Entry.objects.filter(action="contracts.application.viewed")
        assert [entry.object_id for entry in looks] == [str(one.pk)]

    def test_an_auditor_reads_and_has_no_buttons(self, auditor, papers):
        make_application()

        said = page(auditor)

        assert "Сверка полей" in said
        assert "Подтвердить и открыть" not in said
        assert "Отказать" not in said
        assert "Взять в работу" not in said

    def test_an_unproven_address_is_not_in_the_queue(self, desk):
        user = make_person()
        fields = {"full_name": user.full_name, "agreement_number": "1", "phone": "1"}
        waiting = applications.submit(user=user, fields=fields, at=NOW)

        assert user.full_name not in page(desk)
        assert desk.get(f"{ADDRESS}?id={waiting.pk}").status_code == 404

    @pytest.mark.parametrize("query", ["id=x", "id=1x", "id=99999999999999999999", "id=٣"])
    def test_what_is_no_number_is_not_there(self, desk, query):
        assert desk.get(f"{ADDRESS}?{query}").status_code == 404

    def test_an_application_about_a_foreign_agreement_is_not_there(self, desk, foreign):
        one = make_application("99-000-001", "Чужой Пётр Ильич")

        assert desk.get(f"{ADDRESS}?id={one.pk}").status_code == 404
        assert "Чужой" not in page(desk)


class TestEvidence:
    def test_candidates_come_with_likeness_and_reasons(self, desk, papers):
        make_papers("40-071-288/2", "Гринько Степан Ильич")
        make_application("40071288")

        said = page(desk)

        assert "40-071-288/2" in said
        assert "имя, номер, записан иначе" in said
        assert "Сходство" in said

    def test_fields_stand_side_by_side_with_the_difference_marked(self, desk, papers):
        make_application("40-071-289", phone="8 (916) 204-18-55")

        said = page(desk)

        assert "<mark>9</mark>" in said
        assert "<mark>8</mark>" in said
        assert "похоже на опечатку" in said

    def test_an_agreement_is_found_by_hand(self, desk, papers):
        other = make_papers("77-1", "Сомов Илья Ильич")
        one = make_application()

        said = page(desk, f"?id={one.pk}&find=сомов")
        chosen = page(desk, f"?id={one.pk}&agreement={other.pk}")

        assert "Сомов Илья Ильич" in said
        assert "найден вручную" in said
        assert "В договоре 77-1" in chosen

    def test_foreign_agreements_and_points_are_never_shown(self, desk, foreign, papers):
        one = make_application("99-000-00", "Чужой Пётр Ильич")
        point = foreign.points.get().usage_point

        assert "99-000-001" not in page(desk, f"?id={one.pk}&find=99-000")
        assert "THERE-1" not in page(desk, f"?id={one.pk}&agreement={papers.pk}&place=THERE")
        for query in (f"agreement={foreign.pk}", f"agreement={papers.pk}&points={point.pk}"):
            assert desk.get(f"{ADDRESS}?id={one.pk}&{query}").status_code == 404

    def test_a_point_beside_tells_who_sees_it(self, desk, papers, here):
        garage = make_point("HERE-G", "Гараж 3", node=here)
        reader = make_person("Лапина Таисия Юрьевна")
        theirs = make_papers("50-1", "Лапина Таисия Юрьевна", (garage,))
        from faza.contracts import services as contracts

        contracts.admit_member(user=reader, customer=theirs.customer, at=NOW)
        one = make_application()

        said = page(desk, f"?id={one.pk}&place=гараж")

        assert "Гараж 3" in said
        assert "видит Лапина Т. Ю." in said
        assert "не по этому договору" in said

    def test_a_tick_changes_the_button_and_the_mail(self, desk, papers, here):
        garage = make_point("HERE-G", "Гараж 3", node=here)
        one = make_application()

        said = page(desk, f"?id={one.pk}&touched=1&points={garage.pk}&letter=Ждём+вас")

        assert "Подтвердить и открыть 2 точки" in said
        assert "– Гараж 3" in said
        assert "Ждём вас" in said

    def test_no_agreement_leads_to_making_one(self, desk):
        make_application("нет такого")

        said = page(desk)

        assert "Похожих договоров нет" in said
        assert "/desk/customers/add/?" in said or "Завести абонента" in said
        assert "Подтвердить и открыть" not in said

    def test_what_people_write_is_never_a_script(self, desk, operator, flat):
        nasty = '<script>alert("x")</script>'
        make_papers("40-1", nasty, (flat,), phone="1")
        one = make_application(
            "40-1", nasty, organisation=nasty, kind="organisation", address=nasty
        )
        applications.write(application=one, text=nasty, by=one.user, at=NOW)
        applications.write(application=one, text=nasty, by=operator, at=NOW)

        shown = page(desk, f"?id={one.pk}&find={nasty}&place={nasty}&letter={nasty}&q=")
        applications.refuse(application=one, reason=nasty, by=operator, at=NOW)
        refused = page(desk, f"?tab=decided&id={one.pk}")

        for said in (shown, refused):
            assert "<script>alert" not in said
            assert "&lt;script&gt;alert" in said


class TestQueries:
    def count_of(self, client, query=""):
        page(client, query)  # the look is written down by the first
        with counted() as told:
            page(client, query)
        return len(told)

    @pytest.mark.parametrize("query", ["", "?tab=correction", "?tab=decided"])
    def test_thirty_applications_cost_what_three_do(self, desk, operator, here, query):
        for number in range(3):
            self.add(number, operator, here)
        few = self.count_of(desk, query)
        for number in range(3, 30):
            self.add(number, operator, here)

        assert self.count_of(desk, query) == few
        assert few <= 60

    def add(self, number, operator, here):
        name = f"Гринько Анна{'абвгдежзик'[number % 10]} Ильинична"
        points = tuple(
            make_point(f"P{number}-{n}", node=here, address=f"ул. Садовая, {number}, кв. {n}")
            for n in range(1 + number % 3)
        )
        make_papers(f"40-{number:03}", name, points)
        kept = [make_application(f"40-{number:03}", name) for _ in range(3)]
        applications.ask(application=kept[1], text="?", by=operator, at=NOW)
        applications.refuse(application=kept[2], reason="Нет", by=operator, at=NOW)


class TestNewCustomer:
    def test_an_application_becomes_customer_and_agreement_and_is_led_back_to(self, desk):
        application = make_application(agreement_number="нов-1")
        address = f"{reverse('desk:customer-add')}?application={application.pk}"

        form = desk.get(address).context["form"]
        answer = desk.post(address, {**form.initial, "inn": "", "legal_address": ""})

        assert form["name"].value() == application.full_name
        assert answer.url.endswith(f"/agreement/?application={application.pk}")
        assert desk.get(answer.url).context["form"]["number"].value() == "нов-1"
        made = {"number": "нов-1", "kind": "household", "valid_from": "2026-11-01"}
        back = desk.post(answer.url, made)
        assert back.url.startswith(reverse("desk:request", args=[application.pk]))
        assert "agreement=" in desk.get(back.url).url

    def test_what_was_written_stands_in_no_address(self, desk):
        make_application()

        addresses = re.findall(r'href="([^"]*customers/add[^"]*)"', page(desk))

        assert addresses
        assert all(re.fullmatch(r"[^?]*\?application=\d+", told) for told in addresses)
