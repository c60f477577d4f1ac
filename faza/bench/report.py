"""The table of measures, on the terminal and in docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def cells(one: dict[str, Any]) -> tuple[str, ...]:
    """A measure as the texts of its row."""
    value = one["value"]
    digits = 0 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    state = {True: "yes", False: "**no**", None: ""}[one["ok"]]
    ratio = f"{one['ratio']:.2f}" if one["ratio"] is not None else ""
    return (
        one["name"],
        f"{value:,.{digits}f} {one['unit']}",
        one["target"],
        state,
        ratio,
        one["peer"],
    )


HEADS = ("what", "measured", "target", "met", "ratio", "against")


def as_table(found: list[dict[str, Any]]) -> str:
    """A table for the terminal."""
    rows = [HEADS, *[cells(one) for one in found]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def write_page(page: Path, found: list[dict[str, Any]]) -> None:
    """Put the table in its place in a Markdown page; the words around it stay."""
    lines = [f"| {' | '.join(HEADS)} |", "|---|--:|---|---|--:|---|"]
    lines += [f"| {' | '.join(cells(one))} |" for one in found]
    made = (
        f"Measured on {date.today().isoformat()} on {os.cpu_count()} cores"  # noqa: DTZ011
        f" ({platform.machine()}), Python {platform.python_version()},"
        f" Django {version('django')}, NumPy {version('numpy')}, psycopg {version('psycopg')}."
    )
    text = page.read_text(encoding="utf-8")
    table = f"{BEGIN}\n\n{made}\n\n" + "\n".join(lines) + f"\n\n{END}"
    page.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: table, text, flags=re.S), encoding="utf-8")
