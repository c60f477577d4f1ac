"""A link's page: one point's consumption over a year, a month, with how complete it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.cabinet import words
from faza.cabinet.columns import HUES
from faza.cabinet.series import State
from faza.contracts import access
from faza.contracts.access import Grant
from faza.contracts.models import AccessConsent
from faza.contracts.rules.tokens import Resolution
from faza.core.periods import start_of_day
from faza.core.reading_types import OF_COMMODITY, Commodity, ReadingType
from faza.core.units import decimals, floats
from faza.metering.models import UsagePoint
from faza.readings import queries
from faza.readings.queries import Consumption
from faza.ui import formats

EARLIEST = date(2000, 1, 1)
MOST = 100
"""Points that are offered; a link has few."""
STEPS: dict[Resolution, str | Promise] = {
    Resolution.MONTH: gettext_lazy("by months"),
    Resolution.DAY: gettext_lazy("by days"),
    Resolution.HOUR: gettext_lazy("by hours"),
}
LABELS = {Resolution.MONTH: "F Y", Resolution.DAY: "d.m.Y", Resolution.HOUR: "d.m.Y H:i"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to look otherwise."""

    label: str | Promise
    query: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A month, a day or an hour; value and share are None where nothing is present."""

    label: str
    value: float | None
    share: float | None
    estimated: float


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown. share, estimated: percent of intervals; until: the end of the last value."""

    title: str
    address: str
    owner: str
    code: str
    kind: ReadingType
    span: str
    total: float | None
    share: float | None
    estimated: float | None
    until: str
    picture: dict[str, Any]
    rows: list[Row]
    points: list[Choice]
    steps: list[Choice]
    earlier: str
    later: str
    query: str

    @property
    def unit(self) -> str:
        return formats.unit_name(self.kind.unit)

    @property
    def decimals(self) -> int:
        return decimals(self.kind)


def is_early(grant: Grant, *, at: datetime) -> bool:
    """Whether the points are still read, and only no day or month of them is over yet."""
    if grant.resolution is None or grant.points is None:
        return False
    return access.points_visible(grant.user, at=at).filter(id__in=grant.points).exists()


def read(grant: Grant, query: Mapping[str, str], *, at: datetime) -> Page | None:
    """The page of a question; None where the link has no point that is still read."""
    found = list(access.granted_points(grant, at=at).order_by("code")[:MOST])
    if not found:
        return None
    place = _number(query.get("point", ""), len(found))
    point = found[place]
    windows = access.granted_windows(grant, at=at, points=[point.pk])
    zone = ZoneInfo(point.zone)
    bounds = (
        max(EARLIEST, min(w.period.start for w in windows).astimezone(zone).date()),
        (max(w.period.end for w in windows) - timedelta(microseconds=1)).astimezone(zone).date(),
    )
    step = _step(grant, query.get("by", ""))
    first, stop = _span(step, query.get("period", ""), bounds)
    kind = OF_COMMODITY[Commodity(point.resource)][0]
    got = queries.consumption(windows, [kind.code], first, stop, step.value)
    told = {"point": str(place + 1), "by": step.value}
    consent = AccessConsent.objects.get(token=grant.token)
    sums = _Sums.of(got, kind)
    return Page(
        title=_title(point, place, consent),
        address=point.address if consent.shows_address else "",
        owner=grant.user.full_name if consent.shows_name else "",
        code=point.code,
        kind=kind,
        span=date_format(first, "Y" if step is Resolution.MONTH else "F Y"),
        total=sums.total,
        share=sums.share,
        estimated=sums.estimated_share,
        until=sums.until(step),
        picture=_picture(sums, step, point, first, stop),
        rows=list(sums.rows(step)),
        points=[
            Choice(_title(one, i, consent), urlencode(told | {"point": str(i + 1)}), i == place)
            for i, one in enumerate(found)
        ],
        steps=[
            Choice(label, urlencode(told | {"by": one.value}), one is step)
            for one, label in STEPS.items()
            if grant.reads_by(one)
        ],
        earlier=_beside(told, step, first - timedelta(days=1), bounds),
        later=_beside(told, step, stop, bounds),
        query=urlencode(told | {"period": _named(step, first)}),
    )


def _title(point: UsagePoint, place: int, consent: AccessConsent) -> str:
    """The point's name where it may be told; else only which one it is."""
    if consent.shows_address:
        return point.name
    return _("Usage point %(number)s") % {"number": place + 1}


def _number(text: str, count: int) -> int:
    is_one = text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= count
    return int(text) - 1 if is_one else 0


def _step(grant: Grant, told: str) -> Resolution:
    """The step asked for, if the link has it; days by default, or what is the finest."""
    allowed = [one for one in (Resolution.DAY, *STEPS) if grant.reads_by(one)]
    return next((one for one in allowed if one.value == told), allowed[0])


