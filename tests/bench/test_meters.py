"""The parts that read simulated meters measure what they say."""

import importlib.util
import socket
from datetime import timedelta

import numpy as np
import pytest

from faza.bench import dlms, fleet, plainly, results, sessions
from faza.bench.households import Homes
from faza.bench.meters import AT, DAY, number_of, running
from faza.collection.models import Device, Session
from faza.collection.polling import claims, work
from faza.collection.polling.results import store
from faza.readings.store import fetch

KINDS = [row.kind for row in dlms.ROWS]
AT_ONCE = [
    pytest.param(row, other, id=f"{other}: {row.name}") for row in dlms.ROWS for other in row.others
]


@pytest.fixture(scope="module")
def ports():
    with running(KINDS) as found:
        yield dict(zip(KINDS, found, strict=True))


@pytest.mark.kill
@pytest.mark.either_engine
@pytest.mark.parametrize("row", dlms.ROWS, ids=lambda row: row.name)
def test_our_session_reads_the_whole_day(ports, row):
    spent, total = dlms.read_by_us(row.kind, ports[row.kind], rounds=1, sessions=2)

    assert spent > 0
    assert all(part > 0 for part in total)
    assert plainly.read(row.kind, ports[row.kind], rounds=1, sessions=1)[1] == total


@pytest.mark.kill
@pytest.mark.either_engine
@pytest.mark.parametrize(("row", "other"), AT_ONCE)
def test_the_others_read_the_same_day(ports, row, other):
    """So that their time is that of the same work."""
    _, ours = dlms.read_by_us(row.kind, ports[row.kind], rounds=1, sessions=1)
    spent, theirs = dlms.read_by(other, row.kind, ports[row.kind], rounds=1, sessions=2)

    assert theirs == ours
    assert spent > 0


def test_a_client_that_is_not_installed_is_told_and_left_out(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    assert not dlms.is_there("gurux")
    assert capsys.readouterr().err == "gurux-dlms is not installed: its rows are left out\n"


def test_where_there_are_no_tests_the_others_are_left_out(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(dlms, "ROOT", tmp_path)

    assert not dlms.is_there("cosem")
    assert "tests/oracles is not here" in capsys.readouterr().err


@pytest.mark.kill
@pytest.mark.either_engine
def test_open_connections_are_counted_by_port(ports):
    port = ports[KINDS[0]]
    assert sessions.connections([port]) == 0
    with socket.create_connection(("127.0.0.1", port)):
        assert sessions.connections([port]) == 1
        assert sessions.connections([]) == 0


@pytest.mark.django_db(transaction=True)
def test_a_day_of_all_meters_is_claimed_and_stored(monkeypatch):
    monkeypatch.setattr(results, "METERS", 3)
    fleet.make([40_000, 40_001, 40_002], plan={work.Kind.PROFILE: 1440})
    homes = Homes(np.arange(3))
    for day in range(2):
        at = AT + timedelta(days=day)
        lines = claims.claim(collector=results.COLLECTOR, at=at, limit=3)
        said = results.answers(lines, homes, day, at)
        assert store(said, collector=results.COLLECTOR, at=at).sessions == 3

    assert list(
        Device.objects.order_by("meter__number").values_list("meter__number", flat=True)
    ) == [number_of(place) for place in range(3)]
    assert set(Session.objects.values_list("outcome", "problem")) == {("done", "")}
    points = list(Device.objects.values_list("meter__complexes__usage_point_id", flat=True))
    found = fetch(points, [1, 2, 3, 4], DAY[0].date(), DAY[1].date())
    assert len(found) == 12
    assert (found.quality[:, :48] < 254).all()
