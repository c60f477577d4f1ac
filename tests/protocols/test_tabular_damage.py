"""Rows that are cut off, and offsets that stand in a column of their own."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import numpy as np
import pytest
import xlsxwriter

from faza.protocols.problems import Document
from faza.protocols.tabular import (
    Options,
    Profiles,
    read_profiles,
    read_registers,
    write_registers_xlsx,
)


def read(text: str) -> Document[Profiles]:
    return read_profiles(text.encode(), options=Options(zone="Europe/Moscow"))


class TestCutRows:
    @pytest.mark.parametrize("cut", ["P", "P;2026-01-14 00:30"])
    def test_a_row_that_ends_before_its_value_is_told(self, cut: str) -> None:
        text = f"point;moment;value\nP;2026-01-14 00:00;1\n{cut}\nP;2026-01-14 01:00;3\n"
        document = read(text)

        (problem,) = document.problems
        assert (problem.code, problem.line) == ("row-short", 3)
        assert "expected 3, up to column value" in problem.reason
        assert document.values.series[0].values.sum() == 4000

    def test_an_empty_cell_is_no_value_and_no_problem(self) -> None:
        document = read("point;moment;value\nP;2026-01-14 00:00;1\nP;2026-01-14 00:30;\n")

        assert document.counts == {}

    def test_what_no_value_needs_may_be_left_out(self) -> None:
        document = read("point;moment;value;quality\nP;2026-01-14 00:00;1\n")

        assert document.counts == {}
        assert document.values.series[0].values.tolist() == [1000]

    def test_the_first_values_of_a_cut_wide_row_are_kept(self) -> None:
        document = read("moment;A-1;A-2\n14.01.2026 00:00;1;2\n14.01.2026 00:30;3\n")

        assert [(p.code, p.line) for p in document.problems] == [("row-short", 3)]
        assert [s.values.tolist() for s in document.values.series] == [[1000, 3000], [2000, 0]]

    def test_a_short_day_of_46_columns_is_whole(self) -> None:
        clocks = [f"{n // 2:02d}:{n % 2 * 3}0" for n in range(48)]
        head = ";".join(["point", "date", *clocks])
        document = read(f"{head}\nP;28.03.2010;" + ";".join(["1"] * 46))

        assert "row-short" not in document.counts

    def test_a_cut_row_of_registers_is_told(self) -> None:
        document = read_registers("Точка;Дата;T1\nA;01.02.2024;1\nA;02.02.2024\n".encode())

        assert [(p.code, p.line) for p in document.problems] == [("row-short", 3)]

    def test_totals_may_be_short(self) -> None:
        assert read("point;moment;value\nP;2026-01-14 00:00;1\nИтого\n").counts == {}


class TestOffsets:
    @pytest.mark.parametrize("text", ["+05:00", "+0500", "UTC+5", "5", "'+05:00", "05:00:00"])
    def test_an_offset_makes_a_naive_moment_exact(self, text: str) -> None:
        document = read(f"point;start;value;utc_offset\nP;2026-01-14 00:00;1;{text}\n")

        assert document.values.series[0].start == datetime(2026, 1, 13, 19, tzinfo=UTC)

    def test_an_empty_one_leaves_the_files_zone(self) -> None:
        document = read("point;start;value;utc_offset\nP;2026-01-14 00:00;1;\n")

        assert document.values.series[0].start == datetime(2026, 1, 13, 21, tzinfo=UTC)

    @pytest.mark.parametrize("text", ["noon", "+25:00", "+03:75"])
    def test_what_is_no_offset_is_told(self, text: str) -> None:
        document = read(f"point;start;value;utc_offset\nP;2026-01-14 00:00;1;{text}\n")

        problem = next(p for p in document.problems if p.code == "offset-junk")
        assert problem.line == 2
        assert "+03:00" in problem.reason
        assert document.values.series == ()

    def test_the_second_of_two_equal_hours_without_the_first(self) -> None:
        text = "point;start;end;value;utc_offset\nP;2010-10-31 02:30;2010-10-31 03:00;1;+03:00\n"
        (series,) = read(text).values.series

        assert series.start == datetime(2010, 10, 30, 23, 30, tzinfo=UTC)

    def test_registers_of_another_zone_come_back(self) -> None:
        text = "Прибор;Дата и время;Показание\nA;01.02.2024 00:00;1\n"
        registers = read_registers(text.encode(), options=Options(zone="Asia/Kamchatka")).values
        stream = io.BytesIO()
        write_registers_xlsx(registers, stream, zone="Asia/Kamchatka")
        again = read_registers(stream.getvalue()).values

        assert np.array_equal(again.moments, registers.moments)

    def test_a_workbook_without_offsets_is_of_the_asked_zone(self) -> None:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["usage_point", "start", "value"])
            sheet.write_row(1, 0, ["P", "2026-01-14 00:00", 1])
        document = read_profiles(stream.getvalue(), options=Options(zone="Asia/Omsk"))

        assert document.values.series[0].start == datetime(2026, 1, 13, 18, tzinfo=UTC)
