"""Finds the header of a sheet and what its columns mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from faza.core.reading_types import ReadingType
from faza.protocols.problems import Malformed
from faza.protocols.tabular.sheets import Row, Sheet
from faza.protocols.tabular.values import Layout, Options, Stamps
from faza.protocols.tabular.words import Heading, Role, Unit, heading

MANY = 12
"""So many columns named by the clock or numbered make a table of days."""


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of values; what its header says, None or "" where it says nothing.

    `clock`: the wall time that names a WIDE_DAY column, in minutes of the day; -1 for a numbered
    one, which stands for the interval of that number.
    """

    index: int
    title: str
    point: str = ""
    kind: ReadingType | None = None
    unit: Unit | None = None
    clock: int = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read a sheet: the header's line, columns by role and of values, how many at least."""

    line: int
    layout: Layout
    roles: dict[Role, int]
    values: tuple[ValueColumn, ...]
    stamped: Stamps | None
    width: int


def plan(sheet: Sheet, options: Options) -> Plan:
    """The best header of a sheet. Raises Malformed if no row of its head is one."""
    best: tuple[int, int, Row] | None = None
    for line, row in sheet.head:
        score = _score(row)
        if score >= 2 and (best is None or score > best[0]):
            best = (score, line, row)
    if best is None:
        place = f"Sheet {sheet.name!r}" if sheet.name else "The file"
        raise Malformed(
            f"{place} has no header in its first rows: expected names of columns such as "
            "usage_point, start, value or точка, дата, время, значение.",
            code="no-header",
        )
    return _plan(best[1], best[2], options)


def _score(row: Row) -> int:
    found = [heading(cell) for cell in row if cell.strip() and len(cell) < 200]
    named = {h.role for h in found if h.role is not None}
    channels = sum(h.channel is not None for h in found)
    dated = named & {Role.DATE, Role.MOMENT, Role.START, Role.END, Role.TIME}
    clocks = len(_clocks(row)) >= MANY
    if not dated:
        return 0
    # A date with unknown names beside it is a table with a column per point.
    points = any(h.role is None and h.channel is None and h.text for h in found)
    return len(named) + min(channels, 2) + 5 * clocks + points


def _plan(line: int, row: Row, options: Options) -> Plan:
    found = [heading(cell) for cell in row]
    roles: dict[Role, int] = {}
    for index, h in enumerate(found):
        if h.role is not None:
            roles.setdefault(h.role, index)
    clocks = _clocks(row)
    layout = options.layout or _layout(found, roles, clocks)
    if layout is Layout.WIDE_DAY:
        values, stamped = _day_columns(row, clocks)
    else:
        values = _value_columns(found, roles, layout)
        stamped = _stamped_by(roles)
    if not values:
        raise Malformed(
            f"The header at line {line} has no column of values.", code="no-values", line=line
        )
    width = 1 + max([*roles.values(), *(column.index for column in values)])
    return Plan(line, layout, roles, values, stamped, width)


def _layout(found: list[Heading], roles: dict[Role, int], clocks: Sequence[object]) -> Layout:
    if len(clocks) >= MANY and (Role.DATE in roles or Role.MOMENT in roles):
        return Layout.WIDE_DAY
    if Role.POINT in roles or Role.METER in roles or Role.VALUE in roles:
        return Layout.LONG
    named = [h for h in found if h.role is None and h.text]
    return Layout.WIDE_POINTS if named else Layout.LONG


def _stamped_by(roles: dict[Role, int]) -> Stamps | None:
    if Role.START in roles:
        return "start"
    moment = Role.MOMENT in roles or Role.TIME in roles
    return "end" if Role.END in roles and not moment else None


def _value_columns(
    found: list[Heading], roles: dict[Role, int], layout: Layout
) -> tuple[ValueColumn, ...]:
    taken = set(roles.values()) - {roles.get(Role.VALUE, -1)}
    columns = []
    for index, h in enumerate(found):
        if index in taken:
            continue
        wanted = h.role is Role.VALUE or h.channel is not None
        if layout is Layout.WIDE_POINTS:
            wanted = bool(h.text) or h.channel is not None
        if wanted:
            point = h.text if layout is Layout.WIDE_POINTS and h.role is None else ""
            columns.append(ValueColumn(index, _title(h), point, h.channel, h.unit))
    return tuple(columns)


def _title(h: Heading) -> str:
    return " ".join(part for part in (h.text, h.channel.channel if h.channel else "") if part)


# Columns of the day

_CLOCK = re.compile(r"(\d\d?)[:.](\d\d)(?::00)?(?:\s*[-–—]\s*(\d\d?)[:.](\d\d)(?::00)?)?")


def _clocks(row: Row) -> list[tuple[int, int, int]]:
    """(column, minutes of the day or -1, minutes of its end or -1) of columns of the day."""
    named = []
    for index, cell in enumerate(row):
        if match := _CLOCK.fullmatch(cell.strip()):
            start = int(match[1]) * 60 + int(match[2])
            end = int(match[3]) * 60 + int(match[4]) if match[3] else -1
            if start <= 24 * 60 and end <= 24 * 60:
                named.append((index, start, end))
    if len(named) >= MANY:
        return named
    numbered, wanted = [], 1
    for index, cell in enumerate(row):
        if cell.strip() == str(wanted):
            numbered.append((index, -1, -1))
            wanted += 1
    return numbered


def _day_columns(
    row: Row, clocks: list[tuple[int, int, int]]
) -> tuple[tuple[ValueColumn, ...], Stamps | None]:
    """Columns of the day, and whether their names are starts or ends."""
    stamped: Stamps | None = None
    if clocks:
        first, last = clocks[0][1], clocks[-1][1]
        if first == -1 or clocks[0][2] >= 0:
            stamped = "start"
        elif last in (0, 24 * 60) and first not in (0, 24 * 60):
            stamped = "end"
        elif first == 0 and last not in (0, 24 * 60):
            stamped = "start"
    columns = tuple(
        ValueColumn(index, row[index].strip(), clock=start) for index, start, _ in clocks
    )
    return columns, stamped
