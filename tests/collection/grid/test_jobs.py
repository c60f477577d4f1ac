"""The same by a worker: progress, a stop, a worker that is killed."""

import json
import signal
import subprocess

import pytest

from faza.collection.grid import services
from faza.collection.models import GridImport
from faza.jobs import worker
from faza.jobs.models import Job
from faza.metering.models import UsagePoint
from tests.collection.grid.factories import AT, begin, row
from tests.support.installation import run, start


@pytest.mark.django_db
def test_a_worker_does_it(by):
    one = begin([row(1), row(2)], by)
    worker.run_waiting()
    one.refresh_from_db()
    assert (one.state, one.counts["new"]) == ("checked", 2)

    services.begin_applying(one, skip_errors=False, by=by, at=AT)
    worker.run_waiting()
    assert UsagePoint.objects.count() == 2

    services.begin_undoing(one, by=by, at=GridImport.objects.get().applied_at)
    worker.run_waiting()
    assert UsagePoint.objects.count() == 0
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.django_db
def test_a_trial_can_be_stopped(by):
    one = begin([row(1)], by)
    services.let_go(one, by=by, at=AT)
    worker.run_waiting()
    one.refresh_from_db()
    assert (one.state, Job.objects.get().state) == ("uploaded", "cancelled")


MAKE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from tests.collection.grid.factories import *
make_catalogue()
by = make_operator(root())
rows = [
    row(n, point_code=f"P{n}", meter_number=f"M{n}", ct_a=f"A{n}", ct_b=f"B{n}", ct_c=f"C{n}",
        agreement=f"Ю-{n}", customer=f"ООО «Фирма {n}»")
    for n in range(400)
]
one = trial(rows, by)
services.begin_applying(one, skip_errors=False, by=by, at=AT)
print(one.pk)
"""
APPLY = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from faza.collection.grid import applying, working
from tests.collection.grid.factories import AT
steps = int(sys.argv[2])
def tell(done, total, note):
    if done == steps:
        print("there", flush=True)
        sys.stdin.readline()
working.run_applying(int(sys.argv[1]), at=AT, progress=tell)
"""
LOOK = """
import os, json
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from faza.audit.models import Entry
from faza.collection.models import GridImport
from faza.contracts.models import *
from faza.metering.models import *
print(json.dumps({
    "rows": [m.objects.count() for m in (UsagePoint, Meter, MeteringComplex, AgreementPoint)],
    "nodes": NetworkNode.objects.count(),
    "entries": Entry.objects.filter(action__startswith="metering.usage_point").count(),
    "state": GridImport.objects.get().state,
}))
"""


@pytest.mark.kill
@pytest.mark.parametrize("steps", [3, 9])
def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_and_the_next_one_does_it(
    installation, steps
):
    key = run(installation, "-c", MAKE).strip()
    process = start(installation, "-c", APPLY, key, str(steps), stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout.readline() == "there\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()

    found = json.loads(run(installation, "-c", LOOK))
    assert found == {"rows": [0, 0, 0, 0], "nodes": 1, "entries": 0, "state": "applying"}

    done = start(installation, "-c", APPLY, key, "-1", stdin=subprocess.PIPE)
    done.communicate()
    assert done.returncode == 0
    found = json.loads(run(installation, "-c", LOOK))
    assert found["rows"] == [400, 400, 400, 400]
    assert (found["entries"], found["state"]) == (400, "applied")
