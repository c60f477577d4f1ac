"""Billing volumes of months without readings, from what is kept and what a control meter says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import F, Q

from faza.charges import dwellings
from faza.charges.models import ChargeMonth
from faza.charges.rules.substitution import Known, substitute
from faza.charges.rules.volumes import following
from faza.charges.store import ChargeRow, SubstitutedRow
from faza.contracts.models import CustomerAgreement
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.units import round_half_up
from faza.core.windows import Window, Windows
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings import registers
from faza.readings.register_queries import register_consumption

HOUSEHOLD = CustomerAgreement.Kind.HOUSEHOLD
YEARS_BACK = 2
"""History further back is not asked for: the same month of last year is the oldest that counts."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _History:
    """What billing volumes of points may be made of; `measured`: by point and customer."""

    customers: Mapping[int, int]
    measured: Mapping[tuple[int, int], Mapping[date, int]]
    control: Mapping[int, int]
    powers: Mapping[int, int | None]


def rows_of(
    made: Sequence[ChargeRow], kinds: Mapping[int, str], zone: str, month: date
) -> list[SubstitutedRow]:
    """The billing volumes of a month's charges that are over and not measured wholly.

    Measured is what registers bound, or every interval of which was measured or estimated.
    kinds: of agreements. Nothing where no clause gives a volume. Six queries at most beside
    those of a control meter; none where all is measured.
    """
    wanted = [row for row in made if row.ends_at <= row.as_of and not _is_measured(row)]
    if not wanted:
        return []
    period = Period.of_days(month, following(month), zone)
    history = _history(wanted, zone, month, period)
    households = {row.agreement_id for row in wanted if kinds.get(row.agreement_id) == HOUSEHOLD}
    normatives = dwellings.normatives(households, month)
    found = []
    for row in wanted:
        known = Known(
            measured=history.measured.get(
                (row.usage_point_id, history.customers.get(row.agreement_id, 0)), {}
            ),
            # What it counted of the whole month is not that of a part.
            control=history.control.get(row.usage_point_id)
            if Period(row.starts_at, row.ends_at) == period
            else None,
            normative=dwellings.share(
                normatives.get(row.agreement_id), Period(row.starts_at, row.ends_at), period, zone
            ),
            max_power=history.powers.get(row.usage_point_id),
            hours=int((row.ends_at - row.starts_at) / HOUR),
        )
        household = kinds.get(row.agreement_id) == HOUSEHOLD
        told = substitute(month, known, household=household)
        if told is None:
            continue
        found.append(
            SubstitutedRow(
                usage_point_id=row.usage_point_id,
                month=month,
                agreement_id=row.agreement_id,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                n_expected=row.n_expected,
                n_present=row.n_present,
                n_estimated=row.n_estimated,
                number=told.number,
                method=told.method,
                clause=told.clause,
                volume=told.volume,
                inputs=dict(told.inputs),
                as_of=row.as_of,
            )
        )
    return found


def _is_measured(row: ChargeRow) -> bool:
    return row.basis == ChargeMonth.Basis.REGISTERS or row.n_present == row.n_expected


def _history(wanted: Collection[ChargeRow], zone: str, month: date, period: Period) -> _History:
    """What is kept of whole months before, each customer's own: nobody pays by another's."""
    points = {row.usage_point_id for row in wanted}
    kept = ChargeMonth.objects.filter(
        Q(basis=ChargeMonth.Basis.REGISTERS) | Q(n_present=F("n_expected")),
        usage_point__in=points,
        month__lt=month,
        month__gte=month.replace(year=month.year - YEARS_BACK),
        ends_at__lte=F("as_of"),
    )
    rows = list(
        kept.values_list(
            "usage_point_id", "month", "agreement_id", "volume", "starts_at", "ends_at"
        )
    )
    agreements = {row.agreement_id for row in wanted} | {row[2] for row in rows}
    customers = dict(
        CustomerAgreement.objects.filter(pk__in=agreements).values_list("pk", "customer_id")
    )
    volumes: dict[tuple[int, int, date], tuple[int, timedelta]] = {}
    for point, of_month, agreement, volume, starts, ends in rows:
        key = point, customers.get(agreement, 0), of_month
        total, length = volumes.get(key, (0, timedelta(0)))
        volumes[key] = total + volume, length + (ends - starts)
    measured: dict[tuple[int, int], dict[date, int]] = defaultdict(dict)
    for (point, customer, of_month), (volume, length) in volumes.items():
        if length == Period.of_days(of_month, following(of_month), zone).length:
            measured[point, customer][of_month] = volume
    powers = UsagePoint.objects.filter(pk__in=points).values_list("pk", "max_power")
    return _History(customers, measured, _control(points, zone, period), dict(powers))


def _control(points: Collection[int], zone: str, period: Period) -> dict[int, int]:
    """What control meters counted in the period, Wh, where their readings bound it."""
    windows = Windows.merged(Window(point, zone, period) for point in points)
    whole = registers.register(A_PLUS.code)
    counted = register_consumption(
        windows, period, [whole], around=timedelta(0), role=MeteringComplex.Role.CONTROL
    )
    found = {}
    for point in counted.covered & set(counted.usage_points.tolist()):
        rows = (counted.usage_points == point).nonzero()[0]
        volume: Fraction | None = counted.primary(point)[0]
        if volume is not None and counted.exact[rows, 0].all():
            found[point] = round_half_up(volume)
    return found
