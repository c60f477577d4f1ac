"""COSEM data in A-XDR: bytes to typed values and back.

Source: Green Book 8, 9.5 (Data, TypeDescription); Blue Book 12, 4.1.5 (common data types);
IEC 61334-6 (A-XDR); IEC 62056-53, 8; ГОСТ Р 58940.

    decode(b"\\x06\\x00\\x00\\x00\\x2a")  ->  Data(Tag.DOUBLE_LONG_UNSIGNED, 42)

`Data.value` by tag:

    null-data, dont-care                                   None
    array, structure                                       tuple of Data
    boolean                                                bool
    integers, enum, bcd (its byte as it is)                int
    float32, float64, floating-point (an old float32)      float
    octet-string, visible-string, utf8-string              bytes
    date-time, date, time                                  12, 5, 4 bytes: see `clock`
    bit-string                                             str of "0" and "1"
    compact-array                                          Compact

Strings stay bytes, because meters put other alphabets into them; `text` makes words of them.
Depth and number of values are bounded, so that a small frame can't ask for much memory.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from faza.protocols.dlms.problems import Malformed, TooLarge
from faza.protocols.dlms.reading import Reader, length, octets

DEPTH = 16
"""So deep may arrays and structures be nested; COSEM itself needs 6."""
MOST_VALUES = 1 << 17
"""So many values may one answer have: twice 123 days of half-hours with 9 columns."""


class Tag(IntEnum):
    """Types of data. Source: Blue Book 12, table 3."""

    NULL = 0
    ARRAY = 1
    STRUCTURE = 2
    BOOLEAN = 3
    BIT_STRING = 4
    DOUBLE_LONG = 5
    DOUBLE_LONG_UNSIGNED = 6
    FLOATING_POINT = 7
    OCTET_STRING = 9
    VISIBLE_STRING = 10
    UTF8_STRING = 12
    BCD = 13
    INTEGER = 15
    LONG = 16
    UNSIGNED = 17
    LONG_UNSIGNED = 18
    COMPACT_ARRAY = 19
    LONG64 = 20
    LONG64_UNSIGNED = 21
    ENUM = 22
    FLOAT32 = 23
    FLOAT64 = 24
    DATE_TIME = 25
    DATE = 26
    TIME = 27
    DONT_CARE = 255


class Type(NamedTuple):
    """A type described without a value, in a compact array.

    `of` has the one type of an array's elements, or those of a structure; `number` is how many
    elements an array has.
    """

    tag: Tag
    of: tuple[Type, ...] = ()
    number: int = 0


class Compact(NamedTuple):
    """A compact array: elements that share one described type. Source: Green Book 8, 9.5."""

    type: Type
    items: tuple[Data, ...]


Value: TypeAlias = "None | bool | int | float | bytes | str | Compact | tuple[Data, ...]"


class Data(NamedTuple):
    """A value with its type."""

    tag: Tag
    value: Value = None


TAGS: dict[int, Tag] = {int(tag): tag for tag in Tag}
INTEGERS: dict[int, tuple[int, bool]] = {
    Tag.DOUBLE_LONG: (4, True),
    Tag.DOUBLE_LONG_UNSIGNED: (4, False),
    Tag.BCD: (1, False),
    Tag.INTEGER: (1, True),
    Tag.LONG: (2, True),
    Tag.UNSIGNED: (1, False),
    Tag.LONG_UNSIGNED: (2, False),
    Tag.LONG64: (8, True),
    Tag.LONG64_UNSIGNED: (8, False),
    Tag.ENUM: (1, False),
}
"""Size and sign of each integer type."""
FLOATS: dict[int, str] = {Tag.FLOATING_POINT: ">f", Tag.FLOAT32: ">f", Tag.FLOAT64: ">d"}
STRINGS = frozenset({Tag.OCTET_STRING, Tag.VISIBLE_STRING, Tag.UTF8_STRING})
STAMPS: dict[int, int] = {Tag.DATE_TIME: 12, Tag.DATE: 5, Tag.TIME: 4}
NULLS = frozenset({Tag.NULL, Tag.DONT_CARE})
SIZES: dict[int, int] = {
    **{tag: size for tag, (size, _) in INTEGERS.items()},
    **{tag: struct.calcsize(form) for tag, form in FLOATS.items()},
    **STAMPS,
    **dict.fromkeys(NULLS, 0),
    Tag.BOOLEAN: 1,
}
"""Bytes of a value, without the tag, of each type whose size is fixed."""


def decode(data: bytes) -> Data:
    """The one value that the bytes hold.

    Raises Malformed if they are short, long or of no known type, TooLarge beyond the bounds.
    """
    reader = Reader(data)
    found = read(reader)
    reader.done()
    return found


def read(reader: Reader, room: list[int] | None = None) -> Data:
    """The value at the cursor; `room` is how many values may still come, and is counted down."""
    return _read(reader, 0, [MOST_VALUES] if room is None else room)


def skip(reader: Reader) -> bytes:
    """The bytes of the value at the cursor, checked but not made."""
    start = reader.at
    _skip(reader, 0)
    return reader.data[start : reader.at]


def encode(data: Data) -> bytes:
    """The bytes of a value. Raises ValueError if the value is not one of its type."""
    return bytes((data.tag,)) + _body(data.tag, data.value)


def tag_of(number: int) -> Tag:
    """The type of a tag byte. Raises Malformed if there is none."""
    tag = TAGS.get(number)
    if tag is None:
        raise Malformed(f"No data type has the tag {number}.", code="tag")
    return tag


def text(data: Data) -> str:
    """A string's characters; what is not in its alphabet is shown as \\xNN."""
    if not isinstance(data.value, bytes):
        raise Malformed(f"{data.tag.name} instead of a string.", code="type")
    return data.value.decode(
        "ascii" if data.tag != Tag.UTF8_STRING else "utf-8", "backslashreplace"
    )


