"""The benchmarks measure what they say; their numbers are no matter of tests."""

import argparse
import json

import numpy as np
import pytest
from django.db import connection

from faza.bench import peer, report
from faza.bench.households import Homes
from faza.bench.measure import Measure, at_least, at_most, spread
from faza.bench.parsing import message
from faza.bench.run import WRONG, run
from faza.protocols import xml80020


def options(*names: str, as_json: bool = False) -> argparse.Namespace:
    return argparse.Namespace(name=list(names), only=[], json=as_json, page=None)


def test_a_target_is_met_or_not():
    assert at_least("a", 3, "", 3).ok
    assert not at_least("a", 2.9, "", 3).ok
    assert not at_most("a", 3.1, "", 3).ok
    assert spread([0.001, 0.002, 0.003])[0] == pytest.approx(2)


def test_a_name_that_there_is_not_is_told(capsys):
    assert run(options("nothing")) == WRONG
    assert "none of ingest" in capsys.readouterr().err


@pytest.mark.kill
@pytest.mark.either_engine
def test_one_part_can_be_measured_by_name_as_json(capsys):
    run(options("parse", as_json=True))
    found = json.loads(capsys.readouterr().out)

    assert [set(one) for one in found] == [
        {"name", "value", "unit", "target", "ok", "peer", "ratio"}
    ]
    assert found[0]["value"] > 0


def test_the_message_that_is_parsed_has_all_it_should():
    """Decimals, statuses and missing values, all of them read without a problem."""
    document = xml80020.read(message())

    (grid,) = document.values.grids
    assert grid.values.shape == (4000, 48)
    assert 0.005 < (grid.quality == 255).mean() < 0.02
    assert not document.problems


def test_homes_are_the_same_for_a_seed_and_export_on_some_days_only():
    first, second = (Homes(np.arange(500)).days(0) for _ in range(2))

    assert (first.values == second.values).all()
    exports = first.values[first.reading_types == 2].any(axis=1)
    assert 0.03 < exports.mean() < 0.15


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the peer is a PostgreSQL table")
def test_the_peer_stores_all_values_and_stores_them_once():
    peer.make_table()
    batch = Homes(np.arange(1, 11)).days(0)
    for _ in range(2):
        peer.record(batch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(value) FROM bench_value")
        found = cursor.fetchone()
        cursor.execute("DROP TABLE bench_value")

    assert found == (batch.values.size, int(batch.values.sum()))


def test_the_table_takes_its_place_in_the_page_and_leaves_the_words(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write_page(page, [Measure("ingest", 5.123, "M/s", "≥ 3", True, "x", 30).as_dict()])
    text = page.read_text()

    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| ingest | 5.12 M/s | ≥ 3 | yes | 30.00 | x |" in text
