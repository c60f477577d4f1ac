"""What the services share: data blocks, and lists in bytes.

Source: Green Book 8, 9.5 (DataBlock-SA, Get-Data-Result).
"""

from __future__ import annotations

from faza.protocols.dlms import axdr
from faza.protocols.dlms.names import DataAccessResult, named
from faza.protocols.dlms.reading import Reader, length, octets

Result = bytes | DataAccessResult
"""The bytes of an attribute's data, or why there are none."""


def encode_result(result: Result) -> bytes:
    """A Get-Data-Result."""
    if isinstance(result, DataAccessResult):
        return bytes((1, result))
    return b"\x00" + result


def read_result(reader: Reader) -> Result:
    """The Get-Data-Result at the cursor, its data checked."""
    if reader.choice():
        return named(DataAccessResult, reader.u8())
    return axdr.skip(reader)


def encode_results(results: tuple[Result, ...]) -> bytes:
    """A SEQUENCE OF Get-Data-Result."""
    return length(len(results)) + b"".join([encode_result(result) for result in results])


def read_results(reader: Reader) -> tuple[Result, ...]:
    return tuple([read_result(reader) for _ in range(reader.count())])


def encode_values(values: tuple[bytes, ...]) -> bytes:
    """A SEQUENCE OF Data, each already in bytes."""
    return length(len(values)) + b"".join(values)


def read_values(reader: Reader) -> tuple[bytes, ...]:
    return tuple([axdr.skip(reader) for _ in range(reader.count())])


def encode_codes(codes: tuple[DataAccessResult, ...]) -> bytes:
    """A SEQUENCE OF Data-Access-Result."""
    return length(len(codes)) + bytes(codes)


def read_codes(reader: Reader) -> tuple[DataAccessResult, ...]:
    return tuple([named(DataAccessResult, code) for code in reader.take(reader.count())])


def encode_block(last: bool, number: int, raw: bytes) -> bytes:
    """A DataBlock-SA."""
    return bytes((last,)) + number.to_bytes(4, "big") + octets(raw)


def read_block(reader: Reader) -> tuple[bool, int, bytes]:
    return reader.flag(), reader.u32(), reader.octets()
