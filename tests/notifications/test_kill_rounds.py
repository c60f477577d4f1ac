"""Jobs of notices that are killed amid their work: each is told once, and nobody is left out."""

import signal
import time

import pytest

from tests.support.installation import run, start

pytestmark = pytest.mark.kill
POINTS = 12
MAKE = """
from datetime import UTC, datetime, timedelta
from faza.cli.common import start
start()
from faza.accounts.models import User
from faza.collection import warnings
from faza.events.batches import EventBatch
from faza.events.kinds import Category
from faza.notifications import subscriptions
from faza.notifications.models import News, Way
from faza.notifications.news import services
from tests.contracts.factories import LONG_AGO, cover, make_customer, make_member
from tests.metering.factories import make_node, make_point
at = datetime.now(UTC)
node = make_node("ТП-1")
for n in range({points}):
    point, own = make_point(node), make_customer()
    cover(own, point, LONG_AGO)
    user = make_member(own)
    subscriptions.choose(
        user=user, topics={{}}, events={{Category.VOLTAGE: Way.MAIL}}, at=at
    )
    second = int((at - timedelta(minutes=9)).timestamp())
    warnings.record(
        EventBatch.of(point.pk, 1, [second, second + 1], 0, [9, 10]), source=0, at=at
    )
author = User.objects.first()
row = services.write(piece=services.Piece("Работы", "Слова.", is_important=True), by=author, at=at)
services.publish(news=row, by=author, at=at, seen=row.written_at.isoformat())
"""
# Each person's part of the transaction takes a while, so that a kill comes in its midst.
WORK = """
import sys, time
from datetime import UTC, datetime
from faza.cli.common import start
start()
from faza.notifications.models import News
from faza.notifications.news import spreading
from faza.notifications.rounds import events
from faza.outbox import services as outbox
slow, tell = float(sys.argv[1]), outbox.tell
def slowly(*args, **more):
    time.sleep(slow)
    told = tell(*args, **more)
    print("told", flush=True)
    return told
outbox.tell = slowly
events.MARKS, spreading.USERS = 3, 3
events.run(at=datetime.now(UTC))
spreading.spread(News.objects.get().pk, at=datetime.now(UTC))
"""
COUNT = """
from collections import Counter
from faza.cli.common import start
start()
from faza.events.models import FreshEvents
from faza.notifications.models import Notice
from faza.outbox.models import Message
print(FreshEvents.objects.count())
print(sorted(Counter(Notice.objects.values_list("user", flat=True)).values()))
for kind in ("notifications.notices", "notifications.news"):
    rows = Message.objects.filter(kind=kind).values_list("recipient", flat=True)
    print(sorted(Counter(rows).values()))
"""


@pytest.mark.parametrize("after", [1, 4, 14, 17])
def test_each_is_told_once_however_often_the_job_is_killed(installation, after):
    run(installation, "-c", MAKE.format(points=POINTS))
    process = start(installation, "-c", WORK, "0.05", stdout=-1)
    assert process.stdout is not None
    for _ in range(after):
        assert process.stdout.readline() == "told\n"
    time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    run(installation, "-c", WORK, "0")
    run(installation, "-c", WORK, "0")
    once = str([1] * POINTS)
    assert run(installation, "-c", COUNT).split("\n")[:4] == ["0", once, once, once]
