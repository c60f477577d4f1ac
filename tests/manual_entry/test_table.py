"""The file of readings: what people write in it, and what the template gives them."""

import io
from datetime import date, datetime
from decimal import Decimal

import pytest
import python_calamine
import xlsxwriter

from faza.manual_entry import table
from faza.manual_entry.table import COLUMNS, Line
from faza.protocols.problems import Malformed, TooLarge

HEAD = "Код точки;Точка;Счётчик;Регистр;Новое показание;Дата снятия\n"


def read(text, head=HEAD):
    return table.read("a.csv", (head + text).encode())


def codes(told):
    return [(fault.line, fault.code) for fault in told.faults]


class TestReading:
    def test_a_row(self):
        (row,) = read("P-1;Дом;4100;A+ T1;12345,67;22.11.2026 14:30\n").rows

        assert (row.line, row.point, row.meter, row.register) == (2, "P-1", "4100", 1)
        assert (row.value, row.read_at) == (Decimal("12345.67"), datetime(2026, 11, 22, 14, 30))

    @pytest.mark.parametrize(
        ("text", "value"),
        [("5", 5), ("0", 0), ("1 234 567", 1234567), ("1\u00a0234,5", "1234.5"), ("7.", 7),
         ("12.50", "12.50"), ("000123", 123)],
    )  # fmt: skip
    def test_numbers(self, text, value):
        assert read(f"P;;;;{text};\n").rows[0].value == Decimal(value)

    @pytest.mark.parametrize(
        "text", ["-5", "+5", "1e3", "12,3,4", "1 23", "NaN", "∞", "١٢", "=1+1", "12 кВт", "1" * 16]
    )
    def test_what_is_no_number_is_named_with_its_row(self, text):
        told = read(f"P;;;T1;7;\nP;;;T2;{text};\n")

        assert codes(told) == [(3, "not-a-number")]
        assert (told.faults[0].found, told.faults[0].point) == (text, "P")

    @pytest.mark.parametrize(
        ("text", "number"),
        [("T1", 1), ("A+ T2", 2), ("Сумма", 0), ("A+ сумма", 0), ("т3", 3), ("R+ T1", 19),
         ("", None), ("Вода", 36), ("Тепло", 38)],
    )  # fmt: skip
    def test_registers(self, text, number):
        assert read(f"P;;;{text};7;\n").rows[0].register == number

    def test_what_is_no_register(self):
        assert codes(read("P;;;T12;7;\nP;;;что-то;7;\n")) == [
            (2, "no-register"),
            (3, "no-register"),
        ]

    @pytest.mark.parametrize(
        ("text", "moment"),
        [("22.11.2026", datetime(2026, 11, 22, 12)), ("2026-11-22", datetime(2026, 11, 22, 12)),
         ("2026-11-22 08:05:00", datetime(2026, 11, 22, 8, 5))],
    )  # fmt: skip
    def test_dates(self, text, moment):
        assert read(f"P;;;;7;{text}\n").rows[0].read_at == moment

    def test_no_date(self):
        assert codes(read("P;;;;7;32.11.2026\n")) == [(2, "not-a-date")]

    def test_rows_without_a_value_are_counted_and_not_wrong(self):
        told = read("P;;;T1;;\nQ;;;;7;\n;;;;;\n;;;;5;\n")

        assert (told.empty, len(told.rows), told.count) == ([("P", 1)], 1, 3)
        assert codes(told) == [(5, "no-point")]

    def test_a_file_without_its_titles(self):
        with pytest.raises(Malformed) as found:
            table.read("a.csv", "раз;два\n1;2\n".encode())
        assert found.value.code == "no-header"

    @pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04zip"])
    def test_what_is_no_table(self, data):
        with pytest.raises(Malformed):
            table.read("a.xlsx", data)

    def test_too_many_rows(self, monkeypatch):
        monkeypatch.setattr(table, "MOST_ROWS", 2)
        with pytest.raises(TooLarge):
            read("P;;;;7;\n" * 3)

    def test_text_of_windows(self):
        told = table.read("a.txt", (HEAD + "Т-1;Дом;;A+ T1;7;\n").encode("cp1251"))

        assert told.rows[0].point == "Т-1"

    def test_a_workbook_with_its_titles_lower_down(self):
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out)
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Показания за ноябрь"])
        sheet.write_row(2, 0, ["Point code", "New reading", "Read on"])
        sheet.write_row(3, 0, ["P-1", 0.1 + 0.2])
        sheet.write_datetime(3, 2, datetime(2026, 11, 20), book.add_format({"num_format": "d.m.y"}))
        book.close()

        (row,) = table.read("a.xlsx", out.getvalue()).rows

        assert (row.line, row.value) == (4, Decimal("0.3"))
        assert row.read_at == datetime(2026, 11, 20, 12)


LINES = [
    Line("=cmd|'/c calc'!A1", "@SUM(1)", "-1+1", "+7", 1, 2, Decimal("3600.50"), date(2026, 11, 1)),
    Line("P-2", "<r>", "ул. Полевая, 2", "007", 36, 3, None, None),
]


class TestTemplate:
    @pytest.mark.parametrize("language", ["ru", "en"])
    @pytest.mark.parametrize("ending", ["csv", "xlsx"])
    def test_filled_in_it_is_read_back(self, language, ending):
        """By code, meter and register; and no cell is a formula."""
        if ending == "csv":
            data = b"".join(table.as_csv(LINES, language, with_dates=True))
            title = COLUMNS[8].title(language)
            assert title in data.decode("utf-8-sig").splitlines()[0]
            filled = data.decode("utf-8-sig").replace(";;\r\n", ";12,5;\r\n")
            told = table.read("a.csv", filled.encode())
        else:
            told = table.read("a.xlsx", filled_in(table.as_xlsx(LINES, language, with_dates=True)))

        assert [(row.point, row.register, row.value) for row in told.rows] == [
            (LINES[0].point, 1, Decimal("12.5")), ("P-2", 36, Decimal("12.5"))
        ]  # fmt: skip
        assert [row.meter for row in told.rows] == ["+7", "007"]
        assert not told.faults

    def test_no_cell_is_a_formula(self):
        text = b"".join(table.as_csv(LINES, "ru", with_dates=False)).decode("utf-8-sig")
        cells = [cell for line in text.splitlines()[1:] for cell in line.split(";")]
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@")]

        rows = rows_of(table.as_xlsx(LINES, "ru", with_dates=False))
        assert [str(cell)[:1] for cell in rows[1][:4]] == ["'"] * 4

    def test_untouched_it_says_nothing(self):
        told = table.read("a.xlsx", table.as_xlsx(LINES, "ru", with_dates=True))

        assert (told.rows, told.faults, len(told.empty)) == ([], [], 2)


def rows_of(data):
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_index(0).to_python()


def filled_in(data):
    """The workbook with 12.5 as its new readings, as a spreadsheet would save it."""
    rows = rows_of(data)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for n, row in enumerate(rows):
        for m, cell in enumerate(row):
            value = 12.5 if n and m == 8 else cell
            if isinstance(value, date):
                continue
            (sheet.write_string if isinstance(value, str) else sheet.write_number)(n, m, value)
    book.close()
    return out.getvalue()
