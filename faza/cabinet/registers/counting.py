"""Registers of one point between two moments: as shown, times the ratio, carried to the end.

Pure, over what `readings.register_queries` and the interval profile say. Shown values and used
energy are quanta of the register's reading type (Wh, varh, l, dm³, kcal).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from faza.cabinet.series import Cells
from faza.readings import registers
from faza.readings.register_queries import RegisterConsumption


@dataclass(frozen=True, slots=True)
class Part:
    """One meter's share of a register's period.

    start, end: unix seconds between which the meter is asked. opened_at, closed_at: of the
    readings used, 0 where there is none; opening, closing: what they show. counted: their
    difference as the meter counts, None where it is not known. step: quanta of the last digit.
    carried: what the profile adds after the last reading, quanta as the meter counts.
    """

    meter: int
    start: int
    end: int
    opened_at: int
    opening: int
    closed_at: int
    closing: int
    counted: int | None
    ratio: Fraction
    step: int
    rolled: bool = False
    fell: bool = False
    carried: int = 0
    carried_to: int = 0

    @property
    def used(self) -> Fraction | None:
        """Quanta on the primary side, exact."""
        return None if self.counted is None else self.ratio * (self.counted + self.carried)

    @property
    def now(self) -> int | None:
        """What it shows at the end, the carried included."""
        return self.closing + self.carried if self.closed_at else None

    @property
    def now_at(self) -> int:
        return self.carried_to or self.closed_at

    @property
    def is_exact(self) -> bool:
        """Whether both readings are of the very moments asked for."""
        return self.counted is not None and (self.opened_at, self.now_at) == (self.start, self.end)


@dataclass(frozen=True, slots=True)
class Register:
    """A register over a period, by the meters that stood one after another."""

    tariff: int
    parts: tuple[Part, ...]

    @property
    def used(self) -> Fraction | None:
        """Quanta on the primary side; None where not all of it is known."""
        known = [part.used for part in self.parts]
        return None if not known or None in known else sum(filter(None, known), Fraction(0))

    @property
    def is_read(self) -> bool:
        """Whether any of its meters has the register."""
        return any(part.opened_at or part.closed_at for part in self.parts)

    @property
    def is_carried(self) -> bool:
        return any(part.carried_to for part in self.parts)


@dataclass(frozen=True, slots=True)
class Counted:
    """The registers of one reading type over a period: the sum and the zones of the day."""

    whole: Register | None
    zones: tuple[Register, ...]
    is_covered: bool = True

    @property
    def used(self) -> Fraction | None:
        """Of the sum register, else of the zones together."""
        if self.whole is not None and self.whole.used is not None:
            return self.whole.used
        known = [zone.used for zone in self.zones]
        return None if not known or None in known else sum(filter(None, known), Fraction(0))

    @property
    def lead(self) -> Register | None:
        """The register that tells moments, meters and ratios."""
        return self.whole or (self.zones[0] if self.zones else None)

    @property
    def shares(self) -> tuple[float | None, ...]:
        """Percent of each zone in the zones together; None where a zone is not known."""
        known = [zone.used for zone in self.zones]
        total = sum((one for one in known if one is not None), Fraction(0))
        if None in known or not total:
            return tuple(None for _ in known)
        return tuple(float(100 * (one or 0) / total) for one in known)


def counted(found: RegisterConsumption, point: int, reading_type: int) -> Counted:
    """What one reading type's registers of a point counted."""
    rows = np.flatnonzero(found.usage_points == point).tolist()
    whole, zones = None, []
    for column, number in enumerate(found.registers.tolist()):
        code, tariff = registers.meaning(number)
        if code != reading_type:
            continue
        parts = tuple(_part(found, row, column, number) for row in rows)
        register = Register(tariff, parts)
        if not register.is_read:
            continue
        if tariff:
            zones.append(register)
        else:
            whole = register
    if len(zones) == 1 and whole is not None:
        # A meter of one zone counts in T1 what it counts in all.
        zones = []
    return Counted(whole, tuple(zones), is_covered=point in found.covered)


