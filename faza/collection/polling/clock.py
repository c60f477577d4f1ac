"""What is done about a meter's clock. Pure: values in, a verdict out.

Source: design/rules.md; a meter's clock may be corrected within limits, and not so that an
interval is cut in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from faza.collection.polling.work import ClockPolicy

SHIFT_TO = 900
"""Seconds that the method shift_time of COSEM's clock takes. Source: IEC 62056-6-2, Clock."""
MARGIN = 30
"""Seconds that a correction keeps away from the end of an interval: the session takes time."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Act(StrEnum):
    NOTHING = "nothing"
    TELL = "tell"
    """Only an event; it is not to be corrected, or was already."""
    LATER = "later"
    """It would be corrected, but now an interval would be cut: in the next session."""
    SHIFT = "shift"
    SET = "set"
    PERSON = "person"
    """Too far off: an event, and a person decides."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do. seconds: by how much to move the clock, above 0 forwards. tells: an event."""

    act: Act
    seconds: int = 0
    tells: bool = False


def verdict(
    offset: float,
    policy: ClockPolicy,
    *,
    at: datetime,
    corrections: int = 0,
    interval: int = 30,
    shift_to: int = SHIFT_TO,
) -> Verdict:
    """What to do about an offset (seconds, shown minus true) that was measured at the moment `at`.

    corrections: of the last 24 hours. interval: minutes of the load profile. shift_to: most
    seconds that this meter can be shifted by; it is set beyond, or where it can't be (0).
    """
    size = abs(offset)
    tells = size >= policy.tell_from
    if size < policy.correct_from:
        return Verdict(Act.TELL if tells else Act.NOTHING, tells=tells)
    if size > policy.correct_to:
        return Verdict(Act.PERSON, tells=True)
    if not policy.is_automatic or corrections >= policy.per_day:
        return Verdict(Act.TELL, tells=True)
    if cuts(offset, at=at, interval=interval):
        return Verdict(Act.LATER, tells=tells)
    act = Act.SHIFT if size <= shift_to else Act.SET
    return Verdict(act, -round(offset), tells)


def cuts(offset: float, *, at: datetime, interval: int) -> bool:
    """Whether a correction at this moment would move the clock over the end of an interval.

    Then the meter makes two rows of one interval, or a short one. An offset of half an interval
    or more crosses one at most moments: it is not waited for.
    """
    step = timedelta(minutes=interval)
    if 2 * (abs(offset) + 2 * MARGIN) >= step.total_seconds():
        return False
    low, high = min(offset, 0.0) - MARGIN, max(offset, 0.0) + MARGIN
    first, last = (at - EPOCH + timedelta(seconds=seconds) for seconds in (low, high))
    return first // step != last // step


def is_misplacing(offset: float | None, interval: int) -> bool:
    """Whether a clock so far off stamps rows with another interval than that of their energy."""
    return offset is not None and abs(offset) * 2 >= interval * 60
