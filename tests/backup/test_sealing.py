import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.backup import sealing
from faza.backup.sealing import CHUNK, TAG, Opened, Sealer, WrongSeal

pytestmark = pytest.mark.either_engine
KEY, OTHER = "k" * 40, "o" * 40
HEAD = len(sealing.MAGIC) + sealing.SALT


def sealed(data: bytes, key: str = KEY) -> bytes:
    out = io.BytesIO()
    sealer = Sealer(out, key)
    for start in range(0, len(data), 300_000):
        sealer.write(data[start : start + 300_000])
    sealer.close()
    return out.getvalue()


def opened(data: bytes, key: str = KEY) -> bytes:
    stream, found = Opened(io.BytesIO(data), key), b""
    while part := stream.read(100_000):
        found += part
    return found


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7])
def test_what_is_sealed_comes_back(size):
    data = bytes(range(256)) * (size // 256 + 1)

    assert opened(sealed(data[:size])) == data[:size]


def test_nothing_can_be_read_in_it_and_no_two_are_alike():
    first, second = sealed(b"Kovaleva" * 100), sealed(b"Kovaleva" * 100)

    assert b"Kovaleva" not in first
    assert first[HEAD:] != second[HEAD:]


def test_another_key_is_told():
    with pytest.raises(WrongSeal, match="the key is another one"):
        opened(sealed(b"abc"), OTHER)


CUT = [HEAD, HEAD + 5, HEAD + CHUNK + TAG, HEAD + CHUNK + TAG + 1, -1, -TAG - 3]


@pytest.mark.parametrize("length", CUT)
def test_a_cut_file_is_told(length):
    """At a chunk's end too: what is left would be a whole file, but for the mark of the last."""
    with pytest.raises(WrongSeal):
        opened(sealed(b"x" * (2 * CHUNK + 9))[:length])


def test_swapped_and_repeated_chunks_are_told():
    whole = sealed(b"a" * CHUNK + b"b" * CHUNK + b"c")
    size = CHUNK + TAG
    head, one, two, rest = (
        whole[:HEAD], whole[HEAD : HEAD + size], whole[HEAD + size : HEAD + 2 * size],
        whole[HEAD + 2 * size :],
    )  # fmt: skip
    assert opened(head + one + two + rest) == b"a" * CHUNK + b"b" * CHUNK + b"c"
    for other in (head + two + one + rest, head + one + one + rest, head + one + rest):
        with pytest.raises(WrongSeal):
            opened(other)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, HEAD + 3_000 + TAG - 1), st.integers(1, 255))
def test_any_changed_byte_is_told(place, change):
    data = bytearray(sealed(b"m" * 3_000))
    data[place] ^= change
    with pytest.raises(WrongSeal):
        opened(bytes(data))
