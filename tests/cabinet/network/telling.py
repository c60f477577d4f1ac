"""What meters tell and what the page answers, for the tests of «Network parameters»."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from django.urls import reverse

from faza.core.reading_types import BY_CHANNEL
from faza.events import services as events
from faza.events.batches import EventBatch
from faza.metering.models import Meter, UsagePoint
from faza.readings import services
from faza.readings.network import moments
from faza.readings.network.moments import Moment
from tests.cabinet.factories import deliver

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""15:00 in Moscow."""
AT = datetime(2026, 11, 21, 11, tzinfo=UTC)
HALF = timedelta(minutes=30)
QUESTIONS = 18
NBSP, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def tell(point: UsagePoint, meter: Meter, values, at: datetime = AT) -> None:
    """The meter tells values of a moment, by channel, in units."""
    told = {
        BY_CHANNEL[name].code: round(value / float(BY_CHANNEL[name].quantum))
        for name, value in values.items()
    }
    told_at = Moment(point.pk, meter.pk, at, told)
    moments.record([told_at], source=services.get_source("meter"), at=at)


def average(point: UsagePoint, start: datetime, **channels) -> None:
    """Half-hours from a moment on, in units; None is missing."""
    for name, values in channels.items():
        kind = BY_CHANNEL[name.replace("_", "-")]
        quanta = [None if v is None else round(v / float(kind.quantum)) for v in values]
        deliver(point, start, quanta, kind=kind)


def happen(point: UsagePoint, meter: Meter, *told: tuple[datetime, int, int]) -> None:
    batch = EventBatch.of(
        [point.pk] * len(told), [meter.pk] * len(told), [int(one[0].timestamp()) for one in told],
        [one[1] for one in told], [one[2] for one in told],
    )  # fmt: skip
    events.record(batch, source=0, at=NOW)


def get(client, query: str = "?point=H") -> str:
    answer = client.get(reverse("cabinet:network") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def plain(page: str) -> str:
    """The words of a page, spaces made one."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", text.replace(NBSP, " ").replace(THIN, " "))


def payload(page: str, name: str) -> dict:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page, re.S)
    assert found, name
    return json.loads(found[1])


def heading(page: str) -> str:
    return plain(re.search(r"<h1.*?</h1>", page, re.S)[0]).strip()
