"""What a connection says to the unusual: refusals, pushes, blocks of any service, closed lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faza.protocols.dlms import (
    Action,
    Associate,
    Connect,
    Connection,
    CounterTooLow,
    Disconnect,
    Disconnected,
    Get,
    Got,
    Malformed,
    Mechanism,
    Ports,
    Refused,
    Rejected,
    Release,
    Replayed,
    ServiceError,
    Set,
    State,
    StateError,
    TooLarge,
    Transmit,
    TryLater,
    Unproven,
    WrongStep,
    apdu,
    axdr,
    events,
)
from faza.protocols.dlms import names as n
from faza.protocols.dlms.state import TABLE, Challenged, Unwelcome
from tests.protocols.dlms.dialogue import Talk, answers_to, asking, hears, security, talk
from tests.protocols.dlms.fake_meter import (
    CHALLENGE,
    ECHO,
    ENERGY,
    METER_TITLE,
    PASSWORD,
    TEXT,
)


class TestStates:
    def test_each_state_has_its_row(self) -> None:
        assert set(TABLE) == set(State)
        reached = {after for row in TABLE.values() for after in row.values()}
        assert reached | {State.LOST} == set(State)

    def test_every_request_and_answer_is_in_the_table(self) -> None:
        known = {kind for row in TABLE.values() for kind in row}
        for kind in (*events.Request.__args__, Challenged, Unwelcome):
            assert kind in known

    @pytest.mark.parametrize(
        "request_", [Associate(), Get(ENERGY), Action(ECHO), Release(), Disconnect(), Connect()]
    )
    def test_a_wrong_step_is_refused_and_changes_nothing(self, request_: object) -> None:
        both = asking()
        with pytest.raises(WrongStep):
            both.connection.send(request_)

        assert both.connection.state is State.GETTING
        assert hears(both, bytes.fromhex("c401c1000600000001")) == Got(b"\x06\x00\x00\x00\x01")

    def test_a_lost_connection_does_nothing_more(self) -> None:
        both = asking()
        with pytest.raises(Malformed):
            hears(both, b"\x00")
        for step in (both.connection.next_event, lambda: both.connection.send(Connect())):
            with pytest.raises(WrongStep):
                step()

    def test_nothing_to_repeat_on_tcp(self) -> None:
        with pytest.raises(WrongStep):
            asking().connection.repeat()


class TestArguments:
    @pytest.mark.parametrize(
        "more",
        [
            {"mechanism": Mechanism.HLS_MD5},
            {"mechanism": Mechanism.HLS_GMAC, "challenge": CHALLENGE},
            {"mechanism": Mechanism.HLS_GMAC, "challenge": b"short", "security": security()},
            {"ciphered": True},
            {"max_pdu": 20},
            {"max_pdu": 70000},
        ],
    )
    def test_what_does_not_fit(self, more: dict[str, object]) -> None:
        with pytest.raises(ValueError, match=r"spoken|keys|challenge|PDU"):
            Connection(Ports(32), **more)

    def test_a_question_that_the_meter_cannot_take_is_not_asked(self) -> None:
        both = talk(pdu=100)
        with pytest.raises(ValueError, match="the meter takes 100"):
            both.connection.send(events.GetList(((ENERGY, None),) * 20))

        assert both.connection.state is State.READY

    @pytest.mark.parametrize(
        "request_",
        [
            events.GetList(((ENERGY, None),)),
            events.SetList(((ENERGY, None),), (axdr.null(),)),
            Set(TEXT, axdr.octet_string(bytes(200))),
            Action(ECHO, axdr.octet_string(bytes(200))),
        ],
    )
    def test_what_the_meter_has_not_agreed_to_is_not_asked(self, request_: object) -> None:
        """The real meter's words in the reference: get, set, action, selection, blocks of GET."""
        both = talk(pdu=100)
        both.connection.terms = replace(both.connection.terms, conformance=n.Conformance(0x101D))
        with pytest.raises(ValueError, match="not agreed"):
            both.connection.send(request_)

        assert both.ask(Get(ENERGY)) == Got(bytes.fromhex("060001e240"))


