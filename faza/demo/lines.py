"""How the demo's meters are reached and read: lines, who enters, plans; made once, kept on starts.

A modem is a line of one meter, a gateway is one of all meters of its substation and kind. Ports
are free ones, found at the first start and kept as long as nobody else has them.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from faza.collection.models import CollectionPlan, CredentialSet, Device, Line
from faza.collection.polling import services
from faza.collection.polling.work import Kind
from faza.collection.secrets import Secrets
from faza.demo import fleet, people, plan
from faza.demo.fleet import Metered
from faza.demo.plan import INDEX, PLACES
from faza.metering.models import MeteringComplex, NetworkNode, UsagePoint
from faza.protocols.metered import Json
from faza.simulator.fleet import DRIVERS, FIRST_PHYSICAL
from faza.simulator.meter import Meter
from faza.simulator.serving import Place
from faza.simulator.spec import CONFIGURATOR, READER

HOST = "127.0.0.1"
TIMEOUT, PAUSE = 3.0, 0.2
"""Seconds that an answer is waited for, and between two meters of a gateway."""
HOUR, DAY = 60, 1440
USUAL = {
    Kind.IDENTITY: DAY, Kind.DAYS: DAY // 2, Kind.MONTHS: DAY, Kind.EVENTS: HOUR,
    Kind.REGISTERS: DAY // 4, Kind.CONFIGURATION: 7 * DAY, Kind.CALENDAR: 7 * DAY,
    Kind.QUALITY: DAY,
}  # fmt: skip
"""Minutes between readings, beside those of the profile."""


@dataclass(frozen=True, slots=True)
class Group:
    """A plan. profile: minutes between readings of the load profile; keeps: which are in it."""

    name: str
    priority: int
    profile: int
    parameters: bool = False


GROUPS = {
    "sums": Group("Балансные вводы и фидеры", 1, 10),
    "firms": Group("Юрлица и ИП", 2, 15),
    "shown": Group("Дома с токами и напряжениями", 3, 20, parameters=True),
    "modems": Group("Квартиры и дома, LTE", 3, 20),
    "lines": Group("Квартиры и дома через УСПД", 4, 20),
}
READING, SETTING, KEYS = (
    "Чтение: пароль, клиент 32", "Настройка: пароль, клиент 48", "Ключи HLS: клиент 48"
)  # fmt: skip


def group_of(one: Metered) -> str:
    """The plan of a meter."""
    point = one.point
    if point.load.of == "below":
        return "sums"
    if point.phases_shown:
        return "shown"
    if point.name in people.FIRMS:
        return "firms"
    return "modems" if one.way == "LTE" else "lines"


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A line with its meters in their order; node: the code of the place where it is."""

    name: str
    node: str
    members: tuple[Metered, ...]


def ways(found: Sequence[Metered]) -> list[Way]:
    """All lines. On a gateway meters have addresses of their own."""
    gateways: dict[tuple[str, str], list[Metered]] = {}
    lone = []
    for one in found:
        if one.way == "LTE":
            street = one.point.address.removeprefix(f"{plan.VILLAGE}, ")
            name = f"Модем: {one.point.name}, {street}"[:100]
            lone.append(Way(name, one.point.node, (one,)))
        else:
            gateways.setdefault((_station(one.point.node), one.way), []).append(one)
    names = {place.code: place.name for place in PLACES}
    shared = []
    for (node, way), members in gateways.items():
        addressed = (
            replace(one, spec=replace(one.spec, address=FIRST_PHYSICAL + n))
            for n, one in enumerate(members)
        )
        shared.append(Way(f"УСПД {names[node]}, {way}", node, tuple(addressed)))
    return shared + lone


def _station(code: str) -> str:
    """The substation above a node; where there is none, the area."""
    above = {place.code: place for place in PLACES}
    place = above[code]
    while "substation" not in place.kind and place.parent not in (None, "ZS"):
        place = above[place.parent or ""]
    return place.code


def places(of: Sequence[Way]) -> list[Place]:
    """Where the simulator listens: the ports of the last time where they are free."""
    known = dict(Line.objects.filter(host=HOST).values_list("name", "port"))
    return [
        Place(
            way.members[0].spec.driver,
            [Meter(one.spec) for one in way.members],
            _port(known.get(way.name)),
        )
        for way in of
    ]


