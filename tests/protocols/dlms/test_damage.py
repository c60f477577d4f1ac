"""Cut, flipped and random bytes: an event, Malformed or TryLater, in bounded time and memory.

GiveUp is left for what is well-formed and says no: a flipped bit in an AARE without a check
sequence may turn a yes into that, and nothing can tell.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.protocols.dlms import (
    NEED_DATA,
    Action,
    Associate,
    Connect,
    Connection,
    Damaged,
    Event,
    Get,
    GetList,
    GiveUp,
    Got,
    Malformed,
    Mechanism,
    Request,
    Set,
    Transmit,
    TryLater,
    apdu,
    axdr,
    columns,
)
from faza.protocols.dlms.hdlc import Frames
from faza.protocols.dlms.wrapper import Wrapper
from tests.protocols.dlms.dialogue import MOST_TURNS, Talk, talk
from tests.protocols.dlms.fake_meter import CLOCK, ECHO, ENERGY, PROFILE, TEXT, FakeMeter
from tests.protocols.dlms.golden import NAMES, dialogue

SECONDS = 2.0
"""Of CPU: bound for one damaged dialogue; an undamaged one takes some milliseconds."""
STORY: list[Request] = [
    Connect(),
    Associate(),
    GetList(((ENERGY, None), (TEXT, None))),
    Get(PROFILE),
    Set(CLOCK, axdr.octet_string(bytes(12))),
    Action(ECHO, axdr.octet_string(bytes(150))),
]
SAFETIES = [(Mechanism.LLS, False), (Mechanism.LLS, True), (Mechanism.HLS_GMAC, True)]


class Astray(Exception):
    """The fake meter was asked for what it does not expect: it is no subject of this test."""


class Noisy(Talk):
    """A talk whose line changes what the meter says, once."""

    def __init__(self, both: Talk, change: Callable[[bytes], bytes], turn: int) -> None:
        super().__init__(both.connection, both.meter)
        self.change, self.turn = change, turn

    def pass_on(self, data: bytes) -> None:
        if not data:
            return
        self.turns += 1
        assert self.turns < MOST_TURNS
        try:
            answer = self.meter.take(data)
        except (AssertionError, IndexError, ValueError, Malformed) as error:
            raise Astray from error
        if self.turns == self.turn and answer:
            answer = self.change(answer)
        if answer:
            self.connection.receive(answer)

    def ask(self, request: Request) -> Event:
        """As a driver does: repeats what was damaged, and hangs up where nothing more comes."""
        try:
            out = self.connection.send(request)
        except ValueError as error:  # the damaged terms do not allow it
            raise Astray from error
        self.pass_on(out)
        while True:
            try:
                event = self.connection.next_event()
            except Damaged:
                self.pass_on(self.connection.repeat())
                continue
            if event is NEED_DATA:
                self.connection.receive(b"")
            elif isinstance(event, Transmit):
                self.pass_on(event.data)
            else:
                return event


def outcome(
    over: str, mechanism: Mechanism, ciphered: bool, change: Callable[[bytes], bytes], turn: int
) -> str:
    """How a damaged dialogue ends; whatever else is raised fails the test."""
    both = talk(over, mechanism, ciphered=ciphered, pdu=100, up=False)
    noisy = Noisy(both, change, turn)
    started = time.process_time()
    try:
        for request in STORY:
            found = noisy.ask(request)
            if isinstance(found, Got) and isinstance(found.result, bytes):
                columns(found.result)
    except (Malformed, TryLater, GiveUp) as problem:
        return type(problem).__name__
    except Astray:
        return "astray"
    finally:
        assert time.process_time() - started < SECONDS
    return "told"


def flipped(place: int, bit: int) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        broken = bytearray(raw)
        broken[place % len(raw)] ^= 1 << bit
        return bytes(broken)

    return change


BAD = {"Malformed", "TooLarge", "Unproven", "Replayed", "TryLater"}


@pytest.mark.parametrize(("mechanism", "ciphered"), SAFETIES)
@settings(max_examples=80, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 7), st.integers(1, 40))
def test_a_flipped_bit_on_tcp(
    mechanism: Mechanism, ciphered: bool, place: int, bit: int, turn: int
) -> None:
    """TCP has no check of its own: what stays well-formed is believed, unless it is protected."""
    ended = outcome("wrapper", mechanism, ciphered, flipped(place, bit), turn)
    plain = {"astray", "Rejected"} if turn <= 2 or not ciphered else set()

    assert ended in {"told"} | BAD | plain


@pytest.mark.parametrize(("mechanism", "ciphered"), SAFETIES)
@settings(max_examples=50, deadline=None)
@given(st.integers(0, 4000), st.integers(0, 7), st.integers(1, 80))
def test_a_flipped_bit_on_hdlc_is_repaired(
    mechanism: Mechanism, ciphered: bool, place: int, bit: int, turn: int
) -> None:
    assert outcome("hdlc", mechanism, ciphered, flipped(place, bit), turn) == "told"


@pytest.mark.parametrize(("mechanism", "ciphered"), SAFETIES)
@pytest.mark.parametrize("over", ["wrapper", "hdlc"])
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 4000), st.integers(1, 40))
def test_a_cut_answer(
    over: str, mechanism: Mechanism, ciphered: bool, place: int, turn: int
) -> None:
    """What is cut is followed by a closed line: the rest never comes."""
    ended = outcome(over, mechanism, ciphered, lambda raw: raw[: place % len(raw)], turn)

    assert ended in {"told"} | BAD


@pytest.mark.parametrize(("mechanism", "ciphered"), SAFETIES)
@pytest.mark.parametrize("over", ["wrapper", "hdlc"])
@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=300), st.integers(1, 40), st.booleans())
def test_random_bytes_before_or_instead_of_an_answer(
    over: str, mechanism: Mechanism, ciphered: bool, noise: bytes, turn: int, instead: bool
) -> None:
    ended = outcome(over, mechanism, ciphered, lambda raw: noise if instead else noise + raw, turn)

    assert ended in {"told"} | BAD


FRAMES = [raw for name in NAMES for who, raw in dialogue(name)]
APDUS = [raw[8:] for name in NAMES if "hdlc" not in name for _, raw in dialogue(name)]


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(APDUS),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 7)), max_size=4),
    st.integers(0, 4000),
    st.integers(0, 4000),
)
def test_apdus_with_flips_and_cuts(
    raw: bytes, flips: list[tuple[int, int]], start: int, end: int
) -> None:
    for place, bit in flips:
        raw = flipped(place, bit)(raw)
    for part in (raw, raw[: end % len(raw)], raw[: start % len(raw)] + raw[end % len(raw) :]):
        try:
            found = apdu.decode(part)
        except Malformed:
            continue
        if isinstance(found, apdu.GetResponse) and isinstance(found.result, bytes):
            for read in (axdr.decode, columns):
                try:
                    read(found.result)
                except Malformed:
                    continue


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(FRAMES), st.binary(max_size=40)), max_size=6), st.data())
def test_streams_of_frames_and_noise(pieces: list[bytes], data: st.DataObject) -> None:
    """Finders of frames end for every stream, and keep no more than a frame of it."""
    stream = b"".join(pieces)
    for finder in (Frames(2030), Wrapper(source=32, destination=1, limit=2000)):
        find = finder.find_frame if isinstance(finder, Frames) else finder.find_apdu
        at = 0
        while at < len(stream):
            size = data.draw(st.integers(1, 200))
            finder.receive(stream[at : at + size])
            at += size
            try:
                while find() is not None:
                    pass
            except Damaged:
                continue
            except Malformed:
                break
        assert len(finder._buffer) <= 2100 + 200


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_profiles(raw: bytes) -> None:
    for head in (b"", b"\x01", b"\x13", b"\x01\x02\x02\x03"):
        try:
            columns(head + raw)
        except Malformed:
            continue


BOMBS = [
    b"\x01\x84\xff\xff\xff\xff",
    b"\x13\x01\xff\xff\x01\xff\xff\x01\xff\xff\x11\x02\x01\x01",
    b"\x13\x02\x02\x01\xff\xff\x00\x11\x04\x01\x01\x01\x01",
    b"\x02\x01" * 5000,
    b"\x01\x83\x10\x00\x00" + bytes(1 << 20),
    b"\x04\x84\xff\xff\xff\xff" + bytes(100),
    b"\x01\x83\x03\xff\xff" + (b"\x02\x04" + bytes(4)) * 0x3FFFF,
]


@pytest.mark.parametrize("read", [axdr.decode, columns])
@pytest.mark.parametrize("raw", BOMBS, ids=range(len(BOMBS)))
def test_small_answers_cannot_ask_for_much(raw: bytes, read: Callable[[bytes], object]) -> None:
    started = time.process_time()
    with pytest.raises(Malformed):
        read(raw)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("read", [axdr.decode, columns])
@pytest.mark.parametrize("raw", BOMBS, ids=range(len(BOMBS)))
def test_small_answers_cannot_ask_for_much_memory(
    raw: bytes, read: Callable[[bytes], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told by a lower bound, because memory is traced slowly."""
    monkeypatch.setattr(axdr, "MOST_VALUES", 1 << 12)
    tracemalloc.start()
    with pytest.raises(Malformed):
        read(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20


def test_a_meter_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one byte without a last one: the bound is on bytes, and so on turns."""
    meter = FakeMeter()
    both = talk(meter=meter)
    monkeypatch.setattr(
        meter,
        "service",
        lambda found, plain: apdu.GetBlock(
            found.invoke, False, getattr(found, "number", 0) + 1, b"\x00"
        ).encode(),
    )
    both.connection._most_answer = 1500
    with pytest.raises(Malformed) as caught:
        both.ask(Get(PROFILE))

    assert caught.value.code == "too-large"
    assert isinstance(both.connection, Connection)
