"""Packets of which nothing could be stored: kept aside on disk with the reason, for a person."""

from __future__ import annotations

import contextlib
import hashlib
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from faza.collection.intake.taking import Packet, Verdict

DAYS = 30
"""For so long they are kept, unless the administrator sets other days."""
MOST = 10_000
"""Packets of a day; what comes after is only listed. A device gone mad must not fill the disk."""


def folder() -> Path:
    return Path(settings.HOME) / "files" / "intake"


def keep(packet: Packet, verdict: Verdict, *, at: datetime) -> Path | None:
    """Write a packet and, beside it, why it is here; None where the day's folder is full.

    The same packet is kept once. Nothing is acknowledged before: it is on the disk by then.
    """
    day = folder() / at.date().isoformat()
    day.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.blake2b(packet.name.encode() + packet.data, digest_size=12).hexdigest()
    file = day / f"{digest}.json"
    if file.exists():
        return file
    if sum(1 for _ in os.scandir(day)) >= 2 * MOST:
        return None
    lines = [f"From: {packet.name}", f"At: {at.isoformat()}", ""]
    lines += [f"{one.place}: {one.reason}" if one.place else one.reason
              for one in verdict.complaints]  # fmt: skip
    write_safely(file.with_suffix(".txt"), ("\n".join(lines) + "\n").encode())
    write_safely(file, packet.data)
    return file


def write_safely(file: Path, data: bytes) -> None:
    """Write a file that is whole or not there, and on the disk when this returns."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with fresh.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def sweep(before: datetime, at: datetime) -> int:
    """Erase the days before a moment; how many files went."""
    gone = 0
    for day in sorted(folder().glob("????-??-??")):
        if day.name >= before.date().isoformat():
            break
        for file in day.iterdir():
            with contextlib.suppress(FileNotFoundError):
                file.unlink()
                gone += 1
        with contextlib.suppress(OSError):
            day.rmdir()
    return gone
