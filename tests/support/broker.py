"""A broker of its own for a test: fixture `broker`, with Mosquitto's own window of 20 messages."""

from collections.abc import Iterator

import pytest

from faza.bench.broker import Mosquitto
from faza.bench.broker import broker as run_broker


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with run_broker() as running:
        yield running
