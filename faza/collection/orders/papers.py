"""Documents of orders: what is taken as one."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 5 * 1024 * 1024
"""Bytes."""
MOST_FILES = 5
KINDS = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
"""By first bytes: what a file calls itself is not believed."""


class NoPaper(Exception):
    """A file is too large, empty, or neither PDF, JPEG nor PNG."""


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    content: bytes

    @property
    def kind(self) -> str:
        """Its media type; empty where it is none of KINDS."""
        return next((kind for start, kind in KINDS.items() if self.content.startswith(start)), "")


def check(document: Document) -> None:
    """Raise NoPaper for what is none."""
    if not document.kind or len(document.content) > MOST:
        raise NoPaper(document.name)
