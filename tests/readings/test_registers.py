"""Register readings: bytes and back, precedence, and the queue of the unassigned."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.core.quality import Quality
from faza.readings import register_services, registers, rules, services
from faza.readings.models import RegisterReading, RegisterReadingVersion, UnassignedReading
from faza.readings.registers import RegisterBatch, WrongRegisters, register
from tests.readings.factories import make_point
from tests.readings.meters import AT, Kind, day, make_meter, put_in, read, stored

VALUES = st.one_of(st.integers(0, 2**32 + 5), st.integers(-(2**62), 2**62), st.just(0))
SHOWN = st.dictionaries(st.integers(0, 35), VALUES)


class TestPacking:
    @given(st.lists(SHOWN, max_size=8))
    def test_unpacking_gives_what_was_packed(self, readings):
        values, present = registers.rows_of(readings)

        back, there = registers.unpack(*registers.pack(values, present))

        assert (back == values).all()
        assert (there == present).all()

    def test_only_what_is_present_takes_bytes(self):
        values, present = registers.rows_of([{0: 999_999_990, 1: 5}, {0: 2**32}, {}])

        masks, blobs = registers.pack(values, present)

        assert masks.tolist() == [3, 1, 0]
        assert [len(blob) for blob in blobs] == [8, 8, 0]

    def test_registers_are_numbered_by_type_and_tariff(self):
        numbers = [register(kind, tariff) for kind in (1, 2, 3, 4) for tariff in range(9)]

        assert numbers == list(range(36))
        assert [registers.register(code) for code in (5, 6, 7)] == [36, 37, 38]
        assert [registers.meaning(n) for n in (0, 10, 36, 38)] == [(1, 0), (2, 1), (5, 0), (7, 0)]
        with pytest.raises(ValueError, match="T9"):
            register(1, 9)
        with pytest.raises(ValueError, match="type 10"):
            register(10)


@pytest.fixture
def place(db):
    point, meter = make_point(), make_meter()
    put_in(point, meter)
    return point, meter


class TestRecording:
    def test_the_same_twice_is_once(self, place):
        first = read(*place, day(1), {0: 5000, 9: 7})
        again = read(*place, day(1), {0: 5000, 9: 7})

        assert (first.changed, again.changed, again.unchanged) == (1, 0, 1)
        assert stored() == [(day(1), Kind.DAY, {0: 5000, 9: 7})]
        assert not RegisterReadingVersion.objects.exists()

    def test_a_later_delivery_replaces_and_the_old_one_is_kept(self, place):
        read(*place, day(1), 5000, number=1)
        done = read(*place, day(1), 6000, number=2)
        late = read(*place, day(1), 7000, number=1)

        assert (done.changed, late.superseded) == (1, 1)
        assert stored() == [(day(1), Kind.DAY, {0: 6000})]
        version = RegisterReadingVersion.objects.get()
        assert (version.version, version.replaced_at) == (1, AT)
        assert RegisterReading.objects.get().version == 2

    @pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
    def test_two_files_of_one_moment_complete_each_other(self, place, numbers):
        read(*place, day(1), {0: 1, 1: 2}, number=numbers[0])
        read(*place, day(1), {9: 3}, number=numbers[1])

        assert stored() == [(day(1), Kind.DAY, {0: 1, 1: 2, 9: 3})]

    def test_a_meter_beats_a_person_and_the_conflict_is_told(self, place):
        point, meter = place
        read(point, meter, day(1), {0: 5000, 1: 9}, kind=Kind.MANUAL, source="manual")
        done = read(point, meter, day(1), {0: 6000, 1: 9})

        (conflict,) = done.conflicts
        assert (conflict.usage_point, conflict.meter) == (point.pk, meter.pk)
        assert (conflict.registers, conflict.typed, conflict.measured) == ((0,), (5000,), (6000,))
        assert len(stored()) == 2

    def test_a_typed_reading_of_the_same_key_is_refused_and_told(self, place):
        read(*place, day(1), 6000, kind=Kind.MANUAL, source="table")
        done = read(*place, day(1), 5000, kind=Kind.MANUAL, source="manual", number=9)

        assert (done.changed, done.superseded, len(done.conflicts)) == (0, 1, 1)
        assert stored() == [(day(1), Kind.MANUAL, {0: 6000})]

    def test_agreement_is_no_conflict(self, place):
        read(*place, day(1), 6000, kind=Kind.MANUAL, source="manual")

        assert read(*place, day(1), {0: 6000, 1: 5}).conflicts == ()

    @pytest.mark.django_db
    @settings(max_examples=20)
    @given(
        st.permutations(range(4)),
        st.lists(
            st.tuples(
                st.sampled_from(["manual", "meter", "table"]),
                st.integers(1, 3),
                st.fixed_dictionaries({0: st.integers(0, 9), 1: st.integers(0, 9)}),
                st.sampled_from([Quality.VALID, Quality.QUESTIONABLE, Quality.VALIDATED]),
            ),
            min_size=4, max_size=4, unique_by=lambda d: (d[0], d[1]),
        ),
    )  # fmt: skip
    def test_the_order_of_arrival_does_not_matter(self, order, deliveries):
        point = make_point(f"P{next(NUMBERS)}")
        meters = [make_meter(str(next(NUMBERS))) for _ in range(2)]
        shown = []
        for meter, places in zip(meters, (range(4), order), strict=True):
            put_in(point, meter, role="technical")
            for place in places:
                source, number, values, quality = deliveries[place]
                read(point, meter, day(1), values, source=source, number=number, quality=quality)
            row = RegisterReading.objects.get(meter_id=meter.pk)
            shown.append((row.present, bytes(row.registers), row.quality, row.sequence))
        assert shown[0] == shown[1]

    def test_one_reading_twice_in_a_batch_is_refused(self, place):
        point, meter = place
        one = RegisterBatch.of(
            usage_point=point.pk, meter=meter.pk, at=day(1), kind=Kind.DAY, shown={0: 1}
        )
        with pytest.raises(WrongRegisters, match="twice"):
            register_services.record_registers(
                RegisterBatch.concatenate([one, one]),
                source=services.get_source("meter"), sequence=1, at=AT,
            )  # fmt: skip

    def test_many_at_once(self, db):
        point = make_point()
        meter = make_meter()
        put_in(point, meter)
        n = 12_000
        values = np.zeros((n, 36), np.int64)
        values[:, 0] = np.arange(n)
        batch = RegisterBatch(
            np.full(n, point.pk), np.full(n, meter.pk),
            int(day(0).timestamp()) + 3600 * np.arange(n), np.full(n, Kind.DAY, np.int16),
            values, np.arange(36) < np.ones((n, 1)), np.zeros(n, np.uint8),
        )  # fmt: skip
        source = services.get_source("meter")
        for changed in (n, 0):
            done = register_services.record_registers(batch, source=source, sequence=1, at=AT)
            assert done.changed == changed
            assert done.changed + done.unchanged == n


NUMBERS = itertools.count(1000)


class TestUnassigned:
    def test_a_meter_that_does_not_stand_there_waits(self, place):
        point, _ = place
        stranger = make_meter("200")
        done = read(point, stranger, day(1), 5)

        assert (done.changed, done.unassigned) == (0, 1)
        waiting = UnassignedReading.objects.get()
        assert (waiting.meter_number, waiting.usage_point_code) == ("200", point.code)
        assert waiting.reason == register_services.ELSEWHERE

    def test_before_and_after_its_time_it_waits_too(self, db):
        point, meter = make_point(), make_meter()
        put_in(point, meter, since=day(1), to=day(5))
        unassigned = [read(point, meter, day(n), 5).unassigned for n in (0.9, 1, 3, 5, 5.1)]

        assert unassigned == [1, 0, 0, 0, 1]

    def test_between_two_times_of_one_meter_it_waits(self, db):
        point, meter = make_point(), make_meter()
        put_in(point, meter, since=day(1), to=day(2))
        put_in(point, meter, since=day(4), to=day(5))

        assert [read(point, meter, day(n), 5).unassigned for n in (1.5, 3, 4.5)] == [0, 1, 0]

    def test_it_is_taken_once_a_complex_covers_it(self, db):
        point, meter = make_point(), make_meter()
        read(point, meter, day(1), 5)
        read(point, meter, day(2), 6)
        nothing = register_services.assign(at=AT)
        put_in(point, meter, since=day(1.5))

        assert nothing == 0
        assert register_services.assign(at=AT) == 1
        assert stored() == [(day(2), Kind.DAY, {0: 6})]
        assert UnassignedReading.objects.get().at == day(1)
        assert register_services.assign(at=AT) == 0

    def test_waiting_twice_is_waiting_once_with_the_later_delivery(self, place):
        point, _ = place
        stranger = make_meter("200")
        for shown, number in ((5, 1), (6, 2), (7, 1)):
            read(point, stranger, day(1), shown, number=number)

        waiting = UnassignedReading.objects.get()
        assert waiting.sequence == rules.sequence(2)
        assert registers.unpack([waiting.present], [bytes(waiting.registers)])[0][0, 0] == 6

    def test_numbers_are_resolved_at_the_moment(self, db):
        point, other = make_point("P1"), make_point("P2")
        old, new = make_meter("1"), make_meter("2")
        put_in(point, old, to=day(10))
        put_in(point, new, since=day(10))
        put_in(other, old, since=day(10))
        numbers = ["1", "1", "1", "2", "2", "3", "1"]
        codes = ["", "", "P1", "", "P2", "", "P1"]
        moments = [day(5), day(10), day(10), day(10), day(11), day(11), day(11)]
        n = len(numbers)
        values, present = registers.rows_of([{0: number} for number in range(n)])
        batch = RegisterBatch(
            np.zeros(n, np.int64), np.zeros(n, np.int64),
            np.array([registers.seconds(moment) for moment in moments]),
            np.full(n, Kind.DAY, np.int16), values, present, np.zeros(n, np.uint8),
        )  # fmt: skip
        done = register_services.record_numbered(
            numbers, codes, batch, source=services.get_source("table"), sequence=1, at=AT
        )

        assert (done.changed, done.unassigned) == (4, 3)
        rows = RegisterReading.objects.order_by("at", "usage_point_id", "meter_id")
        assert [(r.usage_point_id, r.meter_id, r.at) for r in rows] == [
            (point.pk, old.pk, day(5)), (point.pk, old.pk, day(10)), (point.pk, new.pk, day(10)),
            (other.pk, old.pk, day(10)),
        ]  # fmt: skip
        reasons = {(w.meter_number, w.usage_point_code): w.reason
                   for w in UnassignedReading.objects.all()}  # fmt: skip
        assert reasons == {
            ("2", "P2"): register_services.ELSEWHERE,
            ("3", ""): register_services.UNKNOWN,
            ("1", "P1"): register_services.ELSEWHERE,
        }
