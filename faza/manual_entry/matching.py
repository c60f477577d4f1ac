"""What rows of a file mean at the points that a person reaches: readings to send, and faults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import AgreementPoint
from faza.manual_entry import queries
from faza.manual_entry.bulk import BATCH, Sending, batches
from faza.manual_entry.dials import Dial
from faza.manual_entry.models import Entry
from faza.manual_entry.queries import Due
from faza.manual_entry.table import METER, POINT, READ_AT, REGISTER, VALUE, Fault, Row, Told
from faza.manual_entry.table import register_word as word
from faza.metering.models import Meter, UsagePoint
from faza.protocols.tabular.words import plain

OLDEST = timedelta(days=62)
"""A sheet of a round is typed in by the end of the month after it. A choice of ours."""


@dataclass(slots=True)
class Matched:
    """Some points of a file: what to send, with the lines by point, and what is wrong."""

    sendings: list[Sending] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lines: dict[int, dict[int, Row]] = field(default_factory=dict)
    """By the point's id, the row of each register."""


class Reach:
    """The points that a person may send readings of in some way at a moment."""

    def __init__(self, user: User, way: Entry.Way, *, at: datetime) -> None:
        self.user, self.way, self.at = user, way, at
        self._own: set[int] | None = None
        if way != Entry.Way.ROUND:
            windows = queries.may_type(user, at=at)
            self._own = {one.usage_point for one in windows if one.period.end >= at}

    def points(self, codes: Sequence[str]) -> dict[str, UsagePoint]:
        """Those of some codes, by code; a foreign one is absent as one that is not there."""
        if self._own is None:
            worked = access.worked_points_of(self.user, at=self.at)
            rows = worked.filter(code__in=codes).select_related("node")
        else:
            rows = UsagePoint.objects.filter(code__in=codes).select_related("node")
        return {
            point.code: point for point in rows if self._own is None or point.pk in self._own
        }  # fmt: skip

    def all_points(self) -> list[int]:
        """The ids of all of them."""
        if self._own is not None:
            return sorted(self._own)
        return list(access.worked_points_of(self.user, at=self.at).values_list("pk", flat=True))

    def customers(self, points: Sequence[UsagePoint]) -> dict[int, int]:
        """Whose the points are for a person who types as their customer. One query."""
        if self._own is None:
            return {}
        own = access.own_agreements_of(self.user, at=self.at)
        rows = AgreementPoint.objects.covering_at(self.at).filter(
            usage_point__in=points, agreement__in=own
        )
        return dict(rows.values_list("usage_point", "agreement__customer"))


def matched(told: Told, reach: Reach) -> Iterator[Matched]:
    """The rows of a file, BATCH points at a time. Of a point with a bad row nothing is sent."""
    spoilt = {fault.point: fault.line for fault in told.faults if fault.point}
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in told.rows:
        by_code[row.point].append(row)
    for codes in batches(list(by_code), BATCH):
        yield _matched({code: by_code[code] for code in codes}, spoilt, reach)


def _matched(
    by_code: Mapping[str, list[Row]], spoilt: Mapping[str, int], reach: Reach
) -> Matched:  # fmt: skip
    found = Matched()
    points = reach.points(list(by_code))
    moments: dict[datetime, list[UsagePoint]] = defaultdict(list)
    for code, rows in by_code.items():
        point = points.get(code)
        if code in spoilt:
            found.faults += [_with(row, spoilt[code]) for row in rows]
        elif point is None:
            found.faults.append(_fault(rows[0], "no-such-point", POINT, code))
        else:
            moment = _moment(point, rows, reach, found)
            if moment is not None:
                moments[moment].append(point)
    customers = reach.customers([point for several in moments.values() for point in several])
    for moment, several in moments.items():
        dues = queries.due(several, at=moment)
        numbers = _numbers(dues)
        for due in dues:
            rows = by_code[due.point.code]
            shown = _shown(due, rows, numbers, found)
            if shown is not None:
                key = due.point.pk
                found.lines[key] = shown
                values = {number: _quanta(due, number, row) for number, row in shown.items()}
                found.sendings.append(Sending(due, values, moment, customers.get(key)))
    return found


