"""Running steps without a line: against told answers, or against a simulated meter."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from faza.protocols.mercury230 import NEED_DATA, Answer, Ask, Connection, Refused, Status
from faza.protocols.mercury230.frames import wrap
from faza.simulator.mercury import Speaker, Station
from faza.simulator.meter import Meter
from faza.simulator.spec import MeterSpec

T = TypeVar("T")
AT = datetime(2026, 3, 2, 7, 10, 20, tzinfo=UTC)
OPEN = b"\x01\x01" + b"\x01" * 6
OWNER = b"\x01\x02" + b"\x01" * 6


def run(step: Generator[Ask, Answer, T], answer: Callable[[bytes], bytes]) -> T:
    """The value of a step whose questions are answered by data for data."""
    try:
        ask = next(step)
        while True:
            ask = step.send(told(ask, answer(ask.payload)))
    except StopIteration as done:
        return done.value


def told(ask: Ask, data: bytes) -> Answer:
    """What a connection makes of an answer."""
    connection = Connection(90)
    connection.send(ask)
    connection.receive(wrap(90, data))
    event = connection.next_event()
    return Refused(Status.ILLEGAL) if event is NEED_DATA else event


def script(answers: Mapping[str, str]) -> Callable[[bytes], bytes]:
    """Answers by question, both in hex; what is not told is refused."""
    known = {bytes.fromhex(ask): bytes.fromhex(data) for ask, data in answers.items()}
    return lambda payload: known.get(payload, b"\x01")


@dataclass
class Talk:
    """A simulated meter with an open channel."""

    spec: MeterSpec = field(
        default_factory=lambda: MeterSpec(
            number="40111122", driver="mercury230", address=90, register_step=1, seed=5
        )
    )
    at: datetime = AT
    unit: int = 16
    level: int = 2
    asked: list[bytes] = field(default_factory=list)
    change: Callable[[bytes, bytes], bytes] | None = None

    def __post_init__(self) -> None:
        self.meter = Meter(self.spec)
        self.station = Station(self.meter, self.unit)
        self.station.answer(OWNER if self.level == 2 else OPEN, self.at)

    def answer(self, payload: bytes) -> bytes:
        self.asked.append(payload)
        data = self.station.answer(payload, self.at)
        return self.change(payload, data) if self.change else data

    def run(self, step: Generator[Ask, Answer, T]) -> T:
        return run(step, self.answer)


__all__ = ["AT", "OPEN", "OWNER", "Speaker", "Talk", "run", "script", "told"]
