"""Exceptions at the desk: the list by rule, the evidence, each decision and taking it back."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.collection.models import Command
from faza.core.quality import Quality, is_estimated
from faza.readings.models import Finding
from tests.cabinet.factories import make_user
from tests.cabinet.test_query_counts import counted
from tests.desk.exceptions.factories import DAY, GAP, SPIKE, TALL, key, make_place, state
from tests.desk.polling import factories as polled
from tests.desk.requests.factories import signed_in
from tests.readings.vee import world
from tests.readings.vee.world import AT, cells

pytestmark = pytest.mark.django_db
State = Finding.State
AT_LIST = "/desk/exceptions/"
STEP = 10
"""Wh of the register's last digit."""


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: AT)


@pytest.fixture
def place():
    return make_place()


@pytest.fixture
def desk(place) -> Client:
    return signed_in(place.operator)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    body = b"".join(answer) if answer.streaming else answer.content
    return unescape(body.decode())


def at(rule: str, **more: str) -> str:
    told = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{AT_LIST}?f={key(rule).text}{told}"


def decide(client: Client, rule: str, deed: str, **body: object):
    return client.post(f"{AT_LIST}{key(rule).text}/{deed}/", body)


class TestList:
    def test_findings_stand_by_rule_and_are_counted_in_the_menu(self, desk):
        said = page(desk, AT_LIST)
        assert "<b>4 исключения</b>" in said
        assert said.index("V01") < said.index("V05")
        assert "Пропуск" in said

    def test_what_is_late_is_told_by_the_term_of_the_settings(self, desk, settings, monkeypatch):
        assert "просрочено" not in page(desk, AT_LIST)
        settings.EXCEPTION_HOURS = 1
        monkeypatch.setattr(timezone, "now", lambda: AT + timedelta(hours=2))
        assert "4 просрочено" in page(desk, AT_LIST)
        assert "Срок — 1" in page(desk, AT_LIST)

    def test_filters(self, desk):
        for query, count in (
            ("rule=V01", 1), ("channel=1", 4), ("channel=3", 0), ("age=week", 0), ("q=P1", 4),
            ("q=нет такой", 0), ("state=gone", 0), ("state=all", 4), ("rule=V99", 4),
        ):  # fmt: skip
            said = page(desk, f"{AT_LIST}?{query}")
            assert said.count('class="vee-i"') == count, query
            table = page(desk, f"{AT_LIST}all/?{query}&export=csv")
            assert len(table.splitlines()) == count + 1, query

    def test_a_part_of_the_network(self, desk, place):
        node = place.point.node
        assert page(desk, f"{AT_LIST}?node={node.pk}").count('class="vee-i"') == 4
        other = world.NetworkNode.objects.create(
            code="M", name="Другая", kind="building", path="0000000077/"
        )
        # Out of reach it is no choice, and narrows nothing.
        assert page(desk, f"{AT_LIST}?node={other.pk}").count('class="vee-i"') == 4

    def test_the_file_says_what_was_compared_and_is_in_the_trail(self, desk):
        said = page(desk, f"{AT_LIST}all/?export=csv&rule=V05")
        assert "90 000" in said.replace("\xa0", " ") or "90,000" in said
        assert Entry.objects.filter(action="desk.list.exported").exists()
        assert page_of_xlsx(desk).startswith(b"PK")

    def test_of_a_rule_with_many_some_are_shown_and_the_others_by_pages(self, desk, place):
        found = key("V01")
        for n in range(1, 60):
            Finding.objects.create(
                usage_point_id=place.point.pk, reading_type=1, rule="V01",
                start=AT - timedelta(days=3, minutes=30 * n),
                end=AT - timedelta(days=3, minutes=30 * n - 30), effect=0, found_at=AT,
            )  # fmt: skip
        said = page(desk, f"{AT_LIST}?f={found.text}")
        assert "ещё 55" in said
        assert page(desk, f"{AT_LIST}?rule=V01").count('class="vee-i"') == 50
        assert page(desk, f"{AT_LIST}?rule=V01&page=2").count('class="vee-i"') == 10
        assert page(desk, f"{AT_LIST}?rule=V01&page=999").count('class="vee-i"') == 10


def page_of_xlsx(client: Client) -> bytes:
    answer = client.get(f"{AT_LIST}all/?export=xlsx")
    return b"".join(answer)


