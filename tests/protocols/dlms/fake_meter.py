"""A meter for tests: one association, bytes in and bytes out, its own small state.

It is no simulator: it keeps no time and has no faults of its own. It shares the codec with the
client, and so cannot show an error in that; the frames in tests/golden/dlms do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from faza.protocols.dlms import acse, apdu, axdr
from faza.protocols.dlms import names as n
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.hdlc import Address, Frame, Frames, Kind, Parameters
from faza.protocols.dlms.reading import Reader
from faza.protocols.dlms.references import Attribute, Entries, Method, Range, Selection, obis
from faza.protocols.dlms.security import Keys, Security
from faza.protocols.dlms.wrapper import Wrapper

PROFILE = Attribute(7, obis("1.0.99.1.0.255"), 2)
ENERGY = Attribute(3, obis("1.0.1.8.0.255"), 2)
CLOCK = Attribute(8, obis("0.0.1.0.0.255"), 2)
TEXT = Attribute(1, obis("0.0.96.1.0.255"), 2)
SECRET = Attribute(1, obis("0.0.96.99.0.255"), 2)
RELAY_OFF = Method(70, obis("0.0.96.3.10.255"), 1)
ECHO = Method(9, obis("0.0.10.0.0.255"), 1)
KEYS = Keys(bytes(range(16)), bytes(range(0xD0, 0xE0)))
CLIENT_TITLE, METER_TITLE = b"FAZ\x00\x00\x00\x00\x01", b"MMM\x00\x00\xbc\x61\x4e"
PASSWORD = b"111111"
CHALLENGE, COUNTER_CHALLENGE = b"K56iVagY", b"P6wRJ21F"


def stamp(row: int) -> bytes:
    """End of half-hour `row` of 2 November 2026, Moscow time."""
    day, rest = divmod((row + 1) * 30, 24 * 60)
    date = bytes((0x07, 0xEA, 11, 2 + day, 1 + day))
    return date + bytes((rest // 60, rest % 60, 0, 0, 0xFF, 0x4C, 0))


def rows(count: int = 48) -> list[Data]:
    """Half-hours of 4 energies, with a register's zeros and large numbers."""
    return [
        axdr.structure(
            axdr.octet_string(stamp(row)),
            *(Data(Tag.DOUBLE_LONG_UNSIGNED, (row * 37 * (kind + 1)) % 5000) for kind in range(4)),
        )
        for row in range(count)
    ]


def _objects() -> dict[Attribute, Data]:
    return {
        PROFILE: axdr.array(*rows()),
        ENERGY: Data(Tag.DOUBLE_LONG_UNSIGNED, 123_456),
        CLOCK: axdr.octet_string(stamp(9)),
        TEXT: axdr.octet_string(b"meter" * 60),
    }


