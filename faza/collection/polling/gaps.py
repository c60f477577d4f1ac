"""What is missing of load profiles, and is to be asked for: youngest first, and bounded.

What is missing is seen in the interval store alone: so it does not matter how a value came, or
how it was lost. A fixed number of queries for any number of devices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.collection.polling import lost
from faza.collection.polling.work import Stretch
from faza.core.periods import Period, start_of_day
from faza.core.quality import Quality, is_present
from faza.core.windows import Window, Windows
from faza.readings.queries.profiles import Profile, profiles

I64 = npt.NDArray[np.int64]

SETTLE = timedelta(minutes=2)
"""So long after its end an interval is looked for: meters write rows when their clocks say so."""
RECENT = timedelta(days=3)
"""Devices that are whole up to here are looked at apart from those with old gaps."""
BRIDGE = 3 * 3600
"""Seconds between two gaps that are read rather than asked around: a question is a round trip."""
MOST_STRETCHES = 20
"""Of one session; a meter with more holes gets the others next."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A load profile to look at: `which` of a meter at a point.

    channels: codes of those that are to be there. since: from when the meter stands there, or the
    moment up to which all is known. too_old: what ended before it is not asked for any more.
    is_fine: a remainder is carried within days, so days are read as a whole. most: intervals in
    one session.
    """

    device: int
    which: int
    usage_point: int
    zone: str
    channels: tuple[int, ...]
    since: datetime
    too_old: datetime
    is_fine: bool = False
    most: int = 480


@dataclass(frozen=True, slots=True)
class Missing:
    """What is to be read of a profile, youngest first.

    has_more: there is more than this. whole_to: nothing is missing before it but what is lost.
    old: too old to be asked for.
    """

    stretches: tuple[Stretch, ...]
    has_more: bool
    whole_to: datetime
    old: tuple[Stretch, ...] = ()


def missing(wanted: Sequence[Wanted], *, at: datetime) -> dict[tuple[int, int], Missing]:
    """What is missing by (device, profile), of all of `wanted`. At most nine queries."""
    until = at - SETTLE
    gone = lost.believed({one.usage_point for one in wanted})
    found: dict[tuple[int, int], Missing] = {}
    for which in sorted({one.which for one in wanted}):
        for is_recent in (True, False):
            part = [
                one
                for one in wanted
                if one.which == which and (one.since >= at - RECENT) == is_recent
            ]
            for one, channels in _profiles(part, until):
                found[one.device, which] = _of(
                    one, channels, gone.get((one.usage_point, which), lost.NONE), until
                )
    return found


def _profiles(wanted: Sequence[Wanted], until: datetime) -> list[tuple[Wanted, list[Profile]]]:
    """The stored profiles of each, from its `since` on."""
    asked = [one for one in wanted if one.since < until and one.channels]
    windows = Windows.merged(
        Window(one.usage_point, one.zone, Period(one.since, until)) for one in asked
    )
    kinds = {code for one in asked for code in one.channels}
    by_point: dict[int, list[Profile]] = {}
    if asked:
        whole = Period(min(one.since for one in asked), until)
        # As delivered: what was estimated, or does not stand, is measured all the same.
        for profile in profiles(windows, kinds, whole, until=until, delivered=True):
            by_point.setdefault(profile.usage_point, []).append(profile)
    return [
        (one, [p for p in by_point.get(one.usage_point, ()) if p.reading_type in one.channels])
        for one in wanted
    ]


def _of(one: Wanted, channels: list[Profile], gone: I64, until: datetime) -> Missing:
    spans = [_holes(profile, one.since) for profile in channels]
    spans = [span for span in spans if len(span)]
    if not spans:
        return Missing((), False, max(one.since, until))
    holes = np.unique(np.concatenate(spans), axis=0)
    holes = holes[~lost.covers(gone, holes)]
    if not len(holes):
        return Missing((), False, max(one.since, until))
    is_old = holes[:, 1] <= int(one.too_old.timestamp())
    old, holes = runs(holes[is_old], 0), holes[~is_old]
    if not len(holes):
        return Missing((), False, max(one.since, until), _stretches(old))
    chosen = runs(holes[-one.most :], BRIDGE)[-MOST_STRETCHES:]
    has_more = bool(holes[0, 0] < chosen[0, 0])
    if one.is_fine:
        chosen = _whole_days(chosen, one, channels)
    whole_to = datetime.fromtimestamp(int(holes[0, 0]), UTC)
    return Missing(_stretches(chosen)[::-1], has_more, whole_to, _stretches(old))


def _holes(profile: Profile, since: datetime) -> I64:
    """(h, 2) start and end of the intervals without an own value: what was measured for a moment
    only (RAW) stands in for the interval's value, which is still wanted."""
    here = ~is_present(profile.quality) | (profile.quality == Quality.RAW)
    here &= profile.starts >= int(since.timestamp())
    return np.column_stack([profile.starts[here], profile.ends[here]])


def runs(spans: I64, bridge: int) -> I64:
    """Sorted spans (n, 2) joined where at most `bridge` seconds are between them: (m, 2)."""
    if not len(spans):
        return spans.reshape(0, 2)
    ends = np.maximum.accumulate(spans[:, 1])
    breaks = np.flatnonzero(spans[1:, 0] - ends[:-1] > bridge)
    starts = spans[np.concatenate([[0], breaks + 1]), 0]
    return np.column_stack([starts, ends[np.concatenate([breaks, [len(spans) - 1]])]])


def _whole_days(chosen: I64, one: Wanted, channels: Sequence[Profile]) -> I64:
    """Stretches from the beginning to the end of their civil days, as far as these are over and
    the meter stood there: what fills a gap changes the remainders of what comes after it."""
    begins = np.concatenate([profile.starts for profile in channels])
    first = int(begins[begins >= int(one.since.timestamp())].min())
    last = max(int(profile.ends.max(initial=0)) for profile in channels)
    wide = [
        (max(first, _midnight(start, one.zone)), min(last, _midnight(end - 1, one.zone, 1)))
        for start, end in chosen.tolist()
    ]
    return runs(np.array(wide, np.int64), 0)


def _midnight(moment: int, zone: str, later: int = 0) -> int:
    """When the civil day of a moment begins, or one so many days later; unix seconds."""
    day = datetime.fromtimestamp(moment, ZoneInfo(zone)).date() + timedelta(days=later)
    return int(start_of_day(day, zone).timestamp())


def _stretches(spans: I64) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
        for start, end in spans.tolist()
    )
