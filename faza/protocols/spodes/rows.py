"""Rows of a profile between two moments.

Rows are asked for by range. Where a meter refuses that, by their numbers from the newest back,
and where it refuses that too, all of them; what works is kept as a habit of the meter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from faza.protocols.dlms import (
    Column,
    Columns,
    DataAccessResult,
    Entries,
    Get,
    GetList,
    GotList,
    Malformed,
    Range,
    axdr,
    columns,
    moments,
)
from faza.protocols.dlms.clock import BAD_STATUS, DOUBTFUL, INVALID
from faza.protocols.dlms.profile import STAMP
from faza.protocols.dlms.references import Selection
from faza.protocols.metered import Mask, Stamps
from faza.protocols.spodes.asking import (
    Step,
    result_of,
    several,
)
from faza.protocols.spodes.captures import read_layout
from faza.protocols.spodes.layouts import Layout
from faza.protocols.spodes.meter import Access, Meter
from faza.protocols.spodes.names import (
    CLOCK_CLASS,
    PROFILE,
    attribute,
)
from faza.protocols.spodes.problems import Denied

BUFFER, SORT, IN_USE = 2, 5, 7
"""Attributes of a profile."""
OLDEST_FIRST, NEWEST_FIRST = 1, 2
"""Sort methods of a profile: what entry 1 is."""
BAD_CLOCK = INVALID | DOUBTFUL | BAD_STATUS
UNSPECIFIED = 0xFF
IS_BAD = np.array([status & BAD_CLOCK and status != UNSPECIFIED for status in range(256)], np.bool_)
"""Whether a clock is bad, by its status."""
MOST_ENTRIES = 0xFFFFFFFF
MOST_SHARED = 200
"""Rows whose clocks are remembered for other meters: a day of quarters of an hour twice."""
FIRST_GUESS = 16
"""Rows that are asked for at first where no period tells how many there may be."""


class OtherLayout(Malformed):
    """Rows do not fit the layout that was kept: the meter was programmed anew."""

    def __init__(self, layout: Layout, width: int) -> None:
        super().__init__(
            f"{layout.name}: {width} columns instead of {len(layout.sources)}.", code="layout"
        )


def rows(
    meter: Meter, layout: Layout, first: datetime, last: datetime
) -> Step[tuple[Layout, Columns]]:
    """Rows whose clocks are within [first, last], as they lie in the meter, and their layout.

    The layout is another than was given if the meter was programmed anew. A meter that ignores
    the range may give more. Raises Denied if it tells none at all: that is not «no rows».
    """
    found = yield from _rows(meter, layout, first, last)
    if not found.count or found.width == len(layout.sources):
        return layout, found
    anew = yield from read_layout(meter, layout.name)
    if anew is None or found.width != len(anew.sources):
        raise OtherLayout(layout, found.width)
    return anew, found


def many_rows(
    meter: Meter, layouts: Sequence[Layout], first: datetime, last: datetime
) -> Step[list[tuple[Layout, Columns] | None]]:
    """As `rows`, of several profiles with few questions; None for one that is not told."""
    found: list[tuple[Layout, Columns] | None] = []
    for at in range(0, len(layouts), meter.ranges_most):
        part = layouts[at : at + meter.ranges_most]
        together = yield from _together(meter, part, first, last)
        for layout, told in zip(part, together, strict=True):
            if told is not None and (not told.count or told.width == len(layout.sources)):
                found.append((layout, told))
                continue
            try:
                found.append((yield from rows(meter, layout, first, last)))
            except Denied:
                found.append(None)
    return found


def _together(
    meter: Meter, layouts: Sequence[Layout], first: datetime, last: datetime
) -> Step[list[Columns | None]]:
    """Rows of several profiles by one question; None where that gives none."""
    if len(layouts) == 1 or meter.habits.access != "range" or not meter.habits.lists:
        return [None] * len(layouts)
    wanted = Range(meter.local(first), meter.local(last))
    items = [(attribute(PROFILE, layout.name, BUFFER), wanted) for layout in layouts]
    answer = yield GetList(tuple(items))
    if not isinstance(answer, GotList):
        meter.habits, meter.list_most = replace(meter.habits, lists=False), 1
        return [None] * len(layouts)
    return [columns(result) if isinstance(result, bytes) else None for result in answer.results]


def _rows(meter: Meter, layout: Layout, first: datetime, last: datetime) -> Step[Columns]:
    if meter.habits.access == "range":
        asked = yield from _buffer(layout, Range(meter.local(first), meter.local(last)))
        if not isinstance(asked, DataAccessResult):
            return asked
        if asked in (DataAccessResult.READ_WRITE_DENIED, DataAccessResult.OBJECT_UNDEFINED):
            raise Denied(layout.name, asked.name)
    if meter.habits.access != "whole":
        numbered = yield from _by_numbers(meter, layout, first)
        if numbered is not None:
            return _learnt(meter, "entries", _within(meter, layout, numbered, first, last))
    whole = yield from _buffer(layout, None)
    if isinstance(whole, DataAccessResult):
        raise Denied(layout.name, whole.name)
    return _learnt(meter, "whole", _within(meter, layout, whole, first, last))


def _learnt(meter: Meter, access: Access, found: Columns) -> Columns:
    """Keep the habit where there were rows: some meters refuse a range that is merely empty."""
    if found.count:
        meter.habits = replace(meter.habits, access=access)
    return found


def _buffer(layout: Layout, selection: Selection | None) -> Step[Columns | DataAccessResult]:
    what = attribute(PROFILE, layout.name, BUFFER)
    result = result_of((yield Get(what, selection)), what)
    return columns(result) if isinstance(result, bytes) else result


def _by_numbers(meter: Meter, layout: Layout, first: datetime) -> Step[Columns | None]:
    """Rows from the newest back beyond `first`; None if they are not told by number."""
    asked = [attribute(PROFILE, layout.name, index) for index in (SORT, IN_USE)]
    sort, in_use = yield from several(meter, asked)
    if sort is None or in_use is None:
        return None
    order, count = axdr.whole(sort), axdr.whole(in_use)
    if not count:
        return Columns(0, ())
    if order not in (OLDEST_FIRST, NEWEST_FIRST) or not 0 < count <= MOST_ENTRIES:
        return None
    back = FIRST_GUESS
    while True:
        back = min(back, count)
        part = Entries(count - back + 1, count) if order == OLDEST_FIRST else Entries(1, back)
        found = yield from _buffer(layout, part)
        if isinstance(found, DataAccessResult):
            return None
        if back == count or not found.count or found.width != len(layout.sources):
            return found
        known = stamps(meter, layout, found)[0]
        known = known[~np.isnat(known)]
        if len(known) and known.min() < _stamp(first):
            return found
        back = max(2 * back, _rows_since(layout, known, first))


def _rows_since(layout: Layout, known: Stamps, first: datetime) -> int:
    """About how many rows there are from a moment on, by the newest of those known."""
    if not layout.period or not len(known):
        return 0
    seconds = (known.max() - _stamp(first)) / np.timedelta64(1, "s")
    return math.ceil(float(seconds) / layout.period) + 2


def _within(
    meter: Meter, layout: Layout, found: Columns, first: datetime, last: datetime
) -> Columns:
    """Only rows within [first, last], and those whose clock nobody knows."""
    if not found.count or found.width != len(layout.sources):
        return found
    when, _ = stamps(meter, layout, found)
    kept = np.isnat(when) | ((when >= _stamp(first)) & (when <= _stamp(last)))
    if kept.all():
        return found
    parts = [
        replace(column, values=column.values[kept], present=column.present[kept])
        for column in found.columns
    ]
    return Columns(int(kept.sum()), tuple(parts))


def _stamp(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "s")


# Clocks of rows


def clock_at(layout: Layout) -> int:
    """The place of the clock's column. Raises Malformed if there is none."""
    for place, source in enumerate(layout.sources):
        if source.class_id == CLOCK_CLASS:
            return place
    raise Malformed(f"{layout.name}: rows without a clock.", code="layout")


