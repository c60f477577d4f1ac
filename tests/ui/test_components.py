import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override

from faza.ui import menu, periods
from faza.ui.formats import NBSP
from faza.ui.templatetags import faza_ui


@pytest.fixture(autouse=True)
def _in_russian():
    with override("ru"):
        yield


class TestCompleteness:
    def chip(self, **known) -> str:
        return re.sub(r"[ \n]+", " ", render_to_string("ui/completeness.html", known))

    def test_says_so_when_all_is_there(self):
        assert f"Полнота 100{NBSP}%" in self.chip(share=Decimal(100))

    def test_says_how_long_nothing_came_and_how_much_is_estimated(self):
        chip = self.chip(share=Decimal("97.8"), missing=timedelta(hours=12), estimated=3)
        assert f"97,8{NBSP}% · 12{NBSP}ч нет данных · 3,0{NBSP}% расчётных" in chip
        assert "warn" in chip

    def test_estimated_data_are_not_shown_as_whole(self):
        assert "good" not in self.chip(share=Decimal(100), estimated=Decimal("4.5"))

    def test_no_data_is_not_a_percentage(self):
        chip = self.chip(share=None)
        assert "нет данных" in chip
        assert "%" not in chip


class TestQuantity:
    def test_unknown_is_said_in_words(self):
        told = render_to_string("ui/quantity.html", {"label": "Всего", "value": None})
        assert "нет данных" in told
        assert ">0" not in told

    def test_a_known_zero_is_a_zero(self):
        told = render_to_string("ui/quantity.html", {"label": "Всего", "value": 0, "unit": "kWh"})
        assert f"0,0{NBSP}" in told


class TestPeriodControl:
    def test_works_by_plain_links_and_a_form(self):
        query = QueryDict("period=week&on=2026-11-10&point=7")
        today = date(2026, 11, 21)
        shown = periods.read(query, today=today)
        control = periods.control(shown, query, today=today)
        page = render_to_string("ui/period.html", {"period": control})
        assert 'rel="prev"' in page
        assert "?period=week&amp;point=7&amp;on=2026-11-02" in page
        assert '<input type="hidden" name="point" value="7">' in page
        assert "09.11.2026" in page


class TestChart:
    def test_its_data_are_a_data_block_and_it_has_a_name(self):
        data = {"label": "</script><b>"}
        page = render_to_string(
            "ui/chart.html", {"id": "load", "kind": "profile", "data": data, "label": "Расход"}
        )
        assert '<script id="load" type="application/json">' in page
        assert "<b>" not in page
        assert 'aria-label="Расход"' in page


class TestIcon:
    def test_is_an_ornament_from_the_sprite(self):
        assert "icons.svg#bolt" in faza_ui.icon("bolt")
        assert 'aria-hidden="true"' in faza_ui.icon("bolt")


class TestMenu:
    def test_holds_only_sections_that_have_an_address(self, monkeypatch):
        gone = menu.Section("Gone", "cabinet:never", icon="bolt")
        monkeypatch.setattr(menu, "SECTIONS", (gone,))
        assert menu.entries(RequestFactory().get("/")) == []

    def test_marks_the_section_a_page_lies_in(self, monkeypatch):
        sections = (
            menu.Section("Password", "account_reset_password", icon="key"),
            menu.Section("Sign in", "account_login", icon="login"),
        )
        monkeypatch.setattr(menu, "SECTIONS", sections)
        request = RequestFactory().get("/accounts/password/reset/done/")
        assert [entry.current for entry in menu.entries(request)] == [True, False]


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ковалёва М. С.", "КМ"), ("m.ivanov@example.ru", "MI"), ("anna@example.ru", "AN"), ("", "")],
)
def test_initials(name, letters):
    assert faza_ui.initials(name) == letters
