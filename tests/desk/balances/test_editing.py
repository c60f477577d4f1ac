"""The group of a balance is set up at the desk; what cannot be is said, and what was typed kept."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client

from faza.accounts.models import User
from faza.metering.models import BalanceGroup, NetworkNode, UsagePoint
from tests.cabinet.factories import give_area, make_node, make_point, make_user
from tests.desk.balances.factories import form, make_group

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def top() -> NetworkNode:
    return make_node("TP", "ТП-1")


@pytest.fixture
def points(top) -> list[UsagePoint]:
    line = make_node("L", "Линия", parent=top)
    return [make_point("IN", node=top), *(make_point(f"OUT-{n}", node=line) for n in (1, 2))]


@pytest.fixture
def client(top) -> Client:
    user = make_user("operator@example.org", User.Role.OPERATOR)
    give_area(user, top)
    made = Client()
    made.force_login(user, backend=BACKEND)
    return made


def sides(points, *told: str) -> dict[str, str]:
    return {f"side-{point.pk}": side for point, side in zip(points, told, strict=True)}


def post(client, top, **told: str):
    return client.post(f"/desk/balances/{top.pk}/group/", form(**told))


def members() -> list[tuple[str, str, bool]]:
    rows = BalanceGroup.objects.get().members.order_by("pk")
    return [(row.usage_point.code, row.side, row.is_reversed) for row in rows]


def test_the_form_begins_as_the_network_stands(client, top, points):
    text = client.get(f"/desk/balances/{top.pk}/group/").content.decode()

    assert f'name="side-{points[0].pk}" value="in" checked' in text
    assert f'name="side-{points[1].pk}" value="out" checked' in text


def test_chosen_points_losses_and_settings_are_kept(client, top, points):
    answer = post(
        client, top, **sides(points, "in", "out", ""), **{f"reversed-{points[1].pk}": "on"},
        permitted="1.9", **{"loss-0-name": "Холостой ход", "loss-0-power": "1.25"},
    )  # fmt: skip

    assert answer.status_code == 302
    assert members() == [("IN", "in", False), ("OUT-1", "out", True)]
    group = BalanceGroup.objects.get()
    assert group.losses.get().power == 1_250
    assert (group.permitted, group.valid_from) == (
        Decimal("1.9"),
        datetime(2025, 12, 31, 21, tzinfo=UTC),
    )


def test_twelve_percents_of_the_months(client, top, points):
    percents = "2,1 " * 12
    loss = {"loss-0-name": "Линии", "loss-0-kind": "share", "loss-0-percents": percents}
    assert post(client, top, **sides(points, "in", "out", "out"), **loss).status_code == 302
    assert BalanceGroup.objects.get().losses.get().percents == ["2.1"] * 12

    text = client.get(f"/desk/balances/{top.pk}/group/").content.decode()
    assert percents.strip() in text


def test_points_are_told_by_codes_too(client, top, points):
    assert post(client, top, inward="IN", outward="OUT-1\nOUT-2").status_code == 302
    assert [code for code, _, _ in members()] == ["IN", "OUT-1", "OUT-2"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"inward": "IN"}, "Для баланса нужны точка на входе и точка на выходе."),
        ({"inward": "IN", "outward": "IN"}, "Точка может входить в баланс только один раз"),
        ({"inward": "IN", "outward": "NONE"}, "Нет точки с кодом NONE."),
        ({"inward": "IN", "outward": "ELSE"}, "Нет точки с кодом ELSE."),
        ({"inward": "IN", "outward": "WATER"}, "Нет точки с кодом WATER."),
        (
            {"inward": "IN", "outward": "OUT-1", "loss-0-name": "Х"},
            "Не указано, сколько теряется.",
        ),
        (
            {"inward": "IN", "outward": "OUT-1", "loss-0-name": "Х", "loss-0-kind": "share",
             "loss-0-percents": "1 2"},
            "Одно число или двенадцать",
        ),
        (
            {"inward": "IN", "outward": "OUT-1", "loss-0-name": "Х", "loss-0-kind": "share",
             "loss-0-percents": "NaN"},
            "Одно число или двенадцать",
        ),
        ({"inward": "IN", "outward": "OUT-1", "least_complete": "0"}, "больше либо равно 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_kept(client, top, points, told, said):
    make_point("ELSE", node=make_node("E", "Чужой"))
    make_point("WATER", node=top, resource=UsagePoint.Resource.WATER)
    answer = post(client, top, **told)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not BalanceGroup.objects.exists()


def test_nothing_is_set_behind_a_later_group(client, top, points):
    post(client, top, inward="IN", outward="OUT-1", valid_from="2026-05-01")
    answer = post(client, top, inward="IN", outward="OUT-2", valid_from="2026-04-01")

    assert answer.status_code == 422
    assert "Есть более поздняя редакция" in answer.content.decode()


def test_back_to_the_network_from_today_on(client, top, points):
    group = make_group(top, *points)
    answer = client.post(f"/desk/balances/{top.pk}/group/end/", follow=True)

    assert "С сегодняшнего дня баланс составляется по схеме сети." in answer.content.decode()
    group.refresh_from_db()
    assert group.valid_to is not None
    assert client.post(f"/desk/balances/{top.pk}/group/end/").status_code == 404


def test_the_history_of_the_place_tells_it_in_words(client, top, points):
    post(client, top, inward="IN", outward="OUT-1")
    text = client.get(f"/desk/nodes/{top.pk}/").content.decode()

    assert "Группа баланса задана" in text
    assert "точки на выходе" in text