def whole(data: Data) -> int:
    """An integer's value. Raises Malformed if it is none."""
    if type(data.value) is not int:
        raise Malformed(f"{data.tag.name} instead of an integer.", code="type")
    return data.value


def raw(data: Data) -> bytes:
    """The bytes of a string or stamp. Raises Malformed if it is none."""
    if not isinstance(data.value, bytes):
        raise Malformed(f"{data.tag.name} instead of a string.", code="type")
    return data.value


def parts(data: Data, count: int | None = None) -> tuple[Data, ...]:
    """Elements of an array, compact array or structure; Malformed if it is none, or not `count`."""
    value = data.value.items if isinstance(data.value, Compact) else data.value
    if not isinstance(value, tuple):
        raise Malformed(f"{data.tag.name} instead of a list.", code="type")
    if count is not None and len(value) != count:
        raise Malformed(f"{len(value)} elements instead of {count}.", code="type")
    return value


# Constructors that are often needed


def structure(*items: Data) -> Data:
    return Data(Tag.STRUCTURE, items)


def array(*items: Data) -> Data:
    return Data(Tag.ARRAY, items)


def octet_string(value: bytes) -> Data:
    return Data(Tag.OCTET_STRING, value)


def null() -> Data:
    return Data(Tag.NULL, None)


# Reading


def _read(reader: Reader, depth: int, room: list[int]) -> Data:
    tag = tag_of(reader.u8())
    if tag is Tag.COMPACT_ARRAY:
        return Data(tag, _compact(reader, depth, room))
    return Data(tag, _value(reader, tag, depth, room))


def _value(reader: Reader, tag: Tag, depth: int, room: list[int]) -> Value:
    room[0] -= 1
    if room[0] < 0:
        raise TooLarge(f"More than {MOST_VALUES} values in one answer.")
    integer = INTEGERS.get(tag)
    if integer is not None:
        return int.from_bytes(reader.take(integer[0]), "big", signed=integer[1])
    if tag in STRINGS:
        return reader.octets()
    if tag in NULLS:
        return None
    if tag is Tag.ARRAY or tag is Tag.STRUCTURE:
        _deeper(depth)
        return tuple([_read(reader, depth + 1, room) for _ in range(reader.count())])
    if tag is Tag.BOOLEAN:
        return reader.flag()
    if tag is Tag.BIT_STRING:
        return _bits(reader)
    if tag in STAMPS:
        return reader.take(STAMPS[tag])
    number: float = struct.unpack(FLOATS[tag], reader.take(SIZES[tag]))[0]
    return number


