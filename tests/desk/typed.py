"""Points that people read themselves, and readings that wait for the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from faza.accounts.models import User
from faza.manual_entry import queries, services, windows
from faza.manual_entry.models import Entry
from faza.metering.models import NetworkNode, UsagePoint
from tests.cabinet.factories import make_point
from tests.readings.meters import make_meter, put_in, read

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAST = 3_300_000
"""What was read on the first of November."""


def monthly(code: str, name: str, node: NetworkNode) -> UsagePoint:
    """A point that was read on the first of each month by its meter M-<code>: 300 kWh each."""
    point = make_point(code, name, node=node)
    meter = make_meter(f"M-{code}")
    put_in(point, meter)
    for month in range(2, 12):
        start = datetime(2026, month, 1, tzinfo=UTC) - timedelta(hours=3)
        read(point, meter, start, month * 300_000)
    return point


def typed(
    point: UsagePoint, by: User, shown: int, *, at: datetime = NOW, confirmed: bool = False,
    way: Entry.Way = Entry.Way.CABINET, token: str = "1",
) -> Entry:  # fmt: skip
    """A reading of the sum of A+ in Wh, sent as the page does it."""
    (due,) = queries.due([point], at=at)
    return services.send(
        due=due, shown={0: shown}, way=way, token=token, by=by, at=at, confirmed=confirmed
    )


def things(prefix: str, node: NetworkNode, by: User) -> dict[str, str]:
    """A rule of entry of a part of the network, and entry opened there for a week."""
    at = datetime.now(tz=UTC)
    place = windows.Place(node=node)
    rule = windows.keep_rule(place=place, terms=windows.Terms(), by=by, at=at)
    opened = windows.except_for(
        place=place, starts_at=at, ends_at=at + timedelta(days=7), is_open=True,
        reason=f"{node.name}: опрос сорвался", by=by, at=at,
    )  # fmt: skip
    return {f"{prefix}entry_rule": str(rule.pk), f"{prefix}entry_exception": str(opened.pk)}
