"""Lists of the desk: filters kept, exports that are no formulas, rows that a bulk deed is about."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.test import Client
from python_calamine import CalamineWorkbook

from faza.accounts.models import User
from faza.desk import exports, lists, services
from faza.desk.models import KeptFilter
from tests.cabinet.factories import make_user

EVIL = ["=1+1", "+7 900", "-2", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")']


def read(response) -> bytes:
    told = b"".join(response)
    if file := getattr(response, "file_to_stream", None):
        file.close()
    return told


class TestExports:
    def test_a_cell_of_csv_is_never_a_formula(self):
        told = read(exports.as_csv([["Имя"], *([text] for text in EVIL)], title="Т", name="t"))

        for line in told.decode("utf-8-sig").split("\r\n")[1:]:
            assert line.strip('"')[:1] not in {"=", "+", "-", "@", "\t", "\r"}, line

    def test_a_cell_of_a_workbook_is_text_as_it_was(self):
        told = read(exports.as_xlsx([["Имя"], *([text] for text in EVIL)], title="Т", name="t"))

        book = CalamineWorkbook.from_filelike(io.BytesIO(told))
        rows = book.get_sheet_by_index(0).to_python()
        # The XML of a workbook has no carriage return of its own.
        assert [row[0].strip() for row in rows[1:]] == [text.strip() for text in EVIL]

    def test_numbers_and_moments_keep_their_kind(self):
        moment = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
        rows = [["n", "at"], [5, moment]]

        book = CalamineWorkbook.from_filelike(
            io.BytesIO(read(exports.as_xlsx(rows, title="Т", name="t")))
        )
        csv = read(exports.as_csv(rows, title="Т", name="t")).decode("utf-8-sig")

        assert book.get_sheet_by_index(0).to_python()[1] == [5.0, datetime(2026, 11, 21, 15, 0)]
        assert csv == "n;at\r\n5;21.11.2026 15:00\r\n"


class TestQuery:
    def test_only_filters_are_kept_and_in_one_order(self):
        query = QueryDict("state=new&q=x&page=3&sort=-name&export=csv&empty=&q=y")

        assert lists.own_query(query) == "q=x&q=y&state=new"


@pytest.mark.django_db
class TestKeptFilters:
    @pytest.fixture
    def operator(self):
        return make_user("o@example.org", User.Role.OPERATOR)

    @pytest.fixture
    def client(self, operator):
        client = Client()
        backend = "allauth.account.auth_backends.AuthenticationBackend"
        client.force_login(operator, backend=backend)
        return client

    def test_keeping_leads_back_to_the_list_with_its_filters(self, client, operator):
        body = {"listing": "points", "name": "Мои", "query": "q=1", "back": "/desk/points/"}

        answer = client.post("/desk/filters/", body)

        assert answer.url == "/desk/points/?q=1"
        kept = KeptFilter.objects.get()
        assert (kept.user, kept.listing, kept.name, kept.query) == (
            operator,
            "points",
            "Мои",
            "q=1",
        )

    def test_the_same_name_takes_the_new_filters(self, client):
        for query in ("q=1", "q=2"):
            client.post("/desk/filters/", {"listing": "points", "name": "Мои", "query": query})

        assert KeptFilter.objects.get().query == "q=2"

    @pytest.mark.parametrize("back", ["https://evil.example/x", "//evil.example", "javascript:x"])
    def test_nobody_is_sent_to_another_site(self, client, back):
        body = {"listing": "points", "name": "Мои", "query": "q=1", "back": back}

        assert client.post("/desk/filters/", body).url == "/desk/?q=1"

    def test_a_foreign_filter_is_not_there(self, client):
        other = make_user("p@example.org", User.Role.OPERATOR)
        kept = services.keep_filter(user=other, listing="points", name="Чужой", query="q=1")

        assert client.post(f"/desk/filters/{kept.pk}/drop/").status_code == 404
        assert KeptFilter.objects.filter(pk=kept.pk).exists()

    def test_there_is_an_end_to_keeping(self, operator):
        for number in range(services.MOST_KEPT):
            services.keep_filter(user=operator, listing="points", name=str(number), query="")

        with pytest.raises(services.TooMany):
            services.keep_filter(user=operator, listing="points", name="one more", query="")
