"""Points that an import makes, while others make them too."""

import pytest

from faza.collection.points import Owner, PointBook
from faza.metering.models import NetworkNode
from tests.collection.factories import AREA, AT, CODE, SENDER

pytestmark = pytest.mark.django_db


def test_a_node_that_somebody_else_makes_meanwhile_is_taken(monkeypatch):
    first = PointBook(at=AT, dry_run=False)
    first.create(Owner(SENDER, AREA), {CODE: "Ввод 1"}, zone="Europe/Moscow")
    look, nothing = NetworkNode.objects.filter, NetworkNode.objects.none()

    def too_early(**told):
        # It looks a moment before the other import has committed: once for each of two nodes.
        return nothing if last.pop(told["code"], None) else look(**told)

    last = {f"80020-{SENDER}": True, f"80020-{SENDER}-{AREA}": True}
    monkeypatch.setattr(NetworkNode.objects, "filter", too_early)
    book = PointBook(at=AT, dry_run=False)
    found, refused = book.create(Owner(SENDER, AREA), {"other": "Ввод 2"}, zone="Europe/Moscow")

    assert (list(found), refused, last) == (["other"], {}, {})
    assert NetworkNode.objects.count() == 2
