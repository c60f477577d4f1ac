"""Where the request that is being answered came from, for deeds that do not know of requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_address: ContextVar[str | None] = ContextVar("network_address", default=None)


def address() -> str | None:
    """The network address of the person who asks, None outside of a request."""
    return _address.get()


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """Let deeds inside the block be noted as done from that network address."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)
