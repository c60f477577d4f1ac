"""Normatives of consumption: what a household without readings is taken to use.

Regions set them by groups of dwellings (rooms, kind of stove) and by how many people live there,
in kWh for each of them in a month; a raising coefficient stands beside (ПП 306; ПП 354, п. 60).
Source: design/rules.md, Readings; reference/domain.md, 5.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from faza.core.units import round_half_up


@dataclass(frozen=True, slots=True)
class NormativeRow:
    """kWh for each resident in a month from a day on, of so many residents; 0 is any number."""

    group: str
    group_name: str
    valid_from: date
    residents: int
    amount: Decimal
    factor: Decimal
    order: str
    source: str
    is_example: bool


def on(rows: Iterable[NormativeRow], residents: int, day: date) -> NormativeRow | None:
    """The row of a group that holds on a day for so many residents; None where none does.

    The rows of the latest date replace all earlier ones. Its own number, else any; the greatest
    number of a table is meant for more residents too («5 и более»).
    """
    dated = [row for row in rows if row.valid_from <= day]
    latest = max((row.valid_from for row in dated), default=None)
    told = {row.residents: row for row in dated if row.valid_from == latest}
    if not told:
        return None
    greatest = max(told)
    return told.get(residents) or told.get(0) or (told[greatest] if residents > greatest else None)


def volume(row: NormativeRow, residents: int, *, days: int, of_days: int) -> int:
    """Wh of `days` of a month of `of_days`: normative x residents x coefficient, by days."""
    exact = Fraction(row.amount) * Fraction(row.factor) * 1000 * residents
    return round_half_up(exact * Fraction(days, of_days))
