"""A meter's DLMS side put together from its spec."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from faza.protocols.dlms.names import Conformance, Mechanism
from faza.protocols.dlms.security import Keys
from faza.simulator.dlms import clocks, energies, journals, loads, passport, schedules, switches
from faza.simulator.dlms.cosem import Cosem, Inside, Thing
from faza.simulator.dlms.device import SERVED, Client, Device
from faza.simulator.meter import Meter
from faza.simulator.spec import CONFIGURATOR, PUBLIC, READER, Access

LIMITED = ("power", "current")
"""What limiters 0.0.17.0.0 and .1 watch."""


def device_of(meter: Meter, *, sent: int = 1) -> Device:
    """A meter on a line. `sent`: its next invocation counter, see `Device`."""
    spec = meter.spec
    title = spec.access.system_title
    cosem = Cosem(meter, title, things_of)
    lists = Conformance(0) if cosem.inside.style.takes_lists else Conformance.MULTIPLE_REFERENCES
    device = Device(
        cosem,
        {client.address: client for client in clients_of(spec.access)},
        title,
        spec.max_pdu,
        spec.hdlc_info,
        spec.hdlc_window,
        sent,
        served=SERVED & ~lists,
    )
    cosem.inside.accepted = lambda: device.accepted
    return device


def clients_of(access: Access) -> list[Client]:
    """Whom a meter lets in: the public, the reader and the configurator.

    The reader comes by password, and so does the configurator unless the meter has HLS.
    """
    found = [Client(PUBLIC, is_public=True)]
    if access.mechanism == "none":
        return [*found, Client(READER), Client(CONFIGURATOR, may_write=True)]
    keys = None
    if access.mechanism == "hls5":
        keys = Keys(access.encryption_key, access.authentication_key)
    found.append(Client(READER, Mechanism.LLS, access.password, keys))
    mechanism = Mechanism.LLS if keys is None else Mechanism.HLS_GMAC
    password = access.password if keys is None else b""
    return [*found, Client(CONFIGURATOR, mechanism, password, keys, may_write=True)]


def things_of(inside: Inside, at: datetime) -> Mapping[bytes, Thing]:
    """The objects of a meter by logical name; meters of one kind share them."""
    meter = inside.meter
    codes = energies.moment_codes(inside, at)
    columns = loads.second_columns(inside, at)
    spec = meter.spec
    kind = (
        codes,
        columns,
        inside.style,
        meter.journals(at),
        tuple(meter.quality(at).counters),
        (spec.register_step, spec.digits, spec.profile_step, spec.profile_power, spec.nominal),
        (spec.interval, spec.second_interval, spec.daily_depth, spec.monthly_depth),
        (spec.has_relay, spec.channels),
    )
    found = _made.get(kind)
    if found is None:
        found = _made[kind] = _make(inside, at)
    return found


_made: dict[tuple[object, ...], Mapping[bytes, Thing]] = {}


def _make(inside: Inside, at: datetime) -> Mapping[bytes, Thing]:
    codes = energies.moment_codes(inside, at)
    columns = loads.second_columns(inside, at)
    every = [
        clocks.CLOCK,
        *passport.identity(),
        *passport.settings(inside),
        *passport.quality(inside, at),
        *passport.counters(),
        *passport.device(),
        *energies.registers(inside),
        *energies.moments(codes),
        *loads.first_load(inside),
        loads.second_load(inside, columns),
        *loads.captured(inside),
        loads.stop_frame(inside.meter.spec, codes),
        *loads.scalers(inside, codes, columns),
        *journals.journals(inside.meter.journals(at)),
        schedules.calendar(),
        schedules.special_days(),
    ]
    if inside.meter.spec.has_relay:
        every.append(switches.relay())
        every += [switches.limiter(place, what) for place, what in enumerate(LIMITED)]
    things = {thing.name: thing for thing in every}
    association = passport.association(things)
    return {**things, association.name: association}