def _part(found: RegisterConsumption, row: int, column: int, number: int) -> Part:
    unit = int(registers.WHOLE[number])
    step = found.resolutions[row] / found.ratios[row] * unit / 1000
    return Part(
        meter=int(found.meters[row]),
        start=int(found.starts[row]),
        end=int(found.ends[row]),
        opened_at=int(found.opened_at[row, column]),
        opening=int(found.opening[row, column]),
        closed_at=int(found.closed_at[row, column]),
        closing=int(found.closing[row, column]),
        counted=int(found.shown[row, column]) if found.known[row, column] else None,
        ratio=found.ratios[row],
        step=max(1, int(step)),
        rolled=bool(found.rolled[row, column]),
        fell=bool(found.fell[row, column]),
    )


def carried(told: Counted, cells: Cells, zone_of: np.ndarray | None, until: int) -> Counted:
    """The same, with what the profile measured after the last reading added to it.

    cells: intervals of the point, one row. zone_of: (t,) number of each cell's zone of the day,
    None where it is not known: zones cannot be carried then, and nothing is. until: unix seconds
    up to which data have arrived. Nothing is carried over a gap. The first reading is opened with
    where there is no other.
    """
    lead = told.lead
    if lead is None or (told.zones and zone_of is None):
        return told
    last = lead.parts[-1]
    since = last.closed_at or last.opened_at
    to = min(until, last.end)
    if not since or since < last.opened_at or to <= since:
        return told
    span = (cells.start >= since) & (cells.end <= to)
    inside = np.flatnonzero(span)
    whole = bool(len(inside)) and int(cells.start[inside[0]]) == since
    if not whole or int(cells.missing[0, inside].sum()) or (cells.expected[0, inside] <= 0).any():
        return told
    end = int(cells.end[inside[-1]])
    sums: dict[int, int] = {0: int(cells.value[0, inside].sum())}
    if zone_of is not None:
        for register in told.zones:
            mine = inside[zone_of[inside] == register.tariff]
            sums[register.tariff] = int(cells.value[0, mine].sum())
    zones = tuple(_carry(register, sums, since, end) for register in told.zones)
    return replace(
        told,
        whole=_carry(told.whole, sums, since, end) if told.whole is not None else None,
        zones=zones,
    )


def _carry(register: Register, sums: Mapping[int, int], since: int, end: int) -> Register:
    last = register.parts[-1]
    if (last.closed_at or last.opened_at) != since:
        return register
    added = int(Fraction(sums[register.tariff]) / last.ratio)
    if not last.closed_at or last.counted is None and last.closed_at == last.opened_at:
        last = replace(last, closed_at=last.opened_at, closing=last.opening, counted=0)
    if last.counted is None:
        return register
    # As the meter cuts what it shows: to its last digit.
    shown = (last.closing + added) // last.step * last.step
    last = replace(last, carried=shown - last.closing, carried_to=end)
    return replace(register, parts=(*register.parts[:-1], last))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the profile's sum and the register's difference agree, quanta on the primary side.

    difference: profile less register. allowed: one step of the register at each end.
    """

    difference: Fraction
    allowed: Fraction
    estimated: float

    @property
    def holds(self) -> bool:
        return abs(self.difference) <= self.allowed


def agreement(told: Counted, cells: Cells) -> Agreement | int | None:
    """The register's own difference beside the profile between the very same moments.

    An int: so many minutes of the profile are missing there. None: there is nothing to compare,
    no two readings, or they stand within an interval.
    """
    register = told.whole
    if register is None:
        return None
    profile, counted_, allowed, minutes, rough = 0, Fraction(0), Fraction(0), 0, 0
    present = 0
    for part in register.parts:
        if part.counted is None:
            return None
        if part.counted == 0 and part.opened_at == part.closed_at:
            continue
        inside = np.flatnonzero((cells.start >= part.opened_at) & (cells.end <= part.closed_at))
        if not len(inside):
            return None
        edges = int(cells.start[inside[0]]), int(cells.end[inside[-1]])
        if edges != (part.opened_at, part.closed_at):
            return None
        profile += int(cells.value[0, inside].sum())
        minutes += int(cells.missing[0, inside].sum())
        rough += int(cells.estimated[0, inside].sum())
        present += int(cells.present[0, inside].sum())
        counted_ += part.ratio * part.counted
        allowed += 2 * part.ratio * part.step
    if minutes:
        return minutes
    if not present:
        return None
    return Agreement(profile - counted_, allowed, 100 * rough / present)
