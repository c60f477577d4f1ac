"""COSEM data in A-XDR: known bytes, identity, bounds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Compact, Data, Tag, Type
from faza.protocols.dlms.problems import Malformed, TooLarge
from faza.protocols.dlms.reading import Reader
from tests.protocols.dlms import strategies

KNOWN = {
    "00": Data(Tag.NULL),
    "ff": Data(Tag.DONT_CARE),
    "0300": Data(Tag.BOOLEAN, False),
    "0301": Data(Tag.BOOLEAN, True),
    "040450": Data(Tag.BIT_STRING, "0101"),
    "05fffffffe": Data(Tag.DOUBLE_LONG, -2),
    "060000138a": Data(Tag.DOUBLE_LONG_UNSIGNED, 5002),
    "0906010000020aff": Data(Tag.OCTET_STRING, bytes.fromhex("010000020aff")),
    "0a03414243": Data(Tag.VISIBLE_STRING, b"ABC"),
    "0c02d096": Data(Tag.UTF8_STRING, "Ж".encode()),
    "0d42": Data(Tag.BCD, 0x42),
    "0ffd": Data(Tag.INTEGER, -3),
    "10001e": Data(Tag.LONG, 30),
    "11ff": Data(Tag.UNSIGNED, 255),
    "12ffff": Data(Tag.LONG_UNSIGNED, 65535),
    "14ffffffffffffffff": Data(Tag.LONG64, -1),
    "15ffffffffffffffff": Data(Tag.LONG64_UNSIGNED, (1 << 64) - 1),
    "1609": Data(Tag.ENUM, 9),
    "173f800000": Data(Tag.FLOAT32, 1.0),
    "183ff0000000000000": Data(Tag.FLOAT64, 1.0),
    "1a07e60b0205": Data(Tag.DATE, bytes.fromhex("07e60b0205")),
    "1b0c1e00ff": Data(Tag.TIME, bytes.fromhex("0c1e00ff")),
    "02020f001609": Data(Tag.STRUCTURE, (Data(Tag.INTEGER, 0), Data(Tag.ENUM, 9))),
    "0100": Data(Tag.ARRAY, ()),
    "13120400010002": Data(
        Tag.COMPACT_ARRAY,
        Compact(Type(Tag.LONG_UNSIGNED), (Data(Tag.LONG_UNSIGNED, 1), Data(Tag.LONG_UNSIGNED, 2))),
    ),
}
COMPACT = "13 02021209 08 0001 02aabb 0002 00"


@pytest.mark.parametrize("text", KNOWN)
def test_known_bytes_are_read_and_written(text: str) -> None:
    raw = bytes.fromhex(text)

    assert axdr.decode(raw) == KNOWN[text]
    assert axdr.encode(KNOWN[text]) == raw


def test_a_compact_array_is_described_once() -> None:
    raw = bytes.fromhex(COMPACT)
    kind = Type(Tag.STRUCTURE, (Type(Tag.LONG_UNSIGNED), Type(Tag.OCTET_STRING)))
    found = axdr.decode(raw)

    assert isinstance(found.value, Compact)
    assert found.value.type == kind
    assert axdr.parts(found)[0] == axdr.structure(
        Data(Tag.LONG_UNSIGNED, 1), axdr.octet_string(b"\xaa\xbb")
    )
    assert axdr.parts(found)[1] == axdr.structure(
        Data(Tag.LONG_UNSIGNED, 2), axdr.octet_string(b"")
    )
    assert axdr.encode(found) == raw


@given(strategies.data)
def test_reading_what_was_written_is_identity(data: Data) -> None:
    raw = axdr.encode(data)
    reader = Reader(raw)

    assert axdr.decode(raw) == data
    assert axdr.skip(reader) == raw
    assert reader.left() == 0


@given(strategies.data)
def test_a_cut_value_is_malformed_at_every_place(data: Data) -> None:
    raw = axdr.encode(data)
    for at in range(min(len(raw), 60)):
        with pytest.raises(Malformed):
            axdr.decode(raw[:at])
        with pytest.raises(Malformed):
            axdr.skip(Reader(raw[:at]))
    with pytest.raises(Malformed):
        axdr.decode(raw + b"\x00")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "short"),
        ("08", "tag"),
        ("0180", "length"),
        ("0185ffffffffff", "length"),
        ("0184ffffffff00", "short"),
        ("0984ffffffff00", "short"),
        ("04ff", "length"),
        ("0484ffffffff", "short"),
        ("01" * 40 + "00", "too-deep"),
        ("0201" * 17 + "00", "too-deep"),
        ("130001ff", "type"),
        ("1301ffff01ffff0001ff", "type"),
        ("1301000211", "short"),
        ("13130101", "type"),
        ("13020201ffff00110401010101", "type"),
        ("130285ffff", "length"),
        ("130211110311", "short"),
    ],
)
def test_what_is_no_data_is_malformed(text: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        axdr.decode(bytes.fromhex(text))

    assert caught.value.code == code


def test_a_small_compact_array_cannot_ask_for_many_values() -> None:
    """65,535 x 65,535 nulls would take no bytes at all."""
    bomb = bytes.fromhex("13 01ffff 01ffff 02021100 02 0101")
    started = time.process_time()
    with pytest.raises(Malformed):
        axdr.decode(bomb)

    assert time.process_time() - started < 0.5


def test_the_number_of_values_is_bounded() -> None:
    with pytest.raises(TooLarge):
        axdr.decode(b"\x01\x83\x05\x00\x00" + bytes(0x50000))


@pytest.mark.parametrize(
    "data",
    [
        Data(Tag.UNSIGNED, 256),
        Data(Tag.INTEGER, -129),
        Data(Tag.DATE, b"1234"),
        Data(Tag.BIT_STRING, "012"),
        Data(Tag.NULL, 1),
        Data(Tag.OCTET_STRING, "text"),
        Data(Tag.FLOAT32, 1e300),
        Data(Tag.COMPACT_ARRAY, Compact(Type(Tag.LONG), (Data(Tag.UNSIGNED, 1),))),
    ],
)
def test_a_value_of_another_type_is_not_written(data: Data) -> None:
    with pytest.raises(ValueError, match="is no|in a compact"):
        axdr.encode(data)


def test_words_of_other_alphabets_are_shown_and_not_lost() -> None:
    assert axdr.text(Data(Tag.UTF8_STRING, "Ж1".encode())) == "Ж1"
    assert axdr.text(Data(Tag.VISIBLE_STRING, b"M\xc6")) == "M\\xc6"
    with pytest.raises(Malformed):
        axdr.text(Data(Tag.ENUM, 1))
