"""Sheets of text cells to tables of prices. A table is taken wholly or not at all.

A bad row spoils the table that it belongs to and no other; where it cannot be told which that
is, none of its sheet is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from faza.tariffs import rules
from faza.tariffs.rules import book, columns
from faza.tariffs.rules.cells import Fault, Value
from faza.tariffs.rules.columns import Sort

Row = dict[str, Value]
Key = tuple[str | int | date, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file: where, what was found; `code` says what was expected."""

    file: str
    sheet: str
    line: int | None
    column: str
    code: str
    found: str = ""


@dataclass(slots=True)
class Table:
    """Rows that stand or fall together: of a tariff and a date, of a market's day, …"""

    sort: str
    key: Key
    file: str
    sheet: str
    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    is_refused: bool = False


@dataclass(slots=True)
class Sheet:
    """A sheet as it was read: its titles stand on `line`, rows have their own."""

    file: str
    name: str
    line: int
    titles: Sequence[str]
    rows: Iterable[tuple[int, Sequence[str]]]


@dataclass(slots=True)
class Found:
    """What files hold: tables in the order in which they can be stored, and what is wrong."""

    tables: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, table: Table, code: str, *, column: str = "", found: str = "") -> None:
        """Leave a table out, saying why."""
        table.is_refused = True
        line = table.lines[0] if table.lines else None
        self.problems.append(Problem(table.file, table.sheet, line, column, code, found))


def read(sheets: Iterable[Sheet]) -> Found:
    """The tables of sheets. Rows of one table may stand in several sheets."""
    found, tables = Found(), dict[tuple[str, Key], Table]()
    for sheet in sheets:
        recognised = columns.recognised(sheet.titles)
        if recognised is None:
            titles = ", ".join(title for title in sheet.titles if title)[:80]
            found.problems.append(
                Problem(sheet.file, sheet.name, sheet.line, "", "no-table", titles)
            )
            continue
        _read_sheet(sheet, *recognised, tables, found)
    found.tables = sorted(
        tables.values(), key=lambda one: (columns.SORTS.index(one.sort), [*map(str, one.key)])
    )
    for table in found.tables:
        if not table.is_refused:
            _judge(table, found)
    return found


def _read_sheet(
    sheet: Sheet,
    sort: Sort,
    places: dict[str, int],
    tables: dict[tuple[str, Key], Table],
    found: Found,
) -> None:
    own: list[Table] = []
    is_spoilt = False
    for line, cells in sheet.rows:
        row, faults = _row(sheet, sort, places, line, cells)
        found.problems += faults
        key = _key(sort, row)
        if key is None:
            is_spoilt |= not sort.is_single
            continue
        made = Table(sort.name, key, sheet.file, sheet.name)
        table = tables.setdefault((sort.name, key), made)
        if table not in own:
            own.append(table)
        table.is_refused |= bool(faults)
        _add(table, row, line, sort, found)
    if is_spoilt:
        for table in own:
            found.refuse(table, "spoilt", found=_named(table.key))


def _row(
    sheet: Sheet, sort: Sort, places: dict[str, int], line: int, cells: Sequence[str]
) -> tuple[Row, list[Problem]]:
    """A row's values; what cannot be read is left out of them and told."""
    row: Row = {}
    faults: list[Problem] = []
    for column in sort.columns:
        place = places.get(column.key)
        text = cells[place].strip() if place is not None and place < len(cells) else ""
        if text.startswith("'"):
            text = text[1:]  # as writers of CSV guard what begins like a formula
        try:
            if text:
                row[column.key] = column.read(text)
            elif column.needed:
                raise Fault("no-value")
            else:
                row[column.key] = column.default
        except Fault as fault:
            title = sheet.titles[place] if place is not None else column.key
            told = Problem(sheet.file, sheet.name, line, title, fault.code, text[:80])
            faults.append(told)
    return row, faults


def _key(sort: Sort, row: Row) -> Key | None:
    """The key of a row's table; None where it could not be read."""
    if sort.name == columns.DAYS and isinstance(row.get("day"), date):
        row["year"] = row["day"].year  # type: ignore[union-attr]
    key = [row.get(name) for name in sort.key]
    if any(value is None for value in key):
        return None
    return tuple(value for value in key if isinstance(value, str | int | date))


def _add(table: Table, row: Row, line: int, sort: Sort, found: Found) -> None:
    """Put a row into its table; one that is there already is told."""
    same = [
        n for n, other in enumerate(table.rows)
        if all(other.get(name) == row.get(name) for name in sort.row)
    ]  # fmt: skip
    if same:
        table.is_refused = True
        found.problems.append(
            Problem(table.file, table.sheet, line, "", "repeated", str(table.lines[same[0]]))
        )
        return
    table.rows.append(row)
    table.lines.append(line)


