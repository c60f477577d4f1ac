"""Programs that use an installation and remember what it has acknowledged to them."""

from __future__ import annotations

import functools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

ZONE = "Europe/Moscow"
DAYS, FIRST = 40, date(2026, 1, 1)
"""The days of each point that are sent again and again, each time with other values."""
SENT = datetime(2026, 4, 1, tzinfo=UTC)
TIMEOUT = 10.0


@dataclass(slots=True)
class Load:
    """See the module. `tokens`: of a program that sends, and of one that reads."""

    url: str
    points: list[str]
    tokens: tuple[str, str]
    acknowledged: dict[tuple[str, int], int] = field(default_factory=dict)
    """Of each point and day the last revision of its values that was answered with 200."""
    reports: dict[int, str] = field(default_factory=dict)
    """Numbers of reports that are promised, and their keys."""
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    lately: float = 0.0
    """When something was acknowledged last."""
    last: tuple[str, int, int] | None = None
    """What that was: point, day, revision."""
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        half = len(self.points) // 2
        deeds: list[Callable[[httpx.Client], None]] = [
            lambda client: self._send(client, self.points[:half]),
            lambda client: self._send(client, self.points[half:]),
            self._look,
            self._ask,
        ]
        for deed in deeds:
            thread = threading.Thread(target=self._run, args=(deed,), daemon=True)
            thread.start()
            self.threads.append(thread)

    def end(self) -> None:
        """Return when all have heard the answer to their last request."""
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
            if thread.is_alive():
                self.problems.append("a program did not come to an end")

    def _run(self, deed: Callable[[httpx.Client], None]) -> None:
        try:
            with httpx.Client(base_url=self.url, timeout=TIMEOUT) as client:
                deed(client)
        except Exception as problem:
            self.problems.append(f"{type(problem).__name__}: {problem}")
            raise

    def _send(self, client: httpx.Client, points: list[str]) -> None:
        """Send day after day; what is not acknowledged is sent again until it is."""
        keys = [(point, day) for day in range(DAYS) for point in points]
        revision = 0
        while True:
            revision += 1
            for point, day in keys:
                body = json.dumps(message(point, day, revision))
                while not self._took(client, body):
                    if self.stop.wait(0.2):
                        return
                self.acknowledged[point, day] = revision
                self.last = point, day, revision
                if self.stop.wait(0.01):
                    return

    def _took(self, client: httpx.Client, body: str) -> bool:
        head = {"Authorization": f"Bearer {self.tokens[0]}", "Content-Type": "application/json"}
        send = functools.partial(client.post, "/api/intake", content=body, headers=head)
        answer = self._answer("sent", send)
        if answer is None or answer.status_code != 200:
            return False
        if (told := answer.json())["problem_count"]:
            self.problems.append(f"a message was stored in part: {told}")
        self.lately = time.monotonic()
        return True

    def _look(self, client: httpx.Client) -> None:
        """Whoever reads after an acknowledgement sees what was acknowledged, or later values."""
        head = {"Authorization": f"Bearer {self.tokens[1]}"}
        while not self.stop.wait(0.7):
            if self.last is None:
                continue
            point, day, revision = self.last
            at = FIRST + timedelta(days=day)
            path = f"/api/v1/usage-points/{point}/profile?from={at}&to={at + timedelta(days=1)}"
            answer = self._answer("read", functools.partial(client.get, path, headers=head))
            if answer is not None and answer.status_code == 200:
                self._compare(answer.json(), revision)

    def _compare(self, told: Any, revision: int) -> None:
        (channel,) = [one for one in told["channels"] if one["channel"] == "A+"]
        first = channel["runs"][0]["values"][0] if channel["runs"] else None
        if first is None or round(first * 1000) < values_of(revision)[0]:
            self.problems.append(f"acknowledged {revision}, read {first} kWh")
        self.counts["compared"] += 1

    def _ask(self, client: httpx.Client) -> None:
        """Have reports made; the key makes a request that is repeated the same request."""
        head = {"Authorization": f"Bearer {self.tokens[1]}", "Idempotency-Key": str(uuid4())}
        body = {"kind": "readings", "format": "csv", "points": self.points[:2],
                "from": "2026-01-01", "to": "2026-02-01"}  # fmt: skip
        while not self.stop.wait(1.5):
            ask = functools.partial(client.post, "/api/v1/reports", json=body, headers=head)
            answer = self._answer("asked", ask)
            if answer is not None and answer.status_code == 202:
                self.reports[answer.json()["id"]] = head["Idempotency-Key"]
                head["Idempotency-Key"] = str(uuid4())

    def _answer(self, what: str, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        try:
            answer = ask()
        except httpx.HTTPError as problem:
            self.counts[f"{what}: {type(problem).__name__}"] += 1
            return None
        self.counts[f"{what}: {answer.status_code}"] += 1
        if answer.status_code == 500:
            self.problems.append(f"{what}: 500 {answer.text[:200]}")
        return answer


def values_of(revision: int) -> list[int]:
    """Wh of the half-hours; the first one tells the revision."""
    return [300 + revision + slot for slot in range(48)]


def message(point: str, day: int, revision: int) -> dict[str, Any]:
    at = datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), ZoneInfo(ZONE))
    series = {"channel": "A+", "unit": "Wh", "start": at.isoformat(), "interval": 30,
              "values": values_of(revision)}  # fmt: skip
    sent = (SENT + timedelta(seconds=revision)).isoformat()
    return {"point": point, "sent_at": sent, "intervals": [series]}
