"""One request and its answer, in as many APDUs as it takes. No transport, no protection.

`begin()` gives the first APDU; `take(apdu)` gives the next one to send, or the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from faza.protocols.dlms import apdu as a
from faza.protocols.dlms import axdr
from faza.protocols.dlms.apdu.action import read_outcome
from faza.protocols.dlms.apdu.blocks import read_results
from faza.protocols.dlms.events import (
    Acted,
    Action,
    Answer,
    Done,
    DoneList,
    Get,
    GetList,
    Got,
    GotList,
    Set,
    SetList,
)
from faza.protocols.dlms.names import ActionResult, Conformance, DataAccessResult
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.reading import Reader
from faza.protocols.dlms.transfer import Blocks, cut

_T = TypeVar("_T")

BLOCK_HEAD = 1 + 4 + 5
"""Most bytes of a data block before its raw data: last, number, length."""
HEAD = 3
"""Bytes of a request before its content: tag, choice, invoke id."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`most` bounds an answer, `room` an APDU that the meter takes, both in bytes.

    `agreed` is what the meter has agreed to.
    """

    most: int
    room: int
    agreed: Conformance


class Getting:
    """GET: normal or with a list, the answer whole or in blocks."""

    def __init__(self, request: Get | GetList, invoke: int, limits: Limits) -> None:
        self.request = request
        self.invoke = invoke
        self.limits = limits
        self._blocks = Blocks(limits.most)

    def begin(self) -> bytes:
        request = self.request
        if isinstance(request, GetList):
            _agreed(self.limits, Conformance.MULTIPLE_REFERENCES)
            return _fitting(a.GetListRequest(self.invoke, request.items).encode(), self.limits)
        found = a.GetRequest(self.invoke, request.attribute, request.selection)
        return _fitting(found.encode(), self.limits)

    def take(self, apdu: a.Apdu) -> bytes | Answer:
        if isinstance(apdu, a.GetBlock):
            _same(apdu.invoke, self.invoke)
            return self._block(apdu)
        if isinstance(apdu, a.GetResponse):
            _same(apdu.invoke, self.invoke)
            if isinstance(self.request, Get):
                return Got(apdu.result)
            if isinstance(apdu.result, DataAccessResult):
                return GotList((apdu.result,) * len(self.request.items))
        if isinstance(apdu, a.GetListResponse) and isinstance(self.request, GetList):
            _same(apdu.invoke, self.invoke)
            return GotList(_counted(apdu.results, self.request.items))
        raise _unexpected(apdu)

    def _block(self, block: a.GetBlock) -> bytes | Answer:
        if isinstance(block.result, DataAccessResult):
            if isinstance(self.request, GetList):
                return GotList((block.result,) * len(self.request.items))
            return Got(block.result)
        whole = self._blocks.add(block.number, block.result, last=block.last)
        if whole is None:
            return a.GetNext(self.invoke, block.number).encode()
        if isinstance(self.request, Get):
            return Got(whole)
        reader = Reader(whole)
        results = read_results(reader)
        reader.done()
        return GotList(_counted(results, self.request.items))


class Setting:
    """SET: normal or with a list, in blocks where it does not fit the meter's PDU."""

    def __init__(self, request: Set | SetList, invoke: int, limits: Limits) -> None:
        self.request = request
        self.invoke = invoke
        self.limits = limits
        self._rest: list[bytes] = []
        self._number = 0

    def begin(self) -> bytes:
        request, invoke, room = self.request, self.invoke, self.limits.room
        if isinstance(request, Set):
            data = axdr.encode(request.data)
            whole = a.SetRequest(invoke, request.attribute, data, request.selection).encode()
            if len(whole) <= room:
                return whole
            head = len(whole) - len(data)
            first = self._cut(data, head)
            return a.SetFirstBlock(
                invoke, request.attribute, not self._rest, 1, first, request.selection
            ).encode()
        _agreed(self.limits, Conformance.MULTIPLE_REFERENCES)
        values = tuple([axdr.encode(value) for value in request.values])
        whole = a.SetListRequest(invoke, request.items, values).encode()
        if len(whole) <= room:
            return whole
        bare = len(a.SetListRequest(invoke, request.items, ()).encode()) - 1
        first = self._cut(whole[bare:], bare)
        return a.SetListFirstBlock(invoke, request.items, not self._rest, 1, first).encode()

    def _cut(self, data: bytes, head: int) -> bytes:
        _agreed(self.limits, Conformance.BLOCK_TRANSFER_WITH_SET)
        room = self.limits.room
        first, *self._rest = cut(data, room - head - BLOCK_HEAD, room - HEAD - BLOCK_HEAD)
        self._number = 1
        return first

    def take(self, apdu: a.Apdu) -> bytes | Answer:
        if isinstance(apdu, a.SetBlockTaken):
            _same(apdu.invoke, self.invoke)
            _number(apdu.number, self._number)
            if not self._rest:
                raise Malformed("A block is asked for after the last.", code="block-number")
            self._number += 1
            piece = self._rest.pop(0)
            return a.SetBlock(self.invoke, not self._rest, self._number, piece).encode()
        if isinstance(apdu, a.SetResponse | a.SetLastTaken):
            _same(apdu.invoke, self.invoke)
            if isinstance(apdu, a.SetLastTaken):
                _number(apdu.number, self._number)
            if isinstance(self.request, Set):
                return Done(apdu.result)
            if apdu.result is not DataAccessResult.SUCCESS:
                return DoneList((apdu.result,) * len(self.request.items))
        if isinstance(apdu, a.SetListResponse | a.SetListLastTaken) and isinstance(
            self.request, SetList
        ):
            _same(apdu.invoke, self.invoke)
            return DoneList(_counted(apdu.results, self.request.items))
        raise _unexpected(apdu)


