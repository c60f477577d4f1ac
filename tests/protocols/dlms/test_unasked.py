"""What comes unasked: pushes, blocks of any service, noise, closed lines."""

from __future__ import annotations

import pytest

from faza.protocols.dlms import (
    NEED_DATA,
    Disconnect,
    Disconnected,
    Get,
    GiveUp,
    Got,
    Malformed,
    Pushed,
    Rejected,
    Replayed,
    State,
    Told,
    Transmit,
    TryLater,
    Unproven,
    apdu,
    axdr,
)
from tests.protocols.dlms.dialogue import METER, asking, hears, talk
from tests.protocols.dlms.fake_meter import ENERGY, PROFILE, FakeMeter


class TestPushes:
    PUSH = apdu.DataNotification(1, b"", bytes.fromhex("02021101120002"))
    TOLD = apdu.EventNotification(bytes(12), ENERGY, bytes.fromhex("1101"))

    def test_a_push_before_anything(self) -> None:
        both = talk(up=False)

        assert hears(both, self.PUSH.encode()) == Pushed(b"", self.PUSH.data)
        assert both.connection.state is State.IDLE

    def test_a_push_between_question_and_answer(self) -> None:
        both = asking()

        assert hears(both, self.TOLD.encode()) == Told(bytes(12), ENERGY, b"\x11\x01")
        assert hears(both, bytes.fromhex("c401c1001101")) == Got(b"\x11\x01")


class TestGeneralBlocks:
    def blocks(self, data: bytes, *, streaming: bool) -> list[bytes]:
        cuts = [data[at : at + 7] for at in range(0, len(data), 7)]
        return [
            apdu.GeneralBlock(
                number == len(cuts), streaming and number < len(cuts), 1, number, 0, raw
            ).encode()
            for number, raw in enumerate(cuts, 1)
        ]

    def test_an_answer_in_acknowledged_blocks(self) -> None:
        both = asking()
        *blocks, last = self.blocks(bytes.fromhex("c401c1000914") + bytes(20), streaming=False)
        for number, block in enumerate(blocks, 1):
            found = hears(both, block)
            assert isinstance(found, Transmit)
            answer = apdu.decode(found.data[8:])
            assert answer == apdu.GeneralBlock(True, False, 1, number, number, b"")

        assert hears(both, last) == Got(b"\x09\x14" + bytes(20))

    def test_a_push_in_streamed_blocks(self) -> None:
        both = talk()
        blocks = self.blocks(TestPushes.PUSH.encode(), streaming=True)

        assert hears(both, *blocks) == Pushed(b"", TestPushes.PUSH.data)

    def test_a_block_that_comes_again_is_acknowledged_again(self) -> None:
        both = asking()
        first, *_ = self.blocks(bytes.fromhex("c401c1000914") + bytes(20), streaming=False)
        hears(both, first)

        assert isinstance(hears(both, first), Transmit)

    def test_lost_blocks_and_blocks_in_blocks(self) -> None:
        blocks = self.blocks(TestPushes.PUSH.encode(), streaming=True)
        with pytest.raises(Malformed):
            hears(talk(), blocks[0], apdu.GeneralBlock(False, True, 1, 3, 0, b"x").encode())
        inner = apdu.GeneralBlock(True, False, 1, 1, 0, blocks[0]).encode()
        with pytest.raises(Malformed, match="inside"):
            hears(talk(), inner)


class TestClosedLines:
    def test_a_line_closed_in_the_middle(self) -> None:
        both = asking()
        both.connection.receive(METER.wrap(bytes.fromhex("c401c1001101"))[:-1])
        assert both.connection.next_event() is NEED_DATA
        both.connection.receive(b"")
        with pytest.raises(TryLater, match="middle"):
            both.connection.next_event()
        assert both.connection.state is State.LOST

    def test_a_line_closed_after_a_whole_answer(self) -> None:
        both = asking()
        both.connection.receive(METER.wrap(bytes.fromhex("c401c1001101")))
        both.connection.receive(b"")

        assert both.connection.next_event() == Got(b"\x11\x01")
        with pytest.raises(TryLater):
            both.connection.next_event()

    def test_a_meter_that_hangs_up_instead_of_saying_goodbye(self) -> None:
        both = talk("hdlc")
        both.connection.send(Disconnect())
        both.connection.receive(b"")

        assert both.connection.next_event() == Disconnected()


def test_a_whole_hdlc_dialogue_with_noise_between(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = FakeMeter("hdlc")
    take = meter.take
    monkeypatch.setattr(meter, "take", lambda data: b"\x00RING\xff" + take(data))
    both = talk("hdlc", meter=meter)

    assert both.ask(Get(PROFILE)) == Got(axdr.encode(meter.objects[PROFILE]))
    assert both.connection.terms is not None


def test_the_tree_of_problems() -> None:
    assert issubclass(Replayed, Unproven)
    assert issubclass(Unproven, Malformed)
    assert issubclass(Rejected, GiveUp)
    assert not issubclass(TryLater, Malformed)
