"""Events in: once, whatever comes twice; on both engines."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from faza.events import services
from faza.events.batches import EventBatch, WrongEvents
from faza.events.kinds import Device, Importance
from faza.events.models import EndDeviceEvent, SystemEvent
from faza.protocols.metered import EventRows
from tests.events.factories import AT, batch_of, happen, second

pytestmark = pytest.mark.django_db
OFF, ON = ("2026-11-17 15:40:02", 2, 1), ("2026-11-17 15:46:20", 2, 2)


def test_what_is_recorded_is_there_as_it_was_told():
    batch = EventBatch.of(7, 3, [second(OFF[0])], [2], [1], details=[{"phase": "A", "вид": "ы"}])
    services.record(batch, source=5, at=AT)

    row = EndDeviceEvent.objects.get()
    assert (row.usage_point_id, row.meter_id, row.journal, row.code, row.number) == (7, 3, 2, 1, 0)
    assert row.at == datetime(2026, 11, 17, 15, 40, 2, tzinfo=UTC)
    assert row.recorded_at == AT
    assert row.source == 5
    assert row.details == {"phase": "A", "вид": "ы"}
    assert row.importance == Importance.ALARM


def test_twice_is_once_and_only_what_is_new_is_told_as_new():
    assert happen(OFF) == [True]
    assert happen(OFF, ON) == [False, True]
    assert happen(OFF, ON, at=AT + timedelta(days=1)) == [False, False]
    assert EndDeviceEvent.objects.count() == 2
    assert set(EndDeviceEvent.objects.values_list("recorded_at", flat=True)) == {AT}


def test_of_a_row_that_a_meter_repeats_the_first_is_new():
    batch = batch_of(ON, OFF, OFF, ON, details=[{"n": n} for n in range(4)])
    assert services.record(batch, source=0, at=AT).new.tolist() == [True, True, False, False]
    assert sorted(row.details["n"] for row in EndDeviceEvent.objects.all()) == [0, 1]


def test_points_meters_and_numbers_tell_events_apart():
    for told in ({}, {"point": 2}, {"meter": 2}, {"numbers": [1]}):
        assert happen(OFF, **told) == [True]
    assert EndDeviceEvent.objects.count() == 4


def test_a_large_batch_goes_in_parts(monkeypatch):
    monkeypatch.setattr(services, "CHUNK", {"sqlite": 3, "postgresql": 3})
    moments = second(OFF[0]) + np.arange(10)
    batch = EventBatch.of(1, 1, moments[::-1], 2, 1)
    assert services.record(batch.take([0, 4]), source=0, at=AT).count == 2
    done = services.record(batch, source=0, at=AT)
    assert done.new.tolist() == [i not in (0, 4) for i in range(10)]


def test_nothing_is_nothing():
    assert services.record(EventBatch.empty(), source=0, at=AT).count == 0
    assert len(EventBatch.joined([])) == 0


def test_one_query_however_many(django_assert_max_num_queries):
    batch = EventBatch.of(1, 1, second(OFF[0]) + np.arange(1000), 2, 1)
    with django_assert_max_num_queries(3):  # with the savepoint of the transaction
        assert services.record(batch, source=0, at=AT).count == 1000


def test_rows_of_a_meter_become_a_batch_with_all_sixteen_bits_of_a_code():
    moments = np.array(["2026-11-17T15:40:02", "2026-11-17T15:46:20"], "datetime64[s]")
    codes = np.array([1, 0x8001 - 0x10000], np.int16)
    rows = EventRows(moments, np.array([2, 9], np.int16), codes, ({}, {"a": 1}))
    batch = EventBatch.joined([EventBatch.of_meter(7, 3, rows), batch_of(ON)])

    assert batch.moments.tolist() == [second(OFF[0]), second(ON[0]), second(ON[0])]
    assert batch.codes.tolist() == [1, 0x8001, 2]
    assert batch.details == ({}, {"a": 1}, {})
    assert services.record(batch, source=0, at=AT).count == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"journals": [40_000]}, {"journals": [-1]}, {"codes": [-1]}, {"moments": [-5]},
        {"moments": [2**40]}, {"usage_points": [-1]},
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_told_and_nothing_is_stored(wrong):
    told = {"usage_points": 1, "meters": 1, "moments": [5], "journals": [2], "codes": [1]} | wrong
    good = batch_of(OFF)
    with pytest.raises(WrongEvents, match="row 1"):
        services.record(EventBatch.joined([good, EventBatch.of(**told)]), source=0, at=AT)
    assert not EndDeviceEvent.objects.exists()


def test_columns_of_other_lengths_do_not_fit():
    with pytest.raises(WrongEvents, match="2 moments, 3"):
        EventBatch.of(1, 1, [1, 2], [1, 2, 3], 1)
    with pytest.raises(WrongEvents, match="details"):
        EventBatch.of(1, 1, [1, 2], 1, 1, details=[{}])


class TestDevices:
    EVENT = services.DeviceEvent(Device.CONCENTRATOR, "УСПД-214", AT, 1002, 2, details={"by": "x"})

    def test_twice_is_once(self):
        assert services.record_devices([self.EVENT, self.EVENT], source=0, at=AT) == [self.EVENT]
        assert services.record_devices([self.EVENT], source=0, at=AT) == []
        row = SystemEvent.objects.get()
        assert (row.device, row.device_name, row.details) == (
            "concentrator",
            "УСПД-214",
            {"by": "x"},
        )

    def test_nothing_is_nothing(self):
        assert services.record_devices([], source=0, at=AT) == []


EVENTS = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(0, 5), st.integers(1, 3)),
    max_size=20,
)


class TestLaws(TestCase):
    @settings(max_examples=20)
    @given(EVENTS, st.integers(0, 20))
    def test_parts_in_any_order_are_the_whole(self, events, at):
        EndDeviceEvent.objects.all().delete()
        for part in (events[at:], events[:at], events):
            points, meters, moments, codes = zip(*part, strict=True) if part else ((), (), (), ())
            batch = EventBatch.of(points, meters, moments, 2, codes)
            services.record(batch, source=0, at=AT)
        assert EndDeviceEvent.objects.count() == len(set(events))
