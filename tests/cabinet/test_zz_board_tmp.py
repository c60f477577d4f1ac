import pytest
from tests.cabinet import test_query_counts as q
from tests.cabinet.test_query_counts import _noon  # noqa
pytestmark = pytest.mark.django_db

def test_counts(enter, monkeypatch):
    monkeypatch.setattr(q, "COUNTS", {("cabinet:home", "?point=A"): ()})
    print("FEW", q.asked(enter, 60))
