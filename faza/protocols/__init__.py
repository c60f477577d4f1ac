"""Foreign formats: bytes to values and back.

Nothing here does I/O beyond the bytes and binary streams it is given, and nothing knows Django,
a database, a clock or a user. Parsers return a `Document`: the good values, and a `Problem` for
each bad one; a file that is no such file at all raises `Malformed` (see `problems`).

- `files`: plain files and zip archives, with limits against bombs.
- `xml80020`: messages 80020 and 80040.
- `tabular`: CSV, TXT and XLSX: interval profiles and register readings.
"""

from __future__ import annotations

from faza.protocols.problems import Document, Malformed, Note, Problem, Problems, TooLarge

__all__ = ["Document", "Malformed", "Note", "Problem", "Problems", "TooLarge"]
