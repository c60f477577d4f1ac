"""Thirteen months by zones of the day, from registers at their boundaries; kWh or roubles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from faza.cabinet import words
from faza.cabinet.registers import wording
from faza.cabinet.registers.counting import Counted
from faza.cabinet.zones import Zones
from faza.core.reading_types import ReadingType
from faza.ui import formats

HUES = {5: "water", 6: "gas", 7: "heat", 2: "a-minus", 3: "r-plus", 4: "r-minus"}


@dataclass(frozen=True, slots=True)
class Line:
    """A month of the table under the picture."""

    month: str
    values: tuple[str, ...]
    total: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Months:
    """The picture, its legend (hue, name), and its table."""

    picture: dict[str, Any]
    legend: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Told:
    """One month: its first day, what registers say, whether it is over, what it cost."""

    month: date
    counted: Counted
    is_over: bool
    cost: Decimal | None = None


def months(
    found: Sequence[Told], kind: ReadingType, zones: Zones | None, urls: Mapping[date, str],
    *, is_money: bool = False,
) -> Months | None:  # fmt: skip
    """None where no month has anything."""
    if is_money:
        return _money(found, urls)
    tariffs = sorted({zone.tariff for one in found for zone in one.counted.zones})
    if len(tariffs) < 2:
        tariffs = []
    values = [_values(one.counted, tariffs) for one in found]
    if all(value is None for row in values for value in row):
        return None
    unit = formats.unit_name(kind.unit)
    names = [f"{wording.short_name(tariff, zones)} T{tariff}" for tariff in tariffs]
    hues = [wording.hue(tariff, zones) for tariff in tariffs]
    if zones is None:
        names = [f"T{tariff}" for tariff in tariffs]
    if not tariffs:
        names, hues = [str(words.CHANNELS[kind.code][0])], [HUES.get(kind.code, "a-plus")]
    notes = [note(one.counted, is_over=one.is_over) for one in found]
    bars = [
        {
            "month": f"{one.month:%Y-%m}",
            "values": [_float(value, kind) for value in row],
            "is_rough": one.is_over and is_rough(one.counted),
            "note": note,
            "href": urls.get(one.month),
        }
        for one, row, note in zip(found, values, notes, strict=True)
    ]
    lines = tuple(
        Line(
            f"{words.month(one.month)} {one.month.year}",
            tuple(wording.used(value, kind) for value in row) if tariffs else (),
            wording.used(_total(row), kind),
            note,
            urls.get(one.month, ""),
        )
        for one, row, note in zip(found, values, notes, strict=True)
    )
    picture = {
        "unit": unit,
        "decimals": wording.places(kind),
        "zones": [{"label": n, "hue": h} for n, h in zip(names, hues, strict=True)],
        "months": bars,
    }
    legend = tuple(zip(hues, names, strict=True)) if tariffs else ()
    return Months(picture, legend, lines, unit)


def _values(told: Counted, tariffs: Sequence[int]) -> list[Fraction | None]:
    if not tariffs:
        return [told.used]
    by_tariff = {zone.tariff: zone.used for zone in told.zones}
    return [by_tariff.get(tariff) for tariff in tariffs]


def _total(values: Sequence[Fraction | None]) -> Fraction | None:
    return None if None in values else sum((v for v in values if v is not None), Fraction(0))


def _float(value: Fraction | None, kind: ReadingType) -> float | None:
    return None if value is None else round(float(value * kind.quantum), wording.places(kind))


def is_rough(counted: Counted) -> bool:
    """Whether a month's number is of other moments than its boundaries, or of a part of it."""
    lead = counted.lead
    return lead is not None and not (
        counted.is_covered and all(part.is_exact for part in lead.parts)
    )


def note(counted: Counted, *, is_over: bool) -> str:
    """What has to be known of a month's number; empty where there is nothing."""
    lead = counted.lead
    if lead is None or counted.used is None:
        return _("no readings at its boundaries")
    said = []
    if is_over and not all(part.is_exact for part in lead.parts):
        said.append(_("by readings of other moments than its boundaries"))
    if not counted.is_covered:
        said.append(_("a part of it without a meter"))
    if len(lead.parts) > 1:
        said.append(_("the meter was replaced"))
    return ", ".join(said)


def _money(found: Sequence[Told], urls: Mapping[date, str]) -> Months | None:
    if all(one.cost is None for one in found):
        return None
    bars = [
        {
            "month": f"{one.month:%Y-%m}",
            "values": [None if one.cost is None else float(one.cost)],
            "is_rough": False,
            "note": "",
            "href": urls.get(one.month),
        }
        for one in found
    ]
    lines = tuple(
        Line(
            f"{words.month(one.month)} {one.month.year}", (), formats.number(one.cost, 2), "",
            urls.get(one.month, ""),
        )
        for one in found
    )  # fmt: skip
    picture = {
        "unit": "₽", "decimals": 2, "months": bars,
        "zones": [{"label": _("cost"), "hue": "a-plus"}],
    }  # fmt: skip
    return Months(picture, (), lines, "₽")
