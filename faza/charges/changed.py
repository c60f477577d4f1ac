"""Which days changed at any point, for those who remember sums of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Max

from faza.charges.models import ChangedDay
from faza.readings import marks

KNOWN = timedelta(days=800)
"""So far back changes are told; of earlier days nothing is remembered."""


def note(taken: marks.Taken, *, at: datetime) -> None:
    """Note that the marked days changed. Two queries.

    Comes after what was made of them is stored and before the marks go: killed between, it is
    noted twice.
    """
    low, high = np.datetime64(earliest(at)), np.datetime64(at.date() + timedelta(days=2))
    days = np.arange(low, high)
    begins = np.searchsorted(days, taken.first_days.astype("datetime64[D]"))
    ends = np.searchsorted(days, taken.last_days.astype("datetime64[D]"), side="right")
    count = np.zeros(len(days) + 1, np.int64)
    np.add.at(count, begins, 1)
    np.add.at(count, np.maximum(ends, begins), -1)
    changed = days[np.cumsum(count)[:-1] > 0]
    if not len(changed):
        return
    number = (ChangedDay.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    ChangedDay.objects.bulk_create(
        [ChangedDay(day=day, number=number) for day in changed.tolist()],
        update_conflicts=True, unique_fields=["day"], update_fields=["number"],
    )  # fmt: skip


def earliest(at: datetime) -> date:
    """The first day of which changes are told."""
    return at.date() - KNOWN


def numbers(first: date, end: date) -> dict[date, int]:
    """The numbers of the last changes of the days [first, end) that changed. One query."""
    found = ChangedDay.objects.filter(day__gte=first, day__lt=end)
    return dict(found.values_list("day", "number"))