def _named(key: Key) -> str:
    return " ".join(str(part) for part in key)


# What makes a table whole


def _judge(table: Table, found: Found) -> None:
    """Refuse a table whose rows do not fit together."""
    judges = {
        columns.ZONES: _zones, columns.RANGES: _ranges, columns.PRICES: _prices,
        columns.PEAKS: _peaks, columns.TARIFFS: _tariff, columns.HOURLY: _published,
        columns.NORMATIVES: _normatives,
    }  # fmt: skip
    judge = judges.get(table.sort)
    told = judge(table) if judge else None
    if told is not None:
        code, text = told
        found.refuse(table, code, found=text)


Told = tuple[str, str] | None


def _zones(table: Table) -> Told:
    months = sorted({int(str(row["month"])) for row in table.rows})
    if months[0] != 0 and months != [*range(1, 13)]:
        return "months", ", ".join(map(str, months))
    for month in months:
        rows = [row for row in table.rows if row["month"] == month]
        if sorted(int(str(row["number"])) for row in rows) != [*range(1, len(rows) + 1)]:
            return "numbers", ", ".join(str(row["number"]) for row in rows)
        kinds = ["hours", *["off_hours" for row in rows[:1] if any(r["off_hours"] for r in rows)]]
        for kind in kinds:
            try:
                rules.zone_of_minutes(
                    (int(str(row["number"])), rules.parse_hours(str(row[kind]))) for row in rows
                )
            except (rules.ZonesOverlapOrGap, rules.MalformedHours) as why:
                return "zones-gap", str(why)
    return None


def _ranges(table: Table) -> Told:
    rows = sorted(table.rows, key=lambda row: int(str(row["number"])))
    if [row["number"] for row in rows] != [*range(1, len(rows) + 1)]:
        return "numbers", ", ".join(str(row["number"]) for row in rows)
    bounds = [row["up_to"] for row in rows]
    inner = [bound for bound in bounds if isinstance(bound, Decimal)]
    if bounds[-1] is not None or len(inner) != len(bounds) - 1:
        return "range-end", ""
    if inner != sorted(set(inner)):
        return "range-order", ", ".join(f"{bound:f}" for bound in inner)
    return None


def _prices(table: Table) -> Told:
    for row in table.rows:
        by_power = row["component"] in book.BY_POWER
        if by_power != (row["unit"] in columns.BY_POWER_UNITS):
            return "unit-of-component", f"{row['component']}: {row['unit']}"
        _mark_example(row)
    for component in sorted({str(row["component"]) for row in table.rows}):
        rows = [row for row in table.rows if row["component"] == component]
        told = {(int(str(row["zone"])), int(str(row["range"]))) for row in rows}
        holes = _holes(told)
        if holes:
            return "hole", f"{component}: " + ", ".join(f"T{z}/{r}" for z, r in holes)
    return None


def _mark_example(row: Row) -> None:
    """A price without its order and source is nobody's (design/rules.md, Cost)."""
    if not (row["order"] and row["source"]):
        row["is_example"] = True


def _normatives(table: Table) -> Told:
    for row in table.rows:
        _mark_example(row)
    names = sorted({str(row["group_name"]) for row in table.rows})
    if len(names) > 1:
        return "group-name", ", ".join(names)
    told = sorted(int(str(row["residents"])) for row in table.rows)
    if told not in ([0], [*range(1, len(told) + 1)]):
        return "residents", ", ".join(map(str, told))
    return None


def _holes(told: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """(zone, range) pairs without a price among the zones and ranges that prices name.

    A price of any zone or range fills for all.
    """
    zones, ranges = {zone for zone, _ in told}, {range_ for _, range_ in told}
    return sorted(
        (zone, range_)
        for zone in zones - {0} or {0}
        for range_ in ranges - {0} or {0}
        if not told & {(zone, range_), (zone, 0), (0, range_), (0, 0)}
    )


def _published(table: Table) -> Told:
    """What has no source is nobody's, as a price is without its order."""
    for row in table.rows:
        row["is_example"] = bool(row["is_example"]) or not row["source"]
    return None


def _peaks(table: Table) -> Told:
    _published(table)
    row = table.rows[0]
    try:
        hours = rules.whole_hours(str(row["hours"]))
    except rules.MalformedHours as why:
        return "whole-hours", str(why)
    if row["kind"] == book.GENERATION and len(hours) != 1:
        return "one-hour", str(row["hours"])
    day = row["day"]
    if row["kind"] == book.NETWORK and isinstance(day, date) and day.day != 1:
        return "first-of-month", str(day)
    return None


def _tariff(table: Table) -> Told:
    row = table.rows[0]
    is_business = row["kind"] == book.BUSINESS
    if is_business != bool(row["category"]):
        return "category", str(row["category"])
    return None
