"""A client's connection with a meter: bytes in, bytes and events out.

    connection = Connection(Ports(client=32), mechanism=Mechanism.LLS, password=b"111111")
    write(connection.send(Connect()))
    while (event := connection.next_event()) is NEED_DATA:
        connection.receive(read())

No socket, no clock, no randomness: the caller reads, writes, waits and gives up, and gives the
challenge. `send` starts a request and returns bytes to write. `receive` takes what has come, in
any pieces; b"" says that the line was closed. `next_event` tells what it meant: an event (see
`events`), or NEED_DATA. `Transmit` events are to be written at once: receiver-ready, the next
block, a proof.

Malformed and TryLater leave the connection LOST, for a new one to take over; only Damaged
leaves it as it was. The `Security` object outlives connections, because its counters grow.
Source: Green Book 8, 9.4.3 to 9.4.6; IEC 62056-53, 7; ГОСТ Р 58940.
"""

from __future__ import annotations

from faza.protocols.dlms import acse, axdr
from faza.protocols.dlms import apdu as a
from faza.protocols.dlms import events as e
from faza.protocols.dlms.association import Terms, accepted, rejected
from faza.protocols.dlms.exchange import KINDS, Exchange, Limits
from faza.protocols.dlms.hdlc import Linked, Unlinked
from faza.protocols.dlms.line import Route, line_of
from faza.protocols.dlms.names import (
    OFFERED,
    ActionResult,
    Conformance,
    Context,
    Mechanism,
    ServiceError,
)
from faza.protocols.dlms.problems import (
    CounterTooLow,
    Damaged,
    GiveUp,
    Malformed,
    Rejected,
    TryLater,
    Unproven,
    WrongStep,
)
from faza.protocols.dlms.references import Method
from faza.protocols.dlms.security import Security
from faza.protocols.dlms.state import TABLE, Challenged, State, Unwelcome
from faza.protocols.dlms.transfer import GeneralBlocks

MOST_ANSWER = 4 << 20
"""Bytes of an answer in blocks: 20 times the load profile of 123 days with 8 channels."""
SLACK = 64
"""Bytes that meters put around an APDU of the agreed size."""
PROVE = Method(15, bytes((0, 0, 40, 0, 0, 255)), 1)
"""reply_to_HLS_authentication of the current association."""
INVOKE = 0xC0
"""Invoke id and priority: confirmed, of high priority."""


