"""Tables of prices read from text cells: each fault is named, a table stands or falls as one."""

import io
from datetime import date
from decimal import Decimal as D

import pytest
import xlsxwriter

from faza.protocols.problems import Malformed, TooLarge
from faza.tariffs import files
from faza.tariffs.rules import columns

PRICES = "tariff;valid_from;component;zone;amount;unit;with_vat;order;source"
GOOD = "HH2;2026-01-01;energy;1;6,47;kwh;yes;№ 1;gazette"


def read(*lines, name="p.csv"):
    return files.read(name, "\n".join(lines).encode())


def faults(found):
    return [(one.line, one.column, one.code, one.found) for one in found.problems]


class TestPrices:
    def test_a_table_is_read_with_its_lines(self):
        found = read(PRICES, GOOD, "HH2;01.01.2026;энергия;2;3.4;руб/кВт·ч;да;№ 1;gazette")

        [table] = found.tables
        assert (table.sort, table.key) == (columns.PRICES, ("HH2", date(2026, 1, 1)))
        assert [row["amount"] for row in table.rows] == [D("6.47"), D("3.4")]
        assert table.lines == [2, 3]
        assert not found.problems

    def test_russian_titles_are_known(self):
        head = "Тариф;Действует с;Составляющая;Зона;Цена;Единица;С НДС;Приказ;Источник"

        assert read(head, GOOD).tables == read(PRICES, GOOD).tables

    def test_without_order_or_source_a_price_is_an_example(self):
        found = read(PRICES, GOOD, "HH2;2026-02-01;energy;1;6;kwh;yes;;gazette")

        assert [table.rows[0]["is_example"] for table in found.tables] == [False, True]

    @pytest.mark.parametrize(
        ("row", "column", "code"),
        [
            ("HH2;1 января;energy;1;6;kwh;yes;a;b", "valid_from", "day"),
            ("HH2;2026-02-30;energy;1;6;kwh;yes;a;b", "valid_from", "day"),
            ("HH2;2026-01-01;enrgy;1;6;kwh;yes;a;b", "component", "component"),
            ("HH2;2026-01-01;energy;9;6;kwh;yes;a;b", "zone", "whole"),
            ("HH2;2026-01-01;energy;1;six;kwh;yes;a;b", "amount", "number"),
            ("HH2;2026-01-01;energy;1;-6;kwh;yes;a;b", "amount", "number"),
            ("HH2;2026-01-01;energy;1;6,1234567;kwh;yes;a;b", "amount", "places"),
            ("HH2;2026-01-01;energy;1;;kwh;yes;a;b", "amount", "no-value"),
            ("HH2;2026-01-01;energy;1;6;kg;yes;a;b", "unit", "unit"),
            ("HH2;2026-01-01;energy;1;6;kwh;maybe;a;b", "with_vat", "yes-no"),
            ("H H;2026-01-01;energy;1;6;kwh;yes;a;b", "tariff", "code"),
        ],
    )
    def test_a_bad_cell_is_named_with_its_line_and_column(self, row, column, code):
        found = read(PRICES, GOOD, row)

        assert (3, column, code) in [fault[:3] for fault in faults(found)]
        assert all(table.is_refused for table in found.tables)

    def test_a_table_falls_alone(self):
        found = read(PRICES, GOOD, "HH3;2026-01-01;energy;1;x;kwh;yes;a;b")

        assert [table.key[0] for table in found.tables if not table.is_refused] == ["HH2"]

    def test_where_it_cannot_be_told_whose_a_row_is_no_table_of_the_sheet_is_taken(self):
        found = read(PRICES, GOOD, "HH3;;energy;1;6;kwh;yes;a;b")

        assert [table.is_refused for table in found.tables] == [True]
        assert {fault[2] for fault in faults(found)} == {"no-value", "spoilt"}

    def test_a_row_that_is_there_twice_is_told(self):
        found = read(PRICES, GOOD, GOOD)

        assert faults(found) == [(3, "", "repeated", "2")]
        assert found.tables[0].is_refused

    @pytest.mark.parametrize(
        ("places", "holes"),
        [
            (["1;1", "1;2", "2;1", "2;2"], ""),
            (["1;1", "1;2", "2;1"], "energy: T2/2"),
            (["1;1", "1;2", "2;0"], ""),
            (["0;1", "0;2"], ""),
        ],
    )
    def test_prices_have_no_holes(self, places, holes):
        head = "tariff;valid_from;component;zone;range;amount;unit;with_vat;order;source"
        found = read(head, *[f"T;2026-01-01;energy;{place};6;kwh;yes;a;b" for place in places])

        assert [fault[2:] for fault in faults(found)] == ([("hole", holes)] if holes else [])

    @pytest.mark.parametrize(
        "told", ["capacity;0;800000;mwh", "energy;0;6;mw_month", "transmission_capacity;0;1;kwh"]
    )
    def test_power_is_not_paid_by_the_hour(self, told):
        component, zone, amount, unit = told.split(";")
        found = read(PRICES, f"PC4;2026-01-01;{component};{zone};{amount};{unit};no;a;b")

        assert [fault[2] for fault in faults(found)] == ["unit-of-component"]


