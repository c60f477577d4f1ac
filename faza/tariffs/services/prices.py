"""Files of prices: kept, tried, applied once; and tables taken away again.

All of a file is done in one transaction; doing it twice does it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Model

from faza.accounts.models import User
from faza.audit import services as audit
from faza.tariffs import files, stored
from faza.tariffs.models import CalendarDay, Market, PriceImport, Tariff, TariffZone, Vat
from faza.tariffs.rules import columns
from faza.tariffs.rules.tables import Row
from faza.tariffs.trial import BY_TARIFF, Change, Outcome, Trial, since_of, tried

EVER = date(2000, 1, 1)
"""Stands for all days: no price is older."""


class NotNow(Exception):
    """The import was applied or put aside already."""


class NotAsSeen(Exception):
    """The file would do something else by now than what was looked at."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: counts by outcome, and since which local day each tariff is another."""

    counts: Mapping[str, int]
    since: Mapping[int, date] = field(default_factory=dict)
    normatives_since: date | None = None
    """Since when normatives of households are others; None where they are not."""


@transaction.atomic
def upload(*, name: str, content: bytes, by: User | None, at: datetime) -> PriceImport:
    """Keep a file to be tried. Raises Malformed for what is no table; then nothing is kept."""
    files.read(name, content)
    made = PriceImport.objects.create(
        name=name[-200:],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        by=by,
        uploaded_at=at,
    )
    audit.note("tariffs.priceimport.uploaded", of=made, by=by, at=at, after={"file": made.name})
    return made


def trial_of(one: PriceImport) -> Trial:
    """What a kept file would do as things stand."""
    return tried(files.read(one.name, bytes(one.content)))


@transaction.atomic
def apply(*, one: PriceImport, at: datetime, by: User | None, seen: str | None = None) -> Applied:
    """Store the good tables of a file; refused ones are left out.

    seen: the digest of the trial that was looked at. Raises NotNow, NotAsSeen: nothing is stored.
    """
    locked = PriceImport.objects.select_for_update().get(pk=one.pk)
    if locked.state != PriceImport.State.WAITING:
        raise NotNow(locked.state)
    trial = trial_of(locked)
    if seen is not None and seen != trial.digest:
        raise NotAsSeen
    writing = [change for change in trial.changes if change.is_writing]
    for change in writing:
        _store(change)
    counts = {outcome.value: trial.counts[outcome] for outcome in Outcome}
    locked.state, locked.ended_at = PriceImport.State.APPLIED, at
    locked.told = counts | {"problems": len(trial.problems)}
    locked.save(update_fields=["state", "ended_at", "told"])
    told = {"stored": len(writing), "refused": counts["refused"], "problems": len(trial.problems)}
    audit.note("tariffs.priceimport.applied", of=locked, by=by, at=at, after=told)
    _note(writing, by=by, at=at)
    by_normative = [change for change in writing if change.sort == columns.NORMATIVES]
    others = [change for change in writing if change.sort != columns.NORMATIVES]
    days = [since for change in by_normative if (since := since_of(change))]
    return Applied(counts, _since(others), min(days, default=None))


@transaction.atomic
def put_aside(*, one: PriceImport, at: datetime, by: User) -> None:
    """Say that a file is not to be applied. Raises NotNow."""
    locked = PriceImport.objects.select_for_update().get(pk=one.pk)
    if locked.state != PriceImport.State.WAITING:
        raise NotNow(locked.state)
    locked.state, locked.ended_at = PriceImport.State.DROPPED, at
    locked.save(update_fields=["state", "ended_at"])
    audit.note("tariffs.priceimport.dropped", of=locked, by=by, at=at)


@transaction.atomic
def withdraw(
    *, tariff: Tariff, sort: str, valid_from: date, at: datetime, by: User | None,
    component: str = "",
) -> int:  # fmt: skip
    """Take away a tariff's table of a date, so that the one before holds on; how many rows.

    sort: "prices" (with its component), "ranges" or "seasons". Zones cannot be taken away, as
    meters count by them. Raises ValueError for another sort.
    """
    before = rows_of(tariff, sort, component, valid_from)
    if not before:
        return 0
    _table(tariff, sort, component, valid_from).delete()
    told = _told(sort, valid_from, before)
    audit.note("tariffs.table.withdrawn", of=tariff, by=by, at=at, before=told)
    return len(before)