@dataclass
class FakeMeter:
    """What it has and how it speaks. `take(bytes)` answers what a client has sent."""

    over: str = "wrapper"
    mechanism: n.Mechanism = n.Mechanism.LLS
    ciphered: bool = False
    pdu: int = 0xFFFF
    info: int = 128
    window: int = 1
    general: bool = False
    client: int = 32
    objects: dict[Attribute, Data] = field(default_factory=_objects)
    counter: int = 100
    seen: int = -1
    done: list[tuple[Method, Data | None]] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    """Plain APDUs of the client."""

    def __post_init__(self) -> None:
        self.wrapper = Wrapper(source=1, destination=self.client, limit=0xFFFF)
        self.frames = Frames(2030)
        self.end = Address(1, 17), Address(self.client)
        self.security: Security | None = None
        self.their_pdu = 0xFFFF
        self.ready = False
        self.out: list[bytes] = []  # blocks of an answer to come
        self.collected = b""
        self.ask: Callable[[bytes], bytes] | None = None
        self.sent = self.received = 0
        self.segments: list[tuple[bytes, bool]] = []
        self.parts = b""
        self.size, self.reach = 128, 1
        self.last = b""

    def take(self, data: bytes) -> bytes:
        if self.over == "wrapper":
            self.wrapper.receive(data)
            found = self.wrapper.find_apdu()
            return b"" if found is None else self.wrapper.wrap(self.answer(found))
        self.frames.receive(data)
        out = b""
        while (frame := self.frames.find_frame()) is not None:
            out += self.frame(frame)
        return out

    # HDLC

    def say(self, kind: Kind, info: bytes = b"", **more: object) -> bytes:
        return Frame(self.end[1], self.end[0], kind, info, **more).encode()

    def frame(self, frame: Frame) -> bytes:
        if frame.kind is Kind.SNRM:
            asked = Parameters.decode(frame.info)
            self.sent = self.received = 0
            self.end = frame.destination, frame.source
            self.size = min(self.info, asked.receive)
            self.reach = min(self.window, asked.receive_window)
            ours = Parameters(self.size, self.info, self.reach, self.window)
            return self.say(Kind.UA, ours.encode())
        if frame.kind is Kind.DISC:
            self.ready = False
            return self.say(Kind.UA)
        if frame.kind is Kind.I and frame.sent != self.received:
            return self.last if frame.poll else b""  # it comes again: our answer was lost
        if frame.kind is Kind.RR and frame.received != self.sent:
            return self.last
        self.last = self.next_frames(frame)
        return self.last

    def next_frames(self, frame: Frame) -> bytes:
        if frame.kind is Kind.I:
            self.received = (self.received + 1) % 8
            self.parts += frame.info
            if frame.segmented:
                return self.say(Kind.RR, received=self.received) if frame.poll else b""
            whole, self.parts = self.parts[3:], b""
            data = b"\xe6\xe7\x00" + self.answer(whole)
            cuts = range(0, len(data), self.size)
            self.segments = [(data[at : at + self.size], at != cuts[-1]) for at in cuts]
        out = b""
        for left in range(min(self.reach, len(self.segments)), 0, -1):
            part, more = self.segments.pop(0)
            out += self.say(
                Kind.I, part, poll=left == 1, segmented=more, sent=self.sent,
                received=self.received,
            )  # fmt: skip
            self.sent = (self.sent + 1) % 8
        return out or self.say(Kind.RR, received=self.received)

    # APDUs

    def answer(self, data: bytes) -> bytes:
        found = apdu.decode(data)
        if isinstance(found, acse.Aarq):
            return self.associate(found)
        if isinstance(found, apdu.Ciphered):
            assert self.security is not None
            self.security.general = found.tag == apdu.GENERAL_GLO
            plain = self.security.unprotect(found)
            self.seen = self.security.peer_counter
            answer = self.service(apdu.decode(plain), plain)
            return answer if answer[0] == 0xD8 else self.covered(answer)
        return self.service(found, data)

    def covered(self, answer: bytes) -> bytes:
        if not self.ciphered or answer[0] in acse.TAGS:
            return answer
        assert self.security is not None
        answer = self.security.protect(answer)
        self.counter = self.security.counter
        return answer

    def associate(self, aarq: acse.Aarq) -> bytes:
        self.heard.append(aarq.encode())
        ok = aarq.mechanism is self.mechanism
        if aarq.title:
            self.security = Security(KEYS, METER_TITLE, self.counter, self.seen, aarq.title)
        if self.mechanism is n.Mechanism.LLS:
            ok &= aarq.value == PASSWORD
        if not ok:
            return acse.Aare(
                aarq.context,
                n.AssociationResult.REJECTED_PERMANENT,
                n.UserDiagnostic.AUTHENTICATION_FAILURE,
            ).encode()
        inner = apdu.decode(aarq.user_information)
        if isinstance(inner, apdu.Ciphered):
            assert self.security is not None
            inner = apdu.decode(self.security.unprotect(inner))
            self.seen = self.security.peer_counter
        assert isinstance(inner, apdu.InitiateRequest)
        self.their_pdu = inner.max_pdu
        self.theirs = aarq.value
        proving = self.mechanism is n.Mechanism.HLS_GMAC
        self.ready = not proving
        terms = apdu.InitiateResponse(inner.conformance, self.pdu).encode()
        return acse.Aare(
            aarq.context,
            n.AssociationResult.ACCEPTED,
            n.UserDiagnostic.AUTHENTICATION_REQUIRED if proving else n.UserDiagnostic.NULL,
            self.mechanism if proving else n.Mechanism.NONE,
            COUNTER_CHALLENGE if proving else b"",
            METER_TITLE if aarq.title else b"",
            self.covered(terms),
        ).encode()

    def service(self, found: apdu.Apdu, plain: bytes) -> bytes:
        self.heard.append(plain)
        limit = self.their_pdu - (40 if self.ciphered else 0)
        if isinstance(found, acse.Rlrq):
            self.ready = False
            return acse.Rlre(0).encode()
        if isinstance(found, apdu.ActionRequest) and found.method.class_id == 15:
            return self.prove(found)
        if not self.ready:
            return apdu.ExceptionResponse(
                n.StateError.SERVICE_NOT_ALLOWED, n.ServiceError.OPERATION_NOT_POSSIBLE
            ).encode()
        if isinstance(found, apdu.GetRequest):
            result = self.get(found.attribute, found.selection)
            whole = apdu.GetResponse(found.invoke, result).encode()
            if len(whole) <= min(limit, self.pdu) or isinstance(result, n.DataAccessResult):
                return whole
            return self.in_blocks(found.invoke, result, limit)
        if isinstance(found, apdu.GetListRequest):
            results = tuple(self.get(*item) for item in found.items)
            response = apdu.GetListResponse(found.invoke, results).encode()
            if len(response) <= min(limit, self.pdu):
                return response
            return self.in_blocks(found.invoke, response[3:], limit)
        if isinstance(found, apdu.GetNext):
            return self.next_block(found.invoke)
        if isinstance(found, apdu.SetRequest):
            return apdu.SetResponse(found.invoke, self.set(found.attribute, found.data)).encode()
        if isinstance(found, apdu.SetListRequest):
            codes = tuple(
                self.set(attribute, value)
                for (attribute, _), value in zip(found.items, found.values, strict=True)
            )
            return apdu.SetListResponse(found.invoke, codes).encode()
        if isinstance(found, apdu.SetFirstBlock | apdu.SetListFirstBlock | apdu.SetBlock):
            return self.set_block(found)
        if isinstance(found, apdu.ActionRequest):
            return self.act(found.invoke, found.method, found.data, limit)
        if isinstance(found, apdu.ActionFirstBlock | apdu.ActionBlock):
            return self.action_block(found, limit)
        if isinstance(found, apdu.ActionNext):
            return self.next_block(found.invoke)
        return apdu.ExceptionResponse(
            n.StateError.SERVICE_UNKNOWN, n.ServiceError.SERVICE_NOT_SUPPORTED
        ).encode()

    def prove(self, request: apdu.ActionRequest) -> bytes:
        assert self.security is not None
        assert request.data is not None
        self.security.check(axdr.raw(axdr.decode(request.data)), COUNTER_CHALLENGE)
        self.ready = True
        proof = axdr.encode(axdr.octet_string(self.security.prove(self.theirs)))
        return apdu.ActionResponse(request.invoke, n.ActionResult.SUCCESS, proof).encode()

    def get(self, attribute: Attribute, selection: Selection | None) -> bytes | n.DataAccessResult:
        if attribute == SECRET:
            return n.DataAccessResult.READ_WRITE_DENIED
        data = self.objects.get(attribute)
        if data is None:
            return n.DataAccessResult.OBJECT_UNDEFINED
        if isinstance(selection, Range):
            first, last = _order(axdr.raw(selection.first)), _order(axdr.raw(selection.last))
            kept = [
                row
                for row in axdr.parts(data)
                if first <= _order(axdr.raw(axdr.parts(row)[0])) <= last
            ]
            data = axdr.array(*kept)
        if isinstance(selection, Entries):
            data = axdr.array(*axdr.parts(data)[selection.first - 1 : selection.last or None])
        return axdr.encode(data)

    def set(self, attribute: Attribute, value: bytes) -> n.DataAccessResult:
        if attribute not in self.objects:
            return n.DataAccessResult.OBJECT_UNDEFINED
        self.objects[attribute] = axdr.decode(value)
        return n.DataAccessResult.SUCCESS

    def act(self, invoke: int, method: Method, data: bytes | None, limit: int) -> bytes:
        value = None if data is None else axdr.decode(data)
        self.done.append((method, value))
        back = data if method == ECHO else None
        whole = apdu.ActionResponse(invoke, n.ActionResult.SUCCESS, back)
        if len(whole.encode()) <= min(limit, self.pdu):
            return whole.encode()
        return self.in_blocks(invoke, whole.encode()[3:], limit, get=False)

    def in_blocks(self, invoke: int, data: bytes, limit: int, *, get: bool = True) -> bytes:
        size = min(limit, self.pdu) - 14
        cuts = [data[at : at + size] for at in range(0, len(data), size)]
        self.out = []
        for number, raw in enumerate(cuts, 1):
            last = number == len(cuts)
            kind = apdu.GetBlock if get else apdu.ActionResponseBlock
            self.out.append(kind(invoke, last, number, raw).encode())
        return self.out.pop(0)

    def next_block(self, invoke: int) -> bytes:
        return self.out.pop(0)

    def set_block(
        self, found: apdu.SetFirstBlock | apdu.SetListFirstBlock | apdu.SetBlock
    ) -> bytes:
        if not isinstance(found, apdu.SetBlock):
            self.first, self.collected = found, b""
        self.collected += found.raw
        if not found.last:
            return apdu.SetBlockTaken(found.invoke, found.number).encode()
        if isinstance(self.first, apdu.SetFirstBlock):
            code = self.set(self.first.attribute, self.collected)
            return apdu.SetLastTaken(found.invoke, code, found.number).encode()
        reader = Reader(self.collected)
        values = [axdr.skip(reader) for _ in range(reader.count())]
        codes = tuple(
            self.set(attribute, value)
            for (attribute, _), value in zip(self.first.items, values, strict=True)
        )
        return apdu.SetListLastTaken(found.invoke, codes, found.number).encode()

    def action_block(self, found: apdu.ActionFirstBlock | apdu.ActionBlock, limit: int) -> bytes:
        if isinstance(found, apdu.ActionFirstBlock):
            self.method, self.collected = found.method, b""
        self.collected += found.raw
        if not found.last:
            return apdu.ActionBlockTaken(found.invoke, found.number).encode()
        return self.act(found.invoke, self.method, self.collected, limit)


def _order(moment: bytes) -> bytes:
    """Local time to be compared, without the weekday and hundredths that clients leave out."""
    return moment[:4] + moment[5:8]