class TestAssociation:
    def test_a_wrong_password_is_given_up(self) -> None:
        both = talk(up=False)
        both.connection._secret = b"222222"
        both.ask(Connect())
        with pytest.raises(Rejected) as caught:
            both.ask(Associate())

        assert caught.value.diagnostic == "AUTHENTICATION_FAILURE"
        assert both.connection.state is State.CONNECTED
        assert both.ask(Disconnect()) == Disconnected()

    @pytest.mark.parametrize(
        ("change", "raised"),
        [
            ({"result": n.AssociationResult.REJECTED_TRANSIENT}, TryLater),
            ({"result": n.AssociationResult.REJECTED_PERMANENT}, Rejected),
            ({"diagnostic": n.UserDiagnostic.AUTHENTICATION_REQUIRED}, Rejected),
            ({"context": n.Context.SHORT_NAMES}, Malformed),
            ({"user_information": b""}, Malformed),
            ({"user_information": b"\xc0"}, Malformed),
            ({"user_information": bytes.fromhex("0800055F1F040000501F01F40007")}, Malformed),
            ({"user_information": bytes.fromhex("0800065F1F040000501F0001FA00")}, Malformed),
            ({"user_information": bytes.fromhex("0800065F1F040000501F00080007")}, Malformed),
        ],
    )
    def test_answers_to_an_aarq(self, change: dict[str, object], raised: type) -> None:
        good = apdu.Aare(user_information=bytes.fromhex("0800065F1F040000501F01F40007"))
        both = talk(up=False)
        both.ask(Connect())
        both.connection.send(Associate())
        with pytest.raises(raised):
            hears(both, replace(good, **change).encode())

    @pytest.mark.parametrize(
        ("answer", "raised"),
        [("d80101", TryLater), ("d80102", Rejected), ("d8010600000064", CounterTooLow)],
    )
    def test_an_exception_instead_of_an_association(self, answer: str, raised: type) -> None:
        both = talk(up=False)
        both.ask(Connect())
        both.connection.send(Associate())
        with pytest.raises(raised) as caught:
            hears(both, bytes.fromhex(answer))

        if raised is CounterTooLow:
            assert caught.value.expected == 100

    def test_a_pdu_of_zero_is_any(self) -> None:
        both = talk(up=False)
        both.ask(Connect())
        both.connection.send(Associate())
        terms = bytes.fromhex("0800065F1F040000501F00000007")
        found = hears(both, apdu.Aare(user_information=terms).encode())

        assert isinstance(found, events.Associated)
        assert found.max_pdu == 0xFFFF
        assert found.conformance == n.Conformance(0x501F) & n.OFFERED

    def test_our_own_challenge_is_no_challenge(self) -> None:
        """Else a mirror could prove what we prove."""
        both = talk(mechanism=Mechanism.HLS_GMAC, up=False)
        both.ask(Connect())
        both.connection.send(Associate())
        aare = apdu.Aare(
            diagnostic=n.UserDiagnostic.AUTHENTICATION_REQUIRED,
            mechanism=Mechanism.HLS_GMAC,
            value=CHALLENGE,
            title=METER_TITLE,
            user_information=bytes.fromhex("0800065F1F040000501F01F40007"),
        )
        with pytest.raises(Malformed) as caught:
            hears(both, aare.encode())

        assert caught.value.code == "challenge"

    @pytest.mark.parametrize(
        ("answer", "raised"),
        [
            ("c701c00000", Unproven),
            ("c701c00300", Rejected),
            ("c701c0000100091110000000650102030405060708090a0b0c", Unproven),
            ("c701c00001000600000001", Malformed),
        ],
    )
    def test_a_meter_without_the_key(self, answer: str, raised: type) -> None:
        both = talk(mechanism=Mechanism.HLS_GMAC, up=False)
        both.ask(Connect())
        out = both.connection.send(Associate())
        both.connection.receive(both.meter.take(out))
        assert isinstance(both.connection.next_event(), Transmit)
        with pytest.raises(raised):
            hears(both, bytes.fromhex(answer))

    def test_another_meter_than_expected(self) -> None:
        both = talk(mechanism=Mechanism.HLS_GMAC, up=False)
        both.connection.security.peer = b"OTHER\x00\x00\x01"
        both.ask(Connect())
        with pytest.raises(Malformed) as caught:
            both.ask(Associate())

        assert caught.value.code == "title"


