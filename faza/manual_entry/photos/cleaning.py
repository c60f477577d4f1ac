"""Draws photos anew in a process of its own, which has little memory and time."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Protocol

from faza.manual_entry.photos import sniffing
from faza.manual_entry.photos.picture import BadPhoto, Picture, Reason

MOST_BYTES = 10 * 1024 * 1024
"""Of what is sent."""
ACCEPTED = "image/jpeg,image/png,image/webp"
"""For the `accept` of a form's field; phones that write HEIC send JPEG where it is said."""
MOST_PIXELS = 50_000_000
"""Of what is sent; what is kept has 2000 at most along a side (`redrawing`)."""
_SECONDS = 15
_AT_ONCE = threading.BoundedSemaphore(2)
"""Photos that one process has drawn at the same time; others wait."""
_SCRIPT = Path(__file__).with_name("redrawing.py")


class Upload(Protocol):
    """A file of a form."""

    def read(self, size: int = ..., /) -> bytes: ...


def taken(upload: Upload) -> Picture:
    """The photo of a form's file; not more of it is read than may be sent. Raises BadPhoto."""
    return clean(upload.read(MOST_BYTES + 1))


def clean(raw: bytes) -> Picture:
    """The photo that bytes hold, drawn anew. Raises BadPhoto.

    What the bytes hold beside pixels (EXIF with places and names, comments, colour profiles,
    archives behind the end) is not in it. It stands upright as its EXIF said.
    """
    if len(raw) > MOST_BYTES:
        raise BadPhoto(Reason.TOO_LONG)
    kind = sniffing.format_of(raw)
    if kind == "WEBP":
        width, height = sniffing.webp_size(raw)
        if width * height > MOST_PIXELS:
            raise BadPhoto(Reason.TOO_LARGE)
    with _AT_ONCE:
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(_SCRIPT), kind, str(MOST_PIXELS), str(_SECONDS)],
                input=raw, capture_output=True, timeout=2 * _SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise BadPhoto(Reason.TOO_HARD) from None
    return _picture(done.returncode, done.stdout)


def _picture(code: int, out: bytes) -> Picture:
    """What the other process answered: a line of the size and the JPEG, or a reason."""
    if code < 0:
        # The system ended it: over its time, or a decoder fell over the file.
        raise BadPhoto(Reason.TOO_HARD)
    head, _, data = out.partition(b"\n")
    if code:
        reasons = {reason.value: reason for reason in Reason}
        raise BadPhoto(reasons.get(head.decode("ascii", "replace"), Reason.BROKEN))
    width, height = (int(part) for part in head.split())
    return Picture(data, width, height)
