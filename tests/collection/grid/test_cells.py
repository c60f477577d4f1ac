"""Cells by themselves: what they say, what is wrong with them, how they were meant."""

import io
from datetime import date

import pytest
import xlsxwriter

from faza.collection.grid import book, columns, template
from faza.collection.grid.look_alikes import is_suspicious, mended, squeezed
from faza.collection.grid.places import kind_of
from faza.collection.grid.values import Reader
from faza.protocols.problems import Malformed, TooLarge


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("ct_ratio", "200/5", (200, 5)),
        ("ct_ratio", "1", (1, 1)),
        ("vt_ratio", "10 000 / 100", (10000, 100)),
        ("verified_on", "12.03.2034", date(2034, 3, 12)),
        ("verified_on", "2034-03-12 00:00:00", date(2034, 3, 12)),
        ("max_power", "15,5 кВт", 15500),
        ("zone", "МСК+2", "Asia/Yekaterinburg"),
        ("phases", "3.0", 3),
        ("is_common", "Да", True),
        ("voltage_level", "0,4 кВ", "LV"),
        ("resource", "вода", "water"),
        ("meter_number", "41 207 660", "41207660"),
        ("meter_number", "009630244", "009630244"),
        ("point_name", "'=1+1", "=1+1"),
        ("address", "—", None),
        ("node", " ТП-1 \\ РУ ", ("ТП-1", "РУ")),
    ],
)
def test_a_cell_says(key, text, value):
    assert Reader().read(key, text).value == value


@pytest.mark.parametrize(
    ("key", "text", "fault", "proposal"),
    [
        ("ct_ratio", "200-5", "ratio-mark", "200/5"),
        ("ct_ratio", "200:5", "ratio-mark", "200/5"),
        ("ct_ratio", "40", "ratio-bare", "200/5"),
        ("ct_ratio", "0/5", "ratio", ""),
        ("ct_ratio", "2025-05-10 00:00:00", "ratio-date", ""),
        ("vt_ratio", "10/0,1", "ratio-kv", "10000/100"),
        ("verified_on", "31.02.2031", "date-none", ""),
        ("verified_on", "45000", "date", "15.03.2023"),
        ("verified_on", "скоро", "date", ""),
        ("max_power", "много", "number", ""),
        ("max_power", "0,0001", "number-fine", ""),
        ("max_power", "1e30", "number", ""),
        ("made_in", "2024.5", "year", ""),
        ("zone", "europe/moscow", "zone-unknown", "Europe/Moscow"),
        ("zone", "../../etc/passwd", "zone-unknown", ""),
        ("inn", "7707083894", "inn", ""),
        ("resource", "пар", "choice", ""),
        ("address", "а" * 301, "too-long", ""),
        ("node", "\\ \\", "path", ""),
    ],
)
def test_a_wrong_cell_is_told_with_what_was_meant(key, text, fault, proposal):
    found = Reader().read(key, text)

    assert (found.fault, found.proposal) == (fault, proposal)


def test_every_proposal_is_itself_right():
    reader = Reader()
    for key, text in (("ct_ratio", "200-5"), ("vt_ratio", "10/0,1"), ("verified_on", "45000")):
        assert not reader.read(key, reader.read(key, text).proposal).fault


def test_names_that_look_the_same():
    assert is_suspicious("ТП-4O3")  # a Latin O
    assert not is_suspicious("ТП-403")
    assert not is_suspicious("Feeder A")
    assert not is_suspicious("ТП-403 GSM")
    assert mended("ТП-4O3") == "ТП-403"
    assert squeezed("РУ-0.4 кВ") == squeezed("ру 0,4кВ")
    assert squeezed("кв. 1-1") != squeezed("кв. 11")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ТП-403", "transformer_substation"),
        ("РУ-0,4 кВ", "switchboard"),
        ("ул. Лесная, 3", "building"),
        ("Подъезд 2", "entrance"),
        ("Заречный РЭС", "organisation"),
        ("ПС 35/10 кВ", "substation"),
        ("Ф-7", "feeder"),
        ("Лесная", "other"),
    ],
)
def test_the_kind_of_a_place_is_guessed_from_its_name(name, kind):
    assert kind_of(name) == kind


class TestColumns:
    def test_the_titles_of_the_template_are_recognised_in_both_languages(self):
        for language in ("ru", "en"):
            titles = [column.title(language) for column in columns.COLUMNS]
            assert list(columns.recognise(titles).values()) == [c.key for c in columns.COLUMNS]

    def test_other_names_are_known_and_unknown_ones_left_out(self):
        found = columns.recognise(["УЗЕЛ:", "наименование точки учета", "Зав. №", "Канал", "Узел"])
        assert found == {0: "node", 1: "point_name", 2: "meter_number"}

    def test_letters(self):
        assert [columns.letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


class TestBook:
    def test_the_template_is_read_back_and_its_legend_is_no_grid(self):
        for language in ("ru", "en"):
            data = template.as_xlsx(language)
            found = book.look("t.xlsx", data)
            assert found.sheet in ("Сетка", "Grid")
            assert not found.unknown
            assert not found.missing
            table = book.read(
                "t.xlsx", data, sheet=found.sheet, line=found.line, keys=found.recognised
            )
            assert len(table.rows) == len(template.EXAMPLES)
            csv = book.look("t.csv", template.as_csv(language))
            assert csv.recognised == found.recognised

    def test_titles_may_stand_below_a_heading(self):
        data = "Реестр точек учёта\n\nУзел;Точка учёта\nТП-1;КЛ-1\n".encode("cp1251")
        found = book.look("a.csv", data)
        assert (found.line, found.recognised) == (3, {0: "node", 1: "point_name"})
        table = book.read("a.csv", data, sheet="", line=3, keys=found.recognised)
        assert table.rows == [(4, ["ТП-1", "КЛ-1"])]

    @pytest.mark.parametrize("data", [b"", b"\0\1\2\3" * 50, b"PK\x03\x04 no zip"])
    def test_what_is_no_table_is_refused(self, data):
        with pytest.raises(Malformed):
            book.look("a.xlsx", data)

    def test_a_cell_far_away_is_refused_before_memory_is_taken_for_it(self):
        out = io.BytesIO()
        workbook = xlsxwriter.Workbook(out)
        sheet = workbook.add_worksheet()
        sheet.write_string(0, 0, "Узел")
        sheet.write_string(1_048_575, 16_383, "far")
        workbook.close()
        with pytest.raises(TooLarge):
            book.look("a.xlsx", out.getvalue())

    def test_too_many_rows_are_refused(self, monkeypatch):
        monkeypatch.setattr(book, "ROW_LIMIT", 3)
        data = ("Узел;Точка учёта\n" + "ТП;КЛ\n" * 4).encode()
        with pytest.raises(TooLarge):
            book.read("a.csv", data, sheet="", line=1, keys={0: "node", 1: "point_name"})
