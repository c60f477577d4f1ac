"""What encoding bytes are in."""

from __future__ import annotations

import codecs

_PIECE = 1 << 18


def is_utf8(data: bytes) -> bool:
    """Whether all of it is valid UTF-8, without a decoded copy of it all."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
