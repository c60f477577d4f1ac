"""Makes the meters of a fleet known in an installation: `python -m … CONNECTIONS SINCE`.

Each stands at a point of its own since then; the connections are added, and what a plan reads.
"""

import json
import sys
from datetime import datetime
from fractions import Fraction

from faza.cli.common import start

PLAN = {"clock": 60, "registers": 60, "profile": 30, "events": 60}


def make(meters: list[dict], since: datetime, plan: dict[str, int]) -> None:
    from faza.collection.models import CollectionPlan
    from faza.collection.polling import adding, services
    from faza.metering import services as metering
    from faza.metering.models import Meter, MeterModel, NetworkNode, UsagePoint

    kind = NetworkNode.Kind.OTHER
    node = metering.add_node(name="Сети", code="N", kind=kind, parent=None, at=since)
    for number, one in enumerate(meters, 1):
        model, _ = MeterModel.objects.get_or_create(name=one["model"], manufacturer="Пример")
        meter = Meter.objects.create(number=one["number"], model=model)
        point = metering.add_usage_point(
            UsagePoint(
                code=f"{number:015d}", name=f"Ввод {number}", node=node, zone="Europe/Moscow"
            ),
            at=since,
        )
        ratios = {name: Fraction(one.get(name, "1")) for name in ("ct", "vt")}
        metering.install(
            usage_point=point, meter=meter, valid_from=since, at=since,
            **ratios,
        )  # fmt: skip
    usual = CollectionPlan(name=adding.USUAL, back_off=1)
    services.keep_plan(usual, at=since, items=plan)
    added = adding.add(meters, at=since)
    assert not added.problems, added.problems


if __name__ == "__main__":
    start()
    with open(sys.argv[1], encoding="utf-8") as file:
        told = json.load(file)
    plan = json.loads(sys.argv[3]) if len(sys.argv) > 3 else PLAN
    make(told["meters"], datetime.fromisoformat(sys.argv[2]), plan)
