"""The world outside is out of reach: a test that asks for it fails, everywhere in the same way."""

import ipaddress
import socket
from typing import Any

import pytest


class Outside(AssertionError):
    """A test tried to reach another machine."""


def is_here(host: object) -> bool:
    """Whether a host is this machine; an address of a Unix socket is."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        name = host.decode() if isinstance(host, bytes) else str(host)
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def shut(patch: pytest.MonkeyPatch) -> None:
    """Let connections and look-ups of names end at the loopback interface."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    lookup, send = socket.getaddrinfo, socket.socket.sendto

    def check(at: socket.socket, address: Any) -> None:
        if at.family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0]):
            raise Outside(f"no network in tests: {address}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    def guarded_send(self: socket.socket, data: Any, *rest: Any) -> int:
        check(self, rest[-1])
        return send(self, data, *rest)

    def guarded_lookup(host: Any, *args: Any, **options: Any) -> Any:
        if not is_here(host):
            raise Outside(f"no network in tests: {host}")
        return lookup(host, *args, **options)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket.socket, "sendto", guarded_send)
    patch.setattr(socket, "getaddrinfo", guarded_lookup)