def _bits(reader: Reader) -> str:
    count = reader.length()
    taken = reader.take((count + 7) // 8)
    return "".join(f"{byte:08b}" for byte in taken)[:count]


def _deeper(depth: int) -> None:
    if depth >= DEPTH:
        raise TooLarge(f"Data nested deeper than {DEPTH}.", code="too-deep")


def _skip(reader: Reader, depth: int) -> None:
    tag = tag_of(reader.u8())
    size = SIZES.get(tag)
    if size is not None:
        reader.take(size)
    elif tag in STRINGS:
        reader.octets()
    elif tag is Tag.BIT_STRING:
        reader.take((reader.length() + 7) // 8)
    elif tag is Tag.COMPACT_ARRAY:
        described(reader)
        reader.octets()
    else:
        _deeper(depth)
        for _ in range(reader.count()):
            _skip(reader, depth + 1)


# Compact arrays


def described(reader: Reader, depth: int = 0) -> Type:
    """The type description at the cursor."""
    tag = tag_of(reader.u8())
    if tag is Tag.ARRAY:
        _deeper(depth)
        count = reader.u16()
        inner = described(reader, depth + 1)
        if not least_size(inner):
            raise Malformed("An array of elements without a size.", code="type")
        return Type(tag, (inner,), count)
    if tag is Tag.STRUCTURE:
        _deeper(depth)
        return Type(tag, tuple([described(reader, depth + 1) for _ in range(reader.count())]))
    if tag is Tag.COMPACT_ARRAY:
        raise Malformed("A compact array inside a compact array.", code="type")
    return Type(tag)


def least_size(kind: Type) -> int:
    """The least bytes that a value of this type takes; 0 if it may take none."""
    if kind.tag is Tag.ARRAY:
        return kind.number * least_size(kind.of[0])
    if kind.tag is Tag.STRUCTURE:
        return sum(least_size(part) for part in kind.of)
    return SIZES.get(kind.tag, 1)


def _compact(reader: Reader, depth: int, room: list[int]) -> Compact:
    kind = described(reader, depth)
    size = reader.length()
    if size > reader.left():
        raise reader.short(size)
    contents = Reader(reader.data, reader.at, reader.at + size)
    reader.at += size
    if size and not least_size(kind):
        raise Malformed("A compact array of elements without a size.", code="type")
    items = []
    while contents.at < contents.end:
        items.append(_element(contents, kind, room))
    return Compact(kind, tuple(items))


def _element(reader: Reader, kind: Type, room: list[int]) -> Data:
    if kind.tag is Tag.ARRAY:
        part = kind.of[0]
        _fits(room, kind.number)
        return Data(kind.tag, tuple([_element(reader, part, room) for _ in range(kind.number)]))
    if kind.tag is Tag.STRUCTURE:
        _fits(room, len(kind.of))
        return Data(kind.tag, tuple([_element(reader, part, room) for part in kind.of]))
    return Data(kind.tag, _value(reader, kind.tag, 0, room))


def _fits(room: list[int], count: int) -> None:
    room[0] -= 1
    if count > room[0]:
        raise TooLarge(f"More than {MOST_VALUES} values in one answer.")


# Writing


def _body(tag: Tag, value: Value) -> bytes:
    integer = INTEGERS.get(tag)
    if integer is not None and isinstance(value, int):
        try:
            return value.to_bytes(integer[0], "big", signed=integer[1])
        except OverflowError:
            raise ValueError(f"{value} is no {tag.name}.") from None
    if isinstance(value, Compact) and tag is Tag.COMPACT_ARRAY:
        contents = b"".join([_bare(item, value.type) for item in value.items])
        return describe(value.type) + octets(contents)
    if isinstance(value, bytes) and (tag in STRINGS or len(value) == STAMPS.get(tag)):
        return octets(value) if tag in STRINGS else value
    if isinstance(value, tuple) and (tag is Tag.ARRAY or tag is Tag.STRUCTURE):
        items: tuple[Data, ...] = value
        return length(len(items)) + b"".join([encode(item) for item in items])
    if value is None and tag in NULLS:
        return b""
    if isinstance(value, bool) and tag is Tag.BOOLEAN:
        return b"\x01" if value else b"\x00"
    if isinstance(value, str) and tag is Tag.BIT_STRING and not set(value) - {"0", "1"}:
        size = (len(value) + 7) // 8
        return length(len(value)) + int(value.ljust(size * 8, "0") or "0", 2).to_bytes(size, "big")
    if isinstance(value, float) and tag in FLOATS:
        try:
            return struct.pack(FLOATS[tag], value)
        except OverflowError:
            raise ValueError(f"{value} is no {tag.name}.") from None
    raise ValueError(f"{value!r} is no {tag.name}.")


def describe(kind: Type) -> bytes:
    """The bytes of a type description."""
    head = bytes((kind.tag,))
    if kind.tag is Tag.ARRAY:
        return head + kind.number.to_bytes(2, "big") + describe(kind.of[0])
    if kind.tag is Tag.STRUCTURE:
        return head + length(len(kind.of)) + b"".join([describe(part) for part in kind.of])
    return head


def _bare(data: Data, kind: Type) -> bytes:
    """A value of a described type, without tags and counts."""
    if data.tag is not kind.tag:
        raise ValueError(f"{data.tag.name} in a compact array of {kind.tag.name}.")
    if kind.tag is Tag.ARRAY or kind.tag is Tag.STRUCTURE:
        items = parts(data, kind.number if kind.tag is Tag.ARRAY else len(kind.of))
        kinds = kind.of * kind.number if kind.tag is Tag.ARRAY else kind.of
        return b"".join([_bare(item, part) for item, part in zip(items, kinds, strict=True)])
    return _body(data.tag, data.value)
