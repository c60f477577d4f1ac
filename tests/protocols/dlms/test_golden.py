"""Dialogues of other clients, dlms-cosem 21.3.2 and gurux-dlms 1.0.203, with the fake meter.

The clients' frames are not ours: they show that we read, and write, what others do. Both clients
understood the meter's: it cannot err in the way that ours does.
"""

from __future__ import annotations

import pytest

from faza.protocols.dlms import (
    Acted,
    Action,
    ActionResult,
    Associate,
    Connect,
    Connection,
    DataAccessResult,
    DateTime,
    Disconnect,
    Done,
    Get,
    Got,
    Mechanism,
    Range,
    Release,
    Released,
    Security,
    Set,
    apdu,
    axdr,
    columns,
)
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.hdlc import Frames, Kind
from faza.protocols.dlms.wrapper import Wrapper
from tests.protocols.dlms.dialogue import Talk, route_of, security
from tests.protocols.dlms.dialogue import talk as new_talk
from tests.protocols.dlms.fake_meter import (
    CLIENT_TITLE,
    CLOCK,
    ENERGY,
    KEYS,
    METER_TITLE,
    PASSWORD,
    PROFILE,
    RELAY_OFF,
    SECRET,
    TEXT,
    rows,
    stamp,
)
from tests.protocols.dlms.golden import NAMES, dialogue

COSEM = ["hdlc_lls", "wrapper_gmac", "wrapper_lls", "wrapper_lls_100"]
GURUX = ["gurux_hdlc_gmac", "gurux_hdlc_lls", "gurux_wrapper_lls"]
STAMP = DateTime.decode(stamp(11))


def apdus(name: str) -> list[tuple[str, bytes]]:
    """Every APDU of a dialogue, segments put together."""
    found, parts = [], b""
    for who, raw in dialogue(name):
        if "hdlc" not in name:
            ends = (32, 1) if who == ">" else (1, 32)
            wrapper = Wrapper(source=ends[1], destination=ends[0], limit=0xFFFF)
            wrapper.receive(raw)
            apdu_bytes = wrapper.find_apdu()
            assert apdu_bytes is not None
            assert Wrapper(source=ends[0], destination=ends[1], limit=0).wrap(apdu_bytes) == raw
            found.append((who, apdu_bytes))
            continue
        frames = Frames(2030)
        frames.receive(raw)
        while (frame := frames.find_frame()) is not None:
            assert frame.encode() in raw
            if frame.kind is Kind.I:
                parts += frame.info
                if not frame.segmented:
                    found.append((who, parts[3:]))
                    parts = b""
    return found


def test_dialogues_are_here() -> None:
    assert {*COSEM, *GURUX} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_apdu_is_read_and_written_back(name: str) -> None:
    for _, raw in apdus(name):
        assert apdu.decode(raw).encode() == raw


@pytest.mark.parametrize("name", ["wrapper_lls", "wrapper_lls_100", "hdlc_lls"])
def test_what_was_asked_and_answered(name: str) -> None:
    found = [apdu.decode(raw) for _, raw in apdus(name)]
    aarq, aare = found[:2]
    asked = next(x for x in found if isinstance(x, apdu.GetRequest) and x.selection)

    assert isinstance(aarq, apdu.Aarq)
    assert (aarq.mechanism, aarq.value) == (Mechanism.LLS, PASSWORD)
    assert isinstance(aare, apdu.Aare)
    assert asked.attribute == PROFILE
    assert isinstance(asked.selection, Range)
    first = DateTime.decode(axdr.raw(asked.selection.first))
    assert (first.date.day, first.time.minute, first.deviation) == (2, 30, -180)
    whole = b"".join(x.result for x in found if isinstance(x, apdu.GetBlock))
    assert columns(whole).count == 48
    assert whole == axdr.encode(axdr.array(*rows()))


class Recorded:
    """The meter of a recording: it answers our question with the answer to the same one."""

    def __init__(self, name: str) -> None:
        self.lines = dialogue(name)

    def take(self, data: bytes) -> bytes:
        self.asked, (_, answer) = self.lines.pop(0)[1], self.lines.pop(0)
        return answer