def _span(step: Resolution, told: str, bounds: tuple[date, date]) -> tuple[date, date]:
    """The year or month asked for, [first, stop); the last one that is read by default."""
    try:
        year, _dash, month = told.partition("-")
        shown = date(int(year[:4]), int(month[:2] or 1), 1)
    except ValueError:
        shown = bounds[1]
    shown = min(max(shown, bounds[0].replace(day=1)), bounds[1])
    if step is Resolution.MONTH:
        return shown.replace(month=1, day=1), shown.replace(year=shown.year + 1, month=1, day=1)
    first = shown.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _named(step: Resolution, day: date) -> str:
    return f"{day:%Y}" if step is Resolution.MONTH else f"{day:%Y-%m}"


def _beside(told: dict[str, str], step: Resolution, day: date, bounds: tuple[date, date]) -> str:
    """The query of the period that a day is in; "" where nothing of it is read."""
    start, end = _span(step, _named(step, day), (date.min.replace(year=2), day))
    is_read = start <= bounds[1] and end > bounds[0]
    return urlencode(told | {"period": _named(step, day)}) if is_read else ""


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """One channel by buckets: starts (b,) epoch seconds and labels; counts are of intervals."""

    kind: ReadingType
    starts: npt.NDArray[np.int64]
    labels: npt.NDArray[np.datetime64]
    value: npt.NDArray[np.float64]
    expected: npt.NDArray[np.int64]
    present: npt.NDArray[np.int64]
    guessed: npt.NDArray[np.int64]

    @classmethod
    def of(cls, got: Consumption, kind: ReadingType) -> _Sums:
        if not len(got.reading_types):
            none = np.zeros(0, np.int64)
            empty = none.astype("datetime64[s]")
            return cls(kind, none, empty, none.astype(np.float64), none, none, none)
        # An hour that the clocks leap over is none.
        real = got.starts[0] >= 0
        return cls(
            kind,
            got.starts[0, real],
            got.labels[real],
            floats(got.total[0, real], kind),
            got.n_expected[0, real].astype(np.int64),
            got.n_present[0, real].astype(np.int64),
            got.n_estimated[0, real].astype(np.int64),
        )

    @property
    def total(self) -> float | None:
        return float(self.value.sum()) if self.present.any() else None

    @property
    def share(self) -> float | None:
        expected = int(self.expected.sum())
        return 100 * int(self.present.sum()) / expected if expected else None

    @property
    def estimated_share(self) -> float | None:
        present = int(self.present.sum())
        return 100 * int(self.guessed.sum()) / present if present else None

    def until(self, step: Resolution) -> str:
        there = np.flatnonzero(self.present)
        return _label(self.labels[there[-1]], step) if len(there) else ""

    def rows(self, step: Resolution) -> Iterator[Row]:
        """Those of which anything is expected."""
        for i in np.flatnonzero(self.expected).tolist():
            present = int(self.present[i])
            yield Row(
                _label(self.labels[i], step),
                float(self.value[i]) if present else None,
                100 * present / int(self.expected[i]),
                100 * int(self.guessed[i]) / present if present else 0.0,
            )


def _label(label: np.datetime64, step: Resolution) -> str:
    told: datetime = label.astype("datetime64[s]").item()
    return date_format(told, LABELS[step])


def _picture(
    sums: _Sums, step: Resolution, point: UsagePoint, first: date, stop: date
) -> dict[str, Any]:
    """The payload of a profile: frontend/src/charts/payloads.ts."""
    states = np.full(len(sums.starts), State.MEASURED, np.uint8)
    states[sums.guessed > 0] = State.ESTIMATED
    states[sums.present == 0] = State.MISSING
    states[sums.expected == 0] = State.NOT_YET
    rounded = sums.value.round(decimals(sums.kind)).tolist()
    values = [
        value if there else None
        for value, there in zip(rounded, (sums.present > 0).tolist(), strict=True)
    ]
    zone = ZoneInfo(point.zone)
    label = str(words.CHANNELS[sums.kind.code][0])
    return {
        "unit": formats.unit_name(sums.kind.unit),
        "decimals": 1 if step is not Resolution.HOUR else decimals(sums.kind),
        "zone": point.zone,
        "step": 3600 if step is Resolution.HOUR else step.value,
        "start": start_of_day(first, point.zone).astimezone(zone).isoformat(),
        "end": start_of_day(stop, point.zone).astimezone(zone).isoformat(),
        "until": None,
        "series": [
            {
                "id": "c0",
                "label": label,
                "hue": HUES[sums.kind.code],
                "start": (sums.starts * 1000).tolist(),
                "value": values,
                "quality": states.tolist(),
            }
        ],
    }


def table(page: Page) -> Iterator[list[object]]:
    """The rows of a file, with the head. A missing value is empty, which is not zero."""
    yield [_("Begins"), f"{words.CHANNELS[page.kind.code][1]}, {page.unit}",
           _("Completeness, %"), _("Estimated, %")]  # fmt: skip
    for row in page.rows:
        value = None if row.value is None else round(row.value, page.decimals)
        share = None if row.share is None else round(row.share, 1)
        yield [row.label, value, share, round(row.estimated, 1)]
