"""The daily job that replays whole months by all tariffs open to each point."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from faza.charges.advice.replaying import Replayed, Replayer
from faza.charges.forecast.whose import Held, held
from faza.charges.models import Replay
from faza.charges.queries import month_of, next_month
from faza.charges.rules.grids import Series
from faza.charges.stays import tariffs_of
from faza.contracts.models import CustomerAgreement
from faza.core.periods import Period
from faza.core.quality import is_estimated, is_present
from faza.core.reading_types import A_PLUS
from faza.core.windows import Window, Windows
from faza.metering.models import UsagePoint
from faza.readings.queries import Profile, profiles
from faza.tariffs.models import Tariff
from faza.tariffs.queries import books, kind_of_agreement, open_to

MONTHS = 12
"""How many whole months are replayed at most."""
BATCH = 50
"""Points whose intervals are in memory together."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A point, the tariff it has and those that it may have."""

    held: Held
    own: int
    open: tuple[int, ...]


def keep(*, at: datetime, progress: Progress | None = None) -> int:
    """Replay the months of all points that have an agreement with a tariff; how many these are.

    Doing it twice changes nothing but `as_of`.
    """
    zones = list(UsagePoint.objects.order_by("zone", "pk").values_list("zone", "pk"))
    done = kept = 0
    for zone in sorted({zone for zone, _ in zones}):
        points = [point for one, point in zones if one == zone]
        for start in range(0, len(points), BATCH):
            batch = points[start : start + BATCH]
            kept += make(batch, zone, at=at)
            done += len(batch)
            if progress is not None:
                progress(done, len(zones))
    return kept


def make(points: Collection[int], zone: str, *, at: datetime) -> int:
    """Replay and store the months of points of one zone; how many points have any."""
    end = month_of(at, zone)
    asked = _asked(points, zone, at=at)
    months = [_back(end, n) for n in range(MONTHS, 0, -1)]
    open_ = {tariff for one in asked for tariff in one.open}
    ready = {id_: Replayer(book) for id_, book in books(open_, months[0], end).items()}
    series = _series(asked, months[0], end, at=at)
    rows: list[Replay] = []
    for one in asked:
        own = [month for month in months if _begin(one.held) <= month]
        profile = series.get(one.held.usage_point)
        if own and profile is not None:
            rows += _rows(one, profile, own, end, ready, at)
    with transaction.atomic():
        Replay.objects.filter(usage_point__in=points).delete()
        Replay.objects.bulk_create(rows)
    return len({row.usage_point_id for row in rows})


def _asked(points: Collection[int], zone: str, *, at: datetime) -> list[_Asked]:
    """Points with an agreement, and the tariffs that are open to them."""
    present = [one for one in held(points, at=at) if one.agreement is not None]
    agreements = {
        row.pk: row
        for row in CustomerAgreement.objects.filter(pk__in={one.agreement for one in present})
    }
    powers = dict(UsagePoint.objects.filter(pk__in=points).values_list("pk", "max_power"))
    dated = tariffs_of(list(agreements), zone, at=at)
    tariffs = {row.pk: row for row in Tariff.objects.filter(pk__in=dated.ids)}
    known: dict[tuple[Any, ...], tuple[int, ...]] = {}
    found = []
    for one in present:
        agreement = agreements[one.agreement or 0]
        own = tariffs.get(dated.of(agreement.pk, month_of(at, zone)) or 0)
        if own is None:
            continue
        power = powers[one.usage_point]
        key = (kind_of_agreement(agreement.kind), own.family, power, own.voltage_level)
        if key not in known:
            allowed = open_to(key[0], own.family, max_power=power, voltage_level=own.voltage_level)
            known[key] = tuple(tariff.pk for tariff in allowed)
        found.append(_Asked(one, own.pk, tuple(dict.fromkeys((*known[key], own.pk)))))
    return found


def _series(
    asked: Sequence[_Asked], first: date, end: date, *, at: datetime
) -> Mapping[int, Profile]:
    """Intervals of the months, in the holders' time. One query."""
    windows = Windows.merged(
        Window(one.held.usage_point, one.held.zone, Period(one.held.since, at))
        for one in asked
        if one.held.since < at
    )
    if not len(windows):
        return {}
    period = Period.of_days(first, end, asked[0].held.zone)
    return {found.usage_point: found for found in profiles(windows, [A_PLUS.code], period)}


def _rows(
    one: _Asked, profile: Profile, months: Sequence[date], end: date,
    ready: Mapping[int, Replayer], at: datetime,
) -> list[Replay]:  # fmt: skip
    whole = Series(profile.zone, profile.starts, profile.minutes, profile.values, profile.quality)
    cut = {month: _within(whole, month) for month in months}
    series = {month: part for month, part in cut.items() if is_present(part.quality).any()}
    if not series:
        return []
    made = []
    for tariff in one.open:
        found = ready[tariff].replay(series)
        made.append(
            Replay(
                usage_point_id=one.held.usage_point,
                tariff_id=tariff,
                agreement_id=one.held.agreement or 0,
                since=_begin(one.held),
                first=min(series),
                end=end,
                is_own=tariff == one.own,
                months=[_told(month, series[month.volumes.month]) for month in found],
                shifts={str(key): value for key, value in ready[tariff].shifts(found).items()},
                as_of=at,
            )
        )
    return made


def _within(series: Series, month: date) -> Series:
    """The intervals of a civil month."""
    period = Period.of_days(month, next_month(month), series.zone)
    return series.within(int(period.start.timestamp()), int(period.end.timestamp()))


def _told(one: Replayed, series: Series) -> dict[str, Any]:
    return {
        "month": one.volumes.month.isoformat(),
        "kopecks": one.kopecks,
        "problem": one.charge.problem,
        "wh": int(series.values.sum()),
        "expected": len(series.quality),
        "present": int(is_present(series.quality).sum()),
        "estimated": int(is_estimated(series.quality).sum()),
        "example": one.charge.is_example,
    }


def _begin(one: Held) -> date:
    """The first civil day that is wholly the holder's."""
    if one.since.year <= 1:
        return date(1990, 1, 1)
    local = one.since.astimezone(ZoneInfo(one.zone))
    return local.date() + timedelta(days=0 if local.time() == local.min.time() else 1)


def _back(month: date, n: int) -> date:
    """The first day of the month n months before."""
    number = month.year * 12 + month.month - 1 - n
    return date(number // 12, number % 12 + 1, 1)
