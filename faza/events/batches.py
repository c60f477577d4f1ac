"""Events as arrays, on their way into the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from faza.protocols.metered import EventRows, Json

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
COLUMNS = ("usage_points", "meters", "moments", "journals", "codes", "numbers")


class WrongEvents(Exception):
    """A batch does not fit together; nothing is stored."""


@dataclass(frozen=True, slots=True, eq=False)
class EventBatch:
    """Events of usage points, all (n,): ids, moments in unix seconds, journal and code.

    meters: 0 where it is no meter's. journals: those of СПОДЭС (0.0.96.11.N), above 1000 Faza's
    own (`catalogue`). numbers: 0; else what tells two events of one device, second, journal and
    code apart, if it has numbers for them. details: a JSON mapping each, or empty for none at all.
    """

    usage_points: I64
    meters: I64
    moments: I64
    journals: I32
    codes: I32
    numbers: I32
    details: tuple[Mapping[str, Json], ...] = ()

    def __len__(self) -> int:
        return len(self.usage_points)

    @classmethod
    def empty(cls) -> Self:
        return cls.of([], [], [], [], [])

    @classmethod
    def of(
        cls,
        usage_points: npt.ArrayLike,
        meters: npt.ArrayLike,
        moments: npt.ArrayLike,
        journals: npt.ArrayLike,
        codes: npt.ArrayLike,
        *,
        numbers: npt.ArrayLike = 0,
        details: Sequence[Mapping[str, Json]] = (),
    ) -> Self:
        """A batch of anything that makes arrays; one value stands for all rows.

        moments: unix seconds or datetime64. Raises WrongEvents where lengths differ.
        """
        told = np.atleast_1d(np.asarray(moments))
        if told.dtype.kind == "M":
            told = told.astype("datetime64[s]")
        n = len(told)
        if len(details) not in (0, n):
            raise WrongEvents(f"{n} events, {len(details)} details")
        return cls(
            _spread(usage_points, n).astype(np.int64),
            _spread(meters, n).astype(np.int64),
            told.astype(np.int64),
            _spread(journals, n).astype(np.int32),
            _spread(codes, n).astype(np.int32),
            _spread(numbers, n).astype(np.int32),
            tuple(details),
        )

    @classmethod
    def of_meter(cls, usage_point: int, meter: int, rows: EventRows) -> Self:
        """What a meter's journals say, all of one meter at one point."""
        # Sixteen bits without a sign: the status of supply quality uses the highest.
        codes = rows.codes.astype(np.int32) & 0xFFFF
        return cls.of(usage_point, meter, rows.moments, rows.journals, codes, details=rows.details)

    @classmethod
    def joined(cls, batches: Sequence[EventBatch]) -> Self:
        """Several batches as one."""
        if not batches:
            return cls.empty()
        details: tuple[Mapping[str, Json], ...] = ()
        if any(batch.details for batch in batches):
            details = tuple(one for b in batches for one in (b.details or ({},) * len(b)))
        columns = {name: np.concatenate([getattr(b, name) for b in batches]) for name in COLUMNS}
        return cls(**columns, details=details)

    def take(self, chosen: Any) -> Self:
        """Some of the rows, by index or mask."""
        details = self.details
        if details:
            details = tuple(details[i] for i in np.arange(len(self))[chosen].tolist())
        columns = {name: getattr(self, name)[chosen] for name in COLUMNS}
        return replace(self, **columns, details=details)

    def keys(self) -> I64:
        """(n, 6) int64: usage point, moment, meter, journal, code, number."""
        return np.column_stack(
            [self.usage_points, self.moments, self.meters, self.journals, self.codes, self.numbers]
        ).astype(np.int64)


def _spread(told: npt.ArrayLike, n: int) -> npt.NDArray[Any]:
    array = np.asarray(told, np.int64)
    if array.ndim and len(array) != n:
        raise WrongEvents(f"{n} moments, {len(array)} of another column")
    return np.broadcast_to(array, (n,))
