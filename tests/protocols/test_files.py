"""Plain files and zip archives, and the limits."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from faza.protocols.files import Limits, open_files
from faza.protocols.problems import Malformed, Problems, TooLarge


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return buffer.getvalue()


def test_a_plain_file_is_itself() -> None:
    assert list(open_files("a.xml", b"<x/>")) == [("a.xml", b"<x/>")]
    assert list(open_files("a.xml", io.BytesIO(b"<x/>"))) == [("a.xml", b"<x/>")]


def test_members_come_one_by_one() -> None:
    assert dict(open_files("a.zip", packed(a_xml=b"1", b_xml=b"2"))) == {
        "a.xml": b"1",
        "b.xml": b"2",
    }


def test_good_members_are_kept_when_one_is_bad() -> None:
    data = bytearray(packed(a_xml=b"first" * 50, b_xml=b"second" * 50, c_zip=packed(x=b"")))
    at = data.index(b"b.xml") + len("b.xml")
    data[at : at + 4] = b"\xff\xff\xff\xff"  # the compressed bytes of b.xml
    problems = Problems("a.zip")

    assert [name for name, _ in open_files("a.zip", bytes(data), problems=problems)] == ["a.xml"]
    assert [(p.code, p.file) for p in problems.items] == [
        ("zip-member", "a.zip/b.xml"),
        ("zip-nested", "a.zip/c.zip"),
    ]


def test_an_encrypted_member_is_a_problem() -> None:
    data = bytearray(packed(a_xml=b"1"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    problems = Problems("a.zip")

    assert list(open_files("a.zip", bytes(data), problems=problems)) == []
    assert problems.counts == {"zip-member": 1}


def test_a_workbook_is_a_plain_file() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")

    assert list(open_files("a.xlsx", buffer.getvalue())) == [("a.xlsx", buffer.getvalue())]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(files=1), "has 2 files; the limit is 1"),
        (Limits(file_bytes=100), "a.xml unpacks to 20000000 bytes; the limit is 100"),
        (Limits(total_bytes=20_000_000), "unpacks to 20000001 bytes; the limit is 20000000"),
        (
            Limits(ratio=100),
            "unpacks 1028-fold; the limit is 100|unpacks 1029-fold; the limit is 100",
        ),
    ],
)
def test_a_bomb_is_refused_with_the_limit_said(limits: Limits, reason: str) -> None:
    data = packed(a_xml=bytes(20_000_000), b_xml=b"1")

    with pytest.raises(TooLarge, match=reason):
        list(open_files("a.zip", data, limits=limits))


def test_an_archive_that_lies_about_its_size_gives_no_more_than_it_says() -> None:
    data = bytearray(packed(a_xml=bytes(1_000_000)))
    real = struct.pack("<L", 1_000_000)
    lying = bytes(data).replace(real, struct.pack("<L", 10))
    problems = Problems("a.zip")

    assert list(open_files("a.zip", lying, problems=problems)) == []
    assert problems.counts == {"zip-member": 1}


def test_a_plain_file_over_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge, match="more than 3 bytes"):
        list(open_files("a.xml", b"1234", limits=Limits(file_bytes=3)))


def test_a_broken_archive_is_malformed() -> None:
    with pytest.raises(Malformed, match="begins as a zip archive but is none"):
        list(open_files("a.zip", b"PK\x03\x04rubbish"))
