"""The pages of balances: what they say of known numbers, to whom, by how many questions."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.desk.balances import asked, listing
from faza.metering.models import NetworkNode
from tests.cabinet.factories import (
    deliver,
    give_area,
    make_meter,
    make_node,
    make_point,
    make_user,
)
from tests.desk.balances.factories import make_group

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DAY = date(2026, 3, 18)
MIDNIGHT = datetime(2026, 3, 17, 21, tzinfo=UTC)
"""At which the day begins in Moscow."""


@pytest.fixture
def top() -> NetworkNode:
    return make_node("TP", "ТП-1")


@pytest.fixture
def line(top: NetworkNode) -> NetworkNode:
    return make_node("L", "Линия", parent=top)


@pytest.fixture
def operator(top: NetworkNode) -> User:
    user = make_user("operator@example.org", User.Role.OPERATOR)
    give_area(user, top)
    return user


@pytest.fixture
def client(operator: User) -> Client:
    made = Client()
    made.force_login(operator, backend=BACKEND)
    return made


def measured(code: str, node: NetworkNode, wh: int, *, days: int = 1, factors=None):
    """A point with a meter, and half-hours of so many Wh in the days up to DAY."""
    point = make_point(code, f"Точка {code}", node=node)
    make_meter(point, code)
    values = np.full(48 * days, wh, np.int64)
    if factors is not None:
        values = np.rint(values * np.repeat(factors, 48)).astype(np.int64)
    deliver(point, MIDNIGHT - timedelta(days=days - 1), values)
    return point


@pytest.fixture
def grid(top, line):
    """1,000 Wh come in each half-hour, 950 go out by two points: an imbalance of 5 %."""
    return (
        measured("IN", top, 1000),
        measured("OUT-1", line, 600),
        measured("OUT-2", line, 350),
    )


def shown(client: Client, node: NetworkNode, **query: str) -> str:
    answer = client.get(f"/desk/balances/{node.pk}/", {"day": DAY.isoformat()} | query)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def plain(text: str) -> str:
    """The words of a page, its narrow spaces made plain."""
    body = text.partition("<main")[2].partition("</main")[0]
    words = re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", " ", body, flags=re.S))
    return re.sub(r"\s+", " ", words.replace("\u202f", "").replace("\u00a0", " "))


class TestOnePlace:
    def test_the_sum_and_its_judgement(self, client, top, grid):
        text = shown(client, top)

        assert "поступило 48 кВт·ч, отпущено 46 кВт·ч" in text
        assert "Небаланс 2 кВт·ч — 5,00 % при допустимых ±1," in text
        assert "Расчётные потери не заданы: они входят в небаланс." in text

    def test_with_the_losses_of_its_group_it_is_within(self, client, top, grid):
        make_group(top, *grid, percent="4.8")
        text = shown(client, top)

        assert "потери по расчёту 2 кВт·ч" in text
        assert "Небаланс 0 кВт·ч — 0,20 %" in text
        assert "ред. 1 с 01.01.2020" in text
        assert "подряд выше" not in text

    def test_a_missing_point_is_named_and_nothing_is_judged(self, client, top, line, grid):
        make_point("OUT-3", "Точка без данных", node=line)
        text = shown(client, top)

        assert "Нет ни одного часа, который известен по всем точкам." in text
        assert "Не хватает данных: Точка без данных." in text

    def test_a_month_counts_the_days_that_are_there(self, client, top, grid):
        text = shown(client, top, span="month", by="month")

        assert "01.03.2026 – 31.03.2026: поступило 48 кВт·ч" in text
        assert "Небаланс не оценивается: данных слишком мало." in text

    def test_hours_are_drawn_of_few_days_only(self, client, top, grid):
        assert "18.03.2026 23:00" in shown(client, top, by="hour")
        assert "18.03.2026 23:00" not in shown(client, top, span="month", by="hour")

    def test_any_days(self, client, top, grid):
        text = shown(client, top, **{"span": "any", "from": "2026-03-16"})
        assert "16.03.2026 – 18.03.2026: поступило 48 кВт·ч" in text

    @pytest.mark.parametrize(
        "query",
        [{"day": "nonsense"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"span": "x"},
         {"by": "x"}, {"order": "x"}, {"span": "any", "from": "x"}, {"day": "1901-01-01"}],
    )  # fmt: skip
    def test_nonsense_in_the_address_is_as_nothing(self, client, top, grid, query):
        assert client.get(f"/desk/balances/{top.pk}/", query).status_code == 200

    def test_a_place_without_a_balance_says_what_to_do(self, client, line, grid):
        assert "Баланс этого узла не составляется" in shown(client, line)

    def test_the_line_that_falls_is_first_and_said(self, client, top, line):
        days = 28
        falls = np.where(np.arange(days) < days - 5, 1.0, 0.7)
        week = 1 + 0.1 * np.sin(np.arange(days))
        measured("IN", top, 20_000, days=days, factors=week)
        measured("A", line, 9_950, days=days, factors=week)
        measured("B", line, 9_950, days=days, factors=week * falls)
        text = shown(client, top)

        assert "5 дней подряд выше допустимого." in text
        assert "С 14.03 доля «Точка B» падает" in text
        assert text.index("Точка B Линия") < text.index("Точка A Линия")
        asked_for = shown(client, top, order="tree")
        assert asked_for.index("Точка A Линия") < asked_for.index("Точка B Линия")

    def test_a_file_has_the_days_and_the_points_and_is_noted(self, client, top, grid):
        answer = client.get(f"/desk/balances/{top.pk}/?day={DAY}&export=csv")
        text = b"".join(answer.streaming_content).decode()

        assert "18.03.2026;48;45,6;0;2,4;5,0;" in text
        assert "Точка OUT-1;на выходе;28,8;0;100,0" in text
        assert Entry.objects.get(action="desk.list.exported").after["list"] == "balances"


class TestList:
    def test_the_worst_is_first(self, client, top, line, grid):
        better = make_node("TP-2", "ТП-2", parent=top)
        measured("IN-2", better, 1000)
        measured("OUT-21", make_node("L2", "Линия 2", parent=better), 990)
        text = self.rows(client)

        table = text.partition("Полнота")[2]
        assert table.index("ТП-1") < table.index("ТП-2")
        assert "у 1 узла небаланс выше допустимого" in text
        assert "из 2 оценённых" in text

    def rows(self, client, **query) -> str:
        return plain(client.get("/desk/balances/", {"day": str(DAY)} | query).content.decode())

    def test_a_part_of_the_network_narrows_it(self, client, top, line, grid):
        assert "ТП-1" in self.rows(client, node=str(top.pk))
        assert "Здесь не из чего составить баланс" in self.rows(client, node=str(line.pk))

    def test_of_too_many_points_the_rest_is_told(self, client, top, grid, monkeypatch):
        monkeypatch.setattr(listing, "MOST", 2)
        assert "Ещё 1 узел здесь не посчитан" in self.rows(client)

    def test_a_file_of_it(self, client, top, grid):
        answer = client.get(f"/desk/balances/?day={DAY}&export=csv")
        text = b"".join(answer.streaming_content).decode()
        assert "ТП-1;;48;45,6;0;2,4;5,0;" in text


class TestReach:
    """A balance with a point of another area tells nothing of it, to who works in one of them."""

    @pytest.fixture
    def foreign(self, top, grid):
        other = measured("SECRET", make_node("ELSE", "Чужой узел"), 7777)
        make_group(top, grid[0], grid[1], other)
        return other

    def test_nothing_is_reckoned_and_nothing_named(self, client, top, foreign):
        answer = client.get(f"/desk/balances/{top.pk}/", {"day": str(DAY)}).content.decode()

        assert "1 точка этого баланса стоит на другом участке" in plain(answer)
        assert "SECRET" not in answer
        assert "Чужой" not in answer
        assert "373" not in answer  # its kWh of the day
        file = client.get(f"/desk/balances/{top.pk}/?day={DAY}&export=csv")
        assert "SECRET" not in b"".join(file.streaming_content).decode()

    def test_who_does_not_see_it_does_not_change_the_group(self, client, top, foreign):
        assert client.get(f"/desk/balances/{top.pk}/group/").status_code == 404
        assert client.post(f"/desk/balances/{top.pk}/group/end/").status_code == 404

    def test_who_sees_all_sees_it_whole(self, top, foreign):
        client = Client()
        admin = make_user("a@example.org", User.Role.ADMINISTRATOR)
        client.force_login(admin, backend=BACKEND)

        assert "Точка SECRET" in shown(client, top)

    def test_a_subscription_of_ones_own_opens_no_other_area(self, client, operator, top, foreign):
        from tests.cabinet.factories import make_agreement

        make_agreement("Д-1", [operator], [foreign])
        text = client.get(f"/desk/balances/{top.pk}/", {"day": str(DAY)}).content.decode()
        assert "SECRET" not in text


class TestQuestions:
    def count(self, client: Client, address: str) -> int:
        from django.db import connection

        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    @pytest.mark.parametrize(
        ("query", "most"), [("", 45), ("&span=month", 45), ("&span=month&by=month", 55)]
    )
    def test_they_do_not_grow_with_points(self, client, top, line, grid, query, most):
        address = f"/desk/balances/{top.pk}/?day={DAY}{query}"
        self.count(client, address)  # what is cached once
        few = self.count(client, address)
        for n in range(6):
            measured(f"MORE-{n}", line, 10)

        assert self.count(client, address) == few <= most

    def test_of_the_list_they_do_not_grow_with_places(self, client, top, line, grid):
        address = f"/desk/balances/?day={DAY}"
        self.count(client, address)
        few = self.count(client, address)
        for n in range(4):
            node = make_node(f"TP-{n}", f"ТП {n}", parent=top)
            measured(f"I-{n}", node, 100)
            measured(f"O-{n}", make_node(f"L-{n}", "Линия", parent=node), 90)

        # Hours are asked for beside days where a place is not whole: the upper one is not now.
        assert self.count(client, address) <= few + 10 <= 55


def test_a_period_moves_by_its_own_length():
    month = asked.Asked("month", date(2026, 1, 1), date(2026, 1, 31))
    assert month.moved(1).last == date(2026, 2, 28)
    assert month.moved(-1).first == date(2025, 12, 1)
    any_days = asked.Asked("any", date(2026, 1, 1), date(2026, 1, 10))
    assert any_days.moved(1).first == date(2026, 1, 11)
