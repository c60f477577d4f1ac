"""All parameters of a point over a time as a table: a row an interval, a column a channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.http import HttpResponseBase, QueryDict
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet.choice import Point
from faza.cabinet.network import asked as asking
from faza.cabinet.network.course import Times
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import BY_CHANNEL
from faza.readings.network import queries
from faza.readings.network.queries import PARAMETERS, Course
from faza.ui import files as tables
from faza.ui import formats

FORMATS = {"csv": tables.as_csv, "xlsx": tables.as_xlsx}
PLACES = {"V": 1, "A": 3, "kW": 3, "kvar": 3, "kVA": 3, "Hz": 2, "°": 1}


def file(
    user: User, point: Point, format: str, query: QueryDict, *, at: datetime, address: str
) -> HttpResponseBase:
    """The file of an address. What staff take leaves an entry in the trail first."""
    asked = asking.read(query, point.zone, now=at)
    tz = ZoneInfo(point.zone)
    times = Times.of(asked.at or at, asked.length, tz)
    windows = access.windows_of(user, at=at, points=[point.id])
    names = [kind.channel for kind in PARAMETERS]
    course = queries.course(windows, names, Period(times.start, times.end))
    if user.role != User.Role.SUBSCRIBER:
        audit.note_export(
            of=user, by=user, at=at, points=[point.code],
            first=times.start.astimezone(tz).date(),
            last=(times.end - timedelta(seconds=1)).astimezone(tz).date(),
            channels=[name for name in names if name in course.values],
            format=format, address=address,
        )  # fmt: skip
    title = _("Network parameters, %(who)s") % {"who": point.name}
    return FORMATS[format](_rows(course, tz), title=title, name="network")


def _rows(course: Course, tz: ZoneInfo) -> Iterator[list[object]]:
    names = [kind.channel for kind in PARAMETERS if kind.channel in course.values]
    kinds = [BY_CHANNEL[name] for name in names]
    heads = [
        f"{kind.channel}, {formats.unit_name(kind.unit)}" if kind.unit else kind.channel
        for kind in kinds
    ]
    yield [_("From"), _("To"), *heads]
    columns = [np.round(course.values[kind.channel], PLACES.get(kind.unit, 3)) for kind in kinds]
    for place, start in enumerate(course.starts.tolist()):
        cells = [None if np.isnan(one[place]) else float(one[place]) for one in columns]
        begin = datetime.fromtimestamp(start, tz).replace(tzinfo=None)
        end = datetime.fromtimestamp(start + 60 * course.minutes, tz).replace(tzinfo=None)
        yield [begin, end, *cells]
