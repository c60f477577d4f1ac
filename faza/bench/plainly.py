"""Our protocol over a plain socket that blocks, as other people's clients have it.

No event loop, no log of the dialogue: what `faza.protocols` takes of the processor by itself.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from faza.bench.meters import DAY, TITLE, Kind, first_counters
from faza.protocols import dlms, spodes
from faza.protocols.metered import Json, ProfileRows
from faza.simulator.spec import Access

Sums: TypeAlias = tuple[int, int]
OFFSET = 180
MECHANISMS = {"lls": dlms.Mechanism.LLS, "hls5": dlms.Mechanism.HLS_GMAC}


@dataclass(slots=True)
class Plain:
    """Sessions with a meter, one after another."""

    kind: Kind
    port: int
    layouts: Mapping[str, Json] = field(default_factory=dict)
    counter: int = field(default_factory=lambda: next(first_counters))
    let: Access = field(init=False)

    def __post_init__(self) -> None:
        self.let = Access(self.kind.mechanism)

    def session(self) -> ProfileRows:
        """Connect, associate, read the day, release, close."""
        connection, security = self._connection()
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            ask(connection, line, dlms.Connect())
            terms = ask(connection, line, dlms.Associate())
            assert isinstance(terms, dlms.Associated)
            meter = spodes.Meter.from_json(self.layouts, offset=OFFSET)
            meter.agreed(terms, ciphered=connection.ciphered)
            rows = self._read(connection, line, meter)
            ask(connection, line, dlms.Release())
            ask(connection, line, dlms.Disconnect())
        if not self.layouts:
            self.layouts = meter.to_json()
        if security is not None:
            self.counter = security.counter
        return rows

    def _connection(self) -> tuple[dlms.Connection, dlms.Security | None]:
        kind, let = self.kind, self.let
        route: dlms.Route = dlms.Ports(kind.client, kind.address)
        if kind.over == "hdlc":
            parameters = dlms.Parameters(512, 512, 1, 1)
            route = dlms.Hdlc(dlms.Address(kind.client), dlms.Address(1, kind.address), parameters)
        security = None
        if kind.mechanism == "hls5":
            keys = dlms.Keys(let.encryption_key, let.authentication_key)
            security = dlms.Security(keys, bytes.fromhex(TITLE), self.counter)
        connection = dlms.Connection(
            route,
            mechanism=MECHANISMS[kind.mechanism],
            password=let.password,
            challenge=secrets.token_bytes(16) if security else b"",
            security=security,
            ciphered=security is not None,
        )
        return connection, security

    def _read(
        self, connection: dlms.Connection, line: socket.socket, meter: spodes.Meter
    ) -> ProfileRows:
        step = spodes.profile(meter, 1, *DAY)
        try:
            request = next(step)
            while True:
                request = step.send(ask(connection, line, request))  # type: ignore[arg-type]
        except StopIteration as done:
            rows: ProfileRows = done.value
            return rows


def ask(connection: dlms.Connection, line: socket.socket, request: dlms.Request) -> dlms.Event:
    """A request and its answer."""
    out = connection.send(request)
    while True:
        if out:
            line.sendall(out)
            connection.receive(line.recv(65536))
            out = b""
        event = connection.next_event()
        if event is dlms.NEED_DATA:
            connection.receive(line.recv(65536))
        elif isinstance(event, dlms.Transmit):
            out = event.data
        else:
            assert not isinstance(event, str)
            return event


def read(kind: Kind, port: int, *, rounds: int, sessions: int) -> tuple[float, Sums]:
    """Milliseconds of our own processor for a session, the best round, and the sums of the rows."""
    plain = Plain(kind, port)
    rows = plain.session()  # learns the layout
    taken = []
    for _ in range(1 + rounds):
        began = time.process_time()
        for _ in range(sessions):
            rows = plain.session()
        taken.append((time.process_time() - began) / sessions * 1e3)
    return min(taken[1:]), sums(rows)


def sums(rows: ProfileRows) -> Sums:
    """Of a whole day's rows: seconds since 1970, and values."""
    assert rows.values.shape == (48, 4)
    assert rows.present.all()
    return int(rows.ends.astype(np.int64).sum()), int(rows.values.sum())
