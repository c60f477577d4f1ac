"""A report as JSON for programs; the schema is in docs/reference/reports.md, "JSON"."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from django.utils import timezone

from faza.reports.renderers import look
from faza.reports.table import NUMERIC, Block, Chart, Column, Kind, State, Table, Values

VERSION = 1
NAMES = {state: state.name.lower() for state in State}


def write(table: Table, file: BinaryIO) -> None:
    """UTF-8, block by block; null is where there is nothing, and its state says why."""
    for chunk in chunks(table):
        file.write(chunk.encode())


def chunks(table: Table) -> Iterator[str]:
    """The document: what is known at first, blocks as they come, notes and chart last."""
    head = {
        "format": "faza-report",
        "version": VERSION,
        "title": look.clean(table.title),
        "organisation": look.clean(table.organisation),
        "customer": look.clean(table.customer),
        "period": look.clean(table.period),
        "made_at": table.made_at.astimezone(timezone.get_current_timezone()).isoformat(
            timespec="seconds"
        ),
        "facts": [{"label": look.clean(a), "value": look.clean(b)} for a, b in table.facts],
        "columns": [_column(column) for column in table.columns],
    }
    yield _dumped(head)[:-1] + ',"blocks":['
    met = look.Met()
    comma = ""
    for block in table.blocks:
        yield comma + _dumped(_block(table.columns, block, met))
        comma = ",\n"
    tail = {
        "legend": {NAMES[s]: look.words(s) for s in State if s and met.bits & look.BIT[s]},
        "notes": [look.clean(note) for note in table.notes],
        "chart": _chart(table.chart) if table.chart else None,
    }
    yield "]," + _dumped(tail)[1:] + "\n"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _column(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "title": look.clean(column.title),
        "kind": column.kind.value,
        "unit": look.clean(column.unit),
        "digits": look.digits(column) if column.kind in NUMERIC else None,
        "group": look.clean(column.group),
    }


def _block(columns: tuple[Column, ...], block: Block, met: look.Met) -> dict[str, Any]:
    values: list[list[Any]] = []
    states: dict[str, list[str]] = {}
    for column, cells in zip(columns, block.cells, strict=True):
        shown = look.states_of(column, cells, block.role)
        met.note(shown)
        values.append(_values(column, cells.values, shown))
        if any(shown):
            states[column.key] = [NAMES[State(one)] for one in shown]
    rows = [list(row) for row in zip(*values, strict=True)]
    return {"title": look.clean(block.title), "role": block.role.value, "rows": rows,
            "states": states}  # fmt: skip


def _values(column: Column, values: Values, states: list[int]) -> list[Any]:
    match column.kind:
        case Kind.TEXT:
            return look.texts(column, values)
        case Kind.MOMENT | Kind.DAY | Kind.MONTH:
            unit: Any = {Kind.MOMENT: "m", Kind.DAY: "D", Kind.MONTH: "M"}[column.kind]
            found = np.datetime_as_string(values, unit=unit).tolist()
            return [None if text == "NaT" else text for text in found]
    numbers = numbers_of(values)
    return [None if state == State.MISSING else number
            for number, state in zip(numbers, states, strict=True)]  # fmt: skip


def numbers_of(values: Values) -> list[float | int | None]:
    """(n,) numbers, whole ones without a point; None for NaN."""
    return [None if v != v else int(v) if v.is_integer() else v for v in (values + 0.0).tolist()]


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "title": look.clean(chart.title),
        "unit": look.clean(chart.unit),
        "kind": "line" if chart.is_line else "bar",
        "labels": [look.clean(label) for label in chart.labels],
        "series": [
            {"name": look.clean(one.name), "values": numbers_of(one.values)} for one in chart.series
        ],
    }
