"""Formula injection: no cell of any file that is taken away is a formula, whatever was typed.

Source: OWASP, CSV Injection (=, +, -, @, tab and carriage return begin one).
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from django.http import HttpResponse

from tests.doors.table import Door
from tests.doors.walk import DOORS, Walk
from tests.security.world import Word, poisoned

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
FORMULA = Word(long="=cmd|'/c calc'!a0", short="=a1", link="=hyperlink(1)")
BEGINS = re.compile(r"[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
FORMATS = ("csv", "xlsx")


def files(walk: Walk) -> Iterator[tuple[str, bytes]]:
    """Every file that the administrator and the owner of the flat can take, by its address.

    Each page is asked whether it gives one, so that a new list is among them by itself; that of
    a thing once, whatever its other rows ask.
    """
    for role in ("administrator", "owner"):
        asked = {(one.name, one.args, one.query.partition("&export=")[0].partition("?export=")[0])
                 for one in DOORS if one.statuses[role] == 200 and not one.is_post}  # fmt: skip
        for name, args, query in sorted(asked):
            for format in FORMATS:
                told = f"{query}{'&' if query else '?'}export={format}"
                answer = walk.visit(role, Door(name, {}, args=args, query=told), walk.world.names)
                assert answer.status_code < 500, (name, args, told)
                is_text = answer.get("Content-Type", "").startswith("text/plain")  # no table
                if "attachment" in answer.get("Content-Disposition", "") and not is_text:
                    yield f"{name} {args} {told} for {role}", body_of(answer)


def body_of(answer: HttpResponse) -> bytes:
    return b"".join(answer) if answer.streaming else answer.content


def formulas_in(body: bytes) -> list[str]:
    """Cells that a spreadsheet would compute; nothing for files that are no table."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            # A file of files, such as the own data, has none.
            sheets = [name for name in packed.namelist() if "worksheets/sheet" in name]
            return [name for name in sheets if re.search(rb"<f[ >]", packed.read(name))]
    if body.startswith((b"<?xml", b"PK")):
        return []
    text = body.decode("utf-8-sig")
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",")
    cells = [cell for row in rows for cell in row]
    return [cell for cell in cells if BEGINS.match(cell) and not NUMBER.fullmatch(cell)]


def test_no_cell_is_a_formula(settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600
    found = dict(files(Walk(poisoned(FORMULA))))
    wrong = {name: cells for name, body in found.items() if (cells := formulas_in(body))}

    assert wrong == {}
    lists = {name.partition(" ")[0] for name in found}
    assert {"cabinet:export", "desk:customers", "desk:points", "desk:audit", "desk:users",
            "desk:subscribers", "desk:import_marked"} <= lists  # fmt: skip
    told = [name for name, body in found.items() if says(body, "cmd|")]
    assert len(told) > 10, "the word has to be in the files at all"


def says(body: bytes, word: str) -> bool:
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return any(word.encode() in packed.read(name) for name in packed.namelist())
    return word.encode() in body


def test_the_reading_sees_formulas():
    assert formulas_in("имя;число\n=1+1;-5,5\n".encode()) == ["=1+1"]
    assert formulas_in("имя,число\n'=1+1,-5.5\n".encode()) == []
