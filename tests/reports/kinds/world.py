"""Points with half-hours, and reports of them read back as plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.quality import Quality
from faza.core.windows import Window, Windows
from faza.metering.models import UsagePoint
from faza.readings.blocks import BlockBatch
from faza.reports import registry
from faza.reports.table import Block, Kind, Role, Table
from tests.readings.factories import deliver, make_point

MOSCOW = "Europe/Moscow"
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MARCH = date(2026, 3, 1)
EST, MISSING, EDITED = int(Quality.INTERPOLATED), int(Quality.MISSING), int(Quality.EDITED)


def measure(
    point: UsagePoint, first: date, days: int, value=100, *, quality=None, interval=30, channel=1
) -> None:
    """Days of a point's zone: a number, or value(n) by the number of the interval, None where
    none came; quality(n) where it is not VALID."""
    zone = ZoneInfo(point.zone)
    batches, number = [], 0
    for day in (first + timedelta(days=n) for n in range(days)):
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        after = day + timedelta(days=1)
        end = datetime(after.year, after.month, after.day, tzinfo=zone)
        count = int((end.timestamp() - start.timestamp()) // 60 // interval)
        places = range(number, number + count)
        number += count
        told = [value(n) if callable(value) else value for n in places]
        codes = [
            MISSING if one is None else (quality(n) if quality else 0)
            for n, one in zip(places, told, strict=True)
        ]
        batches.append(
            BlockBatch.from_series(
                usage_points=[point.pk], reading_types=[channel], start=start, interval=interval,
                values=[[one or 0 for one in told]], quality=[codes], zone=point.zone,
            )
        )  # fmt: skip
    deliver(BlockBatch.concatenate(batches))


def windows(*points: UsagePoint, since=ALWAYS, to=FOREVER, at=AT) -> Windows:
    """What somebody sees of points: up to `at`, as the door of access has it."""
    return Windows.merged(
        Window(point.pk, point.zone, Period(since, min(to, at))) for point in points
    )


@dataclass
class Read:
    """A report read to its end: rows as dictionaries by the columns' keys, None where missing."""

    table: Table
    blocks: list[Block]

    def of(self, role: Role) -> list[dict[str, Any]]:
        return [row for block in self.blocks if block.role == role for row in self._rows(block)]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.of(Role.ROWS)

    @property
    def sums(self) -> list[dict[str, Any]]:
        return self.of(Role.SUBTOTAL)

    @property
    def total(self) -> dict[str, Any]:
        (row,) = self.of(Role.TOTAL)
        return row

    @property
    def notes(self) -> str:
        return " ".join(self.table.notes)

    def _rows(self, block: Block) -> Iterator[dict[str, Any]]:
        for place in range(len(block)):
            yield {
                column.key: plain(cells.values[place])
                for column, cells in zip(self.table.columns, block.cells, strict=True)
            } | {
                f"{column.key}!": int(cells.states[place])
                for column, cells in zip(self.table.columns, block.cells, strict=True)
                if cells.states is not None
            }


def plain(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, float):
        return None if np.isnan(value) else float(value)
    return value


def report(code: str, seen: Windows, *, at=AT, **query: str) -> Read:
    """A report of an address, checked to be whole: every block has every column, of its kind."""
    kind = registry.kind(code)
    asked = kind.read(query, at.date())
    assert not asked.problems
    table = kind.make(seen, asked.parameters, at)
    blocks = list(table.blocks)
    for block in blocks:
        assert len(block.cells) == len(table.columns)
        for column, cells in zip(table.columns, block.cells, strict=True):
            assert len(cells.values) == len(block) > 0
            assert cells.states is None or cells.states.dtype == np.uint8
            assert cells.values.dtype.str.lstrip("<|") == TYPES[column.kind], column
    assert len({column.key for column in table.columns}) == len(table.columns)
    if table.n_rows is not None:
        assert table.n_rows == sum(len(block) for block in blocks)
    return Read(table, blocks)


TYPES = {
    Kind.TEXT: "O", Kind.MOMENT: "M8[m]", Kind.DAY: "M8[D]", Kind.MONTH: "M8[M]",
    Kind.NUMBER: "f8", Kind.MONEY: "f8", Kind.PERCENT: "f8", Kind.COUNT: "f8",
}  # fmt: skip

__all__ = ["AT", "EDITED", "EST", "MARCH", "MOSCOW", "Read", "make_point", "measure", "report",
           "windows"]  # fmt: skip
