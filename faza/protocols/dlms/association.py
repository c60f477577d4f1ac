"""What an AARE means: the terms agreed on, or why there are none.

Source: Green Book 8, 9.4.4 (AARE), 9.4.6.1; IEC 62056-53, 7.3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from faza.protocols.dlms import apdu as a
from faza.protocols.dlms.apdu.initiate import LOGICAL_NAMES, VERSION
from faza.protocols.dlms.names import (
    AssociationResult,
    Conformance,
    Context,
    Mechanism,
    UserDiagnostic,
)
from faza.protocols.dlms.problems import GiveUp, Malformed, Rejected, TryLater

LEAST_PDU = 12
"""The least PDU that a meter may take. Source: Green Book 8, 9.4.3.5."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in an association; `max_pdu` is the greatest APDU that the meter takes."""

    conformance: Conformance
    max_pdu: int
    title: bytes


def rejected(aare: a.Aare, inner: a.Apdu | None) -> GiveUp | TryLater:
    """The exception that a refusing AARE stands for."""
    told = aare.diagnostic.name
    if isinstance(inner, a.ConfirmedServiceError):
        told = f"{told}, service error {inner.service}/{inner.kind}/{inner.error}"
    if aare.result is AssociationResult.REJECTED_TRANSIENT:
        return TryLater(f"The association is refused for the moment: {told}.")
    return Rejected(f"The association is refused: {told}.", diagnostic=aare.diagnostic.name)


def accepted(
    aare: a.Aare,
    inner: a.Apdu | None,
    *,
    offered: a.InitiateRequest,
    mechanism: Mechanism,
    ciphered: bool,
) -> Terms:
    """The terms of an accepting AARE.

    Raises Rejected if the meter wants another authentication, Malformed if it makes no sense.
    """
    context = Context.LOGICAL_NAMES_CIPHERED if ciphered else Context.LOGICAL_NAMES
    if aare.context is not context:
        raise Malformed(f"{aare.context.name} instead of {context.name}.", code="context")
    wants_proof = aare.diagnostic is UserDiagnostic.AUTHENTICATION_REQUIRED
    if wants_proof != (mechanism is Mechanism.HLS_GMAC):
        raise Rejected(
            f"The meter says {aare.diagnostic.name} to {mechanism.name}.",
            diagnostic=aare.diagnostic.name,
        )
    if wants_proof and aare.mechanism is not mechanism:
        raise Rejected(f"The meter wants {aare.mechanism.name}.", diagnostic=aare.mechanism.name)
    if not isinstance(inner, a.InitiateResponse):
        raise Malformed("An accepting AARE without terms.", code="terms")
    if inner.version != VERSION or inner.name != LOGICAL_NAMES:
        raise Malformed(f"Version {inner.version}, name {inner.name:#06x}.", code="terms")
    if 0 < inner.max_pdu < LEAST_PDU:
        raise Malformed(f"A PDU of {inner.max_pdu} bytes.", code="terms")
    # Plain integers: an IntFlag's operators take ten times as long.
    agreed = Conformance(int(inner.conformance) & int(offered.conformance))
    return Terms(agreed, inner.max_pdu or 0xFFFF, aare.title)