class Connection:
    """One association at a time with one meter.

    With `ciphered`, every APDU is protected and nothing unprotected is believed. `challenge` is
    fresh randomness, 8 to 64 bytes, for HLS. Raises ValueError if the arguments do not fit.
    """

    def __init__(
        self,
        route: Route,
        *,
        mechanism: Mechanism = Mechanism.NONE,
        password: bytes = b"",
        challenge: bytes = b"",
        security: Security | None = None,
        ciphered: bool = False,
        max_pdu: int = 0xFFFF,
        conformance: Conformance = OFFERED,
        most_answer: int = MOST_ANSWER,
    ) -> None:
        if mechanism not in (Mechanism.NONE, Mechanism.LLS, Mechanism.HLS_GMAC):
            raise ValueError(f"{mechanism.name} is not spoken.")
        if mechanism is Mechanism.HLS_GMAC and not 8 <= len(challenge) <= 64:
            raise ValueError(f"A challenge of {len(challenge)} bytes instead of 8 to 64.")
        if security is None and (ciphered or mechanism is Mechanism.HLS_GMAC):
            raise ValueError("No keys.")
        if not 64 <= max_pdu <= 0xFFFF:
            raise ValueError(f"A PDU of {max_pdu} bytes.")
        self.state = State.IDLE
        self.terms: Terms | None = None
        self.mechanism = mechanism
        self.security = security
        self.ciphered = ciphered
        self._secret = password if mechanism is Mechanism.LLS else challenge
        limit = min(max_pdu + SLACK, 0xFFFF)
        self._line = line_of(route, limit)
        self._general = GeneralBlocks(most_answer)
        if security is not None and ciphered and security.general:
            conformance |= Conformance.GENERAL_PROTECTION
        self._initiate = a.InitiateRequest(conformance, max_pdu)
        self._most_answer = most_answer
        self._invoke = 0
        self._exchange: Exchange | None = None
        self._closed = False

    # What we say

    def send(self, request: e.Request) -> bytes:
        """Start a request; the bytes to write.

        Raises WrongStep if the state does not allow it, ValueError if the meter cannot take it;
        nothing has changed then.
        """
        after = TABLE[self.state].get(type(request))
        if after is None:
            raise WrongStep(f"{type(request).__name__} while {self.state}.")
        out = self._begin(request)
        self.state = after
        return out

    def repeat(self) -> bytes:
        """What was sent last, for a frame that was damaged or lost; HDLC only."""
        return self._line.repeat()

    def _begin(self, request: e.Request) -> bytes:
        if isinstance(request, e.Connect):
            return self._line.connect()
        if isinstance(request, e.Disconnect):
            return self._line.disconnect()
        if isinstance(request, e.Associate):
            return self._line.send(self._aarq().encode())
        if isinstance(request, e.Release):
            information = self._protected(self._initiate.encode()) if self.ciphered else b""
            return self._line.send(acse.Rlrq(0, information).encode())
        terms = self.terms
        assert terms is not None  # the table lets nobody here without an association
        room = terms.max_pdu - (self.security.overhead if self.security and self.ciphered else 0)
        self._invoke = self._invoke % 15 + 1
        limits = Limits(self._most_answer, room, terms.conformance)
        kind = KINDS[type(request)]
        exchange = kind(request, INVOKE | self._invoke, limits)
        out = self._line.send(self._protected(exchange.begin()))
        self._exchange = exchange
        return out

    def _aarq(self) -> acse.Aarq:
        security = self.security
        context = Context.LOGICAL_NAMES_CIPHERED if self.ciphered else Context.LOGICAL_NAMES
        return acse.Aarq(
            context,
            self.mechanism,
            self._secret,
            security.title if security else b"",
            self._protected(self._initiate.encode()),
        )

    def _protected(self, apdu: bytes) -> bytes:
        if not self.ciphered or self.security is None:
            return apdu
        return self.security.protect(apdu)

    # What the meter says

    def receive(self, data: bytes) -> None:
        """Take bytes that have come; b"" says that no more will come."""
        if data:
            self._line.receive(data)
        else:
            self._closed = True

    def next_event(self) -> e.Next:
        """What comes next.

        Raises Malformed or TryLater, and the connection is LOST; Damaged, and `repeat` may help;
        GiveUp, and the link stands without an association.
        """
        if self.state is State.LOST:
            raise WrongStep("The connection is lost.")
        try:
            return self._next()
        except Damaged:
            raise
        except (Malformed, TryLater):
            self.state = State.LOST
            raise

    def _next(self) -> e.Next:
        while (found := self._line.next_event()) is not None:
            if isinstance(found, bytes):
                event = self._apdu(found)
                if event is not None:
                    return event
            elif isinstance(found, Linked):
                return self._stepped(e.Connected())
            elif isinstance(found, Unlinked):
                return self._stepped(e.Disconnected())
            else:
                return found
        if not self._closed:
            return e.NEED_DATA
        if self.state is State.DISCONNECTING:
            return self._stepped(e.Disconnected())
        cut = "in the middle of a frame" if self._line.has_part else f"while {self.state}"
        raise TryLater(f"The line was closed {cut}.")

    def _stepped(self, event: e.Stepping) -> e.Stepping:
        self._step(type(event))
        return event

    def _step(self, kind: type) -> None:
        after = TABLE[self.state].get(kind)
        if after is None:
            raise Malformed(f"{kind.__name__} while {self.state}.", code="unexpected")
        self.state = after

    def _apdu(self, data: bytes) -> e.Event | None:
        """What an APDU means, None if it is only a part."""
        apdu = a.decode(data)
        if isinstance(apdu, a.GeneralBlock):
            whole, answer = self._general.take(apdu)
            if whole is not None:
                apdu = a.decode(whole)
                if isinstance(apdu, a.GeneralBlock):
                    raise Malformed("Blocks inside blocks.", code="apdu")
            elif answer is not None and self.state is not State.IDLE:
                return e.Transmit(self._line.send(answer.encode()))
            else:
                return None
        if isinstance(apdu, a.Ciphered):
            apdu = self._uncovered(apdu)
        elif self.ciphered and not isinstance(apdu, a.Aare | a.Rlre | a.ExceptionResponse):
            raise Malformed(f"{type(apdu).__name__} without protection.", code="unprotected")
        return self._meant(apdu)

    def _uncovered(self, apdu: a.Ciphered) -> a.Apdu:
        if self.security is None or not self.ciphered:
            raise Malformed("Protected, and no protection is agreed on.", code="protection")
        inner = a.decode(self.security.unprotect(apdu))
        if isinstance(inner, a.Ciphered | a.GeneralBlock):
            raise Malformed("Protected twice.", code="protection")
        return inner

    def _meant(self, apdu: a.Apdu) -> e.Event:
        if isinstance(apdu, a.DataNotification):
            return e.Pushed(apdu.stamp, apdu.data)
        if isinstance(apdu, a.EventNotification):
            return e.Told(apdu.stamp, apdu.attribute, apdu.data)
        if self.state in (State.GETTING, State.SETTING, State.ACTING):
            return self._answer(apdu)
        if isinstance(apdu, a.ExceptionResponse):
            return self._refused(apdu)
        if self.state is State.ASSOCIATING and isinstance(apdu, a.Aare):
            return self._aare(apdu)
        if self.state is State.PROVING and isinstance(apdu, a.ActionResponse):
            return self._proven(apdu)
        if self.state is State.RELEASING and isinstance(apdu, a.Rlre):
            self.terms = None
            return self._stepped(e.Released())
        raise Malformed(f"{type(apdu).__name__} while {self.state}.", code="unexpected")

    def _answer(self, apdu: a.Apdu) -> e.Event:
        if isinstance(apdu, a.ExceptionResponse):
            self._exchange = None
            return self._refused(apdu)
        assert self._exchange is not None  # the state says so
        found = self._exchange.take(apdu)
        if isinstance(found, bytes):
            self._step(type(apdu))
            return e.Transmit(self._line.send(self._protected(found)))
        self._exchange = None
        return self._stepped(found)

    def _refused(self, apdu: a.ExceptionResponse) -> e.Event:
        if self.state in (State.ASSOCIATING, State.PROVING):
            self._step(Unwelcome)
            if apdu.service is ServiceError.OPERATION_NOT_POSSIBLE:
                raise TryLater("The meter cannot associate now.")
            if apdu.counter is not None:
                raise CounterTooLow(apdu.counter)
            raise Rejected(f"{apdu.state.name}: {apdu.service.name}.", diagnostic=apdu.service.name)
        return self._stepped(e.Refused(apdu.state, apdu.service, apdu.counter))

    # The association

    def _aare(self, aare: a.Aare) -> e.Event:
        try:
            if aare.result:
                raise rejected(aare, self._reason(aare))
            self.terms = accepted(
                aare,
                self._title(aare),
                offered=self._initiate,
                mechanism=self.mechanism,
                ciphered=self.ciphered,
            )
        except GiveUp:
            self._step(Unwelcome)
            raise
        if self.mechanism is not Mechanism.HLS_GMAC:
            return self._associated()
        assert self.security is not None
        if aare.value == self._secret or not 8 <= len(aare.value) <= 64:
            raise Malformed(f"A challenge of {len(aare.value)} bytes, or ours.", code="challenge")
        proof = axdr.encode(axdr.octet_string(self.security.prove(aare.value)))
        request = a.ActionRequest(INVOKE, PROVE, proof).encode()
        self._step(Challenged)
        return e.Transmit(self._line.send(self._protected(request)))

    def _reason(self, aare: a.Aare) -> a.Apdu | None:
        """What a refusing meter sent along, if that can be read: it need not be protected."""
        try:
            return self._inner(aare.user_information)
        except Malformed:
            return None

    def _title(self, aare: a.Aare) -> a.Apdu | None:
        """Note the meter's system title, and uncover what it sent along."""
        security = self.security
        if security is not None and aare.title:
            if len(aare.title) != 8 or security.peer not in (b"", aare.title):
                raise Malformed(f"System title {aare.title.hex()!r}.", code="title")
            security.peer = aare.title
        return self._inner(aare.user_information)

    def _inner(self, data: bytes) -> a.Apdu | None:
        if not data:
            return None
        inner = a.decode(data)
        if isinstance(inner, a.Ciphered):
            return self._uncovered(inner)
        if self.ciphered and not isinstance(inner, a.ConfirmedServiceError):
            raise Malformed("Terms without protection.", code="unprotected")
        return inner

    def _proven(self, apdu: a.ActionResponse) -> e.Event:
        if apdu.result is not ActionResult.SUCCESS:
            self._step(Unwelcome)
            raise Rejected("Our proof is refused.", diagnostic=apdu.result.name)
        assert self.security is not None
        if not isinstance(apdu.returned, bytes):
            raise Unproven("The meter proves nothing.", code="proof")
        self.security.check(axdr.raw(axdr.decode(apdu.returned)), self._secret)
        return self._associated()

    def _associated(self) -> e.Associated:
        terms = self.terms
        assert terms is not None
        title = self.security.peer if self.security else terms.title
        return self._stepped(e.Associated(terms.conformance, terms.max_pdu, self.mechanism, title))
