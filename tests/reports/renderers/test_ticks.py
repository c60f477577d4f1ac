"""Replacements, fixed readings, days of 46 and 50 half-hours: files say what the kind says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import lxml.html
import pytest
from django.db import transaction

from faza.core.windows import Windows
from faza.readings.models import RegisterReading
from faza.reports import registry
from faza.reports.table import Table
from tests.readings import meters
from tests.reports.kinds import world
from tests.reports.renderers import reading
from tests.reports.renderers.test_kinds import FORMATS, bare, comparable, expected, read_back

pytestmark = pytest.mark.django_db
START, END = datetime(2026, 2, 28, 21, tzinfo=UTC), datetime(2026, 3, 31, 21, tzinfo=UTC)
MONTH = {"kind": "readings", "period": "month", "on": "2026-03-01"}
DAYS = {46: "2026-03-29", 50: "2026-10-25"}
OF_DAYS = (
    ("load-profile", "interval"), ("load-profile", "hour"), ("detail", "hour"), ("detail", "day"),
    ("detail-together", "hour"), ("day-maxima", ""), ("completeness", ""), ("against-previous", ""),
)  # fmt: skip
NAMES = (
    *("replacements on", "replacements off", "fixed on", "fixed off"),
    *(f"{code} {resolution} {count}" for code, resolution in OF_DAYS for count in DAYS),
)


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Table]]:
    """Made once: a table that was read has no need of the database."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = {}
        replaced, near = windows_of_replaced(), windows_of_near()
        for tick, seen in (("replacements", replaced), ("fixed", near)):
            for value, said in (("1", "on"), ("0", "off")):
                made[f"{tick} {said}"] = table(seen, MONTH | {tick: value})
        for count, day in DAYS.items():
            point = world.make_point(f"B{count}", "Europe/Berlin")
            first = date.fromisoformat(day)
            world.measure(point, first - timedelta(days=1), 2, lambda n: 1000 + n)
            for code, resolution in OF_DAYS:
                unit = {"day-maxima": "month", "against-previous": "month"}.get(code, "day")
                asked = {"kind": code, "period": unit, "on": day}
                asked |= {"resolution": resolution} if resolution else {}
                made[f"{code} {resolution} {count}"] = table(world.windows(point), asked)
        yield made
        transaction.set_rollback(True)


def windows_of_replaced() -> Windows:
    change = START + timedelta(days=12)
    point, old, new = world.make_point("R"), meters.make_meter("OLD"), meters.make_meter("NEW")
    meters.put_in(point, old, to=change)
    meters.put_in(point, new, since=change, ct=Fraction(2))
    kinds = RegisterReading.Kind
    meters.read(point, old, START, 10_000)
    meters.read(point, old, change, 15_000, kind=kinds.CLOSING)
    meters.read(point, new, change, 0, kind=kinds.OPENING)
    meters.read(point, new, END, 7_000)
    return world.windows(point)


def windows_of_near() -> Windows:
    """A reading five hours before the beginning, carried there by the profile."""
    point, meter = world.make_point("N"), meters.make_meter("M")
    meters.put_in(point, meter)
    world.measure(point, date(2026, 2, 27), 36, 100)
    meters.read(point, meter, START - timedelta(hours=5), 10_000)
    meters.read(point, meter, END, 160_000)
    return world.windows(point)


def table(seen: Windows, query: dict[str, str]) -> Table:
    kind = registry.kind(query["kind"])
    asked = kind.read(query, world.AT.date())
    assert not asked.problems
    made = kind.make(seen, asked.parameters, world.AT)
    made.blocks = list(made.blocks)
    return made


def numbers(made: Table, key: str) -> list[Any]:
    place = [column.key for column in made.columns].index(key)
    return [world.plain(v) for block in made.blocks for v in block.cells[place].values]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_what_the_kind_says(
    name: str, format: str, tables: dict[str, Table]
) -> None:  # fmt: skip
    made = tables[name]
    wanted = expected(made, months_in_words=format not in ("xlsx", "xls"))
    found = read_back(made, format)
    assert len(found) == len(wanted) > 0
    for row, want in zip(found, wanted, strict=True):
        assert comparable(row, format == "json") == comparable(want, format == "json")


@pytest.mark.parametrize("name", NAMES)
def test_the_print_has_all_that_the_page_has(name: str, tables: dict[str, Table]) -> None:
    page = lxml.html.fromstring(reading.rendered(tables[name], "html").decode())
    squeezed = bare("".join(reading.pdf_pages(reading.rendered(tables[name], "pdf"))))
    cells = [bare(cell.text_content()) for cell in page.xpath("//tbody/tr/*")]
    for text in set(cells):
        assert squeezed.count(text) >= cells.count(text), text


def test_the_ticks_make_a_difference(tables: dict[str, Table]) -> None:
    used = {name: numbers(tables[name], "used") for name in NAMES[:4]}

    assert used["replacements on"] == [5.0, 14.0, 19.0]
    assert used["replacements off"] == [14.0]
    assert used["fixed on"] == [None]
    assert used["fixed off"] == [149.0]


@pytest.mark.parametrize("count", DAYS)
def test_days_have_as_many_half_hours_as_clocks_make(count: int, tables: dict[str, Table]) -> None:
    """The day before has 48 of them; values are 1000 + n Wh."""
    values = [1.048 + n / 1000 for n in range(count)]
    profile = numbers(tables[f"load-profile interval {count}"], f"B{count}")
    hours = numbers(tables[f"detail hour {count}"], "used")
    expected_counts = numbers(tables[f"completeness  {count}"], "expected")

    assert profile[:count] == pytest.approx(values)
    assert hours[: count // 2] == pytest.approx(
        [a + b for a, b in zip(values[::2], values[1::2], strict=True)]
    )
    assert numbers(tables[f"detail day {count}"], "used")[0] == pytest.approx(sum(values))
    assert expected_counts[-1] == count