def rows_of(tariff: Tariff, sort: str, component: str, valid_from: date) -> list[Row]:
    """The rows of a tariff's table. Raises ValueError for a sort that stays."""
    fields = stored.BY_SORT[sort].fields
    rows = _table(tariff, sort, component, valid_from).values_list(*fields.values())
    return [dict(zip(fields, row, strict=True)) for row in rows]


def date_before(tariff: Tariff, sort: str, component: str, valid_from: date) -> date | None:
    """The date of the table that holds on where one is taken away."""
    rows = stored.BY_SORT[sort].model._default_manager.filter(
        tariff=tariff, valid_from__lt=valid_from, **({"component": component} if component else {})
    )
    found: date | None = rows.aggregate(latest=Max("valid_from"))["latest"]
    return found


def _table(tariff: Tariff, sort: str, component: str, valid_from: date) -> Any:
    if sort not in (columns.PRICES, columns.RANGES, columns.SEASONS):
        raise ValueError(sort)
    rows = stored.BY_SORT[sort].model._default_manager.filter(tariff=tariff, valid_from=valid_from)
    return rows.filter(component=component) if component else rows


# Storing


def _store(change: Change) -> None:
    """Put the rows of a table where those stood that it replaces."""
    rows, model = change.table.rows, stored.BY_SORT[change.sort].model
    if change.sort == columns.MARKETS:
        row = rows[0]
        defaults: dict[str, Any] = {"name": row["market_name"], "zone": row["zone"]}
        Market.objects.update_or_create(code=row["market"], defaults=defaults)
        return
    if change.sort == columns.TARIFFS:
        _store_tariff(rows[0])
        return
    owner = _owner(change)
    _standing(change, owner).delete()
    made = [_made(change.sort, row, owner) for row in rows]
    model._default_manager.bulk_create(made)
    if change.sort == columns.ZONES and isinstance(owner["tariff"], Tariff):
        tariff = owner["tariff"]
        # What a day has most of, as the latest table says.
        latest = TariffZone.objects.filter(tariff=tariff).latest("valid_from", "number")
        tariff.zones_count = latest.number
        tariff.save(update_fields=["zones_count"])


def _store_tariff(row: Row) -> None:
    defaults: dict[str, Any] = {
        name: row[name]
        for name in ("name", "kind", "category", "family", "voltage_level", "zone_of_hours")
    }
    market = Market.objects.get(code=row["market"]) if row["market"] else None
    made = defaults | {"market": market}
    Tariff.objects.update_or_create(
        code=row["tariff"], defaults=made, create_defaults=made | {"zones_count": 1}
    )


def _owner(change: Change) -> dict[str, Model]:
    """The tariff or the market that a table is of."""
    if change.sort in BY_TARIFF:
        return {"tariff": Tariff.objects.get(code=change.key[0])}
    if change.sort in (columns.HOURLY, columns.PEAKS):
        return {"market": Market.objects.get(code=change.key[0])}
    return {}


def _standing(change: Change, owner: Mapping[str, Model]) -> Any:
    """The stored rows that a table replaces."""
    rows = stored.BY_SORT[change.sort].model._default_manager.filter(**owner)
    named = dict(zip(columns.BY_NAME[change.sort].key, change.key, strict=True))
    if change.sort == columns.DAYS:
        return CalendarDay.objects.filter(region=named["region"], day__year=named["year"])
    if change.sort == columns.PRICES:
        rows = rows.filter(component__in={row["component"] for row in change.table.rows})
    own = {k: v for k, v in named.items() if k not in ("tariff", "market")}
    return rows.filter(**own)


def _made(sort: str, row: Row, owner: Mapping[str, Model]) -> Model:
    told = stored.BY_SORT[sort]
    fields: dict[str, Any] = {
        name: row[name]
        for name in told.fields
        if name not in ("tariff", "market", "amounts") and name in row
    }
    if sort == columns.HOURLY:
        fields["amounts"] = stored.amounts(row)
    return told.model(**owner, **fields)


