"""The verdict finds what is missing, false, invented or unmarked: else a soak proves nothing."""

from datetime import timedelta

import numpy as np
import pytest

from faza.collection.models import LostStretch
from faza.collection.polling.work import ProfileRead, Stretch
from faza.protocols.metered import ProfileRows
from faza.simulator import truth
from faza.simulator.faults import Fault, Faults, Kind
from faza.simulator.meter import Meter
from faza.simulator.spec import MeterSpec
from tests.collection.polling.factories import (
    AT,
    PROFILE_ONLY,
    answered,
    claim,
    make_device,
    make_plan,
    store,
)
from tests.soak import verdict
from tests.soak.people import code_of

pytestmark = pytest.mark.django_db
SINCE = AT.replace(hour=0, minute=0) - timedelta(days=2)
END = SINCE + timedelta(days=2)
DARK = (SINCE + timedelta(hours=5, minutes=10), SINCE + timedelta(hours=8))


@pytest.fixture
def meter() -> Meter:
    dark = Fault(Kind.MISSING, *DARK)
    return Meter(MeterSpec("1001", installed_at=SINCE, faults=Faults((dark,))))


def judged(meter: Meter, folder, change=lambda rows: rows) -> dict[str, int]:
    """What is wrong when the store has the meter's rows as `change` made them."""
    device = make_device("1001", plan=make_plan(items=PROFILE_ONLY), since=SINCE)
    point = device.meter.complexes.get().usage_point
    point.code = code_of(0)
    point.save()
    for n in (0, 1):  # what is absent is believed from the second time on
        moment = AT + timedelta(hours=n)
        (line,) = claim(moment)
        asked = Stretch(SINCE, moment)
        rows = change(meter.profile(1, moment, SINCE, moment))
        read = ProfileRead(1, asked, rows, moment)
        store(answered(line, line.devices[0], at=moment, reads=(read,)), at=moment)
    truth.write(folder / "truth.npz", [meter], moment)
    found = verdict.compare(folder / "truth.npz", SINCE, END, moment)["figures"]
    return {
        name.removeprefix("WRONG "): count
        for name, count in found.items()
        if name.startswith("WRONG ") and "registers" not in name and "events" not in name
    }


def only(rows: ProfileRows, kept) -> ProfileRows:
    return ProfileRows(
        rows.columns, rows.interval, rows.ends[kept], rows.values[kept], rows.present[kept],
        rows.doubtful[kept],
    )  # fmt: skip


def test_what_is_true_is_found_to_be_true(meter, tmp_path):
    assert judged(meter, tmp_path) == {}
    assert LostStretch.objects.exists()


def test_a_row_that_is_not_stored(meter, tmp_path):
    found = judged(meter, tmp_path, lambda rows: only(rows, np.arange(len(rows)) != 3))
    assert found == {"held and not stored": 1}


def test_a_false_value(meter, tmp_path):
    def change(rows):
        rows.values[7, 0] += 1
        return rows

    assert judged(meter, tmp_path, change) == {"another value than the truth": 1}


def test_a_row_that_nobody_measured(meter, tmp_path):
    def change(rows):
        end = np.datetime64(DARK[0].replace(tzinfo=None), "s") + np.timedelta64(20, "m")
        return ProfileRows(
            rows.columns, rows.interval, np.append(rows.ends, end),
            np.vstack([rows.values, rows.values[:1]]), np.vstack([rows.present, rows.present[:1]]),
            np.append(rows.doubtful, False),
        )  # fmt: skip

    assert judged(meter, tmp_path, change) == {"stored and never measured": 1}


def test_what_is_lost_has_to_be_marked(meter, tmp_path, monkeypatch):
    monkeypatch.setattr("faza.collection.polling.lost.note", lambda absent: 0)
    found = judged(meter, tmp_path)
    assert found.keys() == {"lost and not marked"}
