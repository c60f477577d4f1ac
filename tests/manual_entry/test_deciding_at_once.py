"""Two of the desk decide the same readings at once: of each one wins, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from faza.accounts.models import User
from faza.manual_entry import deciding, services
from faza.manual_entry.models import Entry, EntryRule
from faza.manual_entry.rules.moves import State, WrongMove
from faza.readings.models import RegisterReading
from tests.cabinet.factories import make_node, make_user
from tests.desk.typed import HOUR, NOW, monthly, typed

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


@pytest.fixture
def entries() -> list[Entry]:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time")
    node, owner = make_node("N-1", "Сети"), make_user("own@example.org")
    EntryRule.objects.create(made_at=NOW, silent_days=None)
    points = [monthly(f"P-{n}", f"Точка {n}", node) for n in range(ROUNDS)]
    return [typed(point, owner, 3_510_000) for point in points]


def at_once(*deeds: Callable[[], None]) -> None:
    """Each in a session of its own, begun together."""
    begun, problems = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], None]) -> None:
        try:
            begun.wait(60)
            deed()
        except Exception as problem:  # noqa: BLE001 (the test tells of any)
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def readings() -> set[int]:
    return set(
        RegisterReading.objects.filter(kind=services.KIND).values_list("usage_point_id", flat=True)
    )


def test_one_by_one(entries):
    first, second = (
        make_user(f"{n}@example.org", User.Role.OPERATOR, f"Оператор {n}") for n in range(2)
    )
    told: list[int] = []

    def approve() -> None:
        for entry in entries:
            try:
                services.approve(entry=entry, by=first, at=NOW + HOUR)
            except WrongMove:
                told.append(entry.pk)

    def refuse() -> None:
        for entry in entries:
            try:
                services.refuse(entry=entry, reason="Нет", by=second, at=NOW + HOUR)
            except WrongMove:
                told.append(entry.pk)

    at_once(approve, refuse)

    assert sorted(told) == [entry.pk for entry in entries]
    found = {entry.pk: entry for entry in Entry.objects.all()}
    approved = {e.usage_point_id for e in found.values() if e.state == State.APPROVED}
    assert readings() == approved
    for entry in found.values():
        assert entry.decided_by == (first if entry.state == State.APPROVED else second)


def test_many_against_many(entries):
    first, second = (
        make_user(f"{n}@example.org", User.Role.OPERATOR, f"Оператор {n}") for n in range(2)
    )
    keys = [entry.pk for entry in entries]
    done: dict[str, deciding.Decided] = {}

    def approve() -> None:
        done["approved"] = deciding.approve_many(keys, by=first, at=NOW + HOUR)

    def refuse() -> None:
        # The other way round: one order of locks holds for both.
        done["refused"] = deciding.refuse_many(keys[::-1], reason="Нет", by=second, at=NOW + HOUR)

    at_once(approve, refuse)

    assert sorted(done["approved"].done + done["refused"].done) == keys
    assert len(done["approved"].left) + len(done["refused"].left) == len(keys)
    assert len(readings()) == len(done["approved"].done)
