"""The TCP wrapper: frames in any pieces, garbage, bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.protocols.dlms.problems import Malformed, TooLarge
from faza.protocols.dlms.wrapper import MOST_GARBAGE, Wrapper

APDU = bytes.fromhex("c401c1000600001391")


def pair(limit: int = 1024) -> tuple[Wrapper, Wrapper]:
    """A client and its meter."""
    return (
        Wrapper(source=32, destination=1, limit=limit),
        Wrapper(source=1, destination=32, limit=limit),
    )


def test_a_frame_is_written_as_the_standard_has_it() -> None:
    client, _ = pair()

    assert client.wrap(b"\x62\x00") == bytes.fromhex("0001 0020 0001 0002 6200")


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=5), st.lists(st.integers(1, 20)))
def test_frames_come_in_any_pieces(apdus: list[bytes], sizes: list[int]) -> None:
    client, meter = pair()
    stream = b"".join(map(meter.wrap, apdus))
    found = []
    for size in [*sizes, len(stream) + 1]:
        client.receive(stream[:size])
        stream = stream[size:]
        while (apdu := client.find_apdu()) is not None:
            found.append(apdu)

    assert found == apdus
    assert not client.has_part


@pytest.mark.parametrize("garbage", [b"\x00", b"NO CARRIER\r\n", b"\x00\x01", b"\x00" * 999])
def test_garbage_before_a_frame_is_skipped(garbage: bytes) -> None:
    client, meter = pair()
    client.receive(garbage)
    assert client.find_apdu() is None
    client.receive(meter.wrap(APDU))

    assert client.find_apdu() == APDU


def drown(client: Wrapper) -> None:
    for _ in range(MOST_GARBAGE):
        client.receive(b"\x55\xaa")
        client.find_apdu()


def test_garbage_without_end_is_malformed() -> None:
    client, _ = pair()
    with pytest.raises(Malformed) as caught:
        drown(client)

    assert caught.value.code == "garbage"


def test_a_length_beyond_what_was_agreed_on_is_not_waited_for() -> None:
    client, meter = pair(limit=100)
    client.receive(meter.wrap(bytes(101))[:8])
    with pytest.raises(TooLarge):
        client.find_apdu()


def test_an_empty_frame_is_malformed() -> None:
    client, meter = pair()
    client.receive(meter.wrap(b""))
    with pytest.raises(Malformed):
        client.find_apdu()


def test_too_long_for_a_frame() -> None:
    with pytest.raises(ValueError, match="65536"):
        pair()[0].wrap(bytes(65536))
