"""gurux-dlms 1.0.203 reads a day of load profile again and again, for `faza.bench.dlms`.

A session: connect, associate, read the rows, release, close, and a moment and numbers for each
row, which is what a day is read for. The client gives clocks as bytes; `question` makes moments of
them, in a small part of the time that the client's own functions take.

Asked as in `question`, and rounds, sessions. Told: ms: milliseconds of its processor for a
session, by round; sums: of the rows.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.oracles import question
from tests.oracles.gurux_reads import Talk


def session(asked: dict[str, Any]) -> tuple[list[list[Any]], int]:
    """The rows with their moments, and the next invocation counter."""
    talk = Talk(asked)
    talk.open()
    rows = [[question.at(bytes(row[0])), *row[1:]] for row in talk.day()]
    talk.close()
    return rows, int(talk.client.ciphering.invocationCounter)


def main() -> None:
    asked = json.load(sys.stdin)
    taken: list[float] = []
    rows: list[list[Any]] = []
    for _ in range(asked["rounds"]):
        began = time.process_time()
        for _ in range(asked["sessions"]):
            rows, asked["counter"] = session(asked)
        taken.append((time.process_time() - began) / asked["sessions"] * 1e3)
    Path(asked["result"]).write_text(json.dumps({"ms": taken, "sums": question.sums(rows)}))


if __name__ == "__main__":
    main()
