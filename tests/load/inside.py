"""What runs in an installation: `who FILE` makes sessions and tokens, `write SECONDS` records days.

python -m tests.load.inside …
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faza.cli.common import start

PEOPLE = 60
TOGETHER = 500
"""Points of a batch, as a collector's recorder writes them."""
PAUSE = 4.5
"""Seconds from batch to batch: 111 days of a channel a second, which is what 100,000 points of four
channels give a collector that reads each of them every hour."""


def who(file: Path) -> None:
    """Sessions, tokens and a point each of persons who may sign in."""
    from django.test import Client

    from faza.accounts.models import User
    from faza.contracts import access
    from faza.contracts.rules.tokens import Scope
    from faza.contracts.services import tokens

    at, found = datetime.now(UTC), []
    for user in User.objects.filter(email__startswith="person").order_by("pk")[:PEOPLE]:
        client = Client()
        client.force_login(user)
        point = access.usage_points_of(user, at=at).order_by("pk").first()
        assert point is not None
        _, token = tokens.make(
            user=user, name="Load", scopes=tuple(Scope), days=30, points=None, at=at
        )
        found.append({"session": client.cookies["sessionid"].value, "token": token,
                      "point": point.code})  # fmt: skip
    file.write_text(json.dumps(found))


def write(seconds: float) -> None:
    """Record today's half-hours of batch after batch of points; prints values a second."""
    import numpy as np

    from faza.core.periods import start_of_day
    from faza.core.quality import Quality
    from faza.metering.models import UsagePoint
    from faza.readings import rules, services
    from faza.readings.blocks import BlockBatch

    zone = "Europe/Moscow"
    ids = np.array(UsagePoint.objects.values_list("pk", flat=True))
    dice, source = np.random.default_rng(7), services.get_source("meter", sender="load")
    today = (datetime.now(UTC) + timedelta(hours=3)).date()
    begun, values, rounds = time.monotonic(), 0, 0
    while time.monotonic() - begun < seconds:
        rounds += 1
        points = np.sort(dice.choice(ids, min(TOGETHER, len(ids)), replace=False))
        quality = np.full((len(points), 48), Quality.UNTOLD, np.uint8)
        quality[:, : 1 + rounds % 48] = Quality.VALID
        told = np.where(quality == Quality.VALID, dice.integers(50, 900, quality.shape), 0)
        batch = BlockBatch.from_series(
            usage_points=points, reading_types=np.ones(len(points)), interval=30,
            start=start_of_day(today, zone), values=told, quality=quality, zone=zone,
        )  # fmt: skip
        services.record(batch, source=source, sequence=rules.sequence(rounds), at=datetime.now(UTC))
        values += int((quality == Quality.VALID).sum())
        time.sleep(max(0.0, begun + PAUSE * rounds - time.monotonic()))
    print(json.dumps({"values_s": round(values / (time.monotonic() - begun))}))


if __name__ == "__main__":
    start()
    if sys.argv[1] == "who":
        who(Path(sys.argv[2]))
    else:
        write(float(sys.argv[2]))
