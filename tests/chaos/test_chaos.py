"""A round of `make chaos` on each engine."""

import os

import pytest

from tests.chaos.__main__ import run

pytestmark = pytest.mark.kill


def test_nothing_acknowledged_is_lost_whoever_is_killed_and_all_come_back(tmp_path):
    engine = "sqlite" if os.environ["DATABASE_URL"].startswith("sqlite") else "postgresql"

    report = run(tmp_path, engine, rounds=1)

    assert report["problems"] == []
    assert report["figures"]["messages acknowledged"] > 20
    assert report["figures"]["compared"] > 0
    assert report["figures"]["reports promised"] > 1
    assert {name: len(took) for name, took in report["back"].items()} == {
        name: 1 for name in ("web", "worker", "collector", "database") if name in report["back"]
    }
    assert ("database" in report["back"]) == (engine == "postgresql")
