"""What an oracle is asked, and what it tells. Plain Python alone: oracles import it, and tests.

Asked (JSON): host, port, over ("wrapper", "hdlc"), client, server (wrapper port, or physical
address), mechanism ("lls", "hls5"), password, encryption, authentication (hexadecimal), title,
counter, pdu, first, last (ISO, stamps of the profile with an offset), result, frames (paths).

Told (JSON): number, model: text; clock: ISO UTC; registers: {OBIS: value of attribute 2}; scalers:
{OBIS: [scaler, unit]}; captured: [OBIS of columns]; rows: [[ISO UTC, integers…]…].
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NUMBER, MODEL, CLOCK, PROFILE = "0.0.96.1.0", "0.0.96.1.1", "0.0.1.0.0", "1.0.99.1.0"
REGISTERS = tuple(f"1.0.{c}.8.{e}" for c in (1, 2, 3, 4) for e in (0, 1, 2))


def asked() -> dict[str, Any]:
    found: dict[str, Any] = json.load(sys.stdin)
    return found


def tell(asked: dict[str, Any], told: dict[str, Any], frames: list[tuple[str, bytes]]) -> None:
    """Write down what was read, and who said what on the line."""
    Path(asked["result"]).write_text(json.dumps(told))
    lines = [f"{who} {raw.hex()}\n" for who, raw in frames]
    Path(asked["frames"]).write_text("".join(lines))


def moment(stamp: bytes) -> str:
    """The moment of a COSEM date and time, ISO UTC."""
    return at(stamp).isoformat()


def at(stamp: bytes) -> datetime:
    """The moment of a COSEM date and time, by its own deviation, UTC."""
    year = int.from_bytes(stamp[:2], "big")
    deviation = int.from_bytes(stamp[9:11], "big", signed=True)
    local = datetime(year, stamp[2], stamp[3], stamp[5], stamp[6], stamp[7], 0, UTC)
    return local + timedelta(minutes=deviation)


def sums(rows: list[list[Any]]) -> list[int]:
    """Of a day's rows, a moment and four values each: seconds since 1970, and values."""
    return [
        sum(int(row[0].timestamp()) for row in rows),
        sum(int(value) for row in rows for value in row[1:]),
    ]
