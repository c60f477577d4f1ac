"""What stood at a point and when, as bars and as a table of replacements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.metering.models import InstrumentTransformer, MeteringComplex
from faza.readings import registers
from faza.readings.models import RegisterReading

NOTHING = "—"
LEAST_SHARE = Decimal("0.5")
CLOSING, OPENING = RegisterReading.Kind.CLOSING, RegisterReading.Kind.OPENING


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the time shown, in percent from its start; `is_now`: it goes on."""

    left: str
    width: str
    label: str
    title: str
    is_now: bool


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


@dataclass(frozen=True, slots=True)
class Replaced:
    """What happened at a moment, and what the meters showed then, kWh; None where not told."""

    at: datetime
    what: str | Promise
    about: str
    closing: Decimal | None
    opening: Decimal | None


Shown = dict[tuple[int, datetime, int], Decimal]


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


def replacements(complexes: Sequence[MeteringComplex], shown: Shown) -> tuple[Replaced, ...]:
    """What came, went and changed, newest first; of complexes oldest first."""
    found = []
    for before, one in zip([None, *complexes], complexes, strict=False):
        touching = before is not None and before.valid_to == one.valid_from
        if touching:
            assert before is not None
            found.append(_replaced(before, one, shown))
            continue
        if before is not None and before.valid_to is not None:
            found.append(_removed(before, shown))
        opening = shown.get((one.meter_id, one.valid_from, OPENING))
        about = f"{one.meter.model} № {one.meter.number}"
        found.append(Replaced(one.valid_from, gettext_lazy("Installed"), about, None, opening))
    if complexes and complexes[-1].valid_to is not None:
        found.append(_removed(complexes[-1], shown))
    return tuple(reversed(found))


def _replaced(before: MeteringComplex, one: MeteringComplex, shown: Shown) -> Replaced:
    closing = shown.get((before.meter_id, one.valid_from, CLOSING))
    opening = shown.get((one.meter_id, one.valid_from, OPENING))
    if before.meter_id != one.meter_id:
        about = f"№ {before.meter.number} → № {one.meter.number}"
        return Replaced(one.valid_from, gettext_lazy("Meter"), about, closing, opening)
    about = f"{ratio_words(before.ratio)} → {ratio_words(one.ratio)}"
    return Replaced(one.valid_from, gettext_lazy("Ratio"), about, closing, opening)


def _removed(one: MeteringComplex, shown: Shown) -> Replaced:
    assert one.valid_to is not None
    closing = shown.get((one.meter_id, one.valid_to, CLOSING))
    return Replaced(
        one.valid_to, gettext_lazy("Taken away"), f"№ {one.meter.number}", closing, None
    )


def shown_at_changes(point: int) -> Shown:
    """The sum of A+ that meters of a point showed when they came and went, in kWh. One query."""
    rows = list(
        RegisterReading.objects.filter(usage_point_id=point, kind__in=[CLOSING, OPENING])
        .values_list("meter_id", "at", "kind", "present", "registers")
        .order_by("at")
    )
    values, present = registers.unpack([row[3] for row in rows], [bytes(row[4]) for row in rows])
    return {
        (meter, moment, kind): Decimal(int(values[place, 0])) / 1000
        for place, (meter, moment, kind, _mask, _blob) in enumerate(rows)
        if present[place, 0]
    }
