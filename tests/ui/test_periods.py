from datetime import date

import pytest
from django.http import QueryDict

from faza.ui import periods
from faza.ui.periods import Shown

TODAY = date(2026, 11, 21)


def shown(query: str, default: str = "month") -> Shown:
    return periods.read(QueryDict(query), today=TODAY, default=default)


class TestRead:
    @pytest.mark.parametrize(
        ("query", "first", "last"),
        [
            ("", date(2026, 11, 1), date(2026, 11, 30)),
            ("period=day&on=2026-11-17", date(2026, 11, 17), date(2026, 11, 17)),
            ("period=week&on=2026-11-18", date(2026, 11, 16), date(2026, 11, 22)),
            ("period=month&on=2024-02-29", date(2024, 2, 1), date(2024, 2, 29)),
            ("period=year&on=2025-05-05", date(2025, 1, 1), date(2025, 12, 31)),
            ("period=any&from=2026-11-01&to=2026-11-15", date(2026, 11, 1), date(2026, 11, 15)),
        ],
    )
    def test_the_address_says_the_period(self, query, first, last):
        assert (shown(query).first, shown(query).last) == (first, last)

    @pytest.mark.parametrize(
        "query",
        [
            "period=fortnight",
            "period=month&on=yesterday",
            "period=month&on=9999-12-31",
            "period=any",
            "period=any&from=2026-11-15&to=2026-11-01",
            "period=any&from=2001-01-01&to=2026-11-01",
        ],
    )
    def test_what_the_address_says_wrongly_is_the_current_period(self, query):
        assert shown(query) == Shown("month", date(2026, 11, 1), date(2026, 11, 30))

    def test_its_end_is_half_open(self):
        assert shown("period=day&on=2026-12-31").end == date(2027, 1, 1)


class TestStepped:
    @pytest.mark.parametrize("kind", ["day", "week", "month", "year"])
    def test_neighbours_touch_and_a_step_back_undoes_a_step_forward(self, kind):
        here = periods.around(kind, date(2024, 2, 29))
        after = periods.stepped(here, 1)
        assert after.first == here.end
        assert periods.stepped(after, -1) == here

    def test_one_of_any_length_moves_by_its_length(self):
        here = Shown("any", date(2026, 11, 1), date(2026, 11, 10))
        assert periods.stepped(here, -1) == Shown("any", date(2026, 10, 22), date(2026, 10, 31))


class TestControl:
    def test_keeps_everything_else_of_the_address(self):
        query = QueryDict("period=week&on=2026-11-10&channel=A%2B&point=1&point=2&page=3")
        made = periods.control(shown("period=week&on=2026-11-10"), query, today=TODAY)
        before = QueryDict(made.previous.removeprefix("?"))
        assert before.getlist("point") == ["1", "2"]
        assert before["channel"] == "A+"
        assert (before["period"], before["on"]) == ("week", "2026-11-02")
        assert "page" not in before
        assert ("point", "2") in made.kept

    def test_leads_neither_after_today_nor_before_the_first_data(self):
        made = periods.control(shown(""), QueryDict(""), today=TODAY, since=date(2026, 11, 5))
        assert (made.previous, made.following) == ("", "")

    def test_marks_the_preset_that_is_shown(self):
        made = periods.control(shown("period=year"), QueryDict("period=year"), today=TODAY)
        assert [choice.current for choice in made.presets] == [False, False, False, True]
        assert "on=2026-11-21" in made.presets[0].url
