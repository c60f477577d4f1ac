"""Tables for the renderers' tests, and the values that each file is to give back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from faza.reports.table import Block, Cells, Chart, Column, Kind, Role, Series, State, Table

MADE_AT = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
COLUMNS = (
    Column("point", "Точка учёта"),
    Column("at", "Начало", Kind.MOMENT),
    Column("energy", "Приём", Kind.NUMBER, "кВт·ч", 3, group="Активная"),
    Column("export", "Отдача", Kind.NUMBER, "кВт·ч", 1, group="Активная"),
    Column("cost", "Стоимость", Kind.MONEY, "₽"),
    Column("share", "Полнота", Kind.PERCENT, "%", 1),
    Column("n", "Интервалов", Kind.COUNT),
    Column("read", "Снято", Kind.DAY),
    Column("month", "Месяц", Kind.MONTH),
)
NAN = float("nan")


def cells(values: Sequence[float], *states: State) -> Cells:
    shown = np.array(states, np.uint8) if states else None
    return Cells(np.array(values, np.float64), shown)


def text(*values: str) -> Cells:
    return Cells(np.array(values, object))


def times(unit: str, *values: str) -> Cells:
    return Cells(np.array(values, f"datetime64[{unit}]"))


M, E, P, X, C, H = State
"""Measured, estimated, partly, missing, carried, by hand."""


def blocks() -> list[Block]:
    """Two points of three rows, each with its sum, and a total; every kind and state."""
    first = Block(
        (
            text("Дом № 1", "Дом № 1", "Дом № 1"),
            times("m", "2026-10-25T00:30", "2026-10-25T01:00", "NaT"),
            cells([1234.567, 0.05, NAN], M, E, X),
            cells([-0.5, 12.0, 3.5], C, H, P),
            cells([98765.43, -1.5, 0.0]),
            cells([100.0, 97.9, NAN], M, M, X),
            cells([48.0, 46.0, 50.0]),
            times("D", "2026-10-26", "NaT", "2026-12-31"),
            times("M", "2026-10", "2026-11", "2026-01"),
        ),
        title="Дом № 1",
    )
    second = Block(
        (
            text("Мастерская",),
            times("m", "2026-10-25T23:30"),
            cells([NAN]),
            cells([1000000.0]),
            cells([NAN], X),
            cells([0.1]),
            cells([0.0]),
            times("D", "2026-10-26"),
            times("M", "2026-10"),
        ),
        title="Мастерская",
    )  # fmt: skip
    return [first, _sum(Role.SUBTOTAL, 1234.617, P), second, _sum(Role.TOTAL, 1234.617, P)]


def _sum(role: Role, energy: float, state: State) -> Block:
    gone = cells([NAN])
    return Block(
        (
            text(""),
            times("m", "NaT"),
            cells([energy], state),
            cells([15.0], E),
            gone,
            gone,
            cells([144.0]),
            times("D", "NaT"),
            times("M", "NaT"),
        ),
        role,
    )


def chart() -> Chart:
    return Chart(
        "Потребление по суткам",
        "кВт·ч",
        ("25.10", "26.10", "27.10"),
        (
            Series("Приём", np.array([1.5, NAN, 3.0]), np.array([M, X, E], np.uint8)),
            Series("Отдача", np.array([0.0, -1.0, 0.5])),
        ),
    )


def table(found: Sequence[Block] | Iterator[Block] | None = None, **more: object) -> Table:
    """The synthetic report, of the blocks given or of all kinds."""
    told: dict[str, object] = {
        "title": "Показания и потребление",
        "period": "01.10.2026 00:00 – 01.11.2026 00:00, московское время",
        "columns": COLUMNS,
        "blocks": blocks() if found is None else found,
        "made_at": MADE_AT,
        "customer": "Ковалёва М. С.",
        "organisation": "Заречные сети",
        "facts": (("Точки учёта", "Дом № 1, Мастерская"),),
        "notes": ["Оценено 15,3 кВт·ч по показаниям счётчика."],
        "chart": chart(),
    }
    return Table(**(told | more))  # type: ignore[arg-type]


def plain(title: str, n: int, n_columns: int = 1, block: int = 1000) -> Table:
    """Rows of a name and numbers: the number is the row and the column told as one."""
    columns = (Column("name", "Точка"),) + tuple(
        Column(f"c{i}", f"Столбец {i}", Kind.NUMBER, "кВт·ч", 0) for i in range(n_columns)
    )

    def made() -> Iterator[Block]:
        for first in range(0, n, block):
            rows = np.arange(first, min(n, first + block))
            names = np.array([f"Точка {i}" for i in rows.tolist()], object)
            yield Block((Cells(names), *(Cells(rows * 1000.0 + i) for i in range(n_columns))))

    return Table(title, "2026", columns, made(), MADE_AT)
