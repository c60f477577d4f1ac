from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path

from django.db import transaction

from faza.tariffs import rules
from faza.tariffs.models import CalendarDay, Tariff, TariffZone, Vat

DATA = Path(__file__).parent.parent / "data"
"""What is shipped: production calendars by year, the zones of households, rates of the tax."""


class MalformedRow(Exception):
    """A row of a file does not say what it should."""


@transaction.atomic
def import_calendar(lines: Iterable[str]) -> int:
    """Take exceptional days from CSV lines (region, day, kind, source); return how many.

    They replace what was known of the same regions and years. Doing it twice changes nothing.
    Raises MalformedRow, naming the row; nothing is stored then.
    """
    days = []
    for place, row in enumerate(csv.DictReader(lines), start=2):
        try:
            kind = CalendarDay.Kind(row["kind"])
            day = date.fromisoformat(row["day"])
            days.append(CalendarDay(region=row["region"], day=day, kind=kind, source=row["source"]))
        except (KeyError, ValueError, TypeError) as why:
            raise MalformedRow(f"row {place}: {row}") from why
    for region, year in {(row.region, row.day.year) for row in days}:
        CalendarDay.objects.filter(region=region, day__year=year).delete()
    CalendarDay.objects.bulk_create(days)
    return len(days)


@transaction.atomic
def import_zones(lines: Iterable[str]) -> int:
    """Take tariffs with their zones from CSV lines; return how many zones.

    Columns: tariff, tariff_name, valid_from, number, name, hours, source, off_hours where days
    off have others, and family for a tariff that has none. They replace the zones of the same
    tariff and date. Doing it twice changes nothing.

    Raises MalformedRow, MalformedHours or ZonesOverlapOrGap; nothing is stored then.
    """
    rows = [_zone(place, row) for place, row in enumerate(csv.DictReader(lines), start=2)]
    rows.sort(key=lambda row: row[:2])
    for (code, since), group in groupby(rows, lambda row: row[:2]):
        told = list(group)
        zones = [zone for *_, zone in told]
        rules.zone_of_minutes((zone.number, rules.parse_hours(zone.hours)) for zone in zones)
        if any(zone.off_hours for zone in zones):
            rules.zone_of_minutes(
                (zone.number, rules.parse_hours(zone.off_hours)) for zone in zones if zone.off_hours
            )
        facts = {"name": told[0][2], "zones_count": len(zones)}
        tariff, _ = Tariff.objects.update_or_create(
            code=code, defaults=facts, create_defaults=facts | {"family": told[0][3]}
        )
        if not tariff.family and told[0][3]:
            # It was there before tariffs had families.
            tariff.family = told[0][3]
            tariff.save(update_fields=["family"])
        TariffZone.objects.filter(tariff=tariff, valid_from=since).delete()
        for zone in zones:
            zone.tariff = tariff
        TariffZone.objects.bulk_create(zones)
    return len(rows)


def _zone(place: int, row: dict[str, str]) -> tuple[str, date, str, str, TariffZone]:
    """A row as (tariff's code, date, tariff's name, its family, zone)."""
    try:
        since = date.fromisoformat(row["valid_from"])
        zone = TariffZone(
            valid_from=since,
            number=int(row["number"]),
            name=row["name"],
            hours=row["hours"],
            off_hours=row.get("off_hours") or "",
            source=row["source"],
        )
        family = row.get("family") or ""
        return row["tariff"], since, row["tariff_name"], family, zone
    except (KeyError, ValueError, TypeError) as why:
        raise MalformedRow(f"row {place}: {row}") from why


@transaction.atomic
def import_vat(lines: Iterable[str]) -> int:
    """Take rates of the tax from CSV lines (valid_from, percent, source); return how many are new.

    What stands for a day stays. Raises MalformedRow, naming the row; nothing is stored then.
    """
    new = 0
    for place, row in enumerate(csv.DictReader(lines), start=2):
        try:
            since = date.fromisoformat(row["valid_from"])
            told = {"percent": Decimal(row["percent"]), "source": row["source"]}
        except (KeyError, ValueError, TypeError, InvalidOperation) as why:
            raise MalformedRow(f"row {place}: {row}") from why
        new += Vat.objects.get_or_create(valid_from=since, defaults=told)[1]
    return new


def import_shipped() -> None:
    """Take all that is shipped: calendars, household zones, rates of the tax.

    Doing it twice changes nothing; rates that stand stay.
    """
    for file in sorted(DATA.glob("20*.csv")):
        import_calendar(file.read_text(encoding="utf-8").splitlines())
    import_zones((DATA / "household.csv").read_text(encoding="utf-8").splitlines())
    import_vat((DATA / "vat.csv").read_text(encoding="utf-8").splitlines())
