"""Whoever is killed about a decision: it is done wholly or not at all, and its effects come."""

import json
import signal

import pytest

from tests.support.installation import run, start

pytestmark = pytest.mark.kill
BEGIN = """
import sys, time
from datetime import UTC, date, datetime, timedelta
from faza.cli.common import start
start()
from faza.manual_entry import queries, services
from faza.manual_entry.models import Entry, EntryRule
from tests.charges.world import APRIL, MARCH, make_home, measure, moment
at = moment(date(2026, 3, 20)) + timedelta(hours=12, minutes=7)
later = datetime(2026, 5, 20, 9, tzinfo=UTC)
"""
MAKE = (
    BEGIN
    + """
from faza.contracts import services as contracts
from faza.contracts.models import CustomerAgreement
from tests.contracts.factories import make_member
from tests.readings import meters
EntryRule.objects.create(first_day=1, last_day=31, silent_days=None, made_at=later)
point, meter, agreement = make_home()
measure(point, date(2026, 2, 1), date(2026, 3, 10))
measure(point, date(2026, 3, 20), APRIL, number=2)
meters.read(point, meter, moment(MARCH), 784_000)
meters.read(point, meter, moment(date(2026, 3, 10)), 1_000_000)
owner = make_member(agreement.customer)
make_member()
[due] = queries.due([point], at=at)
services.send(due=due, shown={0: 1_300_000}, way="cabinet", token="1", by=owner, at=at,
              confirmed=True)
"""
)
# Says where it is, and waits to be killed there.
DECIDE = (
    BEGIN
    + """
from faza.accounts.models import User
from faza.manual_entry import telling
by = User.objects.order_by("pk").last()
def here(place):
    print(place, flush=True)
    if place == sys.argv[1]:
        time.sleep(60)
accepted = telling.accepted
def slowly(*args, **more):
    here("recorded")
    accepted(*args, **more)
    here("told")
telling.accepted = slowly
services.approve(entry=Entry.objects.get(), by=by, at=at)
here("decided")
"""
)
WORK = (
    BEGIN
    + """
from faza.charges import keeping
from faza.readings.vee import running
while running.validate(at=later).points:
    pass
keeping.keep(at=later)
"""
)
LOOK = (
    BEGIN
    + """
import json
from faza.charges.models import ChargeMonth
from faza.outbox.models import Message
from faza.readings.models import Mark, RegisterReading
from faza.readings.store import fetch
[point] = Entry.objects.values_list("usage_point", flat=True)
found = fetch([point], [1], date(2026, 3, 10), date(2026, 3, 20))
print(json.dumps({
    "state": Entry.objects.get().state,
    "typed": RegisterReading.objects.filter(kind=RegisterReading.Kind.MANUAL).count(),
    "told": Message.objects.filter(kind="manual_entry.entry.approved").count(),
    "gap": int(found.values[found.quality < 9].sum()) if len(found.values) else 0,
    "kopecks": list(ChargeMonth.objects.filter(month=MARCH).values_list("kopecks", flat=True)),
}))
"""
)


def look(installation) -> dict:
    return json.loads(run(installation, "-c", LOOK))


def killed(installation, place: str) -> None:
    process = start(installation, "-c", DECIDE, place, stdout=-1)
    assert process.stdout is not None
    while process.stdout.readline() != f"{place}\n":
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("place", ["recorded", "told", "decided"])
def test_a_decision_is_whole_or_nothing_and_its_effects_come(installation, place):
    run(installation, "-c", MAKE)
    run(installation, "-c", WORK)
    before = look(installation)
    killed(installation, place)

    after = look(installation)
    if place == "decided":
        assert (after["state"], after["typed"], after["told"]) == ("approved", 1, 1)
        # Nothing has worked the marks yet.
        assert after["gap"] == before["gap"]
    else:
        assert after == before
        assert (after["state"], after["typed"], after["told"]) == ("sent", 0, 0)
        run(installation, "-c", DECIDE, "nowhere")

    run(installation, "-c", WORK)
    last = look(installation)
    assert (last["state"], last["typed"], last["told"]) == ("approved", 1, 1)
    assert last["gap"] == 288_000
    assert last["kopecks"] != before["kopecks"]
