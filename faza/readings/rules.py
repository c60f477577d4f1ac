"""Which of two deliveries of one interval stands. Pure, over arrays.

Decided by (rank of the source and quality, sequence), so the order of arrival does not matter.
Source: design/rules.md, "Readings"; ADR 6.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from faza.core.quality import ESTIMATED, Quality

I8 = npt.NDArray[np.int8]
U8 = npt.NDArray[np.uint8]

NOTHING, FORECAST, ESTIMATE, OPERATOR, MANUAL, DOUBTFUL, MEASURED, VALIDATED, OVERRIDE = range(9)
"""Ranks, ascending: forecast < estimated < operator's estimate < manual, approved
< measured, doubtful < measured < measured, validated; an override of a person above all."""

_RANK_OF_KIND = {
    "forecast": FORECAST, "estimate": ESTIMATE, "operator": OPERATOR, "manual": MANUAL,
    "override": OVERRIDE,
}  # fmt: skip
_MEASURED_KINDS = ("table", "message", "meter")

CONTENT_BITS = 23
"""How many low bits of a sequence tell two contents under one number apart."""


def _measured_ranks() -> I8:
    ranks = np.full(256, MEASURED, np.int8)
    ranks[[Quality.VALIDATED, Quality.VERIFIED, Quality.REVENUE]] = VALIDATED
    ranks[[Quality.QUESTIONABLE, Quality.MIXED]] = DOUBTFUL
    ranks[[Quality.EDITED]] = MANUAL
    ranks[list(ESTIMATED)] = ESTIMATE
    ranks[[Quality.FORECAST]] = FORECAST
    ranks[[Quality.MISSING, Quality.UNTOLD]] = NOTHING
    return ranks


_MEASURED = _measured_ranks()


def ranks_of(kind: str, quality: U8) -> I8:
    """Rank of each value of a source of this kind, whatever the shape; NOTHING where absent."""
    if kind in _MEASURED_KINDS:
        return _MEASURED[quality]
    fixed = np.full(256, _RANK_OF_KIND[kind], np.int8)
    fixed[[Quality.MISSING, Quality.UNTOLD]] = NOTHING
    return fixed[quality]


def sequence(number: int, content: bytes = b"") -> int:
    """A delivery's place among those of its source: its number, then its content's hash.

    `number` is the message number, or seconds (`moment`); two contents under one number are
    ordered by their hash, so that whichever comes first the same one stands. Fits a bigint for
    numbers below 2**40.
    """
    digest = hashlib.blake2b(content, digest_size=4).digest()
    return (number << CONTENT_BITS) + int.from_bytes(digest) % (1 << CONTENT_BITS)


def moment(at: datetime) -> int:
    """A moment as a number for `sequence`: whole seconds since 1970."""
    return int(at.astimezone(UTC).timestamp())
