"""Each format read back: the same numbers, dates, names and states in every one of them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import lxml.etree
import lxml.html
import pytest
from django.utils import translation
from python_calamine import CalamineWorkbook

from faza.reports import renderers
from faza.reports.renderers import look
from faza.reports.table import Kind, State
from tests.reports.renderers import reading, tables

DASH = "—"
ROWS: list[list[Any]] = [
    ["Дом № 1", "25.10.2026 00:30", 1234.567, -0.5, 98765.43, 100.0, 48, "26.10.2026", "10.2026"],
    ["Дом № 1", "25.10.2026 01:00", 0.05, 12.0, -1.5, 97.9, 46, None, "11.2026"],
    ["Дом № 1", None, DASH, 3.5, 0.0, DASH, 50, "31.12.2026", "01.2026"],
    ["Итого по части", None, 1234.617, 15.0, None, None, 144, None, None],
    ["Мастерская", "25.10.2026 23:30", DASH, 1e6, DASH, 0.1, 0, "26.10.2026", "10.2026"],
    ["Итого", None, 1234.617, 15.0, None, None, 144, None, None],
]
"""What people read in the synthetic report; months as spreadsheets show them."""
NAMES = {"10.2026": "Октябрь 2026", "11.2026": "Ноябрь 2026", "01.2026": "Январь 2026"}


def in_words(row: list[Any]) -> list[Any]:
    return [NAMES.get(cell, cell) if isinstance(cell, str) else cell for cell in row]


def with_plain_spaces(rows: list[list[Any]]) -> list[list[Any]]:
    return [[c.replace("\xa0", " ") if isinstance(c, str) else c for c in row] for row in rows]


def test_the_page_has_every_value() -> None:
    found = reading.from_html(reading.rendered(tables.table(), "html"))
    assert with_plain_spaces(found) == [in_words(row) for row in ROWS]


def test_csv_has_every_value_and_a_column_of_signs() -> None:
    data = reading.rendered(tables.table(), "csv")
    assert reading.from_csv(data) == [in_words(row) for row in ROWS]
    lines = data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Раздел;Точка учёта;Начало;Активная: Приём, кВт·ч;")
    assert lines[0].endswith(";Признаки")
    assert lines[2].endswith(';"≈ Активная: Приём, кВт·ч; † Активная: Отдача, кВт·ч"')
    assert "≈;оценено целиком или частично" in lines


@pytest.mark.parametrize("format", ["xlsx", "xls"])
def test_spreadsheets_have_every_value_as_number_and_date(format: str) -> None:
    data = reading.rendered(tables.table(), format)
    found = with_plain_spaces(reading.from_sheet(data, len(tables.COLUMNS), {"Точка учёта"}))
    first_days = {name: f"01.{name}" for name in NAMES}
    assert found == [
        [first_days.get(c, c) if isinstance(c, str) else c for c in row] for row in ROWS
    ]
    rows = reading.sheets(data)[0]
    assert rows[0][0] == "Показания и потребление"
    assert ["Абонент", "Ковалёва М. С."] in [row[:2] for row in rows]
    assert ["≈", "оценено целиком или частично"] in [row[:2] for row in rows]
    assert rows[-1][0] == "Оценено 15,3 кВт·ч по показаниям счётчика."


def test_json_is_as_documented() -> None:
    document = json.loads(reading.rendered(tables.table(), "json"))
    assert list(document) == [
        "format", "version", "title", "organisation", "customer", "period", "made_at", "facts",
        "columns", "blocks", "legend", "notes", "chart",
    ]  # fmt: skip
    assert document["columns"][2] == {
        "key": "energy", "title": "Приём", "kind": "number", "unit": "кВт·ч", "digits": 3,
        "group": "Активная",
    }  # fmt: skip
    first = document["blocks"][0]
    assert first["rows"][0] == [
        "Дом № 1", "2026-10-25T00:30", 1234.567, -0.5, 98765.43, 100, 48, "2026-10-26", "2026-10",
    ]  # fmt: skip
    assert first["rows"][2][2] is None
    assert first["states"] == {
        "energy": ["measured", "estimated", "missing"],
        "export": ["carried", "manual", "partly"],
        "share": ["measured", "measured", "missing"],
    }
    assert [block["role"] for block in document["blocks"]] == ["rows", "subtotal", "rows", "total"]
    assert document["legend"]["estimated"] == "оценено целиком или частично"
    assert document["chart"]["series"][0]["values"] == [1.5, None, 3]
    numbers = [[c for c in row if isinstance(c, float | int)] for row in reading.from_json(
        reading.rendered(tables.table(), "json"))]  # fmt: skip
    assert numbers == [[c for c in row if isinstance(c, float | int)] for row in ROWS]


def test_the_print_has_every_value_in_its_row() -> None:
    data = reading.rendered(tables.table(), "pdf")
    (page,) = reading.pdf_pages(data)
    squeezed = re.sub(r"\s", "", page)
    place = 0
    html = lxml.html.fromstring(reading.rendered(tables.table(), "html").decode())
    for row in html.xpath("//table/tbody/tr"):
        for cell in row:
            text = re.sub(r"\s", "", cell.text_content())
            place = squeezed.index(text, place) + len(text)
    for words in ("Заречные сети", "Ковалёва М. С.", "Составлен", "Стр. 1 из 1", "Бледнее",
                  "Дом № 1", "кВт·ч", "₽", "сумма того, что есть"):  # fmt: skip
        assert words in page


def test_states_look_the_same_on_the_page_and_in_xlsx() -> None:
    html = lxml.html.fromstring(reading.rendered(tables.table(), "html").decode())
    cells = html.xpath("//tbody/tr[not(@class)]")[1]
    assert cells[2].get("data-s") == "e"
    assert cells[2].text_content() == "0,050≈"
    assert html.xpath("//dl[@class='fr-legend']//dt/text()") == ["≈", "*", DASH, "↔", "†"]
    formats, leaning = xlsx_formats(reading.rendered(tables.table(), "xlsx"))
    assert '#,##0.000"≈"' in formats
    assert '#,##0.0"†"' in formats
    assert '#,##0.000"≈"' in leaning
    assert '#,##0.0"†"' not in leaning


def xlsx_formats(data: bytes) -> tuple[set[str], set[str]]:
    """Formats of numbers of a book, and those of them in a leaning face."""
    styles = lxml.etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("xl/styles.xml"))
    ns = {"x": styles.nsmap[None]}
    codes = {one.get("numFmtId"): one.get("formatCode")
             for one in styles.xpath("//x:numFmt", namespaces=ns)}  # fmt: skip
    fonts = styles.xpath("//x:fonts/x:font", namespaces=ns)
    leaning = set()
    for one in styles.xpath("//x:cellXfs/x:xf", namespaces=ns):
        if fonts[int(one.get("fontId"))].xpath("x:i", namespaces=ns):
            leaning.add(codes.get(one.get("numFmtId")))
    return set(codes.values()), leaning


def test_every_state_has_a_sign_and_words() -> None:
    for state in State:
        assert look.words(state)
        assert look.CODES[state]
        assert state is State.MEASURED or look.SIGNS[state]


def test_a_zero_that_was_rounded_down_has_no_minus() -> None:
    table = tables.table([_one(-0.0)])
    assert reading.from_html(reading.rendered(table, "html"))[0][2] == 0.0
    assert "−0" not in reading.rendered(tables.table([_one(-0.0)]), "html").decode()
    assert ";0,000;" in reading.rendered(tables.table([_one(-0.0)]), "csv").decode()


def _one(value: float) -> Any:
    first = tables.blocks()[2]
    cells = list(first.cells)
    cells[2] = tables.cells([value])
    return type(first)(tuple(cells))


def test_english_has_points_and_english_words() -> None:
    with translation.override("en"):
        page = reading.rendered(tables.table(), "html").decode()
    assert "1,234.567" in page
    assert "estimated, wholly or in part" in page
    assert "October 2026" in page


@pytest.mark.parametrize("format", list(renderers.FORMATS))
def test_nothing_to_show_is_still_a_whole_file(format: str) -> None:
    data = reading.rendered(tables.table([], chart=None, notes=["Нет точек."]), format)
    assert data
    if format == "pdf":
        assert "Нет точек." in reading.pdf_pages(data)[0]
    if format in ("xlsx", "xls"):
        assert reading.sheets(data)[0][-1][0] == "Нет точек."
    if format == "html":
        assert lxml.html.fromstring(data.decode()).xpath("//tbody/tr") == []


def test_a_file_is_named_by_title_and_day() -> None:
    table = tables.table(title='Отчёт: "за/октябрь" <b>\n')
    name = renderers.file_name(table, "xlsx", at=tables.MADE_AT)
    assert name == "Отчёт за октябрь b 2026-11-02.xlsx"
    assert renderers.file_name(tables.table(title="…"), "csv", at=tables.MADE_AT).endswith(".csv")


def test_kinds_of_columns_are_all_tested() -> None:
    assert {column.kind for column in tables.COLUMNS} == set(Kind)


def test_xlsx_has_its_chart_and_a_filter_over_the_rows() -> None:
    data = reading.rendered(tables.table(), "xlsx")
    files = zipfile.ZipFile(io.BytesIO(data))
    drawn = files.read("xl/charts/chart1.xml").decode()
    assert "График" in drawn
    assert drawn.count("<c:ser>") == 2
    assert '<autoFilter ref="A9:I16"/>' in files.read("xl/worksheets/sheet1.xml").decode()
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == ["Отчёт", "График"]