def stamps(meter: Meter, layout: Layout, found: Columns) -> tuple[Stamps, Mask]:
    """Clocks of rows: (n,) UTC, NaT where it is not known, and (n,) whether the clock was bad.

    A null, which meters write for «the next one», is the row before and a period, where known.
    """
    column = found.columns[clock_at(layout)]
    if column.values.ndim != 2:  # nulls alone
        return np.full(found.count, "NaT", "M8[s]"), np.ones(found.count, np.bool_)
    if found.count > MOST_SHARED:
        return _stamps(column, meter.local_offset, layout.period)
    clocks, present = column.values.tobytes(), column.present.tobytes()
    return _shared_stamps(clocks, present, meter.local_offset, layout.period)


@lru_cache(maxsize=256)
def _shared_stamps(clocks: bytes, present: bytes, offset: int, period: int) -> tuple[Stamps, Mask]:
    """As `_stamps`; a day's rows have the same clocks in all meters of a zone."""
    table = np.frombuffer(clocks, np.uint8).reshape(-1, STAMP)
    column = Column(None, table, np.frombuffer(present, np.bool_))
    when, bad = _stamps(column, offset, period)
    when.flags.writeable = bad.flags.writeable = False
    return when, bad


def _stamps(column: Column, offset: int, period: int) -> tuple[Stamps, Mask]:
    clocks = moments(column)
    when = clocks.utc(-offset)
    if period and not column.present.all():
        when = _filled(when, column.present, period)
    return when, IS_BAD[clocks.status] | np.isnat(when)


def _filled(when: Stamps, present: Mask, period: int) -> Stamps:
    """Nulls as so many periods after the last clock before them."""
    place = np.arange(len(when))
    before = np.maximum.accumulate(np.where(present, place, -1))
    steps = ((place - before) * period).astype("m8[s]")
    filled: Stamps = when[np.maximum(before, 0)] + steps
    filled[before < 0] = np.datetime64("NaT")
    return filled
