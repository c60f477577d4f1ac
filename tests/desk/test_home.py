"""The summary and the search: what an operator of a part of the network sees of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.core.periods import start_of_day
from faza.desk.board import board
from tests.cabinet.factories import (
    deliver,
    fill,
    give_area,
    make_agreement,
    make_meter,
    make_node,
    make_point,
    make_user,
)

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def operator():
    user = make_user("o@example.org", User.Role.OPERATOR)
    give_area(user, make_node())
    return user


class TestBoard:
    def test_each_point_of_an_area_is_complete_in_part_or_silent(self, operator):
        now = timezone.now()
        today = now.date()
        east = make_node("E", "Восток", make_node())
        west = make_node("W", "Запад", make_node())
        full = make_point("P1", node=east)
        make_point("P2", node=east)
        make_point("P3", node=west)
        fill(full, today - timedelta(days=3), today + timedelta(days=1))

        told = board(operator, at=now)

        assert [(a.name, a.points, a.complete, a.partial, a.silent) for a in told.areas] == [
            ("Восток", 2, 1, 0, 1),
            ("Запад", 1, 0, 0, 1),
        ]
        assert (told.whole.points, told.whole.complete, told.whole.silent) == (3, 1, 2)
        assert told.behind.name == "Запад"

    def test_points_at_the_area_itself_are_counted_too(self, operator):
        make_node("E", "Восток", make_node())
        make_node("W", "Запад", make_node())
        make_point("P1", node=make_node())

        assert board(operator, at=timezone.now()).whole.points == 1

    def test_who_fell_silent_first_stands_first(self, operator):
        today = timezone.localdate()
        for code, days in (("OLD", 9), ("NEW", 4), ("FINE", -1)):
            point = make_point(code)
            fill(point, today - timedelta(days=20), today - timedelta(days=days))
        make_point("NEVER")
        back = make_point("BACK")
        deliver(back, start_of_day(today, "Europe/Moscow"), [100])

        told = board(operator, at=start_of_day(today, "Europe/Moscow") + timedelta(hours=12))

        assert [one.code for one in told.silent] == ["OLD", "NEW"]
        assert told.more_silent == 2  # NEVER, and BACK whose yesterday is empty

    def test_water_is_not_missing_electricity(self, operator):
        make_point("W1", resource="water")

        told = board(operator, at=timezone.now())

        assert told.whole.points == 0
        assert told.more_silent == 0

    def test_silent_points_beyond_those_looked_at_are_counted_too(self, operator, monkeypatch):
        monkeypatch.setattr("faza.desk.board.LOOKED_AT", 2)
        for number in range(5):
            make_point(f"P{number}")

        assert board(operator, at=timezone.now()).more_silent == 5

    def test_a_verification_is_told_before_it_ends(self, operator):
        now = timezone.now()
        for number, days in ((1, -1), (2, 30), (3, 900)):
            point = make_point(f"P{number}")
            make_meter(point, f"N{number}", due=now.date() + timedelta(days=days))

        told = board(operator, at=now)

        assert (told.expired, told.soon) == (1, 1)

    def test_without_areas_nothing_is_told_as_zero_percent(self):
        nobody = make_user("n@example.org", User.Role.OPERATOR)

        told = board(nobody, at=timezone.now())

        assert told.whole.share is None
        assert "нет точек учёта" in signed_in(nobody).get("/desk/").content.decode()

    def test_more_points_ask_no_more_questions(self, operator, django_assert_max_num_queries):
        client = signed_in(operator)
        for number in range(3):
            make_point(f"P{number}")
        client.get("/desk/")
        with django_assert_max_num_queries(25) as few:
            client.get("/desk/")
        for number in range(3, 30):
            make_point(f"P{number}")
        with django_assert_max_num_queries(25) as many:
            client.get("/desk/")

        assert len(few) == len(many)


class TestSearch:
    def test_each_kind_is_found_by_its_words(self, operator):
        reader = make_user("reader@example.org", name="Гринько Валентина")
        point = make_point("P1", "Садовая, 27")
        make_meter(point, "38114902")
        make_agreement("40-071-288", [reader], [point])
        client = signed_in(operator)

        for text, words in {
            "Садовая": "Садовая, 27",
            "3811": "№ 38114902",
            "071": "40-071-288",
            "Гринько": "reader@example.org",
        }.items():
            assert words in client.get("/desk/search/", {"q": text}).content.decode(), text

    def test_what_is_elsewhere_is_not_found(self, operator):
        make_point("T1", "Садовая, 27", node=make_node("THERE", "Там"))

        page = signed_in(operator).get("/desk/search/", {"q": "Садовая"}).content.decode()

        assert "ничего не нашлось" in page

    def test_words_are_not_markup(self, operator):
        page = (
            signed_in(operator).get("/desk/search/", {"q": "<script>x</script>"}).content.decode()
        )

        assert "<script>x" not in page
