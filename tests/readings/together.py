"""A process that delivers its part of many days: `together.py ROLE ROUNDS`, for test_together."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")
import django

django.setup()

from datetime import UTC, datetime, timedelta  # noqa: E402

import numpy as np  # noqa: E402

from faza.core.quality import Quality  # noqa: E402
from faza.readings import rules, services  # noqa: E402
from faza.readings.blocks import BlockBatch  # noqa: E402

POINTS, DAYS = 200, 3
START = datetime(2026, 3, 1, tzinfo=UTC)


def batch(role: int, number: int) -> BlockBatch:
    """Hours of one of four parts of each day, all of one value."""
    quality = np.full((POINTS, 24 * DAYS), Quality.UNTOLD, np.uint8)
    hours = np.arange(24 * DAYS) % 24
    quality[:, hours // 6 == role] = Quality.VALID
    values = np.where(quality == Quality.VALID, number, 0)
    order = np.arange(POINTS) if role % 2 else np.arange(POINTS)[::-1]
    return BlockBatch.from_series(
        usage_points=order + 1, reading_types=np.ones(POINTS), start=START, interval=60,
        values=values, quality=quality, zone="UTC",
    )  # fmt: skip


def main(role: int, rounds: int) -> None:
    source = services.get_source("meter", sender="test")
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(1, rounds + 1):
        services.record(
            batch(role, number), source=source, sequence=rules.sequence(number),
            at=START + timedelta(days=9),
        )  # fmt: skip
        print(number, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
