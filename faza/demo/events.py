"""What happened in the demo grid: journals of meters, modems and concentrators, and the collection.

It goes with the scenario: where data are missing the link was lost, where readings are doubted
the meter says why. All the rest repeats by the calendar, so that later days have events too.
Those who are warned by mail of such things are not: it is history when the demo is made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.demo import plan
from faza.demo.plan import POINTS, Point
from faza.demo.scenario import BY_MESSAGE, SILENT, STEP, Scenario
from faza.events import services
from faza.events.batches import EventBatch
from faza.events.catalogue import COLLECTION, CONCENTRATOR, MODEM
from faza.events.kinds import ConcentratorSays, Device, Found, ModemSays, Pair
from faza.events.services import DeviceEvent
from faza.metering.models import MeteringComplex, NetworkNode
from faza.protocols.metered import Json

DAY = timedelta(days=1)
OFF, ON = (2, 1), (2, 2)
DIP, DIP_OVER, HIGH, HIGH_OVER, LOW, LOW_OVER = (0, 21), (0, 22), (0, 7), (0, 8), (0, 9), (0, 10)
TANGENT, TANGENT_OVER, CORRECTED, MONTHLY, TARIFF = (8, 1), (8, 2), (3, 68), (3, 51), (3, 9)
U_B = "1.0.52.7.0.255"
MODEMS = ("Мастерская", 'Автосервис "Колея"', "Тепличное хозяйство", "Базовая станция")
"""Points that are read by a modem of their own; the others by a concentrator."""
CONCENTRATORS = {"TP-369": "УСПД-369", "TP-370": "УСПД-370", "TP-374": "УСПД-374",
                 "TP-412": "УСПД-412"}  # fmt: skip
OUTAGES = (
    ("VL-1", 5, 15, 40, 2, 378), ("TP-412", 16, 2, 0, 0, 5064), ("TP-370", 27, 11, 12, 40, 1265),
    ("F-7", 48, 18, 21, 7, 96), ("VL-2", 63, 4, 3, 55, 8130), ("F-12", 91, 13, 30, 11, 611),
    ("VL-1", 118, 7, 44, 30, 2954), ("TP-369", 160, 21, 5, 18, 190), ("F-7", 205, 3, 0, 0, 7200),
    ("VL-1", 262, 16, 15, 9, 41), ("TP-412", 310, 12, 50, 33, 4410), ("VL-2", 351, 1, 22, 0, 903),
)  # fmt: skip
"""Below which place, how many days back, hour, minute, second of the clock, seconds long."""
REASONS: Mapping[str, tuple[Pair, Pair]] = {
    'Пекарня "Каравай"': ((4, 1), (4, 2)),
    "Дом 12": ((4, 3), (3, 143)),
    "Дом": ((7, 5), (7, 6)),
}
"""Why readings were doubted for a time: what began and what ended it."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event at a point of the plan."""

    point: int
    at: datetime
    pair: Pair
    details: Mapping[str, Json] = field(default_factory=dict)


def record(
    scenario: Scenario, places: Mapping[int, int], *, first: date, until: datetime, at: datetime
) -> int:
    """Record what happened in [first, until); how many events were new. Repeatable.

    places: ids of usage points by their place in the plan.
    """
    days = [first + DAY * n for n in range((until.date() - first).days + 2)]
    found = [
        one
        for one in (*_of_scenario(scenario), *_outages(scenario), *_by_calendar(days))
        if one.at < until and one.at >= start_of_day(first, plan.MOSCOW)
    ]
    meters = _meters(places.values())
    batch = EventBatch.of(
        [places[one.point] for one in found],
        [_standing(meters.get(places[one.point], ()), one) for one in found],
        [int(one.at.timestamp()) for one in found],
        [one.pair[0] for one in found],
        [one.pair[1] for one in found],
        details=[one.details for one in found],
    )
    new = services.record(batch, source=0, at=at).count
    nodes = dict(NetworkNode.objects.values_list("code", "id"))
    above = [one for one in _above(scenario, days, nodes) if one.at < until]
    return new + len(services.record_devices(above, source=0, at=at))


def _meters(points: Collection[int]) -> dict[int, list[tuple[datetime, int]]]:
    """Which meter stood at a point since when, the first one first."""
    found: dict[int, list[tuple[datetime, int]]] = {}
    rows = MeteringComplex.objects.billing().filter(usage_point__in=points).order_by("valid_from")
    for point, since, meter in rows.values_list("usage_point_id", "valid_from", "meter_id"):
        found.setdefault(point, []).append((since, meter))
    return found


def _standing(stood: Collection[tuple[datetime, int]], one: Happening) -> int:
    if one.pair[0] == MODEM:
        return 0
    return max(((since, meter) for since, meter in stood if since <= one.at), default=(None, 0))[1]


def _clock(day: date, hour: int, minute: int, second: int, zone: str) -> datetime:
    shift = timedelta(hours=hour, minutes=minute, seconds=second)
    return start_of_day(day, zone) + shift


def _talks(point: Point) -> bool:
    """Whether anything but its readings comes from a point."""
    return not point.by_hand and point.name not in BY_MESSAGE


