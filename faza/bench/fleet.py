"""Meters at points, each on a line of its own, in the database that is connected to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from faza.bench import meters
from faza.bench.meters import AT, DAY, number_of
from faza.collection.models import CollectionPlan
from faza.collection.polling import adding, services
from faza.collection.polling.work import Kind
from faza.metering import services as metering
from faza.metering.models import Meter, MeterModel, NetworkNode, UsagePoint
from faza.protocols.metered import Json
from faza.simulator.spec import Access

SINCE = DAY[0]
"""When they were mounted."""
PATIENCE = 120
"""Seconds for an answer: a busy simulator must not make sessions fail."""


@transaction.atomic
def make(ports: Sequence[int], *, plan: Mapping[Kind, int]) -> None:
    """Points, meters (see `meters.spec_of`) and their connections; a plan that reads them.

    plan: minutes between readings by kind.
    """
    model = MeterModel.objects.create(name="SIM-3", manufacturer="Заречный приборный завод")
    node = NetworkNode.objects.create(code="N", name="Сети", kind="organisation", path="1/")
    for place in range(len(ports)):
        meter = Meter.objects.create(number=number_of(place), model=model)
        point = UsagePoint.objects.create(
            code=f"{10**14 + place}", name=f"Дом {place}", node=node, zone="Europe/Moscow"
        )
        metering.install(usage_point=point, meter=meter, valid_from=SINCE, at=AT)
    services.keep_plan(CollectionPlan(name=adding.USUAL), at=AT, items=dict(plan))
    added = adding.add([_connection(place, port) for place, port in enumerate(ports)], at=AT)
    assert added.made == len(ports), added.problems[:3]


def _connection(place: int, port: int) -> dict[str, Json]:
    return {
        "number": number_of(place),
        "driver": "dlms-wrapper",
        "host": "127.0.0.1",
        "port": port,
        "address": {"server": meters.Kind().address},
        "timeout": PATIENCE,
        "credentials": {
            "client": meters.Kind().client,
            "mechanism": "lls",
            "password": Access().password.decode(),
        },
    }
