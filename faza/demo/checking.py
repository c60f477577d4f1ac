"""What validation says of the demo's readings: the same round as in a real installation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from faza.accounts.models import User
from faza.demo.plan import POINTS, Point, leaves_below
from faza.readings.models import Finding
from faza.readings.vee import deeds, running
from faza.readings.vee.findings import Key

PANELS = "Договор о микрогенерации, панели на крыше."
CHECKED = "Проверено по телефону: в доме гостили."
ESTIMATED = "Расчёт принят."
EXPORT, GAP = "V15", "V01"
UNUSUAL = ("V05", "V13")
RECENT = timedelta(days=45)
"""Older findings are taken as decided: nobody has months of them in the queue."""


def check(ids: Mapping[int, int], *, at: datetime) -> None:
    """Work all marks; then the operator's decisions, as somebody has worked here before.

    ids: of usage points by their place in the plan. Panels are known of, so that export is
    nothing to tell there; of what is long ago unusual values are accepted, gaps left estimated.
    """
    running.validate(at=at)
    operator = User.objects.filter(role=User.Role.OPERATOR).order_by("id").first()
    assert operator is not None, "the demo has one"
    sunny = [ids[n] for n, point in enumerate(POINTS) if _exports(point)]
    export = _keys(rule=EXPORT)
    # One a point tells that it may; what is told of its other days goes in the round.
    first = {key.usage_point: key for key in reversed(export) if key.usage_point in sunny}
    deeds.accept(list(first.values()), by=operator, at=at, reason=PANELS)
    past = at - RECENT
    deeds.accept(_keys(rule__in=UNUSUAL, start__lt=past), by=operator, at=at, reason=CHECKED)
    deeds.decide(_keys(rule=GAP, start__lt=past), by=operator, at=at, reason=ESTIMATED)
    running.validate_points(sunny, *_span(export, at), at=at)
    running.validate(at=at)


def _exports(point: Point) -> bool:
    """Whether it has panels, or feeds a line where there are some."""
    return bool(point.load.sun) or any(POINTS[n].load.sun for n in leaves_below(point))


def _keys(**of: object) -> list[Key]:
    """Open findings, oldest first."""
    rows = Finding.objects.filter(state=Finding.State.OPEN, **of).order_by("start")
    return [
        Key(point, kind, rule, int(start.timestamp()))
        for point, kind, rule, start in rows.values_list(
            "usage_point_id", "reading_type", "rule", "start"
        )
    ]


def _span(keys: list[Key], at: datetime) -> tuple[date, date]:
    """Days from the first of some findings until now, both included."""
    first = min((key.start for key in keys), default=int(at.timestamp()))
    day = timedelta(days=1)
    return datetime.fromtimestamp(first, UTC).date() - day, at.astimezone(UTC).date() + day
