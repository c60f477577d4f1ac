"""What the page of history writes as words, as numbers and times: for its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from faza.cabinet.history.kept import Kept
from faza.cabinet.registers import wording
from faza.cabinet.registers.counting import Part
from faza.core.reading_types import ReadingType
from faza.core.units import to_unit


@dataclass(frozen=True, slots=True)
class Exact:
    """What a file says of a meter's part of a month: numbers, and civil times of the point."""

    ratio: Decimal | None = None
    opening: Decimal | None = None
    opened_at: datetime | None = None
    closing: Decimal | None = None
    closed_at: datetime | None = None
    used: Decimal | None = None


def of_part(part: Part, kind: ReadingType, zone: str) -> Exact:
    """What one meter counted, in units that people read; `zone`: whose civil time is told."""
    return Exact(
        ratio=Decimal(part.ratio.numerator) / Decimal(part.ratio.denominator),
        opening=to_unit(part.opening, kind) if part.opened_at else None,
        opened_at=_local(part.opened_at, zone),
        closing=to_unit(part.closing, kind) if part.closed_at else None,
        closed_at=_local(part.closed_at, zone),
        used=wording.exact(part.used, kind),
    )


def _local(seconds: int, zone: str) -> datetime | None:
    return datetime.fromtimestamp(seconds, ZoneInfo(zone)).replace(tzinfo=None) if seconds else None


def shares(known: Kept, day: date) -> tuple[Decimal | None, Decimal | None]:
    """Completeness and what of it is estimated, in per cent; tenths, rounded down."""
    expected, present, estimated = known.counts.get(day, (0, 0, 0))
    if not known.total or not expected:
        return None, None
    share = Decimal(1000 * present // expected) / 10
    return share, Decimal(1000 * estimated // present) / 10 if present else None