def _port(known: int | None) -> int:
    """The port if it is to be had, else 0 for any."""
    if known is None:
        return 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, known))
        except OSError:
            return 0
    return known


def keep(of: Sequence[Way], ports: Sequence[int], *, at: datetime) -> int:
    """Make what is missing of lines, plans and meters' connections; how many were made.

    What a person changed at the desk stays: of what is there only ports are put right.
    """
    _free_ports(of, ports, at)
    nodes = {node.code: node for node in NetworkNode.objects.all()}
    meters = _meters()
    access = _credentials(at)
    groups = {name: _plan(group, access, at) for name, group in GROUPS.items()}
    made = 0
    for way, port in zip(of, ports, strict=True):
        line = _line(way, port, nodes[way.node], at)
        there = set(line.devices.values_list("meter_id", flat=True))
        for turn, one in enumerate(way.members):
            meter = meters[one.point.code]
            if meter in there or Device.objects.filter(meter=meter).exists():
                continue
            own = access[KEYS] if one.spec.access.mechanism == "hls5" else None
            device = Device(
                meter_id=meter, line=line, position=turn, driver=DRIVERS[one.spec.driver],
                address=_address(one), plan=groups[group_of(one)], credentials=own, control=own,
            )  # fmt: skip
            services.keep_device(device, at=at)
            made += 1
    return made


def _meters() -> dict[str, int]:
    """The meter that stands at each point now, by the point's code."""
    codes = dict(UsagePoint.objects.filter(code__in=INDEX).values_list("id", "code"))
    standing = MeteringComplex.objects.filter(usage_point__in=codes, valid_to=None)
    return {codes[point]: meter for point, meter in standing.values_list("usage_point", "meter")}


def _free_ports(of: Sequence[Way], ports: Sequence[int], at: datetime) -> None:
    """Lines whose port another one has got now, as ports are free ones, make room for it."""
    wanted = dict(zip((way.name for way in of), ports, strict=True))
    for line in Line.objects.filter(host=HOST, port__in=ports):
        if line.name in wanted and wanted[line.name] != line.port:
            line.host = f"{HOST}-{line.pk}"
            services.keep_line(line, at=at)


def _line(way: Way, port: int, node: NetworkNode, at: datetime) -> Line:
    line = Line.objects.filter(name=way.name).first()
    if line is None:
        line = Line(name=way.name, node=node, timeout=TIMEOUT, pause=PAUSE)
    elif (line.host, line.port) == (HOST, port):
        return line
    line.host, line.port = HOST, port
    return services.keep_line(line, at=at)


def _address(one: Metered) -> dict[str, Json]:
    if one.spec.driver == "wrapper":
        return {"server": one.spec.address}
    return {"logical": 1, "physical": one.spec.address}


def _credentials(at: datetime) -> dict[str, CredentialSet]:
    encryption, authentication = fleet.keys()
    told: Mapping[str, tuple[int, str, Secrets]] = {
        READING: (READER, CredentialSet.Mechanism.LLS, Secrets(fleet.PASSWORD)),
        SETTING: (CONFIGURATOR, CredentialSet.Mechanism.LLS, Secrets(fleet.PASSWORD)),
        KEYS: (
            CONFIGURATOR, CredentialSet.Mechanism.HLS5, Secrets(b"", encryption, authentication)
        ),
    }  # fmt: skip
    found = {row.name: row for row in CredentialSet.objects.filter(name__in=told)}
    for name, (client, mechanism, given) in told.items():
        if name not in found:
            row = CredentialSet(name=name, client=client, mechanism=mechanism)
            found[name] = services.keep_credentials(row, at=at, given=given)
    return found


def _plan(group: Group, access: Mapping[str, CredentialSet], at: datetime) -> CollectionPlan:
    plan_row = CollectionPlan.objects.filter(name=group.name).first()
    if plan_row is not None:
        return plan_row
    items = USUAL | {Kind.PROFILE: group.profile}
    if group.parameters:
        items[Kind.PARAMETERS] = group.profile
    return services.keep_plan(
        CollectionPlan(
            name=group.name, priority=group.priority, too_old=fleet.MEMORY - 1,
            retries=3, credentials=access[READING], control=access[SETTING],
        ),
        items=items, at=at,
    )  # fmt: skip
