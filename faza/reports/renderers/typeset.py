"""Sets one document with typst: its data comes on standard input, the PDF goes to standard output.

A process of its own: typst keeps what it has set (140 MB for a month of half-hours) and holds
the interpreter meanwhile. Started by its path, since modules beside it are called as those of
the standard library are; so it imports nothing of Faza.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent


def main(timestamp: int) -> None:
    """Only the fonts shipped beside this file are used, and typst's own for what they lack."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(HERE / "fonts")])
    found = typst.compile(
        (HERE / "report.typ").read_bytes(),
        sys_inputs={"d": sys.stdin.buffer.read().decode()},
        font_paths=fonts,
        pdf_tags=False,
        timestamp=timestamp,
    )
    assert isinstance(found, bytes)
    sys.stdout.buffer.write(found)


if __name__ == "__main__":
    main(int(sys.argv[1]))