class TestEvidence:
    def test_numbers_by_name_with_units(self, desk):
        said = page(desk, at("V05"))
        assert "наибольшее значение" in said
        assert "90,000 кВт·ч" in said.replace("\xa0", " ")

    def test_what_each_method_gives_and_what_changes(self, desk):
        said = page(desk, at("V01"))
        assert "По порядку доверия" in said
        assert "Похожие дни" in said
        assert "Что изменится" in said
        assert said.count('class="in"') == len(GAP)

    def test_before_and_after_are_drawn_and_tabled(self, desk):
        answer = desk.get(at("V05", do="estimate"))
        before, after = answer.context["before"], answer.context["after"]
        assert before["values"][SPIKE] == TALL / 1000
        assert before["kinds"][SPIKE] == 1
        assert before["values"][GAP[0]] is None
        assert after["values"][SPIKE] < 1
        assert after["span"] == [SPIKE, SPIKE]
        assert after["low"][SPIKE] is not None
        # V04 rejects it too, and would go on doing so.
        accepted = desk.get(at("V05", do="accept")).context["after"]
        assert accepted["values"][SPIKE] < 1
        decide(desk, "V04", "accept")
        accepted = desk.get(at("V05", do="accept")).context["after"]
        assert accepted["values"][SPIKE] == TALL / 1000

    def test_the_sum_after_an_estimate_is_the_registers(self, desk, place):
        answer = desk.get(at("V05", do="estimate", method="interpolation"))
        (day,) = answer.context["found"].days
        assert abs(int(day.then * 1000) - int(place.values[DAY].sum())) <= STEP

    def test_every_finding_at_every_length(self, desk):
        for rule in ("V01", "V04", "V05", "V07"):
            for span in ("day", "days", "week", "x"):
                page(desk, at(rule, span=span))
            for deed in ("accept", "edit", "estimate", "read", "x"):
                page(desk, at(rule, do=deed))

    def test_a_finding_of_the_whole_point_has_no_picture(self, desk, place):
        Finding.objects.create(
            usage_point_id=place.point.pk, reading_type=0, rule="V17", start=AT - timedelta(days=2),
            end=AT - timedelta(days=1), effect=1, found_at=AT, numbers={"event": "5-1"},
        )  # fmt: skip
        assert "относится к точке целиком" in page(desk, at("V17"))


class TestDeeds:
    def test_accepted_is_as_it_came_and_can_be_taken_back(self, desk, place):
        _, quality = cells(place.point.pk)
        assert is_estimated(quality[DAY, SPIKE])
        for rule in ("V04", "V05"):
            answer = decide(desk, rule, "accept", reason="Сварка")
            assert state(key(rule)) == State.ACCEPTED
        values, quality = cells(place.point.pk)
        assert values[DAY, SPIKE] == TALL
        assert quality[DAY, SPIKE] == Quality.VALID
        assert "принято как есть" in page(desk, answer["Location"])

        decide(desk, "V05", "undo")
        decide(desk, "V04", "undo")
        values, quality = cells(place.point.pk)
        assert is_estimated(quality[DAY, SPIKE])
        assert state(key("V05")) == State.OPEN

    def test_an_estimate_is_put_and_the_finding_waits_no_more(self, desk, place):
        decide(desk, "V01", "estimate", method="interpolation", filters="rule=V01")
        assert state(key("V01")) == State.DECIDED
        world.work()
        assert state(key("V01")) == State.DECIDED
        values, quality = cells(place.point.pk)
        assert abs(values[DAY].sum() - place.values[DAY].sum()) <= STEP
        decide(desk, "V01", "undo")
        assert state(key("V01")) == State.OPEN

    def test_typed_values_stand_with_their_reason(self, desk, place):
        decide(desk, "V01", "edit", value=["0,1", "", "0.3"], reason="По журналу дежурного")
        values, quality = cells(place.point.pk)
        assert values[DAY, GAP[0]] == 100
        assert values[DAY, GAP[2]] == 300
        assert quality[DAY, GAP[0]] == Quality.EDITED
        assert quality[DAY, GAP[1]] != Quality.EDITED
        entry = Entry.objects.get(action="readings.override.made")
        assert entry.after["reason"] == "По журналу дежурного"
        assert "По журналу дежурного" in page(desk, at("V01"))
        decide(desk, "V01", "undo")
        assert cells(place.point.pk)[1][DAY, GAP[0]] != Quality.EDITED

    def test_what_cannot_be_put_is_told_and_kept_in_the_fields(self, desk):
        for values, reason, told in (
            (["1", "2", "3"], "", "нужна причина"),
            (["", "", ""], "да", "хотя бы одно"),
            (["-1", "", ""], "да", "не энергия"),
            (["x", "2", "3"], "да", "не энергия"),
            (["1e99", "", ""], "да", "не энергия"),
            (["0,0001", "", ""], "да", "трёх знаков"),
            (["1", "2"], "да", "Интервалы теперь другие"),
        ):
            answer = decide(desk, "V01", "edit", value=values, reason=reason)
            assert answer.status_code == 422
            said = unescape(answer.content.decode())
            assert told in said
            if len(values) == len(GAP) and values[0]:
                assert f'value="{values[0]}"' in said
        assert state(key("V01")) == State.OPEN

    def test_who_was_slower_is_told_so(self, desk):
        decide(desk, "V01", "accept")
        answer = decide(desk, "V01", "estimate", method="auto")
        assert "уже принято" in page(desk, answer["Location"])
        answer = desk.post(f"{AT_LIST}{key('V05').text}/undo/")
        assert "решения нет" in page(desk, answer["Location"])

    def test_the_meter_is_asked_once_more(self, desk, place):
        assert "сама не опрашивает" in page(desk, at("V01"))
        polled.make_device(place.complex.meter)
        assert "профиль запрашивается" in page(desk, at("V01", do="read"))
        for _ in range(2):
            decide(desk, "V01", "read")
        assert Command.objects.count() == 1
        assert state(key("V01")) == State.OPEN

    def test_after_a_decision_the_next_one_of_the_list_is_shown(self, desk):
        answer = decide(desk, "V01", "accept", following=key("V05").text, filters="channel=1&x=1")
        expected = f"channel=1&f={key('V05').text}&done={key('V01').text}"
        assert answer["Location"] == f"{AT_LIST}?{expected}"
        assert "Отменить решение" in page(desk, answer["Location"])

    def test_what_is_no_finding_is_not_there(self, desk):
        for wrong in ("x", "1-1-V05-9", "9-1-V05-1", "1-1-V05-99999999999", "1-1-v05-1", "1-1-1-1",
                      "9" * 30 + "-1-V05-1", "1-99999-V05-1", "²-1-V05-1"):  # fmt: skip
            page(desk, f"{AT_LIST}?f={wrong}", 404)
            for deed in ("accept", "estimate", "edit", "read", "undo"):
                body = {"method": "auto", "value": "1"}
                assert desk.post(f"{AT_LIST}{wrong}/{deed}/", body).status_code == 404
        assert decide(desk, "V05", "estimate", method="magic").status_code == 404

    def test_the_auditor_reads_and_decides_nothing(self, place):
        auditor = signed_in(make_user("auditor@example.org", User.Role.AUDITOR))
        said = page(auditor, at("V05"))
        assert 'id="decide"' not in said
        assert decide(auditor, "V05", "accept").status_code == 403

    def test_another_area_does_not_find_it(self, place):
        other = signed_in(make_user("other@example.org", User.Role.OPERATOR))
        page(other, at("V05"), 404)
        assert decide(other, "V05", "accept").status_code == 404
        assert "Решения ничто не ждёт" in page(other, AT_LIST)


