"""The rows of a template: the registers of points with their last readings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from faza.core.reading_types import BY_CODE
from faza.core.units import to_unit
from faza.manual_entry import queries
from faza.manual_entry.bulk import BATCH, batches
from faza.manual_entry.queries import Due
from faza.manual_entry.table import Line
from faza.metering.models import Meter, UsagePoint


@dataclass(frozen=True, slots=True)
class Listed:
    """A point with its number of the meter; without one it has no dials."""

    due: Due
    meter: str

    @property
    def lines(self) -> Iterator[Line]:
        """Its rows in the template."""
        point = self.due.point
        for dial in self.due.dials:
            kind = BY_CODE[dial.reading_type]
            yield Line(
                point=point.code, name=point.name, address=point.address, meter=self.meter,
                register=dial.register, decimals=dial.decimals,
                last=None if dial.last is None else to_unit(dial.last, kind),
                last_on=day_of(dial.last_at, point.zone),
            )  # fmt: skip


def day_of(seconds: int | None, zone: str) -> date | None:
    """The civil day of unix seconds at a point."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone)).date()


def listed(points: Sequence[int], *, at: datetime) -> Iterator[Listed]:
    """Points by their ids with what is to be typed, by name; eleven queries for BATCH of them."""
    order = UsagePoint.objects.filter(pk__in=points) if len(points) <= BATCH else None
    if order is None:
        wanted = set(points)
        every = UsagePoint.objects.order_by("name_key", "code").values_list("pk", flat=True)
        keys = [key for key in every if key in wanted]
    else:
        keys = list(order.order_by("name_key", "code").values_list("pk", flat=True))
    for part in batches(keys, BATCH):
        found = UsagePoint.objects.select_related("node").in_bulk(part)
        dues = queries.due([found[key] for key in part if key in found], at=at)
        meters = [due.installed.meter for due in dues if due.installed is not None]
        numbers = dict(Meter.objects.filter(pk__in=meters).values_list("pk", "number"))
        for due in dues:
            yield Listed(due, numbers.get(due.installed.meter, "") if due.installed else "")


def lines(points: Sequence[int], *, at: datetime) -> Iterator[Line]:
    """The rows of a template of points."""
    for one in listed(points, at=at):
        yield from one.lines
