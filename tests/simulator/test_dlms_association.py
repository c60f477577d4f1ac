"""Who is let in, and what is kept from whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from faza.protocols.dlms import (
    Acted,
    Action,
    ActionResult,
    Associate,
    Connect,
    CounterTooLow,
    DataAccessResult,
    Done,
    Get,
    Got,
    Keys,
    Mechanism,
    Refused,
    Rejected,
    Release,
    ServiceError,
    Set,
    acse,
    apdu,
    axdr,
)
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.names import OFFERED, Context, StateError, UserDiagnostic
from faza.simulator.dlms.build import clients_of
from faza.simulator.dlms.dialogue import NOT_ALLOWED, NOT_UNDERSTOOD, Dialogue
from faza.simulator.meter import Meter
from faza.simulator.spec import Access
from tests.simulator.dlms_ends import (
    ACCESS,
    AT,
    CHALLENGE,
    KEYS,
    TITLE,
    End,
    Met,
    attribute,
    meet,
    method,
    spec,
    stamp,
)

RELAY_OFF = Action(method(70, "0.0.96.3.10"), Data(Tag.INTEGER, 0))
NUMBER = Get(attribute(1, "0.0.96.1.0"))


def attempts(met: Met) -> list[int]:
    return met.meter.meter.journal(6, met.meter.at).codes.tolist()


def refused(met: Met) -> str:
    """The diagnostic with which an association is refused."""
    met.ask(Connect())
    with pytest.raises(Rejected) as caught:
        met.ask(Associate())
    return caught.value.diagnostic


def test_a_wrong_password_is_refused_and_noted() -> None:
    met = meet(password=b"111112")
    assert refused(met) == "AUTHENTICATION_FAILURE"
    assert attempts(met) == [1]


def test_a_wrong_key_is_refused_and_noted() -> None:
    wrong = Keys(bytes(16), KEYS.authentication)
    met = meet(mechanism=Mechanism.HLS_GMAC, ciphered=True, keys=wrong)
    assert refused(met) == "DECIPHERING_ERROR"
    assert attempts(met) == [1]


def test_a_wrong_proof_is_refused() -> None:
    wrong = Keys(bytes(16), KEYS.authentication)
    met = meet(mechanism=Mechanism.HLS_GMAC, keys=wrong)
    assert refused(met) == "READ_WRITE_DENIED"
    assert attempts(met) == [1]


def test_who_is_unknown_is_refused() -> None:
    assert refused(meet(client=33)) == "CALLING_AP_TITLE_NOT_RECOGNIZED"


def test_another_mechanism_than_the_meters_is_refused() -> None:
    assert refused(meet(client=48)) == "MECHANISM_NAME_NOT_RECOGNIZED"
    assert refused(meet(mechanism=Mechanism.NONE, client=32)) == "MECHANISM_NAME_REQUIRED"


def test_a_meter_without_keys_does_not_cipher() -> None:
    met = meet(ciphered=True, access=Access())
    assert refused(met) == "CONTEXT_NAME_NOT_SUPPORTED"


def test_a_counter_that_does_not_grow_is_refused_by_the_least_one_taken() -> None:
    met = meet(mechanism=Mechanism.HLS_GMAC, ciphered=True, counter=500).associated()
    met.ask(NUMBER)
    last = met.meter.device.accepted
    again = meet(mechanism=Mechanism.HLS_GMAC, ciphered=True, counter=500, end=met.meter)
    again.ask(Connect())
    with pytest.raises(CounterTooLow) as caught:
        again.ask(Associate())
    assert caught.value.expected == last + 1
    public = meet(mechanism=Mechanism.NONE, end=met.meter).associated()
    assert axdr.whole(public.read(1, "0.0.43.1.1")) == last
    anew = meet(mechanism=Mechanism.HLS_GMAC, ciphered=True, counter=last + 1, end=met.meter)
    assert isinstance(anew.associated().ask(NUMBER), Got)


def test_counters_of_the_meter_never_come_twice() -> None:
    met = meet(mechanism=Mechanism.HLS_GMAC, ciphered=True).associated()
    first = met.meter.device.sent
    again = meet(mechanism=Mechanism.LLS, ciphered=True, counter=100, end=met.meter).associated()
    assert first == 1003  # terms, a proof, its answer
    assert again.meter.device.sent == first + 1
    assert again.connection.security is not None
    assert again.connection.security.peer_counter == first


def test_nothing_is_answered_before_an_association() -> None:
    dialogue = Dialogue(End(Meter(spec())).device, 32)
    request = apdu.GetRequest(0xC1, NUMBER.attribute).encode()
    assert dialogue.answer(request, AT) == NOT_ALLOWED
    assert dialogue.answer(acse.Rlrq().encode(), AT) == acse.Rlre().encode()


def test_nothing_is_answered_before_the_proof() -> None:
    met = meet(mechanism=Mechanism.HLS_GMAC)
    aarq = acse.Aarq(
        mechanism=Mechanism.HLS_GMAC,
        value=CHALLENGE,
        title=TITLE,
        user_information=apdu.InitiateRequest().encode(),
    )
    dialogue = Dialogue(met.meter.device, 48)
    aare = apdu.decode(dialogue.answer(aarq.encode(), AT))
    assert isinstance(aare, acse.Aare)
    assert aare.diagnostic is UserDiagnostic.AUTHENTICATION_REQUIRED
    request = apdu.GetRequest(0xC1, NUMBER.attribute).encode()
    assert dialogue.answer(request, AT) == NOT_ALLOWED


def test_nothing_unprotected_is_answered_in_a_ciphered_association() -> None:
    met = meet(mechanism=Mechanism.HLS_GMAC, ciphered=True).associated()
    met.connection.ciphered = False
    found = met.ask(NUMBER)
    assert found == Refused(
        StateError.SERVICE_NOT_ALLOWED, ServiceError.OPERATION_NOT_POSSIBLE, None
    )


def test_after_a_release_nothing_is_answered() -> None:
    met = meet().associated()
    met.ask(Release())
    wrapped = met.connection._line.send(apdu.GetRequest(0xC1, NUMBER.attribute).encode())
    assert met.meter.take(wrapped)[8:] == NOT_ALLOWED


def test_the_reader_writes_and_switches_nothing() -> None:
    met = meet().associated()
    assert met.ask(RELAY_OFF) == Acted(ActionResult.READ_WRITE_DENIED, None)
    clock = Set(attribute(8, "0.0.1.0.0"), stamp(AT + timedelta(hours=1)))
    assert met.ask(clock) == Done(DataAccessResult.READ_WRITE_DENIED)
    assert met.meter.meter.shown(AT) == AT


def test_a_meter_with_passwords_alone_lets_its_configurator_in_by_it() -> None:
    met = meet(client=48, access=Access()).associated()
    assert met.ask(RELAY_OFF) == Acted(ActionResult.SUCCESS, None)
    assert [client.may_write for client in clients_of(Access())] == [False, False, True]
    assert [client.mechanism for client in clients_of(replace(ACCESS, mechanism="none"))] == [
        Mechanism.NONE
    ] * 3


def said(inner: bytes, context: Context = Context.LOGICAL_NAMES) -> acse.Aare:
    """What a meter makes of an AARQ with this inside."""
    aarq = acse.Aarq(context, Mechanism.LLS, ACCESS.password, TITLE, inner)
    answer = apdu.decode(Dialogue(End(Meter(spec())).device, 32).answer(aarq.encode(), AT))
    assert isinstance(answer, acse.Aare)
    return answer


def test_terms_that_make_no_sense_are_refused() -> None:
    too_old = apdu.InitiateRequest(version=5).encode()
    assert said(too_old).user_information == apdu.ConfirmedServiceError(1, 6, 1).encode()
    nothing = apdu.InitiateRequest(OFFERED & 0).encode()
    assert said(nothing).user_information == apdu.ConfirmedServiceError(1, 6, 2).encode()
    too_short = apdu.InitiateRequest(max_pdu=11).encode()
    assert said(too_short).user_information == apdu.ConfirmedServiceError(1, 6, 3).encode()
    assert said(acse.Rlrq().encode()).diagnostic is UserDiagnostic.NO_REASON_GIVEN
    plain = apdu.InitiateRequest().encode()
    ciphered = said(plain, Context.LOGICAL_NAMES_CIPHERED)
    assert ciphered.diagnostic is UserDiagnostic.NO_REASON_GIVEN
    assert said(plain, Context.SHORT_NAMES).diagnostic is UserDiagnostic.CONTEXT_NAME_NOT_SUPPORTED


def test_what_is_not_understood_is_told_so() -> None:
    dialogue = Dialogue(End(Meter(spec())).device, 32)
    for nonsense in (b"", b"\x00", b"\xc0\x01", b"\x60\x05\x00", b"\xff" * 40):
        assert dialogue.answer(nonsense, AT) == NOT_UNDERSTOOD
