"""Where messages come from: the address of a broker, and whom a topic is about."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from faza.collection.intake.taking import Packet
from faza.protocols.telemetry import Device, Who

PREFIX = "faza"
PORTS = {"mqtt": 1883, "mqtts": 8883}
DEVICES = {
    "concentrators": Device.CONCENTRATOR,
    "modems": Device.MODEM,
    "systems": Device.SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is and what is asked of it. `client` names the session that it keeps."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = ""
    prefix: str = PREFIX
    client: str = "faza"
    authorities: str = ""

    @property
    def topic(self) -> str:
        return f"{self.prefix}/#"


def broker_of(url: str) -> Broker:
    """The broker of mqtt(s)://user:password@host:port/prefix?client=name&ca=file.

    Parts may be percent-encoded. Raises ValueError where it is no such address.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("expected mqtt://user:password@host:port/prefix or mqtts://…")
    prefix = unquote(parts.path).strip("/") or PREFIX
    if "+" in prefix or "#" in prefix or "#" in url:
        raise ValueError("the prefix of topics has no + and #")
    try:
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        port = parts.port or PORTS[parts.scheme]
    except ValueError:  # its words may have a part of the password in them
        raise ValueError(
            "expected a port number and options as name=value; is a / ? or # of the password"
            " percent-encoded?"
        ) from None
    if options.keys() - {"client", "ca"}:
        raise ValueError("expected no options but client and ca")
    return Broker(
        host=parts.hostname,
        port=port,
        tls=parts.scheme == "mqtts",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        prefix=prefix,
        client=options.get("client", "faza"),
        authorities=options.get("ca", ""),
    )


class StrangeTopic(Exception):
    """A topic is none of those that telemetry comes by."""


def packet_of(topic: str, data: bytes, prefix: str) -> Packet:
    """A message with what its topic says of it. Raises StrangeTopic.

    prefix/points/CODE and prefix/meters/NUMBER are that one's own: nothing else may be named.
    prefix/concentrators/NUMBER, …/modems/…, …/systems/… may tell of any meters.
    """
    kind, _, name = topic.removeprefix(f"{prefix}/").partition("/")
    if not topic.startswith(f"{prefix}/") or not name or len(name) > 64 or not name.isprintable():
        raise StrangeTopic(topic)
    if kind == "points":
        return Packet(topic, data, Who(point=name), is_only=True)
    if kind == "meters":
        return Packet(topic, data, Who(meter=name), is_only=True)
    if kind in DEVICES:
        return Packet(topic, data, device=(DEVICES[kind], name))
    raise StrangeTopic(topic)
