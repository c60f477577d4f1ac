"""The demo's meters as the simulator runs them: they count what the demo's truth says, go on with
the registers that are stored, and have the same gaps.

Who is read: all points but those that are typed by hand and those of the factory, whose own
system sends messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import BY_CODE
from faza.demo import grid, meters, phases, plan
from faza.demo.loads import Stand, Truth
from faza.demo.plan import MODELS, POINTS, Point
from faza.demo.scenario import BY_MESSAGE, SILENT, STEP, Scenario
from faza.protocols.metered import DaySchedule, Season, TariffCalendar
from faza.simulator.faults import Fault, Faults, Kind, Line
from faza.simulator.spec import Access, Driver, GivenLoad, MeterSpec

I64 = npt.NDArray[np.int64]

MEMORY = 31
"""Days before today that the meters have in their memory."""
AHEAD = 60
"""So many days after today are known to the meters; then their last week comes again."""
PASSWORD = b"zarechny"
DRIFTING, DRIFT, DRIFTS_SINCE = "Дом 12", 200.0, 1
"""A clock that is fast by so many parts per million, right so many days before today."""
MAGNET, MAGNET_EACH, MAGNET_AT = 'Автосервис "Колея"', 4, timedelta(hours=21, minutes=10)
"""Where a magnet is held to the meter in the evening, every fourth day."""
REBOOTS, REBOOTS_EACH = "Зарядная станция", 2
POOR_LINE = "Насосная станция"
DELAYS = {"LTE": 0.03, "PLC": 0.05, "RS-485": 0.01}
"""Seconds before each answer."""
YEARS = 400
"""So many days after the first making faults are planned."""


@dataclass(frozen=True, slots=True, eq=False)
class Metered:
    """A point with the meter that stands there now."""

    place: int
    spec: MeterSpec
    way: str

    @property
    def point(self) -> Point:
        return POINTS[self.place]


def is_read(point: Point) -> bool:
    """Whether a collector reads the point's meter."""
    return not point.by_hand and point.name not in BY_MESSAGE


def way_of(point: Point) -> str:
    """How the meter is reached, as its card says."""
    return grid.WAYS[point.seed % len(grid.WAYS)]


def has_keys(point: Point) -> bool:
    """Behind transformers meters are entered by keys, elsewhere by a password."""
    return point.has_transformers


def of(
    truth: Truth, scenario: Scenario, zones: dict[str | None, list[int]], today: date
) -> list[Metered]:
    """All meters that are read, as they are on a day; zones: see registers.zones_of_half_hours.

    The truth goes on to AHEAD days after `today`.
    """
    quality = scenario.quality(truth)
    standing = {stand.point: stand for stand in truth.stands}  # the last one of each
    found = []
    for n, point in enumerate(POINTS):
        if is_read(point):
            missing = quality[n] == Quality.MISSING
            spec = _spec(truth, scenario, standing[n], zones[point.tariff], missing, today)
            found.append(Metered(n, spec, way_of(point)))
    return found


def _spec(
    truth: Truth,
    scenario: Scenario,
    stand: Stand,
    zones: list[int],
    missing: npt.NDArray[np.bool_],
    today: date,
) -> MeterSpec:
    point = POINTS[stand.point]
    way = way_of(point)
    days = DRIFTS_SINCE if point.name == DRIFTING else MEMORY
    first = max(scenario.slot(today - timedelta(days=days)), stand.first)
    start = start_of_day(scenario.since, point.zone)
    at = np.array([first])
    ct, vt = (Fraction(*point.ct or (1, 1)), Fraction(*point.vt or (1, 1)))
    return MeterSpec(
        number=grid.meter_number(point, "next" if stand.first else "meter"),
        model=point.model,
        driver=driver_of(way),
        address=1,
        access=_access(point),
        max_pdu=1024,
        hdlc_info=512,
        offset=_offset(start, point.zone),
        phases=1 if MODELS[point.model].phases == 1 else 3,
        nominal=MODELS[point.model].volts,
        register_step=meters.register_step(point),
        profile_step=stand.step,
        digits=plan.DIGITS,
        ct=stand.ratio if stand.first else ct,
        vt=Fraction(1) if stand.first else vt,
        has_relay=MODELS[point.model].has_relay,
        channels=tuple(plan.FULL.index(channel) for channel in point.channels),
        shows_unused=False,
        seed=point.seed,
        installed_at=start + STEP * first,
        registers=meters.standing(truth, stand, zones, scenario.since, at)[0],
        load=_load(truth, stand.point, first, start),
        calendar=_calendar(point, zones),
        faults=Faults(
            tuple(_faults(scenario, point, missing, first)),
            _line(point, way),
            DRIFT if point.name == DRIFTING else 0.0,
        ),
    )


