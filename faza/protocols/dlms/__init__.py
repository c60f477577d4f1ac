"""DLMS/COSEM without input and output: bytes to values and back, and a client's dialogue.

    from faza.protocols.dlms import Connection, Get, NEED_DATA, ...

    connection = Connection(Ports(client=32), mechanism=Mechanism.LLS, password=b"111111")
    for request in (Connect(), Associate(), Get(profile, selection), Release(), Disconnect()):
        write(connection.send(request))
        ...                                       # see `connection`

- `connection`: what a client says and hears; `state` its table, `events` requests and answers,
  `exchange` one request with its blocks, `association` what an AARE means.
- `line`, `wrapper`, `hdlc`: ways to a meter. `security`: protection and proofs.
- `apdu`, `acse`, `references`, `axdr`, `clock`, `names`: the codec, of use to both sides.
- `profile`, `moments`: rows of a profile and their clocks, as NumPy columns.
- `problems`: what can go wrong, divided by what the caller does next.

Whatever a meter sends ends in an event or one of `problems`, in bounded time and memory: lengths
are compared with what was agreed on before anything is kept, depth, number of values, size of an
answer and bytes of garbage are bounded, and a broken frame is never «need more».

Only logical names (LN), DLMS version 6, security suites 0 to 2 with global keys and no key
agreement. Source: DLMS UA 1000-1 (Blue Book 12), 1000-2 (Green Book 8); IEC 62056-46, -47, -53,
-61, -62; ГОСТ Р 58940 (СПОДЭС).
"""

from __future__ import annotations

from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.clock import Date, DateTime, Time, date_time
from faza.protocols.dlms.connection import Connection
from faza.protocols.dlms.events import (
    NEED_DATA,
    Acted,
    Action,
    Associate,
    Associated,
    Connect,
    Connected,
    Disconnect,
    Disconnected,
    Done,
    DoneList,
    Event,
    Get,
    GetList,
    Got,
    GotList,
    Pushed,
    Refused,
    Release,
    Released,
    Request,
    Set,
    SetList,
    Told,
    Transmit,
)
from faza.protocols.dlms.hdlc import Address, Parameters
from faza.protocols.dlms.line import Hdlc, Route
from faza.protocols.dlms.moments import Moments, moments
from faza.protocols.dlms.names import (
    ActionResult,
    Conformance,
    DataAccessResult,
    Mechanism,
    ServiceError,
    StateError,
)
from faza.protocols.dlms.problems import (
    CounterSpent,
    CounterTooLow,
    Damaged,
    GiveUp,
    Malformed,
    Rejected,
    Replayed,
    TooLarge,
    TryLater,
    Unproven,
    WrongStep,
)
from faza.protocols.dlms.profile import Column, Columns, columns
from faza.protocols.dlms.references import (
    Attribute,
    CaptureObject,
    Entries,
    Method,
    Range,
    Selector,
    dotted,
    obis,
)
from faza.protocols.dlms.security import Keys, Protection, Security
from faza.protocols.dlms.state import State
from faza.protocols.dlms.wrapper import Ports

__all__ = [
    "NEED_DATA",
    "Acted",
    "Action",
    "ActionResult",
    "Address",
    "Associate",
    "Associated",
    "Attribute",
    "CaptureObject",
    "Column",
    "Columns",
    "Conformance",
    "Connect",
    "Connected",
    "Connection",
    "CounterSpent",
    "CounterTooLow",
    "Damaged",
    "Data",
    "DataAccessResult",
    "Date",
    "DateTime",
    "Disconnect",
    "Disconnected",
    "Done",
    "DoneList",
    "Entries",
    "Event",
    "Get",
    "GetList",
    "GiveUp",
    "Got",
    "GotList",
    "Hdlc",
    "Keys",
    "Malformed",
    "Mechanism",
    "Method",
    "Moments",
    "Parameters",
    "Ports",
    "Protection",
    "Pushed",
    "Range",
    "Refused",
    "Rejected",
    "Release",
    "Released",
    "Replayed",
    "Request",
    "Route",
    "Security",
    "Selector",
    "ServiceError",
    "Set",
    "SetList",
    "State",
    "StateError",
    "Tag",
    "Time",
    "Told",
    "TooLarge",
    "Transmit",
    "TryLater",
    "Unproven",
    "WrongStep",
    "columns",
    "date_time",
    "dotted",
    "moments",
    "obis",
]
