"""The incremental round: months of marked days are made anew, and the marks dropped.

Killed at any moment it is begun again: rows of a month are replaced in one transaction, marks go
after their months, and what was made twice is the same.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import InterfaceError, OperationalError
from django.db.models import Min

from faza.charges import changed, months, stays, store, substituting
from faza.charges.models import ChargeMonth, KeptUntil
from faza.charges.queries import MONTHS, kept_until
from faza.charges.rules.volumes import following, previous
from faza.metering.models import UsagePoint
from faza.readings import marks
from faza.readings.models import Mark
from faza.readings.vee.marking import mark_points
from faza.tariffs.queries import books

LOG = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
POINTS = 500
"""Points whose marks are taken at a time."""
TOGETHER = 200
"""Points whose months are made together; bounds memory and how long SQLite's writer is held."""
STUCK = timedelta(hours=1)
"""Marks that wait longer are of points that cannot be worked: the log names them."""
Months = dict[tuple[str, date], list[int]]
"""Points by their zone and the first day of a month."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What a round did: points and months that were made anew; failed: points that could not."""

    points: int = 0
    months: int = 0
    failed: int = 0

    def __add__(self, other: Worked) -> Worked:
        return Worked(
            self.points + other.points, self.months + other.months, self.failed + other.failed
        )


def keep(*, at: datetime, progress: Progress | None = None) -> Worked:
    """Make the months of all marked days anew; then tell up to when they hold.

    The first round of all marks every point. progress(done, waiting) may raise between batches.
    """
    if kept_until() is None and not Mark.objects.filter(purpose=marks.KEEP).exists():
        mark_points(
            UsagePoint.objects.values_list("pk", flat=True), None, None, at=at, purpose=marks.KEEP
        )
    done, after = Worked(), 0
    while len(taken := marks.take(POINTS, after=after, purpose=marks.KEEP)):
        after = int(taken.usage_points.max())
        for points in _chunks(np.unique(taken.usage_points).tolist()):
            mine = taken.of(points)
            worked, failed = _each(mine, at=at)
            done += worked
            changed.note(mine, at=at)
            marks.drop(mine.of([point for point in points if point not in failed]))
            if progress is not None:
                progress(done.points, marks.waiting(marks.KEEP))
    tell_until(at)
    return done


def tell_until(at: datetime) -> None:
    """Note that whatever changed before `at` is kept, but for what still waits in marks."""
    waiting = Mark.objects.filter(made_at__gt=at - STUCK).aggregate(oldest=Min("made_at"))
    until = min(at, waiting["oldest"] or at)
    known = kept_until()
    KeptUntil.objects.update_or_create(
        name=MONTHS, defaults={"as_of": max(until, known) if known else until}
    )


def _each(taken: marks.Taken, *, at: datetime) -> tuple[Worked, set[int]]:
    """A batch, and where it fails its halves: what was done, and the points that failed alone."""
    points = np.unique(taken.usage_points).tolist()
    try:
        return work(_months(taken, at), at=at), set()
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(points) == 1:
            LOG.exception("months of point %s cannot be made", points[0])
            return Worked(failed=1), set(points)
    done, failed = Worked(), set[int]()
    for half in (points[: len(points) // 2], points[len(points) // 2 :]):
        part, left = _each(taken.of(half), at=at)
        done, failed = done + part, failed | left
    return done, failed


def work(wanted: Months, *, at: datetime) -> Worked:
    """Make months of points anew, a transaction each month.

    Where a month has no intervals a reading bounds the months beside it too: those that are kept
    are made anew as well.
    """
    points = sorted({point for of_month in wanted.values() for point in of_month})
    if not wanted:
        return Worked(points=len(points))
    of_points = stays.stays_of(points)
    kinds = {stay.agreement: stay.kind for of in of_points.values() for stay in of}
    tariffs = {zone: stays.tariffs_of(kinds, zone, at=at) for zone in {zone for zone, _ in wanted}}
    ids = {tariff for one in tariffs.values() for tariff in one.ids}
    of_tariffs = [month for _, month in wanted]
    ready = months.Books(
        books(ids, previous(min(of_tariffs)), following(following(max(of_tariffs))))
    )

    def make(chosen: Months) -> set[tuple[str, date, int]]:
        """Make months; those of points without intervals come back."""
        silent = set()
        # Oldest first: a month without readings is billed by those before it.
        for (zone, month), mine in sorted(chosen.items(), key=lambda one: one[0][1]):
            made = months.make(mine, zone, month, of_points, tariffs[zone], ready, at=at)
            instead = substituting.rows_of(made.charges, kinds, zone, month)
            store.put(mine, month, made.zones, made.charges, instead)
            silent |= {
                (zone, month, row.usage_point_id) for row in made.charges if not row.n_present
            }
        return silent

    beside = _beside(make(wanted), wanted)
    make(beside)
    return Worked(len(points), sum(len(of) for one in (wanted, beside) for of in one.values()))


def _beside(silent: set[tuple[str, date, int]], done: Months) -> Months:
    """The kept months before and after months of points that were not made just now. One query."""
    near = {
        (zone, month, point)
        for zone, made, point in silent
        for month in (previous(made), following(made))
        if point not in done.get((zone, month), ())
    }
    if not near:
        return {}
    rows = ChargeMonth.objects.filter(
        usage_point__in={point for *_, point in near}, month__in={month for _, month, _ in near}
    )
    kept = set(rows.values_list("month", "usage_point_id"))
    found: dict[tuple[str, date], set[int]] = defaultdict(set)
    for zone, month, point in near:
        if (month, point) in kept:
            found[zone, month].add(point)
    return {key: sorted(points) for key, points in sorted(found.items())}


def _months(taken: marks.Taken, at: datetime) -> Months:
    """The months that marked days are in, as far as they have begun; points gone since are left
    out. One query."""
    zones = dict(
        UsagePoint.objects.filter(pk__in=np.unique(taken.usage_points).tolist()).values_list(
            "pk", "zone"
        )
    )
    found: dict[tuple[str, date], set[int]] = defaultdict(set)
    for point, first, last in zip(
        taken.usage_points.tolist(),
        taken.first_days.astype("datetime64[D]").tolist(),
        taken.last_days.astype("datetime64[D]").tolist(),
        strict=True,
    ):
        zone = zones.get(point)
        if zone is None:
            continue
        today = at.astimezone(ZoneInfo(zone)).date()
        month, last = first.replace(day=1), min(last, today)
        while month <= last:
            found[zone, month].add(point)
            month = following(month)
    return {key: sorted(points) for key, points in sorted(found.items())}


def _chunks(points: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(points), TOGETHER):
        yield points[start : start + TOGETHER]
