"""`faza backup` of a cluster says what it cannot promise there."""

from pathlib import Path

import pytest
from django.db import connection

from faza.backup import making
from faza.cli import main
from faza.readings.store import postgres

MADE = making.Made(file=Path("b.tar"), size=1, rows=1, files=0, keys=0, is_sealed=False, removed=[])


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is one file")
@pytest.mark.parametrize("is_cluster", [True, False])
def test_of_a_cluster_a_copy_of_one_moment_wants_a_stopped_faza(
    is_cluster, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(making, "make", lambda *args, **named: MADE)
    monkeypatch.setattr(postgres, "is_cluster", lambda: is_cluster)

    assert main(["backup", str(tmp_path)]) == 0

    assert ("stop Faza for one of a single moment" in capsys.readouterr().out) is is_cluster
