"""One suite over both ways, both authentications, ciphered or not, small and large PDUs."""

from __future__ import annotations

import pytest

from faza.protocols.dlms import (
    Acted,
    Action,
    ActionResult,
    Associate,
    Associated,
    Connect,
    Connected,
    DataAccessResult,
    DateTime,
    Disconnect,
    Disconnected,
    Done,
    DoneList,
    Entries,
    Get,
    GetList,
    Got,
    GotList,
    Mechanism,
    Range,
    Release,
    Released,
    Set,
    SetList,
    State,
    apdu,
    axdr,
    columns,
)
from faza.protocols.dlms.axdr import Data, Tag
from tests.protocols.dlms.dialogue import Talk, talk
from tests.protocols.dlms.fake_meter import (
    CLOCK,
    ECHO,
    ENERGY,
    METER_TITLE,
    PROFILE,
    RELAY_OFF,
    SECRET,
    TEXT,
    rows,
    stamp,
)

LONG = axdr.octet_string(bytes(range(256)) * 3)


@pytest.fixture(params=["lls", "lls ciphered", "hls", "hls ciphered", "hls general"])
def safety(request: pytest.FixtureRequest) -> dict[str, object]:
    return {
        "mechanism": Mechanism.HLS_GMAC if "hls" in request.param else Mechanism.LLS,
        "ciphered": request.param.endswith(("ciphered", "general")),
        "general": request.param.endswith("general"),
    }


@pytest.fixture(params=[100, 65535])
def pdu(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(
    params=[("wrapper", 128, 1), ("hdlc", 128, 1), ("hdlc", 60, 3)],
    ids=["wrapper", "hdlc", "hdlc, info 60, window 3"],
)
def meter(request: pytest.FixtureRequest, safety: dict[str, object], pdu: int) -> Talk:
    """A connection that is not up yet."""
    over, info, window = request.param
    return talk(over, pdu=pdu, info=info, window=window, up=False, **safety)


@pytest.fixture
def ready(meter: Talk) -> Talk:
    meter.ask(Connect())
    meter.ask(Associate())
    return meter


def test_from_the_first_word_to_the_last(meter: Talk) -> None:
    assert meter.ask(Connect()) == Connected()
    found = meter.ask(Associate())
    assert isinstance(found, Associated)
    assert found.mechanism is meter.meter.mechanism
    assert found.title == (METER_TITLE if meter.connection.security else b"")
    assert meter.connection.state is State.READY
    assert meter.ask(Release()) == Released()
    assert meter.ask(Associate()) == found
    assert meter.ask(Disconnect()) == Disconnected()
    assert meter.connection.state is State.IDLE
    assert meter.ask(Connect()) == Connected()


def test_a_day_of_the_profile(ready: Talk) -> None:
    first, last = (DateTime.decode(stamp(row)).data() for row in (0, 47))
    for selection in (Range(first, last), Entries(1, 48), None):
        found = ready.ask(Get(PROFILE, selection))
        assert isinstance(found, Got)
        assert found.result == axdr.encode(axdr.array(*rows()))
    assert columns(found.result).width == 5


def test_a_part_of_the_day(ready: Talk) -> None:
    first, last = (DateTime.decode(stamp(row)).data() for row in (10, 12))
    found = ready.ask(Get(PROFILE, Range(first, last)))
    assert isinstance(found, Got)
    assert found.data() == axdr.array(*rows()[10:13])
    found = ready.ask(Get(PROFILE, Entries(2, 3)))
    assert isinstance(found, Got)
    assert found.data() == axdr.array(*rows()[1:3])


def test_one_register_and_a_refusal(ready: Talk) -> None:
    assert ready.ask(Get(ENERGY)) == Got(bytes.fromhex("060001e240"))
    assert ready.ask(Get(SECRET)) == Got(DataAccessResult.READ_WRITE_DENIED)
    with pytest.raises(ValueError, match="READ_WRITE_DENIED"):
        Got(DataAccessResult.READ_WRITE_DENIED).data()


def test_several_attributes_at_once(ready: Talk) -> None:
    """With a PDU of 100, the question itself has room for few, and the answer comes in blocks."""
    found = ready.ask(GetList(((ENERGY, None), (SECRET, None), (TEXT, None))))

    assert found == GotList(
        (
            bytes.fromhex("060001e240"),
            DataAccessResult.READ_WRITE_DENIED,
            axdr.encode(axdr.octet_string(b"meter" * 60)),
        )
    )


def test_writing_short_and_long(ready: Talk) -> None:
    clock = DateTime.decode(stamp(20)).data()

    assert ready.ask(Set(CLOCK, clock)) == Done(DataAccessResult.SUCCESS)
    assert ready.meter.objects[CLOCK] == clock
    assert ready.ask(Set(TEXT, LONG)) == Done(DataAccessResult.SUCCESS)
    assert ready.ask(Get(TEXT)) == Got(axdr.encode(LONG))
    assert ready.ask(Set(SECRET, LONG)) == Done(DataAccessResult.OBJECT_UNDEFINED)
    assert ready.ask(SetList(((ENERGY, None), (SECRET, None)), (LONG, clock))) == DoneList(
        (DataAccessResult.SUCCESS, DataAccessResult.OBJECT_UNDEFINED)
    )
    assert ready.meter.objects[ENERGY] == LONG


def test_methods_with_and_without_words(ready: Talk) -> None:
    zero = Data(Tag.INTEGER, 0)

    assert ready.ask(Action(RELAY_OFF, zero)) == Acted(ActionResult.SUCCESS, None)
    assert ready.ask(Action(RELAY_OFF)) == Acted(ActionResult.SUCCESS, None)
    assert ready.meter.done == [(RELAY_OFF, zero), (RELAY_OFF, None)]
    assert ready.ask(Action(ECHO, LONG)) == Acted(ActionResult.SUCCESS, axdr.encode(LONG))


def test_no_apdu_is_greater_than_agreed(ready: Talk, pdu: int) -> None:
    ready.ask(Set(TEXT, LONG))
    ready.ask(Get(PROFILE))
    if ready.meter.over == "wrapper":
        assert all(len(raw) - 8 <= max(pdu, 121) for _, raw in ready.wire[2:])
        assert all(len(raw) - 8 <= pdu for who, raw in ready.wire[2:] if who == ">" and pdu > 100)


def test_counters_grow_and_are_kept(ready: Talk) -> None:
    keys = ready.connection.security
    if keys is None:
        return
    before = keys.counter
    ready.ask(Get(ENERGY))
    if ready.connection.ciphered:
        assert keys.counter == before + 1
        assert keys.peer_counter == ready.meter.counter - 1
        covered = [raw for who, raw in ready.wire if who == ">"][-1]
        assert ENERGY.name not in covered
    assert before > 1


def test_what_the_meter_heard_is_what_was_said(ready: Talk) -> None:
    ready.ask(Get(ENERGY))
    found = apdu.decode(ready.meter.heard[-1])

    assert isinstance(found, apdu.GetRequest)
    assert (found.attribute, found.selection) == (ENERGY, None)
