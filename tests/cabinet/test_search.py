"""The search of the cabinet: what a text finds, for whom, and in which shape."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from faza.accounts.models import User
from tests.cabinet.factories import make_agreement, make_meter, make_point, make_user
from tests.cabinet.reading import words

pytestmark = pytest.mark.django_db
SOLD = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def home():
    user = make_user("kovaleva@example.org", name="Ковалёва М. С.")
    house = make_point("501", "Дом", address="ул. Садовая, 14")
    make_meter(house, "47183206")
    make_agreement("77-0001234", [user], [house])
    return user


def asked(client, text: str, **headers) -> str:
    return words(client.get(reverse("cabinet:search"), {"q": text}, headers=headers))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("садов", "Точки учёта Дом ул. Садовая, 14"),
        ("ДОМ", "Точки учёта Дом"),
        ("501", "Точки учёта Дом"),
        ("4718", "Приборы учёта № 47183206 ЭМ-1, Дом"),
        ("0001234", "Договоры 77-0001234"),
        ("журнал", "Разделы Журнал событий Учёт"),
    ],
)
def test_it_finds_points_meters_agreements_and_sections(home, enter, text, found):
    assert found in asked(enter(home), text)


def test_what_is_not_there_is_said(home, enter):
    client = enter(home)
    assert "По запросу «шшш» ничего не найдено." in asked(client, "шшш")
    assert "Введите хотя бы две буквы." in asked(client, "д")
    assert "Что вы ищете?" in asked(client, "  ")


def test_the_part_is_a_list_and_no_page(home, enter):
    response = enter(home).get(
        reverse("cabinet:search"), {"q": "дом"}, headers={"HX-Request": "true"}
    )
    text = response.content.decode()
    assert "<html" not in text
    assert f"{reverse('cabinet:explorer')}?point=501" in text
    assert "HX-Request" in response["Vary"]
    assert "no-store" in response["Cache-Control"]


def test_every_page_has_the_field(home, enter):
    text = enter(home).get(reverse("cabinet:events")).content.decode()
    assert f'action="{reverse("cabinet:search")}"' in text


def test_nobody_finds_what_is_not_theirs(home, enter):
    stranger = make_user("stranger@example.org")
    make_agreement("77-9", [stranger], [make_point("S", "Чужая")])
    client = enter(stranger)
    for text in ("садов", "501", "4718", "0001234"):
        assert "ничего не найдено" in asked(client, text)


def test_a_former_owner_finds_the_point_but_not_the_meter_of_now(enter):
    flat = make_point("F", "Квартира 7")
    make_meter(flat, "998877")
    former = make_user("former@example.org")
    make_agreement("Д-1", [former], [flat], end=SOLD)
    client = enter(former)

    assert "Квартира 7" in asked(client, "квартира")
    assert "ничего не найдено" in asked(client, "9988")


def test_signs_are_no_expressions_and_no_markup(home, enter):
    client = enter(home)
    for text in (".*", "((", "[[", "~~", "%%", "<b>x</b>"):
        assert "ничего не найдено" in asked(client, text)
    response = client.get(reverse("cabinet:search"), {"q": "<b>x</b>"})
    assert "<b>x</b>" not in response.content.decode()


def test_many_hits_are_cut_and_said_so(enter):
    user = make_user("many@example.org")
    make_agreement("Д-1", [user], [make_point(f"P{n}", f"Подъезд {n}") for n in range(9)])
    text = asked(enter(user), "подъезд")

    assert "Найдено больше: уточните запрос." in text
    assert text.count("Подъезд ") == 6


def test_staff_find_by_their_part_of_the_network(home, enter):
    admin = make_user("admin@example.org", User.Role.ADMINISTRATOR)
    assert "Дом ул. Садовая, 14" in asked(enter(admin), "садов")


def test_it_asks_as_often_whatever_there_is(home, enter, django_assert_max_num_queries):
    client = enter(home)
    asked(client, "дом")
    with django_assert_max_num_queries(6):
        asked(client, "дом", **{"HX-Request": "true"})