def _moment(
    point: UsagePoint, rows: Sequence[Row], reach: Reach, found: Matched
) -> datetime | None:  # fmt: skip
    """When the meter was read: as the rows say of a round, else the moment of sending."""
    if reach.way != Entry.Way.ROUND:
        return reach.at
    walls = {row.read_at for row in rows if row.read_at is not None}
    if len(walls) > 1:
        found.faults += [_fault(row, "two-dates", READ_AT, str(row.read_at)) for row in rows]
        return None
    if not walls:
        return reach.at
    zone = ZoneInfo(point.zone)
    moment = walls.pop().replace(tzinfo=zone).astimezone(reach.at.tzinfo)
    local = reach.at.astimezone(zone)
    if moment > reach.at and moment.astimezone(zone).date() == local.date():
        return reach.at  # today's noon, before noon
    if not reach.at - OLDEST <= moment <= reach.at:
        code = "in-future" if moment > reach.at else "too-old"
        text = f"{moment.astimezone(zone):%d.%m.%Y}"
        found.faults += [_fault(row, code, READ_AT, text, f"{local:%d.%m.%Y}") for row in rows]
        return None
    return moment


def _numbers(dues: Sequence[Due]) -> dict[int, str]:
    """The numbers of the meters that stand, by id. One query."""
    meters = [due.installed.meter for due in dues if due.installed is not None]
    return dict(Meter.objects.filter(pk__in=meters).values_list("pk", "number"))


def _shown(
    due: Due, rows: Sequence[Row], numbers: Mapping[int, str], found: Matched
) -> dict[int, Row] | None:
    """The row of each register; None where one is wrong or missing, which is told."""
    if due.installed is None or not due.dials:
        found.faults.append(_fault(rows[0], "no-meter", METER, rows[0].meter))
        return None
    dials = {dial.register: dial for dial in due.dials}
    shown: dict[int, Row] = {}
    faults: list[Fault] = []
    for row in rows:
        fault = _of_row(row, due, dials, numbers[due.installed.meter], shown)
        if fault is not None:
            faults.append(fault)
    missing = [word(number) for number in dials if number not in shown]
    if missing and not faults:
        faults.append(_fault(rows[0], "half", VALUE, "", ", ".join(missing)))
    if faults:
        bad = {fault.line for fault in faults}
        faults += [_with(row, faults[0].line) for row in rows if row.line not in bad]
        found.faults += faults
        return None
    return shown


def _of_row(
    row: Row, due: Due, dials: Mapping[int, Dial], number: str, shown: dict[int, Row]
) -> Fault | None:
    """What is wrong with a row of a meter; else it is put among what is shown."""
    if row.meter and plain(row.meter) != plain(number):
        return _fault(row, "other-meter", METER, row.meter, number)
    due_words = ", ".join(word(one) for one in dials)
    if row.register is None and len(dials) > 1:
        return _fault(row, "which-register", REGISTER, "", due_words)
    register = next(iter(dials)) if row.register is None else row.register
    dial = dials.get(register)
    if dial is None:
        return _fault(row, "not-this-register", REGISTER, word(register), due_words)
    if register in shown:
        return _fault(row, "twice", REGISTER, word(register), str(shown[register].line))
    # Of a typed number the exponent is an int: neither infinite nor none.
    places = -cast(int, row.value.normalize().as_tuple().exponent)
    if places > dial.decimals:
        return _fault(row, "too-fine", VALUE, f"{row.value:f}", str(dial.decimals))
    if row.value * dial.quantum >= dial.capacity:
        most = Decimal(dial.capacity) / dial.quantum - Decimal(1).scaleb(-dial.decimals)
        return _fault(row, "too-large", VALUE, f"{row.value:f}", f"{most:f}")
    shown[register] = row
    return None


def _quanta(due: Due, register: int, row: Row) -> int:
    quantum = next(dial.quantum for dial in due.dials if dial.register == register)
    return int(row.value * quantum)


def _fault(row: Row, code: str, column: str, text: str = "", expected: str = "") -> Fault:
    return Fault(row.line, code, column, text, expected, row.point)


def _with(row: Row, line: int) -> Fault:
    """A good row of a point of which nothing is taken."""
    return Fault(row.line, "with-other", VALUE, f"{row.value:f}", str(line), row.point)
