"""One meter as DLMS clients see it: who may come in and how, keys, counters, objects."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from faza.protocols.dlms.apdu.action import Outcome
from faza.protocols.dlms.apdu.blocks import Result
from faza.protocols.dlms.names import Conformance, DataAccessResult, Mechanism
from faza.protocols.dlms.references import Attribute, Method, Selection
from faza.protocols.dlms.security import Keys

SERVED = (
    Conformance.GENERAL_PROTECTION
    | Conformance.PRIORITY_MANAGEMENT
    | Conformance.BLOCK_TRANSFER_WITH_GET
    | Conformance.BLOCK_TRANSFER_WITH_SET
    | Conformance.BLOCK_TRANSFER_WITH_ACTION
    | Conformance.MULTIPLE_REFERENCES
    | Conformance.GET
    | Conformance.SET
    | Conformance.SELECTIVE_ACCESS
    | Conformance.ACTION
)
"""What a meter agrees to if it is offered."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client that a meter knows: its address, how it proves itself, what it may.

    With `keys` it may, and with `mechanism` HLS_GMAC must, use them. Public clients see only
    public objects; who may not write may read all.
    """

    address: int
    mechanism: Mechanism = Mechanism.NONE
    password: bytes = field(default=b"", repr=False)
    keys: Keys | None = None
    may_write: bool = False
    is_public: bool = False


class Objects(Protocol):
    """What is in a meter. `at` is the true moment, `client` who asks."""

    def get(
        self, attribute: Attribute, selection: Selection | None, client: Client, at: datetime
    ) -> Result: ...
    def set(
        self, attribute: Attribute, data: bytes, client: Client, at: datetime
    ) -> DataAccessResult: ...
    def act(self, method: Method, data: bytes | None, client: Client, at: datetime) -> Outcome: ...
    def refused(self, client: int, at: datetime) -> None:
        """Somebody came with a wrong password or key."""


def _challenge() -> bytes:
    return secrets.token_bytes(16)


@dataclass(slots=True)
class Device:
    """A meter on a line.

    title: its system title, 8 bytes. max_pdu: the greatest APDU that it takes and makes; info
    and window: HDLC's, both ways. sent: its next invocation counter, which may not come again
    under the same key (so a new process begins above the last one's); accepted: the greatest
    counter of a client that it has taken, -1 if none.
    """

    objects: Objects
    clients: Mapping[int, Client]
    title: bytes
    max_pdu: int = 1024
    info: int = 128
    window: int = 1
    sent: int = 1
    accepted: int = -1
    served: Conformance = SERVED
    challenge: Callable[[], bytes] = _challenge
