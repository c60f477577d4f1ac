"""What came, went and changed at a point, with what the meters showed then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from faza.cabinet.papers.seen import Stood
from faza.core.reading_types import A_MINUS, R_MINUS, R_PLUS
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex
from faza.readings.models import RegisterReading
from faza.readings.register_queries import readings_at
from faza.readings.registers import SIZE, WHOLE, meaning
from faza.ui import formats
from faza.ui.standing import ratio_words

CLOSING, OPENING = int(RegisterReading.Kind.CLOSING), int(RegisterReading.Kind.OPENING)

NOT_TOLD = frozenset({A_MINUS.code, R_PLUS.code, R_MINUS.code})
SHOWN = tuple(
    (number, meaning(number)[1], WHOLE[number])
    for number in range(SIZE)
    if meaning(number)[0] not in NOT_TOLD
)
"""Registers that replacements tell: number, tariff, and how many quanta are one as shown."""

Shown = dict[tuple[int, int, datetime], tuple[tuple[str, Decimal], ...]]
"""By point, meter and moment: what was taken, by register, as the meter shows it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What happened at a moment: words, and what the old and the new meter showed then.

    old, new: (register, number as shown); empty where nothing was read. is_change: one meter or
    ratio took the place of another.
    """

    at: str
    moment: datetime
    what: str
    about: str
    old: tuple[tuple[str, str], ...] = ()
    new: tuple[tuple[str, str], ...] = ()
    is_change: bool = False


def moments(found: Sequence[Stood]) -> list[datetime]:
    """When something came or went, as far as it is told."""
    told = {one.since for one in found} | {one.until for one in found}
    return sorted(moment for moment in told if moment is not None)


def shown_at(windows: Windows, found: Sequence[Stood], *, role: MeteringComplex.Role) -> Shown:
    """What the meters of a role in windows showed when they came and went. Two queries."""
    asked = moments(found)
    if not asked:
        return {}
    told = readings_at(windows, asked, role=role)
    by_key: Shown = {}
    for row, (point, meter, second) in enumerate(
        zip(told.usage_points.tolist(), told.meters.tolist(), told.moments.tolist(), strict=True)
    ):
        registers = tuple(
            (f"T{tariff}" if tariff else "Σ", Decimal(int(told.values[row, number])) / int(whole))
            for number, tariff, whole in SHOWN
            if told.present[row, number]
        )
        if registers:
            by_key[point, meter, datetime.fromtimestamp(second, UTC)] = registers
    return by_key


def deeds(found: Sequence[Stood], shown: Shown, *, zone: ZoneInfo) -> tuple[Deed, ...]:
    """What came, went and changed in one role at a point, newest first.

    What ended before the windows began is told of no more than what ends after them.
    """
    oldest_first = sorted(found, key=lambda one: one.complex.valid_from)
    told: list[Deed] = []
    for before, one in zip([None, *oldest_first], oldest_first, strict=False):
        follows = before is not None and before.complex.valid_to == one.complex.valid_from
        if before is not None and not follows and before.until is not None:
            told.append(_removed(before, shown, zone))
        if one.since is None:
            continue
        if before is not None and follows:
            told.append(_replaced(before, one, shown, zone))
        else:
            told.append(
                Deed(
                    *_at(one.since, zone), _("The meter was installed"), _named(one.complex),
                    new=_registers(one.complex, one.since, shown),
                )
            )  # fmt: skip
    if oldest_first and oldest_first[-1].until is not None:
        told.append(_removed(oldest_first[-1], shown, zone))
    return tuple(reversed(told))


def _replaced(before: Stood, one: Stood, shown: Shown, zone: ZoneInfo) -> Deed:
    old, new, moment = before.complex, one.complex, one.complex.valid_from
    what, about = _("The meter was replaced"), f"№ {old.meter.number} → № {new.meter.number}"
    if old.meter_id == new.meter_id:
        what, about = _("Transformers were changed"), _("the same meter, another ratio")
    if old.ratio != new.ratio:
        about += f", K {ratio_words(old.ratio)} → {ratio_words(new.ratio)}"
    return Deed(
        *_at(moment, zone), what, about, _registers(old, moment, shown),
        _registers(new, moment, shown), is_change=True,
    )  # fmt: skip


def _removed(one: Stood, shown: Shown, zone: ZoneInfo) -> Deed:
    assert one.until is not None
    old = _registers(one.complex, one.until, shown)
    return Deed(*_at(one.until, zone), _("The meter was taken away"), _named(one.complex), old)


def _at(moment: datetime, zone: ZoneInfo) -> tuple[str, datetime]:
    return formats.moment(moment, zone), moment


def _named(one: MeteringComplex) -> str:
    return f"{one.meter.model.name} № {one.meter.number}"


def _registers(one: MeteringComplex, moment: datetime, shown: Shown) -> tuple[tuple[str, str], ...]:
    """What a meter showed, each register with the meter's own decimals; T0 only where alone."""
    told = shown.get((one.usage_point_id, one.meter_id, moment.astimezone(UTC)), ())
    if len(told) == 2:
        told = told[:1]
    places = one.meter.model.decimals
    return tuple((name, formats.number(value, places)) for name, value in told)
