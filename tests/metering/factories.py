from datetime import UTC, datetime
from itertools import count

from faza.metering import services
from faza.metering.models import Meter, MeterModel, NetworkNode, UsagePoint

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_numbers = count(1)


def make_node(name: str = "ТП", parent: NetworkNode | None = None, **fields: object) -> NetworkNode:
    asked = {"kind": NetworkNode.Kind.OTHER, "code": f"N{next(_numbers)}", "at": NOW}
    return services.add_node(name=name, parent=parent, **(asked | fields))


def make_point(node: NetworkNode | None = None, **fields: object) -> UsagePoint:
    number = next(_numbers)
    asked = {"code": f"{number:015d}", "name": f"Ввод {number}", "node": node or make_node()}
    return services.add_usage_point(UsagePoint(**(asked | fields)), at=NOW)


def make_meter(**fields: object) -> Meter:
    model, _ = MeterModel.objects.get_or_create(name="СЧ-3", manufacturer="Пример")
    return Meter.objects.create(**({"model": model, "number": f"{next(_numbers):08d}"} | fields))
