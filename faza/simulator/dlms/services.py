"""GET, SET and ACTION of one association: a request's APDU in, its answer's out, in blocks too.

Source: Green Book 8, 9.3.6 to 9.3.8, 9.4.6.4 to 9.4.6.6; IEC 62056-53, 7.4.1. A block that is
asked for out of turn ends the transfer, as the standard says; the last one may be asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from faza.protocols.dlms import apdu as a
from faza.protocols.dlms.apdu.action import encode_outcome
from faza.protocols.dlms.apdu.blocks import Result, encode_results, read_values
from faza.protocols.dlms.apdu.get import Item
from faza.protocols.dlms.names import (
    ActionResult,
    Conformance,
    DataAccessResult,
    ServiceError,
    StateError,
)
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader
from faza.protocols.dlms.references import Attribute, Method, Selection
from faza.simulator.dlms.device import Client, Objects

MOST_VALUE = 1 << 16
"""Bytes that a client may write in blocks."""
GET_HEAD, BLOCK_HEAD = 4, 3 + 1 + 4 + 1
"""Bytes before the data of an answer, and before the length of a block's raw data."""
UNSUPPORTED = a.ExceptionResponse(StateError.SERVICE_UNKNOWN, ServiceError.SERVICE_NOT_SUPPORTED)

SetTarget: TypeAlias = a.SetFirstBlock | a.SetListFirstBlock


