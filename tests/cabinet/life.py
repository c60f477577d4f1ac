"""One interval's life in an installation's own database, for a real browser.

`python -m tests.cabinet.life STAGE`: "missing" makes a point that lacks an hour of a day,
"estimated" lets the job work, "late" records what the meter gives in the end. Prints the day.
"""

import sys
from datetime import timedelta

import django

WATTS = 100


def main(stage: str) -> None:
    django.setup()
    from django.utils import timezone

    from faza.core.periods import start_of_day
    from faza.metering.models import UsagePoint
    from tests.cabinet import factories
    from tests.cabinet.reading import today
    from tests.readings.vee.world import work

    day = today() - timedelta(days=3)
    if stage == "missing":
        point = factories.make_point("A", "Мастерская")
        factories.make_agreement("Д-1", [factories.make_user("life@example.org")], [point])
        factories.fill(point, day - timedelta(days=21), day, WATTS)
        values = [WATTS] * 20 + [None] * 2 + [WATTS] * 26
        factories.deliver(point, start_of_day(day, factories.ZONE), values)
        factories.fill(point, day + timedelta(days=1), today(), WATTS)
    elif stage == "estimated":
        work(timezone.now())
    else:
        point = UsagePoint.objects.get(code="A")
        start = start_of_day(day, factories.ZONE) + timedelta(hours=10)
        factories.deliver(point, start, [7, 9], number=2)
        work(timezone.now())
    print(day.isoformat())


if __name__ == "__main__":
    main(sys.argv[1])
