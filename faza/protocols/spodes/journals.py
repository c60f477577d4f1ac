"""Journals of events, 0.0.99.98.N: each a profile of moments and codes 0.0.96.11.N."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from faza.protocols.dlms import Column, Columns, Data
from faza.protocols.metered import EventRows, Json
from faza.protocols.spodes.asking import Step, power
from faza.protocols.spodes.captures import find_layouts
from faza.protocols.spodes.identity import plain
from faza.protocols.spodes.layouts import Layout, Source
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import CLOCK_CLASS, JOURNALS, groups, journal
from faza.protocols.spodes.profiles import numbers_of
from faza.protocols.spodes.rows import many_rows, stamps

I16 = npt.NDArray[np.int16]
CODE = (0, 0, 96, 11)
"""Groups A to D of the object that holds an event's code; a meter's channel is B."""


def journals(
    meter: Meter, first: datetime, last: datetime, numbers: Sequence[int] = ()
) -> Step[EventRows]:
    """Entries of journals within [first, last], both included; of all journals if none is named.

    Journals that the meter has not, or does not tell to this client, are left out. Moments are
    NaT where the clock of an entry is not known. Details: what else an entry has, by name of the
    object, in its unit.
    """
    layouts = yield from find_layouts(meter, [journal(number) for number in numbers or JOURNALS])
    told = yield from many_rows(meter, layouts, first, last)
    return _joined([_entries(meter, *part) for part in told if part is not None and part[1].count])


def _entries(meter: Meter, found: Layout, columns: Columns) -> EventRows:
    number = groups(found.name)[4]
    at = _code_at(found)
    codes, present, _ = numbers_of(columns[at])
    known = present & (codes >= 0) & (codes < 1 << 15)
    when, _ = stamps(meter, found, columns)
    others = [
        (place, source)
        for place, source in enumerate(found.sources)
        if place != at and source.class_id != CLOCK_CLASS
    ]
    details: tuple[Mapping[str, Json], ...]
    if others:
        told = [_told(columns[place], source) for place, source in others]
        names = [source.name for _, source in others]
        details = tuple([_detail(names, cells) for cells in zip(*told, strict=True)])
    else:
        details = ({},) * columns.count
    kept = np.flatnonzero(known)
    return EventRows(
        when[kept],
        np.full(len(kept), number, np.int16),
        codes[kept].astype(np.int16),
        tuple([details[row] for row in kept]),
    )


def _code_at(found: Layout) -> int:
    """The column of codes: its object by name, else the first after the clock."""
    for place, source in enumerate(found.sources):
        a, _, *rest = groups(source.name)
        if (a, 0, *rest[:2]) == CODE:
            return place
    clocks = [n for n, source in enumerate(found.sources) if source.class_id == CLOCK_CLASS]
    return min(clocks[0] + 1 if clocks else 0, len(found.sources) - 1)


def _told(column: Column, source: Source) -> list[Json]:
    """A column's cells as JSON, None where there is none; registers in their unit."""
    values, present = column.values, column.present.tolist()
    if values.ndim == 2:
        return [
            raw.tobytes().hex() if there else None
            for raw, there in zip(values, present, strict=True)
        ]
    if values.dtype == object:
        return [plain(cell) if isinstance(cell, Data) else None for cell in values]
    if source.scaler or values.dtype == np.float64:
        values = values.astype(np.float64) * float(power(source.scaler or 0))
        present = (column.present & np.isfinite(values)).tolist()
    return [cell if there else None for cell, there in zip(values.tolist(), present, strict=True)]


def _detail(names: Sequence[str], cells: Sequence[Json]) -> Mapping[str, Json]:
    return {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None}


def _joined(parts: Sequence[EventRows]) -> EventRows:
    if not parts:
        none = np.empty(0, np.int16)
        return EventRows(np.empty(0, "M8[s]"), none, none)
    details: list[Mapping[str, Json]] = []
    for part in parts:
        details += part.details
    return EventRows(
        np.concatenate([part.moments for part in parts]),
        np.concatenate([part.journals for part in parts]),
        np.concatenate([part.codes for part in parts]),
        tuple(details),
    )
