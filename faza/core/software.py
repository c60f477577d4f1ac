"""What makes up the metrologically significant part of the software, and its fingerprint.

The significant part is what a measured value passes through from the meter's bytes to the number
that is shown: quantities and time, languages of meters and files, drivers, complexes and ratios,
storing with its rules, tariffs and the cost reckoned by them. Pages, rights, mail and jobs are not.

A fingerprint is made so that it can be made again by hand, with `sha256sum` alone:

    find faza/core -name '*.py' -not -path '*/migrations/*' | LC_ALL=C sort \\
        | xargs sha256sum | sha256sum
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from faza.core.words import gettext_noop

ROOT = Path(__file__).resolve().parents[2]
"""The folder that `faza/` stands in."""


@dataclass(frozen=True, slots=True)
class Part:
    """A significant part: its identifier, which is its module's name, and what it does."""

    identifier: str
    words: str

    @property
    def folder(self) -> str:
        return self.identifier.replace(".", "/")


PARTS = (
    Part("faza.core", gettext_noop("quantities, units, civil time, codes of quality")),
    Part("faza.protocols", gettext_noop("languages of meters, formats of files")),
    Part("faza.collection.drivers", gettext_noop("reading meters over their lines")),
    Part("faza.metering", gettext_noop("complexes, ratios, replacements")),
    Part("faza.readings", gettext_noop("storing, validation, estimation, registers, sums")),
    Part("faza.tariffs", gettext_noop("zones of the day, price tables")),
    Part("faza.charges", gettext_noop("volumes by zone and their reference cost")),
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How many files, and the SHA-256 of the list of their SHA-256, 64 hexadecimal digits."""

    files: int
    sha256: str


def fingerprints(
    parts: Iterable[Part], *, root: Path = ROOT
) -> tuple[Fingerprint, dict[Part, Fingerprint]]:
    """Of the parts together and of each, as their files lie under `root` now.

    The list has a line for each file, "<sha256>  <path>", in the order of the paths' bytes:
    what `sha256sum` prints.
    """
    each = {part: _listed(root, part) for part in parts}
    together = {path: line for listed in each.values() for path, line in listed.items()}
    return _fingerprint(together), {part: _fingerprint(listed) for part, listed in each.items()}


def _listed(root: Path, part: Part) -> dict[str, str]:
    """The line of each file of a part, by its path."""
    found = {
        path.relative_to(root).as_posix(): path
        for path in (root / part.folder).rglob("*.py")
        if "migrations" not in path.parts
    }
    return {name: f"{_sha256(path.read_bytes())}  {name}\n" for name, path in found.items()}


def _fingerprint(listed: Mapping[str, str]) -> Fingerprint:
    lines = (listed[path] for path in sorted(listed, key=str.encode))
    return Fingerprint(len(listed), _sha256("".join(lines).encode()))


def command(parts: Iterable[Part]) -> str:
    """What prints the same fingerprint in a shell, from the folder that `faza/` stands in."""
    folders = " ".join(part.folder for part in parts)
    return (
        f"find {folders} -name '*.py' -not -path '*/migrations/*' | LC_ALL=C sort"
        " | xargs sha256sum | sha256sum"
    )


def present(*, root: Path = ROOT) -> tuple[Part, ...]:
    """The parts that this installation has."""
    return tuple(part for part in PARTS if (root / part.folder).is_dir())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
