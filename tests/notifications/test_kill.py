"""Several workers, and killed ones, on one outbox: every mail goes, none twice without need."""

import signal
import subprocess
import time
from collections import Counter

import pytest

from faza.demo import mailbox as local
from tests.support.installation import run, start
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.kill

MAILS = 60
TELL = """
from datetime import UTC, datetime
from faza.cli.common import start
start()
from faza.outbox import services
for number in range({count}):
    services.tell("account.password_reset", address=f"a{{number}}@example.ru",
                  key=f"key {{number}}", payload={{"url": "/"}}, at=datetime.now(UTC))
"""
# What a killed worker had leased is free again after two seconds.
WORKER = """
import sys
from datetime import timedelta
from faza.cli.common import start
start()
from faza.cli import main
from faza.outbox import rules
rules.LEASE = timedelta(seconds=2)
sys.exit(main(["worker"]))
"""
STATES = """
from faza.cli.common import start
start()
from faza.outbox.models import Message
print(
      sorted({str(row) for row in Message.objects.values_list("state", "payload")}))
"""


@pytest.fixture
def place(installation, tmp_path):
    """The installation with a mail server, and the mails that it got."""
    folder = tmp_path / "mailbox"
    with local.receiving(folder) as port:
        yield installation | {"FAZA_EMAIL_URL": f"smtp://127.0.0.1:{port}"}, Mailbox(folder)


def worker(environment) -> subprocess.Popen:
    return start(environment, "-c", WORKER, stderr=subprocess.PIPE)


def wait_until(wanted, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.05)


def end(*processes: subprocess.Popen) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0, errors


def test_two_workers_send_each_mail_once(place):
    environment, mailbox = place
    run(environment, "-c", TELL.format(count=MAILS))
    both = [worker(environment), worker(environment)]

    wait_until(lambda: len(local.files(mailbox.folder)) >= MAILS)
    time.sleep(3)  # longer than a lease: what was leased twice would come now
    end(*both)
    got = Counter(mail["To"] for mail in mailbox.all())
    assert len(got) == MAILS
    assert set(got.values()) == {1}
    assert run(environment, "-c", STATES).strip() == "[\"('delivered', {})\"]"


def test_a_killed_worker_loses_no_mail(place):
    environment, mailbox = place
    run(environment, "-c", TELL.format(count=MAILS))
    kills = 0
    for share in (10, 25, 40):
        process = worker(environment)
        wait_until(lambda share=share: len(local.files(mailbox.folder)) >= share)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
    last = worker(environment)
    wait_until(lambda: len({mail["To"] for mail in mailbox.all()}) == MAILS)
    end(last)

    got = [mail["Message-ID"] for mail in mailbox.all()]
    assert len(set(got)) == MAILS
    assert len(got) - MAILS <= kills  # the one that was just accepted, under the same Message-ID


def test_a_mail_goes_within_a_second_of_its_deed(place):
    environment, mailbox = place
    process = worker(environment)
    run(environment, "-c", TELL.format(count=1))  # until it runs surely
    wait_until(lambda: mailbox.all())
    again = (
        TELL.format(count=1).replace("key {", "other {") + "print(datetime.now(UTC).timestamp())"
    )
    told = float(run(environment, "-c", again))
    wait_until(lambda: len(local.files(mailbox.folder)) > 1)
    end(process)

    arrived = int(local.files(mailbox.folder)[-1].name.split("-")[0]) / 1e9
    assert arrived - told < 2  # half a second of waiting; the rest is for a busy machine
