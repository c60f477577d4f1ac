"""What an administrator may have erased with time: former versions, moments of the network.

Days and registers themselves are kept for ever, and so is all this until somebody sets a term
(design/rules.md, Personal data: metering data are kept for ever by default).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import models

from faza.readings.models import IntervalBlockVersion, Moment, RegisterReadingVersion

AT_ONCE = timedelta(days=31)
"""A stretch that is erased by one statement: an installation of years is not held up."""


def sweep_versions(before: datetime, at: datetime) -> int:
    """Erase what was replaced before a moment; how many days and readings.

    Questions as of an earlier moment find no value there any more: missing, never a later one.
    """
    return sum(
        _sweep(version, "replaced_at", before)
        for version in (IntervalBlockVersion, RegisterReadingVersion)
    )


def count_versions(before: datetime) -> int:
    """How much was replaced before a moment."""
    return sum(
        version._default_manager.filter(replaced_at__lt=before).count()
        for version in (IntervalBlockVersion, RegisterReadingVersion)
    )


def sweep_moments(before: datetime, at: datetime) -> int:
    """Erase voltages, currents, powers and angles that were measured before a moment."""
    return _sweep(Moment, "at", before)


def count_moments(before: datetime) -> int:
    """How many moments are older."""
    return Moment.objects.filter(at__lt=before).count()


def _sweep(model: type[models.Model], column: str, before: datetime) -> int:
    rows = model._default_manager.filter(**{f"{column}__lt": before})
    oldest = rows.aggregate(oldest=models.Min(column))["oldest"]
    count = 0
    for start, end in _stretches(oldest, before) if oldest else ():
        some = rows.filter(**{f"{column}__gte": start, f"{column}__lt": end})
        count += some._raw_delete(some.db)  # nothing refers to them
    return count


def _stretches(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, min(start + AT_ONCE, end)
        start += AT_ONCE
