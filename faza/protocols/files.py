"""Files as they come: plain, or a zip archive of several; with limits against bombs."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from faza.protocols.problems import Malformed, Problems, TooLarge

_PIECE = 1 << 20
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    RuntimeError,
)  # fmt: skip
"""What zipfile raises for bytes that make no sense; RuntimeError is its word for "encrypted"."""
_FREE = 16 * 2**20
"""Members of fewer bytes may have any ratio: they can do no harm."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may have at most: files, bytes of one, bytes of all, unpacked ratio.

    Deflate packs up to 1,032-fold; a message 80020 of nothing but zeros about 130-fold.
    """

    files: int = 10_000
    file_bytes: int = 256 * 2**20
    total_bytes: int = 4 * 2**30
    ratio: int = 400


DEFAULT = Limits()


def open_files(
    name: str,
    source: bytes | BinaryIO,
    *,
    problems: Problems | None = None,
    limits: Limits = DEFAULT,
) -> Iterator[tuple[str, bytes]]:
    """The plain files in a file: itself, or the members of a zip archive, one at a time.

    A bad member (nested archive, encrypted, broken) goes to `problems`; the others are yielded.
    A workbook is a plain file although it is a zip. Names of members are shown, never opened.

    Raises TooLarge, naming the limit, and Malformed for a broken archive. What an archive
    declares is checked before anything is unpacked, what is really in it while it is.
    """
    problems = Problems(name) if problems is None else problems
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    head = stream.read(4)
    stream.seek(0)
    if not _is_zip(head):
        data = stream.read(limits.file_bytes + 1)
        if len(data) > limits.file_bytes:
            raise TooLarge(f"It has more than {limits.file_bytes} bytes.", code="file-bytes")
        yield name, data
        return
    try:
        archive = zipfile.ZipFile(stream)
    except BROKEN as error:
        raise Malformed(f"It begins as a zip archive but is none: {error}.", code="zip") from (
            error
        )
    with archive:
        if _is_workbook(archive):
            check_workbook(archive, name, limits)
            stream.seek(0)
            yield name, stream.read(limits.file_bytes + 1)
            return
        yield from _members(archive, name, problems, limits)


def _members(
    archive: zipfile.ZipFile, name: str, problems: Problems, limits: Limits
) -> Iterator[tuple[str, bytes]]:
    members = [info for info in archive.infolist() if not info.filename.endswith("/")]
    check_declared(members, name, limits)
    total = 0
    for info in members:
        place = f"{name}/{info.filename}"
        try:
            left = min(limits.file_bytes, limits.total_bytes - total)
            data = _unpacked(archive, info, left)
        except BROKEN as e:
            reason = f"It cannot be unpacked: {e}."
            problems.add("zip-member", reason, file=place)
            continue
        total += len(data)
        if _is_zip(data[:4]) and not info.filename.lower().endswith(".xlsx"):
            reason = "It is an archive within the archive; expected plain files."
            problems.add("zip-nested", reason, file=place)
            continue
        yield info.filename, data


def check_declared(members: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    """Refuse by what the archive says of itself. Raises TooLarge."""
    if len(members) > limits.files:
        raise TooLarge(
            f"It has {len(members)} files; the limit is {limits.files}.", code="zip-files"
        )
    total = sum(info.file_size for info in members)
    if total > limits.total_bytes:
        raise TooLarge(
            f"It unpacks to {total} bytes; the limit is {limits.total_bytes}.",
            code="zip-total",
        )
    for info in members:
        if info.file_size > limits.file_bytes:
            raise TooLarge(
                f"{info.filename} unpacks to {info.file_size} bytes; the limit is "
                f"{limits.file_bytes}.",
                code="file-bytes",
            )
        ratio = info.file_size / max(info.compress_size, 1)
        if info.file_size > _FREE and ratio > limits.ratio:
            raise TooLarge(
                f"{info.filename} unpacks {ratio:.0f}-fold; the limit is {limits.ratio}.",
                code="zip-ratio",
            )


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """A member's bytes, of which never more than the limit are held."""
    parts, size = [], 0
    with archive.open(info) as member:
        while piece := member.read(_PIECE):
            size += len(piece)
            if size > limit:
                raise TooLarge(
                    f"{info.filename} unpacks to more than the {limit} bytes left to it.",
                    code="zip-total",
                )
            parts.append(piece)
    return b"".join(parts)


def check_workbook(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    """Refuse a workbook that is a bomb, before a library unpacks it. Raises TooLarge.

    Every part is unpacked once, a piece at a time, because the declared sizes may lie.
    """
    members = archive.infolist()
    check_declared(members, name, limits)
    left = limits.total_bytes
    for info in members:
        try:
            with archive.open(info) as member:
                while piece := member.read(_PIECE):
                    left -= len(piece)
                    if left < 0:
                        raise TooLarge(
                            f"It unpacks to more than {limits.total_bytes} bytes.",
                            code="zip-total",
                        )
        except BROKEN as e:
            raise Malformed(f"It is a broken workbook: {e}.", code="workbook") from e


def _is_zip(head: bytes) -> bool:
    return head in (b"PK\x03\x04", b"PK\x05\x06")


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    return "[Content_Types].xml" in archive.NameToInfo
