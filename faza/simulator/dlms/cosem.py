"""Which objects a meter has, and doing what a client asks of them.

A `Thing` is one COSEM object; those of like meters are shared, and hold no state: that is the
meter's. Source: Blue Book 12, 4; ГОСТ Р 58940; СТО 34.01-5.1-006.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from faza.protocols.dlms import axdr
from faza.protocols.dlms.apdu.action import Outcome
from faza.protocols.dlms.apdu.blocks import Result
from faza.protocols.dlms.axdr import Data
from faza.protocols.dlms.names import ActionResult, DataAccessResult
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.references import Attribute, Method, Selection
from faza.simulator.dlms.device import Client
from faza.simulator.dlms.styles import Style, style_of
from faza.simulator.meter import Meter, NotPossible

NAME = 1
"""The attribute that every object has."""


class Denied(Exception):
    """An attribute or method says no, by this result."""

    def __init__(self, result: DataAccessResult) -> None:
        super().__init__(result.name)
        self.result = result


@dataclass(slots=True)
class Inside:
    """A meter, and what its DLMS side keeps.

    accepted: tells the greatest invocation counter taken. title: its system title. draft: parts
    of a passive calendar that were written and are no calendar yet, by attribute. relay_mode:
    how the relay goes on again (Blue Book 12, 4.5.8), None as it left the factory.
    """

    meter: Meter
    style: Style
    title: bytes
    accepted: Callable[[], int] = field(default=lambda: -1)
    draft: dict[int, Data] = field(default_factory=dict)
    relay_mode: int | None = None


Reader: TypeAlias = Callable[[Inside, datetime], Data]
Writer: TypeAlias = Callable[[Inside, datetime, Data], None]
Act: TypeAlias = Callable[[Inside, datetime, Data], None]
Rows: TypeAlias = Callable[[Inside, datetime, Selection | None], bytes]


@dataclass(frozen=True, slots=True)
class Thing:
    """An object: attributes by number, how they are read and written; methods by number.

    rows: attribute 2 of a profile, which takes a selection.
    """

    class_id: int
    name: bytes
    reads: Mapping[int, Reader]
    writes: Mapping[int, Writer] = field(default_factory=dict)
    acts: Mapping[int, Act] = field(default_factory=dict)
    rows: Rows | None = None
    version: int = 0
    is_public: bool = False


def constant(data: Data) -> Reader:
    return lambda inside, at: data


class Cosem:
    """The objects of one meter: see `device.Objects`. `things` are told for it by `things_of`."""

    def __init__(
        self,
        meter: Meter,
        title: bytes,
        things_of: Callable[[Inside, datetime], Mapping[bytes, Thing]],
    ) -> None:
        self.inside = Inside(meter, style_of(meter.spec.model), title)
        self._things_of = things_of
        self._things: Mapping[bytes, Thing] | None = None

    def things(self, at: datetime) -> Mapping[bytes, Thing]:
        if self._things is None:
            self._things = self._things_of(self.inside, at)
        return self._things

    def get(
        self, attribute: Attribute, selection: Selection | None, client: Client, at: datetime
    ) -> Result:
        try:
            thing = self._find(attribute, client, at)
            if attribute.index == NAME:
                return axdr.encode(axdr.octet_string(thing.name))
            if attribute.index == 2 and thing.rows is not None:
                return thing.rows(self.inside, at, selection)
            read = thing.reads.get(attribute.index)
            if read is None:
                return DataAccessResult.READ_WRITE_DENIED
            if selection is not None:
                return DataAccessResult.SCOPE_OF_ACCESS_VIOLATED
            return axdr.encode(read(self.inside, at))
        except Denied as denied:
            return denied.result
        except Malformed:
            return DataAccessResult.TYPE_UNMATCHED

    def set(
        self, attribute: Attribute, data: bytes, client: Client, at: datetime
    ) -> DataAccessResult:
        try:
            thing = self._find(attribute, client, at)
            write = thing.writes.get(attribute.index)
            if write is None or not client.may_write:
                return DataAccessResult.READ_WRITE_DENIED
            write(self.inside, at, axdr.decode(data))
        except Denied as denied:
            return denied.result
        except NotPossible:
            return DataAccessResult.OTHER_REASON
        except Malformed:
            return DataAccessResult.TYPE_UNMATCHED
        return DataAccessResult.SUCCESS

    def act(self, method: Method, data: bytes | None, client: Client, at: datetime) -> Outcome:
        try:
            thing = self._find(method, client, at)
            act = thing.acts.get(method.index)
            if act is None or not client.may_write:
                return ActionResult.READ_WRITE_DENIED, None
            act(self.inside, at, axdr.null() if data is None else axdr.decode(data))
        except Denied as denied:
            return ActionResult(denied.result), None
        except NotPossible:
            return ActionResult.OTHER_REASON, None
        except Malformed:
            return ActionResult.TYPE_UNMATCHED, None
        return ActionResult.SUCCESS, None

    def refused(self, client: int, at: datetime) -> None:
        """Journal 6, code 1: an unauthorised attempt."""
        self.inside.meter.note(6, 1, at)

    def _find(self, what: Attribute | Method, client: Client, at: datetime) -> Thing:
        thing = self.things(at).get(what.name)
        if thing is None:
            raise Denied(DataAccessResult.OBJECT_UNDEFINED)
        if thing.class_id != what.class_id:
            raise Denied(DataAccessResult.OBJECT_CLASS_INCONSISTENT)
        if client.is_public and not thing.is_public:
            raise Denied(DataAccessResult.READ_WRITE_DENIED)
        return thing
