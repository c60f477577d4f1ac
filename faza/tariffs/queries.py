from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from django.db.models import Model, Q

from faza.tariffs import rules
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
from faza.tariffs.rules.book import (
    BUSINESS,
    GENERATION,
    HOUSEHOLD,
    NETWORK,
    MarketBook,
    PriceBook,
    PriceRow,
    RangeRow,
    SeasonRow,
    TariffFacts,
    VatRow,
    ZoneRow,
)
from faza.tariffs.rules.normative import NormativeRow

R = TypeVar("R")
DAY = timedelta(days=1)


def normatives(groups: Iterable[str] | None = None) -> dict[str, list[NormativeRow]]:
    """All that is dated of groups of dwellings, by their code; of all groups where none is named.

    The latest date first, residents ascending. One query.
    """
    rows = Normative.objects.order_by("group", "-valid_from", "residents")
    if groups is not None:
        rows = rows.filter(group__in=set(groups))
    found: dict[str, list[NormativeRow]] = defaultdict(list)
    for values in rows.values_list(*NormativeRow.__slots__):
        found[values[0]].append(NormativeRow(*values))
    return dict(found)


def exceptions(*, start: date, end: date, region: str = "RU") -> dict[date, str]:
    """The days of [start, end) that the production calendar makes exceptions, with their kind."""
    days = CalendarDay.objects.filter(region=region, day__gte=start, day__lt=end)
    return dict(days.values_list("day", "kind"))


def working_day_after(day: date, count: int, *, region: str = "RU") -> date:
    """The working day that is `count` working days after a day. One query.

    Where the calendar of a year is not imported, weekends alone are days off.
    """
    # The longest row of days off is under a fortnight, and of seven days at least one is worked.
    reach = timedelta(days=14 + 7 * count)
    known = exceptions(start=day, end=day + reach, region=region)
    return rules.add_working_days(day, count, known)


def zones_of(tariff: Tariff, *, on: date) -> list[TariffZone]:
    """The zones of a tariff that hold on a local day, T1 first; none before its first date."""
    rows = TariffZone.objects.filter(tariff=tariff, valid_from__lte=on, month__in=(0, on.month))
    zones = list(rows.order_by("-valid_from", "-month", "number"))
    first = zones[:1]
    return [
        zone for zone in zones for top in first
        if (zone.valid_from, zone.month) == (top.valid_from, top.month)
    ]  # fmt: skip


def has_zones_by_month(tariff: Tariff) -> bool:
    """Whether the zones of a tariff are others in other months, as those of businesses are."""
    return tariff.zones.filter(month__gt=0).exists()


def books(tariff_ids: Iterable[int], first: date, end: date) -> dict[int, PriceBook]:
    """The price books of tariffs for the days [first, end). Nine queries, however many tariffs.

    All dated rows up to `end` are there, earlier ones too; hours of markets and exceptional days
    only of the months that [first, end) touches, and hours of a day more at both ends: a point's
    month begins and ends on other days by the clock of a market elsewhere.
    """
    ids = sorted(set(tariff_ids))
    tariffs = list(Tariff.objects.filter(pk__in=ids).select_related("market"))
    since = first.replace(day=1)
    dated = Q(tariff__in=ids, valid_from__lt=end)
    prices = _grouped(Price, dated, PRICE_FIELDS, PriceRow)
    zones = _grouped(TariffZone, dated, ZONE_FIELDS, ZoneRow)
    ranges = _grouped(ConsumptionRange, dated, RANGE_FIELDS, RangeRow)
    seasons = _grouped(SeasonCoefficient, dated, SEASON_FIELDS, SeasonRow)
    vat = tuple(
        VatRow(*row)
        for row in Vat.objects.filter(valid_from__lt=end)
        .order_by("valid_from")
        .values_list("valid_from", "percent", "source")
    )
    days = exceptions(start=since, end=end)
    markets = market_books(
        [t.market for t in tariffs if t.market is not None], since - DAY, end + DAY
    )
    return {
        tariff.pk: PriceBook(
            facts_of(tariff), prices[tariff.pk], zones[tariff.pk], ranges[tariff.pk],
            seasons[tariff.pk], vat, markets.get(tariff.market_id or 0), days,
        )
        for tariff in tariffs
    }  # fmt: skip


