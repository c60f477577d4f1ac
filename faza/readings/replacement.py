"""Replacing a meter: the complex and both readings in one deed.

Other deeds on what is installed are in metering.services; this one stands here because it writes
readings.

    Refused: the replacement cannot be as told; nothing is done
      NothingInstalled: no billing complex stands at the point just before that moment
      BeforeInstalled: the meter to be replaced came at that moment or later
      ReadAfterwards: the meter to be replaced has readings after that moment
      ReplacedOtherwise: at that very moment another replacement is recorded already
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.metering import services as metering
from faza.metering.models import InstrumentTransformer, Meter, MeteringComplex, UsagePoint
from faza.readings import marks, registers, rules
from faza.readings.models import RegisterReading, Source
from faza.readings.register_services import assign, record_registers
from faza.readings.registers import RegisterBatch

Shown = Mapping[int, int]
"""Wh and varh as the meter shows them, by register (`registers.register`)."""


class Refused(Exception):
    """The replacement cannot be as told; nothing is done."""


class NothingInstalled(Refused):
    """No billing complex stands at the point just before that moment."""


class BeforeInstalled(Refused):
    """The meter to be replaced came at that moment or later."""


class ReadAfterwards(Refused):
    """The meter to be replaced has readings after that moment."""


class ReplacedOtherwise(Refused):
    """At that very moment another replacement is recorded already."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """The complex that ended and the one that began."""

    closed: MeteringComplex
    opened: MeteringComplex


@transaction.atomic
def replace_meter(
    *,
    usage_point: UsagePoint,
    meter: Meter,
    replaced_at: datetime,
    closing: Shown,
    opening: Shown,
    source: Source,
    at: datetime,
    ct: Fraction = Fraction(1),
    vt: Fraction = Fraction(1),
    transformers: Collection[InstrumentTransformer] = (),
    by: User | None = None,
) -> Replacement:
    """End the billing complex of a point and begin one with another meter and other ratios.

    closing: what the old meter showed at `replaced_at`, opening: what the new one did. at: when
    it is recorded. The same replacement told again changes nothing. Locks the point.

    A new ratio with the same meter is a replacement too: `meter` is the one that stands there.

    Readings of the new meter that waited for it are taken.

    Raises Refused as drawn above, and of metering.services NotInstalled where the old complex has
    ended at another moment, AnotherInstalled or MeterElsewhere where the new one would overlap.
    """
    UsagePoint.objects.select_for_update().get(pk=usage_point.pk)
    billing = MeteringComplex.objects.filter(usage_point=usage_point).billing()
    told = _Told(meter, replaced_at, closing, opening, ct, vt)
    begun = billing.filter(valid_from=replaced_at).first()
    if begun is not None:
        return _same_again(told, begun, billing.filter(valid_to=replaced_at).first())
    old = billing.valid_at(replaced_at - timedelta(microseconds=1)).first()
    if old is None:
        later = billing.filter(valid_from__gt=replaced_at).first()
        problem = BeforeInstalled if later else NothingInstalled
        raise problem(f"point {usage_point.pk} at {replaced_at}: no meter to be replaced")
    refuse_later_readings(old, replaced_at)
    closed = metering.remove(installed=old, valid_to=replaced_at, at=at, by=by)
    opened = metering.install(
        usage_point=usage_point,
        meter=meter,
        valid_from=replaced_at,
        at=at,
        ct=ct,
        vt=vt,
        transformers=transformers,
        by=by,
    )
    record_registers(
        told.readings(closed, opened),
        source=source,
        sequence=rules.sequence(rules.moment(replaced_at)),
        at=at,
    )
    assign(at=at, numbers=[meter.number])
    marks.mark_since(usage_point.pk, replaced_at, at=at)
    audit.note(
        "readings.meter.replaced",
        of=usage_point,
        by=by,
        at=at,
        before={"complex": closed.pk, "meter": closed.meter_id, "shown": _by_register(closing)},
        after={
            "complex": opened.pk,
            "meter": opened.meter_id,
            "shown": _by_register(opening),
            "replaced_at": replaced_at,
        },
    )
    return Replacement(closed, opened)


@dataclass(frozen=True, slots=True)
class _Told:
    """A replacement as it is told."""

    meter: Meter
    replaced_at: datetime
    closing: Shown
    opening: Shown
    ct: Fraction
    vt: Fraction

    def readings(self, closed: MeteringComplex, opened: MeteringComplex) -> RegisterBatch:
        """The closing and the opening reading."""
        kinds = RegisterReading.Kind
        return RegisterBatch.concatenate(
            [
                RegisterBatch.of(
                    usage_point=installed.usage_point_id,
                    meter=installed.meter_id,
                    at=self.replaced_at,
                    kind=kind,
                    shown=shown,
                )
                for installed, kind, shown in (
                    (closed, kinds.CLOSING, self.closing),
                    (opened, kinds.OPENING, self.opening),
                )
            ]
        )


def _same_again(told: _Told, begun: MeteringComplex, ended: MeteringComplex | None) -> Replacement:
    """The replacement that is recorded already, if it is the very one that is told."""
    if ended is None:
        raise BeforeInstalled(f"complex {begun.pk} is the first one, from {begun.valid_from}")
    readings = told.readings(ended, begun)
    masks, blobs = registers.pack(readings.values, readings.present)
    recorded = [
        (
            RegisterReading.objects.filter(
                usage_point_id=installed.usage_point_id, meter_id=installed.meter_id,
                at=told.replaced_at, kind=kind,
            )
            .values_list("present", "registers")
            .first()
        )
        for installed, kind in zip((ended, begun), readings.kinds.tolist(), strict=True)
    ]  # fmt: skip
    shown = [found and (found[0], bytes(found[1])) for found in recorded]
    same = shown == list(zip(masks.tolist(), blobs, strict=True))
    if begun.meter_id != told.meter.pk or (begun.ct_ratio, begun.vt_ratio) != (told.ct, told.vt):
        same = False
    if not same:
        raise ReplacedOtherwise(
            f"point {begun.usage_point_id} at {told.replaced_at}: complex {begun.pk} with meter"
            f" {begun.meter_id} instead of {told.meter.pk}, or with other readings or ratios"
        )
    return Replacement(ended, begun)


def refuse_later_readings(old: MeteringComplex, replaced_at: datetime) -> None:
    """Raise ReadAfterwards if the meter of a complex was read after a moment."""
    later = (
        RegisterReading.objects.filter(
            usage_point_id=old.usage_point_id,
            meter_id=old.meter_id,
            at__gt=replaced_at,
            present__gt=0,
        )  # fmt: skip
        .order_by("at")
        .values_list("at", flat=True)
        .first()
    )
    if later is not None:
        raise ReadAfterwards(
            f"meter {old.meter_id} at point {old.usage_point_id} was read at {later},"
            f" after {replaced_at}"
        )


def _by_register(shown: Shown) -> dict[str, int]:
    return {str(number): int(value) for number, value in sorted(shown.items())}
