"""Where meters stood and with which ratios: what turns their answers into readings of points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from faza.core.periods import Period
from faza.core.reading_types import ReadingType
from faza.metering.models import MeteringComplex

BILLING = MeteringComplex.Role.BILLING.value


@dataclass(frozen=True, slots=True)
class Stay:
    """A meter at a usage point for [start, end), unix seconds. zone: the point's."""

    usage_point: int
    zone: str
    role: str
    start: int
    end: int
    ct: Fraction
    vt: Fraction

    @property
    def is_billing(self) -> bool:
        """Whether its intervals are those of the point: a point has one channel of a kind."""
        return self.role == BILLING


def stays_of(meters: Collection[int]) -> dict[int, list[Stay]]:
    """The stays of meters, oldest first. One query; meters without any are absent."""
    rows = (
        MeteringComplex.objects.filter(meter__in=set(meters))
        .order_by("meter_id", "valid_from")
        .values_list(
            "meter_id", "usage_point_id", "usage_point__zone", "role", "valid_from", "valid_to",
            "ct_numerator", "ct_denominator", "vt_numerator", "vt_denominator",
        )
    )  # fmt: skip
    found: dict[int, list[Stay]] = {}
    for meter, point, zone, role, start, end, ct, ct_by, vt, vt_by in rows:
        period = Period.open(start, end)
        found.setdefault(meter, []).append(
            Stay(
                point, zone, role, int(period.start.timestamp()), int(period.end.timestamp()),
                Fraction(ct, ct_by), Fraction(vt, vt_by),
            )
        )  # fmt: skip
    return found


def at(stays: Sequence[Stay], moment: int) -> Stay | None:
    """Where the meter stands at a moment; its last moment at a place belongs to that too."""
    found = [stay for stay in stays if stay.start <= moment <= stay.end]
    return found[-1] if found else None


def since(stays: Sequence[Stay], last: Stay) -> int:
    """From when on a meter has stood where it stands, also with other ratios; unix seconds."""
    start = last.start
    for stay in reversed(stays):
        alike = (stay.usage_point, stay.role) == (last.usage_point, last.role)
        if alike and stay.start < start <= stay.end:
            start = stay.start
    return start


def ratio(stay: Stay, kind: ReadingType) -> Fraction:
    """What turns a value of a kind into the primary side: of voltages the VT alone, and so on."""
    match kind.quantity:
        case "voltage":
            return stay.vt
        case "current":
            return stay.ct
        case quantity if quantity.endswith(("energy", "power")):
            return stay.ct * stay.vt
        case _:
            return Fraction(1)
