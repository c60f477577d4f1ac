"""A fleet: meters and the TCP ports at which they are spoken to.

    fleet = make(200, seed=7, since=…, until=…)
    ports = await Serving(fleet.places, now).start()
    connections(fleet, host, ports)            # JSON for those who read them

A wrapper meter has a port of its own, or shares one with others that differ by server address;
HDLC and Mercury meters hang on lines (RS-485 behind a gateway), one port for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

import numpy as np

from faza.protocols.metered import I64, Json
from faza.simulator import mishaps, shapes
from faza.simulator.load import TENTHS
from faza.simulator.meter import Meter
from faza.simulator.serving import Place
from faza.simulator.spec import CONFIGURATOR, READER, Access, Driver, Mechanism, MeterSpec

PER_LINE = 8
FIRST_PHYSICAL = 17
"""Physical addresses below 16 are not for meters (IEC 62056-46, 6.4.2.2)."""
DRIVERS: dict[Driver, str] = {
    "wrapper": "dlms-wrapper",
    "hdlc": "dlms-hdlc",
    "mercury230": "mercury230",
}
"""Names of drivers in whatever reads them."""
MERCURY_READER, MERCURY_CONTROL = 1, 2
"""Levels of access."""


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """See the module."""

    places: tuple[Place, ...]

    @property
    def meters(self) -> list[Meter]:
        return [meter for place in self.places for meter in place.meters]


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the fleet, 0 to 1; the rest are wrapper meters entered by password.

    often: times the usual chance of faults, 0 for none. per_line: meters on a line.
    """

    hdlc: float = 0.25
    mercury: float = 0.0
    hls: float = 0.3
    often: float = 0.0
    per_line: int = PER_LINE


USUAL = Mix()


def make(
    count: int,
    *,
    seed: int,
    since: datetime,
    until: datetime,
    mix: Mix = USUAL,
    first_port: int = 0,
) -> Fleet:
    """So many meters that count since a moment, with faults until another; by the seed alone.

    Ports are numbered from first_port on; 0: all are free ones. Raises ValueError if they do not
    suffice.
    """
    mercury, hdlc = round(count * mix.mercury), round(count * mix.hdlc)
    counts: dict[Driver, int] = {
        "wrapper": count - mercury - hdlc, "hdlc": hdlc, "mercury230": mercury
    }  # fmt: skip
    drivers = [driver for driver, many in counts.items() for _ in range(many)]
    specs = [
        _spec(n, driver, seed=seed, since=since, until=until, mix=mix)
        for n, driver in enumerate(drivers)
    ]
    return arranged(specs, first_port=first_port, per_line=mix.per_line)


def arranged(specs: Sequence[MeterSpec], *, first_port: int = 0, per_line: int = PER_LINE) -> Fleet:
    """Meters at ports: those of a wrapper alone, the others as many to a line as told.

    On a line they get addresses of their own, if those that they have are not different.
    """
    groups: list[list[MeterSpec]] = []
    for spec in specs:
        room = per_line if spec.driver != "wrapper" else 1
        last = groups[-1] if groups else []
        if last and last[0].driver == spec.driver and len(last) < room:
            last.append(spec)
        else:
            groups.append([spec])
    if first_port and first_port + len(groups) > 65536:
        raise ValueError(f"{len(groups)} ports from {first_port} on are more than there are")
    return Fleet(
        tuple(
            Place(group[0].driver, _on_line(group), first_port + n if first_port else 0)
            for n, group in enumerate(groups)
        )
    )


def _on_line(group: list[MeterSpec]) -> tuple[Meter, ...]:
    if len({spec.address for spec in group}) < len(group):
        group = [replace(spec, address=FIRST_PHYSICAL + n) for n, spec in enumerate(group)]
    return tuple(Meter(spec) for spec in group)