ASKED = {
    # what: (request, our answer)
    "energy": (Get(ENERGY), Got(axdr.encode(Data(Tag.DOUBLE_LONG_UNSIGNED, 123_456)))),
    "day": (Get(PROFILE), Got(axdr.encode(axdr.array(*rows())))),
    "clock": (Set(CLOCK, STAMP.data()), Done(DataAccessResult.SUCCESS)),
    "relay": (Action(RELAY_OFF, Data(Tag.INTEGER, 0)), Acted(ActionResult.SUCCESS, None)),
    "secret": (Get(SECRET), Got(DataAccessResult.READ_WRITE_DENIED)),
}


@pytest.mark.parametrize("name", ["wrapper_gmac", "gurux_hdlc_gmac"])
def test_what_was_protected_is_uncovered(name: str) -> None:
    """General-glo-ciphering of the one, glo-ciphering of the other."""
    ears = {
        ">": Security(KEYS, METER_TITLE, 0, peer=CLIENT_TITLE),
        "<": Security(KEYS, CLIENT_TITLE, 0, peer=METER_TITLE),
    }
    heard = []
    for who, raw in apdus(name):
        found = apdu.decode(raw)
        if isinstance(found, apdu.Aarq | apdu.Aare):
            found = apdu.decode(found.user_information)
        if isinstance(found, apdu.Ciphered):
            plain = ears[who].unprotect(found)
            heard.append(apdu.decode(plain))
            assert heard[-1].encode() == plain

    kinds = {type(one) for one in heard}
    assert {apdu.InitiateRequest, apdu.InitiateResponse, apdu.GetBlock, apdu.GetNext} <= kinds
    assert {apdu.ActionRequest, apdu.ActionResponse, apdu.GetRequest, apdu.GetResponse} <= kinds
    blocks = [one.result for one in heard if isinstance(one, apdu.GetBlock)]
    assert axdr.encode(axdr.array(*rows())) in b"".join(blocks)


def test_blocks_of_a_set_by_another_client() -> None:
    found = [apdu.decode(raw) for _, raw in apdus("gurux_wrapper_lls")]
    first = next(one for one in found if isinstance(one, apdu.SetFirstBlock))
    others = [one for one in found if isinstance(one, apdu.SetBlock)]
    whole = b"".join([first.raw, *(one.raw for one in others)])

    assert first.attribute == TEXT
    assert [one.number for one in (first, *others)] == list(range(1, len(others) + 2))
    assert axdr.decode(whole) == axdr.octet_string(bytes(range(256)) * 2)


@pytest.mark.parametrize("name", COSEM)
def test_our_client_hears_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorded meter answers us; the invoke id is theirs."""
    monkeypatch.setattr("faza.protocols.dlms.exchange._same", lambda found, ours: None)
    gmac = name.endswith("gmac")
    connection = Connection(
        route_of("hdlc" if name.startswith("hdlc") else "wrapper"),
        mechanism=Mechanism.HLS_GMAC if gmac else Mechanism.LLS,
        password=PASSWORD,
        challenge=b"K56iVagY" * 4,
        security=security(general=True) if gmac else None,
        ciphered=gmac,
    )
    talk = Talk(connection, Recorded(name))
    if name.startswith("hdlc"):
        talk.ask(Connect())
    else:
        connection.send(Connect())
        connection.next_event()
    talk.ask(Associate())
    for request, answer in ASKED.values():
        assert talk.ask(request) == answer
    assert talk.ask(Release()) == Released()
    talk.ask(Disconnect())


@pytest.mark.parametrize("name", ["wrapper_lls", "hdlc_lls"])
def test_our_client_says_the_same(name: str) -> None:
    """But for the invoke ids, our questions are theirs byte for byte."""
    theirs = [raw for who, raw in apdus(name) if who == ">"]
    gets = [found for found in map(apdu.decode, theirs) if isinstance(found, apdu.GetRequest)]
    day = next(found for found in gets if found.selection)
    asked = [Get(ENERGY), Get(PROFILE, day.selection), *(r for r, _ in list(ASKED.values())[2:])]
    talk = new_talk("wrapper")
    for request in asked:
        talk.ask(request)
    ours = [raw[:2] + b"\xc1" + raw[3:] for raw in talk.meter.heard[1:]]

    for raw in theirs[1:-1]:
        assert raw[:2] + b"\xc1" + raw[3:] in ours or raw[:2] == apdu.GetNext.HEAD
