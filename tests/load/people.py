"""What people and programs do in the evening, for locust; who they are stands in FAZA_LOAD_WHO."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from locust import HttpUser, between, task

WHO: list[dict[str, Any]] = json.loads(Path(os.environ["FAZA_LOAD_WHO"]).read_text())
_turn = count()


def today() -> date:
    return datetime.now(UTC).date()


class Subscriber(HttpUser):
    """A person with one to three points who looks at the evening's pages; a program beside."""

    wait_time = between(1, 3)

    def on_start(self) -> None:
        self.who = WHO[next(_turn) % len(WHO)]
        self.client.cookies.set("sessionid", self.who["session"])

    def page(self, address: str, name: str) -> None:
        with self.client.get(address, name=name, allow_redirects=False, catch_response=True) as got:
            if got.status_code != 200:
                got.failure(f"{got.status_code} {got.headers.get('Location', '')}")

    @task(5)
    def first(self) -> None:
        self.page("/", "first page")

    @task(4)
    def registers(self) -> None:
        self.page(f"/registers/?point={self.who['point']}", "registers")

    @task(4)
    def explorer(self) -> None:
        period = random.choice(["day", "week", "month"])
        self.page(f"/data/?point={self.who['point']}&period={period}", "explorer")

    @task(2)
    def costs(self) -> None:
        self.page(f"/costs/?point={self.who['point']}", "costs")

    @task(1)
    def network(self) -> None:
        self.page(f"/network/?point={self.who['point']}", "network")

    @task(1)
    def report(self) -> None:
        last = today().replace(day=1)
        first = (last - timedelta(days=1)).replace(day=1)
        query = f"kind=readings&format=xlsx&points={self.who['point']}&from={first}&to={last}"
        self.api(f"/api/v1/report?{query}", "report, XLSX")

    @task(2)
    def profile(self) -> None:
        day = today()
        query = f"from={day - timedelta(days=31)}&to={day}"
        self.api(f"/api/v1/usage-points/{self.who['point']}/profile?{query}", "API, month")

    def api(self, address: str, name: str) -> None:
        head = {"Authorization": f"Bearer {self.who['token']}", "Cookie": ""}
        self.client.get(address, name=name, headers=head)
