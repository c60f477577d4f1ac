"""What validation rules see and say. Plain Python and NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

from faza.readings.blocks import BlockBatch

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
I8 = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]


class Effect(IntEnum):
    """What a finding does to the intervals it names, ascending."""

    TELL = 0
    """Nothing; somebody may look."""
    DOUBT = 1
    """They stand, as QUESTIONABLE."""
    REJECT = 2
    """They do not stand: missing, until they are estimated."""


class Stage(StrEnum):
    INLINE = "inline"
    """Looks at days alone; runs in the transaction that records them."""
    HISTORY = "history"
    """Needs other days, registers or channels; runs in the job, where the inline ones run again."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Delivered days of channels and what is known of each; rows are those of `batch`.

    batch: sorted by key. All below (n,). midnights int64: unix seconds at which the day begins.
    limits int64: the most that an interval can hold, in the type's quantum, 0: not known.
    low, high int16: intervals [low, high) lie in the time of a billing complex.
    clocks: (c, 3) int64 rows (usage point, start, end) of unix seconds: stretches in which a
    meter's clock was changed. exports: whether the point is known to send energy into the network.
    now: unix seconds, the moment of looking. arrived: (n,) int64, unix seconds at which each day
    was recorded as delivered; None: now.
    """

    batch: BlockBatch
    midnights: I64
    limits: I64
    low: I16
    high: I16
    exports: Mask
    clocks: I64
    now: int
    arrived: I64 | None = None

    def __len__(self) -> int:
        return len(self.batch)

    def take(self, rows: I64 | Mask | slice) -> Days:
        """Some of the rows, by index or mask."""
        return Days(
            self.batch.take(rows), self.midnights[rows], self.limits[rows], self.low[rows],
            self.high[rows], self.exports[rows], self.clocks, self.now,
            None if self.arrived is None else self.arrived[rows],
        )  # fmt: skip

    def steps(self) -> I64:
        """(n,) how long an interval of each day is, in seconds."""
        return self.batch.intervals.astype(np.int64) * 60


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Findings as arrays (f,), in no order; a finding is one stretch of one channel by one rule.

    starts, ends int64: unix seconds, half-open, on edges of intervals where intervals are meant.
    rules: code by finding. effects int8 (Effect). numbers: what was compared, by finding, JSON:
    names are those of the rule's `numbers`; energies in the type's quantum.
    """

    usage_points: I64
    reading_types: I16
    starts: I64
    ends: I64
    rules: tuple[str, ...]
    effects: I8
    numbers: tuple[Mapping[str, int | float | str], ...]

    def __len__(self) -> int:
        return len(self.usage_points)

    @classmethod
    def concatenate(cls, several: Sequence[Findings]) -> Findings:
        """Several as one; of none, none."""

        def joined(name: str, dtype: npt.DTypeLike) -> npt.NDArray:
            arrays = [getattr(one, name) for one in several]
            return np.concatenate([np.zeros(0, dtype), *arrays]).astype(dtype, copy=False)

        return cls(
            joined("usage_points", np.int64),
            joined("reading_types", np.int16),
            joined("starts", np.int64),
            joined("ends", np.int64),
            tuple(code for one in several for code in one.rules),
            joined("effects", np.int8),
            tuple(numbers for one in several for numbers in one.numbers),
        )

    def take(self, rows: I64 | Mask) -> Findings:
        """Some of the findings, by index or mask."""
        places = np.arange(len(self))[rows].tolist()
        return Findings(
            self.usage_points[rows], self.reading_types[rows], self.starts[rows], self.ends[rows],
            tuple(self.rules[place] for place in places),
            self.effects[rows],
            tuple(self.numbers[place] for place in places),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code for ever, its words, where it comes from, and what it does by default.

    code: "V04". name: "limit", in addresses and settings. title, explains: English ids of words.
    source: whose rule it is. effect: of its findings, unless settings say another one.
    parameters: name -> default. numbers: name -> English id of its words.
    """

    code: str
    name: str
    title: str
    explains: str
    source: str
    stage: Stage
    effect: Effect
    parameters: Mapping[str, int | float]
    numbers: Mapping[str, str]


Parameters = Mapping[str, Mapping[str, float]]
"""By rule code: the parameters in force; a rule that is absent is switched off.

Every set has "effect" (Effect as a number) beside the rule's own parameters.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Flags:
    """Intervals that a rule names.

    rows (m,) int64: days, ascending, each once. mask (m, k): their intervals. numbers: what was
    compared on each of these days, name -> (m,).
    """

    rows: I64
    mask: Mask
    numbers: Mapping[str, npt.NDArray]
