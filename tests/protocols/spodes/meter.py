"""A small СПОДЭС meter for tests: objects that can be looked at, and how it may be difficult.

It keeps no time: its clock is what is written to it. It shares the codec with the client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

from faza.protocols.dlms import (
    Associated,
    Attribute,
    CaptureObject,
    Data,
    DataAccessResult,
    DateTime,
    Entries,
    Mechanism,
    Method,
    Range,
    Tag,
    apdu,
    axdr,
    date_time,
    obis,
)
from faza.protocols.dlms import names as n
from faza.protocols.dlms.events import Answer
from faza.protocols.dlms.references import Selection
from faza.protocols.spodes import Meter, Step
from tests.protocols.dlms.dialogue import Talk, talk
from tests.protocols.dlms.fake_meter import FakeMeter

_T = TypeVar("_T")
MOSCOW = timezone(timedelta(hours=3))
OFFSET = 180
DAY = datetime(2026, 11, 1, 21, tzinfo=UTC)
"""The start of 2 November in Moscow."""
CLOCK = CaptureObject(8, obis("0.0.1.0.0.255"), 2)
U8, U16, U32, I8 = Tag.UNSIGNED, Tag.LONG_UNSIGNED, Tag.DOUBLE_LONG_UNSIGNED, Tag.INTEGER
WH, VARH, WATT, VAR, AMPERE, VOLT, HERTZ, DEGREE, NONE = 30, 32, 27, 29, 33, 35, 44, 8, 255


def at(hours: float, *, day: datetime = DAY) -> datetime:
    """So many hours after the start of the day."""
    return day + timedelta(hours=hours)


def stamp(moment: datetime, *, deviation: bool = True, status: int = 0) -> Data:
    """A moment as the meter writes it."""
    local = moment.astimezone(MOSCOW)
    return DateTime.of(local if deviation else local.replace(tzinfo=None), status=status).data()


def u32(value: int) -> Data:
    return Data(U32, value)


def unit(scaler: int, code: int) -> Data:
    return axdr.structure(Data(I8, scaler), Data(Tag.ENUM, code))


def register(name: str) -> CaptureObject:
    return CaptureObject(3, obis(name), 2)


@dataclass
class SpodesMeter(FakeMeter):
    """refuses: selections it does not take. denied: attributes that this client may not
    read, read_only: may not write.
    no_lists: a list is refused by an exception. lists_broken: by a result. busy: the next
    questions that it is too busy for. deaf: says yes to what is written and takes nothing.
    """

    objects: dict[Attribute, Data] = field(default_factory=dict)
    refuses: tuple[type, ...] = ()
    denied: set[Attribute] = field(default_factory=set)
    read_only: set[Attribute] = field(default_factory=set)
    no_lists: bool = False
    lists_broken: bool = False
    busy: int = 0
    deaf: bool = False
    newest_first: bool = False
    asked: list[str] = field(default_factory=list)
    """Attributes that were asked for, in order, with the kind of selection."""
    questions: int = 0

    def put(self, class_id: int, name: str, index: int, data: Data) -> None:
        self.objects[Attribute(class_id, obis(name), index)] = data

    def put_register(self, name: str, value: int | Data, scaler: int, code: int) -> None:
        self.put(3, name, 2, u32(value) if isinstance(value, int) else value)
        self.put(3, name, 3, unit(scaler, code))

    def put_text(self, name: str, value: str) -> None:
        self.put(1, name, 2, axdr.octet_string(value.encode()))

    def put_profile(
        self, name: str, columns: Sequence[CaptureObject], rows: Sequence[Data], period: int = 0
    ) -> None:
        self.put(7, name, 3, axdr.array(*[column.data() for column in columns]))
        self.put(7, name, 4, u32(period))
        self.put(7, name, 5, Data(Tag.ENUM, 2 if self.newest_first else 1))
        self.put(7, name, 7, u32(len(rows)))
        self.put(7, name, 2, axdr.array(*rows))

    def value(self, class_id: int, name: str, index: int) -> Data:
        return self.objects[Attribute(class_id, obis(name), index)]

    # How it answers

    def service(self, found: apdu.Apdu, plain: bytes) -> bytes:
        if isinstance(found, apdu.GetRequest | apdu.GetListRequest):
            self.questions += 1
        if self.no_lists and isinstance(found, apdu.GetListRequest):
            return apdu.ExceptionResponse(
                n.StateError.SERVICE_UNKNOWN, n.ServiceError.SERVICE_NOT_SUPPORTED
            ).encode()
        if self.lists_broken and isinstance(found, apdu.GetListRequest):
            results = (DataAccessResult.OTHER_REASON,) * len(found.items)
            return apdu.GetListResponse(found.invoke, results).encode()
        return super().service(found, plain)

    def get(self, attribute: Attribute, selection: Selection | None) -> bytes | DataAccessResult:
        self.asked.append(
            f"{attribute} {type(selection).__name__}" if selection else str(attribute)
        )
        if self.busy:
            self.busy -= 1
            return DataAccessResult.TEMPORARY_FAILURE
        if attribute in self.denied:
            return DataAccessResult.READ_WRITE_DENIED
        if selection is not None and isinstance(selection, self.refuses):
            return DataAccessResult.SCOPE_OF_ACCESS_VIOLATED
        if selection is None and type(None) in self.refuses and attribute.class_id == 7:
            return DataAccessResult.SCOPE_OF_ACCESS_VIOLATED
        data = self.objects.get(attribute)
        if data is None:
            return DataAccessResult.OBJECT_UNDEFINED
        return axdr.encode(self._chosen(data, selection))

    def _chosen(self, data: Data, selection: Selection | None) -> Data:
        rows = axdr.parts(data) if selection is not None else ()
        if isinstance(selection, Range):
            first, last = _local(selection.first), _local(selection.last)
            clocks = [axdr.parts(row)[0] for row in rows]
            return axdr.array(
                *[
                    row
                    for row, clock in zip(rows, clocks, strict=True)
                    if clock.value is None or first <= _local(clock) <= last
                ]
            )
        if isinstance(selection, Entries):
            return axdr.array(*rows[selection.first - 1 : selection.last or None])
        return data

    def set(self, attribute: Attribute, value: bytes) -> DataAccessResult:
        if attribute in self.read_only:
            return DataAccessResult.READ_WRITE_DENIED
        if self.deaf:
            return DataAccessResult.SUCCESS
        return super().set(attribute, value)

    def act(self, invoke: int, method: Method, data: bytes | None, limit: int) -> bytes:
        result = n.ActionResult.SUCCESS
        if not self.deaf:
            result = self.do(method, None if data is None else axdr.decode(data))
        self.done.append((method, None if data is None else axdr.decode(data)))
        return apdu.ActionResponse(invoke, result, None).encode()

    def do(self, method: Method, value: Data | None) -> n.ActionResult:
        if method.class_id == 70:
            return self._switch(method.index)
        if method.class_id == 20:
            for place in range(4):
                name = "0.0.13.0.0.255"
                self.put(20, name, 2 + place, self.value(20, name, 6 + place))
            return n.ActionResult.SUCCESS
        if method.class_id == 8 and value is not None:
            shown = date_time(self.value(8, "0.0.1.0.0.255", 2)).find_moment(-OFFSET)
            assert shown is not None
            moment = shown + timedelta(seconds=axdr.whole(value))
            self.put(8, "0.0.1.0.0.255", 2, stamp(moment))
            return n.ActionResult.SUCCESS
        return n.ActionResult.OBJECT_UNDEFINED

    def _switch(self, index: int) -> n.ActionResult:
        name = "0.0.96.3.10.255"
        if Attribute(70, obis(name), 4) not in self.objects:
            return n.ActionResult.OBJECT_UNDEFINED
        mode = axdr.whole(self.value(70, name, 4))
        if mode == 0:
            return n.ActionResult.READ_WRITE_DENIED
        state = 0 if index == 1 else (1 if mode in (2, 4) else 2)
        self.put(70, name, 2, Data(Tag.BOOLEAN, state == 1))
        self.put(70, name, 3, Data(Tag.ENUM, state))
        return n.ActionResult.SUCCESS


FAR = datetime(9999, 12, 31)


def _local(clock: Data) -> datetime:
    found = date_time(clock).find_local()
    return FAR if found is None else found


@dataclass
class Bench:
    """A meter, the connection with it, and what is known of it."""

    meter: SpodesMeter
    known: Meter
    talk: Talk

    def run(self, step: Step[_T]) -> _T:
        """The step's value, all its requests asked over the connection."""
        try:
            request = next(step)
            while True:
                answer = self.talk.ask(request)
                assert isinstance(answer, Answer)
                request = step.send(answer)
        except StopIteration as done:
            found: _T = done.value
            return found


def bench(
    meter: SpodesMeter | None = None,
    *,
    over: str = "wrapper",
    mechanism: Mechanism = Mechanism.LLS,
    ciphered: bool = False,
    pdu: int = 0xFFFF,
    known: Meter | None = None,
) -> Bench:
    """A meter that is associated."""
    meter = meter or SpodesMeter()
    meter.over, meter.mechanism, meter.ciphered, meter.pdu = over, mechanism, ciphered, pdu
    meter.__post_init__()
    both = talk(over, mechanism, ciphered=ciphered, pdu=pdu, meter=meter)
    known = known or Meter(OFFSET)
    terms = both.connection.terms
    assert terms is not None
    known.agreed(Associated(terms.conformance, terms.max_pdu, mechanism, b""), ciphered=ciphered)
    return Bench(meter, known, both)
