from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from fractions import Fraction

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.core.periods import Period
from faza.metering.models import InstrumentTransformer, Meter, MeteringComplex, UsagePoint
from faza.metering.services.refusals import AnotherInstalled, MeterElsewhere, NotInstalled


@transaction.atomic
def install(
    *,
    usage_point: UsagePoint,
    meter: Meter,
    valid_from: datetime,
    at: datetime,
    valid_to: datetime | None = None,
    role: MeteringComplex.Role = MeteringComplex.Role.BILLING,
    ct: Fraction = Fraction(1),
    vt: Fraction = Fraction(1),
    transformers: Collection[InstrumentTransformer] = (),
    control_of: MeteringComplex | None = None,
    by: User | None = None,
) -> MeteringComplex:
    """Put a meter with its transformers at a point for [valid_from, valid_to).

    Locks the point. Its readings at that moment are recorded by `readings.services`.

    Raises AnotherInstalled if a billing complex stands there for some of the time, and
    MeterElsewhere if the meter stands anywhere then.
    """
    UsagePoint.objects.select_for_update().get(pk=usage_point.pk)
    Meter.objects.select_for_update().get(pk=meter.pk)
    same_time = MeteringComplex.objects.within(Period.open(valid_from, valid_to))
    if role == MeteringComplex.Role.BILLING:
        _refuse_if(same_time.filter(usage_point=usage_point).billing().first(), AnotherInstalled)
    _refuse_if(same_time.filter(meter=meter).first(), MeterElsewhere)
    installed = MeteringComplex.objects.create(
        usage_point=usage_point,
        meter=meter,
        role=role,
        control_of=control_of,
        valid_from=valid_from,
        valid_to=valid_to,
        ct_numerator=ct.numerator,
        ct_denominator=ct.denominator,
        vt_numerator=vt.numerator,
        vt_denominator=vt.denominator,
    )
    installed.transformers.set(transformers)
    audit.note(
        "metering.complex.installed",
        of=installed,
        by=by,
        at=at,
        after={
            "usage_point": usage_point.pk,
            "meter": meter.pk,
            "role": role,
            "ct": str(ct),
            "vt": str(vt),
            "valid_from": valid_from,
        },
    )
    return installed


def _refuse_if(standing: MeteringComplex | None, why: type[Exception]) -> None:
    if standing:
        raise why(
            f"complex {standing.pk}: meter {standing.meter_id} at point {standing.usage_point_id}"
            f" from {standing.valid_from} to {standing.valid_to}"
        )


@transaction.atomic
def remove(
    *, installed: MeteringComplex, valid_to: datetime, at: datetime, by: User | None = None
) -> MeteringComplex:
    """End a complex at a moment; doing it twice for the same moment changes nothing.

    Raises NotInstalled if it began later or has ended at another moment.
    """
    held = MeteringComplex.objects.select_for_update().get(pk=installed.pk)
    if held.valid_to == valid_to:
        return held
    if held.valid_to is not None or held.valid_from >= valid_to:
        raise NotInstalled(
            f"complex {held.pk} stands from {held.valid_from} to {held.valid_to}, not {valid_to}"
        )
    held.valid_to = valid_to
    held.save(update_fields=["valid_to"])
    audit.note("metering.complex.removed", of=held, by=by, at=at, after={"valid_to": valid_to})
    return held


@transaction.atomic
def change_role(
    *,
    installed: MeteringComplex,
    role: MeteringComplex.Role,
    at: datetime,
    control_of: MeteringComplex | None = None,
    by: User | None = None,
) -> MeteringComplex:
    """Let a complex be billing, control or technical; `control_of` only for a control one.

    Raises AnotherInstalled if it becomes billing beside another billing complex.
    """
    # The point first, as whoever replaces a meter does: two at once wait, and do not block.
    UsagePoint.objects.select_for_update().get(pk=installed.usage_point_id)
    held = MeteringComplex.objects.select_for_update().get(pk=installed.pk)
    if role == MeteringComplex.Role.BILLING:
        beside = MeteringComplex.objects.filter(usage_point=held.usage_point_id).billing()
        _refuse_if(beside.within(held.period).exclude(pk=held.pk).first(), AnotherInstalled)
    before = audit.state(held)
    held.role, held.control_of = role, control_of
    old, new = audit.changed(before, held)
    if new:
        held.save(update_fields=["role", "control_of"])
        audit.note("metering.complex.changed", of=held, by=by, at=at, before=old, after=new)
    return held


@transaction.atomic
def set_ratios(
    *,
    installed: MeteringComplex,
    ct: Fraction,
    vt: Fraction,
    at: datetime,
    transformers: Collection[InstrumentTransformer] | None = None,
    by: User | None = None,
) -> MeteringComplex:
    """Set the ratios of a complex, and its transformers where they are told, for all its time.

    Only `readings.ratios` calls this: it knows whether readings were counted by the old ones.
    """
    held = MeteringComplex.objects.select_for_update().get(pk=installed.pk)
    before = _told(held)
    held.ct_numerator, held.ct_denominator = ct.numerator, ct.denominator
    held.vt_numerator, held.vt_denominator = vt.numerator, vt.denominator
    held.save(update_fields=["ct_numerator", "ct_denominator", "vt_numerator", "vt_denominator"])
    if transformers is not None:
        held.transformers.set(transformers)
    old, new = audit.changed(before, _told(held))
    if new:
        audit.note("metering.complex.changed", of=held, by=by, at=at, before=old, after=new)
    return held


def _told(held: MeteringComplex) -> dict[str, object]:
    transformers = sorted(held.transformers.values_list("pk", flat=True))
    return {"ct": str(held.ct_ratio), "vt": str(held.vt_ratio), "transformers": transformers}
