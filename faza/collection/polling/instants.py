"""Values of a moment as they were told, beside the intervals for which they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from faza.collection.polling import placing, stays
from faza.collection.polling.stays import Stay
from faza.collection.polling.work import SessionResult
from faza.core.reading_types import BY_CODE
from faza.readings.network.moments import Moment

AHEAD = timedelta(minutes=30)
"""A moment that a meter dates later than so is of a clock that is wrong."""


def moments_of(
    results: Sequence[SessionResult], standing: Mapping[int, list[Stay]], *, at: datetime
) -> Iterator[Moment]:
    """The moments of all answers, on the primary side, of meters that settle a point then."""
    for result in results:
        told, device = result.instant, result.device
        if told is None or told.at > at + AHEAD:
            continue
        of_meter = [stay for stay in standing.get(device.meter, ()) if stay.is_billing]
        moment = told.at.replace(microsecond=0)
        stay = stays.at(of_meter, int(moment.timestamp()))
        if stay is None:
            continue
        values = {}
        for code, value in told.values.items():
            kind = BY_CODE.get(code)
            if kind is not None and not kind.additive:
                one = np.array([value], np.int64)
                ratio = stays.ratio(stay, kind)
                values[code] = int(placing.primary(one, ratio, (1,), additive=False)[0])
        if values:
            yield Moment(stay.usage_point, device.meter, moment, values)
