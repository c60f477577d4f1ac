"""Tables of interval values through the whole import."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter

from faza.metering.models import UsagePoint
from tests.collection.factories import days_of, imported, make_point, message, written

pytestmark = pytest.mark.django_db

CLOCKS = [f"{n // 2:02d}:{n % 2 * 3}0" for n in range(48)]


def long_csv(rows, *, separator=";", head="Точка учета;Дата и время;Значение, кВт·ч"):
    head = head.replace(";", separator)
    return "\n".join([head, *(separator.join(map(str, row)) for row in rows)])


def day_rows(code, values, day="14.01.2026"):
    return [(code, f"{day} {clock}", value) for clock, value in zip(CLOCKS, values, strict=True)]


def table(text: str, encoding="utf-8", name="t.csv"):
    return [(name, io.BytesIO(text.encode(encoding)))]


def test_a_long_table_in_windows_1251_with_decimal_commas():
    point = make_point("A-1")
    values = [f"{n},5" for n in range(48)]
    done = imported(table(long_csv(day_rows("A-1", values)), "cp1251"), stamped="start")
    assert days_of(point) == {"2026-01-14": [1000 * n + 500 for n in range(48)]}
    assert done.zones == {"Europe/Moscow"}
    assert (done.files, done.values, done.changed) == (1, 48, 48)


def test_naive_moments_are_of_the_told_zone_and_days_of_the_points():
    point = make_point("A-1", zone="Asia/Omsk")
    rows = day_rows("A-1", range(48))
    imported(table(long_csv(rows)), stamped="start", zone="Asia/Omsk")
    assert list(days_of(point)) == ["2026-01-14"]
    other = make_point("A-2", zone="Asia/Omsk")
    imported(table(long_csv(day_rows("A-2", range(48)))), stamped="start")
    assert sorted(days_of(other)) == ["2026-01-14", "2026-01-15"]


def test_end_stamped_values_belong_to_the_interval_before():
    point = make_point("A-1")
    ends = [*CLOCKS[1:], "00:00"]
    rows = [
        ("A-1", f"{'14' if n < 47 else '15'}.01.2026 {clock}", n) for n, clock in enumerate(ends)
    ]
    imported(table(long_csv(rows)), stamped="end")
    assert days_of(point) == {"2026-01-14": [1000 * n for n in range(48)]}


def test_a_bad_row_is_a_problem_with_its_line_and_the_rest_is_stored():
    point = make_point("A-1")
    rows = day_rows("A-1", range(48))
    rows[3] = ("A-1", rows[3][1], "broken")
    done = imported(table(long_csv(rows)), stamped="start")
    assert [(p.line, "broken" in p.reason) for p in done.problems] == [(5, True)]
    values = days_of(point)["2026-01-14"]
    assert values[3] is None
    assert sum(v is not None for v in values) == 47


def test_an_unknown_point_is_told_or_made():
    text = long_csv(day_rows("NEW", range(48)))
    done = imported(table(text), stamped="start")
    assert "NEW" in done.problems[0].reason
    done = imported(table(text), stamped="start", create_points=True, zone="Asia/Omsk")
    assert (done.created, done.values) == (1, 48)
    assert UsagePoint.objects.get(code="NEW").zone == "Asia/Omsk"


def test_of_two_tables_the_later_stands_in_any_order():
    early, late = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
    one, other = (long_csv(day_rows("A-1", [v] * 48)) for v in (1, 2))
    point = make_point("A-1")
    imported(table(other), stamped="start", as_of=late)
    done = imported(table(one), stamped="start", as_of=early)
    assert (done.changed, done.superseded) == (0, 48)
    assert days_of(point)["2026-01-14"] == [2000] * 48


def test_the_files_time_decides_where_nothing_is_told(tmp_path):
    import os

    point = make_point("A-1")
    for value, mtime in ((1, 2_000_000_000), (2, 1_900_000_000)):
        file = tmp_path / f"{value}.csv"
        file.write_text(long_csv(day_rows("A-1", [value] * 48)))
        os.utime(file, (mtime, mtime))
    imported(tmp_path, stamped="start")
    assert days_of(point)["2026-01-14"] == [1000] * 48


def test_parts_of_a_day_in_a_long_gap_are_one_delivery():
    """A series in two stretches of one day, years of another between."""
    point = make_point("A-1")
    rows = day_rows("A-1", range(48))
    far = day_rows("A-1", range(48), day="14.01.2020")
    done = imported(table(long_csv([*far, *rows[:10], *rows[40:]])), stamped="start")
    assert done.changed == 66
    assert days_of(point)["2026-01-14"][:11] == [*(1000 * n for n in range(10)), None]
    assert list(days_of(point)) == ["2020-01-14", "2026-01-14"]


def test_points_of_different_intervals_in_one_file():
    one, other = make_point("A-1"), make_point("A-2")
    hours = [("A-2", f"14.01.2026 {n:02d}:00", 2) for n in range(24)]
    imported(table(long_csv([*hours, *day_rows("A-1", [1] * 48)])), stamped="start")
    assert len(days_of(one)["2026-01-14"]) == 48
    assert len(days_of(other)["2026-01-14"]) == 24


def test_a_workbook(tmp_path):
    point = make_point("A-1")
    file = tmp_path / "w.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Точка учета", "Дата", *CLOCKS])
        form = book.add_format({"num_format": "dd.mm.yyyy"})
        for n in range(2):
            sheet.write(1 + n, 0, "A-1")
            sheet.write_datetime(1 + n, 1, datetime(2026, 1, 14) + timedelta(days=n), form)
            sheet.write_row(1 + n, 2, [n + 0.25] * 48)
    imported(file)
    assert days_of(point) == {"2026-01-14": [250] * 48, "2026-01-15": [1250] * 48}


def test_a_table_says_nothing_where_a_message_has_a_value(tmp_path):
    point = make_point()
    imported(written(tmp_path, message([100] * 48)))
    values = [*[""] * 24, *[1] * 24]
    imported(
        table(long_csv(day_rows(point.code, values))),
        stamped="start",
        as_of=datetime(2001, 1, 1, tzinfo=UTC),
    )
    assert days_of(point)["2026-01-14"][:24] == [100] * 24


@pytest.mark.parametrize("text", ["", "hello\nworld", "a;b;c\n1;2;3"])
def test_what_is_no_table_is_one_clear_error(text):
    done = imported(table(text))
    assert (done.files, done.refused, len(done.problems)) == (0, 1, 1)


def test_a_name_with_zero_bytes_does_no_harm():
    done = imported(table(long_csv(day_rows("A\0B", [1] * 48))), stamped="start")
    assert done.values == 0


def test_an_unknown_point_has_the_line_of_its_first_row():
    make_point("A-1")
    rows = [
        ("A-1", "14.01.2026 00:00", 1),
        ("B", "14.01.2026 00:30", 2),
        ("B", "14.01.2026 00:00", 2),
    ]
    done = imported(table(long_csv(rows)), stamped="start")
    assert [(p.code, p.line) for p in done.problems] == [("point-unknown", 3)]


@pytest.mark.parametrize("name", ["m.xml", "t.csv"])
def test_what_is_neither_says_so(name):
    done = imported(table("hello\nworld", name=name))
    assert done.problems[0].reason.startswith("It is no XML and no table of readings.")


def test_a_reading_without_a_meter_is_told_in_the_zone_of_the_file():
    make_point("A-1")
    text = "Точка;Дата и время;A+ T1\nA-1;14.01.2026 08:00;5\n"
    done = imported(table(text), zone="Asia/Omsk")
    assert "at 2026-01-14 08:00:00+06:00" in done.problems[0].reason
