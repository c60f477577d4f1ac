"""What stands of a table in the database, as rows of the same shape as a file's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Model

from faza.tariffs.models import (
    CalendarDay,
    ConsumptionRange,
    HourlyPrice,
    Market,
    Normative,
    PeakHour,
    Price,
    SeasonCoefficient,
    Tariff,
    TariffZone,
    Vat,
)
from faza.tariffs.rules import columns
from faza.tariffs.rules.columns import HOURS
from faza.tariffs.rules.tables import Key, Row, Table


@dataclass(frozen=True, slots=True)
class Stored:
    """A sort's model, and in which field of it each column stands."""

    model: type[Model]
    fields: Mapping[str, str]
    own: tuple[str, ...] = ()
    """Fields of the model by which the rows of a key are found, beside tariff or market."""


def _same(*names: str, **others: str) -> dict[str, str]:
    return {name: name for name in names} | others


BY_SORT = {
    columns.MARKETS: Stored(Market, _same("zone", market="code", market_name="name"), ("code",)),
    columns.TARIFFS: Stored(
        Tariff,
        _same("name", "kind", "category", "family", "voltage_level", "zone_of_hours",
              tariff="code", market="market__code"),
        ("code",),
    ),
    columns.VAT: Stored(Vat, _same("valid_from", "percent", "source"), ("valid_from",)),
    columns.DAYS: Stored(CalendarDay, _same("region", "day", "kind", "source"), ("region",)),
    columns.ZONES: Stored(
        TariffZone,
        _same("valid_from", "month", "number", "name", "hours", "off_hours", "source",
              tariff="tariff__code"),
        ("valid_from",),
    ),
    columns.RANGES: Stored(
        ConsumptionRange,
        _same("valid_from", "number", "up_to", "source", tariff="tariff__code"),
        ("valid_from",),
    ),
    columns.SEASONS: Stored(
        SeasonCoefficient,
        _same("valid_from", "month", "factor", "source", tariff="tariff__code"),
        ("valid_from",),
    ),
    columns.PRICES: Stored(
        Price,
        _same("valid_from", "component", "zone", "range", "amount", "unit", "with_vat", "order",
              "source", "is_example", tariff="tariff__code"),
        ("valid_from",),
    ),
    columns.NORMATIVES: Stored(
        Normative,
        _same("group", "group_name", "valid_from", "residents", "amount", "factor", "order",
              "source", "is_example"),
        ("valid_from",),
    ),
    columns.HOURLY: Stored(
        HourlyPrice, _same("day", "amounts", "source", "is_example", market="market__code"),
        ("day",),
    ),
    columns.PEAKS: Stored(
        PeakHour, _same("kind", "day", "hours", "source", "is_example", market="market__code"),
        ("day",),
    ),
}  # fmt: skip


def standing(tables: Iterable[Table]) -> dict[tuple[str, Key], list[Row]]:
    """The rows that stand where tables would be put. A query for each sort that there is."""
    by_sort: dict[str, list[Table]] = defaultdict(list)
    for table in tables:
        by_sort[table.sort].append(table)
    found: dict[tuple[str, Key], list[Row]] = {}
    for sort, ours in by_sort.items():
        wanted = {table.key: _components(table) for table in ours}
        for key, row in _rows(sort, ours):
            if key in wanted and (not wanted[key] or row.get("component") in wanted[key]):
                found.setdefault((sort, key), []).append(row)
    return found


def _components(table: Table) -> set[str]:
    """The components that a table of prices replaces; nothing for other sorts."""
    if table.sort != columns.PRICES:
        return set()
    return {str(row["component"]) for row in table.rows}


def _rows(sort: str, tables: list[Table]) -> Iterable[tuple[Key, Row]]:
    """Rows of a sort that may belong to tables, with their keys."""
    told, named = BY_SORT[sort], columns.BY_NAME[sort]
    asked: dict[str, set[object]] = defaultdict(set)
    for table in tables:
        for name, part in zip(named.key, table.key, strict=True):
            if name in told.fields:
                asked[f"{told.fields[name]}__in"].add(part)
    narrowed = told.model._default_manager.filter(**{k: list(v) for k, v in asked.items()})
    for values in narrowed.values_list(*told.fields.values()):
        row: Row = dict(zip(told.fields, values, strict=True))
        yield key_of(sort, row), row


def key_of(sort: str, row: Row) -> Key:
    """The key of a stored row's table."""
    if sort == columns.DAYS and isinstance(day := row["day"], date):
        row["year"] = day.year
    return tuple(row[name] for name in columns.BY_NAME[sort].key)  # type: ignore[misc]


def plain(sort: str, row: Row) -> tuple[tuple[str, str], ...]:
    """A row as texts that are equal if and only if it says the same."""
    fields = BY_SORT[sort].fields
    told = {name: row.get(name) for name in fields if name != "amounts"}
    found = [(name, text_of(value)) for name, value in told.items()]
    if sort == columns.HOURLY:
        found.append(("amounts", " ".join(amounts(row))))
    return tuple(sorted(found))


def amounts(row: Row) -> list[str]:
    """The 24 amounts of a row, of a file or stored, as plain decimals."""
    told = row["amounts"] if "amounts" in row else [row[hour] for hour in HOURS]
    assert isinstance(told, list)
    return [text_of(Decimal(str(one))) for one in told]


def text_of(value: object) -> str:
    """A value as a text: numbers without trailing zeros, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)
