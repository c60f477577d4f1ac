"""Writing of CSV; text that a spreadsheet would take for a formula is disarmed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from faza.core.quality import Quality
from faza.core.reading_types import BY_CHANNEL, ReadingType
from faza.core.units import I64, decimals
from faza.protocols.tabular import moments
from faza.protocols.tabular.values import REGISTERS, SINGLE, Registers, Series
from faza.protocols.tabular.words import guarded

COLUMNS = ("usage_point", "channel", "start", "end", "value", "unit", "quality")
REGISTER_COLUMNS = ("usage_point", "meter", "moment", "kind")
BOM = b"\xef\xbb\xbf"
ROWS = 10_000
"""Rows of a chunk."""
QUALITIES: Mapping[int, str] = {int(q): q.name.lower() for q in Quality}


def write_csv(series: Iterable[Series], *, zone: str = "UTC", bom: bool = False) -> Iterator[bytes]:
    """Interval series as CSV in UTF-8, in chunks; read_profiles gives them back.

    Columns: usage_point,channel,start,end,value,unit,quality. Times are ISO with the offset of
    `zone`; quality is a name of Quality. A MISSING interval has no value; an UNTOLD one has no
    row. A point whose name begins like a formula gets an apostrophe before it.
    """
    yield (BOM if bom else b"") + (",".join(COLUMNS) + "\r\n").encode()
    for s in series:
        lead = _cells(guarded(s.point), s.reading_type.channel)
        tail = _cells(s.reading_type.unit)
        for first in range(0, len(s.values), ROWS):
            yield _rows(s, first, min(first + ROWS, len(s.values)), zone, lead, tail).encode()


def _rows(s: Series, first: int, end: int, zone: str, lead: str, tail: str) -> str:
    step = s.interval * 60
    times = moments.seconds_of(s.start) + step * np.arange(first, end + 1, dtype=np.int64)
    shown = iso_texts(times, zone)
    quality = s.quality[first:end].tolist()
    values = decimal_texts(s.values[first:end], s.reading_type)
    return "".join(
        f"{lead},{shown[n]},{shown[n + 1]},{values[n] if q < Quality.UNTOLD else ''},{tail},"
        f"{QUALITIES[q]}\r\n"
        for n, q in enumerate(quality)
        if q != Quality.UNTOLD
    )


def iso_texts(utc: I64, zone: str) -> list[str]:
    """Ascending seconds since 1970 as ISO times with the zone's offset."""
    local = (utc + moments.offsets_of(utc, zone)).astype("datetime64[s]")
    texts = np.datetime_as_string(local).tolist()
    return [text + offset for text, offset in zip(texts, offset_texts(utc, zone), strict=True)]


def offset_texts(utc: I64, zone: str) -> list[str]:
    """The zone's offset at ascending seconds since 1970, as +hh:mm."""
    offsets = moments.offsets_of(utc, zone)
    texts = {}
    for offset in np.unique(offsets).tolist():
        hours, minutes = divmod(abs(offset) // 60, 60)
        texts[offset] = f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"
    return [texts[offset] for offset in offsets.tolist()]


def decimal_texts(values: I64, kind: ReadingType) -> list[str]:
    """Quanta as exact decimals in the type's unit, without trailing zeros."""
    places = decimals(kind)
    # A quantum that is no power of ten is none of ours (reading_types).
    scale = 10**places
    texts = []
    for value in values.tolist():
        whole, rest = divmod(abs(value), scale)
        text = f"{whole}.{rest:0{places}d}".rstrip("0") if rest else str(whole)
        texts.append("-" + text if value < 0 else text)
    return texts


def _cells(*texts: str) -> str:
    """Cells as the csv module writes them, without the line's end."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(texts)
    return buffer.getvalue()


def write_registers_csv(
    registers: Registers, *, zone: str = "UTC", bom: bool = False
) -> Iterator[bytes]:
    """Register readings as CSV in UTF-8, in chunks; read_registers gives them back.

    Columns: usage_point,meter,moment,kind and the registers that have a value: A+ T0, kWh …
    """
    names, places = register_columns(registers)
    yield (BOM if bom else b"") + (_cells(*REGISTER_COLUMNS, *names) + "\r\n").encode()
    for first in range(0, len(registers), ROWS):
        rows = range(first, min(first + ROWS, len(registers)))
        yield "".join(_register_row(registers, n, places, zone) for n in rows).encode()


def register_columns(registers: Registers) -> tuple[list[str], list[tuple[int, int]]]:
    """Headers and places of the registers that any reading has; A+ T0 at least."""
    used = [(int(r), int(t)) for r, t in np.argwhere(registers.present.any(axis=0))] or [(0, 0)]
    return [_register_name(BY_CHANNEL[REGISTERS[r]], t) for r, t in used], used


def _register_name(kind: ReadingType, tariff: int) -> str:
    """«A+ T1, kWh», «WATER, m3»."""
    return f"{kind.channel}{'' if kind.channel in SINGLE else f' T{tariff}'}, {kind.unit}"


def _register_row(registers: Registers, n: int, places: list[tuple[int, int]], zone: str) -> str:
    second = registers.moments[n : n + 1].astype("datetime64[s]").astype(np.int64)
    values = [
        decimal_texts(registers.values[n, r, t : t + 1], BY_CHANNEL[REGISTERS[r]])[0]
        if registers.present[n, r, t]
        else ""
        for r, t in places
    ]
    cells = _cells(
        guarded(registers.points[n]), guarded(registers.meters[n]), iso_texts(second, zone)[0],
        registers.kinds[n], *values,
    )  # fmt: skip
    return cells + "\r\n"