class TestMany:
    def test_first_it_is_said_and_then_done(self, desk, place):
        chosen = [key("V01").text, key("V05").text]
        answer = desk.post(f"{AT_LIST}estimate/", {"chosen": chosen})
        said = unescape(answer.content.decode())
        assert "Пропуск · P1" in said
        assert state(key("V01")) == State.OPEN
        body = {"chosen": ",".join(chosen), "sure": "1", "method": "like-days", "reason": "Разом"}
        answer = desk.post(f"{AT_LIST}estimate/", body)
        assert "Решено: 2 исключения" in page(desk, answer["Location"])
        assert {state(key(rule)) for rule in ("V01", "V05")} == {State.DECIDED}

    def test_all_that_the_filters_find(self, desk):
        answer = desk.post(f"{AT_LIST}accept/", {"all": "1", "filters": "rule=V01"})
        assert answer.context["passing"] == ["V01 Пропуск · P1 · 22.03.2026 15:00 – 16:30"]
        hidden = dict(answer.context["hidden"])
        desk.post(f"{AT_LIST}accept/", {**hidden, "sure": "1"})
        assert state(key("V01")) == State.ACCEPTED
        assert state(key("V05")) == State.OPEN

    def test_what_is_decided_or_out_of_reach_stays(self, desk):
        decide(desk, "V01", "accept")
        answer = desk.post(f"{AT_LIST}accept/", {"chosen": [key("V01").text, "9-1-V01-1", "\0"]})
        assert answer.context["passing"] == []
        assert len(answer.context["staying"]) == 1
        other = signed_in(make_user("other@example.org", User.Role.OPERATOR))
        answer = other.post(f"{AT_LIST}accept/", {"chosen": [key("V05").text], "sure": "1"})
        assert state(key("V05")) == State.OPEN


def test_the_pages_ask_as_often_for_many_as_for_one(desk, place):
    gap, spike = at("V01"), at("V05", span="week")
    addresses = (AT_LIST, gap, spike, f"{AT_LIST}all/", f"{AT_LIST}rules/")
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
    for n in range(1, 40):
        Finding.objects.create(
            usage_point_id=place.point.pk, reading_type=1, rule=f"V{n % 18 + 1:02d}",
            start=AT - timedelta(days=3, minutes=30 * n),
            end=AT - timedelta(days=3, minutes=30 * n - 30), effect=0, found_at=AT,
        )  # fmt: skip
    many = questions()
    assert np.abs(np.array(many) - np.array(few)).max() == 0, (few, many)
