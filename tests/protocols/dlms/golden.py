"""Recorded dialogues: tests/golden/dlms/*.hex, a line each, `>` the client's, `<` the meter's."""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parents[2] / "golden" / "dlms"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.hex"))


def dialogue(name: str) -> list[tuple[str, bytes]]:
    """Who said what, in order."""
    lines = (GOLDEN / f"{name}.hex").read_text().splitlines()
    return [(line[0], bytes.fromhex(line[2:])) for line in lines if line[:1] in ("<", ">")]
