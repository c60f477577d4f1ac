"""A client's connection and a simulated meter, end to end without a socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np

from faza.protocols.dlms import (
    Address,
    Associate,
    Attribute,
    Connect,
    Connection,
    DateTime,
    Get,
    Got,
    Hdlc,
    Keys,
    Mechanism,
    Method,
    Parameters,
    Ports,
    Range,
    Security,
    obis,
)
from faza.protocols.dlms.axdr import Data
from faza.simulator.dlms.build import device_of
from faza.simulator.dlms.device import Device
from faza.simulator.dlms.link import Line
from faza.simulator.dlms.wrapper import Wrapped
from faza.simulator.meter import Meter
from faza.simulator.spec import Access, GivenLoad, MeterSpec
from tests.protocols.dlms.dialogue import Talk

MOSCOW = timezone(timedelta(hours=3))
BEGUN = datetime(2026, 2, 1, tzinfo=UTC)
AT = datetime(2026, 3, 2, 9, 7, 9, tzinfo=UTC)
DAY = datetime(2026, 2, 20, tzinfo=MOSCOW)
ADDRESS = 17
ACCESS = Access(mechanism="hls5", system_title=b"SIM\x00\x00\x00\x30\x39")
KEYS = Keys(ACCESS.encryption_key, ACCESS.authentication_key)
TITLE = b"FAZ\x00\x00\x00\x00\x01"
CHALLENGE, METER_CHALLENGE = b"K56iVagYK56iVagY", b"P6wRJ21FP6wRJ21F"
HALF_HOURS = 14 * 48


def load() -> GivenLoad:
    """Two weeks of half-hours, every one another: A+ some kWh, A- a little, R+ and R- less."""
    steps = np.arange(HALF_HOURS)
    tenths = np.stack([1000 + 37 * steps % 5000, steps % 7 * 10, steps % 90 * 10, steps % 3 * 10])
    return GivenLoad(BEGUN, (tenths * 10).astype(np.int64))


def spec(**more: Any) -> MeterSpec:
    """A meter whose every number is told, so that frames with it may be kept."""
    registers = np.zeros((4, 9), np.int64)
    registers[:, 1], registers[:, 2] = 1_234_560_000, 234_560_000
    registers[:, 0] = registers[:, 1:].sum(axis=1)
    told: dict[str, Any] = {
        "number": "00012345",
        "address": ADDRESS,
        "access": ACCESS,
        "installed_at": BEGUN,
        "registers": registers,
        "load": load(),
    }
    return MeterSpec(**{**told, **more})


@dataclass
class End:
    """The meter's end of a line, with a clock that stands until it is moved."""

    meter: Meter
    over: str = "wrapper"
    at: datetime = AT
    device: Device = field(init=False)

    def __post_init__(self) -> None:
        self.device = device_of(self.meter, sent=1000)
        self.device.challenge = lambda: METER_CHALLENGE
        devices = {self.meter.spec.address: self.device}
        self._line = Line(devices) if self.over == "hdlc" else Wrapped(devices)

    def take(self, data: bytes) -> bytes:
        self._line.receive(data)
        out = b""
        for heard in self._line.frames():
            answer = self._line.answer(heard, self.at)  # type: ignore[arg-type]
            out += b"" if answer is None else answer[1]
        return out


@dataclass
class Met(Talk):
    """A connection with a simulated meter."""

    meter: End  # type: ignore[assignment]

    def read(self, kind: int, name: str, index: int = 2, selection: Any = None) -> Data:
        """An attribute's value."""
        found = self.ask(Get(attribute(kind, name, index), selection))
        assert isinstance(found, Got)
        return found.data()

    def associated(self) -> Met:
        self.ask(Connect())
        self.ask(Associate())
        return self


def attribute(kind: int, name: str, index: int = 2) -> Attribute:
    return Attribute(kind, obis(f"{name}.255"), index)


def method(kind: int, name: str, index: int = 1) -> Method:
    return Method(kind, obis(f"{name}.255"), index)


def stamp(moment: datetime) -> Data:
    return DateTime.of(moment).data()


def range_of(first: datetime, last: datetime) -> Range:
    return Range(stamp(first), stamp(last))


def of_day(day: datetime = DAY) -> Range:
    """The rows of a civil day, stamped at their ends."""
    return range_of(day + timedelta(minutes=30), day + timedelta(days=1))


def route_of(over: str, client: int, info: int = 128, window: int = 1) -> Ports | Hdlc:
    if over == "wrapper":
        return Ports(client, ADDRESS)
    return Hdlc(Address(client), Address(1, ADDRESS), Parameters(info, info, window, window))


def meet(
    over: str = "wrapper",
    mechanism: Mechanism = Mechanism.LLS,
    *,
    client: int | None = None,
    ciphered: bool = False,
    general: bool = False,
    counter: int = 1,
    end: End | None = None,
    info: int = 128,
    window: int = 1,
    password: bytes = ACCESS.password,
    keys: Keys = KEYS,
    **more: Any,
) -> Met:
    """A connection that is not up yet, and a meter of `spec(**more)`, or the one of `end`."""
    if end is None:
        end = End(Meter(spec(hdlc_info=info, hdlc_window=window, **more)), over)
    usual = {Mechanism.NONE: 16, Mechanism.LLS: 32, Mechanism.HLS_GMAC: 48}[mechanism]
    needs_keys = ciphered or mechanism is Mechanism.HLS_GMAC
    address = usual if client is None else client
    connection = Connection(
        route_of(over, address, info, window),
        mechanism=mechanism,
        password=password,
        challenge=CHALLENGE,
        security=Security(keys, TITLE, counter, general=general) if needs_keys else None,
        ciphered=ciphered,
    )
    return Met(connection, end)


def configurator(over: str = "wrapper", **more: Any) -> Met:
    """An association that may write, up."""
    return meet(over, Mechanism.HLS_GMAC, ciphered=True, **more).associated()
