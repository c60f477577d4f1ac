"""One client's dialogue with one meter: associating, proving, services, releasing.

APDUs in, APDUs out. What is not understood, or not allowed now, is answered with an exception
response, as meters do; nothing is raised.
Source: Green Book 8, 9.2.7 (security), 9.4.4 to 9.4.6; IEC 62056-53, 7.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from faza.protocols.dlms import apdu as a
from faza.protocols.dlms import axdr
from faza.protocols.dlms.apdu.initiate import VERSION
from faza.protocols.dlms.names import (
    ActionResult,
    AssociationResult,
    Context,
    Mechanism,
    ServiceError,
    StateError,
    UserDiagnostic,
)
from faza.protocols.dlms.problems import Malformed, Replayed, Unproven
from faza.protocols.dlms.references import Method
from faza.protocols.dlms.security import Security
from faza.simulator.dlms.device import Client, Device
from faza.simulator.dlms.services import Services

LEAST_PDU = 12
PROVE = Method(15, bytes((0, 0, 40, 0, 0, 255)), 1)
"""reply_to_HLS_authentication of the current association."""
NOT_ALLOWED = a.ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE
).encode()
NOT_UNDERSTOOD = a.ExceptionResponse(StateError.SERVICE_UNKNOWN, ServiceError.OTHER_REASON).encode()
UNDECIPHERED = a.ExceptionResponse(
    StateError.SERVICE_NOT_ALLOWED, ServiceError.DECIPHERING_ERROR
).encode()


class Refusal(Exception):
    """Why no association comes about."""

    def __init__(self, diagnostic: UserDiagnostic, inner: bytes = b"") -> None:
        super().__init__(diagnostic.name)
        self.diagnostic = diagnostic
        self.inner = inner


@dataclass(slots=True)
class Association:
    """What was agreed on. theirs, ours: challenges of HLS; services: None until it is proven."""

    services: Services
    security: Security | None
    ciphered: bool
    theirs: bytes = b""
    ours: bytes = b""
    is_proven: bool = True


class Dialogue:
    """See the module; `client` is the address that the frames say."""

    def __init__(self, device: Device, client: int) -> None:
        self.device = device
        self.client = client
        self._association: Association | None = None

    def answer(self, data: bytes, at: datetime) -> bytes:
        """The answer to an APDU, at a true moment."""
        try:
            return self._answer(a.decode(data), at)
        except Replayed:
            return a.ExceptionResponse(
                StateError.SERVICE_NOT_ALLOWED,
                ServiceError.INVOCATION_COUNTER_ERROR,
                self.device.accepted + 1,
            ).encode()
        except Unproven:
            self.device.objects.refused(self.client, at)
            return UNDECIPHERED
        except Malformed:
            return NOT_UNDERSTOOD

    def _answer(self, found: a.Apdu, at: datetime) -> bytes:
        if isinstance(found, a.Aarq):
            return self._associate(found, at)
        if isinstance(found, a.Rlrq):
            self._association = None
            return a.Rlre(0).encode()
        association = self._association
        if association is None:
            return NOT_ALLOWED
        if not association.ciphered:
            if isinstance(found, a.Ciphered):
                return NOT_ALLOWED
            return self._serve(association, found, at)
        if not isinstance(found, a.Ciphered) or association.security is None:
            return NOT_ALLOWED
        plain = self._uncovered(association.security, found)
        answer = self._serve(association, plain, at)
        if answer[0] == a.ExceptionResponse.HEAD[0]:
            return answer
        association.security.general = found.tag == a.GENERAL_GLO
        return self._covered(association.security, answer)

    def _serve(self, association: Association, found: a.Apdu, at: datetime) -> bytes:
        if not association.is_proven:
            return self._prove(association, found, at)
        return association.services.answer(found, at)

    # Protection

    def _uncovered(self, security: Security, found: a.Ciphered) -> a.Apdu:
        security.peer_counter = self.device.accepted
        plain = security.unprotect(found)
        self.device.accepted = security.peer_counter
        return a.decode(plain)

    def _covered(self, security: Security, apdu: bytes) -> bytes:
        security.counter = self.device.sent
        covered = security.protect(apdu)
        self.device.sent = security.counter
        return covered

    # Associating

    def _associate(self, aarq: a.Aarq, at: datetime) -> bytes:
        self._association = None
        try:
            return self._accepted(aarq, at).encode()
        except Refusal as refusal:
            return a.Aare(
                aarq.context,
                AssociationResult.REJECTED_PERMANENT,
                refusal.diagnostic,
                user_information=refusal.inner,
            ).encode()

    def _accepted(self, aarq: a.Aarq, at: datetime) -> a.Aare:
        client = self.device.clients.get(self.client)
        if client is None:
            raise Refusal(UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED)
        ciphered = aarq.context is Context.LOGICAL_NAMES_CIPHERED
        self._check(client, aarq, at, ciphered=ciphered)
        security = self._security(client, aarq)
        offered = self._offered(aarq, security, ciphered=ciphered)
        agreed = offered.conformance & self.device.served
        wanted = offered.max_pdu or 0xFFFF
        room = min(wanted, self.device.max_pdu)
        if security is not None and ciphered:
            security.general = True
            room -= security.overhead
        proving = client.mechanism is Mechanism.HLS_GMAC
        association = Association(
            Services(self.device.objects, client, room, agreed),
            security,
            ciphered,
            aarq.value if proving else b"",
            self.device.challenge() if proving else b"",
            not proving,
        )
        self._association = association
        terms = a.InitiateResponse(agreed, self.device.max_pdu).encode()
        if ciphered and security is not None:
            terms = self._covered(security, terms)
        return a.Aare(
            aarq.context,
            AssociationResult.ACCEPTED,
            UserDiagnostic.AUTHENTICATION_REQUIRED if proving else UserDiagnostic.NULL,
            client.mechanism if proving else Mechanism.NONE,
            association.ours,
            self.device.title if security is not None else b"",
            terms,
        )

    def _check(self, client: Client, aarq: a.Aarq, at: datetime, *, ciphered: bool) -> None:
        """Who comes, and how. Raises Refusal."""
        if aarq.context is not Context.LOGICAL_NAMES and not (ciphered and client.keys):
            raise Refusal(UserDiagnostic.CONTEXT_NAME_NOT_SUPPORTED)
        if aarq.mechanism is not client.mechanism:
            if aarq.mechanism is Mechanism.NONE:
                raise Refusal(UserDiagnostic.MECHANISM_NAME_REQUIRED)
            raise Refusal(UserDiagnostic.MECHANISM_NAME_NOT_RECOGNIZED)
        if client.mechanism is Mechanism.LLS:
            if not hmac.compare_digest(aarq.value, client.password):
                self.device.objects.refused(self.client, at)
                raise Refusal(UserDiagnostic.AUTHENTICATION_FAILURE)
        elif client.mechanism is Mechanism.HLS_GMAC and not 8 <= len(aarq.value) <= 64:
            raise Refusal(UserDiagnostic.AUTHENTICATION_FAILURE)

    def _security(self, client: Client, aarq: a.Aarq) -> Security | None:
        if client.keys is None or (
            aarq.context is Context.LOGICAL_NAMES and client.mechanism is not Mechanism.HLS_GMAC
        ):
            return None
        if len(aarq.title) != 8:
            raise Refusal(UserDiagnostic.CALLING_AP_TITLE_NOT_RECOGNIZED)
        return Security(
            client.keys,
            self.device.title,
            self.device.sent,
            self.device.accepted,
            aarq.title,
        )

    def _offered(
        self, aarq: a.Aarq, security: Security | None, *, ciphered: bool
    ) -> a.InitiateRequest:
        """What the client wants. Raises Refusal if it makes no sense."""
        inner = a.decode(aarq.user_information)
        if isinstance(inner, a.Ciphered) and ciphered and security is not None:
            inner = self._uncovered(security, inner)
        elif ciphered:
            raise Refusal(UserDiagnostic.NO_REASON_GIVEN)
        if not isinstance(inner, a.InitiateRequest):
            raise Refusal(UserDiagnostic.NO_REASON_GIVEN)
        for is_wrong, error in (
            (inner.version != VERSION, 1),
            (not inner.conformance & self.device.served, 2),
            (0 < inner.max_pdu < LEAST_PDU, 3),
        ):
            if is_wrong:
                told = a.ConfirmedServiceError(1, 6, error).encode()
                raise Refusal(UserDiagnostic.NO_REASON_GIVEN, told)
        return inner

    def _prove(self, association: Association, found: a.Apdu, at: datetime) -> bytes:
        """The second half of HLS: their proof of our challenge, and ours of theirs."""
        if not isinstance(found, a.ActionRequest) or found.method != PROVE or not found.data:
            return NOT_ALLOWED
        security = association.security
        assert security is not None  # HLS has keys
        try:
            security.check(axdr.raw(axdr.decode(found.data)), association.ours)
        except Malformed:
            self._association = None
            self.device.objects.refused(self.client, at)
            denied = ActionResult.READ_WRITE_DENIED
            return a.ActionResponse(found.invoke, denied).encode()
        association.is_proven = True
        security.counter = self.device.sent
        proof = axdr.encode(axdr.octet_string(security.prove(association.theirs)))
        self.device.sent = security.counter
        return a.ActionResponse(found.invoke, ActionResult.SUCCESS, proof).encode()
