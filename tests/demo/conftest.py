"""A small demo grid in the database, made once for a module."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from faza.demo import making
from tests.demo.looking import AT, MONTHS, Made, look


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> Iterator[Made]:
    """One grid for all tests here, none of which changes it for the next."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield look(making.prepare(at=AT, months=MONTHS))
        transaction.set_rollback(True)


@pytest.fixture
def undone(made: Made) -> Iterator[None]:
    """What the test changes is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
