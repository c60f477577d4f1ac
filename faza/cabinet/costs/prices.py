"""The prices of a point's tariff by date, and the names of its zones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from faza.cabinet.costs import words
from faza.tariffs.models import Price, Tariff, TariffZone
from faza.ui import formats

SHOWN = 40
"""Rows of prices; more are for the archive, and the file has none of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One price; `is_now`: it holds in the shown month."""

    since: str
    name: str
    amount: str
    unit: str
    order: str
    is_example: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of the tariffs of a month, the newest first; names of zones by tariff and number."""

    tariffs: tuple[str, ...]
    rows: tuple[Row, ...]
    more: int
    zones: dict[int, dict[int, str]] = field(default_factory=dict)


def prices(tariffs: Collection[int], month: date, until: date) -> Prices | None:
    """What tariffs cost since when, up to a day; None where there is no tariff. Three questions."""
    if not tariffs:
        return None
    known = {row.pk: row.name for row in Tariff.objects.filter(pk__in=tariffs)}
    zones = _zones(tariffs, month)
    found = list(
        Price.objects.filter(tariff__pk__in=tariffs, valid_from__lte=until).order_by(
            "-valid_from", "component", "zone", "range"
        )
    )
    latest: dict[tuple[int, str], date] = {}
    for row in found:
        if row.valid_from <= month:
            latest.setdefault((row.tariff_id, row.component), row.valid_from)
    made = tuple(
        Row(
            since=formats.day(row.valid_from),
            name=_name(row, zones.get(row.tariff_id, {})),
            amount=words.price(row.amount),
            unit=words.unit_of_price(row.unit),
            order=row.order or row.source,
            is_example=row.is_example,
            is_now=latest.get((row.tariff_id, row.component)) == row.valid_from,
        )
        for row in found[:SHOWN]
    )
    return Prices(tuple(known.values()), made, max(0, len(found) - SHOWN), zones)


def _zones(tariffs: Collection[int], month: date) -> dict[int, dict[int, str]]:
    """Names of the zones that hold in a month; with their hours where these are all of the year."""
    rows = TariffZone.objects.filter(
        tariff__pk__in=tariffs, valid_from__lte=month, month__in=(0, month.month)
    ).order_by("valid_from", "month")
    made: dict[int, dict[int, str]] = {}
    for row in rows:
        made.setdefault(row.tariff_id, {})[row.number] = row.name
    return made


def _name(row: Price, zones: dict[int, str]) -> str:
    name = words.component(row.component)
    if row.zone:
        name = f"T{row.zone} {zones.get(row.zone, '')}".rstrip()
    if row.range:
        name += ", " + _("range %(number)s") % {"number": row.range}
    return name
