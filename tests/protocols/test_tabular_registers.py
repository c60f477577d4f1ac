"""Tables with register readings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from faza.protocols.problems import Malformed
from faza.protocols.tabular import Options, ReadingKind, read_registers
from faza.protocols.tabular.words import register_of

GOLDEN = Path(__file__).parents[1] / "golden" / "tabular"


def test_a_russian_file_in_windows_1251() -> None:
    document = read_registers((GOLDEN / "registers.csv").read_bytes(), file="r.csv")
    registers = document.values

    assert registers.meters == ("01234567", "01234567", "07654321")
    assert registers.points == ("", "", "")
    assert registers.kinds == (
        ReadingKind.START_OF_MONTH, ReadingKind.MANUAL, ReadingKind.START_OF_MONTH,
    )  # fmt: skip
    assert registers.moments[1] == np.datetime64("2024-02-15T07:20:00")
    assert registers.values[0, 0, :3].tolist() == [12_345_670, 8_000_500, 4_345_170]
    assert registers.present[0].sum() == 3
    assert registers.values[1, 2, 1] == 55_500
    assert registers.lines == (2, 3, 4)
    assert [(p.code, p.line) for p in document.problems] == [
        ("value-negative", 4),
        ("value-junk", 4),
        ("moment-junk", 5),
        ("point-empty", 6),
    ]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("A+ T1", (0, 1)), ("T1", (0, 1)), ("Т2", (0, 2)), ("Тариф 3", (0, 3)), ("Сумма", (0, 0)),
        ("А+ Сумма, кВт·ч", (0, 0)), ("A+", (0, 0)), ("A-", (1, 0)), ("R- T8", (3, 8)),
        ("R+_T1", (2, 1)), ("A+ (T1)", (0, 1)), ("T9", None), ("x T1", None), ("1", None),
        ("", None), ("U", None), ("Вода, м3", (4, 0)), ("ХВС (м³)", (4, 0)), ("Газ", (5, 0)),
        ("HEAT, Gcal", (6, 0)), ("Тепловая энергия, ГДж", (6, 0)), ("Вода T1", None),
    ],
)  # fmt: skip
def test_headers_of_registers(header: str, expected: tuple[int, int] | None) -> None:
    assert register_of(header) == expected


def test_a_column_of_channels_says_whose_tariffs_a_row_has() -> None:
    text = "Точка;Канал;Дата;T1;T2\nA;A+;01.02.2024;1;2\nA;R+;01.02.2024;3;\n"
    registers = read_registers(text.encode()).values

    assert len(registers) == 1
    assert registers.values[0, 0, 1:3].tolist() == [1000, 2000]
    assert registers.values[0, 2, 1] == 3000
    assert registers.present.sum() == 3


def test_a_register_told_twice_keeps_the_first() -> None:
    text = "Точка;Дата;T1\nA;01.02.2024;1\nA;01.02.2024;2\nA;01.02.2024;1,0\n"
    document = read_registers(text.encode())

    assert document.values.values[0, 0, 1] == 1000
    assert [(p.code, p.line) for p in document.problems] == [("reading-repeated", 3)]


def test_the_kind_follows_from_the_moment_where_nothing_tells() -> None:
    text = (
        "Прибор;Дата и время;Показание\nA;01.02.2024 00:00;1\nA;02.02.2024 00:00;2\n"
        "A;02.02.2024 10:00;3\n"
    )
    document = read_registers(text.encode(), options=Options(zone="Asia/Omsk"))

    assert document.values.kinds == (
        ReadingKind.START_OF_MONTH, ReadingKind.START_OF_DAY, ReadingKind.ON_DEMAND,
    )  # fmt: skip
    assert document.values.moments[0] == np.datetime64(datetime(2024, 1, 31, 18))
    assert "kind" in {note.code for note in document.notes}


@pytest.mark.parametrize("text", ["a;b\n1;2\n", "Дата;T1\n01.02.2024;1\n", "Точка;T1\nA;1\n"])
def test_a_file_without_points_dates_or_registers_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_registers(text.encode())

    assert caught.value.code == "no-header"


def test_water_gas_and_heat_have_their_own_quanta() -> None:
    """12,345 m3 are 12 345 l; 1 GJ is 10 000 / 41 868 Gcal, 238 846 kcal."""
    text = "Точка;Дата;Вода, м3;Газ, л;Тепло, ГДж\nA;01.02.2024;12,345;700;1\n"
    document = read_registers(text.encode())
    registers = document.values

    assert not document.problems
    assert registers.values[0, 4, 0] == 12_345
    assert registers.values[0, 5, 0] == 700
    assert registers.values[0, 6, 0] == 238_846
    assert registers.present[0].sum() == 3


def test_a_unit_of_another_resource_is_refused() -> None:
    document = read_registers("Точка;Дата;Вода, кВт·ч\nA;01.02.2024;5\n".encode())

    assert {p.code for p in document.problems} == {"unit-misfit", "no-readings"}


def test_a_column_of_channels_may_name_water() -> None:
    text = "Точка;Канал;Дата;T0\nA;A+;01.02.2024;1\nB;Вода;01.02.2024;3,5\n"
    registers = read_registers(text.encode()).values

    assert registers.values[0, 0, 0] == 1000
    assert registers.values[1, 4, 0] == 3500
