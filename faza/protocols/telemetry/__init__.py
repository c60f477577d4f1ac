"""Telemetry: JSON messages of intervals, registers and events (docs/reference/telemetry.md).

`read` gives the messages of a file or packet; `parsed_of` makes exact numbers of many series at
once. Codes and numbers are texts as the sender has them; who they are is the caller's business.
"""

from __future__ import annotations

from faza.protocols.telemetry.amounts import parsed_of
from faza.protocols.telemetry.reader import looks_like, read
from faza.protocols.telemetry.values import Device, Event, Message, Reading, Series, Who

__all__ = [
    "Device",
    "Event",
    "Message",
    "Reading",
    "Series",
    "Who",
    "looks_like",
    "parsed_of",
    "read",
]
