from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.metering import rules


class TestZones:
    @pytest.mark.parametrize("name", ["Europe/Moscow", "Asia/Kamchatka", "UTC"])
    def test_names_of_the_database_are_zones(self, name):
        assert rules.is_zone(name)

    @pytest.mark.parametrize("name", ["", "Moscow", "../etc/passwd", "/etc/passwd", "Europe"])
    def test_other_names_are_not(self, name):
        assert not rules.is_zone(name)


class TestVerificationDue:
    def test_it_is_the_same_day_of_the_last_month(self):
        assert rules.verification_due(date(2020, 3, 15), 192) == date(2036, 3, 15)

    def test_a_shorter_month_gives_its_last_day(self):
        assert rules.verification_due(date(2025, 8, 31), 6) == date(2026, 2, 28)
        assert rules.verification_due(date(2023, 12, 31), 2) == date(2024, 2, 29)


class TestPaths:
    @given(st.lists(st.integers(1, 10**9), min_size=1, max_size=10))
    def test_a_path_says_the_ids_from_the_root_down(self, ids):
        path = ""
        for node in ids:
            path = rules.path_of(node, path)

        assert rules.chain(path) == ids

    @given(st.integers(1, 10**9), st.integers(1, 10**9))
    def test_of_two_roots_neither_is_below_the_other(self, one, other):
        paths = rules.path_of(one, ""), rules.path_of(other, "")

        assert (one == other) or not paths[0].startswith(paths[1])


class TestNaturalKey:
    def test_names_stand_as_people_count(self):
        names = ["кв. 10", "кв. 2", "Кв. 1", "Ёлка 3", "Елка 20", "ТП-9", "ТП-10"]

        ordered = sorted(names, key=rules.natural_key)

        assert ordered == ["Ёлка 3", "Елка 20", "Кв. 1", "кв. 2", "кв. 10", "ТП-9", "ТП-10"]

    def test_digits_of_other_scripts_are_letters(self):
        assert rules.natural_key("²٣") == "²٣"
