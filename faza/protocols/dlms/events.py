"""What is asked of a connection, and what comes out of it: values.

A request is given to `Connection.send`; exactly one of its events answers it:

    Connect      Connected                       GetList      GotList, Refused
    Associate    Associated                      Set          Done, Refused
    Get          Got, Refused                    SetList      DoneList, Refused
    Action       Acted, Refused                  Release      Released, Refused
    Disconnect   Disconnected

`Transmit` may come before it any number of times, `Pushed` and `Told` at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias, TypeVar

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data
from faza.protocols.dlms.names import (
    ActionResult,
    Conformance,
    DataAccessResult,
    Mechanism,
    ServiceError,
    StateError,
)
from faza.protocols.dlms.references import Attribute, Method, Selection

Result: TypeAlias = bytes | DataAccessResult
"""The bytes of an attribute's data, or why there are none."""


class Need(Enum):
    DATA = "data"


NEED_DATA = Need.DATA
"""Nothing to tell until more bytes come."""


# Requests


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the link: SNRM on HDLC, nothing on a wrapper."""


@dataclass(frozen=True, slots=True)
class Associate:
    """AARQ, and the proofs of HLS where they are asked for."""


@dataclass(frozen=True, slots=True)
class Get:
    attribute: Attribute
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class GetList:
    """Several attributes in one question; needs MULTIPLE_REFERENCES."""

    items: tuple[tuple[Attribute, Selection | None], ...]


@dataclass(frozen=True, slots=True)
class Set:
    attribute: Attribute
    data: Data
    selection: Selection | None = None


@dataclass(frozen=True, slots=True)
class SetList:
    items: tuple[tuple[Attribute, Selection | None], ...]
    values: tuple[Data, ...]


@dataclass(frozen=True, slots=True)
class Action:
    method: Method
    data: Data | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """RLRQ."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the link: DISC on HDLC, nothing on a wrapper."""


Request: TypeAlias = (
    Connect | Associate | Get | GetList | Set | SetList | Action | Release | Disconnect
)


# Events


@dataclass(frozen=True, slots=True)
class Transmit:
    """These bytes are to be sent now: the dialogue goes on by itself."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Connected:
    pass


@dataclass(frozen=True, slots=True)
class Associated:
    """`max_pdu` is the greatest APDU that the meter takes, `title` its system title."""

    conformance: Conformance
    max_pdu: int
    mechanism: Mechanism
    title: bytes


@dataclass(frozen=True, slots=True)
class Got:
    """An attribute's bytes, or why there are none. The bytes are checked when decoded."""

    result: Result

    def data(self) -> Data:
        """The value. Raises Malformed if the bytes are none, ValueError if there are none."""
        if isinstance(self.result, DataAccessResult):
            raise ValueError(f"No data: {self.result.name}.")
        return axdr.decode(self.result)


@dataclass(frozen=True, slots=True)
class GotList:
    """As Got, for each item in order."""

    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Whether an attribute was written."""

    result: DataAccessResult


@dataclass(frozen=True, slots=True)
class DoneList:
    results: tuple[DataAccessResult, ...]


@dataclass(frozen=True, slots=True)
class Acted:
    """Whether a method was done, and what it returned."""

    result: ActionResult
    returned: Result | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The meter refused the service as a whole; the association stands."""

    state: StateError
    service: ServiceError
    counter: int | None = None


@dataclass(frozen=True, slots=True)
class Released:
    pass


@dataclass(frozen=True, slots=True)
class Disconnected:
    pass


@dataclass(frozen=True, slots=True)
class Pushed:
    """A DataNotification. `stamp` is empty or 12 bytes, `data` the body's bytes."""

    stamp: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """An EventNotification. `stamp` is empty or 12 bytes."""

    stamp: bytes
    attribute: Attribute
    data: bytes


Answer: TypeAlias = Got | GotList | Done | DoneList | Acted | Refused
Event: TypeAlias = (
    Transmit | Connected | Associated | Answer | Released | Disconnected | Pushed | Told
)
Stepping = TypeVar("Stepping", bound=Event)
Next: TypeAlias = Event | Literal[Need.DATA]
