"""How a finding is drawn and tabled: before and after, with the band of like days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.core.quality import Quality, is_estimated
from faza.desk.exceptions import asked, words
from faza.desk.exceptions.evidence import F64, Evidence
from faza.readings.queries import Origin
from faza.ui import formats

MEASURED, FLAGGED, ESTIMATED, EDITED, DOUBTFUL = range(5)
ONE_DAY = 86_400
LISTED = 60
BESIDE = 2
"""Intervals before and after the finding that its table shows."""
LABELS = 9
"""Marks that an axis has room for."""


def before(found: Evidence) -> dict[str, Any]:
    """The payload `finding` of frontend/src/charts/payloads.ts: as it was delivered."""
    kinds = np.full(len(found.came), MEASURED)
    # A longer stretch is not what sticks out: all of it would be red.
    if found.row.end - found.row.key.start <= ONE_DAY:
        kinds[found.inside & ~np.isnan(found.came)] = FLAGGED
    return _payload(found, found.came, kinds)


def after(found: Evidence) -> dict[str, Any]:
    """As it would stand after the decision, with the band of like days."""
    assert found.beside is not None
    kinds = _kinds(found)
    made = _payload(found, found.then, kinds)
    assert found.kind is not None
    scale = float(found.kind.quantum)
    made["low"] = _list(found.beside.low * scale)
    made["high"] = _list(found.beside.high * scale)
    if found.laid.any():
        places = np.flatnonzero(found.laid)
        made["span"] = [int(places[0]), int(places[-1])]
    return made


def _kinds(found: Evidence) -> np.ndarray:
    """(n,) what the values after the decision are."""
    assert found.beside is not None
    quality = found.beside.effective.quality
    kinds = np.full(len(quality), MEASURED)
    kinds[is_estimated(quality)] = ESTIMATED
    kinds[np.isin(quality, (Quality.QUESTIONABLE, Quality.MIXED))] = DOUBTFUL
    kinds[quality == Quality.EDITED] = EDITED
    kinds[found.laid] = ESTIMATED if found.deed == asked.ESTIMATE else MEASURED
    return kinds


def _payload(found: Evidence, values: F64, kinds: np.ndarray) -> dict[str, Any]:
    assert found.kind is not None
    labels, titles = _labels(found)
    return {
        "unit": formats.unit_name(found.kind.unit),
        "decimals": 3 if found.kind.additive else 1,
        "labels": labels,
        "titles": titles,
        "values": _list(values * float(found.kind.quantum)),
        "kinds": kinds.tolist(),
        "low": [],
        "high": [],
        "span": None,
        "words": {
            "kinds": [
                pgettext("value", "measured"), pgettext("value", "a rule found it"),
                pgettext("value", "estimated"), pgettext("value", "edited by hand"),
                pgettext("value", "doubtful"),
            ],
            "missing": _("no data"),
            "band": _("like days, P10–P90"),
        },
    }  # fmt: skip


def _list(values: F64) -> list[float | None]:
    return [None if np.isnan(value) else round(value, 3) for value in values.tolist()]


def _labels(found: Evidence) -> tuple[list[str], list[str]]:
    """Under the axis, empty where no mark stands; and of each interval in full."""
    assert found.beside is not None
    profile, zone = found.beside.effective, ZoneInfo(found.point.zone)
    moments = [datetime.fromtimestamp(start, zone) for start in profile.starts.tolist()]
    hours = max(1, len(moments) // LABELS * int(profile.minutes[0]) // 60)
    step = next((size for size in (1, 2, 3, 6, 12, 24, 48, 96) if size >= hours), 168)
    labels = []
    for moment in moments:
        is_mark = moment.minute == 0 and moment.hour % min(step, 24) == 0
        if is_mark and step > 24:
            is_mark = (moment.date() - moments[0].date()).days % (step // 24) == 0
        if not is_mark:
            labels.append("")
        elif moment.hour == 0:
            labels.append(f"{moment:%d.%m}")
        else:
            labels.append(f"{moment:%H:%M}")
    ends = (datetime.fromtimestamp(end, zone) for end in profile.ends.tolist())
    titles = [
        f"{moment:%d.%m.%Y %H:%M} – {end:%H:%M}" for moment, end in zip(moments, ends, strict=True)
    ]
    return labels, titles


@dataclass(frozen=True, slots=True)
class Line:
    """An interval in the table beside the picture."""

    when: str
    came: Decimal | None
    then: Decimal | None
    usual: Decimal | None
    quality: str
    css: str
    whence: str
    is_inside: bool
    is_laid: bool


def table(found: Evidence) -> list[Line]:
    """The finding's intervals and some beside them, as many as a page takes."""
    return list(_lines(found)) if found.beside is not None else []


def _lines(found: Evidence) -> Iterator[Line]:
    assert found.beside is not None
    assert found.kind is not None
    profile, kind = found.beside.effective, found.kind
    zone, kinds = ZoneInfo(found.point.zone), _kinds(found)
    marked = np.flatnonzero(found.inside | found.laid)
    if not len(marked):
        return
    low = max(0, int(marked[0]) - BESIDE)
    high = min(len(profile.starts), int(marked[-1]) + 1 + BESIDE, low + LISTED)

    def amount(value: float) -> Decimal | None:
        return None if np.isnan(value) else words.in_unit(round(value), kind)

    for place in range(low, high):
        start = datetime.fromtimestamp(int(profile.starts[place]), zone)
        end = start + timedelta(minutes=int(profile.minutes[place]))
        then = amount(found.then[place])
        quality, css = _quality(int(kinds[place]), then is None)
        yield Line(
            when=f"{start:%d.%m %H:%M} – {end.astimezone(zone):%H:%M}",
            came=amount(found.came[place]),
            then=then,
            usual=amount(found.beside.usual[place]),
            quality=quality,
            css=css,
            whence=_whence(found, place),
            is_inside=bool(found.inside[place]),
            is_laid=bool(found.laid[place]) and found.deed == asked.ESTIMATE,
        )


def _quality(kind: int, is_missing: bool) -> tuple[str, str]:
    if is_missing:
        return _("no data"), "bad"
    told = {
        MEASURED: (pgettext("value", "measured"), ""),
        ESTIMATED: (pgettext("value", "estimated"), "info"),
        EDITED: (pgettext("value", "edited by hand"), "info"),
        DOUBTFUL: (pgettext("value", "doubtful"), "warn"),
    }
    return told[kind]


def _whence(found: Evidence, place: int) -> str:
    """What a value is made by."""
    if found.laid[place]:
        if found.deed != asked.ESTIMATE:
            return _("as it came")
        return str(words.METHODS.get(found.named, found.named))
    assert found.beside is not None
    start = int(found.beside.effective.starts[place])
    origin = next((o for o in found.beside.origins if o.start <= start < o.end), None)
    return _made(origin) if origin else _("as it came")


def _made(origin: Origin) -> str:
    if origin.is_override:
        return origin.reason
    return str(words.METHODS.get(origin.method, _("estimate")))


__all__ = ["Line", "after", "before", "table"]
