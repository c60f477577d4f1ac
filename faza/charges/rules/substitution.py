"""Billing volumes where a month has no reading (замещающая информация), and by which clause.

Never intervals: what a meter did not measure is not consumption. Households by ПП 354, 59–60:
the mean of the last six months that were measured, of three at least, for up to three months in a
row; then the normative of its group of dwellings, for each resident and with its raising
coefficient. Others by ПП 442, 166, 179: the control meter; else for months 1–2 the
same month of last year, or the nearest measured month before; from the third on by calculation.
Sources: design/rules.md, Readings; reference/domain.md, 5.4; some of it from memory, which is why
every answer names its clause and the numbers it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from faza.core.units import round_half_up

MEAN, NORMATIVE, CONTROL = "mean", "normative", "control"
LAST_YEAR, NEAREST, CALCULATED = "last_year", "nearest", "calculated"
CLAUSES = {
    MEAN: "ПП 354, п. 59",
    NORMATIVE: "ПП 354, п. 60",
    CONTROL: "ПП 442, п. 179",
    LAST_YEAR: "ПП 442, п. 166",
    NEAREST: "ПП 442, п. 166",
    CALCULATED: "ПП 442, приложение 3",
}
"""The clause that each method is taken by."""
LONGEST, FEWEST = 6, 3
"""Months of the mean: so many at most, and at least."""
BY_MEAN, BY_HISTORY = 3, 2
"""So many months in a row are taken by the mean (households), by history (others)."""
Input = int | str | bool


@dataclass(frozen=True, slots=True)
class Normative:
    """A household's normative of a stretch of a month, Wh, and what it was made of.

    inputs: per_resident in Wh, residents, factor (a decimal as text), days of of_days,
    group, group_name, valid_from, order, source, is_example.
    """

    volume: int
    inputs: Mapping[str, Input] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What a point's volumes can be taken from, in Wh.

    measured: volumes of months that have readings, by first day. control: what a control meter
    counted in the month; None without one. normative: that of a household; None where it was not
    entered. max_power: W agreed; None where it is not known. hours: of the month.
    """

    measured: Mapping[date, int]
    control: int | None = None
    normative: Normative | None = None
    max_power: int | None = None
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Substituted:
    """A billing volume in Wh; `number`: which month in a row without readings; `inputs`: what it
    was made of, Wh by month or name; of a normative as `Normative` has them."""

    method: str
    volume: int
    number: int
    inputs: Mapping[str, Input] = field(default_factory=dict)

    @property
    def clause(self) -> str:
        return CLAUSES[self.method]


def substitute(month: date, known: Known, *, household: bool) -> Substituted | None:
    """The billing volume of a month without readings; None where no clause gives one."""
    number = _number(month, known.measured)
    if household:
        return _of_household(month, known, number)
    if known.control is not None:
        return Substituted(CONTROL, known.control, number, {"control": known.control})
    if number <= BY_HISTORY:
        return _of_history(month, known, number)
    return _calculated(known, number)


def _of_household(month: date, known: Known, number: int) -> Substituted | None:
    before = _before(month, known.measured)[:LONGEST]
    if number <= BY_MEAN and len(before) >= FEWEST:
        volumes = {one.isoformat(): known.measured[one] for one in sorted(before)}
        mean = round_half_up(Fraction(sum(volumes.values()), len(volumes)))
        return Substituted(MEAN, mean, number, volumes)
    if known.normative is None:
        return None
    return Substituted(NORMATIVE, known.normative.volume, number, known.normative.inputs)


def _of_history(month: date, known: Known, number: int) -> Substituted | None:
    last_year = month.replace(year=month.year - 1)
    if last_year in known.measured:
        volume = known.measured[last_year]
        return Substituted(LAST_YEAR, volume, number, {last_year.isoformat(): volume})
    before = _before(month, known.measured)
    if not before:
        return _calculated(known, number)
    volume = known.measured[before[0]]
    return Substituted(NEAREST, volume, number, {before[0].isoformat(): volume})


def _calculated(known: Known, number: int) -> Substituted | None:
    """The agreed power for all hours of the month: Приложение 3, V = P_max x T."""
    if known.max_power is None:
        return None
    inputs = {"max_power": known.max_power, "hours": known.hours}
    return Substituted(CALCULATED, known.max_power * known.hours, number, inputs)


def _before(month: date, measured: Mapping[date, int]) -> list[date]:
    """Measured months before a month, the latest first."""
    return sorted((one for one in measured if one < month), reverse=True)


def _number(month: date, measured: Mapping[date, int]) -> int:
    """Which month in a row without readings it is; 1 for the first, and without any history."""
    before = _before(month, measured)
    if not before:
        return 1
    latest = before[0]
    return (month.year - latest.year) * 12 + month.month - latest.month
