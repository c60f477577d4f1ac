"""One of each thing of orders, in a part of the network."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from faza.accounts.models import User
from faza.collection.models import (
    Device,
    Line,
    OrderPaper,
    SupplyOrder,
    SupplyProtection,
)
from faza.collection.polling import services as polling
from faza.events import services as events
from faza.events.batches import EventBatch
from faza.metering.models import UsagePoint
from tests.collection.polling.factories import make_plan


def connect(point: UsagePoint, name: str) -> Device:
    """The meter of a point gets a line of its own, unless it has one."""
    now = timezone.now()
    meter = point.complexes.get(valid_to=None, role="billing").meter
    there = Device.objects.filter(meter=meter).first()
    if there is not None:
        return there
    line = polling.keep_line(
        Line(name=f"{name} {point.pk}", host="meters.example", port=10_000 + point.pk), at=now
    )
    device = Device(meter=meter, line=line, driver="dlms-wrapper", plan=make_plan())
    return polling.keep_device(device, at=now)


def make_order(point: UsagePoint, by: User, **fields: object) -> SupplyOrder:
    """An order that waits for a second person."""
    now = timezone.now()
    told = {
        "deed": "restore", "initiator": "owner", "ground": "cured", "words": "Оплачено.",
        "state": "waiting", "asked_by": by, "asked_at": now, "made_by": by, "made_at": now,
        "not_before": now,
    }  # fmt: skip
    order = SupplyOrder.objects.create(usage_point=point, **(told | fields))
    OrderPaper.objects.create(
        order=order, name="акт.pdf", kind="application/pdf", content=b"%PDF-1", added_at=now
    )
    return order


def open_cover(point: UsagePoint) -> str:
    """An alarm of lately, as a form names it."""
    moment = int((timezone.now() - timedelta(hours=2)).timestamp())
    meter = point.complexes.get(valid_to=None, role="billing").meter_id
    events.record(EventBatch.of(point.pk, meter, [moment], [4], [3]), source=0, at=timezone.now())
    return f"{point.pk}-{moment}-{meter}-4-3-0"


def things(prefix: str, point: UsagePoint, by: User) -> dict[str, str]:
    """Names of them for tests of doors."""
    connect(point, prefix or "here")
    order = make_order(point, by)
    protection = SupplyProtection.objects.create(
        usage_point=point, kind="life", ground="Приказ", valid_from=timezone.now()
    )
    return {
        f"{prefix}order": str(order.pk),
        f"{prefix}paper": str(order.papers.get().pk),
        f"{prefix}protection": str(protection.pk),
        f"{prefix}alarm": open_cover(point),
        f"{prefix}calendar_meter": str(point.complexes.get(valid_to=None, role="billing").meter_id),
        f"{prefix}calendar_device": str(Device.objects.get(meter__complexes__usage_point=point).pk),
    }


def request(point: UsagePoint, by: User) -> dict[str, str]:
    """A request of a supplier that the desk has refused."""
    order = make_order(
        point, by, state="refused", initiator="supplier", made_by=None, made_at=None,
        reason="Нет акта.", ended_at=timezone.now(),
    )  # fmt: skip
    return {"request": str(order.pk)}
