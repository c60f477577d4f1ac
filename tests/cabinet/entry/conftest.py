"""A person whose meter nobody reads from afar, at a fixed moment, and their browser in English."""

import pytest
from django.utils import timezone

from tests.cabinet.entry.forms import NOW, place, rule
from tests.cabinet.factories import make_user


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The page's clock, which a test may move."""

    class Clock:
        now = NOW

    monkeypatch.setattr(timezone, "now", lambda: Clock.now)
    return Clock


@pytest.fixture
def owner():
    return make_user("own@example.org", name="Иванова А. П.")


@pytest.fixture
def client(owner, enter):
    found = enter(owner)
    found.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return found


@pytest.fixture
def bath(owner):
    """Last read on 20.10: 1 000 kWh; a month of 32 days counts about 107."""
    rule()
    return place(owner)
