"""How a typed reading is drawn: on the scale of its band, and after the stretches before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.core.units import to_unit
from faza.desk.balances.picture import Spark, spark
from faza.desk.readings import words
from faza.manual_entry.weighing import Line
from faza.ui import formats

WIDE = 92.0
"""Units of the box that a scale is drawn in; a third on each side lies outside the band."""
EDGE = 1.5
TAKEN, TYPED = 0, 1
LABELS = 7
"""Marks under the axis that a card has room for."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the band lies and where the reading does, in units of the box, as SVG wants them."""

    x: str
    width: str
    mark: str
    is_outside: bool


def scale(line: Line) -> Scale | None:
    """None where there is no band, or nothing to compare with."""
    low, high = line.band.low, line.band.high
    if low is None or high is None or line.counted is None:
        return None
    span = max(high - low, 1)
    place = WIDE * ((line.counted - low) / span + 1) / 3
    mark = min(max(place, EDGE), WIDE - EDGE)
    return Scale(
        f"{WIDE / 3:.1f}", f"{WIDE / 3:.1f}", f"{mark:.1f}", not low <= line.counted <= high
    )


def sparkline(line: Line) -> Spark | None:
    """What was counted in the stretches before, and in this one."""
    if line.counted is None or not len(line.stretches):
        return None
    return spark([*map(float, line.stretches.tolist()), float(line.counted)])


def chart(line: Line, at: datetime, zone: str) -> dict[str, Any]:
    """The payload `finding` of frontend/src/charts/payloads.ts: stretches as long as this one."""
    kind, place = words.kind_of(line.register), ZoneInfo(zone)
    ends = [datetime.fromtimestamp(end, place) for end in line.ends.tolist()]
    last = at.astimezone(place)
    counted = [*line.stretches.tolist(), line.counted]
    values = [None if one is None else float(to_unit(one, kind)) for one in counted]
    starts = [ends[0] if ends else last, *ends]
    titles = [
        f"{start:%d.%m.%Y} – {end:%d.%m.%Y}"
        for start, end in zip(starts, [*ends, last], strict=True)
    ]
    if ends:
        titles[0] = _("until %(day)s") % {"day": f"{ends[0]:%d.%m.%Y}"}
    low, high = line.band.low, line.band.high
    has_band = low is not None and high is not None
    every = 1 if len(values) <= LABELS else 2
    return {
        "unit": formats.unit_name(kind.unit),
        "decimals": 0,
        "labels": [
            f"{end:%d.%m}" if (len(ends) - number) % every == 0 else ""
            for number, end in enumerate([*ends, last])
        ],
        "titles": titles,
        "values": values,
        "kinds": [TAKEN] * len(ends) + [TYPED if line.doubts else TAKEN],
        "low": [float(to_unit(low or 0, kind))] * len(values) if has_band else [],
        "high": [float(to_unit(high or 0, kind))] * len(values) if has_band else [],
        "span": [len(ends), len(ends)],
        "words": {
            "kinds": [pgettext("value", "measured"), pgettext("value", "outside the band")],
            "missing": _("no data"),
            "band": pgettext("reading", "expected"),
        },
    }
