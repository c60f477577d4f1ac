"""Series and feeds of the tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np

from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS, ReadingType
from faza.protocols import espi
from faza.protocols.tabular import Series

MADE = datetime(2026, 2, 1, 6, 0, tzinfo=UTC)
START = datetime(2026, 1, 13, 21, 0, tzinfo=UTC)
"""Midnight in Moscow."""


def series(
    kind: ReadingType = A_PLUS,
    *,
    point: str = "501",
    values: Iterable[int] = range(0, 48 * 250, 250),
    missing: Iterable[int] = (),
    qualities: dict[int, Quality] | None = None,
    interval: int = 30,
    start: datetime = START,
) -> Series:
    numbers = np.array(list(values), np.int64)
    quality = np.zeros(len(numbers), np.uint8)
    for place, code in {**(qualities or {}), **dict.fromkeys(missing, Quality.MISSING)}.items():
        quality[place] = code
    numbers[quality == Quality.MISSING] = 0
    return Series(point, kind, start, interval, numbers, quality)


def feed(*found: Series, zone: str = "Europe/Moscow") -> bytes:
    return b"".join(espi.write(found, zone=zone, made_at=MADE))


ENTRY = """<entry><id>{id}</id><link rel="self" href="{self}"/><link rel="up" href="{up}"/>{links}
<title>{title}</title><content>{body}</content></entry>"""
FOREIGN = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:e="http://naesb.org/espi">
{entries}
</feed>"""
TYPE = {
    "accumulationBehaviour": "4", "commodity": "1", "flowDirection": "1", "intervalLength": "3600",
    "powerOfTenMultiplier": "0", "uom": "72",
}  # fmt: skip
READING = (
    "<e:IntervalReading><e:timePeriod><e:duration>{length}</e:duration>"
    "<e:start>{start}</e:start></e:timePeriod><e:value>{value}</e:value></e:IntervalReading>"
)


def entry(id_: str, self: str, up: str, body: str, *, title: str = "", related: str = "") -> str:
    links = f'<link rel="related" href="{related}"/>' if related else ""
    return ENTRY.format(id=id_, self=self, up=up, links=links, title=title, body=body)


def foreign(
    *, rows: Iterable[tuple[object, object, object]] = ((1_768_338_000, 3600, 1500),),
    title: str = "Kitchen", point: str = "", **fields: str,
) -> bytes:  # fmt: skip
    """A feed as others write it: prefixes, an address of another host, no default quality."""
    type_ = "".join(f"<e:{name}>{text}</e:{name}>" for name, text in (TYPE | fields).items())
    readings = "".join(READING.format(start=s, length=d, value=v) for s, d, v in rows)
    entries = [
        entry("p", "P/1", "P", f"<e:UsagePoint>{point}</e:UsagePoint>", title=title),
        entry("m", "P/1/MeterReading/1", "P/1/MeterReading", "<e:MeterReading/>", related="T/1"),
        entry("b", "B/1", "P/1/MeterReading/1/IntervalBlock",
              f"<e:IntervalBlock>{readings}</e:IntervalBlock>"),
        entry("t", "T/1", "T", f"<e:ReadingType>{type_}</e:ReadingType>"),
    ]  # fmt: skip
    return FOREIGN.format(entries="\n".join(entries)).encode()
