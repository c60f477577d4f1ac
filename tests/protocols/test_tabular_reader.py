"""Tables with interval profiles."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from faza.core.quality import Quality
from faza.protocols.problems import Document, Malformed, TooLarge
from faza.protocols.tabular import Layout, Options, Profiles, Series, read_profiles

GOLDEN = Path(__file__).parents[1] / "golden" / "tabular"


def read(text: str | bytes, **options: object) -> Document[Profiles]:
    data = text.encode() if isinstance(text, str) else text
    return read_profiles(data, file="f", options=Options(**options))  # type: ignore[arg-type]


def only(document: Document[Profiles]) -> Series:
    (series,) = document.values.series
    return series


def notes(document: Document[Profiles]) -> dict[str, str]:
    return {note.code: note.value for note in document.notes}


def long(rows: list[tuple[str, str]], header: str = "point;moment;value") -> str:
    return "\n".join([header, *(f"P;{moment};{value}" for moment, value in rows)])


def half_hours(count: int, first: str = "2024-01-15 00:00") -> list[str]:
    start = datetime.fromisoformat(first)
    return [str(start + timedelta(minutes=30 * n)) for n in range(count)]


class TestGolden:
    def test_long_rows_stamped_at_ends_in_windows_1251(self) -> None:
        document = read((GOLDEN / "long_ends.csv").read_bytes())
        first, second = document.values.series

        assert (first.point, second.point) == ("ПС Заречная ф. 1", "ТП-7 «Луговая»")
        assert first.start == datetime(2024, 1, 14, 21, tzinfo=UTC)
        assert first.values[:6].tolist() == [500, 1000, 1500, 2000, 2500, 3000]
        assert first.quality.tolist() == [0] * 6 + [255] * 2 + [0] * 40
        assert document.counts == {}
        assert notes(document) == {
            "encoding": "cp1251",
            "separator": ";",
            "layout": "long",
            "stamped": "end",
        }

    def test_a_column_per_point_of_mean_power_in_utf_16(self) -> None:
        document = read((GOLDEN / "wide_points.txt").read_bytes())
        series = {(s.point, s.reading_type.channel): s for s in document.values.series}

        assert list(series) == [("ТП-1", "A+"), ("ТП-1", "R+"), ("ТП-2", "A+")]
        power = series["ТП-1", "A+"]
        # n.001 kW over half an hour is n x 500.5 Wh; the halves are carried.
        assert power.rounded == 48
        assert int(power.values.sum()) == 500 * sum(range(48)) + 24
        assert series["ТП-2", "A+"].quality[3] == Quality.MISSING
        assert notes(document)["encoding"] == "utf-16"
        assert notes(document)["stamped"] == "start"

    def test_a_row_per_day(self) -> None:
        document = read((GOLDEN / "wide_day.csv").read_bytes())

        assert [(s.point, len(s.values)) for s in document.values.series] == [
            ("990070043214101", 96),
            ("990070043214102", 96),
        ]
        assert document.values.series[0].values.tolist() == [1000 * n for n in range(48)] * 2
        assert notes(document)["layout"] == "wide-day"
        assert document.counts == {}

    def test_series_of_one_span_are_one_stack(self) -> None:
        (stack,) = read((GOLDEN / "wide_day.csv").read_bytes()).values.stacks()

        assert stack.values.shape == (2, 96)
        assert stack.points == ("990070043214101", "990070043214102")
        assert stack.start == datetime(2024, 1, 14, 21, tzinfo=UTC)


class TestStamps:
    def test_days_that_begin_at_midnight_tell_of_starts(self) -> None:
        assert notes(read(long([(m, "1") for m in half_hours(48)])))["stamped"] == "start"

    def test_days_that_end_at_midnight_tell_of_ends(self) -> None:
        rows = [(m, "1") for m in half_hours(48, "2024-01-15 00:30")]
        document = read(long(rows))

        assert notes(document)["stamped"] == "end"
        assert only(document).start == datetime(2024, 1, 14, 21, tzinfo=UTC)

    @pytest.mark.parametrize("last", ["2024-01-15 24:00", "2024-01-16 00:00", "2024-01-15 00:00"])
    def test_the_last_midnight_may_be_dated_in_three_ways(self, last: str) -> None:
        rows = [(m, "1") for m in half_hours(47, "2024-01-15 00:30")] + [(last, "7")]
        series = only(read(long(rows)))

        assert series.start == datetime(2024, 1, 14, 21, tzinfo=UTC)
        assert len(series.values) == 48
        assert series.values[-1] == 7000

    def test_what_cannot_be_told_is_the_default_and_noted(self) -> None:
        rows = [(m, "1") for m in half_hours(5, "2024-01-15 10:00")]
        starts, ends = read(long(rows)), read(long(rows), stamped_default="end")

        assert only(starts).start - only(ends).start == timedelta(minutes=30)
        assert "the file does not tell" in next(n.text for n in ends.notes if n.code == "stamped")

    def test_the_header_and_the_option_tell(self) -> None:
        rows = [(m, "1") for m in half_hours(5, "2024-01-15 10:00")]

        assert notes(read(long(rows, "точка;конец интервала;значение")))["stamped"] == "end"
        assert notes(read(long(rows, "точка;начало;значение")))["stamped"] == "start"
        assert notes(read(long(rows), stamped="end"))["stamped"] == "end"

    def test_a_time_column_may_have_both_edges(self) -> None:
        text = "Точка;Дата;Время;Значение\nA;15.01.2024;10:00-10:30;1\nA;15.01.2024;10:30-11:00;2\n"
        series = only(read(text))

        assert series.start == datetime(2024, 1, 15, 7, tzinfo=UTC)
        assert series.interval == 30


class TestClockChanges:
    def test_the_second_hour_follows_from_the_order(self) -> None:
        walls = half_hours(6, "2010-10-31 00:00") + half_hours(44, "2010-10-31 02:00")
        series = only(read(long([(m, str(n)) for n, m in enumerate(walls)])))

        assert series.values.tolist() == [1000 * n for n in range(50)]
        assert (series.quality == Quality.VALID).all()

    def test_the_skipped_hour_is_no_gap(self) -> None:
        walls = half_hours(4, "2010-03-28 00:00") + half_hours(42, "2010-03-28 03:00")
        series = only(read(long([(m, str(n)) for n, m in enumerate(walls)])))

        assert series.values.tolist() == [1000 * n for n in range(46)]

    def test_a_value_in_the_skipped_hour_is_a_problem(self) -> None:
        document = read(long([(m, "1") for m in half_hours(48, "2010-03-28 00:00")]))

        assert document.counts == {"moment-absent": 2}
        assert document.problems[0].line == 6

    def test_numbered_columns_follow_the_true_day(self) -> None:
        header = "Точка;Дата;" + ";".join(str(n) for n in range(1, 51))
        row = "A;31.10.2010;" + ";".join(str(n) for n in range(50))
        series = only(read(f"{header}\n{row}\n"))

        assert series.interval == 30
        assert series.values.tolist() == [1000 * n for n in range(50)]

    def test_a_numbered_column_past_a_short_day_is_a_problem(self) -> None:
        header = "Точка;Дата;" + ";".join(str(n) for n in range(1, 49))
        row = "A;28.03.2010;" + ";".join(str(n) for n in range(48))
        document = read(f"{header}\n{row}\n")

        assert only(document).values.tolist() == [1000 * n for n in range(46)]
        assert document.counts == {"moment-absent": 2}

    def test_iso_offsets_need_no_order(self) -> None:
        rows = [("2010-10-31T02:00:00+03:00", "2"), ("2010-10-31T02:30:00+04:00", "1")]
        series = only(read(long(rows)))

        assert series.start == datetime(2010, 10, 30, 22, 30, tzinfo=UTC)
        assert series.values.tolist() == [1000, 2000]


class TestRows:
    def test_gaps_are_untold_and_long_ones_part_the_series(self) -> None:
        rows = [("2024-01-15 00:00", "1"), ("2024-01-15 00:30", "1"), ("2024-01-15 02:00", "1"),
                ("2034-01-15 00:00", "1")]  # fmt: skip
        first, second = read(long(rows)).values.series

        assert first.quality.tolist() == [0, 0, 254, 254, 0]
        assert len(second.values) == 1

    def test_equal_repetitions_are_fine_and_others_are_problems(self) -> None:
        rows = [("2024-01-15 00:00", "1"), ("2024-01-15 00:30", "2"), ("2024-01-15 00:00", "1.0"),
                ("2024-01-15 00:30", "3")]  # fmt: skip
        document = read(long(rows))

        assert only(document).values.tolist() == [1000, 2000]
        assert [(p.code, p.line) for p in document.problems] == [("moment-repeated", 5)]

    def test_bad_rows_are_problems_with_their_lines(self) -> None:
        rows = [("2024-01-15 00:00", "1"), ("yesterday", "1"), ("2024-01-15 00:30", "x"),
                ("2024-01-15 01:00", "-1"), ("2024-01-15 01:07", "1"),
                ("2024-01-15 01:30", "99999999999999")]  # fmt: skip
        document = read(long(rows))

        assert [(p.code, p.line) for p in document.problems] == [
            ("moment-junk", 3),
            ("value-junk", 4),
            ("value-negative", 5),
            ("moment-off-grid", 6),
            ("value-too-large", 7),
        ]
        assert document.problems[1].column == "value"
        assert only(document).quality.tolist() == [0, 255, 255, 255]

    @pytest.mark.parametrize("word", ["", "-", "нет данных", "N/A", "Н/Д", "NaN"])
    def test_words_for_no_value(self, word: str) -> None:
        document = read(long([("2024-01-15 00:00", "1"), ("2024-01-15 00:30", word)]))

        assert only(document).quality.tolist() == [Quality.VALID, Quality.MISSING]
        assert document.counts == {}

    def test_quality_by_name_by_code_and_unknown(self) -> None:
        text = "point;moment;value;quality\n" + "\n".join(
            f"P;2024-01-15 0{n}:00;1;{quality}"
            for n, quality in enumerate(["estimated_by_day", "10", "", "missing", "??", "1"])
        )
        document = read(text)

        assert only(document).quality.tolist() == [8, 10, 0, 255, 10, 10]
        assert document.counts == {"quality-unknown": 1}

    @pytest.mark.parametrize(
        ("unit", "expected"),
        [("кВт·ч", 1500), ("МВт*ч", 1_500_000), ("Wh", 2), ("kW", 750), ("кВт", 750)],
    )
    def test_units(self, unit: str, expected: int) -> None:
        text = (
            f"point;moment;value;unit\nP;2024-01-15 00:00;1.5;{unit}\nP;2024-01-15 00:30;1.5;{unit}"
        )

        assert only(read(text)).values[0] == expected

    def test_wrong_units_and_channels_are_problems(self) -> None:
        text = (
            "point;channel;moment;value;unit\nP;A+;2024-01-15 00:00;1;kvarh\n"
            "P;A+;2024-01-15 00:30;1;pood\nP;Z;2024-01-15 01:00;1;kWh\n;A+;2024-01-15 01:30;1;kWh\n"
        )
        document = read(text)

        assert [p.code for p in document.problems if p.line] == [
            "unit-misfit", "unit-unknown", "channel-unknown", "point-empty",
        ]  # fmt: skip

    def test_reactive_units_mean_a_reactive_channel(self) -> None:
        assert only(read(long([("2024-01-15 00:00", "1")], "point;moment;value, кварч"))
                    ).reading_type.channel == "R+"  # fmt: skip

    def test_columns_per_channel_without_points(self) -> None:
        text = "Дата;Время;A+;A-\n15.01.2024;0:30;1;2\n15.01.2024;1:00;1;2\n"
        document = read(text, point="The flat")

        assert [(s.point, s.reading_type.channel) for s in document.values.series] == [
            ("The flat", "A+"),
            ("The flat", "A-"),
        ]

    def test_quoted_cells_with_line_ends_keep_lines_true(self) -> None:
        text = 'point;moment;value\n"A\nB";2024-01-15 00:00;1\n\n"A\nB";2024-01-15 00:30;x\n'
        document = read(text)

        assert only(document).point == "A\nB"
        assert document.problems[0].line == 6

    def test_short_rows_are_told(self) -> None:
        document = read("point;moment;value\nP;2024-01-15 00:00;1\nP;2024-01-15 00:30\n\nP\n")

        assert only(document).quality.tolist() == [0]
        assert [(p.code, p.line) for p in document.problems] == [("row-short", 3), ("row-short", 5)]

    @pytest.mark.parametrize("block", [10, 70, 1 << 20])
    def test_long_rows_do_not_shift_others(
        self, block: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("faza.protocols.tabular.sheets.BLOCK", block)
        rows = [(m, f"{n};note" if n % 3 else f"{n}") for n, m in enumerate(half_hours(48))]
        document = read(long(rows) + "\n\nP;2024-01-16 00:00;")
        series = only(document)

        assert series.values.tolist() == [*(1000 * n for n in range(48)), 0]
        assert series.quality.tolist() == [0] * 48 + [Quality.MISSING]
        assert document.counts == {}

    def test_a_quote_that_is_never_closed_keeps_what_is_before(self) -> None:
        text = long([("2024-01-15 00:00", "1")]) + '\nP;"' + "x" * 200_000
        document = read(text)

        assert only(document).values.tolist() == [1000]
        assert document.counts["row-broken"] == 1

    def test_a_short_file_takes_its_interval_from_the_option(self) -> None:
        assert only(read(long([("2024-01-15 00:00", "1")]), interval=15)).interval == 15


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "empty"),
            (b" \n", "empty"),
            (b"\0\1\2", "not-text"),
            (b"hello\nworld\n", "no-header"),
            (b"a;b;c\n1;2;3\n", "no-header"),
            (b"PK\x03\x04rubbish", "workbook"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "xls"),
        ],
    )
    def test_no_table(self, data: bytes, code: str) -> None:
        with pytest.raises(Malformed) as caught:
            read(data)

        assert caught.value.code == code

    def test_a_file_over_the_limit(self) -> None:
        with pytest.raises(TooLarge, match="the limit is 2"):
            read_profiles(b"123", limit=2)

    def test_a_workbook_that_unpacks_beyond_the_limit(self) -> None:
        data = workbook(
            [["point", "moment", "value"], *[["x" * 1000 + str(n)] for n in range(500)]]
        )

        with pytest.raises(TooLarge, match="the limit is 100000"):
            read_profiles(data, limit=100_000)

    def test_a_far_cell_in_a_small_workbook_is_refused(self) -> None:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            sheet = book.add_worksheet()
            sheet.write(0, 0, "point")
            sheet.write(1_048_575, 16_383, "far")

        with pytest.raises(TooLarge, match="spans 1048576 rows x 16384 columns"):
            read_profiles(stream.getvalue())

    def test_gaps_cannot_fill_the_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("faza.protocols.tabular.series.CELLS", 1000)
        rows = [("2024-01-01 00:00", "1"), ("2024-01-01 00:30", "1"), ("2024-01-30 00:00", "1")]

        with pytest.raises(TooLarge, match="the limit is 1000"):
            read(long(rows))


def workbook(rows: list[list[object]], name: str = "Sheet1") -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    days = book.add_format({"num_format": "dd.mm.yyyy"})
    moments = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    times = book.add_format({"num_format": "hh:mm"})
    sheet = book.add_worksheet(name)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(r, c, cell, moments)
            elif isinstance(cell, date):
                sheet.write_datetime(r, c, cell, days)
            elif isinstance(cell, time):
                sheet.write_datetime(r, c, cell, times)
            else:
                sheet.write(r, c, cell)
    book.close()
    return stream.getvalue()


class TestWorkbooks:
    def test_dates_times_and_numbers_are_cells(self) -> None:
        rows = [["Отчёт"], [], ["Точка", "Дата", "Время", "Значение"]]
        rows += [["ТП", date(2024, 1, 15), time(n // 2, n % 2 * 30), n + 0.1] for n in range(48)]
        document = read(workbook(rows))

        assert only(document).values.tolist() == [1000 * n + 100 for n in range(48)]
        assert only(document).start == datetime(2024, 1, 14, 21, tzinfo=UTC)
        assert document.counts == {}

    def test_problems_name_the_row_of_the_sheet(self) -> None:
        rows = [[], [], ["Точка", "Дата и время", "Значение"],
                ["ТП", datetime(2024, 1, 15), 1.0],
                ["ТП", datetime(2024, 1, 15, 0, 30), "x"]]  # fmt: skip
        document = read(workbook(rows))

        assert [(p.code, p.line, p.column) for p in document.problems] == [
            ("value-junk", 5, "Значение")
        ]

    def test_moments_by_floats_are_rounded_to_the_second(self) -> None:
        start = datetime(2024, 1, 15)
        rows = [["Дата и время", "ТП-1", "ТП-2"]]
        rows += [[start + timedelta(minutes=n), n, 1e-7] for n in range(1440)]
        document = read(workbook(rows))

        assert [len(s.values) for s in document.values.series] == [1440, 1440]
        assert document.counts == {}
        assert document.values.series[1].interval == 1

    def test_an_unknown_sheet_is_named(self) -> None:
        with pytest.raises(Malformed, match="no sheet 'B' but Sheet1"):
            read(workbook([["x"]]), sheet="B")


def test_a_layout_can_be_forced() -> None:
    text = "Дата и время;Значение\n2024-01-15 00:00;1\n"

    assert only(read(text, layout=Layout.WIDE_POINTS, point="X")).point == "X"


def test_two_hundred_series_keep_their_order() -> None:
    rows = [f"P{n % 200};{m};{n % 200}" for m in half_hours(10) for n in range(200)]
    document = read("point;moment;value\n" + "\n".join(rows))

    assert [s.point for s in document.values.series] == [f"P{n}" for n in range(200)]
    assert all((s.values == 1000 * n).all() for n, s in enumerate(document.values.series))
    assert np.concatenate([s.quality for s in document.values.series]).max() == 0