class TestProtection:
    def test_an_unprotected_answer_is_not_believed(self) -> None:
        both = asking(ciphered=True)
        with pytest.raises(Malformed) as caught:
            hears(both, bytes.fromhex("c401c1000600000001"))

        assert caught.value.code == "unprotected"

    def test_a_protected_answer_without_protection(self) -> None:
        with pytest.raises(Malformed):
            hears(asking(), apdu.Ciphered(0xCC, b"", 0x30, 1, bytes(20)).encode())

    def test_an_answer_that_is_protected_twice(self) -> None:
        both = talk(ciphered=True)
        keys = both.meter.security
        keys.general = True
        both.connection.send(Get(ENERGY))
        with pytest.raises(Malformed, match="twice"):
            hears(both, keys.protect(keys.protect(bytes.fromhex("c401c1001101"))))

    def test_an_answer_that_comes_again_is_refused(self) -> None:
        both = talk(ciphered=True)
        both.ask(Get(ENERGY))
        old = both.wire[-1][1]
        both.connection.send(Get(ENERGY))
        both.connection.receive(old)
        with pytest.raises(Replayed):
            both.connection.next_event()

    def test_counters_go_on_with_the_next_connection(self) -> None:
        first = talk(ciphered=True)
        keys = first.connection.security
        used, seen = keys.counter, keys.peer_counter
        second = Talk(
            Connection(
                Ports(32), mechanism=Mechanism.LLS, password=PASSWORD, security=keys, ciphered=True
            ),
            first.meter,
        )
        first.meter.__post_init__()
        second.ask(Connect())
        second.ask(Associate())

        assert keys.counter > used
        assert keys.peer_counter > seen


class TestAnswers:
    def test_a_refused_service_leaves_the_association(self) -> None:
        both = asking()

        assert hears(both, b"\xd8\x02\x02") == Refused(
            StateError.SERVICE_UNKNOWN, ServiceError.SERVICE_NOT_SUPPORTED
        )
        assert both.connection.state is State.READY
        assert both.ask(Get(ENERGY)) == Got(bytes.fromhex("060001e240"))

    def test_a_meter_that_cannot_release(self) -> None:
        both = talk()
        both.connection.send(Release())

        assert isinstance(hears(both, b"\xd8\x02\x02"), Refused)
        assert both.ask(Disconnect()) == Disconnected()

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            ("c401c2000600000001", "invoke-id"),
            ("c501c100", "unexpected"),
            ("c701c10000", "unexpected"),
            ("6303800100", "unexpected"),
            ("c402c100000000020001aa", "block-number"),
            ("c402c100000000010000", "empty"),
            ("c401c102", "choice"),
            ("c401c10107", "name"),
            ("c401c100", "short"),
            ("c401c10008", "tag"),
            ("c403c1020100", "short"),
            ("c403c101001101", "unexpected"),
            ("c0", "apdu"),
            ("c4ff", "apdu"),
        ],
    )
    def test_answers_that_make_no_sense(self, answer: str, code: str) -> None:
        both = asking()
        with pytest.raises(Malformed) as caught:
            hears(both, bytes.fromhex(answer))

        assert caught.value.code == code
        assert both.connection.state is State.LOST

    def test_blocks_without_end_are_too_large(self) -> None:
        both = asking()
        both.connection._exchange._blocks.limit = 10_000
        blocks = [apdu.GetBlock(0xC1, False, n, bytes(100)).encode() for n in range(1, 200)]
        with pytest.raises(TooLarge):
            answers_to(both, blocks)

    def test_blocks_counted_from_zero_are_taken(self) -> None:
        both = asking()
        assert isinstance(hears(both, apdu.GetBlock(0xC1, False, 0, b"\x11").encode()), Transmit)

        assert hears(both, apdu.GetBlock(0xC1, True, 1, b"\x01").encode()) == Got(b"\x11\x01")

    def test_a_block_that_says_why_there_is_no_more(self) -> None:
        both = asking()
        assert isinstance(hears(both, apdu.GetBlock(0xC1, False, 1, b"\x11").encode()), Transmit)
        found = hears(both, apdu.GetBlock(0xC1, True, 2, n.DataAccessResult(15)).encode())

        assert found == Got(n.DataAccessResult.LONG_GET_ABORTED)

    def test_a_meter_that_wants_more_than_there_is(self) -> None:
        both = talk(pdu=100)
        both.connection.send(Set(TEXT, axdr.octet_string(bytes(150))))
        taken = [apdu.SetBlockTaken(0xC1, number).encode() for number in range(1, 9)]

        assert answers_to(both, taken[:1]) == 1  # two blocks there are
        with pytest.raises(Malformed):
            answers_to(both, taken[1:])

    def test_an_action_that_answers_with_data_alone(self) -> None:
        """By the standard the result comes first; some meters leave it out of blocks."""
        both = talk()
        both.connection.send(Action(ECHO))
        data = axdr.encode(axdr.octet_string(b"word" * 30))
        first = apdu.ActionResponseBlock(0xC1, False, 1, data[:60]).encode()
        assert isinstance(hears(both, first), Transmit)
        found = hears(both, apdu.ActionResponseBlock(0xC1, True, 2, data[60:]).encode())

        assert found == events.Acted(n.ActionResult.SUCCESS, data)