def _since(changes: Iterable[Change]) -> dict[int, date]:
    """Since which day each tariff's costs are others."""
    by_code, by_market = _users()
    found: dict[int, date] = {}
    for change in changes:
        since = since_of(change) or EVER
        code = str(change.key[0])
        if change.sort in BY_TARIFF or change.sort == columns.TARIFFS:
            touched = [by_code[code]]
        elif change.sort in (columns.HOURLY, columns.PEAKS, columns.MARKETS):
            touched = by_market.get(code, [])
        else:
            touched = [*by_code.values()]
            if change.sort == columns.DAYS:
                since = date(int(str(change.key[1])), 1, 1)
        for tariff in touched:
            found[tariff] = min(found.get(tariff, since), since)
    return found


def _users() -> tuple[dict[str, int], dict[str, list[int]]]:
    """Tariffs by code, and by the market that they use."""
    by_code: dict[str, int] = {}
    by_market: dict[str, list[int]] = {}
    for pk, code, market in Tariff.objects.values_list("pk", "code", "market__code"):
        by_code[code] = pk
        by_market.setdefault(market or "", []).append(pk)
    return by_code, by_market


# The trail


def _note(changes: Iterable[Change], *, by: User | None, at: datetime) -> None:
    """Write what became of tariffs into the trail, a deed for each of their tables."""
    tariffs = {tariff.code: tariff for tariff in Tariff.objects.all()}
    done = []
    for change in changes:
        if change.sort not in (*BY_TARIFF, columns.TARIFFS):
            continue
        since, of = since_of(change), tariffs[str(change.key[0])]
        before = _told(change.sort, since, change.before) if change.before else None
        done.append(audit.Done(of, before, _told(change.sort, since, change.table.rows)))
    audit.note_many("tariffs.table.imported", done, by=by, at=at)


def _told(sort: str, since: date | None, rows: Iterable[Row]) -> dict[str, str]:
    """Rows as short texts without words of a language, by the name of a field of the trail.

    Prices have a field for each component: {"price_energy": "2026-10-01: T1/1 6.47; T2/1 3.4"}.
    """
    shown: dict[str, list[str]] = {}
    for row in rows:
        name = f"price_{row['component']}" if sort == columns.PRICES else sort
        name = "tariff_facts" if sort == columns.TARIFFS else name
        shown.setdefault(name, []).append(_line(sort, row))
    day = f"{since.isoformat()}: " if since else ""
    return {name: (day + "; ".join(sorted(lines)))[:2000] for name, lines in shown.items()}


def _line(sort: str, row: Row) -> str:
    told = {name: stored.text_of(value) for name, value in row.items()}
    if sort == columns.PRICES:
        place = f"T{told['zone']}/{told['range']} " if told["zone"] + told["range"] != "00" else ""
        return f"{place}{told['amount']}"
    if sort == columns.ZONES:
        month = f"{int(told['month']):02d} " if told["month"] != "0" else ""
        return f"{month}T{told['number']} {told['hours']} {told.get('off_hours', '')}".strip()
    if sort == columns.RANGES:
        return f"{told['number']}: {told['up_to'] or '∞'}"
    if sort == columns.SEASONS:
        return f"{int(told['month']):02d} ×{told['factor']}"
    names = ("name", "kind", "category", "family", "voltage_level", "zone_of_hours", "market")
    return ", ".join(told[name] for name in names if told.get(name) and told[name] != "0")


@transaction.atomic
def set_vat(
    *, valid_from: date, percent: Decimal, source: str, at: datetime, by: User | None
) -> Vat:
    """Set the rate of the tax from a day on; one that is set for that day becomes another."""
    before = Vat.objects.filter(valid_from=valid_from).first()
    told = {"percent": percent, "source": source}
    made, is_new = Vat.objects.update_or_create(valid_from=valid_from, defaults=told)
    old = {"percent": str(before.percent), "source": before.source} if before else None
    new = {"valid_from": valid_from, "percent": str(percent), "source": source}
    if is_new or old != {"percent": str(made.percent), "source": source}:
        audit.note("tariffs.vat.set", of=made, by=by, at=at, before=old, after=new)
    return made
