"""Jobs of months that are killed amid a batch and between two: begun again they end the same."""

import json

import pytest

from faza.charges.handlers import ADVICE, FORECAST, KEEP
from tests.support.installation import installed, run

pytestmark = pytest.mark.kill

# Two homes by two tariffs of one family, and one without readings since April 2.
MAKE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from datetime import date
from tests.charges.world import hand_on, make_home, make_tariff, measure
from tests.tariffs import factories
from faza.tariffs.models import Tariff
tariffs = make_tariff("ONE"), make_tariff("TWO", "4.10", hours=factories.TWO_ZONES)
Tariff.objects.update(family="f")
ends = date(2026, 5, 20), date(2026, 5, 20), date(2026, 4, 2)
for n, end in enumerate(ends):
    point, *_ = make_home(f"P{n}", tariff=tariffs[n % 2])
    measure(point, date(2026, 1, 1), end, lambda day, hour: 500 * (n + 1) + 20 * hour + day.day)
hand_on()
"""


@pytest.fixture(scope="module")
def made():
    """An installation whose months are to be kept."""
    with installed() as environment:
        run(environment, "-c", MAKE)
        yield environment


def go(made, kind: str, *places: str) -> list[dict]:
    """What is stored after each process that does the job: those killed at places, the last not."""
    with installed(like=made) as environment:
        told = run(environment, "-m", "tests.charges.killing", kind, *places)
    return [json.loads(line) for line in told.splitlines()]


@pytest.mark.parametrize(
    ("kind", "n_made", "places"),
    [
        # Of the homes 5, 5 and 4 months, three tables each; the silent one has no forecast.
        (KEEP, 14, ("put:2", "put:8", "batch:1", "put:11", "batch:2")),
        (FORECAST, 2, ("put:1", "batch:1", "put:1")),
        (ADVICE, 3, ("put:1", "batch:1", "put:2", "batch:2")),
    ],
)
def test_killed_in_and_between_batches_it_ends_as_if_it_had_not_been(made, kind, n_made, places):
    [whole] = go(made, kind)
    assert len(whole["made"]) == n_made
    assert bool(whole["marks"]) == (kind != KEEP)

    *killed, last = go(made, kind, *places)
    for left in killed:
        assert left != whole
        # What belongs together was written together.
        assert all(whole["made"].get(key) == rows for key, rows in left["made"].items())
    assert last == whole
