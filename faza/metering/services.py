from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from fractions import Fraction

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.core.periods import Period
from faza.metering import rules
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    NetworkNode,
    UsagePoint,
)


class AnotherInstalled(Exception):
    """Another billing complex stands at the point for some of the same time."""


class MeterElsewhere(Exception):
    """The meter is installed for some of the same time already."""


class NotInstalled(Exception):
    """The complex does not stand at that moment."""


@transaction.atomic
def add_node(
    *,
    kind: NetworkNode.Kind,
    code: str,
    name: str,
    at: datetime,
    parent: NetworkNode | None = None,
    by: User | None = None,
) -> NetworkNode:
    """Add a node under a parent, or a root."""
    node = NetworkNode.objects.create(kind=kind, code=code, name=name, parent=parent)
    node.path = rules.path_of(node.pk, parent.path if parent else "")
    node.save(update_fields=["path"])
    audit.note("metering.node.added", of=node, by=by, at=at, after={"code": code, "name": name})
    return node


@transaction.atomic
def add_usage_point(point: UsagePoint, *, at: datetime, by: User | None = None) -> UsagePoint:
    """Store a new usage point. Raises ValidationError if a field says what cannot be."""
    point.full_clean()
    point.save(force_insert=True)
    audit.note(
        "metering.usage_point.added",
        of=point,
        by=by,
        at=at,
        after={"code": point.code, "node": point.node_id, "zone": point.zone},
    )
    return point


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
