"""What pages of other resources, of phones and of long profiles say beside their numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from faza.cabinet import picture
from faza.cabinet.choice import Asked, Chosen, choose, recall
from faza.cabinet.picks import PICKS, first_of
from faza.core.reading_types import WATER
from tests.cabinet.factories import fill, make_agreement, make_meter, make_point, make_user
from tests.cabinet.reading import payload, words
from tests.cabinet.test_notices import publish

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 21, 6, tzinfo=UTC)
FIRST, END = date(2026, 2, 1), date(2026, 5, 21)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def owner():
    return make_user("a@example.org")


@pytest.fixture
def house(owner):
    """A point of electricity and one of water, a meter at each."""
    power, water = make_point("A", "Дом", phases=3), make_point("W", "Вода", resource="water")
    for number, point in enumerate((power, water), 1):
        make_meter(point, f"{number}00", due=date(2026, 6, 1))
    make_agreement("Д-1", [owner], [power, water])
    fill(power, FIRST, END, 500)
    fill(water, FIRST, END, 10, kind=WATER)
    return power, water


def test_water_has_no_phases_in_the_tree(enter, owner, house):
    told = words(enter(owner).get("/data/", {"points": "all"}))

    assert "№ 100 · 3 фазы" in told
    assert "№ 200" in told
    assert "№ 200 ·" not in told


def test_the_tile_counts_the_meters_of_all_resources(enter, owner, house):
    told = words(enter(owner).get("/", {"points": "all"}))

    assert "2 прибора учёта, 2 на связи" in told
    assert "2 прибора учёта, все на связи" in words(enter(owner).get("/meters/"))


def test_the_most_urgent_thing_stands_before_the_numbers(enter, owner, house):
    page = enter(owner).get("/", {"points": "all"}).content.decode()

    assert page.index("hm-urgent") < page.index('class="card hero"')
    urgent = page[page.index("hm-urgent") : page.index('class="card hero"')]
    assert "поверка" in urgent


def test_news_that_the_bell_counts_are_told_beside_the_notices(enter, owner, house):
    publish("Новость")

    assert "Непрочитанная новость: 1" in words(enter(owner).get("/notices/"))


class TestFirstPoints:
    @pytest.fixture
    def many(self, owner):
        points = [make_point(f"P{n:02}", f"Ввод {n:02}") for n in range(PICKS + 3)]
        make_agreement("Д-2", [owner], points)
        return points

    def test_all_points_know_the_first_ones_themselves(
        self, owner, many, django_assert_num_queries
    ):
        every = choose(owner, Asked(everything=True), at=NOW)
        asked = first_of(owner, Chosen(Asked()), at=NOW)

        assert every.is_all
        with django_assert_num_queries(0):
            assert first_of(owner, every, at=NOW) == asked

    def test_a_part_of_them_does_not(self, owner, many):
        some = choose(owner, Asked(codes=("P00",), everything=True), at=NOW)

        assert not some.is_all
        assert [code for code, _, _ in first_of(owner, some, at=NOW)][0] == "P00"

    def test_thousands_are_all_in_an_address_and_not_their_codes(self, owner, many, monkeypatch):
        monkeypatch.setattr("faza.cabinet.choice.MOST", 5)

        found = recall(owner, "", at=NOW, most=100)

        assert found.asked == Asked(everything=True)
        assert len(found.points) == PICKS + 3


class TestMainPoint:
    """Which point a page of one point shows before anything was chosen."""

    @pytest.fixture
    def homestead(self, owner):
        points = [
            make_point("B", "Баня", max_power=5_000),
            make_point("W", "Вода", resource="water", max_power=20_000),
            make_point("H", "Дом", phases=3, max_power=15_000),
            make_point("S", "Мастерская", phases=3, max_power=10_000),
        ]
        make_agreement("Д-1", [owner], points)

    def test_is_the_electric_one_of_the_greatest_permitted_power(
        self, owner, homestead, django_assert_num_queries
    ):
        with django_assert_num_queries(1):
            found = recall(owner, "", at=NOW)

        assert found.codes == ("H",)
        assert not found.is_all

    def test_of_unknown_power_the_one_of_more_phases_then_the_first_by_place(self, owner):
        points = [make_point(code, code, phases=1 + 2 * (code in "CD")) for code in "ABCD"]
        make_agreement("Д-1", [owner], points)

        assert recall(owner, "", at=NOW).codes == ("C",)

    def test_the_last_choice_stands_before_it(self, owner, homestead):
        assert recall(owner, "point=B", at=NOW).codes == ("B",)

    def test_where_a_page_shows_several_there_is_none(self, owner, homestead):
        assert recall(owner, "", at=NOW, most=4).codes == ("B", "W", "H", "S")

    def test_among_more_than_a_page_adds_up_it_is_the_first_by_place(
        self, owner, homestead, monkeypatch
    ):
        monkeypatch.setattr("faza.cabinet.choice.MOST", 3)

        assert recall(owner, "", at=NOW).codes == ("B",)


class TestPacked:
    def test_even_moments_are_told_by_their_distance(self):
        starts = np.arange(5) * 1800 + 100

        assert picture._even(starts) == {"from": 100_000, "step": 1_800_000, "count": 5}

    def test_others_are_told_one_by_one(self):
        assert picture._even(np.array([0, 1800, 5400])) == [0, 1_800_000, 5_400_000]
        assert picture._even(np.array([7])) == [7000]

    def test_states_are_told_as_runs(self):
        assert picture._runs(np.array([0, 0, 1, 3, 3, 3])) == {"runs": [[0, 2], [1, 1], [3, 3]]}

    def test_a_long_profile_comes_packed_and_a_short_one_plain(self, enter, owner, house):
        client = enter(owner)
        asked = {"point": "A", "by": "interval", "period": "any"}
        days = {"from": "2026-02-01", "to": "2026-05-20"}
        long = payload(client.get("/data/", {**asked, **days}), "profile")["series"][0]
        short = payload(
            client.get("/data/", {**asked, "from": "2026-05-19", "to": "2026-05-20"}), "profile"
        )["series"][0]

        count = (date(2026, 5, 21) - date(2026, 2, 1)) // timedelta(days=1) * 48
        assert long["start"]["count"] == len(long["value"]) == count
        assert "quality" not in long  # all of it is measured
        assert len(short["start"]) == len(short["value"]) == 96
