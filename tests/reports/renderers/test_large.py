"""Many rows and many columns: streamed, split, or refused with a reason."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import lxml.html
import pytest

from faza.reports import renderers
from faza.reports.renderers import csv, html, json, look, pdf, xls
from faza.reports.table import Block
from tests.reports.renderers import reading, tables


@pytest.mark.parametrize("chunks", [csv.chunks, json.chunks, html.page])
def test_rows_leave_as_they_come(chunks: object) -> None:
    made = 0

    def counted(blocks: Iterator[Block]) -> Iterator[Block]:
        nonlocal made
        for block in blocks:
            made += 1
            yield block

    table = tables.plain("Отчёт", 5_000)
    table.blocks = counted(table.blocks)  # type: ignore[arg-type]
    parts = chunks(table)  # type: ignore[operator]
    next(parts)
    assert made == 0
    next(parts)
    assert made == 1


def test_a_preview_reads_no_more_than_it_shows() -> None:
    table = tables.plain("Отчёт", 5_000, block=10)
    blocks = iter(table.blocks)
    table.blocks = blocks
    page = lxml.html.fromstring(html.preview(table, rows=12))
    assert len(page.xpath("//tbody/tr")) == 12
    assert len(next(blocks)) == 10
    assert next(blocks).cells[0].values[0] == "Точка 30"


def test_xls_goes_on_upon_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls._Book, "rows", 100)
    table = tables.plain("Отчёт", 250, n_columns=2)
    table.notes = ["Сноска."]
    data = reading.rendered(table, "xls")
    sheets = reading.sheets(data)
    assert len(sheets) == 3
    assert all(len(sheet) <= 100 for sheet in sheets)
    rows = [row for sheet in sheets for row in sheet if str(row[0]).startswith("Точка ")]
    assert [row[1] for row in rows] == [i * 1000 for i in range(250)]
    assert all(["Точка", "Столбец 0, кВт·ч"] in [r[:2] for r in sheet] for sheet in sheets)
    assert sheets[-1][-1][0] == "Сноска."


@pytest.mark.parametrize("n", [89, 90, 91, 92, 93, 94, 95, 96, 97])
def test_footnotes_have_room_at_the_end_of_a_sheet(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    monkeypatch.setattr(xls._Book, "rows", 100)
    table = tables.plain("Отчёт", n)
    table.notes = ["Первая.", "Вторая."]
    sheets = reading.sheets(reading.rendered(table, "xls"))
    assert [row[0] for row in sheets[-1][-2:]] == ["Первая.", "Вторая."]
    rows = [row for sheet in sheets for row in sheet if str(row[0]).startswith("Точка ")]
    assert len(rows) == n


def test_xls_puts_columns_over_256_on_further_sheets() -> None:
    data = reading.rendered(tables.plain("Отчёт", 3, n_columns=300), "xls")
    sheets = reading.sheets(data)
    assert len(sheets) == 2
    for sheet in sheets:
        assert [row[0] for row in sheet[-3:]] == ["Точка 0", "Точка 1", "Точка 2"]
    values = [v for sheet in sheets for v in sheet[-1][1:] if v != ""]
    assert values == [2000 + i for i in range(300)]


def test_print_puts_columns_on_further_tables() -> None:
    text = "".join(reading.pdf_pages(reading.rendered(tables.plain("Отчёт", 3, 300), "pdf")))
    assert "Часть 1 из" in text
    numbers = set(re.findall(r"\b\d{4}\b", text.replace("\u202f", "")))
    assert numbers >= {str(2000 + i) for i in range(300)}
    assert text.count("Точка 2") >= 10


@pytest.mark.parametrize("known", [True, False])
def test_print_of_too_much_is_refused_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(pdf, "MOST_CELLS", 1_000)
    table = tables.plain("Отчёт", 2_000)
    table.n_rows = 2_000 if known else None
    with pytest.raises(look.TooLong, match="выберите XLSX или CSV"):
        renderers.write(table, "pdf", io.BytesIO())


def test_xls_of_too_much_is_refused_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls._Book, "rows", 100)
    monkeypatch.setattr(xls, "MOST_ROWS", 300)
    with pytest.raises(look.TooLong, match="выберите XLSX или CSV"):
        renderers.write(tables.plain("Отчёт", 2_000), "xls", io.BytesIO())


def test_a_page_of_too_much_says_that_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_CELLS", 1_000)
    page = lxml.html.fromstring(reading.rendered(tables.plain("Отчёт", 5_000), "html").decode())
    assert len(page.xpath("//tbody/tr")) == 1_000
    assert "Показаны первые 1\u202f000 строк" in page.xpath("//footer")[0].text_content()