def _spec(
    n: int, driver: Driver, *, seed: int, since: datetime, until: datetime, mix: Mix
) -> MeterSpec:
    """The n-th meter; neighbours' seeds are far apart."""
    own = (seed << 24) + 1000 * n
    rolled = [shapes.chance(own, salt) for salt in range(90, 97)]
    number = f"{seed % 80 + 10}{n:06d}"
    ct, vt = (Fraction(120), Fraction(100)) if rolled[0] < 0.08 else (Fraction(1), Fraction(1))
    phases = 1 if rolled[1] < 0.3 and ct == 1 else 3
    mechanism: Mechanism = "hls5" if driver != "mercury230" and rolled[2] < mix.hls else "lls"
    return MeterSpec(
        number=number,
        model=_model(driver, phases, rolled[3]),
        driver=driver,
        address=1 if driver == "wrapper" else FIRST_PHYSICAL + n % mix.per_line,
        access=_access(n, own, mechanism),
        max_pdu=(100, 1024, 65535)[int(rolled[4] * 3)],
        hdlc_info=(128, 512)[int(rolled[5] * 2)],
        phases=1 if phases == 1 else 3,
        nominal=58 if ct > 1 else 230,
        register_step=1 if ct > 1 or rolled[6] < 0.4 else 10,
        profile_step=1 if ct > 1 else 10,
        ct=ct,
        vt=vt,
        has_relay=ct == 1,
        seed=own,
        installed_at=since,
        registers=_near_the_end(own) if mix.often and rolled[6] > 0.95 else None,
        faults=mishaps.seeded(own, since=since, until=until, often=mix.often, number=number),
    )


def _model(driver: Driver, phases: int, rolled: float) -> str:
    if driver == "mercury230":
        return "SIM-230"
    if phases == 1:
        return "SIM-1"
    return ("SIM-3", "SIM-3", "SIM-3U", "SIM-3S", "SIM-3E")[int(rolled * 5)]


def _access(n: int, seed: int, mechanism: Mechanism) -> Access:
    """Every meter with keys of its own."""
    encryption, authentication = (
        bytes(int(shapes.chance(seed + salt, byte) * 256) for byte in range(16))
        for salt in (300, 301)
    )
    return Access(
        mechanism=mechanism,
        system_title=b"SIM" + (n + 1).to_bytes(5, "big"),
        encryption_key=encryption,
        authentication_key=authentication,
    )


def _near_the_end(seed: int) -> I64:
    """Registers that roll over within some weeks: 50 to 150 kWh before the end."""
    found = np.zeros((4, 9), np.int64)
    left = int(50_000 + 100_000 * shapes.chance(seed, 98)) * TENTHS
    found[0, :3] = 10**9 * TENTHS - left, 0, 0
    found[0, 1] = found[0, 0]
    return found


def connections(
    fleet: Fleet, host: str, numbers: Sequence[int] | None = None
) -> list[dict[str, Json]]:
    """How each meter is reached and entered; secrets are in it.

    numbers: the ports at which they really are, in the order of the fleet's. A meter has number,
    model, driver, host, port, address (in the driver's words), offset (minutes from UTC),
    ct and vt, and two sets of credentials: `credentials` to read, `control` for commands, of
    client, mechanism, level, password (text) or the two keys (hexadecimal).
    """
    found: list[dict[str, Json]] = []
    for n, place in enumerate(fleet.places):
        number = place.port if numbers is None else numbers[n]
        for meter in place.meters:
            spec = meter.spec
            found.append(
                {
                    "number": spec.number,
                    "model": spec.model,
                    "driver": DRIVERS[spec.driver],
                    "host": host,
                    "port": number,
                    "address": _address(spec),
                    "offset": spec.offset,
                    "ct": str(spec.ct),
                    "vt": str(spec.vt),
                    "credentials": credentials(spec, is_control=False),
                    "control": credentials(spec, is_control=True),
                }
            )
    return found


def _address(spec: MeterSpec) -> Json:
    if spec.driver == "wrapper":
        return {"server": spec.address}
    if spec.driver == "hdlc":
        return {"logical": 1, "physical": spec.address}
    return {"address": spec.address}


def credentials(spec: MeterSpec, *, is_control: bool) -> dict[str, Json]:
    """As whom to come: by password to read, by keys where the meter has HLS."""
    access = spec.access
    if spec.driver == "mercury230":
        level = MERCURY_CONTROL if is_control else MERCURY_READER
        return {"mechanism": "lls", "level": level, "password": access.password.decode()}
    if access.mechanism == "hls5":
        return {
            "client": CONFIGURATOR,
            "mechanism": "hls5",
            "encryption_key": access.encryption_key.hex(),
            "authentication_key": access.authentication_key.hex(),
        }
    client = CONFIGURATOR if is_control else READER
    if access.mechanism == "none":
        return {"client": client, "mechanism": "none"}
    return {"client": client, "mechanism": "lls", "password": access.password.decode()}
