"""What stands at a point: its meter, ratios, the voltage agreed upon, what the meter carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from faza.collection import supply_quality
from faza.metering.models import MeteringComplex


@dataclass(frozen=True, slots=True)
class Standing:
    """The billing complex at a moment. agreed: V of a phase, most: A, on the primary side.

    The voltage is that the meter is set to as agreed, else the nominal one of its type.
    """

    number: str = ""
    model: str = ""
    ct: Fraction = Fraction(1)
    vt: Fraction = Fraction(1)
    agreed: float | None = None
    most: float | None = None


def standing(point: int, *, at: datetime) -> Standing:
    """What stands at a point then. Two questions; nothing known where no meter stands."""
    found = (
        MeteringComplex.objects.billing()
        .valid_at(at)
        .filter(usage_point__pk=point)
        .select_related("meter__model")
        .first()
    )
    if found is None:
        return Standing()
    meter, model = found.meter, found.meter.model
    volts = supply_quality.agreed_voltage(meter.pk, at=at)
    if volts is None and model.nominal_voltage:
        volts = model.nominal_voltage / 10
    most = model.max_current / 1000 * float(found.ct_ratio) if model.max_current else None
    agreed = volts * float(found.vt_ratio) if volts else None
    return Standing(meter.number, model.name, found.ct_ratio, found.vt_ratio, agreed, most)
