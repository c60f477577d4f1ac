"""HDLC: frames, and the client's end of a link."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.protocols.dlms.events import Transmit
from faza.protocols.dlms.hdlc import (
    Address,
    Frame,
    Frames,
    Kind,
    Link,
    Linked,
    Parameters,
    Unlinked,
)
from faza.protocols.dlms.hdlc.frames import MOST_GARBAGE, check_sequence
from faza.protocols.dlms.hdlc.link import MOST_REPEATS, State
from faza.protocols.dlms.problems import Damaged, Malformed, TooLarge, TryLater, WrongStep

CLIENT, METER = Address(16), Address(1, 17)
SNRM = bytes.fromhex("7EA00802232193BD647E")
UA = bytes.fromhex("7EA01F21022373E6C781801205019A06019A070400000001080400000001CCA27E")
AARQ = bytes.fromhex(
    "7EA02C02232110AF9FE6E600601DA109060760857405080101BE10040E01000000065F1F0400001E1DFFFFC5E47E"
)
AARE = bytes.fromhex(
    "7EA0382102233034E7E6E7006129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F"
    "0400001E1D04C80007B86A7E"
)


def found(raw: bytes, limit: int = 2030) -> Frame | None:
    frames = Frames(limit)
    frames.receive(raw)
    return frames.find_frame()


def drown(frames: Frames) -> None:
    for _ in range(MOST_GARBAGE):
        frames.receive(b"\x55\xaa")
        frames.find_frame()


def feed(one: Link, answers: list[bytes]) -> int:
    """How many of the answers made the link say something more."""
    count = 0
    for answer in answers:
        one.receive(answer)
        count += isinstance(one.next_event(), Transmit)
    return count


class TestFrames:
    def test_check_sequences_of_the_standard(self) -> None:
        """ISO/IEC 13239, annex: CRC-16/X-25 of "123456789" is 906E, low byte first."""
        assert check_sequence(b"123456789") == b"\x6e\x90"
        assert check_sequence(bytes.fromhex("033f")) == bytes.fromhex("5bec")

    @pytest.mark.parametrize(
        ("raw", "frame"),
        [
            (SNRM, Frame(METER, CLIENT, Kind.SNRM)),
            (UA, Frame(CLIENT, METER, Kind.UA, UA[9:-3])),
            (AARQ, Frame(METER, CLIENT, Kind.I, AARQ[9:-3])),
            (AARE, Frame(CLIENT, METER, Kind.I, AARE[9:-3], received=1)),
        ],
    )
    def test_known_frames(self, raw: bytes, frame: Frame) -> None:
        assert found(raw) == frame
        assert frame.encode() == raw

    @pytest.mark.parametrize(
        ("address", "raw"),
        [
            (Address(1), "03"), (Address(16), "21"), (Address(1, 17), "0223"),
            (Address(0x3FFF, 0x3FFF), "fefefeff"), (Address(1, 0x1234), "00024869"),
            (Address(1, 1, 4), "00020003"),
        ],
    )  # fmt: skip
    def test_addresses_of_1_2_and_4_bytes(self, address: Address, raw: str) -> None:
        assert address.encode().hex() == raw
        assert Address.decode(bytes.fromhex(raw)) == address

    @pytest.mark.parametrize(
        "address", [Address(128), Address(1, 0x4000), Address(1, 300, 2), Address(1, None, 2)]
    )
    def test_addresses_that_do_not_fit(self, address: Address) -> None:
        with pytest.raises(ValueError, match="does not fit"):
            address.encode()

    @given(
        st.sampled_from(Kind), st.binary(max_size=300), st.booleans(), st.booleans(),
        st.integers(0, 7), st.integers(0, 7), st.integers(0, 0x3FFF), st.integers(0, 0x3FFF),
    )  # fmt: skip
    def test_reading_what_was_written_is_identity(
        self, kind: Kind, info: bytes, poll: bool, more: bool, sent: int, received: int,
        upper: int, lower: int,
    ) -> None:  # fmt: skip
        numbered = kind in (Kind.I, Kind.RR, Kind.RNR)
        frame = Frame(
            Address(upper, lower), CLIENT, kind, info, poll, more,
            sent if kind is Kind.I else 0, received if numbered else 0,
        )  # fmt: skip

        assert found(frame.encode()) == frame

    @pytest.mark.parametrize("raw", [SNRM, UA, AARQ, AARE])
    def test_every_flipped_bit_is_damage(self, raw: bytes) -> None:
        for place in range(len(raw)):
            for bit in range(8):
                broken = bytearray(raw)
                broken[place] ^= 1 << bit
                with pytest.raises(Damaged):
                    assert found(bytes(broken)) is not None

    def test_frames_share_flags_and_come_in_pieces(self) -> None:
        frames = Frames(2030)
        seen = []
        for byte in UA + AARE[1:] + UA:
            frames.receive(bytes((byte,)))
            while (frame := frames.find_frame()) is not None:
                seen.append(frame.kind)

        assert seen == [Kind.UA, Kind.I, Kind.UA]
        assert not frames.has_part

    def test_garbage_before_a_frame_is_skipped(self) -> None:
        for garbage in (b"\x00" * 100, b"RING\r\n", b"\x7e\x00\x01", b"\x7e\xa0\xff", b"\x7e" * 9):
            assert found(garbage + UA).kind is Kind.UA

    def test_a_damaged_frame_does_not_hide_the_next(self) -> None:
        frames = Frames(2030)
        frames.receive(AARE[:30] + b"\x00" + AARE[31:] + UA)

        assert frames.find_frame().kind is Kind.UA

    def test_garbage_without_end_is_malformed(self) -> None:
        with pytest.raises(Malformed) as caught:
            drown(Frames(2030))

        assert caught.value.code == "garbage"

    def test_a_length_beyond_what_was_agreed_on_is_not_waited_for(self) -> None:
        long = Frame(CLIENT, METER, Kind.I, bytes(300)).encode()
        with pytest.raises(Damaged):
            found(long[:20], limit=128)


class TestParameters:
    @given(
        st.integers(8, 2030), st.integers(8, 2030), st.integers(1, 7), st.integers(1, 7)
    )  # fmt: skip
    def test_reading_what_was_written_is_identity(self, a: int, b: int, c: int, d: int) -> None:
        parameters = Parameters(a, b, c, d)

        assert Parameters.decode(parameters.encode()) == parameters

    def test_those_of_real_meters(self) -> None:
        """Sizes in one byte and in two."""
        assert Parameters.decode(found(UA).info) == Parameters(154, 154)
        raw = bytes.fromhex("8180140502008006020080070400000001080400000001")
        assert Parameters.decode(raw) == Parameters()

    @pytest.mark.parametrize(
        "raw", ["82", "8180", "8180040501", "8180020501", "818003050107", "818003080100"]
    )
    def test_nonsense(self, raw: str) -> None:
        with pytest.raises(Malformed):
            Parameters.decode(bytes.fromhex(raw))


def link(limit: int = 65535, wanted: Parameters | None = None) -> Link:
    return Link(client=CLIENT, server=METER, limit=limit, wanted=wanted)


def up(told: Parameters | None = None, wanted: Parameters | None = None, **more: int) -> Link:
    """A link that stands."""
    one = link(wanted=wanted, **more)
    one.connect()
    one.receive(Frame(CLIENT, METER, Kind.UA, (told or Parameters()).encode()).encode())
    assert isinstance(one.next_event(), Linked)
    return one


def says(kind: Kind, info: bytes = b"", **more: object) -> bytes:
    return Frame(CLIENT, METER, kind, info, **more).encode()


def all_of(raw: bytes) -> list[Frame]:
    frames, seen = Frames(2030), []
    frames.receive(raw)
    while (frame := frames.find_frame()) is not None:
        seen.append(frame)
    return seen


class TestLink:
    def test_connecting_and_disconnecting(self) -> None:
        one = link()

        assert one.connect() == SNRM
        one.receive(UA)
        assert one.next_event() == Linked(Parameters(154, 154))
        assert all_of(one.disconnect())[0].kind is Kind.DISC
        one.receive(says(Kind.UA))
        assert one.next_event() == Unlinked()
        with pytest.raises(WrongStep):
            one.send(b"\x00")

    def test_what_the_meter_takes_bounds_the_segments(self) -> None:
        """UA's 06 is what the meter receives: our longest information field."""
        one = up(Parameters(64, 20, 1, 1), Parameters(100, 100, 1, 1))
        (frame,) = all_of(one.send(bytes(40)))

        assert len(frame.info) == 20
        assert frame.segmented
        assert frame.info.startswith(b"\xe6\xe6\x00")

    def test_a_question_in_segments_waits_for_each(self) -> None:
        one = up(Parameters(128, 16, 1, 1))
        (first,) = all_of(one.send(bytes(range(40))))
        got = first.info
        number = 0
        while True:
            number = (number + 1) % 8
            one.receive(says(Kind.RR, received=number))
            event = one.next_event()
            assert isinstance(event, Transmit)
            (frame,) = all_of(event.data)
            assert frame.sent == number
            got += frame.info
            if not frame.segmented:
                break

        assert got == b"\xe6\xe6\x00" + bytes(range(40))

    def test_a_window_sends_several_and_polls_with_the_last(self) -> None:
        one = up(Parameters(128, 16, 1, 3), Parameters(128, 16, 3, 1))
        frames = all_of(one.send(bytes(60)))

        assert [frame.poll for frame in frames] == [False, False, True]
        assert [frame.sent for frame in frames] == [0, 1, 2]

    def test_an_answer_before_the_whole_question_is_malformed(self) -> None:
        one = up(Parameters(128, 16, 1, 1))
        one.send(bytes(40))
        one.receive(says(Kind.I, b"\xe6\xe7\x00ab", received=1))
        with pytest.raises(Malformed):
            one.next_event()

    def test_lost_frames_of_a_window_are_sent_again(self) -> None:
        one = up(Parameters(128, 16, 1, 3), Parameters(128, 16, 3, 1))
        first = all_of(one.send(bytes(60)))
        one.receive(says(Kind.RR, received=1))  # only the first has come
        event = one.next_event()
        assert isinstance(event, Transmit)
        again = all_of(event.data)

        assert [frame.sent for frame in again] == [1, 2, 3]
        assert [frame.info for frame in again[:2]] == [frame.info for frame in first[1:]]

    def test_an_answer_in_segments(self) -> None:
        one = up()
        one.send(b"\xc0")
        parts = [b"\xe6\xe7\x00abc", b"defg", b"h"]
        for number, part in enumerate(parts):
            last = number == 2
            one.receive(says(Kind.I, part, segmented=not last, sent=number, received=1))
            event = one.next_event()
            if not last:
                assert isinstance(event, Transmit)
                (frame,) = all_of(event.data)
                assert (frame.kind, frame.received) == (Kind.RR, number + 1)

        assert event == b"abcdefgh"
        assert one.state is State.UP

    def test_a_frame_that_comes_twice_is_taken_once(self) -> None:
        one = up()
        one.send(b"\xc0")
        part = says(Kind.I, b"\xe6\xe7\x00ab", segmented=True, sent=0, received=1)
        one.receive(part)
        one.next_event()
        one.receive(part)
        event = one.next_event()
        assert isinstance(event, Transmit)
        assert all_of(event.data)[0].received == 1
        one.receive(says(Kind.I, b"cd", sent=1, received=1))

        assert one.next_event() == b"abcd"

    def test_a_damaged_answer_is_asked_for_again(self) -> None:
        one = up()
        asked = one.send(b"\xc0")
        answer = bytearray(says(Kind.I, b"\xe6\xe7\x00ab", received=1))
        answer[-6] ^= 1
        one.receive(bytes(answer))
        with pytest.raises(Damaged):
            one.next_event()
        assert one.repeat() == asked
        one.receive(says(Kind.I, b"\xe6\xe7\x00ab", received=1))

        assert one.next_event() == b"ab"

    def test_frames_for_others_are_not_ours(self) -> None:
        one = up()
        one.send(b"\xc0")
        one.receive(Frame(Address(99), METER, Kind.I, b"\xe6\xe7\x00no").encode())
        one.receive(Frame(CLIENT, Address(1, 18), Kind.DM).encode())
        one.receive(says(Kind.I, b"\xe6\xe7\x00ab", received=1))

        assert one.next_event() == b"ab"

    @pytest.mark.parametrize("kind", [Kind.DM, Kind.FRMR, Kind.RNR])
    def test_a_meter_that_is_not_ready(self, kind: Kind) -> None:
        one = up()
        one.send(b"\xc0")
        one.receive(says(kind, b"\x00\x00\x00" if kind is Kind.FRMR else b""))
        with pytest.raises(TryLater):
            one.next_event()

    def test_a_meter_that_does_not_want_to_connect(self) -> None:
        one = link()
        one.connect()
        one.receive(says(Kind.DM))
        with pytest.raises(TryLater):
            one.next_event()

    def test_a_meter_that_only_says_ready_is_busy_in_the_end(self) -> None:
        one = up()
        one.send(b"\xc0")
        ready = says(Kind.RR, received=1)

        assert feed(one, [ready] * MOST_REPEATS) == MOST_REPEATS
        with pytest.raises(TryLater):
            feed(one, [ready])

    @pytest.mark.parametrize(
        "answer",
        [
            says(Kind.I, b"\xe6\xe7\x00ab", received=5),
            says(Kind.I, b"\xe6\xe7\x00", received=1),
            says(Kind.I, b"", received=1),
            says(Kind.I, b"\x00\x00\x00ab", received=1),
            says(Kind.RR, received=3),
            says(Kind.SNRM),
            says(Kind.DISC),
        ],
    )
    def test_what_makes_no_sense_is_malformed(self, answer: bytes) -> None:
        one = up()
        one.send(b"\xc0")
        one.receive(answer)
        with pytest.raises(Malformed):
            one.next_event()

    def test_an_answer_without_end_is_too_large(self) -> None:
        one = up(limit=1000)
        one.send(b"\xc0")
        info = b"\xe6\xe7\x00" + bytes(100)
        segments = [
            says(Kind.I, info, segmented=True, sent=number % 8, received=1) for number in range(100)
        ]
        with pytest.raises(TooLarge):
            feed(one, segments)

    def test_a_push_comes_in_any_state(self) -> None:
        one = link()
        one.receive(says(Kind.UI, b"\xe6\xe7\x00\x0f", poll=False))

        assert one.next_event() == b"\x0f"

    @settings(max_examples=60)
    @given(st.binary(min_size=1, max_size=600), st.integers(8, 300), st.integers(1, 7))
    def test_what_is_sent_arrives(self, apdu: bytes, size: int, window: int) -> None:
        """Segments of any size in windows of any size, put together by a plain receiver."""
        one = up(Parameters(128, size, 1, window), Parameters(300, 128, 7, 1))
        out, got, expected = one.send(apdu), b"", 0
        for _ in range(200):
            frames = all_of(out)
            for frame in frames:
                assert frame.sent == expected
                assert len(frame.info) <= size
                expected = (expected + 1) % 8
                got += frame.info
            if not frames[-1].segmented:
                break
            one.receive(says(Kind.RR, received=expected))
            event = one.next_event()
            assert isinstance(event, Transmit)
            out = event.data

        assert got == b"\xe6\xe6\x00" + apdu
