"""Running a connection against a fake meter, without a socket."""

from __future__ import annotations

from dataclasses import dataclass, field

from faza.protocols.dlms import (
    NEED_DATA,
    Address,
    Associate,
    Connect,
    Connection,
    Event,
    Get,
    Hdlc,
    Mechanism,
    Parameters,
    Ports,
    Request,
    Security,
    Transmit,
    events,
)
from faza.protocols.dlms.wrapper import Wrapper
from tests.protocols.dlms.fake_meter import (
    CHALLENGE,
    CLIENT_TITLE,
    ENERGY,
    KEYS,
    PASSWORD,
    FakeMeter,
)

MOST_TURNS = 2000


@dataclass
class Talk:
    """A connection and its meter; `wire` keeps who said what."""

    connection: Connection
    meter: FakeMeter
    wire: list[tuple[str, bytes]] = field(default_factory=list)
    turns: int = 0

    def pass_on(self, data: bytes) -> None:
        if not data:
            return
        self.turns += 1
        self.wire.append((">", data))
        answer = self.meter.take(data)
        self.wire.append(("<", answer))
        if answer:
            self.connection.receive(answer)

    def ask(self, request: Request) -> Event:
        self.pass_on(self.connection.send(request))
        for _ in range(MOST_TURNS):
            event = self.connection.next_event()
            assert event is not NEED_DATA, "the meter has answered and is not understood"
            if not isinstance(event, Transmit):
                return event
            self.pass_on(event.data)
        raise AssertionError("endless")


def security(counter: int = 1, **more: object) -> Security:
    return Security(KEYS, CLIENT_TITLE, counter, **more)


def route_of(over: str, *, info: int = 128, window: int = 1, client: int = 32) -> Ports | Hdlc:
    if over == "wrapper":
        return Ports(client)
    return Hdlc(Address(client), Address(1, 17), Parameters(info, info, window, window))


def talk(
    over: str = "wrapper",
    mechanism: Mechanism = Mechanism.LLS,
    *,
    ciphered: bool = False,
    pdu: int = 0xFFFF,
    info: int = 128,
    window: int = 1,
    general: bool = False,
    up: bool = True,
    meter: FakeMeter | None = None,
) -> Talk:
    """A connection with a meter, associated if `up`."""
    meter = meter or FakeMeter(over, mechanism, ciphered, pdu, info, window)
    keys = mechanism is Mechanism.HLS_GMAC or ciphered
    connection = Connection(
        route_of(over, info=info, window=window),
        mechanism=mechanism,
        password=PASSWORD,
        challenge=CHALLENGE,
        security=security(general=general) if keys else None,
        ciphered=ciphered,
        max_pdu=max(pdu, 64),
    )
    both = Talk(connection, meter)
    if up:
        both.ask(Connect())
        both.ask(Associate())
    return both


METER = Wrapper(source=1, destination=32, limit=0)


def hears(both: Talk, *answers: bytes) -> events.Next:
    """What the connection makes of APDUs that are given to it."""
    for answer in answers:
        both.connection.receive(METER.wrap(answer))
    return both.connection.next_event()


def answers_to(both: Talk, blocks: list[bytes]) -> int:
    """How many of the blocks were answered at once."""
    return sum(isinstance(hears(both, block), Transmit) for block in blocks)


def asking(**more: object) -> Talk:
    """A connection that waits for the answer to a GET."""
    both = talk(**more)
    both.connection.send(Get(ENERGY))
    return both
