"""What one simulated meter is: number and model, how it is spoken to, what it counts, its faults.

A spec never changes while the meter runs; all that does is in `meter.Meter`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Literal

import numpy as np

from faza.protocols.metered import I64, DaySchedule, Season, TariffCalendar
from faza.simulator.faults import Faults

PUBLIC, READER, CONFIGURATOR = 16, 32, 48
"""Client addresses of СПОДЭС: no password, LLS, HLS."""
Driver = Literal["wrapper", "hdlc", "mercury230"]
Mechanism = Literal["none", "lls", "hls5"]

TWO_ZONES = TariffCalendar(
    name="2 zones",
    seasons=(Season("year", (1, 1), (1, 1, 1, 1, 1, 1, 1)),),
    days=(DaySchedule(1, ((0, 2), (7 * 60, 1), (23 * 60, 2))),),
)
"""Day from 7 to 23 is T1, night is T2 (reference: domain, 4.1)."""
ONE_ZONE = TariffCalendar(
    name="1 zone",
    seasons=(Season("year", (1, 1), (1, 1, 1, 1, 1, 1, 1)),),
    days=(DaySchedule(1, ((0, 1),)),),
)


@dataclass(frozen=True, slots=True)
class Access:
    """How a meter lets clients in. The public client (16) needs nothing and sees little.

    mechanism: what the reader's client needs: "lls" (32, `password`) or "hls5" (48, GMAC with
    the keys, ciphered by `encryption_key`). A meter with "hls5" lets 32 in by password too.
    system_title: 8 bytes. Keys: 16 bytes each.
    """

    mechanism: Mechanism = "lls"
    password: bytes = b"111111"
    system_title: bytes = b"SIM\x00\x00\x00\x00\x01"
    encryption_key: bytes = bytes(range(16))
    authentication_key: bytes = bytes(range(16, 32))


@dataclass(frozen=True, slots=True, eq=False)
class GivenLoad:
    """A load that is told instead of seeded.

    tenths: (4, n) tenths of Wh and varh on the meter's side, A+ A- R+ R-, by half-hours from
    `start`, a moment at a full half-hour. Before it nothing flows; after it the last whole week
    comes again and again (the whole series, if it is shorter than a week).
    parameters: (n,) by code of the reading type, in its quanta on the meter's side: averages of
    the same half-hours, which stand instead of the seeded ones where they are told.
    """

    start: datetime
    tenths: I64
    parameters: Mapping[int, I64] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class MeterSpec:
    """A meter as it left the factory and was set up; see the module.

    address: the server's: upper part of the HDLC address is 1, this is the lower (physical) one;
    of the wrapper it is the server's port number (`wPort`); of Mercury the address byte.
    offset: minutes east of UTC of the meter's civil time, in half-hours.
    register_step: Wh in the last digit of registers, 1 or 10. profile_step: tenths of Wh in one
    unit of load profile 1: 1, 10 or 100. profile_power: it stores average W (of that step) and
    not energy. digits: of whole kWh; registers go over to zero at 10**digits kWh.
    ct, vt: ratios, set in the meter as passport values; its own values are before them.
    interval, second_interval: minutes of load profiles 1 and 2. depth: days they go back,
    daily and monthly registers have depths of their own.
    channels: places of A+ A- R+ R- that it has registers and profile columns of. shows_unused:
    registers of tariffs that no calendar has named are there, at zero; else they say nothing.
    installed_at: when it began to count. registers: (4, 9) tenths at that moment, T0 the sum of
    the others; None: by seed. load: None: by seed.
    """

    number: str
    model: str = "SIM-3"
    driver: Driver = "wrapper"
    address: int = 1
    access: Access = field(default_factory=Access)
    max_pdu: int = 1024
    hdlc_info: int = 128
    hdlc_window: int = 1
    offset: int = 180
    phases: Literal[1, 3] = 3
    nominal: int = 230
    register_step: int = 10
    profile_step: int = 10
    profile_power: bool = False
    digits: int = 6
    ct: Fraction = Fraction(1)
    vt: Fraction = Fraction(1)
    interval: int = 30
    second_interval: int = 30
    depth: int = 123
    daily_depth: int = 128
    monthly_depth: int = 40
    has_relay: bool = True
    channels: tuple[int, ...] = (0, 1, 2, 3)
    shows_unused: bool = True
    seed: int = 1
    installed_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    registers: I64 | None = None
    load: GivenLoad | None = None
    calendar: TariffCalendar = TWO_ZONES
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        wrong = [told for told, is_wrong in _WRONG.items() if is_wrong(self)]
        if wrong:
            raise ValueError(f"meter {self.number}: " + "; ".join(wrong))

    @property
    def ratio(self) -> Fraction:
        """Primary side for one of the meter's."""
        return self.ct * self.vt


def _is_bad_load(spec: MeterSpec) -> bool:
    given = spec.load
    return given is not None and (
        given.tenths.ndim != 2
        or given.tenths.shape[0] != 4
        or not given.tenths.shape[1]
        or bool((given.tenths < 0).any())
        or given.start.timestamp() % 1800 != 0
        or any(told.shape != given.tenths.shape[1:] for told in given.parameters.values())
    )


def _are_bad_registers(spec: MeterSpec) -> bool:
    shown = spec.registers
    return shown is not None and (
        shown.shape != (4, 9) or not np.array_equal(shown[:, 0], shown[:, 1:].sum(axis=1))
    )


_WRONG: dict[str, Callable[[MeterSpec], bool]] = {
    "offset is not in half-hours": lambda s: s.offset % 30 != 0,
    "register_step is neither 1 nor 10": lambda s: s.register_step not in (1, 10),
    "profile_step is none of 1, 10, 100": lambda s: s.profile_step not in (1, 10, 100),
    "an interval does not divide an hour": lambda s: bool(
        60 % s.interval or 60 % s.second_interval
    ),
    "phases are neither 1 nor 3": lambda s: s.phases not in (1, 3),
    "channels are not some of 0 to 3, rising": lambda s: (
        not s.channels or list(s.channels) != sorted(set(s.channels) & {0, 1, 2, 3})
    ),
    "installed_at has no zone": lambda s: s.installed_at.tzinfo is None,
    "load is not (4, n) from a full half-hour on, with parameters as long": _is_bad_load,
    "registers are not (4, 9) with T0 the sum of the others": _are_bad_registers,
}
