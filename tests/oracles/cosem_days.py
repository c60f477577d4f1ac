"""dlms-cosem 21.3.2 (MIT) reads a day of load profile again and again, for `faza.bench.dlms`.

See `gurux_days`.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from dlms_cosem import cosem, enumerations, utils
from dlms_cosem.clients.blocking_tcp_transport import BlockingTcpTransport
from dlms_cosem.cosem.capture_object import CaptureObject
from dlms_cosem.cosem.selective_access import RangeDescriptor

from tests.oracles import question
from tests.oracles.cosem_reads import client_of

PROFILE = cosem.CosemAttribute(
    enumerations.CosemInterface.PROFILE_GENERIC,
    cosem.Obis(*map(int, question.PROFILE.split("."))),
    2,
)
CLOCK = CaptureObject(
    cosem.CosemAttribute(
        enumerations.CosemInterface.CLOCK, cosem.Obis(*map(int, question.CLOCK.split("."))), 2
    )
)
PER_SESSION = 100
"""Invocation counters set aside for a session."""


def session(asked: dict[str, Any]) -> list[list[Any]]:
    """The rows with their moments."""
    client = client_of(asked, BlockingTcpTransport)
    first, last = (datetime.fromisoformat(asked[end]) for end in ("first", "last"))
    with client.session():
        found = client.get(PROFILE, RangeDescriptor(CLOCK, first, last))
    return [[question.at(bytes(row[0])), *row[1:]] for row in utils.parse_as_dlms_data(found)]


def main() -> None:
    asked = json.load(sys.stdin)
    taken: list[float] = []
    rows: list[list[Any]] = []
    for _ in range(asked["rounds"]):
        began = time.process_time()
        for _ in range(asked["sessions"]):
            rows = session(asked)
            asked["counter"] += PER_SESSION
        taken.append((time.process_time() - began) / asked["sessions"] * 1e3)
    Path(asked["result"]).write_text(json.dumps({"ms": taken, "sums": question.sums(rows)}))


if __name__ == "__main__":
    main()
