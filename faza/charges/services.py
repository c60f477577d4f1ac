"""What makes kept months be made anew: other prices, other agreements, and time itself.

Readings mark the days that change by themselves; what is not a reading is marked here. The job
`charges.keep` does the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import F, Max, Min

from faza.accounts.models import User
from faza.audit import services as audit
from faza.charges.models import AgreementNormative, AgreementTariff, ChargeMonth, ZoneMonth
from faza.charges.rules.volumes import following
from faza.charges.stays import Stay, stays_of
from faza.contracts.models import AgreementPoint, CustomerAgreement
from faza.core.periods import Period
from faza.metering.models import UsagePoint
from faza.metering.queries import Points
from faza.readings import marks
from faza.readings.vee.marking import mark_points
from faza.tariffs.queries import books


@transaction.atomic
def mark_tariff(*, tariff_id: int, since: date, at: datetime) -> int:
    """Have the months from a day on made anew of all points that a tariff prices; how many points.

    Call it where prices, zones, ranges or coefficients of the tariff were changed.
    """
    charged = ChargeMonth.objects.filter(tariff_id=tariff_id, month__gte=since.replace(day=1))
    of_agreements = AgreementPoint.objects.filter(agreement__tariff=tariff_id)
    points = {
        *charged.values_list("usage_point_id", flat=True).distinct(),
        *of_agreements.values_list("usage_point_id", flat=True).distinct(),
    }
    return mark_points_since(points, since, at=at)


@transaction.atomic
def mark_all(*, since: date, at: datetime) -> int:
    """The same for every point that has charges: the tax or the production calendar changed."""
    charged = ChargeMonth.objects.filter(month__gte=since.replace(day=1), tariff_id__isnull=False)
    points = set(charged.values_list("usage_point_id", flat=True).distinct())
    return mark_points_since(points, since, at=at)


@transaction.atomic
def mark_agreement(*, agreement_id: int, since: date | None, at: datetime) -> int:
    """Have the months from a day on (None: all) made anew of the points an agreement covers.

    Call it where its tariff, validity or points were changed; how many points. Another tariff
    holds from the month of `at` on: see `set_tariff`.
    """
    bound = AgreementPoint.objects.filter(agreement=agreement_id)
    points = set(bound.values_list("usage_point_id", flat=True).distinct())
    return mark_points_since(points, since, at=at)


@transaction.atomic
def set_tariff(*, agreement: CustomerAgreement, since: date, at: datetime) -> int:
    """Say that the agreement's tariff has held since the month of a day; how many points it has.

    For corrections: by itself another tariff holds from the month on in which it was set.
    """
    month = since.replace(day=1)
    rows = AgreementTariff.objects.filter(agreement=agreement)
    earlier = rows.filter(valid_from__lt=month)
    if not earlier.exists():
        month = date(1, 1, 2)
    rows.filter(valid_from__gte=month).delete()
    AgreementTariff.objects.create(
        agreement=agreement, valid_from=month, tariff_id=agreement.tariff_id
    )
    return mark_agreement(agreement_id=agreement.pk, since=since, at=at)


@transaction.atomic
def mark_normatives(*, since: date, at: datetime) -> int:
    """Have the months from a day on made anew of all points of households with a normative."""
    told = AgreementNormative.objects.values("agreement")
    bound = AgreementPoint.objects.filter(agreement__in=told)
    points = set(bound.values_list("usage_point_id", flat=True).distinct())
    return mark_points_since(points, since, at=at)


@transaction.atomic
def set_normative(
    *, agreement: CustomerAgreement, group: str, residents: int, since: date, at: datetime,
    by: User | None,
) -> AgreementNormative:  # fmt: skip
    """Say by which group and of how many residents a household is billed from a month on.

    group "" says that it is not known from then on. What was said of the same month becomes
    another; told twice it changes nothing. Months since then are made anew.
    """
    month = since.replace(day=1)
    before = AgreementNormative.objects.filter(agreement=agreement, valid_from__lte=month)
    stood = before.order_by("valid_from").last()
    if stood is not None and (stood.group, stood.residents) == (group, residents):
        return stood
    made, _ = AgreementNormative.objects.update_or_create(
        agreement=agreement, valid_from=month, defaults={"group": group, "residents": residents}
    )
    audit.note(
        "charges.normative.set", of=agreement, by=by, at=at,
        before={"normative_group": stood.group, "residents": stood.residents} if stood else None,
        after={"normative_group": group, "residents": residents, "valid_from": month},
    )  # fmt: skip
    mark_agreement(agreement_id=agreement.pk, since=month, at=at)
    return made


def mark_points_since(points: Points, since: date | None, *, at: datetime) -> int:
    """Have the months of points from a day on made anew, as far as days are stored."""
    first = None if since is None else since.replace(day=1)
    return mark_points(points, first, None, at=at, purpose=marks.KEEP)


@transaction.atomic
def check(*, at: datetime) -> int:
    """Have made anew what no longer says what prices and agreements say; how many points.

    Whatever was changed past the services is found here: other prices by the fingerprint of the
    book a month was priced by, other agreements by the time they cover. Months that go on are
    made anew too, and those that ended since: what should have come is missing. About seven
    queries and nine a month.
    """
    going_on = _mark_going_on(at) + _mark_ended(at)
    return _mark_priced_otherwise(at) + _mark_agreed_otherwise(at) + going_on


def _mark_priced_otherwise(at: datetime) -> int:
    rows = ChargeMonth.objects.filter(tariff_id__isnull=False).order_by()
    told = rows.values_list("month", "tariff_id", "digest").distinct()
    by_month: dict[date, list[tuple[int, str]]] = {}
    for month, tariff, digest in told:
        assert tariff is not None
        by_month.setdefault(month, []).append((tariff, digest))
    count = 0
    for month, of_month in by_month.items():
        end = following(month)
        of_tariffs = books({tariff for tariff, _ in of_month}, month, end)
        for tariff, digest in of_month:
            book = of_tariffs.get(tariff)
            if book is not None and book.fingerprint(month, end) == digest:
                continue
            stale = rows.filter(month=month, tariff_id=tariff, digest=digest)
            points = set(stale.values_list("usage_point_id", flat=True))
            count += _mark_month(points, month, at)
    return count


def _mark_agreed_otherwise(at: datetime) -> int:
    """Points of which the kept time of an agreement is another than what it covers now.

    As far as months of the point are kept at all. Three queries.
    """
    rows = ZoneMonth.objects.order_by().filter(zone=0)
    kept = {
        (point, agreement): (start, end)
        for point, agreement, start, end in rows.values_list(
            "usage_point_id", "agreement_id"
        ).annotate(start=Min("starts_at"), end=Max("ends_at"))
    }
    expected: dict[tuple[int, int], tuple[datetime, datetime]] = {}
    for stay in _all_stays():
        whole = kept.get((stay.usage_point, 0))
        covered = Period(stay.periods[0].start, stay.periods[-1].end)
        shared = whole and covered.start < min(at, whole[1]) and covered.end > whole[0]
        if whole and shared:
            # What goes on is kept to the end of its month.
            end = whole[1] if covered.end > at else min(whole[1], covered.end)
            expected[stay.usage_point, stay.agreement] = max(whole[0], covered.start), end
    of_agreements = {key: times for key, times in kept.items() if key[1]}
    both = of_agreements.keys() | expected.keys()
    wrong = {key[0] for key in both if of_agreements.get(key) != expected.get(key)}
    return mark_points_since(wrong, None, at=at) if wrong else 0


def _all_stays() -> Iterator[Stay]:
    for of_point in stays_of(AgreementPoint.objects.values("usage_point_id")).values():
        yield from of_point


def _mark_going_on(at: datetime) -> int:
    """Points with a month that goes on, made before today, whose day since brought nothing."""
    month = at.date().replace(day=1)
    first = min(month, (at - timedelta(days=1)).date().replace(day=1))
    fresh = set(
        ChargeMonth.objects.filter(month__gte=month, as_of__gt=at - timedelta(days=1))
        .values_list("usage_point_id", flat=True)
        .distinct()
    )
    bound = AgreementPoint.objects.covering_at(at).values_list("usage_point_id", flat=True)
    points = set(bound.distinct()) - fresh
    return _mark_days(points, first, at.date(), at)


def _mark_ended(at: datetime) -> int:
    """Points with a month that is over and was made before it was."""
    ended = ZoneMonth.objects.filter(zone=0, as_of__lt=F("ends_at"), ends_at__lte=at).order_by()
    by_month: dict[date, set[int]] = {}
    for point, month in ended.values_list("usage_point_id", "month").distinct():
        by_month.setdefault(month, set()).add(point)
    return sum(_mark_month(points, month, at) for month, points in sorted(by_month.items()))


def _mark_month(points: Collection[int], month: date, at: datetime) -> int:
    return _mark_days(points, month, following(month) - timedelta(days=1), at)


def _mark_days(points: Collection[int], first: date, last: date, at: datetime) -> int:
    """Mark days of points whether anything is stored of them or not."""
    known = UsagePoint.objects.filter(pk__in=points).values_list("pk", flat=True)
    found = np.array(sorted(known), np.int64)
    days = (np.full(len(found), day, "datetime64[D]") for day in (first, last))
    marks.mark(found, *days, at=at, purpose=marks.KEEP)
    return len(found)
