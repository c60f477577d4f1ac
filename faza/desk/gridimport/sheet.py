"""The rows of an import as the page shows them: a part of the sheet with marks in its cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from faza.collection.grid import services, words
from faza.collection.grid.columns import COLUMNS, Kind, letter
from faza.collection.models import GridImport, GridImportRow
from faza.metering.rules import SEPARATOR

PER_PAGE = 100
LONG_PATH = 36
DAYS = {column.key for column in COLUMNS if column.kind == Kind.DATE}
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")  # as a date of a workbook is kept
State = GridImportRow.State
SHOWS: dict[str, Q] = {
    "all": Q(),
    "errors": Q(state=State.ERROR),
    "new": Q(state=State.NEW),
    "changed": Q(state=State.CHANGED),
    "same": Q(state=State.SAME),
    "doubtful": Q(is_doubtful=True) & ~Q(state=State.ERROR),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, what is said of it, and whether it is the one looked at or edited."""

    text: str
    place: int
    key: str
    kind: str = ""
    said: str = ""
    was: str = ""
    is_focus: bool = False
    is_edited: bool = False

    @property
    def shown(self) -> str:
        """The text; a day as people write it, of a long path what tells it from others."""
        if self.key in DAYS and ISO_DAY.fullmatch(self.text):
            return ".".join(reversed(self.text.split("-")))
        names = self.text.split(SEPARATOR)
        if self.key != "node" or len(self.text) <= LONG_PATH or len(names) < 3:
            return self.text
        return SEPARATOR.join(["…", *names[-2:]])


@dataclass(frozen=True, slots=True)
class Line:
    line: int
    state: str
    is_doubtful: bool
    is_current: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Head:
    letter: str
    title: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A kind of what is in the way, with what can be done about it."""

    code: str
    kind: str
    title: str
    count: int
    cell: str
    line: int
    sentence: str
    proposal: str
    proposals: int
    deed: str
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page shows: a part of the rows, and where the errors before and after it are."""

    heads: list[Head]
    lines: list[Line]
    show: str
    page: int
    pages: int
    total: int
    current: int | None
    error_number: int
    before: int | None
    after: int | None


def sheet(one: GridImport, query: QueryDict) -> Sheet:
    """The part of the sheet that an address asks for. Six queries, however many rows."""
    show = query.get("show", "all")
    show = show if show in SHOWS else "all"
    rows = one.rows.filter(SHOWS[show]).order_by("line")
    total = rows.count()
    current = _number(query.get("line"))
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(_number(query.get("page")) or 1, 1), pages)
    if current is not None and not query.get("page"):
        page = min(rows.filter(line__lt=current).count() // PER_PAGE + 1, pages)
    found = list(rows[(page - 1) * PER_PAGE : page * PER_PAGE])
    errors = one.rows.filter(state=State.ERROR).order_by("line")
    at = current if current is not None else (found[0].line - 1 if found else 0)
    edit = query.get("edit", "")
    return Sheet(
        heads=heads(one),
        lines=[_line(one, row, current, edit) for row in found],
        show=show,
        page=page,
        pages=pages,
        total=total,
        current=current,
        error_number=errors.filter(line__lte=at).count() if current is not None else 0,
        before=_first(errors.filter(line__lt=at).reverse()),
        after=_first(errors.filter(line__gt=at)),
    )


def heads(one: GridImport) -> list[Head]:
    return [Head(letter(n), title, str(n) in one.columns) for n, title in enumerate(one.titles)]


def _first(rows: QuerySet[GridImportRow]) -> int | None:
    return rows.values_list("line", flat=True).first()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 8 else None


def _line(one: GridImport, row: GridImportRow, current: int | None, edit: str) -> Line:
    is_current = row.line == current
    worst = _worst(row.marks) if is_current else None
    cells = []
    for place, text in enumerate(row.cells):
        mark: Mapping[str, Any] = row.marks.get(str(place), {})
        key = one.columns.get(str(place), "")
        cells.append(
            Cell(
                text=text,
                place=place,
                key=key,
                kind=mark.get("kind", ""),
                said=words.sentence(mark) if mark else "",
                was=mark.get("was", "") if mark.get("kind") == "c" else "",
                is_focus=is_current and str(place) == worst,
                is_edited=is_current and bool(key) and key == edit,
            )
        )
    return Line(row.line, row.state, row.is_doubtful, is_current, cells)


def _worst(marks: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The place of the cell that is looked at first."""
    if not marks:
        return None
    return max(marks, key=lambda place: (words.WORSE.index(marks[place]["kind"]), -int(place)))


def groups(one: GridImport) -> list[Group]:
    """What is in the way, the errors first. No query."""
    places = {key: int(n) for n, key in one.columns.items()}
    accepted = set(one.decisions.get("accepted", []))
    found = []
    for told in one.groups:
        mark, code = told["mark"], told["code"]
        place = places.get(told["key"])
        deed = ""
        if code in services.REPLACED:
            deed = "replace"
        elif code in services.ADDED:
            deed = "create"
        elif told["kind"] == "w" and not told["proposals"]:
            deed = "accept"
        found.append(
            Group(
                code=code,
                kind=told["kind"],
                title=words.title(code),
                count=told["count"],
                cell=f"{letter(place) if place is not None else ''}{told['line']}",
                line=told["line"],
                sentence=words.sentence(mark),
                proposal=mark.get("proposal", ""),
                proposals=told["proposals"],
                deed=deed,
                is_accepted=code in accepted,
            )
        )
    return found


def obvious(of: list[Group]) -> int:
    """How many wrong cells have a proposal."""
    return sum(group.proposals for group in of if group.kind == "e")
