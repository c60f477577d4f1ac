"""What stood at a point and when, as bars over the years."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from faza.metering.models import InstrumentTransformer, MeteringComplex

LEAST_SHARE = Decimal("0.5")
LETTER = Decimal("0.9")
"""Percent of the whole that a letter takes, and some room."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the time shown, in percent from its start; `is_now`: it goes on."""

    left: str
    width: str
    label: str
    title: str
    is_now: bool

    @property
    def is_roomy(self) -> bool:
        """Whether its label has room in it, on a page as wide as a desktop's."""
        return Decimal(self.width.rstrip("%")) >= LETTER * len(self.label)


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Lines of bars over years, `ticks` being (percent, year)."""

    since: int
    lines: tuple[Line, ...]
    ticks: tuple[tuple[str, int], ...]


def ratio_words(ratio: Fraction, transformers: Sequence[InstrumentTransformer] = ()) -> str:
    """A ratio as the plates of its transformers write it: 200/5; else as a number."""
    for one in transformers:
        if one.ratio == ratio:
            return f"{one.ratio_numerator}/{one.ratio_denominator}"
    return str(ratio.numerator) if ratio.denominator == 1 else str(ratio)


def timeline(complexes: Sequence[MeteringComplex], zone: str, *, at: datetime) -> Timeline | None:
    """Bars for complexes of one point, with meter and transformers loaded; oldest first."""
    if not complexes:
        return None
    start = complexes[0].valid_from
    whole = max((at - start).total_seconds(), 1)

    def bars(label: Callable[[MeteringComplex], str]) -> tuple[Bar, ...]:
        merged: list[tuple[str, datetime, datetime | None]] = []
        for one in complexes:
            name = label(one)
            if merged and merged[-1][0] == name and merged[-1][2] == one.valid_from:
                merged[-1] = (name, merged[-1][1], one.valid_to)
            else:
                merged.append((name, one.valid_from, one.valid_to))
        return tuple(
            _bar(name, begin, end, start, whole, zone, at)
            for name, begin, end in merged
            if begin < at
        )

    lines = [Line(_("Meter"), bars(lambda one: f"{one.meter.model} № {one.meter.number}"))]
    if any(one.ct_ratio != 1 for one in complexes):
        lines.append(Line(_("CT"), bars(lambda one: ratio_words(one.ct_ratio, _of(one, "CT")))))
    if any(one.vt_ratio != 1 for one in complexes):
        lines.append(Line(_("VT"), bars(lambda one: ratio_words(one.vt_ratio, _of(one, "VT")))))
    if len(lines) > 1:
        lines.append(Line("K", bars(lambda one: ratio_words(one.ratio))))
    return Timeline(start.astimezone(ZoneInfo(zone)).year, tuple(lines), _ticks(start, at, zone))


def _bar(
    name: str, begin: datetime, end: datetime | None, start: datetime, whole: float, zone: str,
    at: datetime,
) -> Bar:  # fmt: skip
    stop = min(end or at, at)
    left = Decimal((begin - start).total_seconds() / whole * 100)
    width = max(Decimal((stop - begin).total_seconds() / whole * 100), LEAST_SHARE)
    local = ZoneInfo(zone)
    until = f"{end.astimezone(local):%d.%m.%Y}" if end else _("now")
    title = f"{name}: {begin.astimezone(local):%d.%m.%Y} – {until}"
    return Bar(f"{left:.2f}%", f"{width:.2f}%", name, title, end is None or end > at)


def _ticks(start: datetime, at: datetime, zone: str) -> tuple[tuple[str, int], ...]:
    local = ZoneInfo(zone)
    first, last = start.astimezone(local).year + 1, at.astimezone(local).year
    step = max(1, (last - first) // 8 + 1)
    whole = max((at - start).total_seconds(), 1)
    return tuple(
        (f"{(datetime(year, 1, 1, tzinfo=local) - start).total_seconds() / whole * 100:.2f}%", year)
        for year in range(first, last + 1, step)
    )


def _of(one: MeteringComplex, kind: str) -> list[InstrumentTransformer]:
    return [held for held in one.transformers.all() if held.kind == kind]
