"""«Network parameters»: the course of a day, files, how often the page asks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from faza.accounts.models import User
from faza.audit.models import Entry
from tests.cabinet.factories import make_agreement, make_point, make_user
from tests.cabinet.network.telling import (
    AT,
    HALF,
    QUESTIONS,
    average,
    get,
    happen,
    payload,
    plain,
    tell,
)
from tests.cabinet.test_query_counts import counted
from tests.readings.network.test_phasors import GOOD

pytestmark = pytest.mark.django_db


class TestCourse:
    def test_each_quantity_has_its_chart_and_table(self, house):
        client, point, _meter = house
        names = ("UA", "UB", "UC", "IA", "PA", "P", "Q", "PF", "F")
        average(point, AT - HALF, **{name: [GOOD[name]] for name in names})
        for quantity, unit in (("U", "В"), ("I", "А"), ("P", "кВт"), ("Q", "квар"), ("F", "Гц")):
            page = get(client, f"?point=H&q={quantity}")
            assert payload(page, "regime-data")["unit"] == unit
            assert "Таблица графика" in page
        assert payload(get(client, "?point=H&q=F"), "regime-data")["band"]["high"] == 50.2

    def test_where_there_is_no_power_energy_tells_it(self, house):
        """1.5 kWh in half an hour are 3 kW."""
        client, point, _meter = house
        average(point, AT - HALF, UA=[231], UB=[230], UC=[229])
        average(point, AT - HALF, **{"A+": [1.5], "A-": [0.25]})
        page = get(client, "?point=H&q=P")
        assert payload(page, "regime-data")["lines"][0]["value"][-1] == 2.5
        assert re.search(r'id="nw-active"[^>]*><span>2,500<', page)

    def test_of_a_month_the_table_tells_days(self, house):
        client, point, _meter = house
        average(point, AT - 2 * HALF, UA=[231, 235], UB=[230] * 2, UC=[229] * 2)
        text = plain(get(client, "?point=H&span=month"))
        assert "21.11.2026 231,0 · 233,0 · 235,0" in text


class TestFiles:
    def address(self, format: str = "csv", query: str = "?point=H") -> str:
        return reverse("cabinet:network_file", args=(format,)) + query

    def test_csv_has_every_parameter(self, house):
        client, point, _meter = house
        average(point, AT - HALF, UA=[231.5], PA=[0.941], IA=[4.02])
        answer = client.get(self.address(query="?point=H&at=2026-11-21T14:00"))
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0] == "С;По;UA, В;IA, А;PA, кВт"
        assert lines[-1] == "21.11.2026 13:30;21.11.2026 14:00;231,5;4,02;0,941"

    def test_xlsx_and_nothing_else(self, house):
        client, point, _meter = house
        average(point, AT - HALF, UA=[231.5])
        book = client.get(self.address("xlsx"))
        assert b"".join(book.streaming_content).startswith(b"PK")
        assert client.get(self.address("exe")).status_code == 404
        assert client.get(self.address(query="?points=all&point=H")).status_code == 404

    def test_what_staff_take_leaves_a_trace(self, house, enter):
        _client, point, _meter = house
        average(point, AT - HALF, UA=[231.5])
        staff = enter(make_user("admin@example.org", User.Role.ADMINISTRATOR))
        before = Entry.objects.count()
        assert b"231,5" in b"".join(staff.get(self.address()).streaming_content)
        assert Entry.objects.count() == before + 1


class TestQuestions:
    """Statements at the driver; two are the session's and the person's."""

    @pytest.mark.parametrize("points", [1, 40])
    @pytest.mark.parametrize(
        "query", ["?point=H", "?point=H&q=P&span=month", "?point=H&at=2026-11-21T13:30"]
    )
    def test_a_full_page_asks_the_same_of_any_customer(self, house, points, query):
        client, point, meter = house
        owner = User.objects.get(email="owner@example.org")
        others = [make_point(f"P{n:03d}") for n in range(points)]
        make_agreement("Д-9", [owner], others)
        average(point, AT - HALF, UA=[231], UB=[230], UC=[229], P=[1.8])
        tell(point, meter, GOOD)
        happen(point, meter, (AT - timedelta(days=3), 2, 1), (AT - timedelta(days=3), 2, 2))
        client.get(reverse("cabinet:network") + query)
        with counted() as asked_for:
            get(client, query)
        assert len(asked_for) == QUESTIONS


def test_in_english(house):
    client, point, meter = house
    tell(point, meter, GOOD)
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        page = get(client)
    assert "Voltage is within bounds on all three phases" in page
