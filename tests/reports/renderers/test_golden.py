"""How PDFs look: pages as pictures beside those that somebody looked at, in golden/*.png.

`GOLDEN=write pytest -n0 tests/reports/renderers/test_golden.py` draws them anew, to be looked at.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2
import pytest
from django.db import transaction
from django.utils import translation
from PIL import Image

from faza.core.windows import Windows
from faza.reports import renderers
from faza.reports.table import Table
from tests.readings import meters
from tests.reports.kinds import world
from tests.reports.renderers.reading import pdf_pages
from tests.reports.renderers.test_kinds import KINDS, made, two_points

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).with_name("golden")
SCALE = 0.7
"""Pixels of a point: letters are still told apart."""
FAR, MOST_FAR = 64, 0.004
"""Grey levels that a pixel may not be apart, and the share of those that may."""
LONG = "Садовое некоммерческое товарищество «Энергетик-2», линия № 14, участок 27/1 (насосная)"

Picture = npt.NDArray[np.int16]


@pytest.fixture(autouse=True)
def _russian() -> Iterator[None]:
    with translation.override("ru"):
        yield


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Table]]:
    """Every kind of two points, and readings of 300, with long names among them."""
    with django_db_blocker.unblock(), transaction.atomic(), translation.override("ru"):
        seen = two_points()
        found = {code: named(made(code, seen)) for code in KINDS}
        found["many"] = named(made("readings", many()))
        yield found
        transaction.set_rollback(True)


def named(table: Table) -> Table:
    return replace(table, customer=LONG, organisation="АО «Заречные сети»")


def many() -> Windows:
    points = [world.make_point(f"{1000 + n}", world.MOSCOW) for n in range(300)]
    for n, point in enumerate(points):
        point.name = f"{LONG} {n}" if n % 50 == 7 else f"Дом № {1000 + n}"
        point.save()
    for n, point in enumerate(points):
        meter = meters.make_meter(f"9{n:05}")
        meters.put_in(point, meter, ct=1)
        for month, day, shown in ((2, 28, 1_000_000 + n), (3, 31, 1_250_000 + 7 * n)):
            meters.read(point, meter, datetime(2026, month, day, 21, tzinfo=UTC), shown)
    return world.windows(*points)


def drawn(data: bytes, number: int) -> Picture:
    """(height, width) greys of a page; negative numbers count from the end."""
    document = pypdfium2.PdfDocument(data)
    try:
        page = document[number % len(document)]
        picture = page.render(scale=SCALE).to_pil().convert("L")
    finally:
        document.close()
    return np.asarray(picture, np.int16)


def apart(one: Picture, other: Picture) -> float:
    """The share of pixels that are far from all beside them in the other picture; 1 of other size.

    A pixel's neighbours count: machines smooth letters each in its own way.
    """
    if one.shape != other.shape:
        return 1.0
    moved = [
        np.abs(one - np.roll(other, (down, right), (0, 1)))
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
    ]
    return float((np.min(moved, axis=0) > FAR).mean())


def pdf(table: Table) -> bytes:
    file = io.BytesIO()
    renderers.write(table, "pdf", file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "page"), [*((code, 0) for code in KINDS), ("many", 0), ("many", -1)]
)
def test_a_page_looks_as_it_was_looked_at(tables: dict[str, Table], name: str, page: int) -> None:
    picture = drawn(pdf(tables[name]), page)
    place = FOLDER / f"{name}{'-last' if page else ''}.png"
    if os.environ.get("GOLDEN") == "write":
        FOLDER.mkdir(exist_ok=True)
        Image.fromarray(picture.astype(np.uint8)).quantize(16).save(place, optimize=True)
    golden = np.asarray(Image.open(place).convert("L"), np.int16)

    assert apart(picture, golden) <= MOST_FAR


def test_what_looks_otherwise_is_seen(tables: dict[str, Table]) -> None:
    """Another heading of a column, a period more, a name left out: each is beyond what may be."""
    table = tables["readings"]
    whole = drawn(pdf(table), 0)
    last = replace(table.columns[-2], title="Израсходовано за весь период, всего")
    columns = (*table.columns[:-2], last, table.columns[-1])

    assert apart(whole, drawn(pdf(replace(table, columns=columns)), 0)) > MOST_FAR
    assert apart(whole, drawn(pdf(replace(table, customer="", organisation="")), 0)) > MOST_FAR
    assert apart(whole, drawn(pdf(table), 0)) == 0


def test_300_points_are_all_there_on_numbered_pages(tables: dict[str, Table]) -> None:
    pages = pdf_pages(pdf(tables["many"]))
    text = re.sub(r"\s+", " ", " ".join(pages)).replace("\u200b", "")

    for n in range(300):
        assert f"9{n:05}" in text, n
    for number in range(1, len(pages) + 1):
        assert f"Стр. {number} из {len(pages)}" in pages[number - 1].replace("\xa0", " ")
    used = sum((250_000 + 6 * n) / 1000 for n in range(300))
    total = f"{used:,.3f}".replace(",", "\N{THIN SPACE}").replace(".", ",")
    plain = {"\N{THIN SPACE}": "", "\N{NARROW NO-BREAK SPACE}": "", " ": "", "\xa0": ""}
    marks = str.maketrans(plain)
    assert total.translate(marks) in text.translate(marks)
