"""A home of which four days were never heard, in an installation's own database, for a browser.

`python -m tests.manual_entry.living STAGE`: "make" makes it, with entry closed; "open" has the
desk open it and the jobs remind; "told" puts what was told on pages; "work" lets the jobs do what
they do. Prints what the test needs to know, as JSON. Beside it stands a shed that nobody reads.
"""

import json
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import django
import numpy as np

OWNER, DESK = "living@example.org", "checker@example.org"
ZONE = "Europe/Moscow"
GONE, BACK = 9, 5
"""Days before now between which nothing came; of the shed nothing ever does."""
SHOWN = 1_000_000
"""Wh of the register when the meter fell silent; one kWh an hour before and after."""


def main(stage: str) -> None:
    django.setup()
    from django.utils import timezone

    print(json.dumps({"make": make, "open": open_it, "told": told, "work": work}[stage](
        timezone.now()
    )))  # fmt: skip


def days_ago(at: datetime, days: int):
    """The civil day so many days before now, at the point."""
    return (at.astimezone(ZoneInfo(ZONE)) - timedelta(days=days)).date()


def make(at: datetime) -> object:
    from faza.accounts.models import User
    from faza.contracts import services as contracts
    from faza.manual_entry.models import EntryRule
    from faza.metering.models import UsagePoint
    from tests.cabinet.factories import make_user
    from tests.charges.world import JANUARY, make_home, moment
    from tests.readings import meters
    from tests.readings.factories import make_point

    point, meter, agreement = make_home("501200000000001")
    UsagePoint.objects.filter(pk=point.pk).update(name="Дача")
    day, back = days_ago(at, GONE), days_ago(at, BACK)
    first = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    deliver(point, first, moment(day), at=at)
    # As far as the hour that runs; of the later ones nothing is told.
    deliver(point, back, at + timedelta(hours=1), at=at)
    shed = make_point("501200000000002", ZONE)
    UsagePoint.objects.filter(pk=shed.pk).update(name="Сарай")
    meters.put_in(shed, meters.make_meter("77"), since=JANUARY)
    contracts.bind_point(agreement=agreement, usage_point=shed, at=at)
    start = first
    while start <= day:
        meters.read(point, meter, moment(start), SHOWN - 24_000 * (day - start).days)
        start = (start + timedelta(days=32)).replace(day=1)
    meters.read(point, meter, moment(day), SHOWN)
    owner = make_user(OWNER, name="Дачникова Анна Петровна")
    contracts.admit_member(user=owner, customer=agreement.customer, at=at - timedelta(days=90))
    operator = make_user(DESK, User.Role.OPERATOR, "Сверкин Олег Ильич")
    contracts.assign_area(user=operator, node=point.node, at=at)
    EntryRule.objects.create(is_allowed=False, made_at=at)
    work(at)
    return {"point": point.pk, "code": point.code, "gone": day.isoformat()}


def deliver(point, first, until: datetime, *, at: datetime) -> None:
    """A kWh in each hour of the days from one on, as far as they are known at a moment."""
    from faza.core.quality import Quality
    from faza.readings.blocks import BlockBatch
    from tests.readings import factories

    zone = ZoneInfo(ZONE)
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    days = -(-(until - start) // timedelta(days=1))
    known = (until - start) // timedelta(hours=1)
    quality = np.full(24 * days, Quality.UNTOLD, np.uint8)
    quality[:known] = Quality.VALID
    batch = BlockBatch.from_series(
        usage_points=[point.pk], reading_types=[1], start=start, interval=60,
        values=[np.full(24 * days, 1000)], quality=[quality], zone=ZONE,
    )  # fmt: skip
    factories.deliver(batch, 1, at=at)


def open_it(at: datetime) -> object:
    from faza.accounts.models import User
    from faza.contracts.models import CustomerAgreement
    from faza.manual_entry import windows
    from faza.manual_entry.windows import Place
    from faza.notifications.rounds import entry

    windows.except_for(
        place=Place(agreement=CustomerAgreement.objects.get()), is_open=True,
        starts_at=at - timedelta(minutes=1), ends_at=at + timedelta(days=1),
        reason="Нет связи со счётчиком", by=User.objects.get(email=DESK), at=at,
    )  # fmt: skip
    return {"reminded": entry.run(at=at)}


def told(at: datetime) -> object:
    from faza.notifications.placing import place_due

    return {"placed": place_due(at=at + timedelta(minutes=10))}


def work(at: datetime) -> object:
    from faza.charges import keeping
    from faza.readings.vee import running

    while running.validate(at=at).points:
        pass
    return {"months": keeping.keep(at=at).months}


if __name__ == "__main__":
    main(sys.argv[1])
