"""The two ways to a meter, with one face: a TCP wrapper, and HDLC.

See `wrapper` and `hdlc.link`. A wrapper needs no connecting: it says at once that it is up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from faza.protocols.dlms.hdlc import Address, Link, Linked, Parameters, Unlinked
from faza.protocols.dlms.hdlc.link import LinkEvent
from faza.protocols.dlms.problems import WrongStep
from faza.protocols.dlms.wrapper import Ports, Wrapper


@dataclass(frozen=True, slots=True)
class Hdlc:
    """Addresses on a line, and what the client proposes.

    Clients of СПОДЭС: 16 public, 32 reader, 48 configurator.
    """

    client: Address
    server: Address
    parameters: Parameters = Parameters()


Route: TypeAlias = Ports | Hdlc


class Line(Protocol):
    """What a connection needs of the way to its meter."""

    def connect(self) -> bytes: ...
    def disconnect(self) -> bytes: ...
    def send(self, apdu: bytes) -> bytes: ...
    def repeat(self) -> bytes: ...
    def receive(self, data: bytes) -> None: ...
    def next_event(self) -> LinkEvent | None: ...
    @property
    def has_part(self) -> bool: ...


class Wrapped(Wrapper):
    """A wrapper with the face of a link."""

    def __init__(self, ports: Ports, limit: int) -> None:
        super().__init__(source=ports.client, destination=ports.server, limit=limit)
        self._told: LinkEvent | None = None

    def connect(self) -> bytes:
        self._told = Linked(Parameters())
        return b""

    def disconnect(self) -> bytes:
        self._told = Unlinked()
        return b""

    send = Wrapper.wrap

    def repeat(self) -> bytes:
        raise WrongStep("Nothing is lost on TCP: there is nothing to repeat.")

    def next_event(self) -> LinkEvent | None:
        if self._told is None:
            return self.find_apdu()
        told, self._told = self._told, None
        return told


def line_of(route: Route, limit: int) -> Line:
    """The line of a route; `limit` bounds a received APDU."""
    if isinstance(route, Ports):
        return Wrapped(route, limit)
    return Link(client=route.client, server=route.server, limit=limit, wanted=route.parameters)
