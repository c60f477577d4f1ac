"""gurux-dlms 1.0.203 reads a day of load profile again and again, for `faza.bench.dlms`.

A session: connect, associate, read the rows, release, close. Asked as in `question`, and rounds,
sessions. Told: ms: milliseconds of its processor for a session, by round; sum: of all values.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.oracles.gurux_reads import Talk


def session(asked: dict[str, Any]) -> tuple[Any, int]:
    """The rows, and the next invocation counter."""
    talk = Talk(asked)
    talk.open()
    rows = talk.day()
    talk.close()
    return rows, int(talk.client.ciphering.invocationCounter)


def main() -> None:
    asked = json.load(sys.stdin)
    taken, rows = [], None
    for _ in range(asked["rounds"]):
        began = time.process_time()
        for _ in range(asked["sessions"]):
            rows, asked["counter"] = session(asked)
        taken.append((time.process_time() - began) / asked["sessions"] * 1e3)
    total = sum(int(value) for row in rows or () for value in row[-4:])
    Path(asked["result"]).write_text(json.dumps({"ms": taken, "sum": total}))


if __name__ == "__main__":
    main()
