"""Usage points with a meter each, for measurements of what looks at them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from faza.bench.households import ZONE
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint

SINCE = datetime(2025, 1, 1, tzinfo=UTC)


@transaction.atomic
def make(count: int) -> None:
    """Points 1 … count at one node, with a three-phase meter of 60 A each."""
    model = MeterModel.objects.create(
        name="SIM-3", manufacturer="Заречный приборный завод", phases=3, nominal_voltage=2300,
        max_current=60_000,
    )  # fmt: skip
    node = NetworkNode.objects.create(
        code="N", name="Сети", kind=NetworkNode.Kind.BUILDING, path="0000000001/"
    )
    numbers = range(1, count + 1)
    UsagePoint.objects.bulk_create(
        [
            UsagePoint(pk=n, code=f"{n}", name=f"Дом {n}", node=node, zone=ZONE, max_power=15_000)
            for n in numbers
        ],
        batch_size=1000,
    )
    meters = Meter.objects.bulk_create(
        [Meter(model=model, number=f"{n}") for n in numbers], batch_size=1000
    )
    MeteringComplex.objects.bulk_create(
        [
            MeteringComplex(usage_point_id=n, meter=meter, valid_from=SINCE)
            for n, meter in zip(numbers, meters, strict=True)
        ],
        batch_size=1000,
    )
