"""What telemetry becomes in the store: whose it is, on which side, and what is told of the rest."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from faza.collection.models import ImportFile, ImportRun
from faza.events.models import EndDeviceEvent, SystemEvent
from faza.metering import services as metering
from faza.metering.models import Meter, MeteringComplex
from faza.readings.models import RegisterReading, Source, UnassignedReading
from tests.cabinet.factories import SINCE
from tests.collection.factories import days_of, imported
from tests.collection.intake.factories import (
    AT,
    CODE,
    START,
    day,
    make_meter,
    make_node,
    make_point,
    problems,
    sent,
    series,
)

pytestmark = pytest.mark.django_db
REPLACED = datetime(2026, 3, 1, 9, tzinfo=UTC)  # at noon of the day that is sent


@pytest.fixture
def point():
    return make_point(CODE)


class TestIntervals:
    def test_a_day_of_a_point_is_stored_exactly(self, point):
        values = [0.1, 0.25, None, 0, 12.345] + [1.5] * 43

        taken = sent(day(values=values))

        stored = days_of(point)["2026-03-01"]
        assert stored[:6] == [100, 250, None, 0, 12345, 1500]
        assert (taken.summary.changed, taken.summary.n_problems) == (47, 0)
        assert taken.summary.points == {point.pk}
        assert Source.objects.get(sender="test").kind == "meter"

    def test_twice_is_once(self, point):
        first, second = sent(day()), sent(day())

        assert (first.summary.changed, second.summary.unchanged) == (48, 48)
        assert second.summary.changed == 0

    def test_the_same_twice_in_a_batch_is_once(self, point):
        taken = sent(day(), day())

        assert (taken.summary.changed, taken.summary.n_problems) == (48, 0)

    def test_a_message_sent_later_stands_whatever_comes_first(self, point):
        later = day(values=[2] * 48) | {"sent_at": "2026-03-02T09:00:00+03:00"}
        sent(later)

        taken = sent(day())

        assert taken.summary.superseded == 48
        assert days_of(point)["2026-03-01"] == [2000] * 48

    def test_a_device_in_next_year_does_not_rule_for_ever(self, point):
        """Its clock is wrong: what it sends counts as sent half an hour after its arrival."""
        sent(day(values=[2] * 48) | {"sent_at": "2027-03-02T00:05:00+03:00"})

        sent(day() | {"sent_at": "2026-03-11T00:05:00+03:00"}, at=datetime(2026, 3, 12, tzinfo=UTC))

        assert days_of(point)["2026-03-01"] == [1500] * 48

    def test_hours_of_a_day_come_one_by_one(self, point):
        for hour in range(24):
            item = {"point": CODE, "intervals": [
                series([hour, hour], start=f"2026-03-01T{hour:02}:00:00+03:00")]}  # fmt: skip
            sent(item)

        assert days_of(point)["2026-03-01"] == [1000 * (n // 2) for n in range(48)]

    def test_it_is_cut_into_the_points_own_days(self):
        point = make_point(CODE, zone="Asia/Novosibirsk")

        sent(day())

        assert {at: len(v) for at, v in days_of(point).items()} == {
            "2026-03-01": 48, "2026-03-02": 48
        }  # fmt: skip

    def test_network_parameters_are_channels_too(self, point):
        item = {"point": CODE, "intervals": [
            series([230.4] * 48, channel="UA"), series([-0.5] * 48, channel="P")]}  # fmt: skip

        sent(item)

        assert days_of(point, "UA")["2026-03-01"] == [2304] * 48
        assert days_of(point, "P")["2026-03-01"] == [-500] * 48

    def test_what_is_finer_than_a_quantum_is_carried(self, point):
        taken = sent(day(values=[0.0005] * 48))

        assert sum(days_of(point)["2026-03-01"]) == 24
        assert taken.summary.rounded == 48

    def test_bad_values_are_told_and_the_rest_is_stored(self, point):
        taken = sent(day(values=[-1, 1e13] + [1] * 46))

        assert problems(taken) == [
            ("intervals[0].values[0]", "value-negative"),
            ("intervals[0].values[1]", "value-too-large"),
        ]
        assert days_of(point)["2026-03-01"][:3] == [None, None, 1000]

    def test_values_that_nobody_has_measured_yet_are_told_and_stored(self, point):
        taken = sent(day(start="2026-03-11T00:00:00+03:00"))

        assert problems(taken) == [("intervals[0]", "value-late")]
        assert taken.summary.changed == 48

    def test_a_start_off_the_grid(self, point):
        taken = sent(day(start="2026-03-01T00:10:00+03:00"), day())

        assert problems(taken) == [("intervals[0]", "interval")]
        assert taken.summary.changed == 48

    def test_an_unknown_point(self, point):
        taken = sent(day({"point": "nobody"}), day())

        assert problems(taken) == [("intervals[0]", "point-unknown")]
        assert [verdict.is_useless for verdict in taken.verdicts] == [True, False]
        assert taken.summary.changed == 48

    def test_quality_codes_are_kept(self, point):
        sent(day(quality=[10] * 24 + [0] * 24))

        from faza.readings.models import IntervalBlock

        assert set(bytes(IntervalBlock.objects.get().quality)) == {0, 10}


class TestMeters:
    def test_what_a_meter_shows_is_made_primary(self, point):
        meter = Meter.objects.create(model=make_meter(make_point("X"), "0").model, number="77")
        metering.install(usage_point=point, meter=meter, valid_from=SINCE, at=SINCE,
                         ct=Fraction(200, 5), vt=Fraction(1))  # fmt: skip

        sent(day({"meter": "77"}, side="meter", values=[0.123] * 48))

        assert days_of(point)["2026-03-01"] == [4920] * 48

    def test_primary_values_of_a_meter_are_taken_as_they_are(self, point):
        make_meter(point, "77")

        sent(day({"meter": "77"}))

        assert days_of(point)["2026-03-01"] == [1500] * 48

    def test_a_replacement_parts_a_day(self, point):
        """Each meter's intervals count while it stood there; the other half is nobody's."""
        old = make_meter(point, "77")
        metering.remove(installed=MeteringComplex.objects.get(meter=old), valid_to=REPLACED, at=AT)
        new = Meter.objects.create(model=old.model, number="78")
        metering.install(usage_point=point, meter=new, valid_from=REPLACED, at=AT, ct=Fraction(10))

        taken = sent(
            day({"meter": "77"}, side="meter", values=[1] * 48),
            day({"meter": "78"}, side="meter", values=[2] * 48),
        )

        assert days_of(point)["2026-03-01"] == [1000] * 24 + [20_000] * 24
        assert problems(taken) == [("intervals[0]", "meter-none")] * 2

    def test_shown_values_of_a_point_take_the_ratio_of_the_time(self, point):
        meter = make_meter(point, "77")
        MeteringComplex.objects.filter(meter=meter).update(ct_numerator=3)

        sent(day(side="meter", values=[1] * 48))

        assert days_of(point)["2026-03-01"] == [3000] * 48

    def test_a_meter_in_stock(self, point):
        taken = sent(day({"meter": "no such"}), day(side="meter"))

        assert problems(taken) == [("intervals[0]", "meter-none")] * 2
        assert taken.summary.changed == 0

    def test_a_control_meter_is_not_the_points(self, point):
        meter = make_meter(point, "77")
        MeteringComplex.objects.filter(meter=meter).update(role="control")

        assert problems(sent(day({"meter": "77"}))) == [("intervals[0]", "meter-none")]


def reading(**more) -> dict:
    return {"at": START, "kind": "day", "values": {"A+": 100.5, "A+ T1": 100.5}} | more


class TestRegisters:
    def test_by_the_number_of_a_meter_and_by_a_point(self, point):
        make_meter(point, "77")

        taken = sent(
            {"meter": "77", "registers": [reading()]},
            {"point": CODE, "registers": [reading(at="2026-03-02T00:00:00+03:00")]},
        )

        assert (taken.summary.registers, taken.summary.n_problems) == (2, 0)
        assert RegisterReading.objects.count() == 2
        assert taken.summary.points == {point.pk}

    def test_twice_in_a_batch_is_once(self, point):
        make_meter(point, "77")
        one = {"meter": "77", "registers": [reading()]}
        other = {"point": CODE, "registers": [reading()]}

        taken = sent(one, one, other, other)

        assert RegisterReading.objects.count() == 1
        assert taken.summary.n_problems == 0 or problems(taken)[0][1] == "reading-repeated"

    def test_a_meter_that_nobody_knows_lets_it_wait(self):
        taken = sent({"meter": "99", "registers": [reading()]})

        assert taken.summary.unassigned == 1
        assert UnassignedReading.objects.get().meter_number == "99"

    def test_a_point_that_nobody_knows(self):
        taken = sent({"point": "99", "registers": [reading()]})

        assert problems(taken) == [("registers[0]", "point-unknown")]


EVENT = {"at": START, "journal": 4, "code": 3}


class TestEvents:
    def test_of_a_meter_and_of_a_point(self, point):
        meter = make_meter(point, "77")

        taken = sent({"meter": "77", "events": [EVENT]}, {"point": CODE, "events": [EVENT]})

        assert (taken.summary.events, taken.summary.new_events) == (2, 1)
        event = EndDeviceEvent.objects.get()
        assert (event.usage_point_id, event.meter_id) == (point.pk, meter.pk)

    def test_twice_is_once(self, point):
        item = {"point": CODE, "events": [EVENT]}

        assert sent(item).summary.new_events == 1
        assert sent(item, item).summary.new_events == 0

    @pytest.mark.parametrize("kind", ["concentrator", "modem", "system"])
    def test_of_other_devices(self, kind):
        item = {"device": {"kind": kind, "number": "УСПД-1"}, "events": [EVENT]}

        taken = sent(item, item)

        event = SystemEvent.objects.get()
        assert (event.device, event.device_name, event.journal) == (kind, "УСПД-1", 4)
        assert taken.summary.new_events == 1

    def test_of_nobody(self):
        taken = sent({"meter": "9", "events": [EVENT]}, {"point": "9", "events": [EVENT]})

        assert problems(taken) == [("events[0]", "meter-none"), ("events[0]", "point-unknown")]
        assert all(verdict.is_useless for verdict in taken.verdicts)


class TestAreas:
    """A sender that is bound to a node finds nothing of another, and is not told that it is."""

    @pytest.fixture
    def there(self):
        node = make_node("THERE", "Там")
        other = make_point("600000000000001", node=node)
        make_meter(other, "66")
        return other

    def test_a_foreign_point_is_as_an_absent_one(self, point, there):
        here = make_node()
        make_meter(point, "77")
        items = [
            {"intervals": [series(), {}], "registers": [reading()], "events": [EVENT], **who}
            for who in ({"point": there.code}, {"meter": "66"}, {"point": "no"}, {"meter": "no"})
        ]

        taken = sent(*items, day(), within=here)

        foreign, absent = taken.verdicts[:2], taken.verdicts[2:4]
        told = [
            [one.reason.replace(there.code, "?").replace("66", "?").replace("no", "?")
             for one in verdict.complaints]
            for verdict in (*foreign, *absent)
        ]  # fmt: skip
        assert told[:2] == told[2:]
        assert days_of(there) == {}
        assert not RegisterReading.objects.exists()
        assert not UnassignedReading.objects.exists()
        assert not EndDeviceEvent.objects.exists()
        assert days_of(point)

    def test_below_a_node_is_within(self, there):
        below = make_point("BELOW", node=make_node("DEEP", "Ниже", there.node))

        taken = sent(day({"point": "BELOW"}), within=there.node)

        assert taken.summary.points == {below.pk}

    def test_questions_do_not_grow_with_messages(self, point, there, django_assert_max_num_queries):
        many = [day({"point": CODE}) for _ in range(30)]
        sent(*many[:2], within=there.node)
        with django_assert_max_num_queries(5):
            sent(*many, within=there.node)


class TestFiles:
    def test_faza_import_takes_a_file(self, point, tmp_path):
        import json

        file = tmp_path / "a.json"
        file.write_text(
            json.dumps([day(), {"point": CODE, "events": [EVENT]}, day({"point": "?"})])
        )

        dry = imported(file, dry_run=True)
        summary = imported(file)

        assert (dry.changed, dry.new_events) == (48, 1)
        assert (summary.files, summary.changed, summary.new_events) == (1, 48, 1)
        assert [one.reason for one in summary.problems] == [
            "[2].intervals[0]: Usage point ? is unknown."
        ]
        row = ImportFile.objects.get()
        assert (row.format, row.state, row.n_problems) == ("telemetry", "complete", 1)
        assert ImportRun.objects.filter(changed=48).exists()

    def test_points_are_made_where_that_is_wanted(self, tmp_path):
        import json

        file = tmp_path / "a.json"
        file.write_text(json.dumps(day()))

        dry = imported(file, create_points=True, dry_run=True)
        summary = imported(file, create_points=True)

        assert (dry.created, dry.changed) == (1, 48)
        assert (summary.created, summary.changed) == (1, 48)

    def test_what_is_no_telemetry_is_refused_with_its_line(self, tmp_path):
        file = tmp_path / "a.json"
        file.write_text('{"intervals": []\n')

        summary = imported(file)

        assert summary.refused == 1
        assert (summary.problems[0].line, summary.problems[0].code) == (2, "json")
