"""What runs beside a collector: as settings say, until it is told to stop."""

import json
import threading
import time

import pytest
from django.db import connections

from faza.bench.broker import publish
from faza.collection.intake import running as intake
from faza.collection.intake.running import look_once, running
from faza.collection.models import ImportRun, Pickup
from tests.collection.intake.factories import AT, CODE, day, make_point


def test_without_settings_nothing_runs(settings):
    before = threading.active_count()
    with running(threading.Event(), lambda: AT):
        assert threading.active_count() == before


def test_a_wrong_broker_is_told_at_once(settings):
    settings.MQTT = "http://broker"
    with pytest.raises(ValueError, match="mqtt://"), running(threading.Event(), lambda: AT):
        pass


@pytest.mark.django_db
def test_the_folder_is_looked_into_once(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "LOOKS", 0.01)
    make_point(CODE)
    settings.INBOX = str(tmp_path)
    (tmp_path / "a.json").write_text(json.dumps(day()))

    assert look_once(lambda: AT) == 1
    assert Pickup.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_folder_and_broker_run_beside_each_other(settings, tmp_path, broker, monkeypatch):
    """Each thread has its own connection; the test looks when they have ended."""
    monkeypatch.setattr(intake, "LOOKS", 0.4)
    make_point(CODE)
    settings.HOME, settings.INBOX, settings.MQTT = tmp_path, str(tmp_path / "in"), broker.url
    stop = threading.Event()
    with running(stop, lambda: AT):
        done = tmp_path / "in" / "done"
        _wait(done.is_dir)
        (tmp_path / "in" / "a.json").write_text(json.dumps(day()))
        _wait(lambda: list(done.glob("*/a.json")))
        kept = tmp_path / "files" / "intake"

        def is_kept() -> bool:
            publish(broker.port, [("faza/strange", b"{")])  # until somebody is subscribed
            return bool(list(kept.glob("*/*.json")))

        _wait(is_kept)
        stop.set()
    connections.close_all()

    assert set(ImportRun.objects.values_list("by", flat=True)) == {"inbox", "mqtt"}


def _wait(condition) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)