PRICE_FIELDS = (
    *("valid_from", "component", "amount", "unit", "with_vat", "zone", "range"),
    *("order", "source", "is_example"),
)
ZONE_FIELDS = ("valid_from", "number", "name", "hours", "off_hours", "month", "source")
RANGE_FIELDS = ("valid_from", "number", "up_to", "source")
SEASON_FIELDS = ("valid_from", "month", "factor", "source")


def facts_of(tariff: Tariff) -> TariffFacts:
    """What a tariff is, as a plain value."""
    return TariffFacts(
        tariff.pk, tariff.code, tariff.name, tariff.kind, tariff.category, tariff.family,
        tariff.voltage_level, tariff.zones_count, tariff.zone_of_hours,
    )  # fmt: skip


def _grouped(
    model: type[Model], dated: Q, fields: tuple[str, ...], row: Callable[..., R]
) -> defaultdict[int, tuple[R, ...]]:
    """Rows by tariff, in the order of their dates."""
    found: defaultdict[int, tuple[R, ...]] = defaultdict(tuple)
    told = model._default_manager.filter(dated).order_by("tariff_id", "valid_from", "id")
    grouped = groupby(told.values_list("tariff_id", *fields), key=itemgetter(0))
    for tariff, rows in grouped:
        found[tariff] = tuple(row(*values) for _, *values in rows)
    return found


def market_books(markets: Iterable[Market], first: date, end: date) -> dict[int, MarketBook]:
    """What markets say of [first, end). Two queries."""
    known = {market.pk: market for market in markets}
    among = Q(market__in=list(known), day__gte=first, day__lt=end)
    hourly: defaultdict[int, dict[date, tuple[Decimal, ...]]] = defaultdict(dict)
    peaks: defaultdict[tuple[int, str], dict[date, tuple[int, ...]]] = defaultdict(dict)
    examples: defaultdict[int, set[date]] = defaultdict(set)
    told = HourlyPrice.objects.filter(among).order_by("day")
    for key, day, amounts, is_example in told.values_list(
        "market_id", "day", "amounts", "is_example"
    ):
        hourly[key][day] = tuple(map(Decimal, amounts))
        if is_example:
            examples[key].add(day)
    rows = PeakHour.objects.filter(among).order_by("day")
    for key, kind, day, hours, is_example in rows.values_list(
        "market_id", "kind", "day", "hours", "is_example"
    ):
        peaks[key, kind][day] = rules.whole_hours(hours)
        if is_example:
            examples[key].add(day)
    return {
        key: MarketBook(
            market.code, market.zone, hourly[key],
            {day: hours[0] for day, hours in peaks[key, GENERATION].items()},
            peaks[key, NETWORK], frozenset(examples[key]),
        )
        for key, market in known.items()
    }  # fmt: skip


def open_to(
    kind: str, family: str, *, max_power: int | None = None, voltage_level: str = ""
) -> list[Tariff]:
    """The tariffs that a point may have, by category, zones and code. One query.

    kind: "household" or "business" (`kind_of_agreement`). They are of the family ("": none are),
    of the point's voltage level or of any, and for a business of no less than LARGE watts not of
    categories 1 and 2. max_power in W, None where it is not known: then nothing is left out.
    """
    if not family:
        return []
    found = Tariff.objects.filter(kind=kind, family=family)
    if voltage_level:
        found = found.filter(voltage_level__in=("", voltage_level))
    if kind == BUSINESS and max_power is not None and max_power >= rules.LARGE:
        found = found.exclude(category__in=rules.NOT_FOR_LARGE)
    return list(found.order_by("category", "zones_count", "code"))


def kind_of_agreement(kind: str) -> str:
    """Which tariffs an agreement of a kind (contracts) may have: a household's, else business."""
    return HOUSEHOLD if kind == "household" else BUSINESS
