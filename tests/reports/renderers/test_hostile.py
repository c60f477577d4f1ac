"""Names that want to be formulas, markup or code, and names without an end."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile

import lxml.html
import numpy as np
import pytest

from faza.reports.renderers import html
from faza.reports.table import Block, Cells, Chart, Column, Kind, Series, Table
from tests.reports.renderers import reading, tables

HOSTILE = (
    '=HYPERLINK("http://x";"y")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "'=1",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '#panic("x") $x$ *b* _i_ @ref `c` \\u{41} #read("/etc/passwd")',
    "]]><!-- &amp; &lt;",
    "a\x00b\x1bc",
    "x\u202egnp.exe",
    "строка\nдругая\tтретья",
    "\ud800",
    "http://example.ru",
    "{{ 7*7 }} ${7*7} %s %(n)s",
    '<r><t>x</t></r></is></c><c r="Z9"><f>1+1</f></c><c r="Z10" t="inlineStr"><is><r></r>',
)
LONG = "Ж" * 5000


def table(name: str) -> Table:
    """A report in which every text is the name given."""
    columns = (
        Column("name", name),
        Column("value", name, Kind.NUMBER, name, 1, group=name),
    )
    block = Block((Cells(np.array([name], object)), Cells(np.array([4.5]))), title=name)
    return tables.table(
        [block],
        title=name, period=name, columns=columns, customer=name, organisation=name,
        facts=((name, name),), notes=[name],
        chart=Chart(name, name, (name,), (Series(name, np.array([1.0])),) * 2),
    )  # fmt: skip


@pytest.mark.parametrize("name", [*HOSTILE, LONG], ids=range(len(HOSTILE) + 1))
@pytest.mark.parametrize("format", ["html", "csv", "xlsx", "xls", "json"])
def test_a_hostile_name_is_only_a_name(format: str, name: str) -> None:
    data = reading.rendered(table(name), format)
    match format:
        case "html":
            page = lxml.html.fromstring(data.decode())
            assert not page.xpath("//script | //img | //*[@onerror]")
            assert page.xpath("//tbody/tr[last()]/th")[0].text_content() == clean(name)
        case "csv":
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
            assert all(cell[0] not in "=+-@\t\r" for row in rows for cell in row if cell)
        case "xlsx":
            files = zipfile.ZipFile(io.BytesIO(data))
            sheets = [files.read(n).decode() for n in files.namelist() if "worksheets/s" in n]
            assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)
            rows = reading.sheets(data)[0]
            assert any(str(row[0]).removesuffix(" ") == clean(name) for row in rows)
        case "xls":
            assert any(row[0] == clean(name) for row in reading.sheets(data)[0])
        case "json":
            assert json.loads(data)["title"] == clean(name)


def test_hostile_names_are_only_names_in_print() -> None:
    """All of them in one document, as rows and in its head."""
    names = Cells(np.array([*HOSTILE, LONG], object))
    blocks = [Block((names, Cells(np.arange(len(names.values)) * 1.0)), title=HOSTILE[7])]
    report = table(HOSTILE[7])
    report.blocks = blocks
    text = bare("".join(reading.pdf_pages(reading.rendered(report, "pdf"))))
    for name in names.values:
        assert bare(clean(name))[:40] in text


def bare(text: str) -> str:
    return re.sub(r"[\s\u200b\ufffe]", "", text)


def clean(name: str) -> str:
    """The name without what is not seen."""
    return (
        name.replace("\x00", "").replace("\x1b", "").replace("\u202e", "")
        .replace("\n", " ").replace("\t", " ").replace("\ud800", "\ufffd")
    )  # fmt: skip


def test_a_window_with_a_stylesheet_has_nothing_inline() -> None:
    told = "".join(html.page(tables.table(), stylesheets=["/static/r.css"], theme="dark"))
    page = lxml.html.fromstring(told)
    assert not page.xpath("//style | //script | //*[@style]")
    assert page.xpath("//link/@href") == ["/static/r.css"]
    assert page.get("data-bs-theme") == "dark"
    inside = lxml.html.fromstring(reading.rendered(tables.table(), "html").decode())
    assert inside.xpath("//style")
    assert not inside.xpath("//link | //script | //*[@style]")


def test_a_long_name_does_not_fill_the_page() -> None:
    assert len(reading.pdf_pages(reading.rendered(table(LONG), "pdf"))) <= 2
    page = lxml.html.fromstring(reading.rendered(table(LONG), "html").decode())
    assert all(len(head.text_content()) <= 80 for head in page.xpath("//thead//th"))
