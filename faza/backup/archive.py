"""The file of a backup: a tar of parts and a manifest at its end, sealed or not.

manifest.json: `faza` (version), `engine`, `at`, `migrations`, `counts` (counting.Counted) and
`parts`: of each part its size and SHA-256. A file without its manifest is no backup.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from faza.backup import sealing
from faza.backup.sealing import Opened, Sealer, WrongSeal

MANIFEST = "manifest.json"
BLOCK = 2**20


class Damaged(Exception):
    """A file is no backup, or no longer what was written; the message is one line."""


class Writing:
    """A backup that is being written."""

    def __init__(self, out: Any) -> None:
        self._tar = tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  end() closes it
        self.parts: dict[str, tuple[int, str]] = {}

    def add(self, name: str, file: Path) -> None:
        """Add a file as a part. Raises FileNotFoundError, and Damaged where it grows shorter."""
        with file.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            self._put(name, source, size)

    def end(self, manifest: Mapping[str, Any]) -> None:
        told = json.dumps({**manifest, "parts": self.parts}, ensure_ascii=False).encode()
        self._put(MANIFEST, io.BytesIO(told), len(told))
        self._tar.close()

    def _put(self, name: str, source: BinaryIO, size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        marked = _Marked(source)
        try:
            self._tar.addfile(entry, cast(BinaryIO, marked))
        except OSError as problem:
            if "unexpected end of data" in str(problem):
                raise Damaged(f"{name} grew shorter while it was read") from problem
            raise
        self.parts[name] = size, marked.mark.hexdigest()


class _Marked:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, source: Any) -> None:
        self._source, self.mark = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._source.read(size)
        self.mark.update(data)
        return data


@contextmanager
def writing(target: Path, key: str | None) -> Iterator[Writing]:
    """Write a backup; it has its name only when it is whole and on the disk."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 0600
    try:
        with open(handle, "wb") as out:
            sealer = Sealer(out, key) if key else None
            yield Writing(sealer or out)
            if sealer:
                sealer.close()
            out.flush()
            os.fsync(out.fileno())
        os.rename(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def mark_of(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def is_sealed(file: Path) -> bool:
    with file.open("rb") as source:
        return sealing.is_sealed(source.read(len(sealing.MAGIC)))


def read(
    file: Path, key: str | None, take: Callable[[str, Any], None] | None = None
) -> dict[str, Any]:
    """The manifest, once all parts were seen to be what it says.

    `take` gets each part's name and something to read from before that is known. Raises Damaged,
    WrongSeal.
    """
    if is_sealed(file) and not key:
        raise WrongSeal("it is sealed: give its key as FAZA_BACKUP_KEY or --key-file")
    if key and not is_sealed(file):
        raise Damaged(f"{file}: not sealed, though there is a key: take the key away to read it so")
    seen: dict[str, tuple[int, str]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with file.open("rb") as source:
            stream: Any = Opened(source, key or "") if is_sealed(file) else source
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                for entry in tar:
                    if not entry.isreg() or not _is_inside(entry.name):
                        raise Damaged(f"{file}: {entry.name!r} has no place in a backup")
                    data = tar.extractfile(entry)
                    if entry.name == MANIFEST:
                        manifest = json.loads(data.read()) if data else None
                        continue
                    seen[entry.name] = entry.size, _drained(entry.name, data, take)
                _drained("", stream, None)  # the end of a sealed file is judged when it is read
    except (tarfile.TarError, EOFError, ValueError) as problem:
        raise Damaged(f"{file}: no backup of Faza, or cut ({problem})") from problem
    if manifest is None:
        raise Damaged(f"{file}: cut, its manifest is missing")
    _compare(file, manifest, seen)
    return manifest


def _drained(name: str, data: Any, take: Callable[[str, Any], None] | None) -> str:
    marked = _Marked(data)
    if take is not None:
        take(name, marked)
    while marked.read(BLOCK):
        pass
    return marked.mark.hexdigest()


def _compare(file: Path, manifest: dict[str, Any], seen: dict[str, tuple[int, str]]) -> None:
    try:
        told = {name: (int(size), str(mark)) for name, (size, mark) in manifest["parts"].items()}
    except (KeyError, TypeError, ValueError) as problem:
        raise Damaged(f"{file}: its manifest cannot be read ({problem})") from problem
    wrong = sorted(name for name in told | seen if told.get(name) != seen.get(name))
    if wrong:
        raise Damaged(f"{file}: not what was written: {', '.join(wrong[:5])}")


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


__all__ = ["MANIFEST", "Damaged", "Writing", "WrongSeal", "is_sealed", "read", "writing"]
