"""What the first bytes of a file say that it is, and how large; nothing is decoded here.

Sources: ITU-T T.81 (JPEG), W3C PNG 5.2 and 11.2.2, RFC 9649 (WebP 2.4-2.7), ISO/IEC 14496-12 4.3
(brands of HEIF).
"""

from __future__ import annotations

from faza.manual_entry.photos.picture import BadPhoto, Reason

_HEIF = {
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
    *(b"mif1", b"msf1", b"avif", b"avis"),
}


def format_of(raw: bytes) -> str:
    """JPEG, PNG or WEBP. Raises BadPhoto; what it is called and says of itself is not asked."""
    if not raw:
        raise BadPhoto(Reason.EMPTY)
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return "WEBP"
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIF:
        raise BadPhoto(Reason.HEIC)
    raise BadPhoto(Reason.NOT_A_PHOTO)


def webp_size(raw: bytes) -> tuple[int, int]:
    """Width and height by the header: the library takes memory for them before it tells them.

    Raises BadPhoto.
    """
    kind, body = raw[12:16], raw[20:30]
    if len(body) < 10:
        raise BadPhoto(Reason.BROKEN)
    if kind == b"VP8X":
        return _number(body[4:7]) + 1, _number(body[7:10]) + 1
    if kind == b"VP8L" and body[0] == 0x2F:
        packed = _number(body[1:5])
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return _number(body[6:8]) & 0x3FFF, _number(body[8:10]) & 0x3FFF
    raise BadPhoto(Reason.BROKEN)


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "little")
