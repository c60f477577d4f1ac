"""Days to deliver and the store to look into, for tests of readings."""

from datetime import UTC, datetime

import numpy as np

from faza.core.quality import Quality
from faza.metering.models import NetworkNode, UsagePoint
from faza.readings import rules, services
from faza.readings.blocks import BlockBatch
from faza.readings.store import fetch

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = datetime(2026, 3, 1, tzinfo=UTC)


def make_point(code: str = "P1", zone: str = "UTC") -> UsagePoint:
    node, _ = NetworkNode.objects.get_or_create(
        code="N", defaults={"name": "Сети", "kind": "organisation", "path": "1/"}
    )
    return UsagePoint.objects.create(code=code, name=code, node=node, zone=zone)


def day_of(point: int, values, quality=None, *, start=DAY, channel=1, interval=60, zone="UTC"):
    """A batch of one channel; None among the values is told as missing, ... as untold."""
    codes = [
        Quality.UNTOLD if v is ... else Quality.MISSING if v is None else Quality.VALID
        for v in values
    ]
    numbers = [0 if v is None or v is ... else v for v in values]
    if quality is not None:
        codes = [q if c == Quality.VALID else c for q, c in zip(quality, codes, strict=True)]
    return BlockBatch.from_series(
        usage_points=[point], reading_types=[channel], start=start, interval=interval,
        values=[numbers], quality=[codes], zone=zone,
    )  # fmt: skip


def deliver(batch, number: int = 1, *, kind="meter", sender="", content=b"", at=AT):
    source = services.get_source(kind, sender=sender)
    return services.record(batch, source=source, sequence=rules.sequence(number, content), at=at)


def stored(point: int, *, channel=1, delivered=False):
    """All that is stored of a channel: (day, value or None, quality) per interval."""
    found = fetch([point], [channel], DAY.date().replace(year=2000),
                  DAY.date().replace(year=2100), delivered=delivered)  # fmt: skip
    return [
        (str(day), None if q == Quality.MISSING else int(v), int(q))
        for day, n, values, quality in zip(
            found.days, found.lengths, found.values, found.quality, strict=True
        )
        for v, q in zip(values[:n], quality[:n], strict=True)
    ]


def numbers(point: int, **kwargs) -> list:
    return [value for _, value, _ in stored(point, **kwargs)]


def full(*head, rest=0) -> list:
    """24 hours that begin with some values."""
    return list(head) + [rest] * (24 - len(head))


__all__ = ["AT", "DAY", "day_of", "deliver", "full", "make_point", "np", "numbers", "stored"]
