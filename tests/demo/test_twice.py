"""Made anew, the demo grid is the same; it is never put beside anything else."""

import hashlib

import pytest
from django.db import transaction

from faza.accounts.models import User
from faza.demo import making
from faza.metering.models import NetworkNode, UsagePoint
from tests.demo.looking import AT, Made, look


def fingerprint(made: Made) -> str:
    """A hash of all that is stored."""
    digest = hashlib.sha256()
    for key, (days, values, quality) in sorted(made.channels.items()):
        digest.update(repr((key, days)).encode())
        digest.update(values.astype("<i8").tobytes() + quality.tobytes())
    return digest.hexdigest()


def test_what_was_interrupted_is_completed_and_twice_is_the_same(db, monkeypatch):
    with transaction.atomic():
        whole = fingerprint(look(making.prepare(at=AT, months=1)))
        transaction.set_rollback(True)
    monkeypatch.setattr(making.deliveries, "deliver", _fails)
    with pytest.raises(KeyboardInterrupt):
        making.prepare(at=AT, months=1)
    monkeypatch.undo()
    assert UsagePoint.objects.count() == 66
    made = making.prepare(at=AT, months=1)
    assert made.is_new
    assert fingerprint(look(made)) == whole


def _fails(*args, **kwargs):
    raise KeyboardInterrupt


def test_nothing_is_put_beside_what_is_not_the_demo(db):
    node = NetworkNode.objects.create(kind="organisation", code="X", name="Сети", path="1/")
    UsagePoint.objects.create(code="1", name="Чужая точка", node=node)
    with pytest.raises(making.AnotherGrid):
        making.prepare(at=AT, months=1)
    assert UsagePoint.objects.count() == 1
    assert not User.objects.exists()
