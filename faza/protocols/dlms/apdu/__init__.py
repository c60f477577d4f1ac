"""APDUs as values: `decode(bytes)`, and `encode()` of each.

ACSE's four are in `acse`. Both sides use these; what may follow what is said elsewhere.
Source: Green Book 8, 9.5; IEC 62056-53, 8; ГОСТ Р 58940.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from faza.protocols.dlms import acse
from faza.protocols.dlms.acse import Aare, Aarq, Rlre, Rlrq
from faza.protocols.dlms.apdu.action import (
    ActionBlock,
    ActionBlockTaken,
    ActionFirstBlock,
    ActionListFirstBlock,
    ActionListRequest,
    ActionListResponse,
    ActionNext,
    ActionRequest,
    ActionResponse,
    ActionResponseBlock,
)
from faza.protocols.dlms.apdu.general import (
    GENERAL_GLO,
    GLOBAL,
    PLAIN,
    Ciphered,
    ExceptionResponse,
    GeneralBlock,
)
from faza.protocols.dlms.apdu.get import (
    GetBlock,
    GetListRequest,
    GetListResponse,
    GetNext,
    GetRequest,
    GetResponse,
)
from faza.protocols.dlms.apdu.initiate import (
    ConfirmedServiceError,
    InitiateRequest,
    InitiateResponse,
)
from faza.protocols.dlms.apdu.notices import DataNotification, EventNotification
from faza.protocols.dlms.apdu.set import (
    SetBlock,
    SetBlockTaken,
    SetFirstBlock,
    SetLastTaken,
    SetListFirstBlock,
    SetListLastTaken,
    SetListRequest,
    SetListResponse,
    SetRequest,
    SetResponse,
)
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader

Apdu: TypeAlias = (
    Aarq
    | Aare
    | Rlrq
    | Rlre
    | InitiateRequest
    | InitiateResponse
    | ConfirmedServiceError
    | GetRequest
    | GetNext
    | GetListRequest
    | GetResponse
    | GetBlock
    | GetListResponse
    | SetRequest
    | SetFirstBlock
    | SetBlock
    | SetListRequest
    | SetListFirstBlock
    | SetResponse
    | SetBlockTaken
    | SetLastTaken
    | SetListLastTaken
    | SetListResponse
    | ActionRequest
    | ActionNext
    | ActionListRequest
    | ActionFirstBlock
    | ActionListFirstBlock
    | ActionBlock
    | ActionResponse
    | ActionResponseBlock
    | ActionListResponse
    | ActionBlockTaken
    | DataNotification
    | EventNotification
    | ExceptionResponse
    | GeneralBlock
    | Ciphered
)

ONE: dict[int, Callable[[Reader], Apdu]] = {
    kind.HEAD[0]: kind.read
    for kind in (
        InitiateRequest, InitiateResponse, ConfirmedServiceError,
        DataNotification, EventNotification, ExceptionResponse, GeneralBlock,
    )
}  # fmt: skip
"""Readers by the tag."""
TWO: dict[bytes, Callable[[Reader], Apdu]] = {
    kind.HEAD: kind.read
    for kind in (
        GetRequest, GetNext, GetListRequest, GetResponse, GetBlock, GetListResponse,
        SetRequest, SetFirstBlock, SetBlock, SetListRequest, SetListFirstBlock,
        SetResponse, SetBlockTaken, SetLastTaken, SetListLastTaken, SetListResponse,
        ActionRequest, ActionNext, ActionListRequest, ActionFirstBlock, ActionListFirstBlock,
        ActionBlock, ActionResponse, ActionResponseBlock, ActionListResponse, ActionBlockTaken,
    )
}  # fmt: skip
"""Readers by the tag and the choice after it."""


def decode(data: bytes) -> Apdu:
    """The one APDU that the bytes are. Raises Malformed if they are none."""
    reader = Reader(data)
    reads = TWO.get(data[:2])
    if reads is not None:
        reader.at = 2
        found = reads(reader)
    else:
        found = _other(reader)
    if reader.at != reader.end:
        reader.done()
    return found


def _other(reader: Reader) -> Apdu:
    """What has no choice after its tag."""
    tag = reader.u8()
    one = ONE.get(tag)
    if one is not None:
        return one(reader)
    if tag == GENERAL_GLO or tag in PLAIN:
        return Ciphered.read(tag, reader)
    if tag in acse.TAGS:
        reader.at = 0
        return acse.read(reader)
    raise Malformed(f"No APDU begins with {reader.data[:2].hex()}.", code="apdu")


__all__ = [
    "GENERAL_GLO",
    "GLOBAL",
    "PLAIN",
    "Aare",
    "Aarq",
    "ActionBlock",
    "ActionBlockTaken",
    "ActionFirstBlock",
    "ActionListFirstBlock",
    "ActionListRequest",
    "ActionListResponse",
    "ActionNext",
    "ActionRequest",
    "ActionResponse",
    "ActionResponseBlock",
    "Apdu",
    "Ciphered",
    "ConfirmedServiceError",
    "DataNotification",
    "EventNotification",
    "ExceptionResponse",
    "GeneralBlock",
    "GetBlock",
    "GetListRequest",
    "GetListResponse",
    "GetNext",
    "GetRequest",
    "GetResponse",
    "InitiateRequest",
    "InitiateResponse",
    "Rlre",
    "Rlrq",
    "SetBlock",
    "SetBlockTaken",
    "SetFirstBlock",
    "SetLastTaken",
    "SetListFirstBlock",
    "SetListLastTaken",
    "SetListRequest",
    "SetListResponse",
    "SetRequest",
    "SetResponse",
    "decode",
]
