"""The tariff's zone of each interval: T1, T2, … as the agreement of the time has them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from faza.charges.models import AgreementTariff
from faza.charges.stays import Stay, stays_of
from faza.contracts.models import CustomerAgreement
from faza.core.periods import Period, start_of_day
from faza.core.windows import Windows
from faza.reports.gathering import I64, civil
from faza.tariffs.queries import books
from faza.tariffs.rules.book import PriceBook

MOST = 8
"""Zones of the day that a tariff may have."""
DAY = timedelta(days=1)
EPOCH = 1970


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones of the day of points in a stretch of civil days, by agreements and tariffs.

    spans: of each point (start, end, tariff), unix seconds, within what somebody may see.
    """

    spans: Mapping[int, tuple[tuple[int, int, int], ...]]
    books: Mapping[int, PriceBook]
    first: date
    _made: dict[tuple[int, str, int, int, int], I64] = field(default_factory=dict)

    def numbers(self, point: int, starts: I64, zone: str) -> I64:
        """(n,) the zone's number of intervals that begin at unix seconds; 0 where not known."""
        found = np.zeros(len(starts), np.int64)
        for low, high, tariff in self.spans.get(point, ()) if len(starts) else ():
            mine = slice(*np.searchsorted(starts, (low, high)).tolist())
            found[mine] = self._of_tariff(tariff, starts, zone)[mine]
        return found

    def most(self, points: Collection[int]) -> int:
        """The greatest number of zones that a tariff of these points has; 0 where none has two."""
        ids = {tariff for point in points for _, _, tariff in self.spans.get(point, ())}
        counts = [
            len({row.number for row in book.zones_on(self.first) or book.zones})
            for book in (self.books[tariff] for tariff in ids)
        ]
        most = max(counts, default=0)
        return min(most, MOST) if most > 1 else 0

    def named(self, points: Collection[int]) -> dict[int, set[str]]:
        """What the tariffs that have several zones call them, by number."""
        ids = {tariff for point in points for _, _, tariff in self.spans.get(point, ())}
        called: dict[int, set[str]] = defaultdict(set)
        for tariff in ids:
            rows = self.books[tariff].zones_on(self.first)
            for row in rows if len(rows) > 1 else ():
                called[row.number].add(row.name)
        return called

    def names(self, points: Collection[int]) -> dict[int, str]:
        """The same, only where all call it alike."""
        told = self.named(points).items()
        return {number: min(names) for number, names in told if len(names) == 1}

    def _of_tariff(self, tariff: int, starts: I64, zone: str) -> I64:
        book = self.books[tariff]
        wall = book.tariff.zone_of_hours or zone
        key = (tariff, wall, len(starts), int(starts[0]), int(starts[-1]))
        if key not in self._made:
            moments = civil(starts, wall)
            days = moments.astype("datetime64[D]")
            minutes = (moments - days).astype(np.int64)
            found = np.zeros(len(starts), np.int64)
            # In the order of time, but for hours that come twice, days do not go back.
            edges = np.flatnonzero(np.append(True, days[1:] != days[:-1]))
            for low, high in zip(edges, [*edges[1:].tolist(), len(days)], strict=True):
                day = days[low].astype(object)
                told = np.array(book.zone_of_minutes(day), np.int64)
                if len(told):
                    found[low:high] = told[minutes[low:high]]
            self._made[key] = found
        return self._made[key]


def zones_of(windows: Windows, first: date, end: date) -> Zones:
    """The zones of the day of the windows' points in [first, end). Twelve queries at most."""
    stays = stays_of(windows.points)
    tariffs = _tariffs({stay.agreement for found in stays.values() for stay in found})
    spans: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for window in windows:
        seen = window.period.intersect(Period.of_days(first, end, window.zone))
        for stay in stays.get(window.usage_point, ()) if seen else ():
            for part in stay.within(seen or window.period):
                spans[window.usage_point] += _dated(part, stay, tariffs, window.zone)
    used = {tariff for found in spans.values() for _, _, tariff in found}
    known = books(used, first - DAY, end + DAY) if used else {}
    return Zones({point: tuple(sorted(found)) for point, found in spans.items()}, known, first)


Dated = Mapping[int, Sequence[tuple[date, int | None]]]


def _tariffs(agreements: Collection[int]) -> Dated:
    """The dated tariffs of agreements, ascending; the present one where none is noted yet.

    Two queries. It notes nothing: that is for the keeping of months.
    """
    found: dict[int, list[tuple[date, int | None]]] = defaultdict(list)
    rows = AgreementTariff.objects.filter(agreement__in=agreements)
    for agreement, since, tariff in rows.order_by("agreement_id", "valid_from").values_list(
        "agreement_id", "valid_from", "tariff_id"
    ):
        found[agreement].append((since, tariff))
    present = CustomerAgreement.objects.filter(pk__in=agreements).values_list("pk", "tariff_id")
    for agreement, tariff in present:
        if not found[agreement]:
            found[agreement].append((date.min, tariff))
    return found


def _dated(part: Period, stay: Stay, tariffs: Dated, zone: str) -> list[tuple[int, int, int]]:
    """A part of a stay cut where its tariff changes; the tariff before the first date is that."""
    rows = tariffs.get(stay.agreement, ())
    if not rows:
        return []
    edges = [_seconds(since, zone) for since, _ in rows]
    low, high = int(part.start.timestamp()), int(part.end.timestamp())
    first = max(0, bisect_right(edges, low) - 1)
    found = []
    for place in range(first, len(rows)):
        start = low if place == first else edges[place]
        stop = min(high, edges[place + 1]) if place + 1 < len(rows) else high
        tariff = rows[place][1]
        if start < stop and tariff is not None:
            found.append((start, stop, tariff))
    return found


def _seconds(day: date, zone: str) -> int:
    """The start of a civil day; what has always been begins in 1970."""
    return int(start_of_day(day, zone).timestamp()) if day.year >= EPOCH else 0


__all__ = ["MOST", "Zones", "zones_of"]
