"""Tables written, and read back."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS, R_MINUS, READING_TYPES, ReadingType
from faza.protocols.tabular import (
    Options,
    ReadingKind,
    Registers,
    Series,
    read_profiles,
    read_registers,
    write_csv,
    write_registers_csv,
    write_registers_xlsx,
    write_xlsx,
)

START = datetime(2024, 1, 14, 21, tzinfo=UTC)
ZONES = ["UTC", "Europe/Moscow", "Asia/Kolkata", "America/Sao_Paulo"]


def series_of(
    values: list[int],
    *,
    point: str = "ТП-7",
    kind: ReadingType = A_PLUS,
    quality: list[int] | None = None,
    start: datetime = START,
    interval: int = 30,
) -> Series:
    return Series(
        point, kind, start, interval, np.array(values, np.int64),
        np.array([0] * len(values) if quality is None else quality, np.uint8),
    )  # fmt: skip


def assert_same(expected: list[Series], found: tuple[Series, ...]) -> None:
    assert len(found) == len(expected)
    for a, b in zip(expected, found, strict=True):
        assert (a.point, a.reading_type, a.start, a.interval) == (
            b.point, b.reading_type, b.start, b.interval,
        )  # fmt: skip
        assert (a.values == b.values).all()
        assert (a.quality == b.quality).all()


TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x4FF, exclude_categories=["Cc", "Cs", "Zs"]),
    min_size=1, max_size=12,
)  # fmt: skip
POINTS = TEXT | st.sampled_from(
    ["=1+1", "+7", "-x", "@a", "'quoted", "''=x", 'A "b"', "a,b;c", "Total"]
)
CELL = st.tuples(
    st.integers(0, 10**12), st.sampled_from([q for q in Quality if q is not Quality.UNTOLD])
)


@st.composite
def told(draw: st.DrawFn) -> list[Series]:
    keys = draw(
        st.lists(
            st.tuples(POINTS, st.sampled_from(READING_TYPES)), min_size=1, max_size=3, unique=True
        )
    )
    interval = draw(st.sampled_from([5, 30, 60]))
    found = []
    for point, kind in keys:
        cells = draw(st.lists(CELL, min_size=2, max_size=60))
        offset = timedelta(minutes=interval * draw(st.integers(0, 5000)))
        values = [0 if q is Quality.MISSING else v for v, q in cells]
        found.append(
            series_of(
                values,
                point=point,
                kind=kind,
                quality=[int(q) for _, q in cells],
                start=datetime(2010, 3, 27, tzinfo=UTC) + offset,
                interval=interval,
            )  # fmt: skip
        )
    return found


def opened(stream: io.BytesIO) -> python_calamine.CalamineWorkbook:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(stream.getvalue()))


class TestCsv:
    @given(series=told(), zone=st.sampled_from(ZONES), bom=st.booleans())
    def test_reading_what_is_written_is_identity(
        self, series: list[Series], zone: str, bom: bool
    ) -> None:
        data = b"".join(write_csv(series, zone=zone, bom=bom))
        document = read_profiles(data, options=Options(zone=zone))

        assert document.counts == {}
        assert_same(series, document.values.series)

    def test_the_rows_are_as_agreed(self) -> None:
        series = series_of([1500, 0, 7], quality=[0, 255, 8], point="=cmd")
        data = b"".join(write_csv([series], zone="Europe/Moscow"))

        assert data.decode().split("\r\n") == [
            "usage_point,channel,start,end,value,unit,quality",
            "'=cmd,A+,2024-01-15T00:00:00+03:00,2024-01-15T00:30:00+03:00,1.5,kWh,valid",
            "'=cmd,A+,2024-01-15T00:30:00+03:00,2024-01-15T01:00:00+03:00,,kWh,missing",
            "'=cmd,A+,2024-01-15T01:00:00+03:00,2024-01-15T01:30:00+03:00,0.007,kWh,estimated_by_day",
            "",
        ]

    def test_untold_intervals_have_no_row(self) -> None:
        series = series_of([1, 0, 0, 2], quality=[0, 254, 254, 0])
        data = b"".join(write_csv([series]))

        assert data.count(b"\r\n") == 3
        assert_same([series], read_profiles(data).values.series)

    def test_chunks_leave_nothing_in_memory(self) -> None:
        def many() -> Iterator[Series]:
            for n in range(3):
                yield series_of([n] * 17_568, point=f"P{n}")

        tracemalloc.start()
        size = sum(map(len, write_csv(many(), zone="Europe/Moscow")))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert size > 3_500_000
        assert peak < 12_000_000


class TestWorkbook:
    @pytest.mark.parametrize("sheet_per_point", [False, True])
    @pytest.mark.parametrize("start", [START, datetime(2010, 10, 30, 20, tzinfo=UTC)])
    def test_reading_what_is_written_is_identity(
        self, sheet_per_point: bool, start: datetime
    ) -> None:
        series = [
            series_of(list(range(50)), point=point, kind=kind, start=start)
            for point in ("ТП-1", "ТП-2")
            for kind in (A_PLUS, R_MINUS)
        ]
        stream = io.BytesIO()
        write_xlsx(series, stream, zone="Europe/Moscow", sheet_per_point=sheet_per_point)
        document = read_profiles(stream.getvalue())

        assert document.counts == {}
        assert_same(series, document.values.series)

    def test_numbers_are_numbers_and_missing_ones_empty_cells(self) -> None:
        stream = io.BytesIO()
        series = series_of([1500, 0, 2500], quality=[0, 255, 8], point="=1+1")
        write_xlsx([series], stream, zone="UTC")
        rows = opened(stream).get_sheet_by_index(0).to_python()

        assert rows[1][:2] == ["'=1+1", "A+"]
        assert rows[1][2] == datetime(2024, 1, 14, 21)
        assert [row[4] for row in rows[1:4]] == [1.5, "", 2.5]
        assert rows[4][0] == "total"
        assert rows[4][4] == 4.0
        assert rows[4][6] == pytest.approx(2 / 3)

    def test_a_sheet_per_point_has_a_column_per_channel_and_totals(self) -> None:
        stream = io.BytesIO()
        write_xlsx(
            [series_of([1, 2]), series_of([3], kind=R_MINUS), series_of([1], point="b/[c]*" * 9)],
            stream, zone="UTC", sheet_per_point=True, titles={"total": "Итого"},
        )  # fmt: skip
        book = opened(stream)
        rows = book.get_sheet_by_index(0).to_python()

        assert book.sheet_names[0] == "ТП-7"
        assert len(book.sheet_names[1]) <= 31
        assert rows[0] == ["start", "end", "A+, kWh", "R-, kvarh", "utc_offset"]
        assert rows[2][2:] == [0.002, "", "+00:00"]
        assert rows[3] == ["Итого", "", 0.003, 0.003, ""]
        # The second half-hour of R- is not told: it counts as absent.
        assert rows[4] == ["completeness", "", 1.0, 0.5, ""]

    def test_a_full_sheet_is_continued(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("faza.protocols.tabular.workbook.LAST_ROW", 20)
        series, stream = series_of(list(range(50))), io.BytesIO()
        write_xlsx([series], stream, zone="UTC")

        assert opened(stream).sheet_names == [
            "1",
            "1 2",
            "1 3",
        ]
        assert_same(
            [series], read_profiles(stream.getvalue(), options=Options(zone="UTC")).values.series
        )

    def test_a_book_of_nothing_is_a_book(self) -> None:
        stream = io.BytesIO()
        write_xlsx([], stream, zone="UTC", sheet_per_point=True)

        assert opened(stream).sheet_names == ["1"]


def registers_of(
    rows: list[tuple[str, str, int, ReadingKind, dict[tuple[int, int], int]]],
) -> Registers:
    values = np.zeros((len(rows), 7, 9), np.int64)
    present = np.zeros((len(rows), 7, 9), bool)
    for n, row in enumerate(rows):
        for place, value in row[4].items():
            values[n][place], present[n][place] = value, True
    return Registers(
        tuple(r[0] for r in rows), tuple(r[1] for r in rows),
        np.array([r[2] for r in rows], np.int64).astype("datetime64[s]"),
        values, present, tuple(r[3] for r in rows),
    )  # fmt: skip


@st.composite
def readings(draw: st.DrawFn) -> Registers:
    zoned = st.tuples(st.integers(0, 3), st.integers(0, 8))
    # Water, gas and heat have one register each.
    place = st.one_of(zoned, st.tuples(st.integers(4, 6), st.just(0)))
    row = st.tuples(
        POINTS.filter(lambda p: p != "Total"), TEXT, st.integers(10**9, 2 * 10**9),
        st.sampled_from(ReadingKind),
        st.dictionaries(place, st.integers(0, 10**12), min_size=1, max_size=5),
    )  # fmt: skip
    rows = draw(st.lists(row, min_size=1, max_size=6, unique_by=lambda r: r[:4]))
    return registers_of(rows)


def assert_same_registers(a: Registers, b: Registers) -> None:
    assert (a.points, a.meters, a.kinds) == (b.points, b.meters, b.kinds)
    assert (a.moments == b.moments).all()
    assert (a.present == b.present).all()
    assert (a.values == b.values).all()


class TestRegisters:
    @given(registers=readings(), zone=st.sampled_from(ZONES))
    def test_csv_read_back_is_identity(self, registers: Registers, zone: str) -> None:
        document = read_registers(b"".join(write_registers_csv(registers, zone=zone)))

        assert document.counts == {}
        assert_same_registers(registers, document.values)

    @settings(max_examples=10)
    @given(registers=readings())
    def test_a_workbook_read_back_is_identity(self, registers: Registers) -> None:
        stream = io.BytesIO()
        write_registers_xlsx(registers, stream, zone="UTC")
        document = read_registers(stream.getvalue(), options=Options(zone="UTC"))

        assert document.counts == {}
        assert_same_registers(registers, document.values)