class Outgoing:
    """A long answer, given out block by block: `size` bytes each, numbered from 1."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._size = size
        self.number = 0

    def block(self, number: int) -> tuple[bool, bytes]:
        """Whether it is the last one, and its bytes."""
        self.number = number
        end = number * self._size
        return end >= len(self._data), self._data[end - self._size : end]


class Services:
    """What an associated client may ask. room: the most bytes of an answer; agreed: its terms."""

    def __init__(self, objects: Objects, client: Client, room: int, agreed: Conformance) -> None:
        self._objects = objects
        self._client = client
        self._room = room
        self._agreed = agreed
        self._out: Outgoing | None = None
        self._target: SetTarget | Method | None = None
        self._parts: list[bytes] = []

    def answer(self, found: a.Apdu, at: datetime) -> bytes:
        """The answer to a request; an exception response to what is none, or not agreed."""
        kind = _KINDS.get(type(found))
        if kind is None or not self._agreed & kind[0]:
            return UNSUPPORTED.encode()
        return kind[1](self, found, at)

    # GET

    def get(self, found: a.GetRequest, at: datetime) -> bytes:
        result = self._get(found.attribute, found.selection, at)
        if isinstance(result, DataAccessResult) or len(result) + GET_HEAD <= self._room:
            return a.GetResponse(found.invoke, result).encode()
        if not self._agreed & Conformance.BLOCK_TRANSFER_WITH_GET:
            return a.GetResponse(found.invoke, DataAccessResult.OTHER_REASON).encode()
        return self._first(found.invoke, result, a.GetBlock)

    def get_list(self, found: a.GetListRequest, at: datetime) -> bytes:
        results = tuple([self._get(*item, at) for item in found.items])
        whole = a.GetListResponse(found.invoke, results).encode()
        if len(whole) <= self._room:
            return whole
        return self._first(found.invoke, encode_results(results), a.GetBlock)

    def get_next(self, found: a.GetNext, at: datetime) -> bytes:
        out = self._out
        if out is None:
            no = DataAccessResult.NO_LONG_GET_IN_PROGRESS
            return a.GetBlock(found.invoke, True, found.number, no).encode()
        if found.number not in (out.number, out.number - 1):
            self._out = None
            wrong = DataAccessResult.DATA_BLOCK_NUMBER_INVALID
            return a.GetBlock(found.invoke, True, found.number, wrong).encode()
        last, raw = out.block(found.number + 1)
        return a.GetBlock(found.invoke, last, found.number + 1, raw).encode()

    def _get(self, attribute: Attribute, selection: Selection | None, at: datetime) -> Result:
        return self._objects.get(attribute, selection, self._client, at)

    def _first(
        self, invoke: int, data: bytes, kind: type[a.GetBlock] | type[a.ActionResponseBlock]
    ) -> bytes:
        room = self._room - BLOCK_HEAD
        size = room - (1 if room <= 0x80 else 2 if room <= 0x101 else 3)
        self._out = Outgoing(data, size)
        last, raw = self._out.block(1)
        return kind(invoke, last, 1, raw).encode()

    # SET

    def set(self, found: a.SetRequest, at: datetime) -> bytes:
        code = self._objects.set(found.attribute, found.data, self._client, at)
        return a.SetResponse(found.invoke, code).encode()

    def set_list(self, found: a.SetListRequest, at: datetime) -> bytes:
        codes = self._set_each(found.items, found.values, at)
        return a.SetListResponse(found.invoke, codes).encode()

    def set_first(self, found: SetTarget, at: datetime) -> bytes:
        self._target, self._parts = found, []
        return self._set_part(found.invoke, found.last, found.number, found.raw, at)

    def set_block(self, found: a.SetBlock, at: datetime) -> bytes:
        return self._set_part(found.invoke, found.last, found.number, found.raw, at)

    def _set_part(self, invoke: int, last: bool, number: int, raw: bytes, at: datetime) -> bytes:
        target = self._target
        if target is None or isinstance(target, Method):
            no = DataAccessResult.NO_LONG_SET_IN_PROGRESS
            return a.SetLastTaken(invoke, no, number).encode()
        problem = self._keep(number, raw)
        if problem is not None:
            return a.SetLastTaken(invoke, DataAccessResult(problem), number).encode()
        if not last:
            return a.SetBlockTaken(invoke, number).encode()
        whole, self._target = b"".join(self._parts), None
        if isinstance(target, a.SetFirstBlock):
            code = self._objects.set(target.attribute, whole, self._client, at)
            return a.SetLastTaken(invoke, code, number).encode()
        reader = Reader(whole)
        values = read_values(reader)
        reader.done()
        return a.SetListLastTaken(invoke, self._set_each(target.items, values, at), number).encode()

    def _set_each(
        self, items: tuple[Item, ...], values: tuple[bytes, ...], at: datetime
    ) -> tuple[DataAccessResult, ...]:
        if len(items) != len(values):
            raise Malformed(f"{len(values)} values for {len(items)} items.", code="list")
        return tuple(
            [
                self._objects.set(attribute, value, self._client, at)
                for (attribute, _), value in zip(items, values, strict=True)
            ]
        )

    def _keep(self, number: int, raw: bytes) -> int | None:
        """Keep a part of a long value; why not, by number, else None."""
        if number != len(self._parts) + 1:
            self._target = None
            return DataAccessResult.DATA_BLOCK_NUMBER_INVALID
        self._parts.append(raw)
        if sum(map(len, self._parts)) > MOST_VALUE:
            self._target = None
            return DataAccessResult.LONG_SET_ABORTED
        return None

    # ACTION

    def act(self, found: a.ActionRequest, at: datetime) -> bytes:
        return self._act(found.invoke, found.method, found.data, at)

    def act_first(self, found: a.ActionFirstBlock, at: datetime) -> bytes:
        self._target, self._parts = found.method, []
        return self._act_part(found, at)

    def act_block(self, found: a.ActionBlock, at: datetime) -> bytes:
        return self._act_part(found, at)

    def act_next(self, found: a.ActionNext, at: datetime) -> bytes:
        out = self._out
        if out is None or found.number not in (out.number, out.number - 1):
            self._out = None
            return a.ActionResponse(found.invoke, ActionResult.NO_LONG_ACTION_IN_PROGRESS).encode()
        last, raw = out.block(found.number + 1)
        return a.ActionResponseBlock(found.invoke, last, found.number + 1, raw).encode()

    def act_list(self, found: a.ActionListRequest, at: datetime) -> bytes:
        if len(found.methods) != len(found.values):
            raise Malformed("A list of methods without their words.", code="list")
        outcomes = tuple(
            [
                self._objects.act(method, value, self._client, at)
                for method, value in zip(found.methods, found.values, strict=True)
            ]
        )
        return a.ActionListResponse(found.invoke, outcomes).encode()

    def _act_part(self, found: a.ActionFirstBlock | a.ActionBlock, at: datetime) -> bytes:
        target = self._target
        if not isinstance(target, Method) or self._keep(found.number, found.raw) is not None:
            return a.ActionResponse(found.invoke, ActionResult.LONG_ACTION_ABORTED).encode()
        if not found.last:
            return a.ActionBlockTaken(found.invoke, found.number).encode()
        self._target = None
        return self._act(found.invoke, target, b"".join(self._parts), at)

    def _act(self, invoke: int, method: Method, data: bytes | None, at: datetime) -> bytes:
        outcome = self._objects.act(method, data, self._client, at)
        whole = a.ActionResponse(invoke, *outcome).encode()
        if len(whole) <= self._room:
            return whole
        return self._first(invoke, encode_outcome(outcome), a.ActionResponseBlock)


_Kind = tuple[Conformance, Callable[..., bytes]]
_KINDS: dict[type, _Kind] = {
    a.GetRequest: (Conformance.GET, Services.get),
    a.GetNext: (Conformance.BLOCK_TRANSFER_WITH_GET, Services.get_next),
    a.GetListRequest: (Conformance.MULTIPLE_REFERENCES, Services.get_list),
    a.SetRequest: (Conformance.SET, Services.set),
    a.SetListRequest: (Conformance.MULTIPLE_REFERENCES, Services.set_list),
    a.SetFirstBlock: (Conformance.BLOCK_TRANSFER_WITH_SET, Services.set_first),
    a.SetListFirstBlock: (Conformance.BLOCK_TRANSFER_WITH_SET, Services.set_first),
    a.SetBlock: (Conformance.BLOCK_TRANSFER_WITH_SET, Services.set_block),
    a.ActionRequest: (Conformance.ACTION, Services.act),
    a.ActionNext: (Conformance.BLOCK_TRANSFER_WITH_ACTION, Services.act_next),
    a.ActionListRequest: (Conformance.MULTIPLE_REFERENCES, Services.act_list),
    a.ActionFirstBlock: (Conformance.BLOCK_TRANSFER_WITH_ACTION, Services.act_first),
    a.ActionBlock: (Conformance.BLOCK_TRANSFER_WITH_ACTION, Services.act_block),
}
"""What each request needs to be agreed on, and what answers it."""