def _of_scenario(scenario: Scenario) -> Iterator[Happening]:
    """Why data are missing or doubted."""
    for stretch in scenario.stretches():
        point = POINTS[stretch.point]
        start = start_of_day(scenario.since, point.zone)
        begin, end = start + STEP * stretch.first, start + STEP * stretch.end
        if stretch.quality == Quality.MISSING:
            yield from _silence(stretch.point, begin, end)
        else:
            began, ended = REASONS.get(point.name, ((7, 5), (7, 6)))
            yield Happening(stretch.point, begin, began)
            yield Happening(stretch.point, end - timedelta(seconds=1), ended)


def _silence(n: int, begin: datetime, end: datetime) -> Iterator[Happening]:
    """The link to a meter was lost; for good where the end is years away."""
    lost = begin + timedelta(minutes=3, seconds=8)
    yield Happening(n, lost, (COLLECTION, Found.LINK_LOST), {"problem": "timeout"})
    if POINTS[n].name == SILENT:
        return
    back = end + timedelta(minutes=2, seconds=31)
    yield Happening(n, back, (COLLECTION, Found.LINK_RESTORED))
    minutes = int((end - begin) / timedelta(minutes=1))
    yield Happening(n, back, (COLLECTION, Found.DATA_MISSING), {"minutes": minutes})


def _outages(scenario: Scenario) -> Iterator[Happening]:
    """Supply was off below a place: every meter there says so, a second sooner or later."""
    for place, days, hour, minute, second, length in OUTAGES:
        below = plan.nodes_below(place)
        day = scenario.today - timedelta(days=days)
        for n, point in enumerate(POINTS):
            if point.node not in below or not _talks(point):
                continue
            jitter = timedelta(seconds=point.pick(f"outage {days}", 3))
            off = _clock(day, hour, minute, second, point.zone) + jitter
            if point.phases_shown:
                told: dict[str, Json] = {U_B: round(0.86 * point.nominal, 1)}
                yield Happening(n, off - timedelta(seconds=4), DIP, told)
                yield Happening(n, off, DIP_OVER)
            yield Happening(n, off, OFF)
            yield Happening(n, off + timedelta(seconds=length), ON)


def _by_calendar(days: Collection[date]) -> Iterator[Happening]:
    """What comes again and again: clocks, modems, ends of months, voltage, power factor."""
    for n, point in enumerate(POINTS):
        if not _talks(point):
            continue
        for day in days:
            yield from _of_day(n, point, day)


def _of_day(n: int, point: Point, day: date) -> Iterator[Happening]:
    number = day.toordinal()
    if (number + point.pick("clock", 9)) % 9 == 0:
        slow = 2 + point.pick(f"clock {number}", 4)
        at = _clock(day, 3, 0, 10 + slow, point.zone)
        yield Happening(n, at, CORRECTED, {"before": -slow, "after": 0})
    if day.day == 1:
        yield Happening(n, _clock(day, 0, 0, 0, point.zone), MONTHLY)
    if (day.month, day.day) == (1, 1):
        yield Happening(n, _clock(day, 0, 0, 0, point.zone), TARIFF)
    if point.name in MODEMS and number % 7 == point.pick("modem", 7):
        at = _clock(day, 0, 14, 40, point.zone)
        yield Happening(n, at, (MODEM, ModemSays.RESTARTED))
    if point.load.sun and 4 <= day.month <= 9 and point.pick(f"sun {number}", 6) == 0:
        at = _clock(day, 12, point.pick(f"noon {number}", 60), 17, point.zone)
        yield Happening(n, at, HIGH)
        yield Happening(n, at + timedelta(minutes=7 + point.pick(f"long {number}", 40)), HIGH_OVER)
    if point.load.tangent > 0.6 and day.weekday() < 5 and point.pick(f"tangent {number}", 5) == 0:
        at = _clock(day, 8, 30, 0, point.zone)
        yield Happening(n, at, TANGENT)
        yield Happening(n, at + timedelta(hours=2, minutes=30), TANGENT_OVER)
    if point.node in {"VL-1", "VL-2"} and point.pick(f"evening {number}", 41) == 0:
        at = _clock(day, 19, point.pick(f"low {number}", 60), 42, point.zone)
        yield Happening(n, at, LOW)
        yield Happening(n, at + timedelta(minutes=3 + point.pick(f"lasts {number}", 25)), LOW_OVER)


def _above(
    scenario: Scenario, days: Collection[date], nodes: Mapping[str, int]
) -> Iterator[DeviceEvent]:
    """Events of the concentrators in the substations."""
    for place, name in CONCENTRATORS.items():

        def one(at: datetime, code: ConcentratorSays, name: str = name, place: str = place,
                **more: Json) -> DeviceEvent:  # fmt: skip
            return DeviceEvent(
                Device.CONCENTRATOR, name, at, CONCENTRATOR, code, node=nodes[place], details=more
            )

        for day in days:
            number = day.toordinal() + len(name) + int(name[-1])
            if number % 14 == 0:
                at = _clock(day, 4, 10, 5, plan.MOSCOW)
                yield one(at, ConcentratorSays.TIME_CORRECTED, before=-1, after=0)
            if number % 30 == 0:
                yield one(_clock(day, 2, 30, 0, plan.MOSCOW), ConcentratorSays.RESTARTED)
        if place == "TP-374":  # the night that the scenario lost
            day = scenario.ago(40)
            yield one(_clock(day, 2, 0, 21, plan.MOSCOW), ConcentratorSays.LINK_LOST)
            yield one(_clock(day, 8, 0, 49, plan.MOSCOW), ConcentratorSays.LINK_RESTORED)


__all__ = ["Happening", "record"]
