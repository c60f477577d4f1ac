"""Beside the table: other registers, the greatest power, whether profile and registers agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.cabinet import words
from faza.cabinet.registers import wording
from faza.cabinet.registers.counting import Agreement, Counted
from faza.cabinet.registers.table import Meters, decimals_of
from faza.cabinet.series import Cells
from faza.core.reading_types import BY_CODE, ReadingType
from faza.ui import formats

SHORT = {
    1: gettext_lazy("Active, import A+"),
    2: gettext_lazy("Active, export A−"),
    3: gettext_lazy("Reactive, import R+"),
    4: gettext_lazy("Reactive, export R−"),
}
POWER = {"kWh": "kW", "kvarh": "kvar"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A name with its small print, a value with its own; kind: good, warn or bad."""

    name: str
    small: str
    value: str
    under: str
    kind: str = ""


def others(
    told: Mapping[int, Counted], chosen: ReadingType, meters: Meters, time: str, column: int,
    zone: str,
) -> list[Fact]:  # fmt: skip
    """The sum registers of the channels that the table is not about."""
    made = []
    for code, counted in told.items():
        kind, register = BY_CODE[code], counted.whole
        if kind == chosen or register is None:
            continue
        last = register.parts[-1]
        value = wording.of_register(last.now, kind, decimals_of(last.meter, meters))
        used = {"when": time, "amount": wording.used(counted.used, kind)}
        under = formats.unit_name(kind.unit)
        if last.now_at and last.now_at != column:
            under = f"{under}, {wording.moment(last.now_at, zone)}"
        made.append(
            Fact(
                str(SHORT.get(code, words.CHANNELS[code][1])),
                capfirst(_("%(when)s: %(amount)s") % used) if counted.used is not None else "",
                value,
                under,
            )
        )
    return made


def greatest(cells: Cells, kind: ReadingType, zone: str) -> Fact | None:
    """The greatest measured power over an interval; what nobody measured is none."""
    unit = POWER.get(kind.unit)
    measured = (cells.present[0] > 0) & (cells.missing[0] == 0)
    measured &= (cells.estimated[0] == 0) & (cells.doubtful[0] == 0)
    if unit is None or not measured.any():
        return None
    seconds = (cells.end - cells.start).astype(np.int64)
    power = np.where(measured, cells.value[0] * 3600 // seconds, -1)
    at = int(power.argmax())
    minutes = int(seconds[at]) // 60
    left = int((cells.expected[0] > 0).sum() - measured.sum())
    small = wording.moment(int(cells.start[at]), zone)
    if left:
        small = _("%(when)s; %(count)s intervals are left out: nobody measured them") % {
            "when": small, "count": formats.number(left),
        }  # fmt: skip
    return Fact(
        _("Highest power"),
        small,
        wording.of_register(int(power[at]), kind, wording.PLACES),
        _("%(unit)s over %(minutes)s minutes")
        % {"unit": formats.unit_name(unit), "minutes": minutes},
    )


def check(found: Agreement | int | None, kind: ReadingType) -> Fact | None:
    """Whether the profile's sum and the registers' difference agree."""
    if found is None:
        return None
    name, small = _("Check of the sum"), _("profile and registers between the same moments")
    if isinstance(found, int):
        gap = formats.duration(timedelta(minutes=found))
        return Fact(name, small, _("not possible yet"), _("%(gap)s of the profile are missing")
                    % {"gap": gap}, "warn")  # fmt: skip
    unit = formats.unit_name(kind.unit)
    difference = {"difference": f"{wording.used(found.difference, kind)} {unit}"}
    if found.holds:
        allowed = {"allowed": f"{wording.used(found.allowed, kind)} {unit}"}
        small = _("profile and registers; their last digits allow %(allowed)s") % allowed
        under = _("difference %(difference)s") % difference
        return Fact(name, small, _("agrees"), under, "good")
    return Fact(
        name, small, _("does not agree"), _("difference %(difference)s") % difference, "bad"
    )
