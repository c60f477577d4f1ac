"""Every kind of report in every format: what the file says is what the table of the kind says.

That the table says what `readings.queries` says, tests/reports/kinds proves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import lxml.html
import numpy as np
import pytest
from django.db import transaction

from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.readings.queries import profiles
from faza.reports import registry
from faza.reports.renderers import look
from faza.reports.table import NUMERIC, Kind, Role, State, Table
from tests.readings import meters
from tests.reports.kinds import world
from tests.reports.renderers import reading

pytestmark = pytest.mark.django_db
KINDS = tuple(kind.code for kind in registry.kinds())
ASKED = {"period": "month", "on": "2026-03-01"}
FORMATS = ("html", "csv", "json", "xlsx", "xls")


def shaky(number: int) -> int | None:
    """A month's half-hours: gaps of a part of a day and of a whole one."""
    return None if 60 <= number < 64 or 480 <= number < 528 else 100 + number % 977


@dataclass(frozen=True)
class Made:
    """Tables of every kind: of two points, and of none; and what the store has of them."""

    full: dict[str, Table]
    empty: dict[str, Table]
    sums: set[float]


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[Made]:
    """Made once: a report that is read has no need of the database."""
    with django_db_blocker.unblock(), transaction.atomic():
        seen = two_points()
        found = profiles(seen, [A_PLUS.code], Period.of_days(
            world.MARCH, world.MARCH.replace(month=4), world.MOSCOW))  # fmt: skip
        yield Made(
            {code: made(code, seen) for code in KINDS},
            {code: made(code, world.windows()) for code in KINDS},
            {int(one.values.sum()) / 1000 for one in found},
        )
        transaction.set_rollback(True)


def two_points() -> Windows:
    """Two points, of one of which half-hours are missing or estimated, with readings of both."""
    points = [world.make_point(code, world.MOSCOW) for code in ("Дом № 1", "=Мастерская")]
    for n, point in enumerate(points):
        world.measure(
            point, world.MARCH, 31, shaky if n else 1234,
            quality=(lambda i: world.EST if 70 <= i < 73 else 0) if n else None,
        )  # fmt: skip
        meter = meters.make_meter(f"77{n}")
        meters.put_in(point, meter, ct=n + 1)
        for month, day, shown in ((2, 28, 1_000_000), (3, 31, 1_543_210)):
            meters.read(point, meter, datetime(2026, month, day, 21, tzinfo=UTC), shown + n)
    return world.windows(*points)


def made(code: str, seen: Windows) -> Table:
    kind = registry.kind(code)
    asked = kind.read(ASKED, world.AT.date())
    assert not asked.problems
    table = kind.make(seen, asked.parameters, world.AT)
    table.blocks = list(table.blocks)
    return table


def expected(table: Table, *, months_in_words: bool) -> list[list[Any]]:
    """What the cells are to say: numbers as floats, days and moments as people write them."""
    rows: list[list[Any]] = []
    for block in table.blocks:
        for i in range(len(block)):
            rows.append([
                said(column.kind, cells.values[i],
                     0 if cells.states is None else int(cells.states[i]),
                     block.role, months_in_words)
                for column, cells in zip(table.columns, block.cells, strict=True)
            ])  # fmt: skip
            if block.role is not Role.ROWS and rows[-1][0] is None:
                rows[-1][0] = "Итого" if block.role is Role.TOTAL else "Итого по части"
    return rows


def said(kind: Kind, value: Any, state: int, role: Role, months_in_words: bool) -> Any:
    if kind in NUMERIC:
        if np.isnan(value):
            return "—" if state == State.MISSING or role is Role.ROWS else None
        return "—" if state == State.MISSING else float(value)
    if kind is Kind.TEXT:
        return value or None
    if np.isnat(value):
        return "—" if state == State.MISSING else None
    at = value.astype("datetime64[m]").astype(datetime)
    match kind:
        case Kind.MOMENT:
            return f"{at:%d.%m.%Y %H:%M}"
        case Kind.DAY:
            return f"{at:%d.%m.%Y}"
    return f"{look.MONTHS[at.month]} {at.year}" if months_in_words else f"{at:01.%m.%Y}"


def read_back(table: Table, format: str) -> list[list[Any]]:
    data = reading.rendered(table, format)
    if format in ("xlsx", "xls"):
        heads = {look.heading(table.columns[0])}
        found = reading.from_sheet(data, len(table.columns), heads)
        moments = [i for i, column in enumerate(table.columns) if column.kind is Kind.MOMENT]
        for row in found:
            for i in moments:
                # The reader takes a midnight for a day.
                row[i] = f"{row[i]} 00:00" if row[i] and len(row[i]) == 10 else row[i]
    else:
        found = getattr(reading, f"from_{format}")(data)
    return [[tidy(cell) for cell in row] for row in found]


def tidy(cell: Any) -> Any:
    """An apostrophe that guards a text is no part of it, nor are the spaces between digits."""
    if not isinstance(cell, str):
        return cell
    plain = cell.replace("\xa0", " ")
    return plain[1:] if plain[:2] in ("'=", "'+", "'-", "'@") else plain


def comparable(row: list[Any], numbers_only: bool) -> list[Any]:
    cells = [c.replace("\xa0", " ") if isinstance(c, str) else c for c in row]
    if numbers_only:
        return [cell for cell in cells if isinstance(cell, float | int)]
    # A text that is a number (a meter's) is read as one from a page.
    return [str(c) if isinstance(c, float) and c.is_integer() else as_text(c) for c in cells]


def as_text(cell: Any) -> Any:
    number = reading.number(cell) if isinstance(cell, str) else cell
    if isinstance(number, float) and number.is_integer():
        return str(number)
    return str(float(number)) if isinstance(number, int) else number


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("code", KINDS)
def test_a_file_says_what_the_kind_says(code: str, format: str, tables: Made) -> None:
    table = tables.full[code]
    wanted = expected(table, months_in_words=format not in ("xlsx", "xls"))
    found = read_back(table, format)
    assert len(found) == len(wanted) > 0
    as_numbers = format == "json"
    for row, want in zip(found, wanted, strict=True):
        assert comparable(row, as_numbers) == comparable(want, as_numbers)


@pytest.mark.parametrize("code", KINDS)
def test_the_print_has_all_that_the_page_has(code: str, tables: Made) -> None:
    table = tables.full[code]
    page = lxml.html.fromstring(reading.rendered(table, "html").decode())
    squeezed = bare("".join(reading.pdf_pages(reading.rendered(table, "pdf"))))
    cells = [bare(cell.text_content()) for cell in page.xpath("//tbody/tr/*")]
    assert len(cells) > 5
    for text in set(cells):
        assert squeezed.count(text) >= cells.count(text), text


def bare(text: str) -> str:
    return re.sub(r"[\s\u200b\ufffe]", "", text)


@pytest.mark.parametrize("format", FORMATS)
def test_a_profile_in_a_file_is_that_of_the_store(format: str, tables: Made) -> None:
    table = tables.full["load-profile"]
    rows = read_back(table, format)[:1488]
    places = [i for i, column in enumerate(table.columns) if column.kind in NUMERIC]
    sums = {
        round(sum(v for row in rows if isinstance(v := row[i], float | int)), 3) for i in places
    }
    assert sums >= tables.sums


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("code", KINDS)
def test_a_report_of_no_point_is_a_file_that_says_so(code: str, format: str, tables: Made) -> None:
    table = tables.empty[code]
    data = reading.rendered(table, format)
    assert data
    assert table.notes
