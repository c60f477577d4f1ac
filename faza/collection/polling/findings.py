"""What the collection itself finds out about meters: told once, when it begins, as events.

Journal 1003 of `events.catalogue`: number of the code → what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from faza.collection.models import Device
from faza.collection.polling import stays
from faza.collection.polling.stays import Stay
from faza.collection.polling.work import ClockPolicy, Outcome, Problem, SessionResult
from faza.events.batches import EventBatch
from faza.events.catalogue import COLLECTION
from faza.protocols.metered import Json

Tell = Callable[[int, Mapping[str, Json]], None]
LINK_LOST, LINK_BACK, DENIED, OTHER_METER, CLOCK_OFF, CLOCK_FAR, SHIFTED, SET = range(1, 9)
CONFIGURED = 12
LEAST_DIGITS = 6
"""Some meters tell a longer number than stands on their plate."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An event of the collection's own."""

    usage_point: int
    meter: int
    at: datetime
    code: int
    details: Mapping[str, Json] = field(default_factory=dict)


def checked(result: SessionResult) -> SessionResult:
    """A session as it is, or as one with another meter, if it says another number."""
    if result.identity is None or not is_other(result.identity.number, result.device.number):
        return result
    words = f"Meter {result.identity.number} answers instead of {result.device.number}."
    return replace(
        result, problem=Problem.OTHER_METER, words=words, outcome=Outcome.FAILED, tasks=()
    )


def is_other(said: str, expected: str) -> bool:
    """Whether a number that a meter says is another than that on its card.

    Leading zeros and the letters' case do not count, nor does what a longer one has before it.
    """
    one, other = (number.strip().lstrip("0").casefold() for number in (said, expected))
    if not one or not other or one == other:
        return False
    short, long = sorted((one, other), key=len)
    return not (len(short) >= LEAST_DIGITS and long.endswith(short))


def events_of(
    results: Sequence[SessionResult],
    devices: Mapping[int, Device],
    standing: Mapping[int, list[Stay]],
) -> list[Finding]:
    """What changed with these sessions; `devices` are as they were before them."""
    found: list[Finding] = []
    for result in results:
        device, stay = devices[result.device.id], _stay(result, standing)
        if stay is None:
            continue

        def tell(
            code: int, details: Mapping[str, Json], point: int = stay.usage_point,
            meter: int = result.device.meter, at: datetime = result.ended_at,
        ) -> None:  # fmt: skip
            found.append(Finding(point, meter, at.replace(microsecond=0), code, details))

        _link(device, result, tell)
        if result.problem != Problem.OTHER_METER:
            _clock(device, result, tell)
    return found


def _link(device: Device, result: SessionResult, tell: Tell) -> None:
    if result.problem != device.problem:
        if result.problem == Problem.DENIED:
            tell(DENIED, {})
        if result.problem == Problem.OTHER_METER:
            said = result.identity.number if result.identity else ""
            tell(OTHER_METER, {"number": said})
    lost_from = device.plan.retries + 1
    if result.outcome == Outcome.FAILED and device.failures + 1 == lost_from:
        tell(LINK_LOST, {"problem": str(result.problem)})
    if result.outcome != Outcome.FAILED and device.failures >= lost_from:
        tell(LINK_BACK, {})


def _clock(device: Device, result: SessionResult, tell: Tell) -> None:
    policy = result.device.clock
    before = _size(device.clock_offset, policy)
    if result.clock_change is not None:
        change = result.clock_change
        told: dict[str, Json] = {
            "before": round(change.before.offset, 1), "after": round(change.after.offset, 1)
        }  # fmt: skip
        tell(SHIFTED if change.how == "shift" else SET, told)
    measured = result.clock_change.before if result.clock_change else result.clock
    if measured is not None and (size := _size(measured.offset, policy)) > before:
        code = CLOCK_FAR if size == 2 else CLOCK_OFF
        tell(code, {"offset": round(measured.offset, 1)})


def _size(offset: float | None, policy: ClockPolicy) -> int:
    """0: right, 1: off, 2: so far off that only a person may correct it."""
    if offset is None or abs(offset) < policy.tell_from:
        return 0
    return 2 if abs(offset) > policy.correct_to else 1


def changes(
    results: Sequence[SessionResult], changed: Collection[int], standing: Mapping[int, list[Stay]]
) -> list[Finding]:
    """Meters of which the settings were found to be others."""
    found = []
    for result in results:
        stay = _stay(result, standing)
        if stay is not None and result.device.meter in changed:
            moment = result.ended_at.replace(microsecond=0)
            found.append(Finding(stay.usage_point, result.device.meter, moment, CONFIGURED))
    return found


def batch(found: Sequence[Finding]) -> EventBatch:
    return EventBatch.of(
        [one.usage_point for one in found],
        [one.meter for one in found],
        [int(one.at.timestamp()) for one in found],
        COLLECTION,
        [one.code for one in found],
        details=[one.details for one in found],
    )


def _stay(result: SessionResult, standing: Mapping[int, list[Stay]]) -> Stay | None:
    return stays.at(standing.get(result.device.meter, ()), int(result.ended_at.timestamp()))
