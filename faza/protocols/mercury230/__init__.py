"""The language of Mercury 230 and its kin (203.2TD, 204, 208, 231, 234, 236, 238), without I/O.

    connection = Connection(address=90)
    step = reading.clock(meter)                    # a generator: asks, and is sent answers
    ask = next(step)
    write(connection.send(ask))
    while (answer := connection.next_event()) is NEED_DATA:
        connection.receive(read())
    ask = step.send(answer)                        # … until StopIteration brings the value

- `frames`, `numbers`: bytes of the line, and what they count. `connection`: one question at a time.
- `values`: what is known of a meter. `reading`, `energies`, `profile`, `journals`: what it tells.
- `commands`: opening, the clock, the load relay, the power limit; each reads back.
- `problems`: what can go wrong.

A frame has no length: what ends an answer is that its check sequence fits and its size is one of
those that the question may bring. Words are sent low byte first, long ones high word first.

Source: the maker's public description of commands (Incotex, «Описание системы команд», version
05.2023, chapters 1 to 4 and Appendix В). Not covered: the tariff schedule, maxima of power,
counters of supply quality, the second load profile.
"""

from __future__ import annotations

from faza.protocols.mercury230.connection import NEED_DATA, Connection
from faza.protocols.mercury230.problems import Damaged, NotTaken, Refusal, Status
from faza.protocols.mercury230.values import (
    Answer,
    Ask,
    Got,
    Habits,
    Meter,
    Passport,
    Refused,
    Step,
)

__all__ = [
    "NEED_DATA",
    "Answer",
    "Ask",
    "Connection",
    "Damaged",
    "Got",
    "Habits",
    "Meter",
    "NotTaken",
    "Passport",
    "Refusal",
    "Refused",
    "Status",
    "Step",
]
