"""A file whose sending is killed: whole batches or nothing, and begun again it goes on."""

import json

import pytest

from tests.support.installation import installed, run

pytestmark = pytest.mark.kill
POINTS = 8
# Each child sends the file and dies by SIGKILL: "write:2", about to write entries for the second
# time, amid the transaction; "batch:1", after the first batch. The last one comes to the end.
WORK = """
import json, os, signal, sys
from faza.cli.common import start
start()
from django.db import connections
from django.db.models import QuerySet
from faza.manual_entry import bulk, filing, matching
from faza.manual_entry.models import Entry, EntryFile
from tests.cabinet.factories import make_user
from tests.manual_entry.fleets import NOW, a_file, make_fleet
bulk.BATCH = matching.BATCH = 3
user = make_user("own@example.org")
make_fleet({points}, user)
data = a_file({points}, more="NOBODY;;;5\\n")
one = filing.upload(name="a.csv", content=data, way=Entry.Way.FILE, by=user, at=NOW)
filing.AT_ONCE = 0
filing.apply(one=one, confirmed=False, by=user, at=NOW)
create, send = QuerySet.bulk_create, bulk.send_many


def dying(word, times):
    left = [times]
    def reach(here):
        left[0] -= here == word
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
    def created(self, rows, *args, **more):
        done = create(self, rows, *args, **more)
        if self.model is Entry:
            reach("write")
        return done
    def sent(*args, **more):
        done = send(*args, **more)
        reach("batch")
        return done
    QuerySet.bulk_create, bulk.send_many = created, sent


def child(word, times):
    connections.close_all()
    pid = os.fork()
    if not pid:
        dying(word, times)
        filing.run(one.pk, at=NOW)
        connections.close_all()
        os._exit(0)
    return -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


for word, times in (("write", 1), ("batch", 1), ("write", 2), ("batch", 2), ("", -1), ("", -1)):
    ended = child(word, times)
    one = EntryFile.objects.get(pk=one.pk)
    told = [one.told["ready"], one.told["left_out"], one.told["again"]]
    print(json.dumps([ended, Entry.objects.count(), one.state, told]))
"""


@pytest.fixture(scope="module")
def environment():
    with installed() as found:
        yield found


def test_killed_anywhere_it_comes_to_the_same(environment):
    lines = run(environment, "-c", WORK.replace("{points}", str(POINTS))).splitlines()
    told = [json.loads(line) for line in lines]

    assert [line[:3] for line in told] == [
        [9, 0, "applying"],  # amid the first transaction: nothing of it is there
        [9, 3, "applying"],
        [9, 3, "applying"],  # the first three are there, and amid the second three
        [9, 6, "applying"],
        [0, 8, "applied"],
        [0, 8, "applied"],
    ]
    assert told[-1][3] == [8, 1, 0]
