"""What a consumer is told of the switch in the own meter: state, since when, why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from faza.collection.models import Device, SupplyOrder
from faza.collection.orders.rules import Deed, State
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex


@dataclass(frozen=True, slots=True)
class Supply:
    """Of a point. state: on, off, ready (may be switched on at the meter), or empty: not known.

    read_at: when the meter said so. since, ground, words: by the order that brought it about, if it
    falls into what the person sees. planned: an order that is on its way. limit: W, or None.
    """

    state: str
    read_at: datetime | None
    since: datetime | None = None
    ground: str = ""
    deed: str = ""
    limit: int | None = None
    planned: SupplyOrder | None = None


def supplies(windows: Windows, *, at: datetime) -> dict[int, Supply]:
    """Of the points that are seen now: those with a switch that was read, or with an order.

    An order shows to whose window its end, or its planned moment, falls in: never to the next
    owner. Three queries.
    """
    now = {one.usage_point for one in windows if at in one.period or one.period.end == at}
    if not now:
        return {}
    read = _read(now, at)
    done, planned = _orders(windows, now)
    return {
        point: _supply(read.get(point), done.get(point), planned.get(point))
        for point in now
        if point in read or point in done or point in planned
    }


def _read(points: Collection[int], at: datetime) -> dict[int, dict[str, object]]:
    standing = MeteringComplex.objects.billing().valid_at(at).filter(usage_point__in=points)
    meters = dict(standing.values_list("meter_id", "usage_point_id"))
    rows = Device.objects.filter(meter__in=meters, relay__isnull=False)
    return {
        meters[meter]: relay
        for meter, relay in rows.values_list("meter_id", "relay")
        if isinstance(relay, dict)
    }


def _orders(
    windows: Windows, points: Collection[int]
) -> tuple[dict[int, SupplyOrder], dict[int, SupplyOrder]]:
    rows = SupplyOrder.objects.filter(
        usage_point__in=points, state__in=[State.DONE, State.SENT]
    ).order_by("pk")
    done, planned = {}, {}
    for row in rows:
        moment = row.not_before if row.state == State.SENT else row.ended_at
        if moment is None:
            continue
        if row.state == State.SENT:
            if any(one.usage_point == row.usage_point_id for one in windows):
                planned[row.usage_point_id] = row
        elif any(one.usage_point == row.usage_point_id and moment in one.period for one in windows):
            done[row.usage_point_id] = row
    return done, planned


def _supply(
    read: dict[str, object] | None, done: SupplyOrder | None, planned: SupplyOrder | None
) -> Supply:
    told = read or {}
    state = ""
    if "is_on" in told:
        state = "on" if told["is_on"] else "ready" if told.get("control") == "ready" else "off"
    read_at = datetime.fromisoformat(str(told["at"])) if told.get("at") else None
    limits = [
        one["threshold"]
        for one in _limiters(told)
        if one.get("what") == "power" and one.get("is_on")
    ]
    limit = limits[0] if limits else None
    if done is None or not _fits(done, state, limit):
        return Supply(state, read_at, limit=limit, planned=planned)
    return Supply(state, read_at, done.ended_at, done.ground, done.deed, limit, planned)


def _limiters(told: dict[str, object]) -> list[dict[str, int]]:
    found = told.get("limiters")
    return found if isinstance(found, list) else []


def _fits(done: SupplyOrder, state: str, limit: int | None) -> bool:
    """Whether the last order is what brought the state about: somebody may have switched since."""
    match Deed(done.deed):
        case Deed.OFF:
            return state == "off"
        case Deed.RESTORE:
            return state in {"on", "ready"}
        case Deed.LIMIT:
            return limit is not None
        case Deed.LIFT:
            return limit is None