class Acting:
    """ACTION: parameter and answer whole or in blocks."""

    def __init__(self, request: Action, invoke: int, limits: Limits) -> None:
        self.request = request
        self.invoke = invoke
        self.limits = limits
        self._rest: list[bytes] = []
        self._number = 0
        self._blocks = Blocks(limits.most)

    def begin(self) -> bytes:
        request, room = self.request, self.limits.room
        data = None if request.data is None else axdr.encode(request.data)
        whole = a.ActionRequest(self.invoke, request.method, data).encode()
        if len(whole) <= room or data is None:
            return _fitting(whole, self.limits)
        _agreed(self.limits, Conformance.BLOCK_TRANSFER_WITH_ACTION)
        head = len(whole) - len(data)
        first, *self._rest = cut(data, room - head - BLOCK_HEAD, room - HEAD - BLOCK_HEAD)
        self._number = 1
        return a.ActionFirstBlock(self.invoke, request.method, not self._rest, 1, first).encode()

    def take(self, apdu: a.Apdu) -> bytes | Answer:
        if isinstance(apdu, a.ActionBlockTaken):
            _same(apdu.invoke, self.invoke)
            _number(apdu.number, self._number)
            if not self._rest:
                raise Malformed("A block is asked for after the last.", code="block-number")
            self._number += 1
            piece = self._rest.pop(0)
            return a.ActionBlock(self.invoke, not self._rest, self._number, piece).encode()
        if isinstance(apdu, a.ActionResponse):
            _same(apdu.invoke, self.invoke)
            return Acted(apdu.result, apdu.returned)
        if isinstance(apdu, a.ActionResponseBlock):
            _same(apdu.invoke, self.invoke)
            whole = self._blocks.add(apdu.number, apdu.raw, last=apdu.last)
            if whole is None:
                return a.ActionNext(self.invoke, apdu.number).encode()
            return _assembled(whole)
        raise _unexpected(apdu)


Exchange: TypeAlias = Getting | Setting | Acting
KINDS: dict[type, Callable[..., Exchange]] = {
    Get: Getting,
    GetList: Getting,
    Set: Setting,
    SetList: Setting,
    Action: Acting,
}


def _assembled(whole: bytes) -> Acted:
    """The answer to an action that came in blocks.

    By the standard it is the result with the returned data; some meters send the data alone.
    """
    reader = Reader(whole)
    try:
        outcome = read_outcome(reader)
        reader.done()
        return Acted(*outcome)
    except Malformed:
        axdr.decode(whole)
        return Acted(ActionResult.SUCCESS, whole)


def _agreed(limits: Limits, wanted: Conformance) -> None:
    """Raises ValueError if the meter has not agreed to this."""
    if not limits.agreed & wanted:
        raise ValueError(f"The meter has not agreed to {wanted.name}.")


def _fitting(apdu: bytes, limits: Limits) -> bytes:
    """Raises ValueError if the meter does not take so much, and it cannot be cut."""
    if len(apdu) > limits.room:
        raise ValueError(f"A request of {len(apdu)} bytes; the meter takes {limits.room}.")
    return apdu


def _same(found: int, ours: int) -> None:
    if (found ^ ours) & 0x0F:
        raise Malformed(f"Invoke id {found & 0x0F}, not {ours & 0x0F}.", code="invoke-id")


def _number(found: int, ours: int) -> None:
    if found != ours:
        raise Malformed(f"Block {found} taken, not {ours}.", code="block-number")


def _counted(results: tuple[_T, ...], items: tuple[object, ...]) -> tuple[_T, ...]:
    if len(results) != len(items):
        raise Malformed(f"{len(results)} results for {len(items)} items.", code="list")
    return results


def _unexpected(apdu: a.Apdu) -> Malformed:
    return Malformed(f"{type(apdu).__name__} is no answer to what was asked.", code="unexpected")