def driver_of(way: str) -> Driver:
    """Modems speak the wrapper; behind gateways there are lines with HDLC."""
    return "wrapper" if way == "LTE" else "hdlc"


def _offset(moment: datetime, zone: str) -> int:
    """Minutes east of UTC; the demo's zones have no summer time."""
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None, "it has a zone"
    return int(offset.total_seconds()) // 60


def _access(point: Point) -> Access:
    title = b"ZPZ" + int(grid.meter_number(point)).to_bytes(5, "big")
    if not has_keys(point):
        return Access(password=PASSWORD, system_title=title)
    return Access("hls5", PASSWORD, title, *keys())


def keys() -> tuple[bytes, bytes]:
    """The two keys of all the demo's meters that have some; invented as all the rest."""
    encryption, authentication = (
        hashlib.sha256(b"demo " + what).digest()[:16] for what in (b"encryption", b"authentication")
    )
    return encryption, authentication


def _load(truth: Truth, n: int, first: int, start: datetime) -> GivenLoad:
    point = POINTS[n]
    told: dict[int, I64] = {}
    if point.phases_shown and point.vt is None:
        ratio = next(int(stand.ratio) for stand in reversed(truth.stands) if stand.point == n)
        shown = phases.told(phases.divided(truth, n)) | meters.phase_channels(truth, n)
        for code, values in shown.items():
            quantity = BY_CODE[code].quantity
            is_of_current = quantity == "current" or quantity.endswith(" power")
            told[code] = values[first:] // (ratio if is_of_current else 1)
    return GivenLoad(start + STEP * first, truth.counted[:, n, first:].copy(), told)


def _calendar(point: Point, zones: list[int]) -> TariffCalendar:
    """A tariff's hours as a meter keeps them: one kind of day, all the year."""
    switches = [(30 * n, zone) for n, zone in enumerate(zones) if not n or zone != zones[n - 1]]
    return TariffCalendar(
        point.tariff or "T1",
        (Season("year", (1, 1), (1,) * 7),),
        (DaySchedule(1, tuple(switches)),),
    )


# What goes wrong


def _faults(
    scenario: Scenario, point: Point, missing: npt.NDArray[np.bool_], first: int
) -> Iterator[Fault]:
    start = start_of_day(scenario.since, point.zone)
    since = start + STEP * first
    runs = list(_runs(missing, first))
    if point.name == SILENT:
        # The last of its gaps has no end: it is the modem that does not answer.
        begun, _ = runs.pop()
        until = start_of_day(scenario.today + timedelta(days=YEARS), point.zone)
        yield Fault(Kind.MODEM_OFF, start + STEP * begun, until)
    for begin, end in runs:
        yield Fault(Kind.MISSING, start + STEP * begin, start + STEP * end)
    for at, until, kind in _spells(scenario, point):
        if at >= since:
            yield Fault(kind, at, until)


def _spells(scenario: Scenario, point: Point) -> Iterator[tuple[datetime, datetime, Kind]]:
    """What comes again and again, dated from the day on which the grid was made first."""
    yesterday = scenario.today - timedelta(days=1)
    if point.name == MAGNET:
        for n in range(0, YEARS, MAGNET_EACH):
            day = start_of_day(yesterday + timedelta(days=n), point.zone)
            at = day + MAGNET_AT + timedelta(minutes=7 * (n % 9))
            yield at, at + timedelta(minutes=17 + n % 13), Kind.MAGNET
    if point.name == REBOOTS:
        for n in range(0, YEARS, REBOOTS_EACH):
            day = start_of_day(yesterday + timedelta(days=n), point.zone)
            at = day + timedelta(minutes=10 + 137 * n % 1400)
            yield at, at + timedelta(minutes=2), Kind.MODEM_REBOOT


def _runs(missing: npt.NDArray[np.bool_], first: int) -> Iterator[tuple[int, int]]:
    """Stretches [begin, end) of what is missing from a place on."""
    edges = np.flatnonzero(np.diff(missing[first:].astype(np.int8), prepend=0, append=0)) + first
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _line(point: Point, way: str) -> Line:
    if point.name == POOR_LINE:
        return Line(DELAYS[way], drop=0.15, garbage=0.1)
    return Line(DELAYS[way])