class TestZones:
    HEAD = "tariff;valid_from;month;number;name;hours;source"

    def test_zones_divide_the_day(self):
        found = read(
            self.HEAD, "B;2026-01-01;0;1;день;07:00–23:00;s", "B;2026-01-01;0;2;ночь;23:00-7:00;s"
        )

        assert not found.problems
        assert found.tables[0].sort == columns.ZONES

    @pytest.mark.parametrize(
        ("rows", "code"),
        [
            (["0;1;d;07:00-23:00"], "zones-gap"),
            (["0;1;d;00:00-24:00", "0;2;n;23:00-24:00"], "zones-gap"),
            (["0;2;d;00:00-24:00"], "numbers"),
            (["5;1;d;00:00-24:00"], "months"),
            (["0;1;d;7-23"], "hours"),
        ],
    )
    def test_what_does_not_is_refused(self, rows, code):
        found = read(self.HEAD, *[f"B;2026-01-01;{row};s" for row in rows])

        assert [fault[2] for fault in faults(found)] == [code]
        assert found.tables[0].is_refused


class TestRanges:
    HEAD = "tariff;valid_from;number;up_to"

    def test_the_last_range_has_no_end(self):
        found = read(self.HEAD, "H;2026-01-01;1;3 900", "H;2026-01-01;2;6000", "H;2026-01-01;3;")

        assert [row["up_to"] for row in found.tables[0].rows] == [D(3900), D(6000), None]
        assert not found.problems

    @pytest.mark.parametrize(
        ("rows", "code"),
        [
            (["1;3900"], "range-end"),
            (["1;", "2;6000"], "range-end"),
            (["1;6000", "2;3900", "3;"], "range-order"),
            (["1;3900", "3;"], "numbers"),
            (["1;0", "2;"], "nothing"),
        ],
    )
    def test_ranges_that_make_no_order_are_refused(self, rows, code):
        found = read(self.HEAD, *[f"H;2026-01-01;{row}" for row in rows])

        assert [fault[2] for fault in faults(found)] == [code]


class TestMarkets:
    def test_hours_of_a_day(self):
        head = "market;day;" + ";".join(f"{h:02d}-{h + 1:02d}" for h in range(24))
        found = read(head, "M;2026-01-01;" + ";".join(f"{1500 + h},25" for h in range(24)))

        [table] = found.tables
        assert (table.sort, table.rows[0]["h23"]) == (columns.HOURLY, D("1523.25"))

    def test_an_hour_that_is_not_there_refuses_the_day_alone(self):
        head = "market;day;" + ";".join(columns.HOURS)
        good = ";".join(["1500"] * 24)
        found = read(head, f"M;2026-01-01;{good}", f"M;2026-01-02;{good[5:]};", f";x;{good}")

        assert [table.is_refused for table in found.tables] == [False, True]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("generation;2026-01-12;09:00-10:00", None),
            ("generation;2026-01-12;09:00-11:00", "one-hour"),
            ("generation;2026-01-12;09:30-10:30", "whole-hours"),
            ("network;2026-01;08:00-12:00 16:00-20:00", None),
            ("сеть;01.2026;08:00-12:00", None),
            ("network;2026-01-12;08:00-12:00", "first-of-month"),
        ],
    )
    def test_peak_hours(self, row, code):
        found = read("market;kind;day;hours", f"M;{row}")

        assert [fault[2] for fault in faults(found)] == ([code] if code else [])


@pytest.mark.parametrize(("kind", "category"), [("household", 1), ("business", 0)])
def test_a_category_is_of_a_business(kind, category):
    found = read("tariff;name;kind;category", f"T;t;{kind};{category}")

    assert [fault[2] for fault in faults(found)] == ["category"]


def test_a_workbook_has_a_table_on_each_sheet():
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        for name, rows in {
            "vat": [["НДС до и после"], [], ["valid_from", "percent", "source"],
                    [date(2026, 1, 1), 22, "law"]],
            "prices": [PRICES.split(";"), ["HH1", date(2026, 1, 1), "energy", 0, 6.47, "kwh", "да",
                                           "№ 1", "gazette"]],
            "empty": [],
            "notes": [["что-то", "другое"]],
        }.items():  # fmt: skip
            sheet = book.add_worksheet(name)
            style = book.add_format({"num_format": "dd.mm.yyyy"})
            for n, row in enumerate(rows):
                for m, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(n, m, cell, style)
                    else:
                        sheet.write(n, m, cell)

    found = files.read("book.xlsx", made.getvalue())

    assert [(table.sort, table.key) for table in found.tables] == [
        (columns.VAT, (date(2026, 1, 1),)),
        (columns.PRICES, ("HH1", date(2026, 1, 1))),
    ]
    assert found.tables[1].rows[0]["amount"] == D("6.47")
    assert [(one.sheet, one.code) for one in found.problems] == [("notes", "no-table")]


class TestBrokenFiles:
    def test_what_is_no_table_is_refused(self):
        with pytest.raises(Malformed):
            files.read("x.xlsx", b"PK\x03\x04 no")

    def test_too_many_rows_are_refused(self, monkeypatch):
        monkeypatch.setattr(files, "MOST_ROWS", 1)
        with pytest.raises(TooLarge):
            read(PRICES, GOOD, GOOD)

    def test_titles_without_meaning_are_told(self):
        found = read("a;b", "1;2")

        assert faults(found) == [(1, "", "no-table", "a, b")]

    def test_a_cut_quote_spoils_the_tables_of_the_file(self):
        found = read(PRICES, GOOD, '"HH3;2026-01-01')

        assert all(table.is_refused for table in found.tables)
        assert found.problems


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (
            "market;day;" + ";".join(f"h{hour:02}" for hour in range(24)) + ";source",
            "M;2026-01-12;" + "1500;" * 24,
        ),
        ("market;kind;day;hours;source", "M;generation;2026-01-12;10:00-11:00;"),
    ],
)
def test_hours_that_nobody_published_are_an_example(head, row):
    without, told = read(head, row), read(head, f"{row}bulletin")

    assert without.tables[0].rows[0]["is_example"] is True
    assert told.tables[0].rows[0]["is_example"] is False
