"""Putting a meter in and taking it away with what it shows, and ratios that were set wrong.

Replacing one meter by another is in `readings.replacement`.

    HasReadings: the complex has readings, which were counted by its ratios
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from fractions import Fraction

from django.db import transaction

from faza.accounts.models import User
from faza.core.periods import Period
from faza.metering import services as metering
from faza.metering.models import InstrumentTransformer, Meter, MeteringComplex, UsagePoint
from faza.readings import marks, rules
from faza.readings.models import IntervalBlock, RegisterReading, Source
from faza.readings.register_services import assign, record_registers
from faza.readings.registers import RegisterBatch
from faza.readings.replacement import Shown, refuse_later_readings


class HasReadings(Exception):
    """The complex has readings, which were counted by its ratios."""


@transaction.atomic
def install_meter(
    *,
    usage_point: UsagePoint,
    meter: Meter,
    installed_at: datetime,
    opening: Shown,
    source: Source,
    at: datetime,
    role: MeteringComplex.Role = MeteringComplex.Role.BILLING,
    ct: Fraction = Fraction(1),
    vt: Fraction = Fraction(1),
    transformers: Collection[InstrumentTransformer] = (),
    control_of: MeteringComplex | None = None,
    by: User | None = None,
) -> MeteringComplex:
    """Put a meter at a point from a moment on; `opening` is what it showed then, may be nothing.

    Readings of the meter that waited for it are taken. Raises what `metering.install` does.
    """
    opened = metering.install(
        usage_point=usage_point,
        meter=meter,
        valid_from=installed_at,
        role=role,
        ct=ct,
        vt=vt,
        transformers=transformers,
        control_of=control_of,
        at=at,
        by=by,
    )
    _record(opened, RegisterReading.Kind.OPENING, installed_at, opening, source, at)
    marks.mark_since(opened.usage_point_id, installed_at, at=at)
    assign(at=at, numbers=[meter.number])
    return opened


@transaction.atomic
def take_away(
    *,
    installed: MeteringComplex,
    removed_at: datetime,
    closing: Shown,
    source: Source,
    at: datetime,
    by: User | None = None,
) -> MeteringComplex:
    """End a complex without another one; `closing` is what the meter showed, may be nothing.

    Doing it twice changes nothing. Raises NotInstalled of metering.services, and
    replacement.ReadAfterwards if the meter has readings after that moment.
    """
    refuse_later_readings(installed, removed_at)
    closed = metering.remove(installed=installed, valid_to=removed_at, at=at, by=by)
    _record(closed, RegisterReading.Kind.CLOSING, removed_at, closing, source, at)
    marks.mark_since(closed.usage_point_id, removed_at, at=at)
    return closed


@transaction.atomic
def correct_ratios(
    *,
    installed: MeteringComplex,
    ct: Fraction,
    vt: Fraction,
    at: datetime,
    transformers: Collection[InstrumentTransformer] | None = None,
    by: User | None = None,
) -> MeteringComplex:
    """Set other ratios, for all the time of a complex that has no readings yet.

    Where only the transformers are told anew and the ratios stay, readings do not matter.

    Raises HasReadings otherwise: what was stored was counted by the old ratio and would have to
    be counted anew. A ratio that changed one day is a replacement with the same meter.
    """
    UsagePoint.objects.select_for_update().get(pk=installed.usage_point_id)
    if (installed.ct_ratio, installed.vt_ratio) != (ct, vt) and has_readings(installed):
        raise HasReadings(f"complex {installed.pk} at point {installed.usage_point_id}")
    return metering.set_ratios(
        installed=installed, ct=ct, vt=vt, transformers=transformers, at=at, by=by
    )


def has_readings(installed: MeteringComplex) -> bool:
    """Whether anything was read in the time of a complex: its registers or the point's days."""
    period: Period = installed.period
    read = RegisterReading.objects.filter(
        usage_point_id=installed.usage_point_id,
        meter_id=installed.meter_id,
        at__gte=period.start,
        at__lte=period.end,
        present__gt=0,
    )
    days = IntervalBlock.objects.filter(
        usage_point_id=installed.usage_point_id, day__gte=period.start.date()
    )
    if installed.valid_to is not None:
        days = days.filter(day__lte=installed.valid_to.date())
    return read.exists() or days.exists()


def _record(
    installed: MeteringComplex, kind: int, moment: datetime, shown: Shown, source: Source,
    at: datetime,
) -> None:  # fmt: skip
    if not shown:
        return
    batch = RegisterBatch.of(
        usage_point=installed.usage_point_id,
        meter=installed.meter_id,
        at=moment,
        kind=kind,
        shown=shown,
    )
    sequence = rules.sequence(rules.moment(moment))
    record_registers(batch, source=source, sequence=sequence, at=at)
