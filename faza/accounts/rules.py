"""What accounts are judged by, from values alone."""

from __future__ import annotations

from datetime import timedelta

WITHDRAWAL_DUE = timedelta(days=30)
"""How long after a consent is taken back its processing has to end.

Source: 152-ФЗ, article 21, part 5.
"""
CONFIRMATION_HOLDS = timedelta(hours=24)
"""How long the link of an activation mail works. Source: design/mockups/cabinet/register.html."""
LOGO_TYPES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/webp": b"RIFF",
}
"""Pictures taken as a logo, with their first bytes. No SVG: it can hold scripts."""
MOST_OF_LOGO = 512 * 1024


def logo_type(data: bytes) -> str | None:
    """The type of a picture by its first bytes; None for what is not taken as a logo."""
    if len(data) > MOST_OF_LOGO:
        return None
    for name, start in LOGO_TYPES.items():
        if data.startswith(start) and (name != "image/webp" or data[8:12] == b"WEBP"):
            return name
    return None
