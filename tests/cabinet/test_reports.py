"""«Reports» in the cabinet: what is asked, the first rows, a window of its own, files."""

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.readings.queries import profiles
from faza.reports import registry
from tests.cabinet.factories import (
    ZONE,
    fill,
    give_area,
    make_agreement,
    make_meter,
    make_point,
    make_user,
)
from tests.cabinet.reading import words

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
OCTOBER = "period=month&on=2026-10-01"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def owner():
    return make_user("owner@example.org", name="Ковалёва М. С.")


@pytest.fixture
def home(owner):
    """Two own points with October and a part of November, and a neighbour's."""
    house, garage = make_point("HOUSE", "Дом"), make_point("GARAGE", "Гараж")
    make_agreement("Д-1", [owner], [house, garage])
    other = make_point("OTHER", "Чужая")
    make_agreement("Д-2", [make_user("other@example.org")], [other])
    for point in (house, garage, other):
        make_meter(point, f"M-{point.code}")
        fill(point, date(2026, 10, 1), date(2026, 11, 21))
    return house, garage, other


@pytest.fixture
def page(client, owner, home):
    client.force_login(owner)
    return lambda query="", name="reports": client.get(f"{reverse(f'cabinet:{name}')}?{query}")


def taken(response) -> bytes:
    """The whole body; at its end the client closes the file, and not the connection."""
    return b"".join(response)


class TestAsking:
    def test_every_kind_is_listed_and_opens(self, page):
        shown = page()
        codes = [kind.code for kind in registry.kinds()]

        assert len(codes) == 7
        for code in codes:
            assert f"kind={code}" in shown.content.decode()
            assert page(f"kind={code}").status_code == 200

    def test_without_a_choice_it_is_of_all_points(self, page):
        text = words(page("kind=load-profile"))

        assert "Все точки · 2" in text
        assert "Дом" in text
        assert "Чужая" not in text

    def test_kinds_are_searched(self, page):
        html = page("find=максим").content.decode()

        assert "kind=day-maxima" in html
        assert "kind=detail" not in html

    def test_what_is_wrong_is_told_beside_the_default(self, page):
        text = words(page("kind=readings&digits=99"))

        assert "Такого варианта нет" in text

    def test_points_are_taken_out_one_by_one(self, page):
        html = page("point=HOUSE&point=GARAGE&kind=readings").content.decode()

        assert re.search(r'href="[^"]*point=GARAGE[^"]*" aria-label="Убрать Дом"', html)

    def test_what_was_made_last_is_asked_again(self, page):
        taken(page(f"kind=day-maxima&{OCTOBER}&digits=1&format=csv", "report"))
        html = page().content.decode()

        assert re.search(r'kind=day-maxima[^"]*" aria-current="page"', html)
        assert re.search(r'value="csv" checked', html)

    def test_much_is_said_to_be_too_much_and_not_made(self, page, monkeypatch):
        monkeypatch.setattr("faza.cabinet.reports.page.MOST_ROWS", 100)

        shown = page(f"kind=load-profile&{OCTOBER}")
        made = page(f"kind=load-profile&{OCTOBER}&format=csv", "report")

        assert "сразу формируется до 100" in words(shown)
        assert made.status_code == 400

    def test_nobody_without_points_fails(self, client):
        client.force_login(make_user("new@example.org", User.Role.OPERATOR))

        shown = client.get(reverse("cabinet:reports"))

        assert "Точек учёта пока нет" in words(shown)
        assert client.get(reverse("cabinet:report")).status_code == 400


class TestMaking:
    def test_the_window_the_table_and_the_store_say_the_same(self, page, owner, home):
        windows = access.windows_of(owner, at=NOW, points=[home[0].pk])
        (profile,) = profiles(
            windows, [A_PLUS.code], Period.of_days(date(2026, 10, 1), date(2026, 11, 1), ZONE)
        )
        query = f"point=HOUSE&kind=load-profile&{OCTOBER}"

        lines = list(csv.reader(
            io.StringIO(taken(page(f"{query}&format=csv", "report")).decode("utf-8-sig")),
            delimiter=";",
        ))  # fmt: skip
        sheet = CalamineWorkbook.from_filelike(
            io.BytesIO(taken(page(f"{query}&format=xlsx", "report")))
        ).get_sheet_by_index(0).to_python()  # fmt: skip

        expected = [round(value / 1000, 3) for value in profile.values.tolist()]
        told = [
            row for row in lines if re.fullmatch(r"\d\d\.\d\d\.2026 \d\d:\d\d", "".join(row[1:2]))
        ]
        written = [row for row in sheet if row and isinstance(row[0], date)]
        assert len(told) == len(written) == len(expected) == 1488
        assert [float(row[2].replace(",", ".")) for row in told] == expected
        assert [row[1] for row in written] == expected

    def test_the_own_window_is_a_whole_page(self, page):
        made = page(f"kind=readings&{OCTOBER}", "report")
        text = taken(made).decode()

        assert made["Content-Type"].startswith("text/html")
        assert made["Cache-Control"] == "private, no-store"
        assert "Ковалёва М. С." in text
        assert "<style" not in text
        assert '<link rel="icon" href="/static/ui/favicon' in text
        assert re.search(r'<link rel="stylesheet" href="/static/ui/dist/assets/letters-', text)
        assert "Сохранить как…" in text

    @pytest.mark.parametrize("format", ["pdf", "xlsx", "xls", "csv", "json", "80020"])
    def test_every_format_comes_as_a_file(self, page, format):
        made = page(f"kind=load-profile&{OCTOBER}&format={format}&point=HOUSE", "report")

        assert made.status_code == 200
        assert made["Content-Disposition"].startswith("attachment")
        assert len(taken(made)) > 500

    @pytest.mark.parametrize(
        "query",
        ["point=OTHER", "point=HOUSE&point=OTHER", "point=NOWHERE", "kind=no", "format=exe"],
    )
    def test_what_is_not_ones_own_is_not_there(self, page, query):
        made = page(f"{query}&{OCTOBER}", "report")

        assert made.status_code == 404
        assert "Чужая" not in made.content.decode()

    def test_what_the_staff_takes_away_is_in_the_trail(self, client, home):
        operator = make_user("operator@example.org", User.Role.OPERATOR)
        give_area(operator, home[0].node)
        client.force_login(operator)

        made = client.get(f"{reverse('cabinet:report')}?point=HOUSE&format=csv&kind=readings")

        assert made.status_code == 200
        taken(made)
        deed = Entry.objects.get(action="readings.export.taken")
        assert deed.after["points"] == ["HOUSE"]

    def test_a_third_at_once_is_asked_to_wait(self, page, monkeypatch):
        from faza.cabinet.reports import views

        monkeypatch.setattr(views, "PATIENCE", 0.01)
        assert views.AT_ONCE.acquire(timeout=1)
        assert views.AT_ONCE.acquire(timeout=1)
        try:
            made = page("kind=readings&format=csv", "report")
        finally:
            views.AT_ONCE.release()
            views.AT_ONCE.release()

        assert made.status_code == 400
        assert "Повторите через минуту" in words(made)
