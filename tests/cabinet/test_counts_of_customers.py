"""How many questions each section asks of a customer with 3 points and of one with 300.

All of them have data, registers, events, charges and a forecast: see test_query_counts.py for the
roles. A number changes only on purpose. Of many points the second page asks for less:
sums are remembered.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from faza.bench import customer
from faza.charges import keeping
from faza.charges.advice import keeping as advising
from faza.charges.forecast import keeping as forecasting
from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS
from faza.events import services as events
from faza.events.batches import EventBatch
from faza.notifications.models import News, Notice
from faza.readings import marks, register_services, registers, rules, services
from faza.readings.models import RegisterReading
from faza.readings.registers import RegisterBatch
from faza.ui.menu import SECTIONS
from tests.cabinet.factories import fill, make_agreement, make_meter, make_point
from tests.cabinet.test_query_counts import count_rows, counted
from tests.tariffs import factories as tariffs

pytestmark = pytest.mark.django_db

# address -> questions with 3 points; with MANY the first time, and again
COUNTS = {
    "home": (29, 31, 19),
    "home?point=A": (34, 34, 34),
    "explorer": (11, 11, 11),
    "explorer?points=all": (11, 9, 9),
    "explorer?point=A&period=year": (11, 11, 11),
    "events": (12, 9, 7),
    "events?points=all": (12, 7, 7),
    "registers": (19, 19, 19),
    "registers?point=A&period=year": (18, 18, 18),
    "resources?points=all": (13, 10, 6),
    "resources?point=A": (13, 13, 13),
    "history": (15, 15, 15),
    "costs": (19, 19, 19),
    "costs?points=all": (13, 8, 5),
    "network": (10, 10, 10),
    "meters": (15, 15, 15),
    "passport": (11, 21, 21),
    "passport?points=all": (11, 11, 11),
    "complexes": (10, 11, 11),
    "complexes?points=all": (10, 10, 10),
    "agreements": (9, 9, 9),
    "notices": (11, 11, 11),
    "subscriptions": (6, 6, 6),
    "news": (8, 8, 8),
    "bell": (10, 12, 10),
    "cases": (4, 4, 4),
    "search?q=%D0%94%D0%BE%D0%BC": (6, 6, 6),
    "help": (3, 3, 3),
    "about": (3, 3, 3),
    "profile": (4, 4, 4),
}
DAYS = 70
MANY = 300
"""More than `charges.fleets.MANY`; of thousands as many are asked, and making them takes longer."""


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    noon = timezone.now().replace(hour=9, minute=0)
    monkeypatch.setattr(timezone, "now", lambda: noon)


def make_house():
    """A point of ten weeks of half-hours, a reading a day, a few events, prices; all is kept."""
    now = timezone.now()
    point = make_point("A", "Дом")
    meter = make_meter(point, "1")
    agreement = make_agreement("Д-1", [], [point])
    agreement.tariff = tariffs.tariff("TWO", name="Два", family="f", hours=tariffs.TWO_ZONES)
    for zone, amount in ((1, "6"), (2, "3")):
        tariffs.price(agreement.tariff, tariffs.SINCE, amount, zone=zone)
    agreement.save()
    fill(point, (now - timedelta(days=DAYS)).date(), (now + timedelta(days=1)).date())
    midnights = [
        now.replace(hour=21, minute=0, second=0, microsecond=0) - timedelta(days=n)
        for n in range(DAYS, 0, -1)
    ]
    record_registers(point, meter, midnights, at=now)
    batch = EventBatch.of(
        [point.pk] * 2, [meter.pk] * 2,
        [int((now - timedelta(hours=n)).timestamp()) for n in (30, 29)], [2, 2], [1, 2],
    )  # fmt: skip
    events.record(batch, source=0, at=now)
    marks.hand_on(marks.take(1000), at=now)
    keeping.keep(at=now)
    forecasting.keep(at=now)
    advising.keep(at=now)
    return point


def record_registers(point, meter, midnights, *, at):
    n = len(midnights)
    numbers = [registers.register(A_PLUS.code, tariff) for tariff in (0, 1, 2)]
    values = np.zeros((n, registers.SIZE), np.int64)
    present = np.zeros((n, registers.SIZE), bool)
    present[:, numbers] = True
    values[:, numbers] = np.arange(n)[:, None] * np.array([4800, 3200, 1600])
    batch = RegisterBatch(
        usage_points=np.full(n, point.pk), meters=np.full(n, meter.pk),
        moments=np.array([registers.seconds(one) for one in midnights]),
        kinds=np.full(n, RegisterReading.Kind.DAY, np.int16), values=values, present=present,
        quality=np.full(n, Quality.VALID, np.uint8),
    )  # fmt: skip
    source = services.get_source("meter")
    register_services.record_registers(batch, source=source, sequence=rules.sequence(1), at=at)


def asked(enter, house, size: int) -> dict[str, tuple[int, int]]:
    """Questions of each page of a customer of copies of a house: the first time, and again."""
    now = timezone.now()
    user = customer.make(size, at=now, of=house)
    piece = News.objects.create(
        title=f"О сети {size}", body="Работы.", written_at=now,
        published_at=now - timedelta(hours=1),
    )  # fmt: skip
    piece.nodes.add(house.node)
    Notice.objects.create(
        user=user, key="1", kind="event", topic="event", happened_at=now, created_at=now
    )
    count_rows()
    client, found = enter(user), {}
    client.get(reverse("cabinet:about"))
    for page in COUNTS:
        section, _, query = page.partition("?")
        address = reverse(f"cabinet:{section}") + (f"?{query}" if query else "")
        address = address.replace("=A", f"=B{size}-00000")
        numbers = []
        for _time in range(2):
            # Each page stands for itself: without the points of the one before.
            client.cookies.pop("faza_points", None)
            with counted() as told:
                assert client.get(address).status_code in {200, 204}, address
            numbers.append(len(told))
        found[page] = (numbers[0], numbers[1])
    return found


def test_sections_ask_as_often_of_thousands_of_points(enter):
    house = make_house()

    few, many = (asked(enter, house, size) for size in (3, MANY))

    assert {page: (few[page][1], *many[page]) for page in COUNTS} == COUNTS


def test_every_section_is_here():
    told = {page.partition("?")[0] for page in COUNTS}
    sections = {section.url_name.partition(":")[2] for section in SECTIONS}

    # Reports and what is typed in are counted in test_query_counts.
    assert sections - told <= {"supply", "reports", "entry"}
